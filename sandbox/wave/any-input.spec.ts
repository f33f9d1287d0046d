import fc from 'fast-check';
import {
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
} from 'graphql';
import type { Business } from './business.ts';
import { MUTATIONS } from './graphql/mutations.ts';
import { waveSchema } from './graphql/schema.ts';
import { startSandbox, US, type Client, type TestSandbox } from './test-client.ts';

/**
 * Whatever input of the right types a client sends to any mutation: it is answered by success, by input errors or by an
 * error with a code of the vendor's, never by a failure of the sandbox, and what is refused leaves nothing behind.
 */

const TEXTS = ['', ' ', 'x', 'Grüße 🍁', '12', "O'Neil", '<b>', 'x'.repeat(3000), 'a@b.example', 'US-NC', 'CA-XX'];
const NUMBERS = [
  '0',
  '-0',
  '1',
  '-1',
  '0.005',
  '1.005',
  '12.34',
  100,
  1e21,
  '99999999999999999999.99',
  '0.00000001',
  '1e-9',
];
const DAYS = ['2026-03-10', '2024-02-29', '0001-01-01', '9999-12-31'];

const schema = waveSchema();

type Entity = keyof Business['kept'];

/** What an id field is about; `id` itself is about what the mutation is about. */
const ABOUT: Readonly<Record<string, Entity>> = {
  customerId: 'Customer',
  productId: 'Product',
  salesTaxId: 'SalesTax',
  defaultSalesTaxIds: 'SalesTax',
  accountId: 'Account',
  incomeAccountId: 'Account',
  expenseAccountId: 'Account',
  paymentAccountId: 'Account',
  invoiceId: 'Invoice',
  invoicePaymentId: 'InvoicePayment',
  estimateId: 'Estimate',
  estimatePaymentId: 'EstimatePayment',
};

/** Makes values for the input of one mutation: mostly fitting, optional parts now given, now null, now left out. */
class Inputs {
  private readonly business: Business;
  private readonly entity: Entity;

  constructor(business: Business, entity: Entity) {
    this.business = business;
    this.entity = entity;
  }

  object(type: GraphQLInputObjectType): fc.Arbitrary<object> {
    const parts = Object.values(type.getFields()).map(({ name, type: own }) => {
      const usual = name === 'businessId' ? fc.constant(US) : this.value(own, name);
      if (isNonNullType(own)) return [name, usual] as const;
      const choices = [
        { weight: 3, arbitrary: usual },
        fc.constant(null),
        { weight: 2, arbitrary: fc.constant(undefined) },
      ];
      return [name, fc.oneof(...(choices as [fc.Arbitrary<unknown>]))] as const;
    });
    return fc.record(Object.fromEntries(parts));
  }

  private value(type: GraphQLInputType, field: string): fc.Arbitrary<unknown> {
    const inner = getNullableType(type);
    if (isListType(inner)) return fc.array(this.value(inner.ofType, field), { maxLength: 3 });
    if (isInputObjectType(inner)) return this.object(inner);
    if (isEnumType(inner)) return fc.constantFrom(...inner.getValues().map((value) => value.name));
    switch (inner.name) {
      case 'ID':
        return this.id(field);
      case 'Int':
        return fc.constantFrom(-1, 0, 1, 2, 3, 2_147_483_647);
      case 'Float':
        return fc.constantFrom(-1, 0, 0.1, 100, 1e15);
      case 'Boolean':
        return fc.boolean();
      case 'Decimal':
        return fc.constantFrom(...NUMBERS);
      case 'Date':
        return fc.constantFrom(...DAYS);
      case 'DateTime':
        return fc.constantFrom('2026-03-10T10:00:00Z', '1970-01-01', '9999-12-31T23:59:59.999Z');
      default:
        return fc.constantFrom(...TEXTS);
    }
  }

  /** An id that is there when the mutation is sent, mostly of the right kind. */
  private id(field: string): fc.Arbitrary<unknown> {
    const { kept } = this.business;
    const rows = [...kept[ABOUT[field] ?? this.entity].all()].map((row) => row.id);
    const others = Object.values(kept).flatMap((collection) => [...collection.all()].slice(0, 1).map((row) => row.id));
    const odd = fc.constantFrom('x', '', Buffer.from('Business:x').toString('base64'), ...others);
    return rows.length === 0 ? odd : fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...rows) }, odd);
  }
}

describe('any input', () => {
  let sandbox: TestSandbox;
  let client: Client;

  beforeAll(async () => {
    sandbox = await startSandbox();
    await sandbox.control('POST', '/companies', {
      flavour: 'ca',
      uuid: '11111111-2222-4333-8444-555555555555',
      empty: true,
    });
    const { access_token: token } = await sandbox.control('POST', '/tokens/full-access');
    client = await sandbox.connect();
    client.accessToken = String(token);
    const invoice = await client.invoice('100', {}, 'id customer { id } items { product { id } }');
    await client.pay(invoice.id, '10');
    const estimate = await client.save(
      'estimateCreate',
      { businessId: US, customerId: invoice.customer?.id },
      'estimate',
    );
    await client.mutate('estimateApprove', { estimateId: estimate.id });
    const deposit = { estimateId: estimate.id, amount: '5', paymentDate: '2026-03-10', paymentMethod: 'CASH' };
    await client.save('estimateDepositPaymentCreateManual', deposit, 'estimatePayment');
    await client.tax({ abbreviation: 'ANY' });
  });
  afterAll(() => sandbox.close());

  // The seed of a failure is printed; FC_SEED replays it, FC_RUNS makes it longer.
  const seed = Number(process.env.FC_SEED ?? 20_260_311);
  const numRuns = Number(process.env.FC_RUNS ?? 15);

  it.each(Object.keys(MUTATIONS))('to %s is stored or refused wholly', async (name) => {
    const type = schema.getType(`${name.charAt(0).toUpperCase()}${name.slice(1)}Input`);
    if (!isInputObjectType(type)) throw new Error(`there is no input for ${name}`);
    const business = sandbox.business(US);
    const inputs = new Inputs(business, MUTATIONS[name]?.entity as Entity);
    await fc.assert(
      fc.asyncProperty(inputs.object(type), async (input) => {
        const before = JSON.stringify(business.snapshot().rows);
        const reply = await client.mutate(name, input);
        expect(reply.code).not.toBe('INTERNAL_SERVER_ERROR');
        expect(sandbox.reported).toEqual([]);
        expect(business.ledger.difference.toString()).toBe('0');
        if (reply.didSucceed) expect(reply.payload.inputErrors).toEqual([]);
        else expect(JSON.stringify(business.snapshot().rows)).toBe(before);
        if (reply.errors === undefined && !reply.didSucceed) expect(reply.problem?.message).toEqual(expect.any(String));
      }),
      { numRuns, seed },
    );
    const everything = await client.ask(READS, { b: US });
    expect([name, everything.errors?.[0]]).toEqual([name, undefined]);
  });
});

/** All that was stored can be read, whatever it was. */
const READS = `query($b: ID!) { business(id: $b) {
  customers(pageSize: 200) { edges { node { name outstandingAmount { value raw } overdueAmount { value } address { province { code } } modifiedAt } } }
  products(pageSize: 200) { edges { node { unitPrice incomeAccount { name } defaultSalesTaxes { rate } } } }
  salesTaxes(pageSize: 200) { edges { node { rate rates { effective rate } } } }
  accounts(pageSize: 200) { edges { node { balance balanceInBusinessCurrency } } }
  invoices(pageSize: 200, sort: [STATUS_ASC, TOTAL_DESC]) { edges { node { status total { value raw minorUnitValue } amountDue { value } lastSentAt payments { amount } items { total { value } } } } }
  estimates(pageSize: 200) { edges { node { status depositTotal { value } total { value } } } }
} }`;
