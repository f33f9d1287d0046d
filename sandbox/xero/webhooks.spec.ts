import { createHmac } from 'node:crypto';
import {
  invoice,
  NZ,
  payment,
  startReceiver,
  startSandbox,
  UK,
  type Client,
  type Json,
  type Received,
  type Response,
  type TestSandbox,
} from './test-client.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Told {
  resourceId: string;
  tenantId: string;
  eventCategory: string;
  eventType: string;
  data?: unknown;
}

interface Body {
  events: Told[];
  firstEventSequence: number;
  lastEventSequence: number;
  entropy: string;
}

const signatureOf = (body: string, key = 'sandbox-verifier') => createHmac('sha256', key).update(body).digest('base64');
const isSigned = ({ body, headers }: Received) => headers['x-xero-signature'] === signatureOf(body);
const proper = (delivery: Received): Response => ({ status: isSigned(delivery) ? 200 : 401 });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('webhooks (sheet 9.2, Semantics; sheet 6)', () => {
  let sandbox: TestSandbox;
  let client: Client;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let answer: (delivery: Received, count: number) => Response;

  beforeEach(async () => {
    answer = proper;
    receiver = await startReceiver((delivery, count) => answer(delivery, count));
    sandbox = await startSandbox();
    client = await sandbox.connect();
  });
  afterEach(async () => {
    await sandbox.close();
    await receiver.close();
  });

  const set = (more: object = {}) =>
    sandbox.control('POST', '/webhooks', { url: receiver.url, windowMs: 60_000, ...more });
  const subscribe = async (more: object = {}) => {
    const state = await set(more);
    receiver.received.length = 0;
    return state;
  };
  const flush = () => sandbox.control('POST', '/webhooks/flush');
  const pass = (advanceMs: number) => sandbox.control('POST', '/clock', { advanceMs });
  const contact = (Name: string, by = client) => by.make('Contacts', { Name });
  const bodies = () => receiver.received.map(({ body }) => JSON.parse(body) as Body);
  const told = () => bodies().flatMap(({ events }) => events);

  describe('40. the intent to receive', () => {
    it('is asked with good and bad signatures, one character of which is a slash', async () => {
      expect(await set()).toMatchObject({ subscription: { status: 'ok', problem: null } });
      const asked = receiver.received;
      expect(asked).toHaveLength(4);
      expect(asked.filter(isSigned)).toHaveLength(2);
      for (const { body, headers } of asked) {
        expect(JSON.parse(body)).toMatchObject({ events: [], firstEventSequence: 0, lastEventSequence: 0 });
        const [given, right] = [String(headers['x-xero-signature']), signatureOf(body)];
        const wrong = [...given].filter((letter, index) => letter !== right[index]);
        expect(wrong.length).toBeLessThanOrEqual(1);
      }
    });

    it.each<[string, (delivery: Received) => Response, string]>([
      ['takes everything', () => ({ status: 200 }), 'Response to incorrectly signed payload not 401'],
      [
        'refuses with 400',
        (delivery) => ({ status: isSigned(delivery) ? 200 : 400 }),
        'Response to incorrectly signed payload not 401',
      ],
      ['answers 204', (delivery) => ({ status: isSigned(delivery) ? 204 : 401 }), 'Response not 200'],
      ['answers with words', (delivery) => ({ ...proper(delivery), body: 'ok' }), 'Response contains a body'],
      [
        'sets cookies',
        (delivery) => ({ ...proper(delivery), headers: { 'set-cookie': 'a=b' } }),
        'Response contains cookies',
      ],
    ])('is not given by who %s', async (_what, behaviour, problem) => {
      answer = behaviour;
      expect(await set()).toMatchObject({ subscription: { status: 'intentToReceiveRequired', problem } });
      receiver.received.length = 0;
      await contact('Unheard');
      expect(await flush()).toMatchObject({ sent: 0, waiting: 1 });
      expect(receiver.received).toHaveLength(0);
    });

    it('may be given later, and then what waited is sent', async () => {
      answer = () => ({ status: 500 });
      await set();
      await contact('Patient');
      await flush();
      answer = proper;
      receiver.received.length = 0;
      const state = await sandbox.control('POST', '/webhooks/validate');
      expect(state).toMatchObject({ subscription: { status: 'ok' } });
      await flush();
      expect(told()).toHaveLength(1);
    });

    it('is asked again for another address, another key, or after a pause', async () => {
      await set();
      for (const change of [
        { verifierToken: 'another' },
        { url: `${receiver.url}2`, verifierToken: 'sandbox-verifier' },
      ]) {
        receiver.received.length = 0;
        await sandbox.control('POST', '/webhooks', change);
        expect(receiver.received.length).toBeGreaterThan(0);
      }
      await sandbox.control('POST', '/webhooks', { enabled: false });
      receiver.received.length = 0;
      await sandbox.control('POST', '/webhooks', { enabled: true });
      expect(receiver.received.length).toBeGreaterThan(0);
    });
  });

  describe('41. deliveries', () => {
    it('are signed over the exact bytes, irregular spaces and all', async () => {
      await subscribe();
      const made = await contact('Zoë & Söhne');
      await flush();
      const [{ body, headers }] = receiver.received as [Received];
      expect(headers['x-xero-signature']).toBe(signatureOf(body));
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
      expect(JSON.stringify(JSON.parse(body))).not.toBe(body);
      expect(JSON.parse(body)).toEqual({
        events: [
          {
            resourceUrl: `https://api.xero.com/api.xro/2.0/Contacts/${String(made.ContactID)}`,
            resourceId: made.ContactID,
            tenantId: NZ,
            tenantType: 'ORGANISATION',
            eventCategory: 'CONTACT',
            eventType: 'CREATE',
            eventDateUtc: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/) as string,
          },
        ],
        firstEventSequence: 1,
        lastEventSequence: 1,
        entropy: expect.stringMatching(/^[A-Z0-9]{20}$/) as string,
      });
    });

    it('tell of contacts, invoices, bills and credit notes, and of nothing else', async () => {
      await subscribe();
      const made = await contact('Told');
      const ref = { Contact: { ContactID: made.ContactID } };
      await client.make('Invoices', invoice(ref));
      await client.make('CreditNotes', { Type: 'ACCPAYCREDIT', ...ref });
      await client.make('Items', { Code: 'SILENT' });
      await client.make('Quotes', { ...ref, Date: '2026-11-01', LineItems: [{ Description: 'x' }] });
      await client.make('BankTransfers', {
        FromBankAccount: { Code: '090' },
        ToBankAccount: { Code: '091' },
        Amount: 1,
      });
      await flush();
      expect(told().map((event) => `${event.eventType} ${event.eventCategory}`)).toEqual([
        'CREATE CONTACT',
        'CREATE INVOICE',
        'CREATE CREDITNOTE',
      ]);
      expect(told()[2]?.data).toEqual({ Type: 'ACCPAYCREDIT', Status: 'DRAFT' });
      expect(told()[1]).not.toHaveProperty('data');
    });

    it('tell voids, archiving and payments as updates', async () => {
      await subscribe();
      const made = await client.make('Invoices', invoice());
      const { PaymentID } = await client.make('Payments', payment(made, 24.15));
      await client.change(`Payments/${String(PaymentID)}`, { Status: 'DELETED' });
      await client.change(`Invoices/${String(made.InvoiceID)}`, { Status: 'VOIDED' });
      await client.change(`Contacts/${String(made.Contact?.ContactID)}`, { ContactStatus: 'ARCHIVED' });
      await flush();
      expect(
        told()
          .slice(2)
          .map((event) => `${event.eventType} ${event.eventCategory}`),
      ).toEqual(['UPDATE INVOICE', 'UPDATE INVOICE', 'UPDATE INVOICE', 'UPDATE CONTACT']);
    });

    it('say nothing of changes without a new stamp, and nothing of a disconnection', async () => {
      await subscribe();
      const made = await client.make('Invoices', invoice());
      await client.make('Payments', payment(made, 1));
      await flush();
      const before = told().length;
      await client.change(`Invoices/${String(made.InvoiceID)}`, { DueDate: '2027-01-01' });
      await sandbox.control('POST', '/tokens', { action: 'revoke', realm: NZ });
      await flush();
      expect(told()).toHaveLength(before);
    });

    it('gather several tenants and categories, with numbers that follow on', async () => {
      await subscribe();
      const uk = await sandbox.connect(UK);
      await contact('One');
      await contact('Two', uk);
      await flush();
      await contact('Three', uk);
      await flush();
      expect(bodies().map(({ firstEventSequence: first, lastEventSequence: last }) => [first, last])).toEqual([
        [1, 2],
        [3, 3],
      ]);
      expect(told().map((event) => event.tenantId)).toEqual([NZ, UK, UK]);
      await sandbox.control('POST', '/webhooks', { mixRealms: false });
      await contact('Four', uk);
      await client.make('Contacts', { Name: 'Five' });
      await flush();
      expect(bodies()).toHaveLength(4);
    });

    it('wait for virtual time to close the window', async () => {
      await subscribe();
      await contact('Patience');
      expect(receiver.received).toHaveLength(0);
      await pass(MINUTE);
      await pause(50);
      expect(receiver.received).toHaveLength(1);
    });

    it('hold only the categories that were asked for', async () => {
      await subscribe({ categories: ['INVOICE'] });
      await client.make('Invoices', invoice());
      await flush();
      expect(told().map((event) => event.eventCategory)).toEqual(['INVOICE']);
    });
  });

  describe('42. when nobody answers', () => {
    it('tries again at once, then every quarter of an hour, and gives up after a day', async () => {
      await subscribe();
      answer = () => ({ status: 500 });
      await contact('Stubborn');
      await flush();
      expect(receiver.received).toHaveLength(2);
      await pass(14 * MINUTE);
      await pause(30);
      expect(receiver.received).toHaveLength(2);
      await pass(MINUTE);
      await pause(30);
      expect(receiver.received).toHaveLength(3);
      await pass(24 * HOUR);
      await pause(50);
      const state = await sandbox.control('GET', '/webhooks');
      expect(state).toMatchObject({ subscription: { status: 'disabled' }, queue: 1, settings: { enabled: false } });
    });

    it('keeps events for a month and replays them in order', async () => {
      await subscribe();
      answer = () => ({ status: 503 });
      await contact('First');
      await flush();
      await pass(25 * HOUR);
      await pause(50);
      // Tokens have died meanwhile; the person connects again.
      client = await sandbox.connect();
      await contact('Second');
      await flush();
      answer = proper;
      await sandbox.control('POST', '/webhooks', { enabled: true });
      receiver.received.length = 0;
      await flush();
      expect(bodies().map((body) => body.firstEventSequence)).toEqual([1, 2].slice(-bodies().length));
      expect((await sandbox.control('GET', '/webhooks')).queue).toBe(0);
    });

    it('forgets events after a month', async () => {
      await subscribe();
      await sandbox.control('POST', '/webhooks', { enabled: false });
      await contact('Too old');
      await flush();
      await pass(32 * 24 * HOUR);
      await sandbox.control('POST', '/webhooks', { enabled: true });
      receiver.received.length = 0;
      await flush();
      expect(told()).toEqual([]);
    });

    it('waits five seconds at most', async () => {
      await subscribe();
      answer = (_delivery, count) => (count === 1 ? { status: 'hang' } : { status: 200 });
      await contact('Slow');
      const started = Date.now();
      expect(await flush()).toMatchObject({ failed: 1, sent: 1 });
      expect(Date.now() - started).toBeGreaterThan(4500);
    }, 15_000);
  });

  describe('43. what can be put in the way', () => {
    it('doubles, drops, delays and shuffles deliveries; what is dropped leaves a gap', async () => {
      await subscribe({ duplicate: 1 });
      await contact('Twice');
      await flush();
      expect(bodies().map((body) => body.firstEventSequence)).toEqual([1, 1]);
      await sandbox.control('POST', '/webhooks', { duplicate: 0, dropProbability: 1 });
      await contact('Lost');
      await flush();
      await sandbox.control('POST', '/webhooks', { dropProbability: 0 });
      await contact('After');
      await flush();
      expect(bodies().at(-1)?.firstEventSequence).toBe(3);
      await sandbox.control('POST', '/webhooks', { delayMs: HOUR, windowMs: 0 });
      await contact('Late');
      await pause(30);
      expect(bodies()).toHaveLength(3);
      await pass(HOUR);
      await pause(50);
      expect(bodies()).toHaveLength(4);
      await sandbox.control('POST', '/webhooks', { delayMs: 0, windowMs: 60_000, reorder: true });
      client = await sandbox.connect();
      const made: Json[] = [];
      for (let index = 0; index < 8; index++) made.push(await contact(`Shuffled ${index}`));
      await flush();
      const order = told()
        .slice(-8)
        .map((event) => event.resourceId);
      expect([...order].sort()).toEqual(made.map((each) => String(each.ContactID)).sort());
      expect(order).not.toEqual(made.map((each) => String(each.ContactID)));
    });

    it('forges deliveries, and sends exactly what it is told to', async () => {
      await subscribe();
      const forged = { realm: NZ, entity: 'Contacts', id: 'c0ffee00-1111-4000-8000-000000000001', operation: 'Update' };
      expect(await sandbox.control('POST', '/webhooks/forge', forged)).toEqual({ status: 401 });
      const body =
        '{"events":[{"eventCategory":"NEWS","eventType":"UPDATE"}],"firstEventSequence":9,"lastEventSequence":9}';
      expect(await sandbox.control('POST', '/webhooks/send', { body })).toEqual({ status: 200 });
      expect(receiver.received.at(-1)?.body).toBe(body);
      const wrong = { body, headers: { 'x-xero-signature': 'AAAA' } };
      expect(await sandbox.control('POST', '/webhooks/send', wrong)).toEqual({ status: 401 });
    });
  });
});
