import { itemLine, request, startSandbox, US, type Client, type Json, type TestSandbox } from './test-client.ts';

describe("the accountant's pages", () => {
  let sandbox: TestSandbox;
  let client: Client;
  let invoice: Json;
  let customer: Json;

  beforeEach(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
    customer = await client.save('Customer', { DisplayName: '<script>alert("x")</script>' });
    const item = await client.idOf('Item', 'Hours');
    const Line = [
      { ...itemLine(item, 2, 75), Description: 'Design "quoted"' },
      { ...itemLine(item, 1, 50), Description: 'Advice' },
    ];
    invoice = await client.save('Invoice', { CustomerRef: { value: customer.Id }, Line });
  });
  afterEach(() => sandbox.close());

  const page = (path = '') => request(`${sandbox.base}/accountant${path}`);
  const submit = (path: string, change: Record<string, string>) =>
    request(`${sandbox.base}/accountant/${US}/${path}`, { method: 'POST', body: new URLSearchParams(change) });
  /** The fields of the invoice form as a browser would send them back, with changes. */
  const edit = async (change: Record<string, string>) => {
    const { text } = await page(`/${US}/invoice/${String(invoice.Id)}`);
    const fields: Record<string, string> = {};
    const plain = (value = '') => value.replaceAll('&quot;', '"').replaceAll('&amp;', '&').replaceAll('&#39;', "'");
    for (const [, attributes] of text.matchAll(/<input ([^>]*)>/g)) {
      const name = /name="([^"]*)"/.exec(attributes ?? '')?.[1];
      if (name !== undefined && !attributes?.includes('checkbox'))
        fields[name] = plain(/value="([^"]*)"/.exec(attributes ?? '')?.[1]);
    }
    return submit(`invoice/${String(invoice.Id)}`, { ...fields, action: 'save', ...change });
  };

  it('list the companies, and for each its invoices and customers', async () => {
    expect((await page()).text).toContain(`/quickbooks/accountant/${US}`);
    const { text } = await page(`/${US}`);
    expect(text).toContain(`/quickbooks/accountant/${US}/invoice/${String(invoice.Id)}`);
    expect(text).toContain(`/quickbooks/accountant/${US}/customer/${String(customer.Id)}`);
    expect((await page(`/${US}?search=nothing-like-it`)).text).toContain('No invoice found.');
    expect((await page(`/${US}/invoice/999`)).status).toBe(404);
    expect((await page('/1')).status).toBe(404);
  });

  it('escape what the books contain and load nothing from elsewhere', async () => {
    for (const path of [`/${US}`, `/${US}/invoice/${String(invoice.Id)}`, `/${US}/customer/${String(customer.Id)}`]) {
      const { text } = await page(path);
      expect(text).not.toContain('<script');
      expect(text).toContain('&lt;script&gt;');
      expect(text).not.toMatch(/(src|href)="https?:/);
    }
  });

  it('change nothing but the version when the form comes back untouched', async () => {
    const reply = await edit({});
    expect(reply.status).toBe(302);
    const after = await client.read('Invoice', invoice.Id);
    expect({ ...after, SyncToken: '0', MetaData: {} }).toEqual({ ...invoice, MetaData: {} });
  });

  it('save date, number, memo, lines and their money under the name of who edited', async () => {
    await edit({
      editor: 'Pat Bookkeeper',
      number: 'P-7',
      date: '2026-01-15',
      due: '2026-02-15',
      memo: 'Thank you',
      note: 'checked',
      'description-1': 'Design, reworked',
      'quantity-1': '3',
      'price-1': '80.50',
      'remove-2': 'on',
      'new-item-0': '2',
      'new-description-0': 'Extra',
      'new-quantity-0': '2',
      'new-price-0': '10',
    });
    expect(await client.read('Invoice', invoice.Id)).toMatchObject({
      DocNumber: 'P-7',
      TxnDate: '2026-01-15',
      DueDate: '2026-02-15',
      CustomerMemo: { value: 'Thank you' },
      PrivateNote: 'checked',
      TotalAmt: 261.5,
      Line: [
        { Id: '1', Description: 'Design, reworked', Amount: 241.5, SalesItemLineDetail: { Qty: 3, UnitPrice: 80.5 } },
        { Id: '3', Description: 'Extra', Amount: 20 },
        { DetailType: 'SubTotalLineDetail' },
      ],
      MetaData: { LastModifiedByRef: { name: 'Pat Bookkeeper' } },
      SyncToken: '1',
    });
    const stale = await client.post('invoice', { Id: invoice.Id, SyncToken: '0', sparse: true, PrivateNote: 'x' });
    expect([stale.code, stale.detail]).toEqual([
      '5010',
      expect.stringContaining('You and Pat Bookkeeper were working'),
    ]);
  });

  it('show the reason when the rules refuse an edit', async () => {
    const reply = await edit({ 'quantity-1': 'three' });
    expect(reply.status).toBe(400);
    expect(reply.text).toContain('Quantity is not a valid number');
    const outdated = await edit({ version: '9' });
    expect(outdated.text).toContain('Stale Object Error');
    expect((await client.read('Invoice', invoice.Id)).SyncToken).toBe('0');
  });

  it('void and delete an invoice', async () => {
    await edit({ action: 'void' });
    expect(await client.read('Invoice', invoice.Id)).toMatchObject({ TotalAmt: 0, PrivateNote: 'Voided' });
    expect((await page(`/${US}/invoice/${String(invoice.Id)}`)).text).toContain('Voided');
    await edit({ action: 'delete' });
    expect((await client.get(`invoice/${String(invoice.Id)}`)).code).toBe('610');
  });

  it('rename a customer', async () => {
    await submit(`customer/${String(customer.Id)}`, { version: '0', name: "Neil's", editor: 'Kim', action: 'save' });
    expect(await client.read('Customer', customer.Id)).toMatchObject({
      DisplayName: "Neil's",
      MetaData: { LastModifiedByRef: { name: 'Kim' } },
    });
  });
});
