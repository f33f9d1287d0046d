import {
  costLine,
  itemLine,
  startSandbox,
  UK,
  US,
  US_AUTOMATED,
  type Client,
  type Json,
  type TestSandbox,
} from './test-client.ts';

const list = (value: Json | undefined) => (value ?? []) as unknown as Json[];

describe('data semantics (sheet 9.1, items 15 to 30)', () => {
  let sandbox: TestSandbox;
  let client: Client;
  let item: string;
  let goods: string;
  let rent: string;
  let names = 0;

  const name = (what: string) => `${what} ${++names}`;
  const customer = (more: object = {}) => client.save('Customer', { DisplayName: name('Customer'), ...more });
  const vendor = (more: object = {}) => client.save('Vendor', { DisplayName: name('Vendor'), ...more });
  const invoice = async (total: number, more: object = {}) =>
    client.save('Invoice', {
      CustomerRef: { value: (await customer()).Id },
      Line: [itemLine(item, 1, total)],
      ...more,
    });
  const bill = async (total: number, more: object = {}) =>
    client.save('Bill', { VendorRef: { value: (await vendor()).Id }, Line: [costLine(rent, total)], ...more });
  const settles = (TxnType: string, TxnId: unknown, Amount: number) => ({ Amount, LinkedTxn: [{ TxnId, TxnType }] });
  const pay = (target: Json, Amount: number, TotalAmt = Amount) =>
    client.save('Payment', {
      CustomerRef: target.CustomerRef,
      TotalAmt,
      Line: [settles('Invoice', target.Id, Amount)],
    });
  const fault = async (entity: string, body: object, query = '') => {
    const reply = await client.post(`${entity.toLowerCase()}${query}`, body);
    expect([reply.status, reply.code]).toEqual([400, expect.any(String)]);
    return reply;
  };
  const code = async (entity: string, body: object, query = '') => (await fault(entity, body, query)).code;
  const switches = (values: object) => sandbox.control('POST', '/switches', values);
  const prefer = (values: object, realm = US) => sandbox.control('POST', `/preferences/${realm}`, values);

  beforeAll(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
    item = await client.idOf('Item', 'Hours');
    rent = await client.idOf('Account', 'Rent');
    const income = await client.idOf('Account', 'Sales of Product Income');
    const expense = await client.idOf('Account', 'Cost of Goods Sold');
    const made = await client.save('Item', {
      Name: 'Pump',
      Type: 'NonInventory',
      Taxable: true,
      UnitPrice: 15,
      IncomeAccountRef: { value: income },
      ExpenseAccountRef: { value: expense },
    });
    goods = String(made.Id);
  });
  afterAll(() => sandbox.close());

  describe('15. creation fills in what the client left out', () => {
    it('takes dates, term, addresses and e-mail from the customer, computes the rest', async () => {
      const term = await client.idOf('Term', 'Net 30');
      const BillAddr = { Line1: '4 Mill Rd', City: 'Salem', CountrySubDivisionCode: 'OR', PostalCode: '97301' };
      const from = await customer({
        SalesTermRef: { value: term },
        PrimaryEmailAddr: { Address: 'ap@birch.example' },
        BillAddr,
      });
      const made = await client.save('Invoice', {
        CustomerRef: { value: from.Id },
        TxnDate: '2026-02-03',
        Line: [itemLine(item, 2, 75)],
      });
      expect(made).toMatchObject({
        SyncToken: '0',
        TxnDate: '2026-02-03',
        DueDate: '2026-03-05',
        SalesTermRef: { value: term, name: 'Net 30' },
        BillAddr,
        BillEmail: { Address: 'ap@birch.example' },
        EmailStatus: 'NotSet',
        PrintStatus: 'NeedToPrint',
        CustomerRef: { value: from.Id, name: from.DisplayName },
        CurrencyRef: { value: 'USD', name: 'United States Dollar' },
        TotalAmt: 150,
        Balance: 150,
        LinkedTxn: [],
      });
      expect(String(made.DocNumber)).toMatch(/^\d+$/);
      expect(made.Line).toMatchObject([
        { Id: '1', LineNum: 1, Amount: 150, SalesItemLineDetail: { ItemRef: { value: item, name: 'Hours' } } },
        { Amount: 150, DetailType: 'SubTotalLineDetail', SubTotalLineDetail: {} },
      ]);
      expect(list(made.Line)[1]).not.toHaveProperty('Id');
    });

    it('dates a transaction today in the zone of the servers', async () => {
      await sandbox.control('POST', '/clock', { now: '2026-03-01T05:00:00Z' });
      expect((await invoice(1)).TxnDate).toBe('2026-02-28');
      await sandbox.control('POST', '/clock', { reset: true });
    });

    it('counts the due date of a date-driven term to the day of the month', async () => {
      const term = await client.idOf('Term', '25th of the month');
      const due = async (TxnDate: string) => (await invoice(1, { TxnDate, SalesTermRef: { value: term } })).DueDate;
      expect(await due('2026-02-03')).toBe('2026-02-25');
      expect(await due('2026-02-22')).toBe('2026-03-25');
    });

    it('flattens an address written for one transaction, and only once', async () => {
      const from = await customer({ CompanyName: 'Birch Ltd', BillAddr: { Line1: '4 Mill Rd', City: 'Salem' } });
      const BillAddr = { Line1: '9 New St', City: 'York', PostalCode: 'YO1' };
      const made = await client.save('Invoice', {
        CustomerRef: { value: from.Id },
        BillAddr,
        Line: [itemLine(item, 1, 1)],
      });
      const flat = { Line1: from.DisplayName, Line2: 'Birch Ltd', Line3: '9 New St', Line4: 'York  YO1' };
      expect(made.BillAddr).toMatchObject(flat);
      expect(made.BillAddr).not.toHaveProperty('City');
      const again = await client.save('Invoice', { ...made });
      expect(again.BillAddr).toEqual(made.BillAddr);
    });
  });

  describe('16. full updates clear what they omit, sparse ones keep it', () => {
    it('clears writable fields and keeps what only the vendor writes', async () => {
      const made = await invoice(10, { PrivateNote: 'note', TrackingNum: 'T1' });
      const full = await client.save('Invoice', {
        Id: made.Id,
        SyncToken: made.SyncToken,
        CustomerRef: made.CustomerRef,
        TxnDate: made.TxnDate,
        Line: made.Line,
      });
      expect(full).not.toHaveProperty('PrivateNote');
      expect(full).not.toHaveProperty('TrackingNum');
      expect(full).toMatchObject({ DocNumber: made.DocNumber, Balance: 10, SyncToken: '1' });
      expect(full.MetaData?.CreateTime).toEqual(made.MetaData?.CreateTime);
    });

    it('keeps unmentioned fields in a sparse update, clears blanks and ignores nulls', async () => {
      const made = await invoice(10, { PrivateNote: 'note', TrackingNum: 'T1', CustomerMemo: { value: 'hello' } });
      const sparse = { Id: made.Id, SyncToken: '0', sparse: true, TrackingNum: '', PrivateNote: null };
      const changed = await client.save('Invoice', sparse);
      expect(changed).toMatchObject({ PrivateNote: 'note', CustomerMemo: { value: 'hello' }, TotalAmt: 10 });
      expect(changed).not.toHaveProperty('TrackingNum');
    });

    it('keeps the currency of a name for life', async () => {
      const made = await customer();
      const changed = await client.save('Customer', {
        Id: made.Id,
        SyncToken: '0',
        DisplayName: made.DisplayName,
        CurrencyRef: { value: 'EUR' },
      });
      expect(changed.CurrencyRef?.value).toBe('USD');
    });

    it('replaces lines as a whole, known by their ids, and never gives an id twice', async () => {
      const from = await customer();
      const Line = [itemLine(item, 1, 10), itemLine(item, 1, 20), itemLine(item, 1, 30)];
      const made = await client.save('Invoice', { CustomerRef: { value: from.Id }, Line });
      const [first, , third] = list(made.Line);
      const update = { Id: made.Id, SyncToken: '0', sparse: true };
      const changed = await client.save('Invoice', {
        ...update,
        Line: [third, first, itemLine(item, 1, 40), { ...itemLine(item, 1, 5), Id: '99' }],
      });
      const ids = list(changed.Line).map((line) => line.Id);
      expect(ids).toEqual(['3', '1', '4', '5', undefined]);
      expect(changed.TotalAmt).toBe(85);
      const less = await client.save('Invoice', { ...update, SyncToken: '1', Line: [first] });
      const more = await client.save('Invoice', {
        ...update,
        SyncToken: '2',
        Line: [...list(less.Line), itemLine(item, 1, 1)],
      });
      expect(list(more.Line).map((line) => line.Id)).toEqual(['1', '6', undefined]);
    });
  });

  it('17. an update that changes nothing still makes a new version, unless told otherwise', async () => {
    const made = await invoice(10);
    const update = { Id: made.Id, SyncToken: '0', sparse: true, PrintStatus: made.PrintStatus };
    expect((await client.save('Invoice', update)).SyncToken).toBe('1');
    await switches({ noopUpdateBumps: false });
    expect((await client.save('Invoice', { ...update, SyncToken: '1' })).SyncToken).toBe('1');
    await switches({ noopUpdateBumps: true });
  });

  it('18. a SyncToken that is stale, ahead or missing is refused, naming who was faster', async () => {
    const made = await invoice(10);
    const update = { Id: made.Id, sparse: true, PrivateNote: 'x' };
    await client.save('Invoice', { ...update, SyncToken: '0' });
    const stale = await fault('Invoice', { ...update, SyncToken: '0' });
    expect(stale.code).toBe('5010');
    expect(stale.detail).toContain('You and Company Admin were working on this at the same time');
    expect(await code('Invoice', { ...update, SyncToken: '2' })).toBe('5010');
    expect(await code('Invoice', update)).toBe('2020');
    await switches({ missingSyncToken: '5010' });
    expect(await code('Invoice', update)).toBe('5010');
    await switches({ missingSyncToken: '2020' });
  });

  describe('19. deletion', () => {
    it('answers the stub, hides the object everywhere and leaves a trace in change data', async () => {
      const made = await invoice(10);
      const gone = await client.remove('Invoice', made);
      expect(gone.json).toEqual({
        Invoice: { status: 'Deleted', domain: 'QBO', Id: made.Id },
        time: expect.any(String),
      });
      expect((await client.get(`invoice/${String(made.Id)}`)).code).toBe('610');
      expect(await client.rows('Invoice', `select * from Invoice where Id = '${String(made.Id)}'`)).toEqual([]);
      expect((await client.remove('Invoice', made)).code).toBe('610');
      const since = new Date(Date.now() - 60_000).toISOString();
      const changes = await client.get(`cdc?entities=Invoice&changedSince=${since}`);
      expect(changes.text).toContain(`{"status":"Deleted","domain":"QBO","Id":"${String(made.Id)}"`);
    });

    it.each(['Customer', 'Vendor', 'Account', 'Item', 'Term', 'Class', 'Department'])(
      'cannot delete a %s',
      async (entity) => {
        const reply = await client.post(`${entity.toLowerCase()}?operation=delete`, { Id: '1', SyncToken: '0' });
        expect([reply.status, reply.code]).toEqual([400, '500']);
      },
    );

    it('refuses to delete an invoice that payments settle', async () => {
      const made = await invoice(10);
      await pay(made, 10);
      expect((await client.remove('Invoice', await client.read('Invoice', made.Id))).code).toBe('800');
    });
  });

  describe('20. voiding', () => {
    it('zeroes an invoice, keeps its lines and frees its payments', async () => {
      const made = await invoice(150, { PrivateNote: 'first' });
      const payment = await pay(made, 100);
      const reply = await client.post('invoice?operation=void', { Id: made.Id, SyncToken: '1' });
      expect(reply.json.Invoice).toMatchObject({ TotalAmt: 0, Balance: 0, SyncToken: '2', LinkedTxn: [] });
      expect(String(reply.json.Invoice?.PrivateNote)).toMatch(/^Voided.*first/);
      expect(list(reply.json.Invoice?.Line)[0]).toMatchObject({ Id: '1', Amount: 0, SalesItemLineDetail: { Qty: 0 } });
      expect(await client.read('Payment', payment.Id)).toMatchObject({ UnappliedAmt: 100, Line: [], SyncToken: '1' });
      const again = await client.post('invoice?operation=void', { Id: made.Id, SyncToken: '2' });
      expect(again.status).toBe(200);
      await switches({ voidAgain: '6000' });
      expect((await client.post('invoice?operation=void', { Id: made.Id, SyncToken: '2' })).code).toBe('6000');
      await switches({ voidAgain: 'harmless' });
    });

    it('zeroes a payment and opens the invoice again', async () => {
      const made = await invoice(80);
      const payment = await pay(made, 80);
      const reply = await client.post('payment?operation=update&include=void', {
        Id: payment.Id,
        SyncToken: '0',
        sparse: true,
      });
      expect(reply.json.Payment).toMatchObject({ TotalAmt: 0, UnappliedAmt: 0, Line: [] });
      expect(String(reply.json.Payment?.PrivateNote)).toMatch(/^Voided/);
      expect(await client.read('Invoice', made.Id)).toMatchObject({ Balance: 80, LinkedTxn: [], SyncToken: '2' });
    });

    it('zeroes a bill payment and opens the bill again', async () => {
      const made = await bill(92.4);
      const checking = await client.idOf('Account', 'Checking');
      const paid = await client.save('BillPayment', {
        VendorRef: made.VendorRef,
        PayType: 'Check',
        TotalAmt: 92.4,
        CheckPayment: { BankAccountRef: { value: checking } },
        Line: [settles('Bill', made.Id, 92.4)],
      });
      expect(await client.read('Bill', made.Id)).toMatchObject({
        Balance: 0,
        SyncToken: '1',
        LinkedTxn: [{ TxnId: paid.Id, TxnType: 'BillPaymentCheck' }],
      });
      const reply = await client.post('billpayment?operation=update&include=void', {
        Id: paid.Id,
        SyncToken: '0',
        sparse: true,
      });
      expect(reply.json.BillPayment).toMatchObject({ TotalAmt: 0, Line: [] });
      expect(await client.read('Bill', made.Id)).toMatchObject({ Balance: 92.4, LinkedTxn: [] });
    });

    it.each(['creditmemo', 'purchase', 'bill', 'journalentry'])('cannot void a %s through the API', async (path) => {
      expect((await client.post(`${path}?operation=void`, { Id: '1', SyncToken: '0' })).code).toBe('500');
      expect((await client.post(`${path}?operation=update&include=void`, { Id: '1', SyncToken: '0' })).code).toBe(
        '500',
      );
    });

    it('lets a person void a purchase', async () => {
      const AccountRef = { value: await client.idOf('Account', 'Mastercard') };
      const spent = await client.save('Purchase', { PaymentType: 'CreditCard', AccountRef, Line: [costLine(rent, 8)] });
      const before = Number((await client.read('Account', AccountRef.value)).CurrentBalance);
      await sandbox.control('POST', '/void', { realm: US, entity: 'Purchase', id: spent.Id });
      expect(await client.read('Purchase', spent.Id)).toMatchObject({ TotalAmt: 0, PrivateNote: 'Voided' });
      expect(Number((await client.read('Account', AccountRef.value)).CurrentBalance)).toBeCloseTo(before - 8, 2);
    });

    it('lets a person void a credit memo', async () => {
      const memo = await client.save('CreditMemo', {
        CustomerRef: { value: (await customer()).Id },
        Line: [itemLine(item, 1, 5)],
      });
      await sandbox.control('POST', '/void', { realm: US, entity: 'CreditMemo', id: memo.Id });
      expect(await client.read('CreditMemo', memo.Id)).toMatchObject({
        TotalAmt: 0,
        RemainingCredit: 0,
        SyncToken: '1',
      });
    });
  });

  describe('21. deactivation', () => {
    it('renames, hides from queries, forbids new references, but old transactions still show it', async () => {
      const made = await customer();
      const old = await client.save('Invoice', { CustomerRef: { value: made.Id }, Line: [itemLine(item, 1, 0)] });
      const off = await client.save('Customer', { Id: made.Id, SyncToken: '0', sparse: true, Active: false });
      const suffixed = `${String(made.DisplayName)} (deleted)`;
      expect(off).toMatchObject({ Active: false, DisplayName: suffixed, FullyQualifiedName: suffixed });
      expect(await client.rows('Customer', `select * from Customer where Id = '${String(made.Id)}'`)).toEqual([]);
      const both = `select * from Customer where Id = '${String(made.Id)}' and Active in (true, false)`;
      expect(await client.rows('Customer', both)).toHaveLength(1);
      expect((await client.read('Customer', made.Id)).Active).toBe(false);
      expect(await code('Invoice', { CustomerRef: { value: made.Id }, Line: [itemLine(item, 1, 1)] })).toBe('2500');
      expect((await client.read('Invoice', old.Id)).CustomerRef).toEqual({ value: made.Id, name: suffixed });
      const kept = { Id: old.Id, SyncToken: '0', sparse: true, CustomerRef: { value: made.Id }, PrivateNote: 'still' };
      expect((await client.save('Invoice', kept)).PrivateNote).toBe('still');
      const other = await client.save('Customer', { DisplayName: made.DisplayName });
      expect(other.Id).not.toBe(made.Id);
    });

    it.each([false, true])('brings a name back, keeping the suffix: %s', async (keeps) => {
      await switches({ reactivationKeepsSuffix: keeps });
      const made = await vendor();
      const off = await client.save('Vendor', { Id: made.Id, SyncToken: '0', sparse: true, Active: false });
      const on = await client.save('Vendor', { Id: made.Id, SyncToken: '1', sparse: true, Active: true });
      expect(on.DisplayName).toBe(keeps ? off.DisplayName : made.DisplayName);
      await switches({ reactivationKeepsSuffix: false });
    });

    it('refuses it for a name with a balance, for a category and for system accounts', async () => {
      const made = await invoice(10);
      expect(await code('Customer', { Id: made.CustomerRef?.value, SyncToken: '0', sparse: true, Active: false })).toBe(
        '6000',
      );
      const [receivable] = await client.rows(
        'Account',
        "select * from Account where AccountType = 'Accounts Receivable'",
      );
      expect(await code('Account', { Id: receivable?.Id, SyncToken: '0', sparse: true, Active: false })).toBe('6000');
      const category = await client.save('Item', { Name: name('Category'), Type: 'Category' });
      expect(await code('Item', { Id: category.Id, SyncToken: '0', sparse: true, Active: false })).toBe('6000');
    });
  });

  describe('22. payments touch what they settle', () => {
    it('lowers the balance, links both ways and makes new versions; deletion reverses it', async () => {
      const made = await invoice(150);
      const payment = await pay(made, 60, 100);
      expect(payment).toMatchObject({ TotalAmt: 100, UnappliedAmt: 40 });
      expect(list(payment.Line)[0]).toMatchObject({ Amount: 60, LineEx: { any: expect.any(Array) } });
      const touched = await client.read('Invoice', made.Id);
      expect(touched).toMatchObject({
        Balance: 90,
        SyncToken: '1',
        LinkedTxn: [{ TxnId: payment.Id, TxnType: 'Payment' }],
      });
      await client.remove('Payment', payment);
      expect(await client.read('Invoice', made.Id)).toMatchObject({ Balance: 150, SyncToken: '2', LinkedTxn: [] });
    });

    it('applies a credit memo to an invoice by a payment of nothing', async () => {
      const made = await invoice(100);
      const memo = await client.save('CreditMemo', { CustomerRef: made.CustomerRef, Line: [itemLine(item, 1, 30)] });
      expect(memo).toMatchObject({ TotalAmt: 30, Balance: 30, RemainingCredit: 30 });
      await client.save('Payment', {
        CustomerRef: made.CustomerRef,
        TotalAmt: 0,
        Line: [settles('Invoice', made.Id, 30), settles('CreditMemo', memo.Id, 30)],
      });
      expect(await client.read('Invoice', made.Id)).toMatchObject({ Balance: 70 });
      expect(await client.read('CreditMemo', memo.Id)).toMatchObject({
        RemainingCredit: 0,
        Balance: 0,
        SyncToken: '1',
      });
    });

    it('unapplies a line that an update leaves out', async () => {
      const made = await invoice(50);
      const payment = await pay(made, 50);
      const update = { Id: payment.Id, SyncToken: '0', CustomerRef: made.CustomerRef, TotalAmt: 50, Line: [] };
      expect(await client.save('Payment', update)).toMatchObject({ UnappliedAmt: 50 });
      expect((await client.read('Invoice', made.Id)).Balance).toBe(50);
    });

    it('refuses more than is open, or leaves the rest unapplied', async () => {
      const made = await invoice(50);
      const body = { CustomerRef: made.CustomerRef, TotalAmt: 80, Line: [settles('Invoice', made.Id, 80)] };
      expect(await code('Payment', body)).toBe('6000');
      await switches({ overApplication: 'unapplied' });
      expect(await client.save('Payment', body)).toMatchObject({ TotalAmt: 80, UnappliedAmt: 30 });
      await switches({ overApplication: 'reject' });
    });

    it("refuses to settle another customer's invoice, or what cannot be settled", async () => {
      const made = await invoice(50);
      const CustomerRef = { value: (await customer()).Id };
      const body = (TxnType: string, TxnId: unknown) => ({
        CustomerRef,
        TotalAmt: 5,
        Line: [settles(TxnType, TxnId, 5)],
      });
      expect(await code('Payment', body('Invoice', made.Id))).toBe('620');
      expect(await code('Payment', body('Invoice', '999999'))).toBe('620');
      expect(await code('Payment', body('Estimate', '1'))).toBe('620');
    });

    it('never lets an invoice become smaller than what was paid on it', async () => {
      const made = await invoice(50);
      await pay(made, 40);
      const update = { Id: made.Id, SyncToken: '1', sparse: true };
      expect(await code('Invoice', { ...update, Line: [itemLine(item, 1, 30)] })).toBe('6000');
      expect(await client.save('Invoice', { ...update, Line: [itemLine(item, 1, 45)] })).toMatchObject({ Balance: 5 });
    });

    it('holds a payment fast once it is in a deposit', async () => {
      const made = await invoice(50);
      const payment = await pay(made, 50);
      await sandbox.control('POST', '/deposit', { realm: US, payment: payment.Id });
      const inside = await client.read('Payment', payment.Id);
      expect(list(inside.LinkedTxn)).toEqual([{ TxnId: expect.any(String), TxnType: 'Deposit' }]);
      expect((await client.remove('Payment', inside)).code).toBe('6540');
      expect(
        (await client.post('payment?operation=update&include=void', { Id: inside.Id, SyncToken: inside.SyncToken }))
          .code,
      ).toBe('6540');
      expect(
        await code('Payment', { Id: inside.Id, SyncToken: inside.SyncToken, sparse: true, PrivateNote: 'x' }),
      ).toBe('6540');
    });
  });

  it('23. balances of names and accounts follow, without a new version of them', async () => {
    const made = await customer();
    const [receivable] = await client.rows(
      'Account',
      "select * from Account where AccountType = 'Accounts Receivable'",
    );
    const before = Number(receivable?.CurrentBalance);
    const sale = await client.save('Invoice', { CustomerRef: { value: made.Id }, Line: [itemLine(item, 1, 70)] });
    expect(await client.read('Customer', made.Id)).toMatchObject({ Balance: 70, BalanceWithJobs: 70, SyncToken: '0' });
    const after = await client.read('Account', receivable?.Id);
    expect(Number(after.CurrentBalance)).toBeCloseTo(before + 70, 2);
    expect(after.SyncToken).toEqual(receivable?.SyncToken);
    await client.save('Payment', {
      CustomerRef: { value: made.Id },
      TotalAmt: 100,
      Line: [settles('Invoice', sale.Id, 70)],
    });
    expect(await client.read('Customer', made.Id)).toMatchObject({ Balance: -30 });

    const owed = await bill(20);
    const memo = await client.save('VendorCredit', { VendorRef: owed.VendorRef, Line: [costLine(rent, 5)] });
    expect(memo).toMatchObject({ TotalAmt: 5, Balance: 5 });
    expect(await client.read('Vendor', owed.VendorRef?.value)).toMatchObject({ Balance: 15, SyncToken: '0' });
    const checking = await client.idOf('Account', 'Checking');
    await client.save('BillPayment', {
      VendorRef: owed.VendorRef,
      PayType: 'Check',
      TotalAmt: 15,
      CheckPayment: { BankAccountRef: { value: checking } },
      Line: [settles('Bill', owed.Id, 20), settles('VendorCredit', memo.Id, 5)],
    });
    expect(await client.read('VendorCredit', memo.Id)).toMatchObject({ Balance: 0, SyncToken: '1' });
    expect(await client.read('Vendor', owed.VendorRef?.value)).toMatchObject({ Balance: 0 });
  });

  it('23. a customer shows the balances of its jobs', async () => {
    const parent = await customer();
    const job = await client.save('Customer', { DisplayName: name('Job'), Job: true, ParentRef: { value: parent.Id } });
    expect(job.FullyQualifiedName).toBe(`${String(parent.DisplayName)}:${String(job.DisplayName)}`);
    await client.save('Invoice', { CustomerRef: { value: job.Id }, Line: [itemLine(item, 1, 25)] });
    expect(await client.read('Customer', parent.Id)).toMatchObject({ Balance: 0, BalanceWithJobs: 25 });
  });

  describe('24. names are unique', () => {
    it.each(['Customer', 'Vendor', 'Employee'])(
      'refuses the name of a customer, in any letter case, to a %s',
      async (entity) => {
        const taken = String((await customer()).DisplayName);
        const reply = await fault(entity, { DisplayName: taken.toUpperCase() });
        expect(reply.code).toBe('6240');
        expect(reply.detail).toBe(
          'The name supplied already exists. : Another customer, vendor or employee is already using this \nname. Please use a different name.',
        );
      },
    );

    it.each([
      ['Account', { Name: 'Rent', AccountType: 'Expense' }],
      ['Item', { Name: 'HOURS', Type: 'Service', IncomeAccountRef: { value: '44' } }],
      ['Term', { Name: 'net 30', DueDays: 30 }],
    ])('refuses a second %s of the same name', async (entity, body) => {
      expect(await code(entity, body)).toBe('6240');
    });

    it.each(['Class', 'Department'])('lets a %s repeat a name only under another parent', async (entity) => {
      const make = (Name: string, parent?: Json) =>
        client.post(entity.toLowerCase(), { Name, ...(parent && { ParentRef: { value: parent.Id } }) });
      const first = (await make(name(entity))).json[entity] as Json;
      expect((await make(String(first.Name).toLowerCase())).code).toBe('6240');
      expect((await make(String(first.Name), first)).json[entity]).toMatchObject({
        FullyQualifiedName: `${String(first.Name)}:${String(first.Name)}`,
      });
    });

    it('shows a new name in old transactions without making new versions of them', async () => {
      const made = await invoice(1);
      const id = made.CustomerRef?.value;
      const renamed = name('Renamed');
      await client.save('Customer', { Id: id, SyncToken: '0', sparse: true, DisplayName: renamed });
      expect(await client.read('Invoice', made.Id)).toMatchObject({
        CustomerRef: { value: id, name: renamed },
        SyncToken: '0',
      });
    });
  });

  describe('25. journal entries', () => {
    const entry = (PostingType: string, account: unknown, Amount: number, more: object = {}) => ({
      Amount,
      DetailType: 'JournalEntryLineDetail',
      JournalEntryLineDetail: { PostingType, AccountRef: { value: account }, ...more },
    });

    it('balance, and show no total', async () => {
      const bank = await client.idOf('Account', 'Checking');
      const made = await client.save('JournalEntry', { Line: [entry('Debit', rent, 500), entry('Credit', bank, 500)] });
      expect(made).toMatchObject({ TotalAmt: 0, Adjustment: false });
      expect(made).not.toHaveProperty('DocNumber');
    });

    it.each(['2300', '6000'] as const)('are refused with %s when they do not', async (wanted) => {
      await switches({ journalUnbalanced: wanted });
      const bank = await client.idOf('Account', 'Checking');
      expect(await code('JournalEntry', { Line: [entry('Debit', rent, 500), entry('Credit', bank, 499.99)] })).toBe(
        wanted,
      );
      await switches({ journalUnbalanced: '2300' });
    });

    it('need a customer on receivable and a vendor on payable lines', async () => {
      const [receivable] = await client.rows(
        'Account',
        "select * from Account where AccountType = 'Accounts Receivable'",
      );
      const [payable] = await client.rows('Account', "select * from Account where AccountType = 'Accounts Payable'");
      const owner = await customer();
      const named = { Entity: { Type: 'Customer', EntityRef: { value: owner.Id } } };
      const lines = (account: unknown, more: object = {}) => ({
        Line: [entry('Debit', account, 5, more), entry('Credit', rent, 5)],
      });
      expect(await code('JournalEntry', lines(receivable?.Id))).toBe('6000');
      expect(await code('JournalEntry', lines(payable?.Id, named))).toBe('6000');
      const made = await client.save('JournalEntry', lines(receivable?.Id, named));
      expect(await client.read('Customer', owner.Id)).toMatchObject({ Balance: 5 });
      await client.save('Payment', {
        CustomerRef: { value: owner.Id },
        TotalAmt: 5,
        Line: [settles('JournalEntry', made.Id, 5)],
      });
      expect((await client.remove('JournalEntry', await client.read('JournalEntry', made.Id))).code).toBe('800');
    });

    it('refuse unknown attributes', async () => {
      expect(await code('JournalEntry', { Tag: 'x', Line: [] })).toBe('2010');
    });
  });

  describe('26. what is wrong with a request is said by code', () => {
    it.each([
      ['an amount that is not quantity times price', '6070', { Line: [{ ...itemLine('2', 2, 75), Amount: 149.99 }] }],
      ['a number that is too long', '2050', { DocNumber: 'x'.repeat(22) }],
      ['a missing line', '2020', { Line: undefined }],
      ['an empty line list', '2020', { Line: [] }],
      ['a missing customer', '2020', { CustomerRef: undefined }],
      ['an unknown attribute', '2010', { Foo: 1 }],
      ['an unknown attribute on a line', '2010', { Line: [{ ...itemLine('2', 1, 1), Bar: 1 }] }],
      ['a value outside an enumeration', '2170', { EmailStatus: 'Perhaps' }],
      ['a malformed number', '2080', { Deposit: 'twelve' }],
      ['characters beyond Latin-1 in a US company', '2090', { PrivateNote: 'Łódź' }],
      ['a reference to nothing', '2500', { CustomerRef: { value: '999999' } }],
      ['two discounts', '6090', { Line: [itemLine('2', 1, 1), ...discounts(2)] }],
      [
        'a tax code other than TAX and NON on a line',
        '6100',
        { Line: [itemLine('2', 1, 1, { TaxCodeRef: { value: '1' } })] },
      ],
      ['an e-mail to be sent without an address', '2020', { EmailStatus: 'NeedToSend' }],
      ['an estimate that does not exist', '620', { LinkedTxn: [{ TxnId: '999999', TxnType: 'Estimate' }] }],
    ])('%s: %s', async (_what, wanted, change) => {
      const CustomerRef = { value: (await customer()).Id };
      expect(await code('Invoice', { CustomerRef, Line: [itemLine(item, 1, 1)], ...change })).toBe(wanted);
    });

    it('names the missing parameter and the wrong property', async () => {
      const missing = await fault('Bill', { Line: [costLine(rent, 1)] });
      expect(missing.detail).toBe('Required parameter VendorRef is missing in the request');
      const unknown = await fault('Customer', { DisplayName: 'A', Foo: 1 });
      expect(unknown.detail).toBe('Property Name:Foo specified is unsupported or invalid');
      const long = await fault('Bill', { DocNumber: 'x'.repeat(33) });
      expect(long.code).toBe('2020');
    });

    it('reports unknown properties before missing ones, and those before malformed ones', async () => {
      expect(await code('Invoice', { Foo: 1, DocNumber: 'x'.repeat(22) })).toBe('2010');
      expect(await code('Invoice', { DocNumber: 'x'.repeat(22) })).toBe('2020');
      expect(await code('Invoice', { Id: '999999', SyncToken: '9', sparse: true, DocNumber: 'x'.repeat(22) })).toBe(
        '2050',
      );
      expect(await code('Invoice', { Id: '999999', SyncToken: '9', sparse: true })).toBe('610');
      expect(await code('Invoice', { Id: 'abc', SyncToken: '9', sparse: true })).toBe('2030');
    });

    it('derives the unit price when only the amount is given', async () => {
      const Line = [
        { DetailType: 'SalesItemLineDetail', Amount: 99.95, SalesItemLineDetail: { ItemRef: { value: item } } },
      ];
      const made = await client.save('Invoice', { CustomerRef: { value: (await customer()).Id }, Line });
      expect(list(made.Line)[0]?.SalesItemLineDetail).toMatchObject({ Qty: 1, UnitPrice: 99.95 });
    });

    it('takes a line without an item as words only, or as the item Services', async () => {
      const Line = [
        itemLine(item, 1, 5),
        { DetailType: 'SalesItemLineDetail', Amount: 50, Description: 'words', SalesItemLineDetail: {} },
      ];
      const CustomerRef = { value: (await customer()).Id };
      const made = await client.save('Invoice', { CustomerRef, Line });
      expect(made.TotalAmt).toBe(5);
      expect(list(made.Line)[1]).toMatchObject({ DetailType: 'DescriptionOnly', Description: 'words' });
      await switches({ lineWithoutItem: 'services' });
      expect(await client.save('Invoice', { CustomerRef, Line })).toMatchObject({ TotalAmt: 55 });
      await switches({ lineWithoutItem: 'text' });
    });

    it('discounts by percentage or amount, shows subtotals, and ignores the subtotal it wrote', async () => {
      const text = { DetailType: 'DescriptionOnly', Description: 'Subtotal:' };
      const Line = [itemLine(item, 1, 100), text, itemLine(item, 1, 40), ...discounts(1)];
      const made = await client.save('Invoice', { CustomerRef: { value: (await customer()).Id }, Line });
      expect(made.TotalAmt).toBe(126);
      expect(list(made.Line).map((line) => [String(line.DetailType), line.Amount])).toEqual([
        ['SalesItemLineDetail', 100],
        ['DescriptionOnly', 100],
        ['SalesItemLineDetail', 40],
        ['SubTotalLineDetail', 140],
        ['DiscountLineDetail', 14],
      ]);
      const again = await client.save('Invoice', { ...made });
      expect(again.TotalAmt).toBe(126);
    });

    it('expands a bundle into its components', async () => {
      const full = await startSandbox({ empty: false });
      const own = await full.connect();
      const [bundle] = await own.rows('Item', "select * from Item where Type = 'Group'");
      const [buyer] = await own.rows('Customer', 'select * from Customer maxresults 1');
      const Line = [
        { DetailType: 'GroupLineDetail', GroupLineDetail: { GroupItemRef: { value: bundle?.Id }, Quantity: 2 } },
      ];
      const made = await own.save('Invoice', { CustomerRef: { value: buyer?.Id }, Line });
      await full.close();
      const line = list(made.Line)[0];
      expect(line).toMatchObject({ Amount: 150, GroupLineDetail: { Quantity: 2 } });
      expect(list(line?.GroupLineDetail?.Line).map((each) => each.Amount)).toEqual([30, 24, 96]);
      expect(list(made.Line)[1]).toMatchObject({ DetailType: 'SubTotalLineDetail', Amount: 150 });
    });
  });

  describe('27. preferences decide', () => {
    it('who numbers sales forms, and whether duplicates count', async () => {
      const automatic = await invoice(1);
      const next = await invoice(1);
      expect(Number(next.DocNumber)).toBe(Number(automatic.DocNumber) + 1);
      const sent = await invoice(1, { DocNumber: next.DocNumber });
      expect(sent.DocNumber).toBe(next.DocNumber);
      expect(Number((await invoice(1)).DocNumber)).toBe(Number(next.DocNumber) + 1);

      await prefer({ 'SalesFormsPrefs.CustomTxnNumbers': true });
      expect(await invoice(1)).not.toHaveProperty('DocNumber');
      const own = await invoice(1, { DocNumber: 'A-1' });
      const CustomerRef = own.CustomerRef;
      const body = { CustomerRef, DocNumber: 'A-1', Line: [itemLine(item, 1, 1)] };
      const refused = await fault('Invoice', body);
      expect(refused.code).toBe('6140');
      expect(refused.detail).toContain(`DocNumber=A-1 is assigned to TxnType=Invoice with TxnId=${String(own.Id)}`);
      expect((await client.save('Invoice', body, '?include=allowduplicatedocnum')).DocNumber).toBe('A-1');
      expect((await client.save('Estimate', body)).DocNumber).toBe('A-1');
      await switches({ documentNumberScope: 'family' });
      expect(await code('CreditMemo', body)).toBe('6140');
      await switches({ documentNumberScope: 'type' });
      await prefer({ 'SalesFormsPrefs.CustomTxnNumbers': false });
    });

    it("whether a vendor's bill number may repeat", async () => {
      const first = await bill(5, { DocNumber: 'V-1' });
      const body = { VendorRef: first.VendorRef, DocNumber: 'V-1', Line: [costLine(rent, 5)] };
      expect(await code('Bill', body)).toBe('6140');
      expect((await bill(5, { DocNumber: 'V-1' })).DocNumber).toBe('V-1');
      await switches({ billNumberScope: 'company' });
      expect(await code('Bill', { ...body, VendorRef: { value: (await vendor()).Id } })).toBe('6140');
      await switches({ billNumberScope: 'vendor' });
    });

    it('where classes and departments are kept', async () => {
      const ClassRef = { value: (await client.save('Class', { Name: name('Class') })).Id };
      const DepartmentRef = { value: (await client.save('Department', { Name: name('Place') })).Id };
      const withBoth = async () => invoice(1, { ClassRef, DepartmentRef, Line: [itemLine(item, 1, 1, { ClassRef })] });
      const perLine = await withBoth();
      expect(perLine).toMatchObject({ DepartmentRef });
      expect(perLine).not.toHaveProperty('ClassRef');
      expect(list(perLine.Line)[0]?.SalesItemLineDetail).toMatchObject({ ClassRef });
      await prefer({
        'AccountingInfoPrefs.ClassTrackingPerTxnLine': false,
        'AccountingInfoPrefs.ClassTrackingPerTxn': true,
        'AccountingInfoPrefs.TrackDepartments': false,
      });
      const perTxn = await withBoth();
      expect(perTxn).toMatchObject({ ClassRef });
      expect(perTxn).not.toHaveProperty('DepartmentRef');
      expect(list(perTxn.Line)[0]?.SalesItemLineDetail).not.toHaveProperty('ClassRef');
      await switches({ featureOff: '5030' });
      const CustomerRef = { value: (await customer()).Id };
      expect(await code('Invoice', { CustomerRef, DepartmentRef, Line: [itemLine(item, 1, 1)] })).toBe('5030');
      expect(await code('Department', { Name: name('Place') })).toBe('5030');
      await switches({ featureOff: 'drop' });
      await prefer({
        'AccountingInfoPrefs.ClassTrackingPerTxn': false,
        'AccountingInfoPrefs.ClassTrackingPerTxnLine': true,
        'AccountingInfoPrefs.TrackDepartments': true,
      });
    });

    it('whether the books are closed', async () => {
      const made = await invoice(1, { TxnDate: '2024-05-01' });
      await prefer({ 'AccountingInfoPrefs.BookCloseDate': '2024-12-31' });
      const update = { Id: made.Id, SyncToken: '0', sparse: true };
      expect(await code('Invoice', { ...update, PrivateNote: 'x' })).toBe('6210');
      expect(await code('Invoice', { ...update, TxnDate: '2025-06-01' })).toBe('6210');
      expect((await client.remove('Invoice', made)).code).toBe('6210');
      const CustomerRef = { value: (await customer()).Id };
      expect(await code('Invoice', { CustomerRef, TxnDate: '2024-12-31', Line: [itemLine(item, 1, 1)] })).toBe('6210');
      expect((await invoice(1, { TxnDate: '2025-01-01' })).TxnDate).toBe('2025-01-01');
      await prefer({ 'AccountingInfoPrefs.BookCloseDate': null });
    });

    it('whether credits apply themselves', async () => {
      await prefer({ 'SalesFormsPrefs.AutoApplyCredit': true });
      const made = await invoice(100);
      const memo = await client.save('CreditMemo', { CustomerRef: made.CustomerRef, Line: [itemLine(item, 1, 30)] });
      expect(memo).toMatchObject({ TotalAmt: 30, Balance: 0, RemainingCredit: 0 });
      const settled = await client.read('Invoice', made.Id);
      expect(settled).toMatchObject({ Balance: 70 });
      const joining = await client.read('Payment', list(settled.LinkedTxn)[0]?.TxnId);
      expect(joining).toMatchObject({ TotalAmt: 0, UnappliedAmt: 0 });
      await prefer({ 'SalesFormsPrefs.AutoApplyCredit': false });
    });

    it('whether sales are taxed at all', async () => {
      await prefer({ 'TaxPrefs.UsingSalesTax': false });
      const code = await client.idOf('TaxCode', 'California');
      const made = await invoice(10, {
        TxnTaxDetail: { TxnTaxCodeRef: { value: code } },
        Line: [itemLine(goods, 1, 15)],
      });
      expect(made).toMatchObject({ TotalAmt: 15, TxnTaxDetail: { TotalTax: 0 } });
      expect(list(made.Line)[0]?.SalesItemLineDetail).not.toHaveProperty('TaxCodeRef');
      await prefer({ 'TaxPrefs.UsingSalesTax': true });
    });

    it('and only a person changes the read-only ones', async () => {
      const before = (await client.get('preferences')).json.Preferences as Json;
      const changed = await client.save('Preferences', {
        Id: '1',
        SyncToken: before.SyncToken,
        sparse: true,
        SalesFormsPrefs: { AllowShipping: false, AutoApplyCredit: true },
        TaxPrefs: { UsingSalesTax: false },
      });
      expect(changed).toMatchObject({
        SalesFormsPrefs: { AllowShipping: false, AutoApplyCredit: false, AllowDiscount: true },
        TaxPrefs: { UsingSalesTax: true },
      });
      await prefer({ 'SalesFormsPrefs.AllowShipping': true });
    });
  });

  describe('28. taxes', () => {
    it('US: TAX and NON on lines, the code on the header, computed whatever total was sent', async () => {
      const california = await client.idOf('TaxCode', 'California');
      const made = await invoice(0, {
        TxnTaxDetail: { TxnTaxCodeRef: { value: california }, TotalTax: 99 },
        Line: [itemLine(goods, 2, 15), itemLine(item, 1, 75)],
      });
      expect(made).toMatchObject({
        TotalAmt: 107.4,
        TxnTaxDetail: {
          TxnTaxCodeRef: { value: california },
          TotalTax: 2.4,
          TaxLine: [{ Amount: 2.4, TaxLineDetail: { TaxPercent: 8, NetAmountTaxable: 30, PercentBased: true } }],
        },
      });
      const codes = list(made.Line).map((line) => line.SalesItemLineDetail?.TaxCodeRef?.value);
      expect(codes).toEqual(['TAX', 'NON', undefined]);
    });

    it('US: a combined code taxes by each of its rates; a discount counts before or after tax', async () => {
      const tucson = await client.idOf('TaxCode', 'Tucson');
      const form = {
        TxnTaxDetail: { TxnTaxCodeRef: { value: tucson } },
        Line: [itemLine(goods, 10, 10), ...discounts(1)],
      };
      expect(await invoice(0, form)).toMatchObject({ TxnTaxDetail: { TotalTax: 9.1 }, TotalAmt: 99.1 });
      const after = await invoice(0, { ...form, ApplyTaxAfterDiscount: true });
      expect(after).toMatchObject({ TxnTaxDetail: { TotalTax: 8.19 }, TotalAmt: 98.19 });
    });

    it('automated: the engine chooses the code by address, and a total sent by the client stands', async () => {
      const own = await sandbox.connect(US_AUTOMATED);
      const income = await own.idOf('Account', 'Sales of Product Income');
      const thing = await own.save('Item', {
        Name: 'Thing',
        Type: 'NonInventory',
        Taxable: true,
        IncomeAccountRef: { value: income },
      });
      const buyer = await own.save('Customer', {
        DisplayName: 'Buyer',
        BillAddr: { Line1: '1 A St', CountrySubDivisionCode: 'AZ' },
      });
      const body = (more: object) => ({
        CustomerRef: { value: buyer.Id },
        Line: [itemLine(String(thing.Id), 1, 100)],
        ...more,
      });
      const arizona = await own.idOf('TaxCode', 'Automated sales tax AZ');
      const computed = await own.save('Invoice', body({ TxnTaxDetail: { TxnTaxCodeRef: { value: 'NON' } } }));
      expect(computed).toMatchObject({
        TotalAmt: 108.3,
        TxnTaxDetail: { TxnTaxCodeRef: { value: arizona }, TotalTax: 8.3 },
      });
      const given = await own.save('Invoice', body({ TxnTaxDetail: { TotalTax: 5 } }));
      expect(given).toMatchObject({
        TotalAmt: 105,
        TxnTaxDetail: { TotalTax: 5, TaxReviewStatus: 'AST_TAX_OVERRIDE' },
      });
      const parts = list(given.TxnTaxDetail?.TaxLine).map((line) => Number(line.Amount));
      expect(parts.reduce((a, b) => a + b, 0)).toBeCloseTo(5, 2);
      const noted = await own.save('Invoice', { Id: given.Id, SyncToken: '0', sparse: true, PrivateNote: 'x' });
      expect(noted).toMatchObject({ TotalAmt: 105 });
      const recomputed = await own.save('Invoice', {
        Id: given.Id,
        SyncToken: '1',
        sparse: true,
        Line: [itemLine(String(thing.Id), 2, 100)],
      });
      expect(recomputed).toMatchObject({ TotalAmt: 216.6, TxnTaxDetail: { TotalTax: 16.6 } });
      await own.save('Customer', { Id: buyer.Id, SyncToken: '0', sparse: true, TaxExemptionReasonId: 3 });
      expect(await own.save('Invoice', body({}))).toMatchObject({ TotalAmt: 100 });
      expect(
        (await own.post('taxservice/taxcode', { TaxCode: 'Own', TaxRateDetails: [{ TaxRateId: '1' }] })).code,
      ).toBe('5030');
    });

    it('global: a code on each line, on top of the amounts or inside them', async () => {
      const own = await sandbox.connect(UK);
      const [standard, reduced] = [await own.idOf('TaxCode', '20.0% S'), await own.idOf('TaxCode', '5.0% R')];
      const buyer = await own.save('Customer', { DisplayName: 'Leeds Ltd' });
      const services = await own.idOf('Item', 'Services');
      const line = (price: number, code: string, more: object = {}) =>
        itemLine(services, 1, price, { TaxCodeRef: { value: code }, ...more });
      const send = (more: object) => own.save('Invoice', { CustomerRef: { value: buyer.Id }, ...more });
      const excluded = await send({ Line: [line(100, standard), line(50, reduced)] });
      expect(excluded).toMatchObject({
        GlobalTaxCalculation: 'TaxExcluded',
        TotalAmt: 172.5,
        TxnTaxDetail: { TotalTax: 22.5 },
      });
      expect(list(excluded.TxnTaxDetail?.TaxLine)).toHaveLength(2);

      const inclusive = await send({
        GlobalTaxCalculation: 'TaxInclusive',
        Line: [{ ...line(120, standard, { TaxInclusiveAmt: 120 }), Amount: 120 }],
      });
      expect(inclusive).toMatchObject({ TotalAmt: 120, TxnTaxDetail: { TotalTax: 20 } });
      expect(list(inclusive.Line)[0]).toMatchObject({ Amount: 100, SalesItemLineDetail: { TaxInclusiveAmt: 120 } });

      const none = await send({ GlobalTaxCalculation: 'NotApplicable', Line: [line(100, standard)] });
      expect(none).toMatchObject({ TotalAmt: 100, TxnTaxDetail: { TotalTax: 0 } });

      const update = { Id: excluded.Id, SyncToken: '0', sparse: true, Line: [line(200, standard)] };
      const stale = await own.save('Invoice', { ...update, TxnTaxDetail: excluded.TxnTaxDetail });
      expect(stale).toMatchObject({ TotalAmt: 222.5, TxnTaxDetail: { TotalTax: 22.5 } });
      const fresh = await own.save('Invoice', { ...update, SyncToken: '1' });
      expect(fresh).toMatchObject({ TotalAmt: 240, TxnTaxDetail: { TotalTax: 40 } });
    });

    it('the tax service makes a code with its rates and refuses duplicates', async () => {
      const [agency] = await client.rows('TaxAgency', 'select * from TaxAgency');
      const body = {
        TaxCode: 'County mix',
        TaxRateDetails: [
          { TaxRateName: 'County2', RateValue: '7.25', TaxAgencyId: agency?.Id, TaxApplicableOn: 'Sales' },
          { TaxRateId: '1' },
        ],
      };
      const made = await client.post('taxservice/taxcode', body);
      expect(made.json).toMatchObject({ TaxCode: 'County mix', TaxCodeId: expect.any(String) });
      expect(made.json).not.toHaveProperty('SyncToken');
      expect(list(made.json.TaxRateDetails)[0]).toMatchObject({ TaxRateId: expect.any(String), RateValue: '7.25' });
      const stored = await client.read('TaxCode', made.json.TaxCodeId);
      expect(list(stored.SalesTaxRateList?.TaxRateDetail)).toHaveLength(2);
      expect((await client.post('taxservice/taxcode', body)).code).toBe('6240');
      expect((await client.post('taxcode', { Name: 'No' })).code).toBe('500');
      expect((await client.post('taxrate', { Id: '1', SyncToken: '0', Name: 'No' })).code).toBe('500');
    });
  });

  describe('29. several currencies', () => {
    let own: Client;
    let services: string;
    beforeAll(async () => {
      own = await sandbox.connect(UK);
      services = await own.idOf('Item', 'Services');
    });

    it('shows home amounts by the rate of the day or the given one', async () => {
      const buyer = await own.save('Customer', { DisplayName: 'Paris SA', CurrencyRef: { value: 'EUR' } });
      const body = { CustomerRef: { value: buyer.Id }, Line: [itemLine(services, 1, 100)] };
      const made = await own.save('Invoice', body);
      expect(made).toMatchObject({ CurrencyRef: { value: 'EUR', name: 'Euro' }, TotalAmt: 100, Balance: 100 });
      const rate = Number(made.ExchangeRate);
      expect(rate).toBeGreaterThan(0.5);
      expect(Number(made.HomeTotalAmt)).toBeCloseTo(100 * rate, 2);
      const fixed = await own.save('Invoice', { ...body, CurrencyRef: { value: 'EUR' }, ExchangeRate: 0.9 });
      expect(fixed).toMatchObject({ ExchangeRate: 0.9, HomeTotalAmt: 90, HomeBalance: 90 });
      expect(await own.read('Customer', buyer.Id)).toMatchObject({ Balance: 200 });
      const [control] = await own.rows('Account', "select * from Account where Name like '%A/R) - EUR'");
      expect(control).toMatchObject({ CurrencyRef: { value: 'EUR' }, CurrentBalance: 200 });
    });

    it('tells the rate of a day', async () => {
      const reply = await own.get('exchangerate?sourcecurrencycode=EUR&asofdate=2026-02-03');
      expect(reply.json.ExchangeRate).toMatchObject({
        SourceCurrencyCode: 'EUR',
        TargetCurrencyCode: 'GBP',
        AsOfDate: '2026-02-03',
        Rate: expect.any(Number),
      });
    });

    it("refuses a currency that is not the name's", async () => {
      const buyer = await own.save('Customer', { DisplayName: 'Lyon SA', CurrencyRef: { value: 'EUR' } });
      const reply = await own.post('invoice', {
        CustomerRef: { value: buyer.Id },
        CurrencyRef: { value: 'GBP' },
        Line: [itemLine(services, 1, 100)],
      });
      expect(reply.code).toBe('6000');
      expect((await own.post('customer', { DisplayName: 'Tokyo KK', CurrencyRef: { value: 'JPY' } })).code).toBe(
        '2500',
      );
      expect(await code('Customer', { DisplayName: name('EUR'), CurrencyRef: { value: 'EUR' } })).toBe('6000');
    });
  });

  describe('30. ids', () => {
    it('come from one series for transactions and one for names', async () => {
      const [first, second] = [await customer(), await vendor()];
      expect(Number(second.Id)).toBe(Number(first.Id) + 1);
      const made = await invoice(1);
      const estimate = await client.save('Estimate', { CustomerRef: made.CustomerRef, Line: [itemLine(item, 1, 1)] });
      expect(Number(estimate.Id)).toBe(Number(made.Id) + 1);
    });

    it('can have 19 digits', async () => {
      const own = await startSandbox();
      await own.control('POST', '/switches', { longIds: true });
      const there = await own.connect();
      const made = await there.save('Customer', { DisplayName: 'Long' });
      expect(String(made.Id)).toMatch(/^\d{19}$/);
      expect(await there.read('Customer', made.Id)).toMatchObject({ DisplayName: 'Long' });
      await own.close();
    });
  });

  describe('the other documents', () => {
    it('an estimate is closed by the invoice made from it and opens again when that is deleted', async () => {
      const quote = await client.save('Estimate', {
        CustomerRef: { value: (await customer()).Id },
        Line: [itemLine(item, 1, 9)],
      });
      expect(quote).toMatchObject({ TxnStatus: 'Pending' });
      expect(quote).not.toHaveProperty('Balance');
      const made = await client.save('Invoice', {
        CustomerRef: quote.CustomerRef,
        LinkedTxn: [{ TxnId: quote.Id, TxnType: 'Estimate' }],
        Line: [itemLine(item, 1, 9)],
      });
      expect(await client.read('Estimate', quote.Id)).toMatchObject({
        TxnStatus: 'Closed',
        LinkedTxn: [{ TxnId: made.Id, TxnType: 'Invoice' }],
      });
      await client.remove('Invoice', made);
      expect(await client.read('Estimate', quote.Id)).toMatchObject({ TxnStatus: 'Pending', LinkedTxn: [] });
    });

    it('a purchase order closes when all its lines are billed', async () => {
      const VendorRef = { value: (await vendor()).Id };
      const order = await client.save('PurchaseOrder', { VendorRef, Line: [costLine(rent, 10), costLine(rent, 20)] });
      expect(order).toMatchObject({ POStatus: 'Open', TotalAmt: 30 });
      const linked = (line: string) => ({
        ...costLine(rent, 10),
        LinkedTxn: [{ TxnId: order.Id, TxnType: 'PurchaseOrder', TxnLineId: line }],
      });
      const first = await client.save('Bill', { VendorRef, Line: [linked('1')] });
      expect(await client.read('PurchaseOrder', order.Id)).toMatchObject({
        POStatus: 'Open',
        LinkedTxn: [{ TxnId: first.Id, TxnType: 'Bill' }],
      });
      await client.save('Bill', { VendorRef, Line: [linked('2')] });
      expect(await client.read('PurchaseOrder', order.Id)).toMatchObject({ POStatus: 'Closed' });
      await client.remove('Bill', first);
      expect(await client.read('PurchaseOrder', order.Id)).toMatchObject({ POStatus: 'Open' });
    });

    it('a purchase is paid from an account that fits, and a card credit reverses it', async () => {
      const card = await client.idOf('Account', 'Mastercard');
      const body = (more: object) => ({
        PaymentType: 'CreditCard',
        AccountRef: { value: card },
        Line: [costLine(rent, 40)],
        ...more,
      });
      const before = Number((await client.read('Account', card)).CurrentBalance);
      const spent = await client.save('Purchase', body({ EntityRef: { value: (await vendor()).Id, type: 'Vendor' } }));
      expect(spent).toMatchObject({
        TotalAmt: 40,
        Credit: false,
        EntityRef: { type: 'Vendor' },
        PurchaseEx: expect.any(Object),
      });
      expect(Number((await client.read('Account', card)).CurrentBalance)).toBeCloseTo(before + 40, 2);
      await client.save('Purchase', body({ Credit: true }));
      expect(Number((await client.read('Account', card)).CurrentBalance)).toBeCloseTo(before, 2);
      expect(await code('Purchase', body({ PaymentType: 'Cash' }))).toBe('6000');
    });

    it('a transfer moves money between two different balance-sheet accounts', async () => {
      const [from, to] = [await client.idOf('Account', 'Checking'), await client.idOf('Account', 'Savings')];
      const body = (a: string, b: string) => ({
        FromAccountRef: { value: a },
        ToAccountRef: { value: b },
        Amount: 12.5,
      });
      const before = Number((await client.read('Account', to)).CurrentBalance);
      await client.save('Transfer', body(from, to));
      expect(Number((await client.read('Account', to)).CurrentBalance)).toBeCloseTo(before + 12.5, 2);
      expect(await code('Transfer', body(from, from))).toBe('6000');
      expect(await code('Transfer', body(from, rent))).toBe('6000');
    });

    it('a form can be sent and printed', async () => {
      const made = await invoice(10);
      const sent = await client.call('POST', `invoice/${String(made.Id)}/send?sendTo=a%40b.example`, '', {
        'content-type': 'application/octet-stream',
      });
      expect(sent.json.Invoice).toMatchObject({
        EmailStatus: 'EmailSent',
        BillEmail: { Address: 'a@b.example' },
        DeliveryInfo: { DeliveryType: 'Email' },
        SyncToken: '1',
      });
      const pdf = await client.call('GET', `invoice/${String(made.Id)}/pdf`, undefined, { accept: 'application/pdf' });
      expect(pdf.headers.get('content-type')).toBe('application/pdf');
      expect(pdf.text).toMatch(/^%PDF-1\.4[\s\S]+%%EOF\n$/);
    });

    it('a note hangs on a transaction and is found by it', async () => {
      const made = await invoice(1);
      const AttachableRef = [{ EntityRef: { type: 'Invoice', value: made.Id } }];
      const note = await client.save('Attachable', { Note: 'Call first', AttachableRef });
      const statement = `select * from attachable where AttachableRef.EntityRef.Type = 'Invoice' and AttachableRef.EntityRef.value = '${String(made.Id)}'`;
      expect(await client.rows('Attachable', statement)).toMatchObject([{ Id: note.Id, Note: 'Call first' }]);
      expect((await client.remove('Attachable', note)).status).toBe(200);
    });

    it('an account takes its subtype, classification and place from its type', async () => {
      const made = await client.save('Account', { Name: name('Fees'), AccountType: 'Expense', AcctNum: '6999' });
      expect(made).toMatchObject({
        AccountSubType: 'OfficeGeneralAdministrativeExpenses',
        Classification: 'Expense',
        AcctNum: '6999',
      });
      expect(await code('Account', { Name: name('X'), AccountType: 'Bank', AccountSubType: 'Travel' })).toBe('6010');
      expect(await code('Account', { Name: name('X') })).toBe('6010');
      expect(await code('Account', { Name: 'a:b', AccountType: 'Bank' })).toBe('2090');
      const parent = { ParentRef: { value: made.Id }, SubAccount: true };
      const child = await client.save('Account', { Name: name('Sub'), AccountType: 'Expense', ...parent });
      expect(child.FullyQualifiedName).toBe(`${String(made.Name)}:${String(child.Name)}`);
      expect(await code('Account', { Name: name('Sub'), AccountType: 'Bank', ...parent })).toBe('700');
      const renamed = await client.save('Account', {
        Id: made.Id,
        SyncToken: '0',
        sparse: true,
        Name: name('Charges'),
      });
      expect(await client.read('Account', child.Id)).toMatchObject({
        FullyQualifiedName: `${String(renamed.Name)}:${String(child.Name)}`,
        SyncToken: '0',
      });
      expect(await code('Account', { Id: made.Id, SyncToken: '1', sparse: true, ParentRef: { value: child.Id } })).toBe(
        '700',
      );
    });

    it('an item needs what its type needs', async () => {
      const income = { value: await client.idOf('Account', 'Sales of Product Income') };
      const body = (Type: string, more: object = {}) => ({
        Name: name('Item'),
        Type,
        IncomeAccountRef: income,
        ...more,
      });
      expect(await code('Item', body('Group'))).toBe('6000');
      expect(await code('Item', { Name: name('Item') })).toBe('2020');
      expect(await code('Item', body('Service', { QtyOnHand: 3 }))).toBe('2010');
      expect(await code('Item', body('Inventory'))).toBe('2020');
      const stock = await client.save('Item', {
        ...body('Inventory'),
        TrackQtyOnHand: true,
        QtyOnHand: 4,
        InvStartDate: '2026-01-01',
        ExpenseAccountRef: { value: await client.idOf('Account', 'Cost of Goods Sold') },
        AssetAccountRef: { value: await client.idOf('Account', 'Inventory Asset') },
      });
      expect(stock).toMatchObject({ QtyOnHand: 4, TrackQtyOnHand: true });
      const changed = await client.save('Item', {
        Id: stock.Id,
        SyncToken: '0',
        sparse: true,
        QtyOnHand: 9,
        UnitPrice: 2,
      });
      expect(changed).toMatchObject({ QtyOnHand: 4, UnitPrice: 2 });
    });

    it('a merge leaves the winner with everything the loser had', async () => {
      const [winner, loser] = [await customer(), await customer()];
      const made = await client.save('Invoice', { CustomerRef: { value: loser.Id }, Line: [itemLine(item, 1, 33)] });
      await sandbox.control('POST', '/merge', { realm: US, entity: 'Customer', winner: winner.Id, loser: loser.Id });
      expect(await client.read('Invoice', made.Id)).toMatchObject({
        CustomerRef: { value: winner.Id },
        SyncToken: '1',
      });
      expect(await client.read('Customer', winner.Id)).toMatchObject({ Balance: 33 });
      expect((await client.get(`customer/${String(loser.Id)}`)).code).toBe('610');
    });
  });
});

function discounts(count: number): object[] {
  const line = { DetailType: 'DiscountLineDetail', DiscountLineDetail: { PercentBased: true, DiscountPercent: 10 } };
  return Array.from({ length: count }, () => line);
}
