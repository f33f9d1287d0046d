import type { CompanyFile } from './company-file.ts';
import { dayOf } from './calendar.ts';
import { Problems, refusal } from './problem.ts';
import type { Line, Stored } from './record.ts';
import { isNew, shapeOf, type Draft, type Origin, type ResourceRules } from './rules.ts';
import { formMembers, linksIn, readMembers, requireNeeded, type Members, type Shape } from './shape.ts';
import { Work } from './work.ts';

export interface WriteRequest {
  file: CompanyFile;
  rules: ResourceRules;
  layout?: string;
  body: Members;
  origin: Origin;
  warningsAsErrors?: boolean;
}

/** Creates a record; the gateway gives it its UID. */
export function create(request: WriteRequest): Stored {
  return commit(formNew(request));
}

/** Replaces a record whole: what the body omits is reset, a line it omits is removed (sheet 4.7). */
export function replace(request: WriteRequest, uid: string): Stored {
  return commit(formReplacement(request, uid));
}

/** Throws what a write would be refused with, and writes nothing. */
export function rehearse(request: WriteRequest, uid: string | undefined): void {
  if (uid === undefined) formNew(request);
  else formReplacement(request, uid);
}

function commit({ work, file, uid }: Draft): Stored {
  work.commit();
  return file.find(uid) as Stored;
}

function formNew(request: WriteRequest): Draft {
  const { file, rules, layout, origin } = request;
  const { input, lengths } = read(request);
  if (origin === 'api') refuseIdentity(rules, layout, request.body);
  requireAll(request, input, lengths, undefined);
  const members = formMembers(shapeOf(rules, layout), input, undefined, false);
  return form(request, { uid: file.newUid(), members, input, previous: undefined });
}

function formReplacement(request: WriteRequest, uid: string): Draft {
  const { file, rules, layout, body, origin } = request;
  const { input, lengths } = read(request);
  const previous = findForWrite(file, rules, layout, uid);
  const shape = shapeOf(rules, previous.layout);
  if (origin === 'api') {
    refuseOtherUid(body, uid);
    if (body.RowVersion !== previous.rowVersion) throw refusal('IncorrectRowVersionSupplied', 'RowVersion');
    refuseStaleLines(shape, input, previous.members);
  }
  const keepOmitted = origin === 'desktop' || file.switches.putOmitted === 'keep';
  const members = formMembers(shape, input, previous.members, keepOmitted);
  requireAll({ ...request, layout: previous.layout }, keepOmitted ? members : input, lengths, previous);
  return form(request, { uid: previous.uid, members, input, previous });
}

/** Deletes a record; `ifMatch` is the version it has to have, when one is given. */
export function remove(
  file: CompanyFile,
  rules: ResourceRules,
  layout: string | undefined,
  uid: string,
  { ifMatch, origin }: { ifMatch?: string; origin: Origin },
): void {
  const previous = findForWrite(file, rules, layout, uid);
  if (ifMatch !== undefined && ifMatch !== previous.rowVersion) {
    throw refusal('IncorrectRowVersionSupplied', 'RowVersion');
  }
  const work = new Work(file);
  const draft: Draft = {
    file,
    work,
    rules,
    layout: previous.layout,
    uid: previous.uid,
    members: { ...previous.members },
    hidden: { ...previous.hidden },
    previous,
    input: {},
    origin,
    warningsAsErrors: false,
  };
  refuseLockedDates(draft, [previous.members]);
  refuseIrreversible(draft);
  if (rules.release) rules.release(draft);
  else if (file.isUsed(previous.uid)) throw refusal('RecordInUse', 'UID');
  work.remove(previous);
  work.commit();
}

/** The record by UID, provided that it has the layout of the path (sheet 9, 18). */
function findForWrite(file: CompanyFile, rules: ResourceRules, layout: string | undefined, uid: string): Stored {
  const stored = file.find(uid, rules.name);
  if (!stored) throw unknownRecord(file, rules, uid);
  if (layout !== undefined && stored.layout !== layout) throw refusal('LayoutTypeMismatch', 'UID');
  return stored;
}

export function unknownRecord(file: CompanyFile, rules: ResourceRules, uid: string): Error {
  const isGone = file.switches.deletedAnswers === '410' && file.collection(rules.name).wasDeleted(uid.toLowerCase());
  return refusal(isGone ? 'ResourceGone' : 'ResourceNotFound', 'UID');
}

function read(request: WriteRequest): { input: Members; lengths: Problems } {
  const { file, rules, layout, body } = request;
  const problems = new Problems();
  const lengths = new Problems();
  const reading = { lengthOf: (name: keyof typeof file.switches) => Number(file.switches[name]) };
  const input = readMembers(shapeOf(rules, layout), body, reading, problems, lengths);
  problems.throwAny();
  return { input, lengths };
}

/** A new record has no identity to send; whoever sends one gets the answer of a wrong version (sheet 4.6). */
function refuseIdentity(rules: ResourceRules, layout: string | undefined, body: Members): void {
  for (const name of ['UID', 'RowVersion']) {
    if (body[name] !== null && body[name] !== undefined) throw refusal('IncorrectRowVersionSupplied', name);
  }
  for (const { path, line, row } of linesOf(shapeOf(rules, layout), body)) {
    for (const name of [row, 'RowVersion']) {
      const value = line[name];
      if (value !== null && value !== undefined && value !== 0) {
        throw refusal('IncorrectRowVersionSupplied', `${path}.${name}`);
      }
    }
  }
}

function refuseOtherUid(body: Members, uid: string): void {
  const { UID } = body;
  if (typeof UID !== 'string' || UID.toLowerCase() !== uid.toLowerCase()) throw refusal('SerializationError', 'UID');
}

/** Every retained line must have the version it has in the file; lines without a number are new. */
function refuseStaleLines(shape: Shape, input: Members, previous: Members): void {
  for (const { name, path, line, row } of linesOf(shape, input)) {
    const id = line[row];
    const isNewLine = id === undefined || id === null || id === 0;
    const stored = isNewLine ? undefined : ((previous[name] ?? []) as Line[]).find((each) => each[row] === id);
    const sent = line.RowVersion ?? undefined;
    if (isNewLine ? sent !== undefined : stored === undefined || sent !== stored.RowVersion) {
      throw refusal('IncorrectRowVersionSupplied', `${path}.RowVersion`);
    }
  }
}

function* linesOf(
  shape: Shape,
  members: Members,
): Generator<{ name: string; path: string; line: Line; row: 'RowID' | 'RowId' }> {
  for (const [name, field] of Object.entries(shape)) {
    if (field.kind !== 'list' || field.row === undefined || !Array.isArray(members[name])) continue;
    for (const [index, line] of (members[name] as unknown[]).entries()) {
      if (typeof line === 'object' && line !== null) {
        yield { name, path: `${name}[${index}]`, line: line as Line, row: field.row };
      }
    }
  }
}

/** What is missing, what is too long and what points nowhere is told together (sheet 9, 15). */
function requireAll(request: WriteRequest, input: Members, lengths: Problems, previous: Stored | undefined): void {
  const { file, rules, layout } = request;
  const shape = shapeOf(rules, layout);
  requireNeeded(shape, input, lengths);
  for (const { path, uid, to } of linksIn(shape, input)) {
    const target = file.find(uid, ...to);
    const isRefused =
      target?.members.IsActive === false && !file.switches.inactiveReferences && !previous?.mentions.includes(uid);
    if (!target || to.length === 0 || isRefused) lengths.add('NotFound', path);
  }
  if (rules.group === 'transaction' && shape.Category && (input.Category ?? null) === null) {
    if (file.preference('System', 'CategoryTracking') === 'OnAndRequired') lengths.add('Required', 'Category');
  }
  lengths.throwAny();
}

interface Forming {
  uid: string;
  members: Members;
  input: Members;
  previous: Stored | undefined;
}

/** Everything short of storing: what is refused, computed, and changed elsewhere. */
function form(request: WriteRequest, { uid, members, input, previous }: Forming): Draft {
  const { file, rules, origin, warningsAsErrors } = request;
  const layout = previous ? previous.layout : request.layout;
  const work = new Work(file);
  const draft: Draft = {
    file,
    work,
    rules,
    layout,
    uid,
    members,
    hidden: { ...previous?.hidden },
    previous,
    input,
    origin,
    warningsAsErrors: warningsAsErrors === true,
  };
  if (previous) refuseIrreversible(draft);
  refuseForeign(draft);
  rules.prepare?.(draft);
  if (rules.group === 'transaction') dropUntrackedCategory(draft);
  const problems = new Problems();
  rules.check?.(draft, problems);
  problems.throwAny();
  refuseLockedDates(draft, previous ? [previous.members, members] : [members]);
  refuseHeaders(draft);
  giveNumber(draft);
  refuseDuplicates(draft);
  rules.settle?.(draft);
  nameLines(draft);
  work.save({ rules, layout, uid, members, hidden: draft.hidden, previous });
  rules.effects?.(draft);
  return draft;
}

/** With must-reverse on, what was posted stays as it is (sheet 4.8). */
function refuseIrreversible({ file, rules }: Draft): void {
  if (rules.group !== 'transaction') return;
  if (file.preference('System', 'TransactionsCannotBeChangedMustBeReversed') === true) {
    throw refusal('TransactionsCannotBeDeleted', 'UID');
  }
}

/** Documents in foreign currencies are for the desktop; through the API they can only be read (sheet 6.19). */
function refuseForeign({ origin, input, previous, file, rules, layout }: Draft): void {
  if (origin === 'desktop' || !shapeOf(rules, layout).ForeignCurrency) return;
  if ((previous?.members.ForeignCurrency ?? null) !== null) {
    throw file.switches.foreignUpdate === '405'
      ? refusal('MethodNotAllowed', 'ForeignCurrency')
      : refusal('ForeignCurrencyNotSupported', 'ForeignCurrency');
  }
  if ((input.ForeignCurrency ?? null) !== null) throw refusal('ForeignCurrencyNotSupported', 'ForeignCurrency');
}

function dropUntrackedCategory({ file, members }: Draft): void {
  if (file.preference('System', 'CategoryTracking') === 'Off' && 'Category' in members) members.Category = null;
}

/** The first day of the financial year in hand. */
export function financialYearStart(file: CompanyFile): string {
  const { CurrentFinancialYear, LastMonthFinancialYear } = file.single('GeneralLedger/AccountingProperties').members;
  const lastMonth = Number(LastMonthFinancialYear);
  const year = Number(CurrentFinancialYear) - (lastMonth === 12 ? 0 : 1);
  const month = lastMonth === 12 ? 1 : lastMonth + 1;
  return `${year}-${String(month).padStart(2, '0')}-01`;
}

function refuseLockedDates({ file, rules }: Draft, versions: readonly Members[]): void {
  const { dateMember } = rules;
  if (dateMember === undefined) return;
  const locked = dayOf(file.preference('System', 'LockPeriodPriorTo'));
  const start = financialYearStart(file);
  for (const members of versions) {
    const day = dayOf(members[dateMember]);
    if (day < start) throw refusal('DatePriorToBeginningOfFinancialYear', dateMember);
    if (locked !== '' && day < locked) throw refusal(file.switches.lockPeriodError, dateMember);
  }
}

/** Headers gather what is posted below them; nothing is posted to themselves. */
function refuseHeaders({ file, rules, layout, members }: Draft): void {
  if (rules.group !== 'transaction') return;
  for (const { path, uid } of linksIn(shapeOf(rules, layout), members)) {
    const target = file.find(uid);
    if (target?.rules.name === 'GeneralLedger/Account' && target.members.IsHeader === true) {
      throw refusal('AccountHeaderNotAllowed', path);
    }
    if (target?.rules.name === 'GeneralLedger/Job' && target.members.IsHeader === true) {
      throw refusal('Line_JobHeaderNotAllowed', path);
    }
    const isConsolidated = target?.rules.name === 'GeneralLedger/TaxCode' && target.members.Type === 'Consolidated';
    if (isConsolidated && !file.switches.consolidatedTaxOnLines) throw refusal('ConsolidatedTaxCode', path);
  }
}

/** Numbers of digits alone are shown with eight of them (sheet 1); an omitted one is the next, or the one it has. */
function giveNumber({ file, rules, members, previous }: Draft): void {
  if (!rules.numbered) return;
  const { member, series } = rules.numbered;
  const sent = members[member] ?? previous?.members[member] ?? null;
  if (sent === null) members[member] = file.nextNumber(series);
  else members[member] = /^\d{1,8}$/.test(String(sent)) ? String(sent).padStart(8, '0') : sent;
}

function refuseDuplicates({ file, rules, members, uid }: Draft): void {
  for (const { scope, key, path } of rules.unique?.(members, file) ?? []) {
    const holder = file.holderOf(scope, key);
    if (holder !== undefined && holder !== uid) throw refusal('Duplicate', path);
  }
}

/** Row numbers for new lines and versions for all, or only for those that changed. */
function nameLines(draft: Draft): void {
  const { file, rules, layout, members, hidden, previous } = draft;
  for (const [name, field] of Object.entries(shapeOf(rules, layout))) {
    if (field.kind !== 'list' || field.row === undefined) continue;
    const { row } = field;
    const before = (previous?.members[name] ?? []) as Line[];
    for (const line of members[name] as Line[]) {
      const old = isNew(draft) ? undefined : before.find((each) => each[row] === line[row]);
      if (line[row] === undefined) {
        hidden.nextRow = (hidden.nextRow ?? 0) + 1;
        line[row] = hidden.nextRow;
      }
      const stays = old && file.switches.lineVersions === 'line' && saysTheSame(old, line);
      line.RowVersion = stays ? old.RowVersion : file.newVersion(old?.RowVersion);
    }
  }
}

function saysTheSame(before: Line, after: Line): boolean {
  const content = ({ RowVersion: _version, ...line }: Line) => JSON.stringify(Object.entries(line).sort());
  return content(before) === content(after);
}
