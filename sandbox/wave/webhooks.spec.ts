import { createHmac } from 'node:crypto';
import {
  startReceiver,
  startSandbox,
  US,
  type Client,
  type Json,
  type Received,
  type TestSandbox,
} from './test-client.ts';
import { WEBHOOK_EVENTS } from './webhook-events.ts';

const signed = (body: string, key = 'sandbox-verifier') => createHmac('sha256', key).update(body).digest('hex');
const eventOf = ({ body }: Received) => JSON.parse(body) as Json;
const typesOf = (received: readonly Received[]) => received.map((each) => String(eventOf(each).event_type));

describe('webhooks (sheet 5.2 and 8.1)', () => {
  let sandbox: TestSandbox;
  let client: Client;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let answer: (count: number) => number;

  beforeEach(async () => {
    answer = () => 200;
    sandbox = await startSandbox();
    receiver = await startReceiver((count) => answer(count));
    client = await sandbox.connect();
    // Nothing leaves before it is flushed, so that a test sees each step.
    await sandbox.control('POST', '/webhooks', { url: receiver.url, delayMs: 3_600_000 });
  });
  afterEach(async () => {
    await sandbox.close();
    await receiver.close();
  });

  const flush = () => sandbox.control('POST', '/webhooks/flush');
  const events = async () => {
    await flush();
    return typesOf(receiver.received);
  };

  it('carry one event each, signed over the raw body', async () => {
    const invoice = await client.invoice('1250');
    await flush();
    const [delivery] = receiver.received;
    const { customer } = await client.one('invoice', invoice.id, 'customer { id }');
    expect(JSON.parse(delivery?.body ?? '')).toEqual({
      event_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      event_type: 'invoice.approved',
      business_id: US,
      data: {
        invoice_id: invoice.id,
        customer_id: customer?.id,
        currency_code: 'USD',
        total: '1250.00',
        amount_paid: '0',
        amount_due: '1250',
        due_date: '2026-04-09',
      },
    });
    expect(delivery?.headers['x-wave-signature']).toBe(signed(delivery?.body ?? ''));
  });

  it('tell an invoice’s life: approved, sent, viewed, partly paid, paid, overpaid', async () => {
    const { id } = await client.invoice('10');
    await client.mutate('invoiceMarkSent', { invoiceId: id, sendMethod: 'GMAIL' });
    await sandbox.control('POST', '/view', { realm: US, id });
    for (const amount of ['4', '6', '1']) await client.pay(id, amount);
    expect(await events()).toEqual([
      'invoice.approved',
      'invoice.sent',
      'invoice.viewed',
      'invoice.partially_paid',
      'invoice.paid',
      'invoice.overpaid',
    ]);
  });

  it('tell an estimate’s life', async () => {
    const customer = await client.customer();
    const { id } = await client.save('estimateCreate', { businessId: US, customerId: customer.id }, 'estimate');
    await client.mutate('estimateApprove', { estimateId: id });
    await client.mutate('estimateMarkSent', { estimateId: id, sendMethod: 'GMAIL' });
    await sandbox.control('POST', '/view', { realm: US, id });
    await sandbox.control('POST', '/decide', { realm: US, id, decision: 'reject' });
    await client.mutate('estimateMarkAccepted', { estimateId: id });
    await client.mutate('convertEstimateToInvoice', { estimateId: id }, 'invoiceId');
    const told = await events();
    expect(told).toEqual(
      ['approved', 'sent', 'viewed', 'rejected', 'accepted', 'converted'].map((each) => `estimate.${each}`),
    );
    expect(eventOf(receiver.received[0] as Received).data).toMatchObject({ estimate_id: id });
    expect(WEBHOOK_EVENTS).toEqual(expect.arrayContaining(told));
  });

  it('tell once that an invoice became overdue, when its day has passed', async () => {
    await client.invoice('10', { dueDate: '2026-03-20' });
    await client.invoice('10', { dueDate: '2026-03-20', status: 'DRAFT' });
    await sandbox.control('POST', '/clock', { advanceMs: 5 * 86_400_000 });
    expect(await events()).toEqual(['invoice.approved']);
    await sandbox.control('POST', '/clock', { advanceMs: 10 * 86_400_000 });
    await sandbox.control('POST', '/clock', { advanceMs: 10 * 86_400_000 });
    expect(await events()).toEqual(['invoice.approved', 'invoice.overdue']);
  });

  it('tell nothing of customers, products, edits, deletions and transactions', async () => {
    const { id } = await client.invoice('10', { status: 'DRAFT' });
    await client.mutate('invoicePatch', { id, memo: 'x' });
    await client.mutate('invoiceDelete', { invoiceId: id });
    await client.tax();
    expect(await events()).toEqual([]);
  });

  it('are skipped for ever without the Pro plan, without the scope, without a grant, and for boxes not ticked', async () => {
    await sandbox.control('POST', `/business/${US}`, { plan: 'advisor' });
    await client.invoice('1');
    await sandbox.control('POST', `/business/${US}`, { plan: 'pro' });
    await sandbox.control('POST', '/webhooks', { events: ['invoice.paid'] });
    await client.invoice('2');
    await sandbox.control('POST', '/webhooks', { events: WEBHOOK_EVENTS });
    await sandbox.control('POST', '/tokens', { action: 'revoke' });
    const narrow = await sandbox.connect(US, 'business:read customer:* product:* account:read invoice:write');
    await narrow.invoice('3');
    expect(await events()).toEqual([]);
    expect((await sandbox.control('GET', '/stats')).webhooks).toMatchObject({ sent: 0, skipped: 2 });
    const wide = await sandbox.connect(US, 'business:read customer:* product:* account:read invoice:*');
    await wide.invoice('4');
    expect(await events()).toEqual(['invoice.approved']);
  });

  it('are tried again with the same event id, and do not hold up others', async () => {
    answer = (count) => (count === 1 ? 500 : 200);
    await client.invoice('10');
    expect(await flush()).toMatchObject({ failed: 1, waiting: 1 });
    await client.invoice('11');
    expect(await flush()).toMatchObject({ sent: 2, waiting: 0 });
    const ids = receiver.received.map((each) => String(eventOf(each).event_id));
    expect(ids).toHaveLength(3);
    expect(ids.filter((id) => id === ids[0])).toHaveLength(2);
  });

  it('are given up after the last try', async () => {
    answer = () => 503;
    await client.invoice('10');
    for (let attempt = 1; attempt <= 7; attempt++) {
      expect(await flush()).toMatchObject({ waiting: attempt === 7 ? 0 : 1 });
    }
    expect(receiver.received).toHaveLength(7);
  });

  it('leave by themselves, without a flush', async () => {
    await sandbox.control('POST', '/webhooks', { delayMs: 0 });
    await client.invoice('10');
    const deadline = Date.now() + 5000;
    while (receiver.received.length === 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(receiver.received).toHaveLength(1);
  });

  it('come twice, late, in another order or not at all on demand', async () => {
    await sandbox.control('POST', '/webhooks', { duplicate: 2 });
    await client.invoice('10');
    await flush();
    expect(new Set(receiver.received.map((each) => each.body)).size).toBe(1);
    expect(receiver.received).toHaveLength(3);
    await sandbox.control('POST', '/webhooks', { duplicate: 0, dropProbability: 1 });
    await client.invoice('10');
    expect(await flush()).toEqual({ sent: 0, failed: 0, waiting: 0 });
    await sandbox.control('POST', '/webhooks', { dropProbability: 0, delayMs: 60_000, reorder: true });
    for (let total = 20; total < 28; total++) await client.invoice(String(total));
    expect((await sandbox.control('GET', '/webhooks')).queue).toBe(8);
    await flush();
    const totals = receiver.received.slice(3).map((each) => Number(eventOf(each).data?.total));
    expect(totals).not.toEqual([...totals].sort((a, b) => a - b));
    expect(totals).toHaveLength(8);
  });

  it('can be forged and sent exactly as given', async () => {
    const invoice = await client.invoice('10');
    await flush();
    expect(
      await sandbox.control('POST', '/webhooks/forge', { realm: US, id: invoice.id, event: 'invoice.paid' }),
    ).toEqual({ status: 200 });
    const forged = receiver.received.at(-1);
    expect(eventOf(forged as Received)).toMatchObject({ event_type: 'invoice.paid', data: { invoice_id: invoice.id } });
    expect(forged?.headers['x-wave-signature']).not.toBe(signed(forged?.body ?? ''));
    await sandbox.control('POST', '/webhooks/send', { body: '{ "odd":  "spaces" }', headers: { 'x-more': '1' } });
    const exact = receiver.received.at(-1);
    expect([exact?.body, exact?.headers['x-more'], exact?.headers['x-wave-signature']]).toEqual([
      '{ "odd":  "spaces" }',
      '1',
      signed('{ "odd":  "spaces" }'),
    ]);
    expect(JSON.stringify(await sandbox.control('GET', '/webhooks'))).not.toContain('sandbox-verifier');
  });
});
