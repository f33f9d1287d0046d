import {
  openShop,
  paymentBody,
  request,
  startSandbox,
  TODAY,
  WIDGETS,
  type Client,
  type Json,
  type Shop,
  type TestSandbox,
} from './test-client.ts';

const ITEM = 'Sale/Invoice/Item';

describe("the accountant's pages", () => {
  let sandbox: TestSandbox;
  let client: Client;
  let shop: Shop;
  let invoice: Json;
  let customer: Json;

  beforeEach(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
    shop = await openShop(client);
    customer = await client.create('Contact/Customer', {
      CompanyName: '<script>alert("x")</script>',
      SellingDetails: { TaxCode: shop.tax, FreightTaxCode: shop.tax },
    });
    const line = (ShipQuantity: number, UnitPrice: number, Description: string) => ({
      Item: shop.service,
      ShipQuantity,
      UnitPrice,
      Description,
      TaxCode: shop.free,
    });
    const Lines = [line(2, 75, 'Design "quoted"'), line(1, 50, 'Advice')];
    invoice = await client.create(ITEM, { Date: TODAY, Customer: { UID: customer.UID }, IsTaxInclusive: false, Lines });
  });
  afterEach(() => sandbox.close());

  const page = (path = '') => request(`${sandbox.base}/accountant${path}`);
  const here = () => `invoice/${String(invoice.UID)}`;
  const submit = (path: string, change: Record<string, string>) =>
    request(`${sandbox.base}/accountant/${WIDGETS}/${path}`, { method: 'POST', body: new URLSearchParams(change) });
  /** The fields of a form as a browser would send them back, with changes. */
  const edit = async (path: string, change: Record<string, string>) => {
    const { text } = await page(`/${WIDGETS}/${path}`);
    const fields: Record<string, string> = {};
    const plain = (value = '') =>
      value
        .replaceAll('&quot;', '"')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&#39;', "'")
        .replaceAll('&amp;', '&');
    for (const [, attributes = ''] of text.matchAll(/<input ([^>]*)>/g)) {
      const name = /name="([^"]*)"/.exec(attributes)?.[1];
      if (name !== undefined && !attributes.includes('checkbox'))
        fields[name] = plain(/value="([^"]*)"/.exec(attributes)?.[1]);
    }
    for (const [, name = '', value] of text.matchAll(/<textarea name="([^"]*)"[^>]*>([^<]*)<\/textarea>/g))
      fields[name] = plain(value);
    return submit(path, { ...fields, action: 'save', ...change });
  };
  const lines = (record: Json) => record.Lines as unknown as Json[];

  it('list the company files, and for each its invoices and customers', async () => {
    expect((await page()).text).toContain(`/accountedge/accountant/${WIDGETS}`);
    const { text } = await page(`/${WIDGETS}`);
    expect(text).toContain(`/accountedge/accountant/${WIDGETS}/${here()}`);
    expect(text).toContain(`/accountedge/accountant/${WIDGETS}/customer/${String(customer.UID)}`);
    expect((await page(`/${WIDGETS}?search=nothing-like-it`)).text).toContain('No invoice found.');
    expect((await page(`/${WIDGETS}/invoice/999`)).status).toBe(404);
    expect((await page('/1')).status).toBe(404);
    expect((await request(sandbox.base)).headers.get('location')).toBe(`${sandbox.base}/accountant`);
  });

  it('escape what the books contain and load nothing from elsewhere', async () => {
    for (const path of [`/${WIDGETS}`, `/${WIDGETS}/${here()}`, `/${WIDGETS}/customer/${String(customer.UID)}`]) {
      const { text } = await page(path);
      expect(text).not.toContain('<script');
      expect(text).toContain('&lt;script&gt;');
      expect(text).not.toMatch(/(src|href)="https?:/);
    }
  });

  it('change nothing but versions when the form comes back untouched', async () => {
    const reply = await edit(here(), {});
    expect([reply.status, reply.text]).toEqual([302, '']);
    const after = await client.read(ITEM, invoice.UID);
    const content = ({ RowVersion: _version, LastModified: _at, Lines: _lines, ...rest }: Json) => rest;
    expect(content(after)).toEqual(content(invoice));
    expect(lines(after).map(({ RowVersion: _own, ...line }) => line)).toEqual(
      lines(invoice).map(({ RowVersion: _own, ...line }) => line),
    );
    expect(after.RowVersion).not.toBe(invoice.RowVersion);
  });

  it('change date, memo and lines, add one and remove one', async () => {
    const [first, second] = lines(invoice);
    await edit(here(), {
      date: '2026-10-05',
      memo: 'By hand',
      [`quantity-${String(first?.RowID)}`]: '3',
      [`remove-${String(second?.RowID)}`]: 'on',
      'new-target-0': shop.service.UID,
      'new-description-0': 'Extra',
      'new-quantity-0': '2',
      'new-price-0': '1,000.5',
    });
    const after = await client.read(ITEM, invoice.UID);
    expect(after).toMatchObject({ Date: '2026-10-05T00:00:00', JournalMemo: 'By hand', Subtotal: 2226 });
    expect(lines(after).map((line) => [line.RowID, line.Description, line.Total])).toEqual([
      [1, 'Design "quoted"', 225],
      [3, 'Extra', 2001],
    ]);
  });

  it('tell what is refused, and whether somebody was faster', async () => {
    await client.create('Sale/CustomerPayment', paymentBody(shop, invoice, 10, { Customer: { UID: customer.UID } }));
    const paid = await edit(here(), { date: '2026-10-01' });
    expect([paid.status, paid.text.includes('Payments or credits are applied')]).toEqual([400, true]);
    const stale = await edit(here(), { version: '1' });
    expect([stale.status, stale.text.includes('Somebody else changed this')]).toEqual([400, true]);
    const bad = await edit(here(), { [`price-${String(lines(invoice)[0]?.RowID)}`]: 'much' });
    expect([bad.status, bad.text.includes('could not be read (price)')]).toEqual([400, true]);
  });

  it('delete an invoice, and rename a customer everywhere', async () => {
    await edit(`customer/${String(customer.UID)}`, { name: 'Quiet Ltd', notes: 'Soft' });
    expect((await client.read(ITEM, invoice.UID)).Customer?.Name).toBe('Quiet Ltd');
    expect((await edit(here(), { action: 'delete' })).status).toBe(302);
    expect((await client.get(`${ITEM}/${String(invoice.UID)}`)).status).toBe(404);
  });

  it('edit sales of every layout', async () => {
    const Activity = await client.linkTo('TimeBilling/Activity', "DisplayID eq 'DESIGN'");
    const account = { Account: shop.sales, Total: 10, TaxCode: shop.free };
    for (const [layout, line, field, expected] of [
      ['Service', account, 'amount', 4],
      ['Professional', account, 'amount', 4],
      ['Miscellaneous', account, 'amount', 4],
      ['TimeBilling', { Activity, Hours: 1, Rate: 80, TaxCode: shop.free }, 'quantity', 320],
    ] as const) {
      const made = await client.create(`Sale/Invoice/${layout}`, {
        Date: TODAY,
        Customer: shop.customer,
        IsTaxInclusive: false,
        Lines: [line],
      });
      const reply = await edit(`invoice/${String(made.UID)}`, { [`${field}-1`]: '4' });
      expect([layout, reply.status]).toEqual([layout, 302]);
      expect((await client.read(`Sale/Invoice/${layout}`, made.UID)).Subtotal).toBe(expected);
    }
  });
});
