import { CA, startSandbox, US, type Client, type Json, type TestSandbox } from './test-client.ts';

describe('rules of the data (sheet 3.5 and 8.1)', () => {
  let sandbox: TestSandbox;
  let client: Client;

  beforeAll(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
  });
  afterAll(() => sandbox.close());

  const rowsOf = async (entity: string) => {
    const { entities } = await sandbox.control('GET', `/dump/${US}`);
    return entities?.[entity] as unknown as Json[];
  };

  describe('accounts', () => {
    const make = (input: object = {}) =>
      client.save(
        'accountCreate',
        { businessId: US, subtype: 'EXPENSE', name: 'Coffee', ...input },
        'account',
        'id name sequence currency { code } type { value normalBalanceType } subtype { value } normalBalanceType isArchived balance displayId description',
      );

    it('start at sequence 1, take their type from the subtype and their currency from the business', async () => {
      expect(await make({ displayId: '6999' })).toMatchObject({
        sequence: 1,
        currency: { code: 'USD' },
        type: { value: 'EXPENSE', normalBalanceType: 'DEBIT' },
        normalBalanceType: 'DEBIT',
        displayId: '6999',
        description: null,
        balance: '0.00',
        isArchived: false,
      });
      expect(await make({ subtype: 'DISCOUNTS' })).toMatchObject({
        type: { value: 'INCOME' },
        normalBalanceType: 'DEBIT',
      });
    });

    it('change by compare-and-set on sequence, which every change raises; null clears', async () => {
      const account = await make({ description: 'for the office' });
      const patch = (sequence: number, input: object) =>
        client.mutate('accountPatch', { id: account.id, sequence, ...input }, 'account { sequence description name }');
      const changed = await patch(1, { name: 'Tea', description: null });
      expect(changed.payload.account).toEqual({ sequence: 2, description: null, name: 'Tea' });
      const stale = await patch(1, { name: 'Cocoa' });
      expect(stale).toMatchObject({ status: 200, didSucceed: false, problem: { path: ['input', 'sequence'] } });
      expect(stale.payload.account).toBeNull();
      expect((await client.mutate('accountArchive', { id: account.id })).didSucceed).toBe(true);
      expect(await client.one('account', account.id, 'sequence isArchived name')).toEqual({
        sequence: 3,
        isArchived: true,
        name: 'Tea',
      });
    });

    it('are not archived while they have a balance, are made by the vendor, or must not be', async () => {
      const bank = await make({ subtype: 'CASH_AND_BANK', name: 'Till' });
      const invoice = await client.invoice('12.34');
      await client.pay(invoice.id, '12.34', { paymentAccountId: bank.id });
      expect(await client.one('account', bank.id, 'balance')).toEqual({ balance: '12.34' });
      const kept = await make({ restrictions: { canArchive: false } });
      for (const id of [bank.id, kept.id, await client.account('Accounts Receivable')]) {
        expect((await client.mutate('accountArchive', { id })).didSucceed).toBe(false);
      }
      expect(
        (await client.mutate('accountCreate', { businessId: US, subtype: 'TRANSFERS', name: 'Mine' })).didSucceed,
      ).toBe(false);
    });
  });

  describe('customers and vendors', () => {
    it('keep every field; addresses are written with codes and read as objects', async () => {
      const address = {
        addressLine1: '1 Main',
        city: 'Asheville',
        provinceCode: 'US-NC',
        countryCode: 'US',
        postalCode: '28801',
      };
      const input = {
        businessId: US,
        name: 'Whole',
        firstName: 'A',
        lastName: 'B',
        email: 'a@b.example',
        phone: '1',
        mobile: '2',
        fax: '3',
        tollFree: '4',
        website: 'https://b.example',
        displayId: 'C-9',
        internalNotes: '[ref:9]',
        currency: 'EUR',
        address,
        shippingDetails: {
          name: 'Dock',
          phone: '5',
          instructions: 'ring',
          address: { city: 'Durham', countryCode: 'US' },
        },
      };
      const shown = await client.save(
        'customerCreate',
        input,
        'customer',
        'name firstName lastName email phone mobile fax tollFree website displayId internalNotes isArchived currency { code } address { addressLine1 city postalCode province { code name } country { code } } shippingDetails { name phone instructions address { city province { code } } } outstandingAmount { value } business { id }',
      );
      const {
        businessId: _businessId,
        currency: _currency,
        address: _address,
        shippingDetails: _shipping,
        ...plain
      } = input;
      expect(shown).toMatchObject({
        ...plain,
        isArchived: false,
        currency: { code: 'EUR' },
        address: { province: { code: 'US-NC', name: 'North Carolina' }, country: { code: 'US' } },
        shippingDetails: { name: 'Dock', address: { city: 'Durham', province: null } },
        outstandingAmount: { value: '0.00' },
        business: { id: US },
      });
    });

    it.each([
      [{ name: '' }, ['input', 'name'], 'REQUIRED'],
      [{ address: { addressLine1: null, city: null } }, ['input', 'address'], 'INVALID'],
      [{ address: { provinceCode: 'US-XX' } }, ['input', 'address', 'provinceCode'], 'INVALID'],
      [{ address: { provinceCode: 'US-NC', countryCode: 'CA' } }, ['input', 'address', 'provinceCode'], 'INVALID'],
    ])('refuse %j in the payload', async (input, path, code) => {
      const reply = await client.mutate('customerCreate', { businessId: US, name: 'X', ...input }, 'customer { id }');
      expect(reply).toMatchObject({ status: 200, errors: undefined, didSucceed: false, problem: { path, code } });
      expect(reply.payload.customer).toBeNull();
    });

    it('may share names; a patch leaves what it does not mention and clears what is null', async () => {
      const one = await client.customer({ name: 'Twin', phone: '1', email: 't@x.example' });
      expect((await client.customer({ name: 'Twin' })).id).not.toBe(one.id);
      const patched = await client.save(
        'customerPatch',
        { id: one.id, phone: null },
        'customer',
        'name phone email modifiedAt',
      );
      expect(patched).toMatchObject({ name: 'Twin', phone: null, email: 't@x.example' });
      expect(String(patched.modifiedAt) > String(one.modifiedAt)).toBe(true);
      expect((await client.mutate('customerPatch', { id: one.id, name: null })).problem?.code).toBe('REQUIRED');
    });

    it('disappear when deleted, or are archived when they have invoices', async () => {
      const free = await client.customer();
      expect((await client.mutate('customerDelete', { id: free.id })).didSucceed).toBe(true);
      expect((await client.mutate('customerDelete', { id: free.id })).code).toBe('NOT_FOUND');
      const used = await client.customer();
      await client.save('invoiceCreate', { businessId: US, customerId: used.id }, 'invoice');
      expect((await client.mutate('customerDelete', { id: used.id })).didSucceed).toBe(true);
      expect(await client.one('customer', used.id, 'isArchived')).toEqual({ isArchived: true });
    });

    it('are vendors only through a person', async () => {
      const made = await sandbox.control('POST', '/vendors', {
        realm: US,
        vendor: { name: 'Paper Mill', email: 'p@m.example' },
      });
      const [vendor] = await client.nodes('vendors', 'id name isArchived modifiedAt', 'email: null');
      expect(vendor).toMatchObject({ name: 'Paper Mill', isArchived: false });
      const since = String(vendor?.modifiedAt);
      await sandbox.control('POST', '/vendors', { realm: US, id: made.id, vendor: { phone: '9', isArchived: true } });
      const changed = await client.nodes('vendors', 'phone isArchived', `modifiedAtAfter: "${since}"`);
      expect(changed).toEqual([{ phone: '9', isArchived: true }]);
    });
  });

  describe('products and taxes', () => {
    it('round prices to five places away from zero and derive isSold and isBought', async () => {
      const expenseAccountId = await client.account('Materials');
      const make = (input: object) =>
        client.save(
          'productCreate',
          { businessId: US, name: 'P', ...input },
          'product',
          'unitPrice isSold isBought incomeAccount { name }',
        );
      expect(await make({ unitPrice: '1.000005' })).toMatchObject({
        unitPrice: '1.00001',
        isSold: false,
        isBought: false,
      });
      expect(await make({ unitPrice: '-1.000005' })).toMatchObject({ unitPrice: '-1.00001' });
      const both = await make({ unitPrice: 3, incomeAccountId: await client.account('Sales'), expenseAccountId });
      expect(both).toMatchObject({ isSold: true, isBought: true, incomeAccount: { name: 'Sales' } });
      const reply = await client.ask('mutation($i: ProductCreateInput!) { productCreate(input: $i) { didSucceed } }', {
        i: { businessId: US, name: 'P', unitPrice: '1', isSold: true },
      });
      expect(reply.status).toBe(400);
    });

    it('hold their accounts to the allowed subtypes', async () => {
      const bank = await client.account('Checking');
      const input = { businessId: US, name: 'P', unitPrice: '1' };
      expect((await client.mutate('productCreate', { ...input, incomeAccountId: bank })).problem?.path).toEqual([
        'input',
        'incomeAccountId',
      ]);
      const sales = await client.account('Sales');
      expect((await client.mutate('productCreate', { ...input, expenseAccountId: sales })).problem?.path).toEqual([
        'input',
        'expenseAccountId',
      ]);
    });

    it('change and are archived, never deleted', async () => {
      const product = await client.product();
      const changed = await client.save(
        'productPatch',
        { id: product.id, incomeAccountId: null, unitPrice: '2.5' },
        'product',
        'isSold unitPrice',
      );
      expect(changed).toEqual({ isSold: false, unitPrice: '2.5' });
      const gone = await client.save('productArchive', { id: product.id }, 'product', 'isArchived');
      expect(gone).toEqual({ isArchived: true });
    });

    it('keep abbreviations unique and short, and dated rates', async () => {
      const make = (input: object) =>
        client.mutate('salesTaxCreate', { businessId: US, name: 'T', rate: '0.1', ...input }, 'salesTax { id rate }');
      const made = await make({ abbreviation: 'VAT', rate: '0.1234565' });
      expect(made.payload.salesTax).toMatchObject({ rate: '0.123457' });
      expect((await make({ abbreviation: 'VAT' })).problem).toMatchObject({
        path: ['input', 'abbreviation'],
        message: expect.stringContaining('already exists'),
      });
      expect((await make({ abbreviation: 'ELEVENCHARS' })).problem?.path).toEqual(['input', 'abbreviation']);
      const { id } = made.payload.salesTax as Json;
      await client.save('salesTaxPatch', { id, rates: [{ effective: '2026-07-01', rate: '0.2' }] }, 'salesTax');
      await client.mutate('salesTaxRateCreate', { id, effective: '2027-01-01', rate: '0.25' });
      const tax = await client.one(
        'salesTax',
        id,
        'now: rate summer: rate(for: "2026-08-01") later: rate(for: "2030-01-01") early: rate(for: "2020-01-01") rates { effective rate }',
      );
      expect(tax).toMatchObject({ now: '0.123457', summer: '0.2', later: '0.25', early: '0.123457' });
      expect(tax.rates).toHaveLength(3);
      expect(await client.save('salesTaxArchive', { id }, 'salesTax', 'isArchived')).toEqual({ isArchived: true });
    });
  });

  describe('invoices', () => {
    const TOTALS =
      'id status invoiceNumber invoiceDate dueDate currency { code } exchangeRate subtotal { value } discountTotal { value } taxTotal { value } total { value raw minorUnitValue } amountDue { value } amountPaid { value } items { description quantity unitPrice price subtotal { value } total { value } taxes { amount { value } rate salesTax { abbreviation } } account { name } product { name } } discounts { __typename name ... on FixedInvoiceDiscount { amount } ... on PercentageInvoiceDiscount { percentage } }';
    let customer: Json;
    let product: Json;
    beforeAll(async () => {
      [customer, product] = [
        await client.customer(),
        await client.product({ name: 'Carrier', unitPrice: '7', description: 'usual words' }),
      ];
    });
    const create = (input: object, selection = TOTALS) =>
      client.save('invoiceCreate', { businessId: US, customerId: customer.id, ...input }, 'invoice', selection);
    const line = (more: object = {}) => ({ productId: product.id, taxes: [], ...more });

    it('default to a draft of today, due by the terms of the business, with the next number', async () => {
      await create({ invoiceNumber: '4711' });
      const invoice = await create({ items: [line()] });
      expect(invoice).toMatchObject({
        status: 'DRAFT',
        invoiceNumber: '4712',
        invoiceDate: '2026-03-10',
        dueDate: '2026-04-09',
        currency: { code: 'USD' },
        exchangeRate: '1',
        items: [{ description: 'usual words', quantity: '1', unitPrice: '7', price: '7', account: { name: 'Sales' } }],
      });
      expect((await create({ invoiceNumber: '4711' })).invoiceNumber).toBe('4711');
      expect((await create({ invoiceNumber: 'SYNC-9' })).invoiceNumber).toBe('SYNC-9');
      expect((await create({})).invoiceNumber).toBe('4713');
      await sandbox.control('POST', `/business/${US}`, { termsDays: 7 });
      expect((await create({})).dueDate).toBe('2026-03-17');
      await sandbox.control('POST', `/business/${US}`, { termsDays: 30 });
    });

    it('round each line away from zero, tax it, and add up', async () => {
      const simple = await client.tax({ abbreviation: 'S1', rate: '0.05' });
      const compound = await client.tax({ abbreviation: 'C1', rate: '0.1', isCompound: true });
      const taxes = [{ salesTaxId: simple.id }, { salesTaxId: compound.id, amount: '999' }];
      const invoice = await create({
        items: [
          line({ quantity: '3', unitPrice: '33.335', taxes }),
          line({ quantity: '0.123456785', unitPrice: '100' }),
        ],
      });
      expect(invoice).toMatchObject({
        subtotal: { value: '112.36' },
        taxTotal: { value: '15.50' },
        total: { value: '127.86', raw: 12786, minorUnitValue: '12786' },
        items: [
          {
            subtotal: { value: '100.01' },
            total: { value: '115.51' },
            taxes: [
              { amount: { value: '5.00' }, rate: '0.05', salesTax: { abbreviation: 'S1' } },
              { amount: { value: '10.50' }, rate: '0.1' },
            ],
          },
          { quantity: '0.12345679', subtotal: { value: '12.35' }, taxes: [] },
        ],
      });
    });

    it.each([
      [{ discountType: 'FIXED', amount: '20' }, '20.00', '18.00', '198.00', 'FixedInvoiceDiscount'],
      [
        { discountType: 'PERCENTAGE', percentage: '12.5', name: 'Loyal' },
        '25.00',
        '17.51',
        '192.51',
        'PercentageInvoiceDiscount',
      ],
    ])('take one discount before tax: %j', async (discount, discountTotal, taxTotal, total, kind) => {
      const tax = await client.tax({ abbreviation: `D${discount.discountType.slice(0, 3)}` });
      const items = [
        line({ unitPrice: '150', taxes: [{ salesTaxId: tax.id }] }),
        line({ unitPrice: '50', taxes: [{ salesTaxId: tax.id }] }),
      ];
      expect(await create({ items, discounts: [discount] })).toMatchObject({
        subtotal: { value: '200.00' },
        discountTotal: { value: discountTotal },
        taxTotal: { value: taxTotal },
        total: { value: total },
        discounts: [{ __typename: kind }],
      });
    });

    it('respect the exponent of the currency and print thousands apart', async () => {
      const yen = await create({
        currency: 'JPY',
        exchangeRate: '0.0067',
        items: [line({ quantity: '1', unitPrice: '1234567.5' })],
      });
      expect(yen.total).toEqual({ value: '1,234,568', raw: 1234568, minorUnitValue: '1234568' });
      const dinar = await create({ currency: 'KWD', exchangeRate: '3', items: [line({ unitPrice: '1.2345' })] });
      expect(dinar.total).toEqual({ value: '1.235', raw: 1235, minorUnitValue: '1235' });
      const large = await create({ items: [line({ quantity: '1000000', unitPrice: '98765.43' })] });
      expect(large.total).toEqual({ value: '98,765,430,000.00', raw: null, minorUnitValue: '9876543000000' });
    });

    it('give a line without taxes the product’s own, and none to an empty list', async () => {
      const tax = await client.tax({ abbreviation: 'OWN', rate: '0.2' });
      const taxed = await client.product({ unitPrice: '100', defaultSalesTaxIds: [tax.id] });
      const total = async (taxes?: object[]) =>
        ((await create({ items: [{ productId: taxed.id, taxes }] })).total as Json).value;
      expect([await total(), await total([]), await total([{ salesTaxId: tax.id }])]).toEqual([
        '120.00',
        '100.00',
        '120.00',
      ]);
    });

    it('keep the rate a tax had on their day', async () => {
      const tax = await client.tax({ abbreviation: 'DAY', rate: '0.1' });
      await client.save('salesTaxPatch', { id: tax.id, rates: [{ effective: '2026-06-01', rate: '0.3' }] }, 'salesTax');
      const items = [line({ unitPrice: '10', taxes: [{ salesTaxId: tax.id }] })];
      expect((await create({ items, invoiceDate: '2026-05-31' })).total).toMatchObject({ value: '11.00' });
      expect((await create({ items, invoiceDate: '2026-06-01' })).total).toMatchObject({ value: '13.00' });
    });

    it.each<[string, (known: { archived: unknown; unsold: unknown }) => object, string[]]>([
      [
        'an archived product',
        ({ archived }) => ({ items: [{ productId: archived }] }),
        ['input', 'items', '0', 'productId'],
      ],
      [
        'a product without income account',
        ({ unsold }) => ({ items: [{ productId: unsold }] }),
        ['input', 'items', '0', 'productId'],
      ],
      ['an unknown product', () => ({ items: [{ productId: 'x' }] }), ['input', 'items', '0', 'productId']],
      ['an unknown customer', () => ({ customerId: 'x' }), ['input', 'customerId']],
      [
        'two discounts',
        () => ({
          discounts: [
            { discountType: 'FIXED', amount: '1' },
            { discountType: 'FIXED', amount: '1' },
          ],
        }),
        ['input', 'discounts'],
      ],
      [
        'a discount above the subtotal',
        () => ({ discounts: [{ discountType: 'FIXED', amount: '1' }] }),
        ['input', 'discounts', '0'],
      ],
      [
        'a discount without its amount',
        () => ({ discounts: [{ discountType: 'FIXED' }] }),
        ['input', 'discounts', '0', 'amount'],
      ],
      ['a rate for the own currency', () => ({ exchangeRate: '1.5' }), ['input', 'exchangeRate']],
      ['a negative total', () => ({ items: [line({ unitPrice: '-1' })] }), ['input', 'items']],
    ])('refuse %s and store nothing', async (_what, input, path) => {
      const archived = await client.product();
      await client.mutate('productArchive', { id: archived.id });
      const unsold = await client.product({ incomeAccountId: null });
      const before = (await rowsOf('Invoice')).length;
      const wanted = {
        businessId: US,
        customerId: customer.id,
        ...input({ archived: archived.id, unsold: unsold.id }),
      };
      const reply = await client.mutate('invoiceCreate', wanted, 'invoice { id }');
      expect(reply).toMatchObject({ status: 200, didSucceed: false, problem: { path } });
      expect((await rowsOf('Invoice')).length).toBe(before);
    });

    it('go from draft over saved, sent and viewed to part paid, paid and overpaid, and back', async () => {
      const { id } = await create({ items: [line({ unitPrice: '100' })] }, 'id status');
      const status = async () => (await client.one('invoice', id, 'status')).status;
      expect(await status()).toBe('DRAFT');
      const refused = await client.mutate('invoicePaymentCreateManual', {
        invoiceId: id,
        paymentAccountId: await client.account('Checking'),
        amount: '1',
        paymentDate: '2026-03-10',
        paymentMethod: 'CASH',
        exchangeRate: '1',
      });
      expect(refused).toMatchObject({
        didSucceed: false,
        problem: { message: 'A payment cannot be added to a draft invoice' },
      });
      expect((await client.mutate('invoiceMarkSent', { invoiceId: id, sendMethod: 'MARKED_SENT' })).didSucceed).toBe(
        false,
      );
      expect(await client.save('invoiceApprove', { invoiceId: id }, 'invoice', 'status')).toEqual({ status: 'SAVED' });
      const sent = await client.save(
        'invoiceMarkSent',
        { invoiceId: id, sendMethod: 'GMAIL', sentAt: '2026-03-09T10:00:00Z' },
        'invoice',
        'status lastSentAt lastSentVia',
      );
      expect(sent).toEqual({ status: 'SENT', lastSentAt: '2026-03-09T10:00:00.000Z', lastSentVia: 'GMAIL' });
      await sandbox.control('POST', '/view', { realm: US, id });
      expect(await status()).toBe('VIEWED');
      const first = await client.pay(id, '40');
      expect(await status()).toBe('PARTIAL');
      const second = await client.pay(id, '60.00');
      expect(await status()).toBe('PAID');
      const third = await client.pay(id, '5');
      expect(
        await client.one('invoice', id, 'status amountDue { value } amountPaid { value } payments { id }'),
      ).toEqual({
        status: 'OVERPAID',
        amountDue: { value: '-5.00' },
        amountPaid: { value: '105.00' },
        payments: [{ id: first.id }, { id: second.id }, { id: third.id }],
      });
      for (const payment of [third, second, first]) await client.mutate('invoicePaymentDelete', { id: payment.id });
      expect(await status()).toBe('VIEWED');
      expect((await client.mutate('invoicePatch', { id, status: 'DRAFT' })).problem?.path).toEqual(['input', 'status']);
    });

    it('are overdue once the due date has passed with money due', async () => {
      const invoice = await client.invoice('10', { dueDate: '2026-03-10' });
      const status = async () => await client.one('invoice', invoice.id, 'status modifiedAt');
      expect(await status()).toEqual({ status: 'SAVED', modifiedAt: invoice.modifiedAt });
      await sandbox.control('POST', '/clock', { advanceMs: 86_400_000 });
      await client.ask('{ user { id } }');
      const late = await sandbox.connect();
      expect(await late.one('invoice', invoice.id, 'status modifiedAt')).toEqual({
        status: 'OVERDUE',
        modifiedAt: invoice.modifiedAt,
      });
      await late.pay(invoice.id, '4');
      expect(await late.one('invoice', invoice.id, 'status')).toEqual({ status: 'OVERDUE' });
      await sandbox.control('POST', '/clock', { reset: true });
    });

    it('take patches: what is given replaces, lines all at once', async () => {
      const invoice = await create({
        items: [line({ unitPrice: '1' }), line({ unitPrice: '2' })],
        memo: 'a',
        poNumber: 'P1',
        hideName: true,
      });
      const patched = await client.save(
        'invoicePatch',
        { id: invoice.id, memo: null, items: [line({ unitPrice: '50', description: 'only' })], status: 'SAVED' },
        'invoice',
        'memo poNumber hideName status total { value } items { description }',
      );
      expect(patched).toEqual({
        memo: null,
        poNumber: 'P1',
        hideName: true,
        status: 'SAVED',
        total: { value: '50.00' },
        items: [{ description: 'only' }],
      });
      await client.pay(invoice.id, '20');
      expect((await client.mutate('invoicePatch', { id: invoice.id, items: [line()] })).problem?.path).toEqual([
        'input',
        'items',
      ]);
      const harmless = await client.mutate(
        'invoicePatch',
        { id: invoice.id, customerId: customer.id, footer: 'f' },
        'invoice { footer }',
      );
      expect(harmless.payload.invoice).toEqual({ footer: 'f' });
    });

    it('are cloned as drafts and deleted without trace, unless they have payments', async () => {
      const invoice = await client.invoice('30');
      const clone = await client.save(
        'invoiceClone',
        { invoiceId: invoice.id },
        'invoice',
        'id status total { value } payments { id }',
      );
      expect(clone).toMatchObject({ status: 'DRAFT', total: { value: '30.00' }, payments: [] });
      const payment = await client.pay(invoice.id, '30');
      expect((await client.mutate('invoiceDelete', { invoiceId: invoice.id })).didSucceed).toBe(false);
      await client.mutate('invoicePaymentDelete', { id: payment.id });
      const count = async () =>
        ((await client.read('invoices(page: 1, pageSize: 1) { pageInfo { totalCount } }')).invoices?.pageInfo as Json)
          .totalCount;
      const before = Number(await count());
      expect((await client.mutate('invoiceDelete', { invoiceId: invoice.id })).didSucceed).toBe(true);
      expect(Number(await count())).toBe(before - 1);
      expect((await client.ask(`{ business { invoice(id: "${String(invoice.id)}") { id } } }`)).code).toBe('NOT_FOUND');
      const { deleted } = await sandbox.control('GET', `/dump/${US}`);
      expect(deleted).toContainEqual({ entity: 'Invoice', id: invoice.id, at: expect.any(String) });
    });

    it('are mailed into the outbox, if the business may mail', async () => {
      const invoice = await client.invoice('10');
      const sender = await sandbox.connect();
      const mail = { invoiceId: invoice.id, to: ['x@y.example'], subject: 'Yours', attachPDF: true };
      const sent = await sender.save('invoiceSend', mail, 'invoice', 'status lastSentVia lastSentAt');
      expect(sent).toEqual({ status: 'SENT', lastSentVia: 'WAVE', lastSentAt: expect.any(String) });
      const payment = await sender.pay(invoice.id, '10');
      const receipt = { invoiceId: invoice.id, invoicePaymentId: payment.id, to: ['x@y.example'] };
      expect((await sender.mutate('invoicePaymentReceiptSend', receipt)).didSucceed).toBe(true);
      const { mails } = await sandbox.control('GET', `/outbox/${US}`);
      expect((mails as unknown as Json[]).slice(-2)).toMatchObject([
        { about: 'invoice', id: invoice.id, to: ['x@y.example'], subject: 'Yours' },
        { about: 'receipt', id: payment.id },
      ]);
      await sandbox.control('POST', `/business/${US}`, { emailSendEnabled: false });
      expect(await sender.mutate('invoiceSend', mail)).toMatchObject({ didSucceed: false, problem: { path: null } });
      await sandbox.control('POST', `/business/${US}`, { emailSendEnabled: true });
      expect((await sender.mutate('invoiceSend', { ...mail, to: ['nobody'] })).problem?.path).toEqual([
        'input',
        'to',
        '0',
      ]);
    });
  });

  describe('payments', () => {
    it('change modifiedAt and what is due of their invoice when made, edited and deleted', async () => {
      const invoice = await client.invoice('100');
      const seen: string[] = [String(invoice.modifiedAt)];
      const look = async () => {
        const { modifiedAt, amountDue } = await client.one('invoice', invoice.id, 'modifiedAt amountDue { value }');
        expect(String(modifiedAt) > String(seen.at(-1))).toBe(true);
        seen.push(String(modifiedAt));
        return String(amountDue?.value);
      };
      const payment = await client.pay(invoice.id, '25.50', { memo: 'ref:1' });
      expect(payment.amount).toBe('25.50');
      expect(await look()).toBe('74.50');
      const patched = await client.save(
        'invoicePaymentPatch',
        { id: payment.id, amount: '30' },
        'invoicePayment',
        'amount memo modifiedAt paymentMethod',
      );
      expect(patched).toMatchObject({ amount: '30.00', memo: 'ref:1', paymentMethod: 'BANK_TRANSFER' });
      expect(await look()).toBe('70.00');
      await client.mutate('invoicePaymentDelete', { id: payment.id });
      expect(await look()).toBe('100.00');
      const gone = await client.ask('query($p: ID!) { business { invoicePayment(id: $p) { id } } }', { p: payment.id });
      expect(gone.message).toBe(`InvoicePayment '${String(payment.id)}' could not be found.`);
    });

    it('show account, invoice, customer and how they came about; recorded twice they count twice', async () => {
      const invoice = await client.invoice('10');
      const payment = await client.pay(invoice.id, '5');
      await client.pay(invoice.id, '5');
      const shown = await client.one(
        'invoicePayment',
        payment.id,
        'amount origin paymentProvider exchangeRate account { name } invoice { id status } customer { name } businessCurrency { code } accountingTransactionId',
      );
      expect(shown).toMatchObject({
        amount: '5.00',
        origin: 'MANUAL',
        paymentProvider: null,
        exchangeRate: '1',
        account: { name: 'Checking' },
        invoice: { id: invoice.id, status: 'PAID' },
        customer: { name: 'Buyer' },
        businessCurrency: { code: 'USD' },
        accountingTransactionId: expect.any(String),
      });
    });

    it.each([
      [{ amount: '0' }, ['input', 'amount']],
      [{ amount: '-5' }, ['input', 'amount']],
      [{ exchangeRate: '0' }, ['input', 'exchangeRate']],
      [{ paymentAccountId: 'nowhere' }, ['input', 'paymentAccountId']],
    ])('refuse %j', async (change, path) => {
      const invoice = await client.invoice('10');
      const input = {
        invoiceId: invoice.id,
        paymentAccountId: await client.account('Checking'),
        amount: '1',
        paymentDate: '2026-03-10',
        paymentMethod: 'CASH',
        exchangeRate: '1',
      };
      expect((await client.mutate('invoicePaymentCreateManual', { ...input, ...change })).problem?.path).toEqual(path);
      const other = { ...input, paymentAccountId: await client.account('Sales') };
      expect((await client.mutate('invoicePaymentCreateManual', other)).didSucceed).toBe(false);
    });

    it('that the vendor processed are shown as such and cannot be changed', async () => {
      const invoice = await client.invoice('80');
      const made = await sandbox.control('POST', '/card-payment', { realm: US, id: invoice.id });
      const shown = await client.one(
        'invoicePayment',
        made.id,
        'amount origin paymentProvider transactionId paymentMethod invoice { status }',
      );
      expect(shown).toMatchObject({
        amount: '80.00',
        origin: 'WAVE_PAYMENTS',
        paymentProvider: 'WAVE',
        transactionId: expect.any(String),
        invoice: { status: 'PAID' },
      });
      expect((await client.mutate('invoicePaymentDelete', { id: made.id })).didSucceed).toBe(false);
      expect((await client.mutate('invoicePaymentPatch', { id: made.id, amount: '1' })).didSucceed).toBe(false);
    });

    it('in a foreign currency settle at the rate of the day; the difference is gain or loss', async () => {
      const ca = await sandbox.connect(CA);
      const invoice = await ca.invoice('100', { currency: 'USD', exchangeRate: '1.30' });
      const balance = async (name: string) =>
        await ca.one('account', await ca.account(name), 'balance balanceInBusinessCurrency');
      await ca.pay(invoice.id, '100', {
        exchangeRate: '1.40',
        paymentAccountId: await ca.account('US Dollar Account'),
      });
      expect(await balance('US Dollar Account')).toEqual({ balance: '100.00', balanceInBusinessCurrency: '140.00' });
      expect(await balance('Gain on Foreign Exchange')).toEqual({
        balance: '10.00',
        balanceInBusinessCurrency: '10.00',
      });
      expect(await balance('Accounts Receivable')).toMatchObject({ balance: '0.00' });
      const euro = await ca.invoice('10', { currency: 'EUR', exchangeRate: '1.5' });
      const wrong = ca.pay(euro.id, '10', { paymentAccountId: await ca.account('US Dollar Account') });
      await expect(wrong).rejects.toThrow('paymentAccountId');
    });
  });

  describe('estimates', () => {
    let customer: Json;
    let product: Json;
    beforeAll(async () => {
      [customer, product] = [await client.customer({ email: 'e@x.example' }), await client.product()];
    });
    const make = async (input: object = {}) =>
      client.save(
        'estimateCreate',
        {
          businessId: US,
          customerId: customer.id,
          items: [{ productId: product.id, unitPrice: '200', taxes: [] }],
          ...input,
        },
        'estimate',
        'id status estimateNumber estimateDate dueDate total { value } depositTotal { value } payments { id } history { state } attachments { id }',
      );
    const step = async (name: string, estimateId: unknown, more: object = {}) =>
      client.save(name, { estimateId, ...more }, 'estimate', 'status');

    it('start as drafts with a number of their own series', async () => {
      const estimate = await make();
      expect(estimate).toMatchObject({
        status: 'DRAFT',
        estimateNumber: '1',
        estimateDate: '2026-03-10',
        dueDate: '2026-04-09',
        total: { value: '200.00' },
      });
      expect((await make()).estimateNumber).toBe('2');
      const priceless = await client.mutate('estimateCreate', {
        businessId: US,
        customerId: customer.id,
        items: [{ productId: product.id }],
      });
      expect([priceless.status, priceless.code]).toEqual([400, 'BAD_USER_INPUT']);
    });

    it('are approved, sent, viewed, accepted, reset and converted', async () => {
      const { id } = await make();
      expect(await step('estimateApprove', id)).toEqual({ status: 'APPROVED' });
      expect(await step('estimateMarkSent', id, { sendMethod: 'MARKED_SENT' })).toEqual({ status: 'SENT' });
      await sandbox.control('POST', '/view', { realm: US, id });
      expect(await client.one('estimate', id, 'status')).toEqual({ status: 'VIEWED' });
      expect(await step('estimateMarkAccepted', id)).toEqual({ status: 'ACCEPTED' });
      expect(await step('estimateResetAcceptance', id)).toEqual({ status: 'VIEWED' });
      await sandbox.control('POST', '/decide', { realm: US, id, decision: 'reject' });
      expect(await client.one('estimate', id, 'status')).toEqual({ status: 'REJECTED' });
      await sandbox.control('POST', '/decide', { realm: US, id, decision: 'accept' });
      const converted = await client.mutate('convertEstimateToInvoice', { estimateId: id }, 'invoiceId');
      const [invoice] = await client.nodes(
        'invoices',
        'id status total { value } source { __typename ... on NewEstimate { id } }',
        `sourceId: "${String(id)}"`,
      );
      expect(invoice).toEqual({
        id: converted.payload.invoiceId,
        status: 'DRAFT',
        total: { value: '200.00' },
        source: { __typename: 'NewEstimate', id },
      });
      expect(await client.one('estimate', id, 'status')).toEqual({ status: 'CONVERTED' });
      expect((await client.mutate('convertEstimateToInvoice', { estimateId: id }, 'invoiceId')).didSucceed).toBe(false);
      const clone = await client.save('estimateClone', { estimateId: id }, 'estimate', 'id status');
      expect(clone.status).toBe('DRAFT');
      expect((await client.mutate('estimateDelete', { estimateId: clone.id })).didSucceed).toBe(true);
    });

    it('expire after their due date', async () => {
      const { id } = await make({ dueDate: '2026-03-09' });
      expect(await client.one('estimate', id, 'status')).toEqual({ status: 'DRAFT' });
      await step('estimateApprove', id);
      expect(await client.one('estimate', id, 'status')).toEqual({ status: 'EXPIRED' });
      const listed = await client.nodes('estimates', 'id', 'status: EXPIRED');
      expect(listed.map((estimate) => estimate.id)).toContain(id);
    });

    const restated = {
      status: 'DRAFT',
      title: 'Estimate',
      estimateDate: '2026-03-10',
      currency: 'USD',
      exchangeRate: '1',
      dueDate: '2026-04-01',
    };

    it.each(['customerId', 'status', 'title', 'estimateDate', 'currency', 'exchangeRate', 'dueDate'])(
      'insist on %s in every patch, before anything is executed',
      async (field) => {
        const { id } = await make();
        const { [field]: _left, ...input } = { id, customerId: customer.id, ...restated } as Record<string, unknown>;
        const reply = await client.mutate('estimatePatch', input, 'estimate { id }');
        expect([reply.status, reply.code]).toEqual([400, 'BAD_USER_INPUT']);
        expect(reply.message).toContain(`Field "${field}" of required type`);
      },
    );

    it('take a patch that restates all seven', async () => {
      const { id } = await make({ memo: 'kept' });
      const patched = await client.save(
        'estimatePatch',
        { id, customerId: customer.id, ...restated, status: 'APPROVED', footer: 'new' },
        'estimate',
        'status memo footer total { value }',
      );
      expect(patched).toEqual({ status: 'APPROVED', memo: 'kept', footer: 'new', total: { value: '200.00' } });
      const refused = await client.mutate('estimatePatch', {
        id,
        customerId: customer.id,
        ...restated,
        status: 'CONVERTED',
      });
      expect(refused.problem?.path).toEqual(['input', 'status']);
    });

    it('take deposits, shown only to who embeds them', async () => {
      const { id, depositTotal } = await make({
        depositStatus: 'ENABLED_MANDATORY',
        depositUnit: 'PERCENTAGE',
        depositValue: '25',
      });
      expect(depositTotal).toEqual({ value: '50.00' });
      await step('estimateApprove', id);
      const deposit = await client.save(
        'estimateDepositPaymentCreateManual',
        { estimateId: id, amount: '30', paymentDate: '2026-03-10', paymentMethod: 'CASH', memo: 'd' },
        'estimatePayment',
        'id amount estimate { id }',
      );
      expect(deposit).toMatchObject({ amount: '30.00', estimate: { id } });
      expect(await client.one('estimate', id, 'depositPaymentStatus payments { id } history { state }')).toEqual({
        depositPaymentStatus: 'PARTIAL',
        payments: null,
        history: null,
      });
      await client.save(
        'estimateDepositPaymentUpdateManual',
        { id: deposit.id, estimateId: id, amount: '50' },
        'estimatePayment',
      );
      const { estimate } = await client.read(
        'estimate(id: $e, embedDepositPayments: true, embedHistory: true, embedAttachments: true) { depositPaymentStatus payments { amount memo } history { state } attachments { id } }',
        { e: id },
        ', $e: ID!',
      );
      expect(estimate).toEqual({
        depositPaymentStatus: 'PAID',
        payments: [{ amount: '50.00', memo: 'd' }],
        history: [],
        attachments: [],
      });
      expect((await client.mutate('estimateDelete', { estimateId: id })).didSucceed).toBe(false);
      expect(
        (
          await client.mutate('estimateDepositPaymentReceiptSend', {
            estimateId: id,
            estimatePaymentId: deposit.id,
            to: ['a@b.example'],
          })
        ).didSucceed,
      ).toBe(true);
      expect((await client.mutate('estimatePaymentDelete', { id: deposit.id })).didSucceed).toBe(true);
      expect(await client.one('estimate', id, 'depositPaymentStatus')).toEqual({ depositPaymentStatus: 'UNPAID' });
    });

    it('are mailed and printed', async () => {
      const { id } = await make();
      const mail = { estimateId: id, to: ['a@b.example'], attachPDF: false };
      expect((await client.mutate('estimateSend', mail)).didSucceed).toBe(false);
      await step('estimateApprove', id);
      expect(await step('estimateSend', id, { to: ['a@b.example'], attachPDF: false })).toEqual({ status: 'SENT' });
      expect((await client.mutate('estimateSendAcceptanceCustomerEmail', { estimateId: id })).didSucceed).toBe(true);
      const { payload } = await client.mutate('estimateGeneratePdf', { estimateId: id }, 'pdfUrl');
      expect(String(payload.pdfUrl)).toMatch(/\/wave\/estimates\/.*\/pdf$/);
    });
  });

  describe('money transactions', () => {
    let accounts: Record<'bank' | 'savings' | 'card' | 'office' | 'sales' | 'fees' | 'discounts', string>;
    let count = 0;
    beforeAll(async () => {
      accounts = {
        bank: await client.account('Checking'),
        savings: await client.account('Savings'),
        card: await client.account('Business Credit Card'),
        office: await client.account('Office Supplies'),
        sales: await client.account('Sales'),
        fees: await client.account('Merchant Account Fees'),
        discounts: await client.account('Sales Discounts'),
      };
    });
    const details = (change: object = {}) => ({
      externalId: `exp-${++count}`,
      date: '2026-03-05',
      description: 'Paper',
      anchor: { accountId: accounts.bank, amount: '45.99', direction: 'WITHDRAWAL' },
      lineItems: [{ accountId: accounts.office, amount: '45.99', balance: 'DEBIT' }],
      ...change,
    });
    const post = (change: object = {}) =>
      client.mutate('moneyTransactionCreate', { businessId: US, ...details(change) }, 'transaction { id }');
    const balance = async (id: string) => Number((await client.one('account', id, 'balance')).balance);

    it('move the anchor and its lines, and can be read back by nobody but a test', async () => {
      const before = [await balance(accounts.bank), await balance(accounts.office)];
      const reply = await post();
      expect(reply.didSucceed).toBe(true);
      expect(Buffer.from(String(reply.payload.transaction?.id), 'base64').toString()).toMatch(/;Transaction:\d+$/);
      expect(
        [await balance(accounts.bank), await balance(accounts.office)].map((now, index) =>
          Math.round((now - Number(before[index])) * 100),
        ),
      ).toEqual([-4599, 4599]);
      expect((await rowsOf('Transaction')).at(-1)).toMatchObject({
        id: reply.payload.transaction?.id,
        anchor: { amount: '45.99' },
      });
    });

    it('may mix sides as long as they balance the anchor', async () => {
      const payout = await post({
        anchor: { accountId: accounts.bank, amount: '97', direction: 'DEPOSIT' },
        lineItems: [
          { accountId: accounts.sales, amount: '100.00', balance: 'CREDIT' },
          { accountId: accounts.fees, amount: 3, balance: 'DEBIT' },
        ],
      });
      expect(payout.didSucceed).toBe(true);
      const card = await post({ anchor: { accountId: accounts.card, amount: '45.99', direction: 'WITHDRAWAL' } });
      expect(card.didSucceed).toBe(true);
    });

    it.each([
      ['INCREASE', 'office', 'WITHDRAWAL', true],
      ['DECREASE', 'office', 'DEPOSIT', true],
      ['INCREASE', 'sales', 'DEPOSIT', true],
      ['INCREASE', 'sales', 'WITHDRAWAL', false],
      ['INCREASE', 'discounts', 'WITHDRAWAL', true],
      ['INCREASE', 'discounts', 'DEPOSIT', false],
    ] as const)(
      'read %s of the %s account with a %s as the vendor does',
      async (sign, account, direction, isAccepted) => {
        const reply = await post({
          anchor: { accountId: accounts.bank, amount: '10', direction },
          lineItems: [{ accountId: accounts[account], amount: '10', balance: sign }],
        });
        expect(reply.didSucceed).toBe(isAccepted);
        if (!isAccepted) {
          expect(reply.problem).toEqual({
            path: ['input', 'lineItems'],
            message: 'Transaction must have at least one debit and credit line item.',
            code: expect.any(String),
          });
        }
      },
    );

    it.each<[string, () => object, unknown]>([
      [
        'an anchor among the lines',
        () => ({ lineItems: [{ accountId: accounts.savings, amount: '45.99', balance: 'DEBIT' }] }),
        { path: null, message: 'This value is invalid. MULTIPLE_POSSIBLE_ANCHORS', code: 'UNKNOWN' },
      ],
      [
        'an anchor that is no anchor',
        () => ({ anchor: { accountId: accounts.office, amount: '45.99', direction: 'WITHDRAWAL' } }),
        { path: ['input', 'anchor', 'accountId'] },
      ],
      [
        'lines that do not balance',
        () => ({ lineItems: [{ accountId: accounts.office, amount: '45.98', balance: 'DEBIT' }] }),
        { path: ['input', 'lineItems'] },
      ],
      [
        'three decimal places',
        () => ({ anchor: { accountId: accounts.bank, amount: '45.991', direction: 'WITHDRAWAL' } }),
        { path: ['input', 'anchor', 'amount'] },
      ],
      [
        'a negative amount',
        () => ({ lineItems: [{ accountId: accounts.office, amount: '-45.99', balance: 'CREDIT' }] }),
        { path: ['input', 'lineItems', '0', 'amount'] },
      ],
      ['no lines', () => ({ lineItems: [] }), { path: ['input', 'lineItems'], code: 'REQUIRED' }],
      [
        'an unknown account',
        () => ({ lineItems: [{ accountId: 'x', amount: '45.99', balance: 'DEBIT' }] }),
        { path: ['input', 'lineItems', '0', 'accountId'] },
      ],
      [
        'an unknown customer',
        () => ({ lineItems: [{ accountId: accounts.office, amount: '45.99', balance: 'DEBIT', customerId: 'x' }] }),
        { path: ['input', 'lineItems', '0', 'customerId'] },
      ],
    ])('refuse %s and post nothing', async (_what, change, problem) => {
      const before = (await rowsOf('Transaction')).length;
      expect(await post(change())).toMatchObject({
        status: 200,
        didSucceed: false,
        problem,
        payload: { transaction: null },
      });
      expect((await rowsOf('Transaction')).length).toBe(before);
    });

    it('refuse an externalId they know, within one business', async () => {
      const wanted = { externalId: 'once' };
      expect((await post(wanted)).didSucceed).toBe(true);
      const again = await post(wanted);
      expect(again).toMatchObject({
        didSucceed: false,
        problem: { path: ['input', 'externalId'], message: expect.stringContaining('already exists') },
      });
      expect((await rowsOf('Transaction')).filter((row) => (row.externalId as unknown) === 'once')).toHaveLength(1);
      const ca = await sandbox.connect(CA);
      const elsewhere = details({
        externalId: 'once',
        anchor: { accountId: await ca.account('Checking'), amount: '1', direction: 'WITHDRAWAL' },
        lineItems: [{ accountId: await ca.account('Office Supplies'), amount: '1', balance: 'DEBIT' }],
      });
      expect(
        (await ca.mutate('moneyTransactionCreate', { businessId: CA, ...elsewhere }, 'transaction { id }')).didSucceed,
      ).toBe(true);
    });

    it('come in bulk, all or nothing, errors by place', async () => {
      const bulk = (transactions: object[]) =>
        client.mutate('moneyTransactionsCreate', { businessId: US, transactions }, 'transactions { id }');
      const good = await bulk([details(), details()]);
      expect((good.payload.transactions as unknown as Json[]).map(({ id }) => typeof id)).toEqual(['string', 'string']);
      const before = (await rowsOf('Transaction')).length;
      const twice = details();
      const bad = await bulk([details(), { ...details(), lineItems: [] }, twice, twice]);
      expect(bad.payload.transactions).toBeNull();
      const paths = (bad.payload.inputErrors as unknown as { path: string[] }[]).map((error) => error.path.join('.'));
      expect(paths).toEqual(['input.transactions.1.lineItems', 'input.transactions.3.externalId']);
      expect((await rowsOf('Transaction')).length).toBe(before);
    });

    it('post taxes of a line to the sales tax account on top of its amount', async () => {
      const tax = await client.tax({ abbreviation: 'TT' });
      const taxes = await client.account('Sales Taxes');
      const before = await balance(taxes);
      const reply = await post({
        anchor: { accountId: accounts.bank, amount: '110', direction: 'DEPOSIT' },
        lineItems: [
          {
            accountId: accounts.sales,
            amount: '100',
            balance: 'CREDIT',
            taxes: [{ salesTaxId: tax.id, amount: '10' }],
          },
        ],
      });
      expect(reply.didSucceed).toBe(true);
      expect(await balance(taxes)).toBeCloseTo(before + 10, 2);
    });

    it('have a legacy form that answers no id', async () => {
      await client.tax({ abbreviation: 'LEG' });
      const reply = await client.mutate('moneyDepositTransactionCreate', {
        businessId: US,
        externalId: 'legacy-1',
        date: '2026-03-05',
        description: 'Old',
        origin: 'ZAPIER',
        deposit: { accountId: accounts.bank, amount: 107 },
        lineItems: [{ accountId: accounts.sales, amount: 100, taxes: [{ abbreviation: 'LEG', amount: 10 }] }],
        fees: [{ accountId: accounts.fees, amount: 3 }],
      });
      expect(reply.didSucceed).toBe(true);
      expect((await rowsOf('Transaction')).at(-1)).toMatchObject({ externalId: 'legacy-1', origin: 'ZAPIER' });
    });
  });
});
