import {
  billBody,
  customerBody,
  invoiceBody,
  openShop,
  paymentBody,
  startSandbox,
  TODAY,
  WIDGETS,
  type Client,
  type Json,
  type Shop,
  type TestSandbox,
} from './test-client.ts';

describe('the books (sheet 6, acceptance 19 to 22)', () => {
  let sandbox: TestSandbox;
  let client: Client;
  let shop: Shop;

  beforeAll(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
    shop = await openShop(client);
  });
  afterAll(() => sandbox.close());
  afterEach(async () => {
    const { ledger } = await sandbox.control('GET', `/dump/${WIDGETS}`);
    expect(ledger?.difference).toBe('0');
  });

  const invoice = (amount: number, more: object = {}) =>
    client.create('Sale/Invoice/Service', invoiceBody(shop, amount, more));
  const bill = (amount: number, more: object = {}) =>
    client.create('Purchase/Bill/Service', billBody(shop, amount, more));
  const again = (resource: string, record: Json) => client.read(resource, record.UID);
  const sale = (record: Json) => again('Sale/Invoice/Service', record);
  const state = async (record: Json, resource = 'Sale/Invoice/Service') => {
    const { BalanceDueAmount, Status, LastPaymentDate } = await again(resource, record);
    return [BalanceDueAmount, Status, LastPaymentDate];
  };
  const outcome = async (
    call: Promise<{ status: number; name: string | undefined; code: unknown; details: unknown }>,
  ) => {
    const { status, name, code, details } = await call;
    return name === undefined ? [status] : [status, name, code, details];
  };
  const preferences = (values: object) => sandbox.control('POST', `/preferences/${WIDGETS}`, values);

  describe('19. totals, terms and numbers', () => {
    it('adds lines as entered, tax by line half away from zero, and freight', async () => {
      const line = (Total: number) => ({ Account: shop.sales, Total, TaxCode: shop.tax });
      const Lines = [line(0.3), line(0.3), line(19.99)];
      const outside = await client.create(
        'Sale/Invoice/Service',
        invoiceBody(shop, 0, { Lines, Freight: 10, FreightTaxCode: shop.tax }),
      );
      // 8.25 % of 0.30 is 0.02475, of 19.99 1.649175, of the freight 0.825.
      expect(outside).toMatchObject({ Subtotal: 20.59, TotalTax: 2.52, TotalAmount: 33.11, BalanceDueAmount: 33.11 });
      const inside = await client.create('Sale/Invoice/Service', invoiceBody(shop, 0, { Lines, IsTaxInclusive: true }));
      // 19.99 × 8.25 / 108.25 is 1.52348…, 0.30 × 8.25 / 108.25 is 0.02286….
      expect(inside).toMatchObject({ Subtotal: 20.59, TotalTax: 1.56, TotalAmount: 20.59 });
      const away = await client.create('Sale/Invoice/Service', invoiceBody(shop, 0, { Lines: [line(-0.2), line(-6)] }));
      // 8.25 % of -6 is -0.495.
      expect(away).toMatchObject({ TotalTax: -0.52, TotalAmount: -6.72, Status: 'Credit' });
    });

    it('multiplies quantity, price and discount, and holds a total that is sent against it', async () => {
      const line = (more: object) => ({
        Item: shop.service,
        ShipQuantity: 3,
        UnitPrice: 19.99,
        TaxCode: shop.free,
        ...more,
      });
      const post = (more: object) =>
        client.post('Sale/Invoice/Item?returnBody=true', invoiceBody(shop, 0, { Lines: [line(more)] }));
      const total = async (more: object) => ((await post(more)).json.Lines as unknown as Json[])[0]?.Total;
      expect(await total({})).toBe(59.97);
      expect(await total({ DiscountPercent: 12.5 })).toBe(52.47);
      expect(await total({ Total: 59.97 })).toBe(59.97);
      expect(await total({ Total: 59.96 })).toBe(59.96);
      expect(await outcome(post({ Total: 59.95 }))).toEqual([400, 'LineTotalMismatch', 90008, 'Lines[0].Total']);
      expect(await outcome(post({ UnitPrice: null }))).toEqual([400, 'Required', 100, 'Lines[0].Total']);
      expect(((await post({ UnitPrice: null, Total: 30 })).json.Lines as unknown as Json[])[0]?.UnitPrice).toBe(10);
    });

    it('counts headers and subtotals for nothing', async () => {
      const line = (Total: number) => ({ Account: shop.sales, Total, TaxCode: shop.free });
      const Lines = [
        { Type: 'Header', Description: 'Kitchen' },
        line(4),
        line(6),
        { Type: 'SubTotal' },
        line(1),
        { Type: 'SubTotal' },
      ];
      const made = await client.create('Sale/Invoice/Service', invoiceBody(shop, 0, { Lines }));
      expect(made.TotalAmount).toBe(11);
      expect((made.Lines as unknown as Json[]).map((each) => each.Total)).toEqual([null, 4, 6, 10, 1, 1]);
    });

    it.each([
      [{ PaymentIsDue: 'CashOnDelivery', BalanceDueDate: 9 }, '2026-01-20', '2026-01-20'],
      [{ PaymentIsDue: 'PrePaid' }, '2026-01-20', '2026-01-20'],
      [{ PaymentIsDue: 'InAGivenNumberOfDays', BalanceDueDate: 30 }, '2026-01-20', '2026-02-19'],
      [{ PaymentIsDue: 'OnADayOfTheMonth', BalanceDueDate: 25 }, '2026-01-20', '2026-01-25'],
      [{ PaymentIsDue: 'OnADayOfTheMonth', BalanceDueDate: 15 }, '2026-01-20', '2026-02-15'],
      [{ PaymentIsDue: 'OnADayOfTheMonth', BalanceDueDate: 31 }, '2026-02-20', '2026-02-28'],
      [{ PaymentIsDue: 'NumberOfDaysAfterEOM', BalanceDueDate: 10 }, '2026-01-20', '2026-02-10'],
      [{ PaymentIsDue: 'DayOfMonthAfterEOM', BalanceDueDate: 31 }, '2026-01-20', '2026-02-28'],
    ])('terms %j of %s are due on %s', async (Terms, Date, due) => {
      const made = await invoice(100, { Terms: { ...Terms, DiscountForEarlyPayment: 2, DiscountDate: 1 }, Date });
      expect(made.Terms).toMatchObject({ DueDate: `${due}T00:00:00`, Discount: 2 });
    });

    it('inherits the terms of the card when none are sent', async () => {
      const Terms = {
        PaymentIsDue: 'DayOfMonthAfterEOM',
        BalanceDueDate: 15,
        DiscountForEarlyPayment: 1.5,
        DiscountDate: 5,
      };
      const details = { TaxCode: shop.tax, FreightTaxCode: shop.tax, Terms };
      const customer = await client.create('Contact/Customer', { CompanyName: 'With terms', SellingDetails: details });
      const made = await invoice(200, { Customer: { UID: customer.UID } });
      expect(made.Terms).toMatchObject({ ...Terms, DueDate: '2026-12-15T00:00:00', Discount: 3 });
    });

    it('numbers with eight digits, one above the highest, and pads what is all digits', async () => {
      await invoice(1, { Number: '900' });
      expect((await invoice(1)).Number).toBe('00000901');
      expect((await invoice(1, { Number: 'SO-1042' })).Number).toBe('SO-1042');
      expect((await invoice(1)).Number).toBe('00000902');
      const kept = await client.change('Sale/Invoice/Service', await invoice(1, { Number: '123456789' }), {
        Number: null,
      });
      expect(kept.Number).toBe('123456789');
      expect((await client.create('Sale/CustomerPayment', paymentBody(shop, await invoice(5), 5))).ReceiptNumber).toBe(
        '00000001',
      );
    });
  });

  describe('20. what settles documents', () => {
    it('a payment moves the balance, and its delete moves it back', async () => {
      const made = await invoice(100);
      expect(await state(made)).toEqual([100, 'Open', null]);
      const first = await client.create('Sale/CustomerPayment', paymentBody(shop, made, 60, { Date: '2026-11-10' }));
      expect(await state(made)).toEqual([40, 'Open', '2026-11-10T00:00:00']);
      const second = await client.create('Sale/CustomerPayment', paymentBody(shop, made, 40));
      expect(await state(made)).toEqual([0, 'Closed', TODAY]);
      expect((second.Invoices as unknown as Json[])[0]).toMatchObject({
        UID: made.UID,
        Number: made.Number,
        AmountApplied: 40,
      });
      await client.delete(`Sale/CustomerPayment/${String(second.UID)}`);
      expect(await state(made)).toEqual([40, 'Open', '2026-11-10T00:00:00']);
      await client.delete(`Sale/CustomerPayment/${String(first.UID)}`);
      expect(await state(made)).toEqual([100, 'Open', null]);
    });

    it('refuses more than is left, and amounts that do not add up', async () => {
      const made = await invoice(50);
      const pay = (more: object) => outcome(client.post('Sale/CustomerPayment', paymentBody(shop, made, 50, more)));
      const applied = (AmountApplied: number) => [{ UID: made.UID, AmountApplied, Type: 'Invoice' }];
      expect(await pay({ AmountReceived: 50.01, Invoices: applied(50.01) })).toEqual([
        400,
        'AmountAppliedExceedsBalance',
        90007,
        'Invoices[0].AmountApplied',
      ]);
      expect(await pay({ AmountReceived: 49 })).toEqual([400, 'AmountAppliedMismatch', 90006, 'AmountReceived']);
      expect(await pay({ Invoices: [...applied(30), ...applied(30)], AmountReceived: 60 })).toEqual([
        400,
        'AmountAppliedExceedsBalance',
        90007,
        'Invoices[0].AmountApplied',
      ]);
      expect(await pay({ Account: shop.sales })).toEqual([400, 'DepositToAccountMismatch', 26000, 'Account']);
      expect(await pay({ DepositTo: 'UndepositedFunds', Account: null })).toEqual([201]);
      const credit = await invoice(-20);
      expect((await client.post('Sale/CustomerPayment', paymentBody(shop, credit, 5))).name).toBe(
        'AmountAppliedExceedsBalance',
      );
      const other = await client.create('Contact/Customer', customerBody('Somebody else', shop.tax));
      const wrong = await client.post(
        'Sale/CustomerPayment',
        paymentBody(shop, await invoice(5), 5, { Customer: { UID: other.UID } }),
      );
      expect([wrong.name, wrong.details]).toEqual(['NotFound', 'Invoices[0].AmountApplied']);
    });

    it('a credit is a negative sale; a settlement moves both, and its delete moves both back', async () => {
      const credit = await invoice(-80);
      const open = await invoice(100);
      expect(await state(credit)).toEqual([-80, 'Credit', null]);
      const body = (CreditAmount: number, applied = CreditAmount) => ({
        CreditFromInvoice: { UID: credit.UID },
        Customer: shop.customer,
        Date: TODAY,
        CreditAmount,
        Lines: [{ Type: 'Invoice', Sale: { UID: open.UID }, AmountApplied: applied }],
      });
      const settlement = await client.create('Sale/CreditSettlement', body(50));
      expect([await state(credit), await state(open)]).toEqual([
        [-30, 'Credit', TODAY],
        [50, 'Open', TODAY],
      ]);
      expect(await outcome(client.post('Sale/CreditSettlement', body(31)))).toEqual([
        400,
        'AmountAppliedExceedsBalance',
        90007,
        'CreditAmount',
      ]);
      expect(await outcome(client.post('Sale/CreditSettlement', body(10, 9)))).toEqual([
        400,
        'AmountAppliedMismatch',
        90006,
        'CreditAmount',
      ]);
      await client.create('Sale/CreditSettlement', body(30));
      expect((await state(credit)).slice(0, 2)).toEqual([0, 'Closed']);
      await client.delete(`Sale/CreditSettlement/${String(settlement.UID)}`);
      expect([await state(credit), await state(open)]).toEqual([
        [-50, 'Credit', TODAY],
        [70, 'Open', TODAY],
      ]);
    });

    it('a refund pays a credit out', async () => {
      const credit = await invoice(-25);
      const before = Number((await client.read('GeneralLedger/Account', shop.bank.UID)).CurrentBalance);
      const body = { Account: shop.bank, Invoice: { UID: credit.UID }, Date: TODAY, Amount: 25 };
      const refund = await client.create('Sale/CreditRefund', body);
      expect(refund.Customer?.UID).toBe(shop.customer.UID);
      expect((await state(credit)).slice(0, 2)).toEqual([0, 'Closed']);
      expect(Number((await client.read('GeneralLedger/Account', shop.bank.UID)).CurrentBalance)).toBe(before - 25);
      expect((await client.post('Sale/CreditRefund', body)).name).toBe('AmountAppliedExceedsBalance');
      await client.delete(`Sale/CreditRefund/${String(refund.UID)}`);
      expect((await state(credit)).slice(0, 2)).toEqual([-25, 'Credit']);
    });

    it('purchases mirror all of it', async () => {
      const [open, debit] = [await bill(100), await bill(-40)];
      const purchase = (record: Json) => state(record, 'Purchase/Bill/Service');
      expect((await purchase(debit)).slice(0, 2)).toEqual([-40, 'Debit']);
      const line = (AmountApplied: number) => ({ Type: 'Bill', Purchase: { UID: open.UID }, AmountApplied });
      const payment = await client.create('Purchase/SupplierPayment', {
        PayFrom: 'Account',
        Account: shop.bank,
        Supplier: shop.supplier,
        Date: TODAY,
        Lines: [line(70)],
      });
      expect(payment.AmountPaid).toBe(70);
      const settlement = await client.create('Purchase/DebitSettlement', {
        DebitFromBill: { UID: debit.UID },
        Supplier: shop.supplier,
        Date: TODAY,
        DebitAmount: 30,
        Lines: [line(30)],
      });
      expect((await purchase(open)).slice(0, 2)).toEqual([0, 'Closed']);
      const refund = await client.create('Purchase/DebitRefund', {
        DepositTo: 'Account',
        Account: shop.bank,
        Bill: { UID: debit.UID },
        Date: TODAY,
        Amount: 10,
      });
      expect((await purchase(debit)).slice(0, 2)).toEqual([0, 'Closed']);
      for (const [path, record] of [
        ['Purchase/SupplierPayment', payment],
        ['Purchase/DebitSettlement', settlement],
        ['Purchase/DebitRefund', refund],
      ] as const) {
        expect((await client.delete(`${path}/${String(record.UID)}`)).status).toBe(200);
      }
      expect([(await purchase(open)).slice(0, 2), (await purchase(debit)).slice(0, 2)]).toEqual([
        [100, 'Open'],
        [-40, 'Debit'],
      ]);
    });
  });

  describe('21. what the books forbid', () => {
    it('changing or deleting what is paid, except its memo', async () => {
      const made = await invoice(30);
      await client.create('Sale/CustomerPayment', paymentBody(shop, made, 10));
      const current = await sale(made);
      const put = (members: object) =>
        outcome(client.put(`Sale/Invoice/Service/${String(made.UID)}`, { ...current, ...members }));
      const paid = [400, 'InvoicePaid', 10001, 'UID'];
      const Lines = (current.Lines as unknown as Json[]).map((line) => ({ ...line, Total: 31 }));
      expect(await put({ Lines })).toEqual(paid);
      expect(await put({ Date: '2026-11-01' })).toEqual(paid);
      expect(await outcome(client.delete(`Sale/Invoice/Service/${String(made.UID)}`))).toEqual(paid);
      expect(await put({ JournalMemo: 'Another memo' })).toEqual([200]);
      expect((await state(made)).slice(0, 2)).toEqual([20, 'Open']);
    });

    it('deleting what is in use', async () => {
      const gone = (path: string, record: { UID: unknown } | Json) =>
        outcome(client.delete(`${path}/${String(record.UID)}`));
      await invoice(1);
      expect(await gone('Contact/Customer', shop.customer)).toEqual([400, 'RecordInUse', 90012, 'UID']);
      expect(await gone('GeneralLedger/Account', shop.sales)).toEqual([400, 'RecordInUse', 90012, 'UID']);
      expect(await gone('GeneralLedger/TaxCode', shop.tax)).toEqual([400, 'RecordInUse', 90012, 'UID']);
      expect(await gone('GeneralLedger/Account', await client.account('3-8000'))).toEqual([
        400,
        'RecordInUse',
        90012,
        'UID',
      ]);
      const TaxCode = shop.free;
      const spare = await client.create('GeneralLedger/Account', {
        Name: 'Spare',
        Number: '7777',
        Type: 'Expense',
        TaxCode,
      });
      expect(await gone('GeneralLedger/Account', spare)).toEqual([200]);
    });

    it('deleting items that were sold or lie on the shelf', async () => {
      const SellingDetails = { TaxCode: shop.tax };
      const item = await client.create('Inventory/Item', {
        Number: 'ONCE',
        IsSold: true,
        IncomeAccount: shop.sales,
        SellingDetails,
      });
      const Lines = [{ Item: { UID: item.UID }, ShipQuantity: 1, UnitPrice: 1, TaxCode: shop.free }];
      const sold = await client.create('Sale/Quote/Item', invoiceBody(shop, 0, { Lines }));
      const path = (uid: unknown) => `Inventory/Item/${String(uid)}`;
      expect(await outcome(client.delete(path(item.UID)))).toEqual([400, 'ItemLinkedToSales', 9002, 'UID']);
      await client.delete(`Sale/Quote/Item/${String(sold.UID)}`);
      expect(await outcome(client.delete(path(item.UID)))).toEqual([200]);
      const stocked = { Lines: [{ Item: shop.goods, BillQuantity: 2, UnitPrice: 6, TaxCode: shop.free }] };
      await client.create('Purchase/Bill/Item', billBody(shop, 0, stocked));
      expect(await outcome(client.delete(path(shop.goods.UID)))).toEqual([400, 'ItemWithInventory', 9005, 'UID']);
    });

    it('dates in the locked period or before the financial year', async () => {
      const old = await invoice(5, { Date: '2026-02-10' });
      await preferences({ 'System.LockPeriodPriorTo': '2026-03-01T00:00:00' });
      const locked = [400, 'DateInLockPeriod', null, 'Date'];
      expect(await outcome(client.post('Sale/Invoice/Service', invoiceBody(shop, 1, { Date: '2026-02-28' })))).toEqual(
        locked,
      );
      expect(await outcome(client.put(`Sale/Invoice/Service/${String(old.UID)}`, { ...old, Date: TODAY }))).toEqual(
        locked,
      );
      expect(await outcome(client.delete(`Sale/Invoice/Service/${String(old.UID)}`))).toEqual(locked);
      expect((await client.post('Sale/Invoice/Service', invoiceBody(shop, 1, { Date: '2026-03-01' }))).status).toBe(
        201,
      );
      await preferences({ 'System.LockPeriodPriorTo': null });
      expect(await outcome(client.delete(`Sale/Invoice/Service/${String(old.UID)}`))).toEqual([200]);
      expect(await outcome(client.post('Sale/Invoice/Service', invoiceBody(shop, 1, { Date: '2025-12-31' })))).toEqual([
        400,
        'DatePriorToBeginningOfFinancialYear',
        25008,
        'Date',
      ]);
    });

    it('deleting at all, where transactions must be reversed', async () => {
      const made = await invoice(5);
      await preferences({ 'System.TransactionsCannotBeChangedMustBeReversed': true });
      const refused = [400, 'TransactionsCannotBeDeleted', 25003, 'UID'];
      expect(await outcome(client.delete(`Sale/Invoice/Service/${String(made.UID)}`))).toEqual(refused);
      await preferences({ 'System.TransactionsCannotBeChangedMustBeReversed': false });
      expect(await outcome(client.delete(`Sale/Invoice/Service/${String(made.UID)}`))).toEqual([200]);
    });

    it('journals that are not even, and transfers that go nowhere', async () => {
      const lines = (debit: number, credit: number) => [
        { Account: shop.supplies, Amount: debit, IsCredit: false },
        { Account: shop.bank, Amount: credit, IsCredit: true },
      ];
      const body = (Lines: object[]) => ({ DateOccurred: TODAY, GSTReportingMethod: 'Sale', Lines });
      const journal = (Lines: object[]) => outcome(client.post('GeneralLedger/GeneralJournal', body(Lines)));
      expect(await journal(lines(10, 9.99))).toEqual([400, 'JournalNotBalanced', 90005, 'Lines']);
      expect(await journal(lines(-1, -1))).toEqual([400, 'SerializationError', 50, 'Lines[0].Amount']);
      expect(await journal(lines(10, 10))).toEqual([201]);
      const transfer = { FromAccount: shop.bank, ToAccount: shop.bank, Date: TODAY, Amount: 5 };
      expect(await outcome(client.post('Banking/TransferMoneyTxn', transfer))).toEqual([
        400,
        'TransferBetweenSameAccount',
        29000,
        'ToAccount',
      ]);
    });

    it('changing an order that became an invoice or bill, until that is gone', async () => {
      const order = await client.create('Purchase/Order/Service', billBody(shop, 12));
      const made = await bill(12, { Order: { UID: order.UID } });
      const now = await again('Purchase/Order/Service', order);
      expect(now.Status).toBe('ConvertedToBill');
      const path = `Purchase/Order/Service/${String(order.UID)}`;
      const converted = [400, 'OrderConvertedToInvoice', 37001, 'UID'];
      expect(await outcome(client.put(path, now))).toEqual(converted);
      expect(await outcome(client.delete(path))).toEqual(converted);
      expect((await client.post('Purchase/Bill/Service', billBody(shop, 12, { Order: { UID: order.UID } }))).name).toBe(
        'OrderConvertedToInvoice',
      );
      await client.delete(`Purchase/Bill/Service/${String(made.UID)}`);
      expect((await again('Purchase/Order/Service', order)).Status).toBe('Open');
      const saleOrder = await client.create('Sale/Order/Service', invoiceBody(shop, 3));
      await invoice(3, { Order: { UID: saleOrder.UID } });
      expect((await again('Sale/Order/Service', saleOrder)).Status).toBe('ConvertedToInvoice');
    });

    it('posting to headers, control accounts and what is none for money', async () => {
      const [header, receivable] = await Promise.all([client.account('6-0000'), client.account('1-1200')]);
      const job = await client.linkTo('GeneralLedger/Job', "Number eq 'J000'");
      const line = (more: object) => ({ Lines: [{ Account: shop.supplies, Total: 1, TaxCode: shop.free, ...more }] });
      const post = (more: object) => outcome(client.post('Purchase/Bill/Service', billBody(shop, 1, more)));
      expect(await post(line({ Account: header }))).toEqual([400, 'AccountHeaderNotAllowed', null, 'Lines[0].Account']);
      expect(await post(line({ Job: job }))).toEqual([400, 'Line_JobHeaderNotAllowed', null, 'Lines[0].Job']);
      expect(await post(line({ Account: receivable }))).toEqual([
        400,
        'IncorrectAccountType',
        25006,
        'Lines[0].Account',
      ]);
      expect(await post({ Freight: 5 })).toEqual([400, 'FreightHasNotBeenSet', null, 'FreightTaxCode']);
    });

    it('leaves nothing behind of what it refused', async () => {
      const everything = async () => JSON.stringify(await sandbox.control('GET', `/dump/${WIDGETS}`));
      const open = await invoice(10);
      const before = await everything();
      const refused = await client.post('Sale/CustomerPayment', {
        ...paymentBody(shop, open, 20),
        Invoices: [
          { UID: open.UID, AmountApplied: 10, Type: 'Invoice' },
          { UID: open.UID, AmountApplied: 10, Type: 'Invoice' },
        ],
      });
      expect(refused.name).toBe('AmountAppliedExceedsBalance');
      expect(await everything()).toBe(before);
    });

    it('warns of credit limits, and refuses only who counts warnings', async () => {
      const SellingDetails = { TaxCode: shop.tax, FreightTaxCode: shop.tax, Credit: { Limit: 50 } };
      const { UID } = await client.create('Contact/Customer', { CompanyName: 'Limited', SellingDetails });
      const body = invoiceBody(shop, 60, { Customer: { UID } });
      expect(await outcome(client.post('Sale/Invoice/Service?warningsAsErrors=true', body))).toEqual([
        400,
        'CreditLimitExceeded',
        25005,
        'Customer',
      ]);
      expect(await outcome(client.post('Sale/Invoice/Service', body))).toEqual([201]);
    });

    it('documents in foreign currencies, which are for the desktop', async () => {
      const currency = await client.linkTo('GeneralLedger/Currency', "Code eq 'USD'");
      expect(
        await outcome(client.post('Sale/Invoice/Service', invoiceBody(shop, 1, { ForeignCurrency: currency }))),
      ).toEqual([400, 'ForeignCurrencyNotSupported', 90013, 'ForeignCurrency']);
    });
  });

  it('22. a category is wanted where the preferences say so', async () => {
    await preferences({ 'System.CategoryTracking': 'OnAndRequired' });
    expect(await outcome(client.post('Sale/Invoice/Service', invoiceBody(shop, 1)))).toEqual([
      400,
      'Required',
      100,
      'Category',
    ]);
    const Category = await client.linkTo('GeneralLedger/Category', "DisplayID eq 'RET'");
    expect((await invoice(1, { Category })).Category?.DisplayID).toBe('RET');
    await preferences({ 'System.CategoryTracking': 'Off' });
    expect((await invoice(1, { Category })).Category).toBeNull();
    await preferences({ 'System.CategoryTracking': 'OnAndNotRequired' });
    expect((await invoice(1)).Category).toBeNull();
  });

  it('goods leave stock at what they cost on average', async () => {
    const line = (quantity: string, count: number, UnitPrice: number) => ({
      Lines: [{ Item: shop.goods, [quantity]: count, UnitPrice, TaxCode: shop.free }],
    });
    const stock = async () => {
      const { QuantityOnHand, AverageCost, CurrentValue } = await client.read('Inventory/Item', shop.goods.UID);
      return [QuantityOnHand, AverageCost, CurrentValue];
    };
    expect(await stock()).toEqual([2, 6, 12]);
    await client.create('Purchase/Bill/Item', billBody(shop, 0, line('BillQuantity', 2, 9)));
    expect(await stock()).toEqual([4, 7.5, 30]);
    const sold = await client.create('Sale/Invoice/Item', invoiceBody(shop, 0, line('ShipQuantity', 3, 12.5)));
    expect((sold.Lines as unknown as Json[])[0]?.CostOfGoodsSold).toBe(22.5);
    expect(await stock()).toEqual([1, 7.5, 7.5]);
    await client.delete(`Sale/Invoice/Item/${String(sold.UID)}`);
    expect(await stock()).toEqual([4, 7.5, 30]);
  });
});
