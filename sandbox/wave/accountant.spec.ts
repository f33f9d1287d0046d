import { bareId } from './ids.ts';
import { request, startSandbox, type Client, type Json, type TestSandbox } from './test-client.ts';
import { SEED_BUSINESSES } from './seed/businesses.ts';

const UUID = SEED_BUSINESSES[0]?.uuid ?? '';

describe('the accountant’s pages', () => {
  let sandbox: TestSandbox;
  let client: Client;
  let customer: Json;
  let invoice: Json;
  let lines: string[];

  beforeEach(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
    customer = await client.customer({ name: '<script>alert("x")</script>' });
    const product = await client.product({ name: 'Hours' });
    const items = [
      { productId: product.id, description: 'Design "quoted"', quantity: '2', unitPrice: '75', taxes: [] },
      { productId: product.id, description: 'Advice', quantity: '1', unitPrice: '50', taxes: [] },
    ];
    invoice = await client.save(
      'invoiceCreate',
      { businessId: client.realm, customerId: customer.id, items, memo: 'first' },
      'invoice',
      'id modifiedAt total { value } items { id }',
    );
    lines = (invoice.items as unknown as Json[]).map((line) => String(line.id));
  });
  afterEach(() => sandbox.close());

  const page = (path = '') => request(`${sandbox.base}/accountant${path}`);
  const invoicePath = () => `/${UUID}/invoice/${bareId(String(invoice.id))}`;
  const customerPath = () => `/${UUID}/customer/${bareId(String(customer.id))}`;
  const plain = (value = '') => value.replaceAll('&quot;', '"').replaceAll('&amp;', '&').replaceAll('&#39;', "'");
  /** The fields of a form as a browser would send them back, with changes. */
  const edit = async (path: string, change: Record<string, string>) => {
    const { text } = await page(path);
    const fields: Record<string, string> = {};
    for (const [, attributes = ''] of text.matchAll(/<input\s([^>]*)>/g)) {
      const name = /name="([^"]*)"/.exec(attributes)?.[1];
      if (name !== undefined && !attributes.includes('checkbox'))
        fields[name] = plain(/value="([^"]*)"/.exec(attributes)?.[1]);
    }
    for (const [, name = '', value = ''] of text.matchAll(/<textarea name="(\w+)"[^>]*>([^<]*)</g))
      fields[name] = plain(value);
    return request(`${sandbox.base}/accountant${path}`, {
      method: 'POST',
      body: new URLSearchParams({ ...fields, action: 'save', ...change }),
    });
  };

  it('list the businesses, and for each its invoices and customers', async () => {
    expect((await page()).text).toContain(`/wave/accountant/${UUID}`);
    const { text } = await page(`/${UUID}`);
    expect(text).toContain(`/wave/accountant${invoicePath()}`);
    expect(text).toContain(`/wave/accountant${customerPath()}`);
    expect((await page(`/${UUID}?search=nothing-like-it`)).text).toContain('No invoice found.');
    expect((await page(`/${UUID}/invoice/999`)).status).toBe(404);
    expect((await page('/1')).status).toBe(404);
    expect((await request(`${sandbox.base}/`)).headers.get('location')).toBe(`${sandbox.base}/accountant`);
  });

  it('escape what the books contain and load nothing from elsewhere', async () => {
    for (const path of [`/${UUID}`, invoicePath(), customerPath()]) {
      const { text } = await page(path);
      expect(text).not.toContain('<script');
      expect(text).toContain('&lt;script&gt;');
      expect(text).not.toMatch(/(src|href)="https?:/);
    }
  });

  const SHOWN =
    'invoiceNumber invoiceDate dueDate poNumber memo footer status total { value } items { description quantity unitPrice }';

  it('change nothing but the time of change when the form comes back untouched', async () => {
    const before = await client.one('invoice', invoice.id, SHOWN);
    expect((await edit(invoicePath(), {})).status).toBe(302);
    expect(await client.one('invoice', invoice.id, SHOWN)).toEqual(before);
    expect(
      String((await client.one('invoice', invoice.id, 'modifiedAt')).modifiedAt) > String(invoice.modifiedAt),
    ).toBe(true);
  });

  it('save number, dates, notes, lines and their money', async () => {
    const [product] = await client.nodes('products', 'id');
    const reply = await edit(invoicePath(), {
      number: 'P-7',
      date: '2026-01-15',
      due: '2026-02-15',
      memo: 'Thank you',
      poNumber: 'PO 9',
      [`description-${lines[0]}`]: 'Design, reworked',
      [`quantity-${lines[0]}`]: '3',
      [`price-${lines[0]}`]: '1,080.50',
      [`remove-${lines[1]}`]: 'on',
      'new-product-0': String(product?.id),
      'new-quantity-0': '2',
    });
    expect(reply.status).toBe(302);
    expect(await client.one('invoice', invoice.id, SHOWN)).toMatchObject({
      invoiceNumber: 'P-7',
      invoiceDate: '2026-01-15',
      dueDate: '2026-02-15',
      memo: 'Thank you',
      poNumber: 'PO 9',
      total: { value: '3,261.50' },
      items: [
        { description: 'Design, reworked', quantity: '3', unitPrice: '1080.5' },
        { quantity: '2', unitPrice: '10' },
      ],
    });
  });

  it('show the reason when the rules refuse an edit, and keep an outdated form from overwriting', async () => {
    const wrong = await edit(invoicePath(), { [`quantity-${lines[0]}`]: 'three' });
    expect([wrong.status, wrong.text.includes('Quantity is not a number')]).toEqual([400, true]);
    expect((await edit(invoicePath(), { date: 'someday' })).status).toBe(400);
    const outdated = await edit(invoicePath(), { version: '1', memo: 'late' });
    expect(outdated.text).toContain('Somebody else changed this meanwhile');
    expect(await client.one('invoice', invoice.id, 'memo modifiedAt')).toEqual({
      memo: 'first',
      modifiedAt: invoice.modifiedAt,
    });
  });

  it('approve and delete an invoice, by the same rules as the API', async () => {
    expect((await page(invoicePath())).text).toContain('value="approve"');
    await edit(invoicePath(), { action: 'approve' });
    expect(await client.one('invoice', invoice.id, 'status')).toEqual({ status: 'SAVED' });
    const payment = await client.pay(invoice.id, '10');
    expect((await edit(invoicePath(), { action: 'delete' })).text).toContain(
      'An invoice with payments cannot be deleted.',
    );
    await client.mutate('invoicePaymentDelete', { id: payment.id });
    expect((await edit(invoicePath(), { action: 'delete' })).status).toBe(302);
    expect((await page(invoicePath())).status).toBe(404);
  });

  it('change a customer', async () => {
    expect((await edit(customerPath(), { name: "Neil's", email: 'n@x.example' })).status).toBe(302);
    expect(await client.one('customer', customer.id, 'name email phone')).toEqual({
      name: "Neil's",
      email: 'n@x.example',
      phone: null,
    });
    expect((await edit(customerPath(), { name: ' ' })).status).toBe(400);
  });
});
