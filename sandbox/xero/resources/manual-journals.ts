import { decimal as exact, sum, type Decimal } from '../../amounts.ts';
import { settleDate } from '../documents.ts';
import { settleTracking, shownTracking, taxOf, trackingShape, type LineAmountTypes } from '../lines.ts';
import { defineResource, gives, refuse, type Draft } from '../rules.ts';
import {
  absentBelow,
  choice,
  day,
  derived,
  flag,
  fromPage,
  guid,
  instant,
  list,
  money,
  readOnly,
  shownAs,
  text,
  type Body,
} from '../shape.ts';

/** Journals by hand: debits positive, credits negative; their lines have no identity (sheet 3.16). */

interface JournalLine extends Body {
  LineAmount: string;
  TaxAmount: string;
  TaxType?: string;
  account?: string;
}

const TRANSITIONS: Readonly<Record<string, readonly string[]>> = {
  '': ['DRAFT', 'POSTED'],
  DRAFT: ['DRAFT', 'POSTED', 'DELETED'],
  POSTED: ['POSTED', 'VOIDED'],
  DELETED: [],
  VOIDED: [],
  ARCHIVED: [],
};

export const manualJournals = defineResource({
  name: 'ManualJournals',
  singular: 'ManualJournal',
  idField: 'ManualJournalID',
  scopes: ['accounting.manualjournals'],
  put: 'many',
  post: 'many',
  attachments: true,
  notes: true,
  shape: {
    ManualJournalID: guid(),
    Date: day(),
    Status: choice('DRAFT', 'POSTED', 'DELETED', 'VOIDED', 'ARCHIVED'),
    LineAmountTypes: choice('NoTax', 'Exclusive', 'Inclusive'),
    UpdatedDateUTC: readOnly(instant()),
    Narration: text(4000),
    JournalLines: absentBelow(
      fromPage(
        list({
          Description: text(4000),
          TaxType: text(50),
          LineAmount: money(),
          TaxAmount: readOnly(money()),
          AccountCode: shownAs(
            text(10),
            (line, { organisation }) => organisation.fields('Accounts', line.account)?.Code,
          ),
          AccountID: derived(guid(), (line) => line.account),
          Tracking: shownAs(list(trackingShape), (line, view) => shownTracking(line.tracking, view)),
          IsBlank: derived(flag(), () => false),
        }),
      ),
    ),
    Url: text(2000),
    ShowOnCashBasisReports: flag(),
    HasAttachments: derived(flag(), (fields, { organisation }) =>
      organisation.attachments.has(`ManualJournals/${String(fields.ManualJournalID)}`),
    ),
  },
  list: {
    paging: 'offered',
    modifiedSince: true,
    where: true,
    optimised: ['Narration', 'ManualJournalID', 'UpdatedDateUTC'],
    shows: (fields, _params, { switches }) => fields.Status !== 'DELETED' || switches.deletedListed,
  },
  settle,
});

function settle(draft: Draft): void {
  const { organisation, fields, input, previous } = draft;
  fields.Status ??= 'DRAFT';
  const from = String(previous?.fields.Status ?? '');
  if (!TRANSITIONS[from]?.includes(String(fields.Status))) {
    refuse(draft, 'The status of the manual journal does not allow this change.');
    return;
  }
  settleDate(draft);
  if (fields.Status === 'DELETED' || fields.Status === 'VOIDED') return;
  if (from === 'POSTED' && organisation.switches.postedJournalEdits === 'refused') {
    refuse(draft, 'A posted manual journal cannot be edited.');
  }
  if (typeof fields.Narration !== 'string' || fields.Narration.trim() === '')
    refuse(draft, 'Narration must be specified.');
  fields.LineAmountTypes ??= 'NoTax';
  fields.ShowOnCashBasisReports ??= true;
  const types = fields.LineAmountTypes as LineAmountTypes;
  if (input.JournalLines) {
    fields.JournalLines = (input.JournalLines as Body[]).map((line) => settleLine(draft, line, types));
  } else if (gives(draft, 'LineAmountTypes') && previous) {
    fields.JournalLines = (previous.fields.JournalLines as JournalLine[]).map((line) => taxed(draft, line, types));
  }
  const lines = (fields.JournalLines ?? []) as JournalLine[];
  if (lines.length < 2) refuse(draft, 'A manual journal needs at least two lines.');
  if (fields.Status === 'POSTED' && lines.some((line) => line.account === undefined)) {
    refuse(draft, 'Every line of a posted journal needs an AccountCode.');
  }
  checkBalance(draft, lines, types);
}

const FORBIDDEN = ['DEBTORS', 'CREDITORS', 'RETAINEDEARNINGS'];

function settleLine(draft: Draft, input: Body, types: LineAmountTypes): JournalLine {
  const { organisation } = draft;
  const { AccountCode, Tracking, LineAmount, ...rest } = input;
  const line: JournalLine = { ...rest, LineAmount: organisation.cents(exact(LineAmount)).toFixed(), TaxAmount: '0' };
  if (typeof AccountCode === 'string' && AccountCode !== '') {
    const account = organisation.collection('Accounts').first('code', AccountCode.toLowerCase());
    const isForbidden =
      account !== undefined &&
      (FORBIDDEN.includes(String(account.fields.SystemAccount)) ||
        ['BANK', 'INVENTORY'].includes(String(account.fields.Type)));
    if (isForbidden) refuse(draft, `Account code '${AccountCode}' is not a valid code for this document.`);
    else if (account?.fields.Status === 'ACTIVE') line.account = account.id;
    else if (draft.fields.Status === 'DRAFT') {
      draft.warnings.push(`Account code '${AccountCode}' has been removed as it does not match a recognised account.`);
    } else refuse(draft, `Account code '${AccountCode}' is not a valid code for this document.`);
  }
  if (Tracking) line.tracking = settleTracking(draft, undefined, Tracking as Body[], { trackingById: false });
  return taxed(draft, line, types);
}

function taxed(draft: Draft, line: JournalLine, types: LineAmountTypes): JournalLine {
  const { organisation } = draft;
  const type =
    types === 'NoTax'
      ? 'NONE'
      : (line.TaxType ?? String(organisation.fields('Accounts', line.account)?.TaxType ?? 'NONE'));
  const rate = organisation.fields('TaxRates', type);
  if (rate?.Status !== 'ACTIVE') refuse(draft, `The TaxType code '${type}' does not exist or cannot be used here.`);
  return { ...line, TaxType: type, TaxAmount: taxOf(organisation, exact(line.LineAmount), rate, types).toFixed() };
}

function checkBalance(draft: Draft, lines: readonly JournalLine[], types: LineAmountTypes): void {
  const gross = (line: JournalLine): Decimal =>
    types === 'Exclusive' ? exact(line.LineAmount).plus(exact(line.TaxAmount)) : exact(line.LineAmount);
  const amounts = lines.map(gross);
  const debits = sum(amounts.filter((amount) => amount.greaterThan(0)));
  const credits = sum(amounts.filter((amount) => amount.lessThan(0)));
  if (debits.plus(credits).isZero()) return;
  const [d, c] = [debits, credits].map((amount) => amount.toFixed(2));
  refuse(draft, `The total debits (${d}) must equal total credits (${c})`);
}
