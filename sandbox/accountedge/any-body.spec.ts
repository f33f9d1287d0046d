import fc from 'fast-check';
import type { CompanyFile } from './company-file.ts';
import { Gateway } from './gateway.ts';
import { Refusal } from './problem.ts';
import { readFilter } from './query/filter.ts';
import { resources } from './resources/index.ts';
import { shapeOf, type ResourceRules } from './rules.ts';
import { newFile } from './seed/files.ts';
import type { Field, Members, Shape } from './shape.ts';
import { create, remove, replace } from './writing.ts';

/**
 * Whatever a client sends, the answer is a stored record or a documented refusal, never an error of the sandbox; and a
 * refusal leaves nothing behind.
 */

const NOW = Date.UTC(2026, 10, 22);

function fileWithHistory(): CompanyFile {
  const gateway = new Gateway({ now: () => NOW }, 1);
  return newFile(gateway, '00000002-0000-4000-8000-000000000002', {
    name: 'Anything',
    flavour: 'us',
    empty: false,
    seed: 3,
    invoices: 30,
    conversion: '2026-01-01',
  });
}

const file = fileWithHistory();
const start = JSON.stringify(file.snapshot());
const uids = [...file.all()].flatMap((collection) => [...collection.all()].slice(0, 3).map((stored) => stored.uid));

const junk = fc.oneof(
  fc.constantFrom(null, '', [], {}, true, -1, 0, 1e300, 'NaN', '1e5', '\u0000', '💥', 'x'.repeat(2000), [[]], [null]),
  fc.string(),
  fc.double(),
);
const link = fc.record({ UID: fc.constantFrom(...uids, 'x', null) });

/** A value the field could hold. */
function fitting(field: Field, depth: number): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'text':
      return fc.constantFrom('A', 'SO-1', '12', "O'Neil");
    case 'number':
      return fc.constantFrom(0, 1, 2, 10, 0.01, 99.99, -5, 1e9);
    case 'flag':
      return fc.boolean();
    case 'date':
      return fc.constantFrom('2026-02-03', '2026-11-22T00:00:00', '1999-12-31');
    case 'choice':
      return fc.constantFrom(...field.of);
    case 'link': {
      const own = [...file.all()].filter(({ rules }) => field.to.includes(rules.name));
      const targets = own.flatMap((collection) => [...collection.all()].slice(0, 4).map(({ uid }) => ({ UID: uid })));
      return targets.length === 0 ? link : fc.constantFrom(...targets);
    }
    case 'group':
      return fc.record(membersOf(field.fields, depth + 1), { requiredKeys: neededOf(field.fields) });
    case 'list': {
      const target = fc.constantFrom(...[...file.collection('Sale/Invoice').all()].map(({ uid }) => uid));
      const members = { ...membersOf(field.fields, depth + 1), ...(field.flatLink && { UID: target }) };
      const requiredKeys = [...neededOf(field.fields), ...(field.flatLink ? ['UID'] : [])];
      return fc.array(fc.record(members, { requiredKeys: requiredKeys as never[] }), { minLength: 1, maxLength: 3 });
    }
    case 'words':
      return fc.array(fc.constantFrom('Sale/Invoice', 'Contact/Customer', 'Nothing'), { maxLength: 2 });
    case 'guid':
    case 'moment':
      return junk;
  }
}

function membersOf(shape: Shape, depth: number): Record<string, fc.Arbitrary<unknown>> {
  const writable = Object.entries(shape).filter(([, field]) => field.mode === 'write');
  return Object.fromEntries(writable.map(([name, field]) => [name, fitting(field, depth)]));
}

function neededOf(shape: Shape): never[] {
  return Object.keys(shape).filter((name) => shape[name]?.needed) as never[];
}

/** Members that have to be each record's own. */
const UNIQUE: readonly string[] = ['Number', 'Code', 'DisplayID', 'SupplierInvoiceNumber', 'Order', 'Status'];

/** A body that would do, taken from the history: a record of this kind, or another of this layout. */
function sampleOf(rules: ResourceRules, layout: string | undefined, pick: number): Members {
  const isSale = rules.name.startsWith('Sale/');
  const alike = layout === undefined ? [] : [isSale ? 'Sale/Invoice' : 'Purchase/Bill'];
  const found = [rules.name, ...alike].flatMap((name) =>
    [...file.collection(name).all()].filter((stored) => stored.layout === layout),
  );
  const fallback = [...file.collection(isSale ? 'Sale/Invoice' : 'Purchase/Bill').all()].filter(
    (stored) => stored.layout === 'Service',
  );
  const stored = found[pick % Math.max(1, found.length)] ?? (layout === undefined ? undefined : fallback[0]);
  const members = structuredClone(stored?.members ?? {});
  for (const name of UNIQUE) if (name in members) members[name] = name === 'Number' ? String(1000 + pick * 7) : null;
  if (rules.name === 'GeneralLedger/TaxCode') members.Code = `T${pick}`;
  if (rules.name === 'GeneralLedger/Category') members.DisplayID = `C${pick}`;
  for (const line of (members.Lines ?? []) as Members[])
    for (const name of ['RowID', 'RowId', 'RowVersion']) delete line[name];
  return members;
}

interface Mutation {
  place: number;
  value: unknown;
}

function mutated(body: Members, mutations: readonly Mutation[]): Members {
  const copy = structuredClone(body);
  for (const { place, value } of mutations) {
    const names = Object.keys(copy);
    const name = names[place % Math.max(1, names.length)];
    if (name !== undefined) copy[name] = value;
  }
  return copy;
}

type Row = [path: string, rules: ResourceRules, layout: string | undefined];

const everyTarget = [...resources.values()].flatMap((rules): Row[] =>
  rules.layouts === undefined
    ? [[rules.name, rules, undefined]]
    : Object.keys(rules.layouts).map((layout): Row => [`${rules.name}/${layout}`, rules, layout]),
);

describe('any body at all', () => {
  beforeEach(() => file.restore(JSON.parse(start) as ReturnType<CompanyFile['snapshot']>));

  it.each(everyTarget.filter(([, rules]) => rules.verbs.create))(
    '%s is stored or refused, wholly',
    (_path, rules, layout) => {
      // A failure prints its seed; FC_SEED replays it, FC_RUNS makes it longer.
      const seed = Number(process.env.FC_SEED ?? 11);
      const outcomes = { stored: 0, refused: 0 };
      const shape = shapeOf(rules, layout);
      const request = fc.record({
        action: fc.constantFrom('create', 'create', 'replace', 'remove'),
        more: fc.option(fc.record(membersOf(shape, 0)), { freq: 2, nil: {} }),
        which: fc.nat(60),
        mutations: fc.array(fc.record({ place: fc.nat(30), value: fc.oneof(junk, link) }), { maxLength: 1 }),
        pick: fc.nat(1000),
      });
      fc.assert(
        fc.property(fc.array(request, { minLength: 1, maxLength: 8, size: 'max' }), (requests) => {
          for (const { action, more, which, mutations, pick } of requests) {
            const before = JSON.stringify(file.snapshot().records);
            try {
              const [name, value] = Object.entries(more)[which % Math.max(1, Object.keys(more).length)] ?? [];
              const body = { ...sampleOf(rules, layout, pick), ...(name !== undefined && { [name]: value }) };
              attempt(rules, layout, action, mutated(body, mutations), pick);
              outcomes.stored++;
            } catch (error) {
              if (!(error instanceof Refusal)) throw error;
              outcomes.refused++;
              expect(JSON.stringify(file.snapshot().records)).toBe(before);
            }
            expect(file.ledger.difference.toString()).toBe('0');
          }
        }),
        { numRuns: Number(process.env.FC_RUNS ?? 6), seed },
      );
      // A test of refusals alone would prove little; what settles is in the property of the books.
      const isSettling = rules.pushed && !rules.verbs.update;
      if (!isSettling && rules.group !== 'setting') expect(outcomes.stored).toBeGreaterThan(0);
      expect(outcomes.refused).toBeGreaterThan(0);
    },
  );

  function attempt(
    rules: ResourceRules,
    layout: string | undefined,
    action: string,
    body: Members,
    pick: number,
  ): void {
    const existing = [...file.collection(rules.name).all()].filter((stored) => stored.layout === layout);
    const current = existing[pick % Math.max(1, existing.length)];
    if (action === 'create' || !current) {
      create({ file, rules, layout, body, origin: 'api' });
    } else if (action === 'replace' && rules.verbs.update) {
      const version = { UID: current.uid, RowVersion: current.rowVersion };
      replace({ file, rules, layout, body: { ...body, ...version }, origin: 'api' }, current.uid);
    } else remove(file, rules, layout, current.uid, { origin: 'api' });
  }
});

describe('any filter at all', () => {
  const word = fc.constantFrom(
    'Number',
    'Customer/UID',
    'Lines',
    'eq',
    'and',
    '(',
    ')',
    "'x'",
    '5',
    'any',
    'l:',
    "guid'",
    'true',
    "datetime'2026-01-01'",
    'substringof',
  );

  it('is followed or refused', () => {
    const seed = Number(process.env.FC_SEED ?? 5);
    const rules = resources.get('Sale/Invoice') as ResourceRules;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word, { maxLength: 9 }).map((words) => words.join(' ')),
        ),
        (source) => {
          try {
            const filter = readFilter(source, shapeOf(rules, 'Item'), file.switches);
            for (const stored of file.collection('Sale/Invoice').all()) filter.matches(stored.members);
          } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            expect(error.first.name).toBe('InvalidQuery');
          }
        },
      ),
      { numRuns: Number(process.env.FC_RUNS ?? 500), seed },
    );
  });
});
