import {
  billBody,
  customerBody,
  HARBOUR,
  invoiceBody,
  openShop,
  startSandbox,
  supplierBody,
  TODAY,
  WIDGETS,
  type Client,
  type Json,
  type Shop,
  type TestSandbox,
} from './test-client.ts';

/** Every resource of the sheet: made, read, listed, changed, deleted, as far as it can be. */

describe('the resources (sheet 3.2 and 6)', () => {
  let sandbox: TestSandbox;
  let client: Client;
  let shop: Shop;

  beforeAll(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
    shop = await openShop(client);
  });
  afterAll(() => sandbox.close());

  type Row = [resource: string, body: () => object, changed: object | undefined];
  const saleLine = () => ({ Account: shop.sales, Total: 10, TaxCode: shop.free });
  const sold = (Lines: object[]) => invoiceBody(shop, 0, { Lines });
  const spent = () => ({
    Account: shop.bank,
    Date: TODAY,
    Lines: [{ Account: shop.supplies, Amount: 20, TaxCode: shop.tax, Memo: 'Pens' }],
  });
  const rows: Row[] = [
    [
      'GeneralLedger/Account',
      () => ({ Name: 'Paper', Number: '5151', Type: 'Expense', TaxCode: shop.free }),
      { Name: 'Paper & pens' },
    ],
    ['GeneralLedger/TaxCode', () => ({ Code: 'NEW', Type: 'SalesTax', Rate: 4.5 }), { Rate: 5 }],
    ['GeneralLedger/Job', () => ({ Number: 'J900', Name: 'Roof' }), { PercentComplete: 50 }],
    ['GeneralLedger/Category', () => ({ DisplayID: 'ONL', Name: 'Online' }), { IsActive: false }],
    ['Contact/Customer', () => customerBody('New customer', shop.tax), { Notes: 'Calls first' }],
    ['Contact/Supplier', () => supplierBody('New supplier', shop.free), { CompanyName: 'Renamed supplier' }],
    [
      'Inventory/Item',
      () => ({ Number: 'NEW', IsBought: true, ExpenseAccount: shop.supplies, BuyingDetails: { TaxCode: shop.free } }),
      { Name: 'New thing' },
    ],
    ['Sale/Invoice/Service', () => sold([saleLine()]), { Comment: 'Thanks' }],
    [
      'Sale/Invoice/Item',
      () => sold([{ Item: shop.service, ShipQuantity: 1, UnitPrice: 8, TaxCode: shop.tax }]),
      { Comment: 'Thanks' },
    ],
    ['Sale/Invoice/Professional', () => sold([{ ...saleLine(), Date: TODAY }]), { Comment: 'Thanks' }],
    ['Sale/Invoice/Miscellaneous', () => sold([saleLine()]), { JournalMemo: 'Thanks' }],
    ['Sale/Quote/Service', () => sold([saleLine()]), { Status: 'Accepted' }],
    [
      'Sale/Quote/Item',
      () => sold([{ Item: shop.service, ShipQuantity: 1, UnitPrice: 8, TaxCode: shop.tax }]),
      { Status: 'Declined' },
    ],
    ['Sale/Order/Service', () => sold([saleLine()]), { Comment: 'Thanks' }],
    ['Purchase/Bill/Service', () => billBody(shop, 10), { Comment: 'Checked' }],
    [
      'Purchase/Bill/Item',
      () => billBody(shop, 0, { Lines: [{ Item: shop.goods, BillQuantity: 2, UnitPrice: 3, TaxCode: shop.free }] }),
      { Comment: 'Checked' },
    ],
    ['Purchase/Bill/Miscellaneous', () => billBody(shop, 10), { JournalMemo: 'Checked' }],
    ['Purchase/Order/Service', () => billBody(shop, 10), { Comment: 'Urgent' }],
    [
      'Purchase/Order/Item',
      () => billBody(shop, 0, { Lines: [{ Item: shop.goods, BillQuantity: 2, UnitPrice: 3, TaxCode: shop.free }] }),
      { Comment: 'Urgent' },
    ],
    ['Banking/SpendMoneyTxn', spent, { Memo: 'Office' }],
    ['Banking/ReceiveMoneyTxn', spent, { Memo: 'Interest' }],
    [
      'Banking/TransferMoneyTxn',
      () => ({ FromAccount: shop.bank, ToAccount: undepositedAccount, Date: TODAY, Amount: 12 }),
      { Amount: 15 },
    ],
    [
      'GeneralLedger/GeneralJournal',
      () => ({
        DateOccurred: TODAY,
        GSTReportingMethod: 'Sale',
        Lines: [
          { Account: shop.supplies, Amount: 3, IsCredit: false },
          { Account: shop.bank, Amount: 3, IsCredit: true },
        ],
      }),
      { Memo: 'Corrected' },
    ],
  ];
  let undepositedAccount: { UID: string };

  beforeAll(async () => {
    undepositedAccount = await client.account('1-1180');
  });

  it.each(rows)('%s is made, read, listed, changed and deleted', async (resource, body, changed) => {
    const made = await client.create(resource, body());
    expect(await client.read(resource, made.UID)).toEqual(made);
    const [listed] = await client.filter(resource, `UID eq guid'${String(made.UID)}'`);
    expect(listed).toEqual(made);
    const after = await client.change(resource, made, changed ?? {});
    expect(after).toMatchObject(changed ?? {});
    expect(after.RowVersion).not.toBe(made.RowVersion);
    const untouched = await client.change(resource, after, {});
    const content = ({ RowVersion: _version, LastModified: _at, Lines, ...rest }: Json) => ({
      ...rest,
      Lines: (Lines as unknown as Json[] | undefined)?.map(({ RowVersion: _own, ...line }) => line),
    });
    expect(content(untouched)).toEqual(content(after));
    expect((await client.delete(`${resource}/${String(made.UID)}`)).status).toBe(200);
    expect((await client.get(`${resource}/${String(made.UID)}`)).status).toBe(404);
  });

  it('a sale of time is hours at a rate', async () => {
    const Activity = await client.linkTo('TimeBilling/Activity', "DisplayID eq 'DESIGN'");
    const made = await client.create(
      'Sale/Invoice/TimeBilling',
      sold([{ Activity, Hours: 3, Rate: 75, TaxCode: shop.free }]),
    );
    expect(made.TotalAmount).toBe(225);
    await client.delete(`Sale/Invoice/TimeBilling/${String(made.UID)}`);
  });

  it('a layout has no members that are not its own', async () => {
    const made = await client.create('Sale/Invoice/Miscellaneous', { ...sold([saleLine()]), Comment: 'x', Freight: 5 });
    for (const name of ['Comment', 'Freight', 'ShipToAddress', 'InvoiceDeliveryStatus'])
      expect(made).not.toHaveProperty(name);
    expect(made.TotalAmount).toBe(10);
    const professional = await client.create('Sale/Invoice/Professional', sold([saleLine()]));
    expect([professional.Comment, professional.InvoiceDeliveryStatus]).toEqual([null, 'Print']);
    expect(professional).not.toHaveProperty('ShippingMethod');
  });

  it('an item layout mixes items and accounts, but not with freight', async () => {
    const Lines = [
      { Item: shop.service, ShipQuantity: 1, UnitPrice: 8, TaxCode: shop.free },
      { Account: shop.sales, ShipQuantity: 1, UnitPrice: 2, TaxCode: shop.free },
    ];
    const made = await client.create('Sale/Invoice/Item', sold(Lines));
    expect(made.TotalAmount).toBe(10);
    const reply = await client.post('Sale/Invoice/Item', { ...sold(Lines), Freight: 1, FreightTaxCode: shop.free });
    expect([reply.status, reply.name]).toEqual([400, 'FreightNotSupported']);
  });

  it('spent money is shown with the tax on it, or in it', async () => {
    const outside = await client.create('Banking/SpendMoneyTxn', { ...spent(), IsTaxInclusive: false });
    expect(outside).toMatchObject({ TotalTax: 1.65, AmountPaid: 21.65, PayFrom: 'Account' });
    const inside = await client.create('Banking/SpendMoneyTxn', spent());
    expect(inside).toMatchObject({ IsTaxInclusive: true, TotalTax: 1.52, AmountPaid: 20 });
    const wrong = await client.post('Banking/SpendMoneyTxn', { ...spent(), Account: shop.sales });
    expect([wrong.name, wrong.details]).toEqual(['IncorrectAccountType', 'Account']);
  });

  it('an account is numbered by its class and stands below its header', async () => {
    const TaxCode = shop.free;
    const made = await client.create('GeneralLedger/Account', {
      Name: 'Van',
      Number: '1800',
      Type: 'FixedAsset',
      TaxCode,
      OpeningBalance: 500,
    });
    expect(made).toMatchObject({
      DisplayID: '1-1800',
      Classification: 'Asset',
      Level: 2,
      OpeningBalance: 500,
      CurrentBalance: 500,
    });
    expect(made.ParentAccount?.DisplayID).toBe('1-0000');
    const loan = await client.create('GeneralLedger/Account', {
      Name: 'Loan',
      Number: '2500',
      Type: 'LongTermLiability',
      TaxCode,
      OpeningBalance: 80,
    });
    expect(loan).toMatchObject({ DisplayID: '2-2500', Classification: 'Liability', CurrentBalance: 80 });
    const { ledger } = await sandbox.control('GET', `/dump/${WIDGETS}`);
    expect(ledger?.difference).toBe('0');
  });

  it('cards of all kinds come together with their type, as far as the scopes go', async () => {
    const types = async (of: Client) => new Set((await of.list('Contact')).map((each) => String(each.Type)));
    expect(await types(client)).toEqual(new Set(['Customer', 'Supplier', 'Employee', 'Personal']));
    expect(await types(await sandbox.connect(WIDGETS, ['sme-contacts-supplier']))).toEqual(new Set(['Supplier']));
    const [supplier] = await client.filter('Contact', "Type eq 'Supplier'");
    expect(await client.read('Contact', supplier?.UID)).toMatchObject({ Type: 'Supplier', URI: supplier?.URI });
    expect(String(supplier?.URI)).toContain('/Contact/Supplier/');
  });

  it('a card has one address of each place, five at most', async () => {
    const at = (...places: number[]) =>
      customerBody('Placed', shop.tax, { Addresses: places.map((Location) => ({ Location })) });
    expect((await client.post('Contact/Customer', at(1, 2))).status).toBe(201);
    expect((await client.post('Contact/Customer', at(1, 1))).details).toBe('Addresses[1].Location');
    expect((await client.post('Contact/Customer', at(6))).name).toBe('SerializationError');
    expect((await client.post('Contact/Customer', at(1, 2, 3, 4, 5, 5))).name).toBe('FieldTooLong');
  });

  it('names in links follow the record they point to', async () => {
    const customer = await client.create('Contact/Customer', customerBody('Old name', shop.tax));
    const invoice = await client.create(
      'Sale/Invoice/Service',
      invoiceBody(shop, 1, { Customer: { UID: customer.UID } }),
    );
    await client.change('Contact/Customer', customer, { CompanyName: 'New name' });
    const after = await client.read('Sale/Invoice/Service', invoice.UID);
    expect([after.Customer?.Name, after.RowVersion]).toEqual(['New name', invoice.RowVersion]);
  });

  it('the postings of every transaction can be read', async () => {
    const invoice = await client.create('Sale/Invoice/Service', sold([{ ...saleLine(), TaxCode: shop.tax }]));
    const [posted] = await client.filter(
      'GeneralLedger/JournalTransaction',
      `SourceTransaction/UID eq guid'${String(invoice.UID)}'`,
    );
    expect(posted).toMatchObject({
      JournalType: 'Sale',
      DisplayID: invoice.Number,
      SourceTransaction: { TransactionType: 'Invoice', URI: invoice.URI },
    });
    const lines = posted?.Lines as unknown as { Account: Json; Amount: number; IsCredit: boolean }[];
    expect(lines.map(({ Account, Amount, IsCredit }) => [Account.DisplayID, Amount, IsCredit])).toEqual([
      ['1-1200', 10.83, false],
      ['4-1000', 10, true],
      ['2-1310', 0.83, true],
    ]);
    expect(await client.read('GeneralLedger/JournalTransaction', posted?.UID)).toEqual(posted);
  });

  it('entry resources tell what there is and what may be done', async () => {
    expect((await client.get('')).json).toMatchObject([
      { Id: WIDGETS, Name: 'Widgets Inc', Uri: `${client.api}/${WIDGETS}`, Country: 'US' },
    ]);
    const info = (await client.get('/Info')).json;
    expect(info.Gateway).toMatchObject({ Name: 'AccountEdge Gateway', ContractVersion: 1, TokenRotation: true });
    expect((info.Gateway?.WebhookTopics as unknown as string[]).length).toBe(12);
    const home = (await client.get(`/${WIDGETS}`)).json;
    expect(home.CompanyFile?.Id).toBe(WIDGETS);
    expect(home.Resources as unknown as string[]).toContain(`${client.api}/${WIDGETS}/Contact/Customer/`);
    const access = (await client.get('CurrentUser')).json.UserAccess as unknown as {
      ResourcePath: string;
      Access: string[];
    }[];
    expect(access.find((each) => each.ResourcePath.endsWith('/Sale/CustomerPayment/'))?.Access).toEqual([
      'GET',
      'POST',
      'DELETE',
    ]);
    expect((await client.get('DataScopes')).json.Scopes as unknown as string[]).toContain('sme-sales');
    expect((await client.get('Company')).json).toMatchObject({ CompanyName: 'Widgets Inc', ReadOnly: false });
    expect((await client.get('Company/Preferences')).json).toMatchObject({
      System: { CategoryTracking: 'OnAndNotRequired' },
      Sales: { Terms: { PaymentIsDue: 'InAGivenNumberOfDays', BalanceDueDate: 30 } },
    });
    const [properties] = await client.list('GeneralLedger/AccountingProperties');
    expect(properties).toMatchObject({
      ConversionDate: '2026-01-01T00:00:00',
      CurrentFinancialYear: 2026,
      LastMonthFinancialYear: 12,
    });
  });
});

describe('the seeded company files', () => {
  let sandbox: TestSandbox;

  beforeAll(async () => {
    sandbox = await startSandbox({ empty: false });
  });
  afterAll(() => sandbox.close());

  it('have what the sheet names', async () => {
    const client = await sandbox.connect(WIDGETS);
    for (const id of [
      '1-1110',
      '1-1180',
      '1-1200',
      '1-1320',
      '2-1100',
      '2-1200',
      '2-1310',
      '3-8000',
      '4-1000',
      '4-9000',
      '5-1000',
      '6-1000',
      '6-2000',
      '8-1000',
    ]) {
      expect(await client.account(id)).toBeTruthy();
    }
    expect((await client.filter('GeneralLedger/TaxCode', "Code eq 'TAX'"))[0]?.Rate).toBe(8.25);
    expect((await client.filter('GeneralLedger/Job', "Number eq 'J000'"))[0]?.IsHeader).toBe(true);
    expect((await client.filter('Contact/Customer', 'IsIndividual eq true')).length).toBeGreaterThan(0);
    expect((await client.filter('Inventory/Item', 'IsInventoried eq true')).length).toBeGreaterThan(0);
  });

  it('have balanced books of hundreds of documents, the third of none', async () => {
    const { companies } = await sandbox.control('GET', '/companies');
    const counts = [];
    for (const { realmId } of companies as unknown as Json[]) {
      const { entities, ledger } = await sandbox.control('GET', `/dump/${String(realmId)}`);
      expect(ledger?.difference).toBe('0');
      const documents = Object.entries(entities as unknown as Record<string, unknown[]>)
        .filter(([path]) => /^(Sale|Purchase|Banking)\//.test(path))
        .reduce((sum, [, records]) => sum + records.length, 0);
      counts.push(documents);
    }
    expect(counts[0]).toBeGreaterThan(300);
    expect(counts[1]).toBeGreaterThan(300);
    expect(counts[2]).toBe(0);
  });

  it('have one with foreign currencies, which can be read and not written', async () => {
    const client = await sandbox.connect(HARBOUR);
    const [invoice] = await client.filter('Sale/Invoice/Service', 'CurrencyExchangeRate gt 0');
    expect(invoice?.ForeignCurrency?.Code).toMatch(/^(USD|NZD)$/);
    const local = Number(invoice?.TotalAmount);
    expect(Number(invoice?.TotalAmountForeign)).toBeCloseTo(local / Number(invoice?.CurrencyExchangeRate), 2);
    const put = await client.put(`Sale/Invoice/Service/${String(invoice?.UID)}`, { ...invoice, Comment: 'x' });
    expect([put.status, put.name]).toEqual([400, 'ForeignCurrencyNotSupported']);
    const [open] = await client.filter('Sale/Invoice', "CurrencyExchangeRate gt 0 and Status eq 'Open'");
    const payment = await client.post('Sale/CustomerPayment', {
      Account: await client.account('1-1110'),
      Customer: open?.Customer,
      Date: TODAY,
      AmountReceived: 1,
      Invoices: [{ UID: open?.UID, AmountApplied: 1 }],
    });
    expect([payment.status, payment.name]).toEqual([400, 'ForeignCurrencyNotSupported']);
  });

  it('are the same at every start', async () => {
    const other = await startSandbox({ empty: false, seed: 99 });
    const dump = async (of: TestSandbox) =>
      JSON.stringify((await of.control('GET', `/dump/${WIDGETS}`)).entities?.['Sale/Invoice/Item']).replaceAll(
        of.base,
        '',
      );
    const content = (text: string) => text.replaceAll(/"(Created|LastModified)":"[^"]*"/g, '');
    expect(content(await dump(other))).toBe(content(await dump(sandbox)));
    await other.close();
  });
});
