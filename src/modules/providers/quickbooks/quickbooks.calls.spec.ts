import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Content } from '../../../domain/contract/index.js';
import type { CallDraft, Sighting, Write } from '../../../domain/provider/index.js';
import { parseWire, printWire, wireObjects, type WireObject } from '../../../domain/provider/mapping/index.js';
import { quickBooksContent } from '../../../../test/builders/quickbooks-content.js';
import { answerWith } from '../../../../test/builders/scripted-session.js';
import { draftCalls, findingsOf, readAnswers } from './quickbooks.calls.js';
import { ENTITIES, entityNamed } from './quickbooks.entities.js';
import { companyFeatures } from './quickbooks.features.js';
import { sightingOf } from './quickbooks.sightings.js';
import type { VendorRecord } from './quickbooks.wire.js';

const US = companyFeatures(
  { country: 'US', salesTax: 'manual', classTracking: 'line', departmentTracking: 'true', discounts: 'true' },
  'USD',
);
const BARE = companyFeatures({}, 'USD');
const REALM = '9130001112223334';

const fixture = (entity: string, at = 0): VendorRecord =>
  wireObjects(parseWire(readFileSync(new URL(`./fixtures/${entity}.json`, import.meta.url), 'utf8')))[
    at
  ] as VendorRecord;

const seen = (entity: string, at = 0, features = US): Sighting =>
  sightingOf(entityNamed(entity)!, fixture(entity, at), features);

let count = 0;
const write = (
  kind: Write['kind'],
  operation: Write['operation'],
  content: Content = {},
  more: Partial<Write> = {},
): Write => ({
  intent: `intent-${++count}`,
  kind,
  operation,
  content,
  marker: 'm',
  done: [],
  ...more,
});

const keys = () => {
  let made = 0;
  return () => `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`;
};

const only = (one: Write, features = US): CallDraft => {
  const calls = draftCalls(REALM, [one], keys(), features);
  expect(calls).toHaveLength(1);
  return calls[0]!;
};

const bodyOf = (call: CallDraft): string => call.request.body!;

const INVOICE: Content = {
  contact: { kind: 'contact', id: 'Customer:58' },
  issueDate: '2026-02-03',
  lines: [{ item: { kind: 'item', id: '2' }, quantity: '3', unitPrice: '0.1', description: 'Design' }],
};

describe('a create', () => {
  it('is one POST with exact bytes, a key and the minor version', () => {
    expect(only(write('invoice', 'create', INVOICE))).toMatchObject({
      key: '00000000-0000-4000-8000-000000000001',
      request: {
        method: 'POST',
        path: `/v3/company/${REALM}/invoice`,
        query: { requestid: '00000000-0000-4000-8000-000000000001', minorversion: '75' },
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        label: 'create Invoice',
        body:
          '{"CustomerRef":{"value":"58"},"TxnDate":"2026-02-03","Line":[{"DetailType":"SalesItemLineDetail",' +
          '"SalesItemLineDetail":{"ItemRef":{"value":"2"},"Qty":3,"UnitPrice":0.1},"Description":"Design","Amount":0.3}]}',
      },
    });
  });

  it.each([
    ['0.1', '0.2', '0.02'],
    ['3', '15.1234567', '45.37'],
    ['1', '99999999999.1234567', '99999999999.12'],
    ['0.3333', '0.005', '0'],
    ['1', '1.005', '1.01'],
  ])('computes %s × %s exactly', (quantity, unitPrice, amount) => {
    const lines = [{ item: { kind: 'item', id: '2' }, quantity, unitPrice }];
    const body = bodyOf(only(write('invoice', 'create', { ...INVOICE, lines: lines as Content[] })));
    expect(body).toContain(`"Qty":${quantity},"UnitPrice":${unitPrice}`);
    expect(body).toContain(`"Amount":${amount}}`);
  });

  it('carries ids of nineteen digits', () => {
    const contact = { kind: 'contact', id: 'Customer:9007199254740993123' } as const;
    expect(bodyOf(only(write('invoice', 'create', { ...INVOICE, contact })))).toContain(
      '{"value":"9007199254740993123"}',
    );
  });

  it('of a contact goes to the card of its facet, and of a dimension to its list', () => {
    const named = { displayName: 'Birch', isCustomer: true, isVendor: true };
    expect(only(write('contact', 'create', named, { facet: 'customer' })).request.path).toMatch(/\/customer$/);
    expect(only(write('contact', 'create', named, { facet: 'vendor' })).request.path).toMatch(/\/vendor$/);
    const category = (dimension: string) => write('tracking_category', 'create', { dimension, name: 'East' });
    expect(only(category('class')).request.path).toMatch(/\/class$/);
    expect(only(category('department')).request.path).toMatch(/\/department$/);
    expect(findingsOf(category('job'), US)).toMatchObject([{ path: 'dimension' }]);
  });

  it('of a tax rate is asked of the tax service, alone', () => {
    const features = companyFeatures({ country: 'US', salesTax: 'manual', taxAgencies: '{"County":"1"}' }, 'USD');
    const rate = () => write('tax_rate', 'create', { name: 'County mix', rate: '7.25', agency: 'County' });
    const [one, two] = draftCalls(REALM, [rate(), rate()], keys(), features);
    expect(one!.request.path).toBe(`/v3/company/${REALM}/taxservice/taxcode`);
    expect(bodyOf(one!)).toBe(
      '{"TaxCode":"County mix","TaxRateDetails":[{"TaxRateName":"County mix","RateValue":"7.25","TaxAgencyId":"1","TaxApplicableOn":"Sales"}]}',
    );
    expect(two!.intents).toHaveLength(1);
  });
});

describe('what a company cannot hold', () => {
  const everything: Content = {
    ...INVOICE,
    currency: 'USD',
    exchangeRate: '1.1',
    taxMode: 'exclusive',
    lines: [
      {
        item: { kind: 'item', id: '2' },
        amount: '1',
        taxRate: { kind: 'tax_rate', id: 'TAX' },
        serviceDate: '2026-02-01',
        tracking: [
          { dimension: 'class', category: { kind: 'tracking_category', id: 'Class:1' } },
          { dimension: 'department', category: { kind: 'tracking_category', id: 'Department:1' } },
        ],
      },
    ],
  };

  it('is never sent', () => {
    const body = bodyOf(only(write('invoice', 'create', everything), BARE));
    for (const member of [
      'ClassRef',
      'DepartmentRef',
      'CurrencyRef',
      'ExchangeRate',
      'TaxCodeRef',
      'TxnTaxDetail',
      'ServiceDate',
      'DocNumber',
    ]) {
      expect(body).not.toContain(member);
    }
  });

  it('is sent where the company has the feature', () => {
    const features = companyFeatures(
      {
        country: 'GB',
        salesTax: 'global',
        classTracking: 'line',
        departmentTracking: 'true',
        multicurrency: 'true',
        serviceDates: 'true',
      },
      'GBP',
    );
    const body = bodyOf(only(write('invoice', 'create', everything), features));
    for (const member of [
      '"ClassRef":{"value":"1"}',
      '"DepartmentRef":{"value":"1"}',
      '"CurrencyRef":{"value":"USD"}',
      '"ExchangeRate":1.1',
      '"TaxCodeRef":{"value":"TAX"}',
      '"GlobalTaxCalculation":"TaxExcluded"',
      '"ServiceDate":"2026-02-01"',
    ]) {
      expect(body).toContain(member);
    }
  });

  it('is refused beforehand where leaving it out would change the money', () => {
    const refused = (content: Content, features = BARE) =>
      findingsOf(write('invoice', 'create', { ...INVOICE, ...content }), features).map(({ path }) => path);
    expect(refused({})).toEqual([]);
    expect(refused({ currency: 'EUR' })).toEqual(['currency']);
    expect(refused({ discount: { percent: '10' } })).toEqual(['discount']);
    expect(refused({ taxMode: 'inclusive' }, US)).toEqual(['taxMode']);
    const line = (more: Content) => ({ lines: [{ item: { kind: 'item' as const, id: '2' }, amount: '10', ...more }] });
    expect(refused(line({ discountPercent: '10' }))).toEqual(['lines[0].discountPercent']);
    expect(refused(line({ quantity: '2', unitPrice: '4' }))).toEqual(['lines[0].amount']);
    expect(refused({ lines: [{ amount: '10' }] })).toEqual(['lines[0].item']);
    expect(refused({ number: '1234567890123456789012' })).toEqual(['number']);
  });

  it('is refused where one value stands for the whole document and the lines differ', () => {
    const line = (department: string, rate: string): Content => ({
      item: { kind: 'item', id: '2' },
      amount: '1',
      taxRate: { kind: 'tax_rate', id: rate },
      tracking: [{ dimension: 'department', category: { kind: 'tracking_category', id: `Department:${department}` } }],
    });
    const found = findingsOf(write('invoice', 'create', { ...INVOICE, lines: [line('1', '2'), line('2', '3')] }), US);
    expect(found.map(({ path, rule }) => `${path} ${rule}`)).toEqual([
      'lines[1].taxRate one_for_document',
      'lines[1].tracking one_for_document',
    ]);
  });

  it('is refused in a closed period, whichever way it is dated there', () => {
    const closed = companyFeatures({ booksClosedUntil: '2026-02-10' }, 'USD');
    expect(findingsOf(write('invoice', 'create', INVOICE), closed)).toMatchObject([
      { path: 'issueDate', rule: 'closed_period' },
    ]);
    const moved = write('invoice', 'update', { issueDate: '2026-03-01' }, { target: seen('Invoice') });
    expect(findingsOf(moved, closed)).toMatchObject([{ rule: 'closed_period' }]);
    expect(findingsOf(write('quote', 'create', INVOICE), closed)).toEqual([]);
  });
});

describe('an update', () => {
  it('names what moves, the version seen, and what the vendor insists on', () => {
    const target = seen('Invoice', 1);
    expect(bodyOf(only(write('invoice', 'update', { memo: 'calm', dueDate: '2026-03-06' }, { target })))).toBe(
      `{"Id":"184","SyncToken":"3","sparse":true,"CustomerRef":{"value":"58","name":"O'Neil Studio"},"DueDate":"2026-03-06","PrivateNote":"calm"}`,
    );
  });

  it('says all lines with their ids, keeps what it does not know, and leaves out what the vendor computes', () => {
    const target = seen('Invoice', 1);
    const lines = (target.content.lines as Content[]).map((line) =>
      line.id === '2' ? { ...line, quantity: '4', amount: '0.4' } : line,
    );
    const body = parseWire(bodyOf(only(write('invoice', 'update', { lines }, { target })))) as WireObject;
    expect(wireObjects(body.Line).map(({ Id, DetailType }) => `${String(Id)} ${String(DetailType)}`)).toEqual([
      '1 SalesItemLineDetail',
      '2 SalesItemLineDetail',
      '3 DescriptionOnly',
      '4 GroupLineDetail',
      '6 SalesItemLineDetail',
      '8 HologramLineDetail',
      'undefined DiscountLineDetail',
    ]);
    expect(printWire(wireObjects(body.Line)[1]!)).toContain('"MarkupInfo":{"Percent":12.50}');
    expect(printWire(wireObjects(body.Line)[1]!)).toContain('"Qty":4');
  });

  it('of lines leaves the tax to the vendor: by the document’s code, or by a whole record without the old tax', () => {
    const lines = (target: Sighting) =>
      (target.content.lines as Content[]).map((line, at) => (at === 0 ? { ...line, description: 'other' } : line));
    const manual = seen('Invoice', 1);
    const body = parseWire(
      bodyOf(only(write('invoice', 'update', { lines: lines(manual) }, { target: manual }))),
    ) as WireObject;
    expect(body.sparse).toBe(true);
    expect(body.TxnTaxDetail).toEqual({ TxnTaxCodeRef: { value: '2' } });

    const automatic = companyFeatures({ country: 'US', salesTax: 'automated' }, 'USD');
    const target = seen('Invoice', 1, automatic);
    const whole = parseWire(
      bodyOf(only(write('invoice', 'update', { lines: lines(target) }, { target }), automatic)),
    ) as WireObject;
    expect(whole).not.toHaveProperty('sparse');
    expect(whole).not.toHaveProperty('TxnTaxDetail');
    expect(whole).toMatchObject({ Id: '184', SyncToken: '3', DocNumber: '1042', PrivateNote: 'rush' });
  });

  it('clears by a blank, and by a whole record what has none', () => {
    const target = seen('Invoice', 1);
    expect(bodyOf(only(write('invoice', 'update', { memo: null }, { target })))).toContain('"PrivateNote":""');
    const whole = parseWire(bodyOf(only(write('invoice', 'update', { paymentTerm: null }, { target })))) as WireObject;
    expect(whole).not.toHaveProperty('SalesTermRef');
    expect(whole).not.toHaveProperty('MetaData');
    expect(whole).toMatchObject({ DueDate: '2026-03-05', CustomerMemo: { value: 'See you' } });
  });

  it('of an item’s accounts leaves what was booked where it is', () => {
    const target = seen('Item');
    const call = only(write('item', 'update', { saleAccount: { kind: 'account', id: '80' } }, { target }));
    expect(call.request.query).toMatchObject({ include: 'donotupdateaccountontxns' });
  });

  it('keeps an employee whom the contract cannot name', () => {
    const target = seen('Purchase', 1);
    const whole = bodyOf(only(write('expense', 'update', { contact: null, memo: 'x' }, { target })));
    expect(whole).not.toContain('EntityRef');
    expect(whole).toContain('"sparse":true');
  });
});

describe('ends', () => {
  it.each<[string, Write['kind'], Write['operation'], string, Record<string, string>, string]>([
    ['Invoice', 'invoice', 'delete', 'invoice', { operation: 'delete' }, '{"Id":"183","SyncToken":"0"}'],
    ['Invoice', 'invoice', 'void', 'invoice', { operation: 'void' }, '{"Id":"183","SyncToken":"0"}'],
    [
      'Payment',
      'payment',
      'void',
      'payment',
      { operation: 'update', include: 'void' },
      '{"Id":"201","SyncToken":"1","sparse":true}',
    ],
    [
      'BillPayment',
      'bill_payment',
      'void',
      'billpayment',
      { operation: 'update', include: 'void' },
      '{"Id":"210","SyncToken":"0","sparse":true}',
    ],
    [
      'Customer',
      'contact',
      'archive',
      'customer',
      {},
      `{"Id":"58","SyncToken":"2","sparse":true,"Active":false,"DisplayName":"O'Neil Studio"}`,
    ],
  ])('%s %s: %s', (entity, kind, operation, path, query, body) => {
    const call = only(write(kind, operation, {}, { target: seen(entity) }));
    expect(call.request.path).toBe(`/v3/company/${REALM}/${path}`);
    expect(call.request.query).toMatchObject(query);
    expect(bodyOf(call)).toBe(body);
  });

  it('of an item repeat its sort, on which some insist', () => {
    const body = bodyOf(only(write('item', 'archive', {}, { target: seen('Item') })));
    expect(body).toBe('{"Id":"2","SyncToken":"0","sparse":true,"Active":false,"Name":"Hours","Type":"Service"}');
  });

  it('a restored name is said without the mark that the vendor put on it', () => {
    const target = seen('Customer', 1);
    expect(target.content.displayName).toBe('Gone Fishing');
    expect(bodyOf(only(write('contact', 'restore', {}, { target })))).toContain(
      '"Active":true,"DisplayName":"Gone Fishing"}',
    );
  });
});

describe('several writes', () => {
  const creates = (many: number) => Array.from({ length: many }, () => write('invoice', 'create', INVOICE));

  it('share batches of thirty, each with a key of its own', () => {
    const writes = creates(31);
    const calls = draftCalls(REALM, writes, keys(), US);
    expect(calls.map(({ intents }) => intents.length)).toEqual([30, 1]);
    expect(calls.flatMap(({ intents }) => intents)).toEqual(writes.map(({ intent }) => intent));
    expect(calls[0]!.request).toMatchObject({
      path: `/v3/company/${REALM}/batch`,
      draws: ['batch'],
      label: 'batch create Invoice',
    });
    expect(calls[1]!.request).toMatchObject({ path: `/v3/company/${REALM}/invoice`, label: 'create Invoice' });
    expect(new Set(calls.map(({ key }) => key)).size).toBe(2);
    const { BatchItemRequest } = JSON.parse(bodyOf(calls[0]!)) as {
      BatchItemRequest: { bId: string; operation: string }[];
    };
    expect(BatchItemRequest.map(({ bId }) => bId)).toEqual(Array.from({ length: 30 }, (_, at) => `${at + 1}`));
    expect(BatchItemRequest.every(({ bId, operation }) => bId.length <= 10 && operation === 'create')).toBe(true);
  });

  it('of names and of documents never share a call, as only documents trust the key', () => {
    const name = () => write('contact', 'create', { displayName: `n${count}` }, { facet: 'customer' });
    const calls = draftCalls(REALM, [name(), ...creates(2), name()], keys(), US);
    expect(calls.map(({ request }) => request.label)).toEqual(['batch create Customer', 'batch create Invoice']);
  });

  it('are voided in a batch only as the vendor documents it', () => {
    const writes = [
      write('payment', 'void', {}, { target: seen('Payment') }),
      write('invoice', 'void', {}, { target: seen('Invoice') }),
      write('bill_payment', 'void', {}, { target: seen('BillPayment') }),
    ];
    const calls = draftCalls(REALM, writes, keys(), US);
    expect(calls.map(({ intents }) => intents.length)).toEqual([2, 1]);
    expect(bodyOf(calls[0]!)).toContain('{"bId":"1","operation":"update","optionsData":"void","Payment":{"Id":"201"');
    expect(calls[1]!.request.query).toMatchObject({ operation: 'void' });
  });

  it('are worded the same each time they are drafted', () => {
    for (const entity of ENTITIES) {
      const contents = fc.sample(quickBooksContent(entity, US), { numRuns: 5, seed: 7 });
      const writes = contents.map((content) =>
        write(entity.kind, 'create', content, entity.facet ? { facet: entity.facet } : {}),
      );
      expect(draftCalls(REALM, writes, keys(), US)).toEqual(draftCalls(REALM, writes, keys(), US));
    }
  });
});

describe('what came of writes', () => {
  const answers = (writes: readonly Write[], body: unknown, status = 200) =>
    readAnswers(draftCalls(REALM, writes, keys(), US)[0]!, writes, answerWith(body, status), US);

  it('is the record that the vendor answers with', () => {
    const [answer] = answers([write('invoice', 'create', INVOICE)], printWire({ Invoice: fixture('Invoice') }));
    expect(answer).toMatchObject({
      outcome: 'done',
      sighting: {
        kind: 'invoice',
        id: '183',
        existence: 'present',
        version: '0',
        createdAt: '2026-02-03T17:14:05.000Z',
        changedBy: '9130001',
        content: { number: '1041', total: '150.0', paidState: 'unpaid', state: 'open' },
      },
    });
  });

  it('is told for each item of a batch, whatever their order and whichever are missing', () => {
    const writes = [1, 2, 3, 4].map(() => write('invoice', 'create', INVOICE));
    const stale = {
      Fault: { Error: [{ Message: 'Stale', Detail: '', code: '5010' }], type: 'ValidationFault' },
      bId: '1',
    };
    const broken = {
      Fault: { Error: [{ Message: 'Oops', Detail: '', code: '10000' }], type: 'SystemFault' },
      bId: '4',
    };
    const third = `{"bId":"3","Invoice":${printWire(fixture('Invoice'))}}`;
    const body = `{"BatchItemResponse":[${JSON.stringify(broken)},${third},${JSON.stringify(stale)}]}`;
    expect(answers(writes, body)).toMatchObject([
      { intent: writes[0]!.intent, outcome: 'failed', failure: { is: 'stale' } },
      { intent: writes[1]!.intent, outcome: 'failed', failure: { is: 'lost_answer' } },
      { intent: writes[2]!.intent, outcome: 'done', sighting: { id: '183' } },
      { intent: writes[3]!.intent, outcome: 'failed', failure: { is: 'lost_answer' } },
    ]);
  });

  it('is unknown where the answer does not show the record', () => {
    const one = () => [write('invoice', 'create', INVOICE)];
    expect(answers(one(), { time: 'now' })).toMatchObject([{ failure: { is: 'lost_answer' } }]);
    expect(answers(one(), { Invoice: { Id: '183', SyncToken: '0', TotalAmt: 'a lot' } })).toMatchObject([
      { failure: { is: 'lost_answer' } },
    ]);
    const gone = write('invoice', 'delete', {}, { target: seen('Invoice') });
    expect(answers([gone], { Invoice: { status: 'Deleted', domain: 'QBO', Id: '183' } })).toEqual([
      { intent: gone.intent, outcome: 'done' },
    ]);
    expect(answers([gone], { Invoice: { Id: '183', SyncToken: '1' } })).toMatchObject([
      { failure: { is: 'lost_answer' } },
    ]);
  });

  it('is voided when the record shows it', () => {
    const one = write('invoice', 'void', {}, { target: seen('Invoice') });
    expect(answers([one], printWire({ Invoice: fixture('Invoice', 2) }))).toMatchObject([
      { outcome: 'done', sighting: { existence: 'voided' } },
    ]);
  });

  it('a create cannot be gone: something that it names is, or was switched off', () => {
    const gone = {
      Fault: { Error: [{ Message: 'Object Not Found', Detail: '', code: '610' }], type: 'ValidationFault' },
    };
    expect(answers([write('invoice', 'create', INVOICE)], gone, 400)).toMatchObject([{ failure: { is: 'invalid' } }]);
    const update = write('invoice', 'update', { memo: 'x' }, { target: seen('Invoice') });
    expect(answers([update], gone, 400)).toMatchObject([{ failure: { is: 'gone' } }]);
  });

  it('names the candidates that the refusal names', () => {
    const taken = {
      Fault: {
        Error: [
          { Message: 'Duplicate', Detail: 'DocNumber=1 is assigned to TxnType=Invoice with TxnId=183', code: '6140' },
        ],
        type: 'ValidationFault',
      },
    };
    expect(answers([write('invoice', 'create', INVOICE)], taken, 400)).toMatchObject([
      { failure: { is: 'duplicate', candidates: ['183'] } },
    ]);
  });

  it('of a tax rate is shown as a reading would show it', () => {
    const features = companyFeatures({ country: 'US', salesTax: 'manual', taxAgencies: '{"County":"1"}' }, 'USD');
    const one = write('tax_rate', 'create', { name: 'County mix', rate: '7.25' });
    const [call] = draftCalls(REALM, [one], keys(), features);
    const body = {
      TaxCode: 'County mix',
      TaxCodeId: '9',
      TaxRateDetails: [
        { TaxRateName: 'County mix', TaxRateId: '4', RateValue: '7.25', TaxAgencyId: '1', TaxApplicableOn: 'Sales' },
      ],
    };
    expect(readAnswers(call!, [one], answerWith(body), features)).toMatchObject([
      {
        outcome: 'done',
        sighting: { id: '9', content: { name: 'County mix', rate: '7.25', agency: 'County', appliesTo: 'sales' } },
      },
    ]);
  });

  it('is told for each write whatever came back, and nothing throws', () => {
    const writes = [
      write('invoice', 'create', INVOICE),
      write('invoice', 'update', { memo: 'x' }, { target: seen('Invoice') }),
    ];
    const batch = draftCalls(REALM, writes, keys(), US)[0]!;
    const plain = draftCalls(REALM, [writes[0]!], keys(), US)[0]!;
    const soup = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.json().map((json) => `{"Invoice":${json},"BatchItemResponse":${json}}`),
      fc.json().map((json) => `{"BatchItemResponse":[{"bId":"1","Invoice":${json}},{"bId":2,"Fault":${json}}]}`),
      fc
        .json()
        .map(
          (json) => `{"Invoice":{"Id":"1","SyncToken":"0","Line":${json},"MetaData":${json},"TxnTaxDetail":${json}}}`,
        ),
    );
    fc.assert(
      fc.property(soup, fc.integer({ min: 100, max: 599 }), (body, status) => {
        expect(readAnswers(batch, writes, answerWith(body, status), US)).toHaveLength(2);
        expect(readAnswers(plain, writes, answerWith(body, status), US)).toHaveLength(1);
      }),
      { numRuns: Number(process.env.FC_RUNS ?? 500) },
    );
  });
});
