import fc from 'fast-check';
import type { Company } from './company.ts';
import { entities } from './entities/index.ts';
import { layFoundation } from './seed/foundation.ts';
import type { Body, Field, Shape } from './shape.ts';
import { CONNECTED_USER, Vendor } from './vendor.ts';
import { VendorFault } from './vendor-fault.ts';
import { makeVoid, remove, save } from './writing.ts';

/**
 * Whatever a client sends, the answer is a stored object or a documented fault, never an error of the sandbox; and a
 * fault leaves nothing behind.
 */

const junk = fc.oneof(
  fc.constantFrom(null, '', [], {}, true, -1, 0, 1e300, 'NaN', '1e5', '\u0000', '💥', 'x'.repeat(5000), [[]], [null]),
  fc.string(),
  fc.double(),
);
const id = fc.constantFrom('1', '2', '3', '5', '27', '44', 'TAX', 'NON', 'SHIPPING_ITEM_ID', '999', '-1', '');
const amount = fc.constantFrom(0, 0.01, 10, 10.005, 99.99, -5, 1e9, '12.50');

/** A value the field could hold. */
function fitting(field: Field, depth: number): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'text':
      return fc.constantFrom('A', 'Invoice', 'Estimate', 'PurchaseOrder', 'CreditMemo', '1', '2', '3', 'Line one');
    case 'decimal':
      return amount;
    case 'whole':
      return fc.integer({ min: -1, max: 40 });
    case 'flag':
      return fc.boolean();
    case 'date':
      return fc.constantFrom('2026-02-03', '2024-02-29', '1999-12-31');
    case 'choice':
      return fc.constantFrom(...field.of);
    case 'reference':
      return fc.record({ value: id, type: fc.constantFrom('Vendor', 'Customer', 'Item') }, { requiredKeys: ['value'] });
    case 'group':
      return depth > 3
        ? fc.constant({})
        : fc.record(members(field.fields, depth + 1), { requiredKeys: [...field.required] });
    case 'list':
      return fc.array(fitting(field.of, depth + 1), { maxLength: 3 });
    case 'free':
      return junk;
  }
}

function members(shape: Shape, depth: number): Record<string, fc.Arbitrary<unknown>> {
  return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, fitting(field, depth)]));
}

const line = (DetailType: string, Amount: number, detail: object) => ({ DetailType, Amount, [DetailType]: detail });
const sold = (item: string) =>
  line('SalesItemLineDetail', 30, { ItemRef: { value: item }, Qty: 2, UnitPrice: 15, TaxCodeRef: { value: 'TAX' } });
const cost = (account: string) => line('AccountBasedExpenseLineDetail', 20, { AccountRef: { value: account } });
const settles = (TxnType: string, TxnId: string) => ({ Amount: 10, LinkedTxn: [{ TxnId, TxnType }] });

/** A company with one of everything, and the bodies it was made from. */
function smallCompany(flavour: 'us' | 'us-ast' | 'uk'): { company: Company; bodies: Record<string, Body> } {
  const company = new Vendor({ now: () => Date.UTC(2026, 1, 3) }, 1).addCompany('1', flavour);
  layFoundation(company, 'Anything');
  const bodies: Record<string, Body> = {};
  const make = (entity: string, body: Body) => {
    bodies[entity] = body;
    return save({ company, rules: company.collection(entity).rules, body, user: CONNECTED_USER }).object.Id;
  };
  const account = (name: string) => ({
    value: [...(company.collection('Account').lookUp('Name', name) ?? [])][0] ?? '',
  });
  const rent = account('Rent').value;
  make('Account', { Name: 'Own', AccountType: 'Expense', SubAccount: true, ParentRef: account('Rent') });
  make('Class', { Name: 'Own' });
  make('Department', { Name: 'Own' });
  make('Term', { Name: 'Own', DueDays: 5 });
  make('PaymentMethod', { Name: 'Own' });
  make('TaxAgency', { DisplayName: 'Own' });
  make('Employee', { DisplayName: 'Own' });
  const item = make('Item', { Name: 'Own', Type: 'Service', IncomeAccountRef: account('Services'), Taxable: true });
  const customer = {
    value: make('Customer', { DisplayName: 'C', BillAddr: { Line1: 'A', CountrySubDivisionCode: 'AZ' } }),
  };
  const vendor = { value: make('Vendor', { DisplayName: 'V' }) };
  const sale = company.isUnitedStates
    ? sold(item)
    : line('SalesItemLineDetail', 30, { ItemRef: { value: item }, TaxCodeRef: { value: '1' } });
  const discount = {
    DetailType: 'DiscountLineDetail',
    DiscountLineDetail: { PercentBased: true, DiscountPercent: 10 },
  };
  const LinkedTxn = [{ TxnId: make('Estimate', { CustomerRef: customer, Line: [sale] }), TxnType: 'Estimate' }];
  const invoice = make('Invoice', { CustomerRef: customer, Line: [sale, sale, discount], LinkedTxn });
  const memo = make('CreditMemo', { CustomerRef: customer, Line: [sale] });
  make('SalesReceipt', { CustomerRef: customer, Line: [sale] });
  make('RefundReceipt', { CustomerRef: customer, Line: [sale] });
  make('Payment', {
    CustomerRef: customer,
    TotalAmt: 5,
    Line: [settles('Invoice', invoice), settles('CreditMemo', memo)],
  });
  const order = make('PurchaseOrder', { VendorRef: vendor, Line: [cost(rent), cost(rent)] });
  const linked = { ...cost(rent), LinkedTxn: [{ TxnId: order, TxnType: 'PurchaseOrder', TxnLineId: '1' }] };
  const bill = make('Bill', { VendorRef: vendor, Line: [linked, cost(rent)] });
  make('VendorCredit', { VendorRef: vendor, Line: [cost(rent)] });
  const CheckPayment = { BankAccountRef: account('Checking') };
  make('BillPayment', {
    VendorRef: vendor,
    PayType: 'Check',
    TotalAmt: 12,
    CheckPayment,
    Line: [settles('Bill', bill)],
  });
  make('Purchase', { PaymentType: 'CreditCard', AccountRef: account('Mastercard'), Line: [cost(rent)] });
  const posting = (PostingType: string, name: string) =>
    line('JournalEntryLineDetail', 7, { PostingType, AccountRef: account(name) });
  make('JournalEntry', { Line: [posting('Debit', 'Rent'), posting('Credit', 'Checking')] });
  make('Transfer', { FromAccountRef: account('Checking'), ToAccountRef: account('Savings'), Amount: 3 });
  const DepositLineDetail = { AccountRef: account('Services') };
  make('Deposit', {
    DepositToAccountRef: account('Checking'),
    Line: [line('DepositLineDetail', 4, DepositLineDetail)],
  });
  make('Attachable', { Note: 'x', AttachableRef: [{ EntityRef: { type: 'Invoice', value: invoice } }] });
  return { company, bodies };
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
  value: fc.oneof(junk, amount, id, id),
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

const everything = (company: Company) => JSON.stringify(company.snapshot().records);

describe('any body at all', () => {
  const writable = [...entities.values()].filter((rules) => rules.verbs.create || rules.verbs.update);

  it.each(writable.map((rules) => [rules.name, rules] as const))('%s is stored or refused, wholly', (name, rules) => {
    // A failure prints its seed; FC_SEED replays it, FC_RUNS makes it longer.
    const seed = Number(process.env.FC_SEED ?? 7);
    const outcomes = { stored: 0, refused: 0 };
    const request = fc.record({
      action: fc.constantFrom('create', 'create', 'full', 'sparse', 'sparse', 'remove', 'void'),
      id: fc.integer({ min: 1, max: 14 }),
      more: fc.option(fc.record(members(rules.fields, 0), { requiredKeys: [] }), { freq: 1, nil: {} }),
      mutations: fc.array(mutation, { maxLength: 3 }),
    });
    const attempt = (
      company: Company,
      bodies: Record<string, Body>,
      wanted: typeof request extends fc.Arbitrary<infer T> ? T : never,
    ) => {
      const { action, more, mutations } = wanted;
      const [some] = Object.entries(more);
      const named = rules.fields.DisplayName ? 'DisplayName' : rules.fields.Name ? 'Name' : undefined;
      const own = { ...bodies[name], ...(named && { [named]: `N${wanted.id}` }), ...(some && { [some[0]]: some[1] }) };
      const existing = [...company.collection(name).all()].map((stored) => stored.object);
      const current = existing[wanted.id % Math.max(1, existing.length)];
      const version =
        action === 'create' ? {} : { Id: current?.Id, SyncToken: current?.SyncToken, sparse: action === 'sparse' };
      const body = { ...mutated(own, mutations), ...version };
      const call = { company, rules, body, user: CONNECTED_USER };
      if (action === 'remove') remove(call);
      else if (action === 'void') makeVoid(call);
      else save(call);
    };
    fc.assert(
      fc.property(
        fc.constantFrom('us', 'us-ast', 'uk'),
        fc.array(request, { minLength: 1, maxLength: 12, size: 'max' }),
        (flavour, requests) => {
          const { company, bodies } = smallCompany(flavour);
          for (const wanted of requests) {
            const before = everything(company);
            try {
              attempt(company, bodies, wanted);
              outcomes.stored++;
            } catch (error) {
              if (!(error instanceof VendorFault)) throw error;
              outcomes.refused++;
              expect(everything(company)).toBe(before);
            }
            expect(company.ledger.difference.toString()).toBe('0');
          }
        },
      ),
      { numRuns: Number(process.env.FC_RUNS ?? 10), seed },
    );
    // A test of refusals alone would prove little.
    expect(outcomes.stored).toBeGreaterThan(outcomes.refused / 20);
  });
});
