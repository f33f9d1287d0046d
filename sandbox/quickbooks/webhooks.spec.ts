import { createHmac } from 'node:crypto';
import { entities } from './entities/index.ts';
import {
  itemLine,
  startReceiver,
  startSandbox,
  UK,
  US,
  type Client,
  type Json,
  type TestSandbox,
} from './test-client.ts';

interface Told {
  realm: string;
  name: string;
  id: string;
  operation: string;
  deletedId?: string;
}

describe('webhooks (sheet 9.1, items 36 to 38)', () => {
  let sandbox: TestSandbox;
  let client: Client;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let status: (count: number) => number | 'hang';

  beforeEach(async () => {
    status = () => 200;
    receiver = await startReceiver((count) => status(count));
    sandbox = await startSandbox();
    client = await sandbox.connect();
    await sandbox.control('POST', '/webhooks', { url: receiver.url, windowMs: 60_000 });
  });
  afterEach(async () => {
    await sandbox.close();
    await receiver.close();
  });

  const flush = () => sandbox.control('POST', '/webhooks/flush');
  const customer = (DisplayName: string) => client.save('Customer', { DisplayName });
  const told = (): Told[] =>
    receiver.received.flatMap(({ body }) => {
      const { eventNotifications } = JSON.parse(body) as {
        eventNotifications: { realmId: string; dataChangeEvent: { entities: Omit<Told, 'realm'>[] } }[];
      };
      return eventNotifications.flatMap(({ realmId, dataChangeEvent }) =>
        dataChangeEvent.entities.map((event) => ({ realm: realmId, ...event })),
      );
    });
  const brief = () => told().map(({ name, id, operation }) => `${operation} ${name} ${id}`);

  describe('36. deliveries', () => {
    it('are signed over the exact bytes with the verifier token', async () => {
      await customer('Zoë & Söhne');
      await flush();
      const [{ body, headers }] = receiver.received as [(typeof receiver.received)[number]];
      const signature = createHmac('sha256', 'sandbox-verifier').update(body).digest('base64');
      expect(headers['intuit-signature']).toBe(signature);
      expect(headers['intuit-notification-schema-version']).toBe('0.1');
      expect(headers['intuit-t-id']).toBeTruthy();
      expect(headers['user-agent']).toMatch(/^intuit_notification_server\//);
      expect(headers['content-type']).toBe('application/json');
      await sandbox.control('POST', '/webhooks', { verifierToken: 'another' });
      await customer('Again');
      await flush();
      const second = receiver.received[1] as (typeof receiver.received)[number];
      expect(second.headers['intuit-signature']).toBe(
        createHmac('sha256', 'another').update(second.body).digest('base64'),
      );
    });

    it('gather what happens within the window into one request, in order', async () => {
      await sandbox.control('POST', '/webhooks', { windowMs: 150 });
      const made = await Promise.all(['A', 'B', 'C'].map(customer));
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(receiver.received).toHaveLength(1);
      expect(
        told()
          .map((event) => event.id)
          .sort(),
      ).toEqual(made.map((each) => each.Id).sort());
      expect(told()[0]).toMatchObject({ realm: US, name: 'Customer', operation: 'Create' });
      expect(receiver.received[0]?.body).toMatch(/"lastUpdated":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z"/);
    });

    it('wait for virtual time to close the window', async () => {
      await customer('Patience');
      expect(receiver.received).toHaveLength(0);
      await sandbox.control('POST', '/clock', { advanceMs: 60_000 });
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(receiver.received).toHaveLength(1);
    });

    it('are repeated after 10, 20 and 30 seconds, 5 and 20 minutes, 2, 4 and 6 hours until acknowledged', async () => {
      status = () => 500;
      await customer('Stubborn');
      await flush();
      const attempts = () => receiver.received.length;
      const SECOND = 1000;
      const MINUTE = 60 * SECOND;
      const HOUR = 60 * MINUTE;
      const waits = [
        10 * SECOND,
        20 * SECOND,
        30 * SECOND,
        5 * MINUTE,
        20 * MINUTE,
        2 * HOUR,
        4 * HOUR,
        6 * HOUR,
        6 * HOUR,
      ];
      for (const [index, wait] of waits.entries()) {
        expect(attempts()).toBe(index + 1);
        await sandbox.control('POST', '/clock', { advanceMs: wait - 2000 });
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(attempts()).toBe(index + 1);
        await sandbox.control('POST', '/clock', { advanceMs: 2000 });
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      status = () => 200;
      await sandbox.control('POST', '/clock', { advanceMs: 6 * HOUR });
      await new Promise((resolve) => setTimeout(resolve, 30));
      const { queue, deliveries } = await sandbox.control('GET', '/webhooks');
      expect(Number(queue)).toBe(0);
      expect((deliveries as unknown as Json[])[0]).toMatchObject({ status: 200, attempts: waits.length + 2 });
    });

    it('wait behind the one that is not acknowledged', async () => {
      status = (count) => (count <= 2 ? 503 : 200);
      const first = await customer('First');
      expect(await flush()).toMatchObject({ failed: 1, waiting: 1 });
      const second = await customer('Second');
      expect(await flush()).toMatchObject({ failed: 1, waiting: 2 });
      expect(await flush()).toMatchObject({ sent: 2, waiting: 0 });
      expect(told().map((event) => event.id)).toEqual([first.Id, first.Id, first.Id, second.Id]);
    });

    it('fail after three seconds without an answer', async () => {
      status = () => 'hang';
      await customer('Slow');
      const started = Date.now();
      expect(await flush()).toMatchObject({ failed: 1, waiting: 1 });
      expect(Date.now() - started).toBeGreaterThan(2500);
    });

    it('can be doubled, dropped, delayed and shuffled', async () => {
      await sandbox.control('POST', '/webhooks', { duplicate: 2 });
      await customer('Thrice');
      expect(await flush()).toMatchObject({ sent: 3 });
      await sandbox.control('POST', '/webhooks', { duplicate: 0, dropProbability: 1 });
      await customer('Lost');
      expect(await flush()).toMatchObject({ sent: 0, waiting: 0 });
      await sandbox.control('POST', '/webhooks', { dropProbability: 0, delayMs: 5000, windowMs: 0 });
      await customer('Late');
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(receiver.received).toHaveLength(3);
      await sandbox.control('POST', '/clock', { advanceMs: 5000 });
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(receiver.received).toHaveLength(4);
      await sandbox.control('POST', '/webhooks', { delayMs: 0, windowMs: 60_000, reorder: true });
      receiver.received.length = 0;
      const made: Json[] = [];
      for (let index = 0; index < 12; index++) made.push(await customer(`Shuffled ${index}`));
      await flush();
      const order = told().map((event) => event.id);
      expect(order).not.toEqual(made.map((each) => each.Id));
      expect([...order].sort()).toEqual(made.map((each) => String(each.Id)).sort());
    });

    it('can be forged, and sent with any body', async () => {
      const forged = await sandbox.control('POST', '/webhooks/forge', {
        realm: US,
        entity: 'Invoice',
        id: '1',
        operation: 'Update',
      });
      expect(forged).toEqual({ status: 200 });
      const [{ body, headers }] = receiver.received as [(typeof receiver.received)[number]];
      expect(headers['intuit-signature']).not.toBe(
        createHmac('sha256', 'sandbox-verifier').update(body).digest('base64'),
      );
      expect(brief()).toEqual(['Update Invoice 1']);
      status = () => 401;
      const sent = await sandbox.control('POST', '/webhooks/send', { body: 'not json', headers: { 'x-extra': '1' } });
      expect(sent).toEqual({ status: 401 });
      expect(receiver.received[1]).toMatchObject({ body: 'not json', headers: { 'x-extra': '1' } });
    });

    it('end with the grant', async () => {
      await sandbox.control('POST', '/tokens', { action: 'revoke', realm: US });
      await sandbox.control('POST', '/bulk', { realm: US, entity: 'Customer', objects: [{ DisplayName: 'Unheard' }] });
      expect(await flush()).toMatchObject({ sent: 0 });
    });
  });

  describe('37. what is told', () => {
    it('own writes, and what they touch: a payment tells of itself and of the invoice', async () => {
      const item = await client.idOf('Item', 'Hours');
      const buyer = await customer('Buyer');
      const invoice = await client.save('Invoice', { CustomerRef: { value: buyer.Id }, Line: [itemLine(item, 1, 10)] });
      await client.save('Payment', {
        CustomerRef: { value: buyer.Id },
        TotalAmt: 10,
        Line: [{ Amount: 10, LinkedTxn: [{ TxnId: invoice.Id, TxnType: 'Invoice' }] }],
      });
      const current = await client.read('Invoice', invoice.Id);
      await client.post('invoice?operation=void', { Id: invoice.Id, SyncToken: current.SyncToken });
      await flush();
      const [id, paid] = [String(invoice.Id), String(Number(invoice.Id) + 1)];
      expect(brief()).toEqual([
        `Create Customer ${String(buyer.Id)}`,
        `Create Invoice ${id}`,
        `Create Payment ${paid}`,
        `Update Invoice ${id}`,
        `Void Invoice ${id}`,
        `Update Payment ${paid}`,
      ]);
    });

    it('deletion, deactivation and sending, each by its own operation', async () => {
      const item = await client.idOf('Item', 'Hours');
      const buyer = await customer('Gone');
      const estimate = await client.save('Estimate', {
        CustomerRef: { value: buyer.Id },
        Line: [itemLine(item, 1, 1)],
      });
      await client.call('POST', `estimate/${String(estimate.Id)}/send?sendTo=a%40b.example`, '');
      await client.remove('Estimate', await client.read('Estimate', estimate.Id));
      await client.save('Customer', { Id: buyer.Id, SyncToken: '0', sparse: true, Active: false });
      await flush();
      expect(brief().slice(2)).toEqual([
        `Emailed Estimate ${String(estimate.Id)}`,
        `Delete Estimate ${String(estimate.Id)}`,
        `Delete Customer ${String(buyer.Id)}`,
      ]);
      expect(await client.read('Customer', buyer.Id)).toMatchObject({ Active: false });
    });

    it('a merge names the loser', async () => {
      const [winner, loser] = [await customer('Winner'), await customer('Loser')];
      await sandbox.control('POST', '/merge', { realm: US, entity: 'Customer', winner: winner.Id, loser: loser.Id });
      await flush();
      expect(told().at(-1)).toMatchObject({ name: 'Customer', operation: 'Merge', id: winner.Id, deletedId: loser.Id });
      expect(told()).toHaveLength(3);
    });

    it('just the entities and operations the vendor lists', () => {
      const documented =
        'Account CUDM, Bill CUD, BillPayment CUDV, Class CUDM, CreditMemo CUDVE, Currency CU, Customer CUDM, ' +
        'Department CUM, Deposit CUD, Employee CUDM, Estimate CUDE, Invoice CUDVE, Item CUDM, JournalEntry CUD, ' +
        'Payment CUDVE, PaymentMethod CUM, Preferences U, Purchase CUDV, PurchaseOrder CUDE, RefundReceipt CUDVE, ' +
        'SalesReceipt CUDVE, TaxAgency CU, Term CU, Transfer CUDV, Vendor CUDM, VendorCredit CUD';
      const told = [...entities.values()]
        .filter((rules) => rules.webhook !== '')
        .map((rules) => `${rules.webhookName ?? rules.name} ${rules.webhook}`)
        .sort();
      expect(told.join(', ')).toBe(documented);
    });

    it('nothing of company information, tax codes, tax rates and attachments', async () => {
      const info = (await client.get(`companyinfo/${US}`)).json.CompanyInfo as Json;
      await client.save('CompanyInfo', { Id: '1', SyncToken: info.SyncToken, sparse: true, LegalName: 'New' });
      await client.post('taxservice/taxcode', { TaxCode: 'Quiet', TaxRateDetails: [{ TaxRateId: '1' }] });
      await client.save('Attachable', { Note: 'quiet' });
      const preferences = (await client.get('preferences')).json.Preferences as Json;
      await client.save('Preferences', {
        Id: '1',
        SyncToken: preferences.SyncToken,
        sparse: true,
        SalesFormsPrefs: { AllowDeposit: true },
      });
      await flush();
      expect(brief()).toEqual(['Update Preferences 1']);
    });
  });

  describe('38. CloudEvents', () => {
    const events = () => receiver.received.flatMap(({ body }) => JSON.parse(body) as Json[]);

    it('come as an array with the documented members', async () => {
      await sandbox.control('POST', '/webhooks', { format: 'cloudevents' });
      const [winner, loser] = [await customer('W'), await customer('L')];
      await sandbox.control('POST', '/merge', { realm: US, entity: 'Customer', winner: winner.Id, loser: loser.Id });
      await flush();
      expect(receiver.received[0]?.headers['intuit-notification-schema-version']).toBe('1.0');
      expect(events()[0]).toEqual({
        specversion: '1.0',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        source: expect.stringMatching(/^intuit\./),
        type: 'qbo.customer.created.v1',
        datacontenttype: 'application/json',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{9})?Z$/),
        intuitentityid: winner.Id,
        intuitaccountid: US,
        data: {},
      });
      expect(events()[2]).toMatchObject({ type: 'qbo.customer.merged.v1', data: { deletedid: loser.Id } });
      const precisions = new Set(events().map((event) => String(event.time).length));
      expect(precisions.size).toBe(2);
    });

    it('may leave out data and may mix companies', async () => {
      const uk = await sandbox.connect(UK);
      await sandbox.control('POST', '/webhooks', { format: 'cloudevents', omitData: true, mixRealms: true });
      await customer('Here');
      await uk.save('Customer', { DisplayName: 'There' });
      await flush();
      expect(receiver.received).toHaveLength(1);
      expect(events().map((event) => event.intuitaccountid)).toEqual([US, UK]);
      for (const event of events()) {
        expect(event).not.toHaveProperty('data');
        expect(event).not.toHaveProperty('datacontenttype');
      }
    });
  });
});
