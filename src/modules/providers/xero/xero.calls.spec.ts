import { readFileSync } from 'node:fs';
import type { Content, KindName } from '../../../domain/contract/index.js';
import type { Operation, Sighting, Write } from '../../../domain/provider/index.js';
import { parseWire, wireObjects, type WireObject } from '../../../domain/provider/mapping/index.js';
import { answerWith, scriptedSession } from '../../../../test/builders/scripted-session.js';
import { companyFeatures } from './xero.features.js';
import { xero } from './index.js';
import { resourceOf, resourceOfRow } from './xero.resources.js';
import { sightingOf } from './xero.sightings.js';

const guid = (number: number): string =>
  `${String(number).padStart(8, '0')}-0000-4000-8000-${String(number).padStart(12, '0')}`;

const FEATURES = {
  country: 'US',
  homeCurrency: 'NZD',
  multicurrency: 'true',
  accountCodes: JSON.stringify({ [guid(1)]: '200', [guid(2)]: '090', [guid(3)]: '310' }),
  itemCodes: JSON.stringify({ [guid(20)]: 'GB1' }),
  trackingCategories: JSON.stringify({ Region: guid(50) }),
};

const session = scriptedSession(() => answerWith({}), { company: guid(60), features: FEATURES, baseCurrency: 'NZD' });
const adapter = xero.connect(session);

let made = 0;
const newKey = (): string => `key-${++made}`;

const fixture = (kind: KindName): WireObject => {
  const { name } = resourceOf(kind)!;
  const text = readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8');
  return wireObjects(parseWire(text)).find((row) => resourceOfRow(name, row)?.kind === kind)!;
};

const seen = (kind: KindName, more: WireObject = {}): Sighting =>
  sightingOf(resourceOf(kind)!, { ...fixture(kind), ...more }, companyFeatures(FEATURES, 'NZD'));

const write = (kind: KindName, operation: Operation, content: Content = {}, more: Partial<Write> = {}): Write => ({
  intent: `intent ${operation} ${JSON.stringify(content)}`,
  kind,
  operation,
  content,
  marker: 'mark',
  done: [],
  ...more,
});

const account = (number: number) => ({ kind: 'account' as const, id: guid(number) });
const contact = { kind: 'contact' as const, id: guid(30) };

const invoice: Content = {
  contact,
  issueDate: '2026-11-02',
  lines: [{ description: 'Work', quantity: '2', unitPrice: '10.5', account: account(1) }],
};

const drafted = (one: Write) => {
  const [call] = adapter.draft([one], newKey);
  const { method, path, body, query } = call!.request;
  return { call: call!, method, path, query, body: body === undefined ? undefined : (JSON.parse(body) as unknown) };
};

describe('a new record', () => {
  it('is made by PUT, never by POST, which would change another one of the same number', () => {
    const { method, path, query, body, call } = drafted(write('invoice', 'create', { ...invoice, number: 'A-1' }));
    expect([method, path, query]).toEqual(['PUT', '/api.xro/2.0/Invoices', { unitdp: '4', summarizeErrors: 'false' }]);
    expect(body).toEqual({
      Invoices: [
        {
          Type: 'ACCREC',
          Contact: { ContactID: guid(30) },
          Date: '2026-11-02',
          DueDate: '2026-11-02',
          LineItems: [{ AccountCode: '200', Description: 'Work', Quantity: 2, UnitAmount: 10.5 }],
          InvoiceNumber: 'A-1',
          Status: 'AUTHORISED',
        },
      ],
    });
    expect(call.request.headers).toMatchObject({
      accept: 'application/json',
      'xero-tenant-id': guid(60),
      'idempotency-key': call.key,
    });
  });

  it('is the same bytes whenever it is drafted', () => {
    const one = write('invoice', 'create', invoice);
    expect(drafted(one).call.request.body).toBe(drafted(one).call.request.body);
  });

  it('shares a call with up to forty-nine others of its resource', () => {
    const writes = Array.from({ length: 51 }, (_, at) => ({
      ...write(at % 2 === 0 ? 'invoice' : 'bill', 'create', invoice),
      intent: `${at}`,
    }));
    expect(adapter.draft(writes, newKey).map(({ intents }) => intents.length)).toEqual([50, 1]);
  });

  it('names accounts by the code that a write brings along, where the company has not told of them yet', () => {
    const lines = [{ description: 'Work', unitPrice: '1', account: account(9) }];
    const one = write('invoice', 'create', { ...invoice, lines });
    expect(adapter.preflight(one)).toMatchObject([{ path: 'lines[0].account', rule: 'no_code' }]);
    const referred = [{ ...account(9), content: { code: '999' } }];
    expect(adapter.preflight({ ...one, referred })).toEqual([]);
    expect(drafted({ ...one, referred }).body).toMatchObject({ Invoices: [{ LineItems: [{ AccountCode: '999' }] }] });
  });
});

describe('a change', () => {
  it('says only what differs, by id', () => {
    const { method, body } = drafted(write('invoice', 'update', { reference: 'new' }, { target: seen('invoice') }));
    expect([method, body]).toEqual(['POST', { Invoices: [{ InvoiceID: guid(101), Reference: 'new' }] }]);
  });

  it('says lines whole, with their ids and what a person set on them, and without what follows from the rest', () => {
    const target = seen('invoice');
    const [first, ...others] = target.content.lines as Content[];
    const lines = [{ ...first, quantity: '3', amount: null }, ...others];
    const { body } = drafted(write('invoice', 'update', { lines }, { target }));
    const [changed, kept, words] = (body as { Invoices: { LineItems: Record<string, unknown>[] }[] }).Invoices[0]!
      .LineItems as [Record<string, unknown>, Record<string, unknown>, Record<string, unknown>];
    expect(changed).toMatchObject({ LineItemID: guid(901), Quantity: 3, AccountCode: '200' });
    expect(Object.keys(changed)).not.toEqual(expect.arrayContaining(['TaxAmount']));
    expect(kept).toMatchObject({ LineItemID: guid(902), TaxAmount: 3.15, ItemCode: 'GB1' });
    expect(words).toMatchObject({ LineItemID: guid(990), Description: 'Thank you' });
    for (const line of [changed, kept, words]) {
      for (const name of ['AccountID', 'Item', 'LineAmount', 'ValidationErrors']) expect(line).not.toHaveProperty(name);
    }
  });

  it('of a quote that was accepted goes by way of a sent one', () => {
    const target = seen('quote', { Status: 'ACCEPTED' });
    const one = write('quote', 'update', { reference: 'R2' }, { target });
    const statusOf = (done: number) =>
      drafted({ ...one, done: Array.from({ length: done }, () => target) }).body as { Quotes: object[] };
    const always = { QuoteID: guid(121), Contact: { ContactID: guid(30) } };
    expect(statusOf(0).Quotes).toMatchObject([{ ...always, Status: 'SENT' }]);
    expect(statusOf(1).Quotes).toMatchObject([{ ...always, Reference: 'R2' }]);
    expect(statusOf(2).Quotes).toMatchObject([{ ...always, Status: 'ACCEPTED' }]);
  });

  it('that clears what Xero would keep is refused beforehand', () => {
    const target = seen('quote');
    expect(adapter.preflight(write('quote', 'update', { expiryDate: null }, { target }))).toMatchObject([
      { path: 'expiryDate', rule: 'stays' },
    ]);
    expect(adapter.preflight(write('quote', 'update', { reference: null }, { target }))).toEqual([]);
  });
});

describe('credits', () => {
  const allocations = [{ document: { kind: 'invoice', id: guid(101) }, amount: '5' }];

  it('are allocated by a second call', () => {
    const one = write('credit_note', 'create', { ...invoice, allocations });
    const { body, call } = drafted(one);
    expect(body).not.toMatchObject({ CreditNotes: [{ Allocations: expect.anything() as unknown }] });
    const row = { ...fixture('credit_note'), Allocations: [], StatusAttributeString: 'OK' };
    const [answer] = adapter.interpret(call, [one], answerWith({ CreditNotes: [row] }));
    expect(answer).toMatchObject({ outcome: 'done', more: true, sighting: { id: guid(111) } });
    const next = drafted({ ...one, done: [(answer as { sighting: Sighting }).sighting] });
    expect([next.method, next.path]).toEqual(['PUT', `/api.xro/2.0/CreditNotes/${guid(111)}/Allocations`]);
    expect(next.body).toEqual({ Allocations: [{ Amount: 5, Invoice: { InvoiceID: guid(101) }, Date: '2026-11-02' }] });
  });

  it('that are allocated otherwise are released first', () => {
    const target = seen('credit_note');
    const one = write('credit_note', 'update', { allocations }, { target });
    const first = drafted(one);
    expect([first.method, first.path]).toEqual([
      'DELETE',
      `/api.xro/2.0/CreditNotes/${guid(111)}/Allocations/${guid(500)}`,
    ]);
    const [answer] = adapter.interpret(first.call, [one], answerWith({ AllocationID: guid(500), IsDeleted: true }));
    expect(answer).toMatchObject({ outcome: 'done', more: true });
    const { sighting } = answer as { sighting: Sighting };
    expect(sighting.content.allocations).toBeUndefined();
    expect(drafted({ ...one, done: [sighting] }).method).toBe('PUT');
  });
});

describe('a payment', () => {
  const paid: Content = {
    contact,
    date: '2026-11-03',
    amount: '12',
    allocations: [{ document: { kind: 'invoice', id: guid(101) }, amount: '12' }],
    depositAccount: account(2),
  };

  it('is replaced by ending it and making another one, and made again where that is refused', () => {
    const one = write('payment', 'replace', paid, { target: seen('payment') });
    const first = drafted(one);
    expect([first.method, first.path, first.body]).toEqual([
      'POST',
      `/api.xro/2.0/Payments/${guid(141)}`,
      { Status: 'DELETED' },
    ]);
    const ended = { ...fixture('payment'), Status: 'DELETED' };
    const [answer] = adapter.interpret(first.call, [one], answerWith({ Payments: [ended] }));
    expect(answer).toMatchObject({ outcome: 'done', more: true, sighting: { id: guid(141), existence: 'deleted' } });
    const begun = { ...one, done: [(answer as { sighting: Sighting }).sighting] };
    const second = drafted(begun);
    expect([second.method, second.path, second.body]).toMatchObject([
      'PUT',
      '/api.xro/2.0/Payments',
      { Payments: [{ Amount: 12, Account: { AccountID: guid(2) }, Invoice: { InvoiceID: guid(101) } }] },
    ]);
    const no = { StatusAttributeString: 'ERROR', ValidationErrors: [{ Message: 'Payment amount exceeds the amount' }] };
    const [refused] = adapter.interpret(second.call, [begun], answerWith({ Payments: [no] }));
    expect(refused).toMatchObject({ outcome: 'failed', failure: { is: 'invalid' }, more: true });
    const again = { ...begun, refused: (refused as unknown as { failure: NonNullable<Write['refused']> }).failure };
    expect(drafted(again).body).toMatchObject({ Payments: [{ Amount: 10, Invoice: { InvoiceID: guid(101) } }] });
  });

  it('settles one document with its whole amount', () => {
    expect(adapter.preflight(write('payment', 'create', { ...paid, allocations: [] }))).toMatchObject([
      { rule: 'one_document' },
    ]);
    expect(adapter.preflight(write('payment', 'create', { ...paid, amount: '13' }))).toMatchObject([
      { rule: 'whole_amount' },
    ]);
  });
});

describe('an answer', () => {
  const one = write('invoice', 'create', invoice);
  const { call } = drafted(one);

  it('of 200 may hold a refusal, of one element of several', () => {
    const writes = [one, { ...one, intent: 'other' }];
    const [both] = adapter.draft(writes, newKey);
    const fine = { ...fixture('invoice'), StatusAttributeString: 'OK' };
    const no = {
      InvoiceID: guid(0),
      Status: 'DELETED',
      StatusAttributeString: 'ERROR',
      ValidationErrors: [{ Message: 'Invoice # must be unique.' }],
    };
    expect(adapter.interpret(both!, writes, answerWith({ Invoices: [no, fine] }))).toMatchObject([
      { outcome: 'failed', failure: { is: 'duplicate' } },
      { outcome: 'done', sighting: { id: guid(101), version: expect.stringMatching(/^1793580000123\+/) as string } },
    ]);
  });

  it('without an id leaves the outcome unknown', () => {
    const row = { ...fixture('invoice'), InvoiceID: '00000000-0000-0000-0000-000000000000' };
    expect(adapter.interpret(call, [one], answerWith({ Invoices: [row] }))).toMatchObject([
      { failure: { is: 'lost_answer' } },
    ]);
    expect(adapter.interpret(call, [one], answerWith({ Invoices: [] }))).toMatchObject([
      { failure: { is: 'lost_answer' } },
    ]);
  });

  it('that something is not found fails all that shared the call, and each is looked at again', () => {
    const target = seen('invoice');
    const writes = ['a', 'b'].map((reference) => write('invoice', 'update', { reference }, { target }));
    const [both] = adapter.draft(writes, newKey);
    expect(adapter.interpret(both!, writes, answerWith('', 404))).toMatchObject([
      { failure: { is: 'stale' } },
      { failure: { is: 'stale' } },
    ]);
    const [alone] = adapter.draft([writes[0]!], newKey);
    expect(adapter.interpret(alone!, writes, answerWith('', 404))).toMatchObject([{ failure: { is: 'gone' } }]);
  });
});

describe('an end', () => {
  it('of what is approved is a void, and of a draft a deletion', () => {
    const end = (Status: string) =>
      drafted(write('invoice', 'delete', {}, { target: seen('invoice', { Status }) })).body;
    expect(end('AUTHORISED')).toEqual({ Invoices: [{ InvoiceID: guid(101), Status: 'VOIDED' }] });
    expect(end('DRAFT')).toEqual({ Invoices: [{ InvoiceID: guid(101), Status: 'DELETED' }] });
  });

  it('is refused beforehand while payments are allocated, and for one of a batch', () => {
    const target = seen('invoice', { AmountPaid: parseWire('5.00') });
    expect(adapter.preflight(write('invoice', 'void', {}, { target }))).toMatchObject([{ rule: 'has_payments' }]);
    const batched = seen('payment', { BatchPaymentID: guid(8) });
    expect(adapter.preflight(write('payment', 'delete', {}, { target: batched }))).toMatchObject([
      { rule: 'in_batch' },
    ]);
  });

  it('of an archived contact says nothing but that', () => {
    expect(drafted(write('contact', 'archive', {}, { target: seen('contact') })).body).toEqual({
      Contacts: [{ ContactID: guid(30), ContactStatus: 'ARCHIVED' }],
    });
  });
});
