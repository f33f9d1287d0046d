import fc from 'fast-check';
import type { Organisation } from './organisation.ts';
import { BareStatus, ElementRefused, NotFound, QueryRefused, RequestRefused } from './refusals.ts';
import { compileFilter } from './filter/compile.ts';
import { resources } from './resources/index.ts';
import { layFoundation } from './seed/foundation.ts';
import type { Body, Field, Shape } from './shape.ts';
import { Vendor } from './vendor.ts';
import { save, writeAll } from './writing.ts';

/**
 * Whatever a client sends, the answer is a stored object or a documented refusal, never an error of the sandbox; and a
 * refusal leaves nothing behind.
 */

const ID = 'c0ffee00-1111-4000-8000-00000000000';

const junk = fc.oneof(
  fc.constantFrom(null, '', [], {}, true, -1, 0, 1e300, 'NaN', '1e5', '\u0000', '💥', 'x'.repeat(5000), [[]], [null]),
  fc.string(),
  fc.double(),
);
const amount = fc.constantFrom(0, 0.01, 10, 10.005, 99.99, -5, 1e9, '12.50', '1e12');
const words = fc.constantFrom(
  'A',
  'B',
  '200',
  '400',
  '090',
  '091',
  '610',
  'BOOK',
  'NZD',
  'EUR',
  'OUTPUT2',
  'NONE',
  'Region',
  'North',
  'INV-0001',
  'a@b.example',
);
const contact = fc.oneof(
  fc.record({ Name: words }),
  fc.record({ ContactID: fc.constantFrom('CONTACT', `${ID}9`) }),
  fc.record({ Name: words, EmailAddress: words, Phones: junk }),
);

/** A value the field could hold. */
function fitting(name: string, field: Field, depth: number): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'text':
      return words;
    case 'guid':
      return fc.constantFrom(`${ID}1`, `${ID}2`, 'no id');
    case 'choice':
      return fc.constantFrom(...(field.of.length > 0 ? field.of : ['x']));
    case 'decimal':
      return amount;
    case 'whole':
      return fc.integer({ min: -1, max: 40 });
    case 'flag':
      return fc.boolean();
    case 'day':
      return fc.constantFrom('2026-11-02', '2024-02-29', '/Date(1793577600000+0000)/', '1999-12-31T00:00:00');
    case 'instant':
      return fc.constant(1);
    case 'group':
      return depth > 3 ? fc.constant({}) : fc.record(members(field.fields, depth + 1), { requiredKeys: [] });
    case 'list':
      return fc.array(fitting(name, field.of, depth + 1), { maxLength: 3 });
    case 'embedded':
      if (name === 'Contact') return contact;
      if (name === 'Invoice') return fc.constantFrom({ InvoiceNumber: 'INV-0001' }, { InvoiceID: `${ID}1` }, {});
      return fc.constantFrom({ Code: '090' }, { Code: '091' }, { Code: '200' }, { AccountID: `${ID}1` }, {});
  }
}

function members(shape: Shape, depth: number): Record<string, fc.Arbitrary<unknown>> {
  const writable = Object.entries(shape).filter(([, field]) => field.mode === 'write');
  return Object.fromEntries(writable.map(([name, field]) => [name, fitting(name, field, depth)]));
}

const line = { Description: 'x', Quantity: 1, UnitAmount: 10, AccountCode: '200' };
const BODIES: Readonly<Record<string, Body>> = {
  Currencies: { Code: 'CAD' },
  TaxRates: { Name: 'Own', ReportTaxType: 'OUTPUT', TaxComponents: [{ Name: 'a', Rate: 5 }] },
  Accounts: { Code: 'OWN', Name: 'Own', Type: 'REVENUE' },
  TrackingCategories: { Name: 'Own' },
  Contacts: { Name: 'Own' },
  Items: { Code: 'OWN', SalesDetails: { UnitPrice: 3, AccountCode: '200' } },
  Invoices: { Type: 'ACCREC', Contact: { Name: 'A' }, DueDate: '2026-12-01', LineItems: [line], Status: 'AUTHORISED' },
  CreditNotes: { Type: 'ACCRECCREDIT', Contact: { Name: 'A' }, LineItems: [line], Status: 'AUTHORISED' },
  Quotes: { Contact: { ContactID: 'CONTACT' }, Date: '2026-11-02', LineItems: [line] },
  PurchaseOrders: { Contact: { ContactID: 'CONTACT' }, LineItems: [{ ...line, AccountCode: '400' }] },
  Payments: { Invoice: { InvoiceNumber: 'INV-0001' }, Account: { Code: '090' }, Date: '2026-11-02', Amount: 1 },
  BatchPayments: {
    Account: { Code: '090' },
    Date: '2026-11-02',
    Payments: [{ Invoice: { InvoiceNumber: 'INV-0001' }, Amount: 1 }],
  },
  BankTransactions: {
    Type: 'SPEND',
    Contact: { Name: 'A' },
    BankAccount: { Code: '090' },
    LineItems: [{ ...line, AccountCode: '400' }],
  },
  ManualJournals: {
    Narration: 'x',
    JournalLines: [
      { LineAmount: 1, AccountCode: '400' },
      { LineAmount: -1, AccountCode: '850' },
    ],
  },
  BankTransfers: { FromBankAccount: { Code: '090' }, ToBankAccount: { Code: '091' }, Amount: 1 },
};

/** What makes a body another one than those before where names are unique. */
const another = (place: number): Readonly<Record<string, Body>> => ({
  Currencies: { Code: ['CHF', 'JPY', 'SGD', 'ZAR', 'CAD', 'NZD'][place] },
  TaxRates: { Name: `Rate ${place}` },
  Accounts: { Code: `C${place}`, Name: `Account ${place}` },
  Contacts: { Name: `Contact ${place}` },
  Items: { Code: `I${place}` },
});

/** An organisation with one of everything. */
function smallOrganisation(): Organisation {
  const vendor = new Vendor({ now: () => Date.UTC(2026, 10, 2, 1) }, 1);
  const organisation = vendor.addOrganisation('c0ffee00-0001-4000-8000-000000000001', 'nz');
  layFoundation(organisation, 'Anything');
  for (const [resource, body] of Object.entries(BODIES)) {
    const { rules } = organisation.collection(resource);
    save({ organisation, rules, verb: 'PUT', byApp: true }, withContact(organisation, body));
  }
  return organisation;
}

/** Puts the id of a contact that exists where one is asked for. */
function withContact(organisation: Organisation, body: Body): Body {
  const [first] = organisation.collection('Contacts').all();
  const id = first?.id ?? '';
  return JSON.parse(JSON.stringify(body).replaceAll('"CONTACT"', JSON.stringify(id))) as Body;
}

/** A change of one place in a body: left out, replaced, repeated. */
interface Mutation {
  place: number;
  how: 'leaveOut' | 'replace' | 'repeat';
  value: unknown;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  place: fc.nat(60),
  how: fc.constantFrom('leaveOut', 'replace', 'repeat'),
  value: fc.oneof(junk, amount, words),
});

function mutated(body: Body, mutations: readonly Mutation[]): Body {
  const copy = structuredClone(body);
  for (const { place, how, value } of mutations) {
    const places = [...placesIn(copy)];
    const chosen = places[place % Math.max(1, places.length)];
    if (!chosen) continue;
    const [holder, key] = chosen;
    if (Array.isArray(holder)) {
      if (how === 'repeat') holder.push(structuredClone(holder[Number(key)]));
      else if (how === 'leaveOut') holder.splice(Number(key), 1);
      else holder[Number(key)] = value;
    } else if (how === 'leaveOut') delete holder[key];
    else if (how === 'replace') holder[key] = value;
  }
  return copy;
}

function* placesIn(value: unknown): Generator<[holder: Body | unknown[], key: string]> {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    yield [value as Body, key];
    yield* placesIn((value as Body)[key]);
  }
}

const isDocumented = (error: unknown) =>
  [ElementRefused, RequestRefused, NotFound, BareStatus].some((kind) => error instanceof kind);
const everything = (organisation: Organisation) => JSON.stringify(organisation.snapshot().records);

describe('any body at all', () => {
  const writable = [...resources.values()].filter((rules) => rules.put !== undefined);
  // A failure prints its seed; FC_SEED replays it, FC_RUNS makes it longer.
  const settings = { numRuns: Number(process.env.FC_RUNS ?? 12), seed: Number(process.env.FC_SEED ?? 11) };

  it.each(writable.map((rules) => [rules.name, rules] as const))('%s are stored or refused, wholly', (name, rules) => {
    const outcomes = { stored: 0, refused: 0 };
    const request = fc.record({
      verb: fc.constantFrom('PUT' as const, 'POST' as const),
      own: fc.boolean(),
      pick: fc.nat(5),
      each: fc.boolean(),
      more: fc.option(fc.record(members(rules.shape, 0), { requiredKeys: [] }), { freq: 1, nil: {} }),
      mutations: fc.array(mutation, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 8, size: 'max' }), (requests) => {
        const organisation = smallOrganisation();
        for (const { verb, own, pick, each, more, mutations } of requests) {
          const before = everything(organisation);
          const existing = [...organisation.collection(name).all()];
          const current = existing[pick % existing.length];
          const [some] = Object.entries(more);
          const wanted = { ...BODIES[name], ...another(pick)[name], ...(some && { [some[0]]: some[1] }) };
          const body = mutated(wanted, mutations);
          const element = withContact(organisation, own ? { ...body, [rules.idField]: current?.id } : body);
          const call = { organisation, rules, verb, unitDecimals: 4 as const, byApp: true };
          try {
            const [outcome] = writeAll(call, [element], each);
            if (outcome?.stored) outcomes.stored++;
            else {
              outcomes.refused++;
              expect(everything(organisation)).toBe(before);
            }
          } catch (error) {
            if (!isDocumented(error)) throw error;
            outcomes.refused++;
            expect(everything(organisation)).toBe(before);
          }
        }
      }),
      settings,
    );
    // A test of refusals alone would prove little.
    expect(outcomes.stored).toBeGreaterThan(outcomes.refused / 20);
  });

  it('any filter is followed or refused', () => {
    const organisation = smallOrganisation();
    const view = { organisation, level: 'single', unitDecimals: 4, summary: false, written: false } as const;
    const part = fc.oneof(
      fc.constantFrom('Status', 'Contact.Name', 'Total', 'Date', '==', '!=', '>', '&&', 'OR', '(', ')', 'null', 'true'),
      fc.constantFrom(
        '"PAID"',
        '10',
        'Guid("x")',
        'DateTime(2026,1,1)',
        '.Contains("a")',
        'Reference',
        'LineItems',
        '"',
      ),
      fc.string({ maxLength: 3 }),
    );
    const [invoice] = organisation.collection('Invoices').all();
    fc.assert(
      fc.property(fc.array(part, { maxLength: 9 }), (parts) => {
        try {
          const filter = compileFilter(parts.join(' '), organisation.collection('Invoices').rules.shape, false);
          filter.test(invoice?.fields ?? {}, view);
        } catch (error) {
          if (!(error instanceof QueryRefused)) throw error;
        }
      }),
      { ...settings, numRuns: settings.numRuns * 200 },
    );
  });
});
