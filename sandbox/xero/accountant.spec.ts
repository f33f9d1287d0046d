import { NZ, request, startSandbox, type Client, type Json, type TestSandbox } from './test-client.ts';

const LINE = {
  Description: '<script>alert(1)</script>',
  Quantity: 2,
  UnitAmount: 10.5,
  AccountCode: '200',
};

describe("the accountant's pages", () => {
  let sandbox: TestSandbox;
  let client: Client;
  let made: Json;

  beforeEach(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
    made = await client.make('Invoices', {
      Type: 'ACCREC',
      Contact: { Name: 'Tom & "Jerry"' },
      Date: '2026-11-01',
      DueDate: '2026-11-15',
      LineItems: [LINE],
      Status: 'AUTHORISED',
    });
  });
  afterEach(() => sandbox.close());

  const at = (path: string) => `${sandbox.base}/accountant${path}`;
  const invoicePath = () => `/${NZ}/invoice/${String(made.InvoiceID)}`;
  const post = (path: string, form: Record<string, string>) =>
    request(at(path), { method: 'POST', body: new URLSearchParams(form) });

  /** The fields of the form as a browser would send them back. */
  const formOf = (text: string): Record<string, string> =>
    Object.fromEntries(
      [...text.matchAll(/<input(?=[^>]*name="([^"]+)")(?![^>]*type="checkbox")(?:[^>]*value="([^"]*)")?[^>]*>/g)].map(
        ([, name = '', value = '']) => [
          name,
          value
            .replaceAll('&lt;', '<')
            .replaceAll('&gt;', '>')
            .replaceAll('&amp;', '&')
            .replaceAll('&quot;', '"')
            .replaceAll('&#39;', "'"),
        ],
      ),
    );
  const edit = async (change: Record<string, string>) => {
    const shown = await request(at(invoicePath()));
    return post(invoicePath(), { ...formOf(shown.text), action: 'save', ...change });
  };
  const stored = () => client.read(`Invoices/${String(made.InvoiceID)}`);

  it('list organisations, and the invoices and contacts of one', async () => {
    const all = await request(at(''));
    expect(all.text).toContain('Demo Company (NZ)');
    const one = await request(at(`/${NZ}?search=jerry`));
    expect(one.text).toContain(String(made.InvoiceNumber));
    expect(one.text).toContain('Tom &amp; &quot;Jerry&quot;');
    expect((await request(at(`/${NZ}/invoice/nothing`))).status).toBe(404);
    expect((await request(at('/nowhere'))).status).toBe(404);
  });

  it('escape what is in the books, and run no scripts', async () => {
    const { text } = await request(at(invoicePath()));
    expect(text).not.toContain('<script');
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('change an invoice the way the API would, keeping its lines', async () => {
    const id = String(made.LineItems?.[0]?.LineItemID);
    const reply = await edit({ reference: 'By hand', [`quantity-${id}`]: '3', due: '2026-12-01' });
    expect(reply.status).toBe(302);
    expect(await stored()).toMatchObject({
      Reference: 'By hand',
      DueDateString: '2026-12-01T00:00:00',
      Total: 36.23,
      LineItems: [{ LineItemID: id, Quantity: 3, Description: LINE.Description }],
    });
    expect((await request(at(`${invoicePath()}?saved`))).text).toContain('Saved.');
  });

  it('add and remove lines', async () => {
    const id = String(made.LineItems?.[0]?.LineItemID);
    await edit({ 'new-account-0': '260', 'new-description-0': 'Added', 'new-price-0': '1,000.50' });
    expect((await stored()).LineItems).toMatchObject([
      { LineItemID: id },
      { Description: 'Added', UnitAmount: 1000.5 },
    ]);
    await edit({ [`remove-${id}`]: 'on' });
    expect((await stored()).LineItems).toMatchObject([{ Description: 'Added' }]);
  });

  it('approve, void and delete', async () => {
    await edit({ action: 'void' });
    expect(await stored()).toMatchObject({ Status: 'VOIDED' });
    made = await client.make('Invoices', {
      Type: 'ACCPAY',
      Contact: { Name: 'S' },
      DueDate: '2026-12-01',
      LineItems: [{ ...LINE, AccountCode: '400' }],
    });
    await edit({ action: 'approve' });
    expect(await stored()).toMatchObject({ Status: 'AUTHORISED' });
    made = await client.make('Invoices', { Type: 'ACCPAY', Contact: { Name: 'S' }, LineItems: [] });
    await edit({ action: 'delete' });
    expect(await stored()).toMatchObject({ Status: 'DELETED' });
  });

  it('show what the books refuse, and what was changed by somebody else meanwhile', async () => {
    const id = String(made.LineItems?.[0]?.LineItemID);
    const bad = await edit({ [`price-${id}`]: 'lots' });
    expect([bad.status, bad.text]).toEqual([400, expect.stringContaining('is no number')]);
    const shown = await request(at(invoicePath()));
    await new Promise((resolve) => setTimeout(resolve, 5));
    await client.change(`Invoices/${String(made.InvoiceID)}`, { Reference: 'Meanwhile' });
    const late = await post(invoicePath(), { ...formOf(shown.text), action: 'save', reference: 'Mine' });
    expect([late.status, late.text]).toEqual([400, expect.stringContaining('changed this in the meantime')]);
    expect(await stored()).toMatchObject({ Reference: 'Meanwhile' });
  });

  it('change and archive contacts', async () => {
    const path = `/${NZ}/contact/${String(made.Contact?.ContactID)}`;
    const shown = await request(at(path));
    await post(path, { ...formOf(shown.text), name: 'Renamed', email: 'r@b.example', action: 'save' });
    const contact = () => client.read(`Contacts/${String(made.Contact?.ContactID)}`);
    expect(await contact()).toMatchObject({ Name: 'Renamed', EmailAddress: 'r@b.example' });
    const again = await request(at(path));
    await post(path, { ...formOf(again.text), action: 'archive' });
    expect(await contact()).toMatchObject({ ContactStatus: 'ARCHIVED' });
  });
});
