import { createHmac } from 'node:crypto';
import {
  billBody,
  customerBody,
  invoiceBody,
  openShop,
  paymentBody,
  startReceiver,
  startSandbox,
  supplierBody,
  TODAY,
  WIDGETS,
  type Client,
  type Json,
  type Shop,
  type TestSandbox,
} from './test-client.ts';
import { signatureOf } from './webhooks/webhooks.ts';

interface Told {
  EventId: string;
  Sequence: number;
  Topic: string;
  Resource: string;
  UID: string;
  Action: string;
  RowVersion: string;
  LastModified: string;
}

const PUSHED = [
  'Contact/Customer',
  'Contact/Supplier',
  'Inventory/Item',
  'Sale/Invoice',
  'Sale/CreditSettlement',
  'Sale/CreditRefund',
  'Sale/Quote',
  'Sale/CustomerPayment',
  'Purchase/Bill',
  'Purchase/DebitSettlement',
  'Purchase/DebitRefund',
  'Purchase/SupplierPayment',
];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('feeds (sheet 5, acceptance 23 to 25)', () => {
  let sandbox: TestSandbox;
  let client: Client;
  let shop: Shop;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let status: (count: number) => number | 'hang';

  beforeEach(async () => {
    status = () => 200;
    receiver = await startReceiver((count) => status(count));
    sandbox = await startSandbox();
    client = await sandbox.connect();
    shop = await openShop(client);
    // Nothing is sent before a test asks for it.
    await sandbox.control('POST', '/webhooks', { windowMs: HOUR });
  });
  afterEach(async () => {
    await sandbox.close();
    await receiver.close();
  });

  const subscribe = (Topics: string[] = PUSHED, TargetUrl = receiver.url) =>
    client.post('Webhooks/Subscription', { TargetUrl, Topics });
  const flush = () => sandbox.control('POST', '/webhooks/flush');
  const advance = (advanceMs: number) => sandbox.control('POST', '/clock', { advanceMs });
  const bodies = () => receiver.received.map(({ body }) => JSON.parse(body) as Json & { Events: Told[] });
  const told = () => bodies().flatMap(({ Events }) => Events);
  const brief = () => told().map(({ Action, Resource }) => `${Action} ${Resource}`);
  const settled = async (condition: () => boolean) => {
    for (let turn = 0; turn < 200 && !condition(); turn++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(condition()).toBe(true);
  };

  describe('23. subscriptions', () => {
    it('are made once the target answers the challenge, and show their secret only then', async () => {
      const made = await subscribe(['Sale/Invoice']);
      expect(made.status).toBe(201);
      expect(made.json).toMatchObject({
        TargetUrl: receiver.url,
        Topics: ['Sale/Invoice'],
        State: 'Active',
        Secret: expect.stringMatching(/^whsec_/),
        RowVersion: expect.stringMatching(/^-?\d+$/),
      });
      expect(made.headers.get('location')).toMatch(/\/Webhooks\/Subscription\/[0-9a-f-]{36}$/);
      const read = await client.read('Webhooks/Subscription', made.json.UID);
      expect(read).not.toHaveProperty('Secret');
      expect((await client.list('Webhooks/Subscription')).length).toBe(1);
    });

    it.each([
      'GeneralLedger/Account',
      'GeneralLedger/TaxCode',
      'GeneralLedger/Job',
      'GeneralLedger/Category',
      'Company',
      'Purchase/Order',
      'Banking/SpendMoneyTxn',
      'GeneralLedger/GeneralJournal',
      'Banking/TransferMoneyTxn',
      'Sale/Order',
      'Nothing',
    ])('are not made for %s, which is polled', async (topic) => {
      const reply = await subscribe(['Sale/Invoice', topic]);
      expect([reply.status, reply.name, reply.code, reply.details]).toEqual([400, 'EventNotSupported', 90010, topic]);
    });

    it('are not made for targets that do not answer, or that nobody should call', async () => {
      const silent = await startReceiver(() => 200, false);
      const refused = await subscribe(['Sale/Invoice'], silent.url);
      await silent.close();
      expect([refused.status, refused.name, refused.code]).toEqual([400, 'CallbackVerificationFailed', 90011]);
      expect((await subscribe(['Sale/Invoice'], silent.url)).name).toBe('CallbackVerificationFailed');
      for (const target of ['http://elsewhere.example/hook', 'nowhere']) {
        expect((await subscribe(['Sale/Invoice'], target)).details).toBe('TargetUrl');
      }
      expect((await subscribe([])).name).toBe('Required');
      expect((await client.list('Webhooks/Subscription')).length).toBe(0);
    });

    it('are five at most, and can be changed and deleted', async () => {
      const made = [];
      for (let count = 0; count < 5; count++) made.push((await subscribe(['Sale/Invoice'])).json);
      expect((await subscribe(['Sale/Invoice'])).status).toBe(400);
      const changed = await client.change('Webhooks/Subscription', made[0] as Json, { Topics: ['Sale/Quote'] });
      expect(changed.Topics).toEqual(['Sale/Quote']);
      const stale = await client.put(`Webhooks/Subscription/${String(made[0]?.UID)}`, made[0]);
      expect(stale.status).toBe(409);
      expect((await client.delete(`Webhooks/Subscription/${String(made[1]?.UID)}`)).status).toBe(200);
      expect((await subscribe(['Sale/Invoice'])).status).toBe(201);
    });
  });

  describe('24. events', () => {
    it('match the test vector of the sheet', () => {
      const body =
        '{"DeliveryId":"7b0c2f1e-52f4-4b0d-9c33-0f6f3a1d9a01","SubscriptionId":"11111111-2222-4333-8444-555555555555","CompanyFileId":"3f2a9c70-6f0e-4c55-9a8e-1d2b3c4d5e6f","Attempt":1,"Events":[{"EventId":"c0ffee00-0000-4000-8000-000000000001","Sequence":42,"Topic":"Sale/Invoice","Resource":"Sale/Invoice/Service","UID":"9d3b6a52-0c1f-4a7e-8f56-2b1a0c9d8e7f","Action":"Updated","RowVersion":"-6011372958112038912","LastModified":"2026-01-01T00:00:00.000"}]}';
      expect(Buffer.byteLength(body)).toBe(450);
      expect(signatureOf('whsec_demo_0123456789abcdef', 1767225600, body)).toBe(
        '62900a5c4685e14633b3e04cc82f5125782263def0fd05c6cc44a583d0baac36',
      );
    });

    it('have the members of the sheet in their order, signed over the exact bytes', async () => {
      const { json } = await subscribe(['Contact/Customer']);
      const customer = await client.create('Contact/Customer', customerBody('Zoë & Söhne', shop.tax));
      await flush();
      const [{ body, headers }] = receiver.received as [(typeof receiver.received)[number]];
      const [delivery] = bodies();
      expect(Object.keys(delivery as object)).toEqual([
        'DeliveryId',
        'SubscriptionId',
        'CompanyFileId',
        'Attempt',
        'Events',
      ]);
      expect(delivery).toMatchObject({ SubscriptionId: json.UID, CompanyFileId: WIDGETS, Attempt: 1 });
      expect(delivery?.Events).toEqual([
        {
          EventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          Sequence: 1,
          Topic: 'Contact/Customer',
          Resource: 'Contact/Customer',
          UID: customer.UID,
          Action: 'Created',
          RowVersion: customer.RowVersion,
          LastModified: customer.LastModified,
        },
      ]);
      expect(headers['x-accountedge-event']).toBe('change');
      expect(headers['x-accountedge-delivery']).toBe(String(delivery?.DeliveryId));
      const [, time = '', hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-accountedge-signature'])) ?? [];
      expect(hex).toBe(createHmac('sha256', String(json.Secret)).update(`${time}.${body}`).digest('hex'));
      expect(Math.abs(Number(time) - sandbox.gateway.clock.now() / 1000)).toBeLessThan(5);
    });

    it('are signed with both secrets for a day after a rotation', async () => {
      const { json } = await subscribe(['Contact/Customer']);
      const rotated = await client.post(`Webhooks/Subscription/${String(json.UID)}/RotateSecret`, {});
      expect([rotated.status, Object.keys(rotated.json)]).toEqual([200, ['Secret']]);
      await client.create('Contact/Customer', customerBody('A', shop.tax));
      await flush();
      const signatures = () => [
        ...String(receiver.received.at(-1)?.headers['x-accountedge-signature']).matchAll(/v1=([0-9a-f]+)/g),
      ];
      expect(signatures().length).toBe(2);
      const { body, headers } = receiver.received[0] as (typeof receiver.received)[number];
      const time = /^t=(\d+)/.exec(String(headers['x-accountedge-signature']))?.[1];
      expect(signatures()[1]?.[1]).toBe(signatureOf(String(json.Secret), Number(time), body));
      await advance(24 * HOUR + 1);
      client = await sandbox.connect();
      await client.create('Contact/Customer', customerBody('B', shop.tax));
      await flush();
      expect(signatures().length).toBe(1);
    });

    it('come from exactly the nine pushed kinds, each told under its topic', async () => {
      await subscribe();
      const { tax, free } = shop;
      const customer = { Customer: shop.customer };
      const invoice = await client.create('Sale/Invoice/Service', invoiceBody(shop, 100));
      const credit = await client.create('Sale/Invoice/Service', invoiceBody(shop, -50));
      const bill = await client.create('Purchase/Bill/Service', billBody(shop, 100));
      const debit = await client.create('Purchase/Bill/Service', billBody(shop, -50));
      await client.create('Contact/Customer', customerBody('C', tax));
      await client.create('Contact/Supplier', supplierBody('S', free));
      await client.create('Inventory/Item', { Number: 'I' });
      await client.create('Sale/Quote/Service', invoiceBody(shop, 1));
      await client.create('Sale/CustomerPayment', paymentBody(shop, invoice, 10));
      const Sale = { UID: invoice.UID };
      const CreditFromInvoice = { UID: credit.UID };
      await client.create('Sale/CreditSettlement', {
        CreditFromInvoice,
        ...customer,
        Date: TODAY,
        CreditAmount: 5,
        Lines: [{ Sale, AmountApplied: 5 }],
      });
      await client.create('Sale/CreditRefund', {
        Invoice: CreditFromInvoice,
        Account: shop.bank,
        Date: TODAY,
        Amount: 5,
      });
      const Purchase = { UID: bill.UID };
      const [DebitFromBill, Supplier] = [{ UID: debit.UID }, shop.supplier];
      await client.create('Purchase/DebitSettlement', {
        DebitFromBill,
        Supplier,
        Date: TODAY,
        DebitAmount: 5,
        Lines: [{ Purchase, AmountApplied: 5 }],
      });
      await client.create('Purchase/DebitRefund', { Bill: DebitFromBill, Account: shop.bank, Date: TODAY, Amount: 5 });
      await client.create('Purchase/SupplierPayment', {
        Supplier,
        Account: shop.bank,
        Date: TODAY,
        Lines: [{ Purchase, AmountApplied: 5 }],
      });
      await flush();
      expect(new Set(told().map((event) => event.Topic))).toEqual(new Set(PUSHED));
      expect(told().find((event) => event.UID === String(invoice.UID))).toMatchObject({
        Topic: 'Sale/Invoice',
        Resource: 'Sale/Invoice/Service',
      });
    });

    it('never come from polled kinds, whatever happens to them', async () => {
      await subscribe();
      const { UID } = await client.create('GeneralLedger/Account', {
        Name: 'N',
        Number: '5000',
        Type: 'Expense',
        TaxCode: shop.free,
      });
      await client.delete(`GeneralLedger/Account/${String(UID)}`);
      await client.create('GeneralLedger/TaxCode', { Code: 'N', Type: 'SalesTax' });
      await client.create('GeneralLedger/Job', { Number: 'N' });
      await client.create('GeneralLedger/Category', { DisplayID: 'N' });
      const order = await client.create('Purchase/Order/Service', billBody(shop, 1));
      await client.change('Purchase/Order/Service', order, { Comment: 'x' });
      await client.create('Sale/Order/Service', invoiceBody(shop, 1));
      const Lines = [{ Account: shop.supplies, Amount: 1 }];
      await client.create('Banking/SpendMoneyTxn', { Account: shop.bank, Date: TODAY, Lines });
      await client.create('Banking/ReceiveMoneyTxn', { Account: shop.bank, Date: TODAY, Lines });
      await client.create('Banking/TransferMoneyTxn', {
        FromAccount: shop.bank,
        ToAccount: await client.account('1-1120'),
        Date: TODAY,
        Amount: 1,
      });
      await client.create('GeneralLedger/GeneralJournal', {
        DateOccurred: TODAY,
        GSTReportingMethod: 'Sale',
        Lines: [
          { Account: shop.supplies, Amount: 1 },
          { Account: shop.bank, Amount: 1, IsCredit: true },
        ],
      });
      await sandbox.control('POST', `/preferences/${WIDGETS}`, { 'System.UseAlphaAccountIdentifier': true });
      await flush();
      expect(told()).toEqual([]);
    });

    it('come from what a change does to other records too', async () => {
      const invoice = await client.create('Sale/Invoice/Service', invoiceBody(shop, 10));
      await subscribe();
      const payment = await client.create('Sale/CustomerPayment', paymentBody(shop, invoice, 10));
      await flush();
      expect(brief().sort()).toEqual(['Created Sale/CustomerPayment', 'Updated Sale/Invoice/Service']);
      receiver.received.length = 0;
      await client.delete(`Sale/CustomerPayment/${String(payment.UID)}`);
      await flush();
      expect(brief().sort()).toEqual(['Deleted Sale/CustomerPayment', 'Updated Sale/Invoice/Service']);
      expect(told().find((event) => event.Action === 'Deleted')?.RowVersion).toBe(payment.RowVersion);
    });

    it('are merged within the window, and numbered after that without gaps', async () => {
      await subscribe();
      let customer = await client.create('Contact/Customer', customerBody('M', shop.tax));
      for (let turn = 0; turn < 3; turn++)
        customer = await client.change('Contact/Customer', customer, { Notes: `${turn}` });
      await flush();
      expect(told()).toMatchObject([{ Sequence: 1, Action: 'Created', RowVersion: customer.RowVersion }]);
      await client.change('Contact/Customer', customer, { Notes: 'x' });
      await client.delete(`Contact/Customer/${String(customer.UID)}`);
      await flush();
      expect(told().map((event) => [event.Sequence, event.Action])).toEqual([
        [1, 'Created'],
        [2, 'Updated'],
        [3, 'Deleted'],
      ]);
    });

    it('travel a hundred at most together, one file in each delivery, only to who asked', async () => {
      await subscribe(['Contact/Supplier']);
      await subscribe(['Contact/Customer']);
      const objects = Array.from({ length: 230 }, (_, index) => customerBody(`Many ${index}`, shop.tax));
      await sandbox.control('POST', '/bulk', { realm: WIDGETS, entity: 'Contact/Customer', objects });
      await flush();
      expect(
        bodies()
          .map(({ Events }) => Events.length)
          .sort((a, b) => a - b),
      ).toEqual([30, 100, 100]);
      expect(
        told()
          .map((event) => event.Sequence)
          .sort((a, b) => a - b),
      ).toEqual(Array.from({ length: 230 }, (_, index) => index + 1));
    });

    it('come by themselves when the window closes', async () => {
      await sandbox.control('POST', '/webhooks', { windowMs: 50 });
      await subscribe();
      await client.create('Contact/Customer', customerBody('Soon', shop.tax));
      await settled(() => receiver.received.length === 1);
    });
  });

  describe('25. retries', () => {
    const attempts = () => bodies().map((body) => Number(body.Attempt));

    it('follow after 10 s, 60 s, 5 min and 30 min with the same ids, and then no more', async () => {
      status = () => 500;
      await sandbox.control('POST', '/webhooks', { windowMs: 0 });
      await subscribe();
      await client.create('Contact/Customer', customerBody('R', shop.tax));
      await settled(() => receiver.received.length === 1);
      for (const [index, wait] of [10_000, MINUTE, 5 * MINUTE, 30 * MINUTE].entries()) {
        await advance(wait - 2000);
        await new Promise((resolve) => setTimeout(resolve, 30));
        expect(receiver.received.length).toBe(index + 1);
        await advance(2000);
        await settled(() => receiver.received.length === index + 2);
      }
      expect(attempts()).toEqual([1, 2, 3, 4, 5]);
      expect(new Set(bodies().map((body) => body.DeliveryId)).size).toBe(1);
      expect(new Set(told().map((event) => `${event.EventId} ${event.Sequence}`)).size).toBe(1);
      const times = receiver.received.map(({ headers }) => String(headers['x-accountedge-signature']).split(',')[0]);
      expect(new Set(times).size).toBe(5);
      const { queue } = await sandbox.control('GET', '/webhooks');
      expect(queue).toBe(0);
      status = () => 200;
      client = await sandbox.connect();
      await client.create('Contact/Customer', customerBody('After', shop.tax));
      await settled(() => receiver.received.length === 6);
      // The number of the lost event is lost with it.
      expect(told().at(-1)?.Sequence).toBe(2);
    });

    it('one that fails does not hold up the next', async () => {
      status = (count) => (count === 1 ? 503 : 204);
      await sandbox.control('POST', '/webhooks', { windowMs: 0 });
      await subscribe();
      await client.create('Contact/Customer', customerBody('One', shop.tax));
      await settled(() => receiver.received.length === 1);
      await client.create('Contact/Customer', customerBody('Two', shop.tax));
      await settled(() => receiver.received.length === 2);
      expect(told().map((event) => event.Sequence)).toEqual([1, 2]);
    });

    it('a receiver that is too slow has failed', async () => {
      status = (count) => (count === 1 ? 'hang' : 200);
      await sandbox.control('POST', '/webhooks', { deadlineMs: 100 });
      await subscribe();
      await client.create('Contact/Customer', customerBody('Slow', shop.tax));
      expect(await flush()).toMatchObject({ sent: 0, failed: 1, waiting: 1 });
      expect(await flush()).toMatchObject({ sent: 1, failed: 0, waiting: 0 });
    });

    it('a day without one success disables the subscription, until it is made active again', async () => {
      status = () => 500;
      await sandbox.control('POST', '/webhooks', { windowMs: 0 });
      const { json } = await subscribe();
      await client.create('Contact/Customer', customerBody('Lost', shop.tax));
      await settled(() => receiver.received.length === 1);
      await advance(23 * HOUR);
      client = await sandbox.connect();
      expect((await client.read('Webhooks/Subscription', json.UID)).State).toBe('Active');
      await advance(2 * HOUR);
      client = await sandbox.connect();
      const disabled = await client.read('Webhooks/Subscription', json.UID);
      expect(disabled.RowVersion).not.toBe(json.RowVersion);
      expect(disabled.State).toBe('Disabled');
      const before = receiver.received.length;
      status = () => 200;
      await client.create('Contact/Customer', customerBody('Unheard', shop.tax));
      await flush();
      expect(receiver.received.length).toBe(before);
      await client.change('Webhooks/Subscription', disabled, { State: 'Active' });
      await client.create('Contact/Customer', customerBody('Heard', shop.tax));
      await settled(() => receiver.received.length === before + 1);
    });
  });

  describe('what can be done to deliveries', () => {
    const customers = async (count: number) => {
      for (let index = 0; index < count; index++) {
        await client.create(
          'Contact/Customer',
          customerBody(`K ${index} ${Math.floor(sandbox.gateway.random.number() * 1e9)}`, shop.tax),
        );
        await sandbox.control('POST', '/webhooks/flush');
      }
    };

    it('losing some of them leaves a gap in the numbers', async () => {
      await subscribe();
      await sandbox.control('POST', '/webhooks', { dropNext: 2 });
      await customers(3);
      expect(told().map((event) => event.Sequence)).toEqual([3]);
    });

    it('doubling, delaying and shuffling them', async () => {
      await subscribe();
      await sandbox.control('POST', '/webhooks', { duplicateNext: 1 });
      await customers(1);
      expect(new Set(bodies().map((body) => body.DeliveryId)).size).toBe(1);
      expect(receiver.received.length).toBe(2);
      await sandbox.control('POST', '/webhooks', { reorder: true });
      const objects = Array.from({ length: 40 }, (_, index) => customerBody(`S ${index}`, shop.tax));
      await sandbox.control('POST', '/bulk', { realm: WIDGETS, entity: 'Contact/Customer', objects });
      await flush();
      const sequence = told()
        .slice(2)
        .map((event) => event.Sequence);
      expect(sequence).not.toEqual([...sequence].sort((a, b) => a - b));
      await sandbox.control('POST', '/webhooks', { reorder: false, delayNext: 1, windowMs: 0 });
      await client.create('Contact/Customer', customerBody('Late', shop.tax));
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(((await sandbox.control('GET', '/webhooks')) as unknown as { queue: number }).queue).toBe(1);
      await advance(HOUR);
      await settled(() => told().length === 43);
    });

    it('forging one, and sending any body with a true signature', async () => {
      const { json } = await subscribe();
      const forged = { realm: WIDGETS, entity: 'Contact/Customer', id: shop.customer.UID, operation: 'Updated' };
      expect(await sandbox.control('POST', '/webhooks/forge', forged)).toEqual({ status: 200 });
      const check = ({ body, headers }: (typeof receiver.received)[number]) => {
        const [, time, hex] = /^t=(\d+),v1=([0-9a-f]+)$/.exec(String(headers['x-accountedge-signature'])) ?? [];
        return hex === signatureOf(String(json.Secret), Number(time), body);
      };
      expect(told()).toMatchObject([{ Resource: 'Contact/Customer', UID: shop.customer.UID, Action: 'Updated' }]);
      await sandbox.control('POST', '/webhooks/send', { subscription: json.UID, body: '{"any":"thing"}' });
      expect(receiver.received.map(check)).toEqual([false, true]);
    });
  });
});
