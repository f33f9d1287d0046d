import { CA, request, startSandbox, US, type Client, type Json, type TestSandbox } from './test-client.ts';

describe('ids and lists (sheet 2.3 to 2.5, 3.2, 5.3)', () => {
  let sandbox: TestSandbox;
  let client: Client;

  beforeAll(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
  });
  afterAll(() => sandbox.close());

  it('writes ids as base64 of the business, the type and a number', async () => {
    const decoded = (id: unknown) => Buffer.from(String(id), 'base64').toString('utf8');
    const { id } = await client.customer();
    expect(decoded(US)).toMatch(/^Business:[0-9a-f-]{36}$/);
    expect(decoded(id)).toMatch(/^Business:[0-9a-f-]{36};Customer:\d+$/);
    expect(String(id).startsWith(US)).toBe(true);
    const invoice = await client.invoice('10');
    const payment = await client.pay(invoice.id, '10');
    expect(decoded(payment.id)).toMatch(/;InvoicePayment:\d+$/);
    const { data } = await client.ask('{ user { id } }');
    expect(decoded(data?.user?.id)).toMatch(/^User:[0-9a-f-]{36}$/);
    const [account] = await client.nodes('accounts', 'id classicId');
    expect(decoded(account?.id)).toBe(`${decoded(US)};Account:${String(account?.classicId)}`);
  });

  describe('paging', () => {
    beforeAll(async () => {
      const objects = Array.from({ length: 25 }, (_, index) => ({ name: `Page ${String(index).padStart(2, '0')}` }));
      await sandbox.control('POST', '/bulk', { realm: CA, entity: 'Customer', objects });
    });

    const page = async (args: string) => {
      const ca = await sandbox.connect(CA);
      const { customers } = await ca.read(
        `customers${args} { pageInfo { currentPage totalPages totalCount } edges { node { name } } }`,
      );
      const edges = customers?.edges as unknown as Json[];
      return { ...customers?.pageInfo, names: edges.map((edge) => String(edge.node?.name)) };
    };

    it('counts pages from one, ten to a page', async () => {
      const first = await page('');
      expect(first).toMatchObject({ currentPage: 1, totalPages: 3, totalCount: 25 });
      expect(first.names).toEqual(Array.from({ length: 10 }, (_, index) => `Page 0${index}`));
      expect((await page('(page: 3)')).names).toHaveLength(5);
      expect((await page('(page: 2, pageSize: 20)')).names[0]).toBe('Page 20');
    });

    it('answers an empty page beyond the end', async () => {
      expect(await page('(page: 9)')).toEqual({ currentPage: 9, totalPages: 3, totalCount: 25, names: [] });
    });

    it('refuses a page size above 200 and a page before the first', async () => {
      const ask = (args: string) => client.ask(`{ business { name customers(${args}) { pageInfo { totalCount } } } }`);
      for (const args of ['pageSize: 201', 'page: 0', 'pageSize: 0']) {
        expect(await ask(args)).toMatchObject({
          status: 200,
          code: 'BAD_USER_INPUT',
          data: { business: { customers: null } },
        });
      }
      expect((await ask('pageSize: 200')).errors).toBeUndefined();
    });

    it('shifts rows over pages when somebody adds one in front', async () => {
      const second = await page('(page: 2, sort: [CREATED_AT_DESC])');
      await (await sandbox.connect(CA)).customer({ name: 'Newest' });
      const later = await page('(page: 2, sort: [CREATED_AT_DESC])');
      expect(later.names.slice(1)).toEqual(second.names.slice(0, 9));
    });
  });

  it('sorts by several keys, ties in order of creation, and takes one enum for estimates', async () => {
    const [customer, product] = [await client.customer({ name: 'Sorted' }), await client.product()];
    const items = (unitPrice: string) => [{ productId: product.id, unitPrice, taxes: [] }];
    for (const [unitPrice, invoiceNumber] of [
      ['9', 's-1'],
      ['100', 's-2'],
      ['9', 's-3'],
    ] as const) {
      await client.save(
        'invoiceCreate',
        { businessId: US, customerId: customer.id, invoiceNumber, items: items(unitPrice) },
        'invoice',
      );
    }
    const numbers = async (sort: string) => {
      const found = await client.nodes(
        'invoices',
        'invoiceNumber',
        `pageSize: 50, customerId: "${String(customer.id)}", sort: [${sort}]`,
      );
      return found.map((invoice) => String(invoice.invoiceNumber)).join(' ');
    };
    expect(await numbers('TOTAL_ASC')).toBe('s-1 s-3 s-2');
    expect(await numbers('TOTAL_DESC, INVOICE_NUMBER_DESC')).toBe('s-2 s-3 s-1');
    expect(await numbers('CREATED_AT_DESC')).toBe('s-3 s-2 s-1');
    const first = await client.save(
      'estimateCreate',
      { businessId: US, customerId: customer.id, items: items('1') },
      'estimate',
    );
    const second = await client.save(
      'estimateCreate',
      { businessId: US, customerId: customer.id, items: items('2') },
      'estimate',
    );
    const estimates = await client.nodes('estimates', 'id', 'sort: MODIFIED_AT_DESC');
    expect(estimates.map(({ id }) => id)).toEqual([second.id, first.id]);
  });

  it('finds what changed strictly after and before an instant, oldest first when asked', async () => {
    const made = [
      await client.customer({ name: 'C1' }),
      await client.customer({ name: 'C2' }),
      await client.customer({ name: 'C3' }),
    ];
    const stamps = made.map((customer) => String(customer.modifiedAt));
    expect(stamps[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const changed = async (args: string) =>
      (await client.nodes('customers', 'name', `sort: [MODIFIED_AT_ASC], ${args}`)).map((customer) =>
        String(customer.name),
      );
    expect(await changed(`modifiedAtAfter: "${stamps[0]}"`)).toEqual(['C2', 'C3']);
    expect(await changed(`modifiedAtAfter: "${stamps[0]}", modifiedAtBefore: "${stamps[2]}"`)).toEqual(['C2']);
    await client.save('customerPatch', { id: made[0]?.id, displayId: 'x' }, 'customer');
    expect(await changed(`modifiedAtAfter: "${stamps[0]}"`)).toEqual(['C2', 'C3', 'C1']);
    expect(await changed(`modifiedAtAfter: "${stamps[2]}"`)).toEqual(['C1']);
  });

  it('answers the tick of a poller with empty lists when nothing happened, in a few hundred bytes', async () => {
    const now = new Date(sandbox.vendor.clock.now()).toISOString();
    const lists = ['customers', 'vendors', 'products', 'salesTaxes', 'invoices', 'estimates'];
    const parts = lists.map(
      (list) =>
        `${list}(page: 1, pageSize: 50, modifiedAtAfter: $t) { pageInfo { totalCount } edges { node { id modifiedAt } } }`,
    );
    const reply = await client.ask(
      `query($b: ID!, $t: DateTime!) { business(id: $b) { modifiedAt ${parts.join(' ')} } }`,
      { b: US, t: now },
    );
    for (const list of lists) expect(reply.data?.business?.[list]).toEqual({ pageInfo: { totalCount: 0 }, edges: [] });
    expect(reply.text.length).toBeLessThan(700);
  });

  it('filters exactly by email, by contains for invoice numbers, and leaves archived rows in unless told', async () => {
    await client.customer({ name: 'Mail', email: 'one@mail.example' });
    const byMail = (email: string) =>
      client.read('customers(email: $e) { edges { node { name } } }', { e: email }, ', $e: String');
    expect((await byMail('one@mail.example')).customers?.edges).toHaveLength(1);
    expect((await byMail('one@mail')).customers?.edges).toHaveLength(0);

    const { id: customerId } = await client.customer({ name: 'Numbers' });
    for (const invoiceNumber of ['n12', 'n112', 'n13']) {
      await client.save('invoiceCreate', { businessId: US, customerId, invoiceNumber }, 'invoice');
    }
    const { invoices } = await client.read(
      'invoices(invoiceNumber: $n, sort: [CREATED_AT_ASC]) { edges { node { invoiceNumber } } }',
      { n: '12' },
      ', $n: String',
    );
    const edges = invoices?.edges as unknown as Json[];
    expect(edges.map((edge) => String(edge.node?.invoiceNumber))).toEqual(['n12', 'n112']);

    const { id } = await client.product({ name: 'Off' });
    await client.mutate('productArchive', { id });
    const products = async (args: string) =>
      (await client.nodes('products', 'id', `pageSize: 200 ${args}`)).some((product) => product.id === id);
    expect([await products(''), await products('isArchived: false'), await products('isArchived: true')]).toEqual([
      true,
      false,
      true,
    ]);
    expect([await products('isSold: true'), await products('isBought: true')]).toEqual([true, false]);
  });

  it('filters accounts by type and subtype, and has no timestamps for them', async () => {
    const count = async (args: string) => (await client.nodes('accounts', 'id', `pageSize: 200, ${args}`)).length;
    const all = await count('page: 1');
    expect(await count('types: [INCOME, EXPENSE]')).toBeLessThan(all);
    expect(await count('subtypes: [CREDIT_CARD]')).toBe(1);
    expect(await count('excludedSubtypes: [CREDIT_CARD]')).toBe(all - 1);
    const reply = await client.ask('{ business { accounts { edges { node { modifiedAt } } } } }');
    expect([reply.status, reply.message]).toEqual([400, 'Cannot query field "modifiedAt" on type "Account".']);
  });

  it('filters invoices by status, currency, source, amount due and dates', async () => {
    const invoice = await client.invoice('77.50', { invoiceDate: '2025-12-24', currency: 'EUR', exchangeRate: '1.2' });
    const found = async (args: string) =>
      (await client.nodes('invoices', 'id', `pageSize: 100, ${args}`)).some(({ id }) => id === invoice.id);
    expect(await found('amountDue: "77.5"')).toBe(true);
    expect(await found('amountDue: 77')).toBe(false);
    expect(await found('currency: EUR, invoiceDateStart: "2025-12-24", invoiceDateEnd: "2025-12-24"')).toBe(true);
    expect(await found('currency: USD')).toBe(false);
    expect(await found('invoiceDateStart: "2025-12-25"')).toBe(false);
    expect(await found('status: OVERDUE')).toBe(true);
    expect(await found('status: SAVED')).toBe(false);
  });

  it('refuses invoices of a business with classic invoicing, and transactions of classic accounting', async () => {
    const own = await sandbox.control('POST', '/companies', { flavour: 'us', name: 'Classic', empty: true });
    const classic = await sandbox.connect(String(own.realmId));
    const { id: customerId } = await classic.customer();
    await sandbox.control('POST', `/business/${classic.realm}`, {
      isClassicInvoicing: true,
      isClassicAccounting: true,
    });
    expect(await classic.read('isClassicInvoicing isClassicAccounting')).toEqual({
      isClassicInvoicing: true,
      isClassicAccounting: true,
    });
    const list = await classic.ask('{ business { invoices { pageInfo { totalCount } } } }');
    expect(list).toMatchObject({ status: 200, data: { business: { invoices: null } } });
    expect((await classic.mutate('invoiceCreate', { businessId: classic.realm, customerId })).didSucceed).toBe(false);
    const accountId = await classic.account('Checking');
    const anchor = { accountId, amount: '1', direction: 'DEPOSIT' };
    const input = {
      businessId: classic.realm,
      externalId: 'x',
      date: '2026-01-01',
      description: 'x',
      anchor,
      lineItems: [],
    };
    expect((await classic.mutate('moneyTransactionCreate', input)).problem?.path).toEqual(['input', 'businessId']);
  });

  it('serves the page and the PDF of an invoice, and notes that the customer looked', async () => {
    const invoice = await client.invoice('5', {}, 'id viewUrl pdfUrl status lastViewedAt');
    expect(invoice).toMatchObject({ status: 'SAVED', lastViewedAt: null });
    const pdf = await request(String(invoice.pdfUrl));
    expect([pdf.status, pdf.text.slice(0, 5)]).toEqual([200, '%PDF-']);
    expect((await request(String(invoice.viewUrl))).status).toBe(200);
    expect(await client.one('invoice', invoice.id, 'status lastViewedAt')).toEqual({
      status: 'VIEWED',
      lastViewedAt: expect.any(String),
    });
    expect((await request(`${String(invoice.viewUrl)}9`)).status).toBe(404);
  });
});
