import { gunzipSync } from 'node:zlib';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import {
  billBody,
  customerBody,
  invoiceBody,
  openShop,
  paymentBody,
  startSandbox,
  supplierBody,
  TODAY,
  WIDGETS,
  type Client,
  type Json,
  type Shop,
  type TestSandbox,
} from './test-client.ts';

const NOBODY = '00000000-0000-4000-8000-000000000000';
const JOURNAL = 'GeneralLedger/GeneralJournal';

describe('the protocol (sheet 4, acceptance 7 to 18)', () => {
  let sandbox: TestSandbox;
  let client: Client;
  let shop: Shop;

  beforeAll(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
    shop = await openShop(client);
  });
  afterAll(() => sandbox.close());

  const lines = (record: Json) => record.Lines as unknown as Json[];
  const journal = (more: object = {}) => ({
    DateOccurred: TODAY,
    GSTReportingMethod: 'Purchase',
    Lines: [
      { Account: shop.supplies, Amount: 10, IsCredit: false },
      { Account: shop.bank, Amount: 10, IsCredit: true },
    ],
    ...more,
  });

  /** An answer as it comes over the wire, not unpacked. */
  const raw = (path: string, headers: Record<string, string>) =>
    new Promise<{ message: IncomingMessage; bytes: Buffer }>((resolve, reject) => {
      const call = httpRequest(`${client.api}${path}`, { headers }, (message) => {
        const chunks: Buffer[] = [];
        message.on('data', (chunk: Buffer) => chunks.push(chunk));
        message.on('end', () => resolve({ message, bytes: Buffer.concat(chunks) }));
      });
      call.on('error', reject);
      call.end();
    });

  describe('7. every answer', () => {
    it('has a type when it has a body, a request id and a date', async () => {
      const [body, none, refused] = await Promise.all([
        client.get('Company'),
        client.post('GeneralLedger/Category', { DisplayID: 'HDR' }),
        client.get('Nowhere'),
      ]);
      for (const reply of [body, none, refused]) {
        expect(reply.headers.get('x-myobapi-requestid')).toMatch(/^[0-9a-f-]{36}$/);
        expect(reply.headers.get('date')).toBeTruthy();
      }
      expect(body.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(refused.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect([none.text, none.headers.get('content-type')]).toEqual(['', null]);
    });

    it('is packed when the client asks for it', async () => {
      const headers = { authorization: `Bearer ${client.accessToken}`, 'x-myobapi-key': 'sandbox-client' };
      const path = `/${WIDGETS}/GeneralLedger/Account`;
      const packed = await raw(path, { ...headers, 'accept-encoding': 'gzip,deflate' });
      expect(packed.message.headers['content-encoding']).toBe('gzip');
      expect((JSON.parse(gunzipSync(packed.bytes).toString('utf8')) as Json).Count).toBe(33);
      const plain = await raw(path, headers);
      expect(plain.message.headers['content-encoding']).toBeUndefined();
      expect((JSON.parse(plain.bytes.toString('utf8')) as Json).Count).toBe(33);
    });

    it('has the error envelope when it refuses', async () => {
      expect((await client.get(`Company?x=1`)).status).toBe(200);
      expect((await client.get('Nowhere')).json).toEqual({
        Errors: [
          {
            Name: 'ResourceNotFound',
            Message: expect.any(String),
            AdditionalDetails: null,
            ErrorCode: 90002,
            Severity: 'Error',
            LearnMore: null,
          },
        ],
        Information: null,
      });
    });

    it('refuses another version of the API', async () => {
      const reply = await client.get('Company', { 'x-myobapi-version': 'v1' });
      expect([reply.status, reply.name]).toEqual([400, 'InvalidQuery']);
      expect((await client.get('Company', { 'x-myobapi-version': '' })).status).toBe(200);
    });
  });

  describe('8. lists', () => {
    beforeAll(async () => {
      const objects = Array.from({ length: 1250 }, (_, index) => journal({ Memo: `many ${index % 5}` }));
      const made = await sandbox.control('POST', '/bulk', { realm: WIDGETS, entity: JOURNAL, objects });
      expect(made.failed).toEqual([]);
    });

    it('come in pages of 400, at most 1000, with a link to the next and the number of all', async () => {
      const usual = (await client.get(`${JOURNAL}/`)).json;
      expect([(usual.Items as unknown as Json[]).length, usual.Count]).toEqual([400, 1250]);
      expect(usual.NextPageLink).toBe(`${client.api}/${WIDGETS}/${JOURNAL}?$top=400&$skip=400`);
      const largest = (await client.get(`${JOURNAL}?$top=5000`)).json;
      expect((largest.Items as unknown as Json[]).length).toBe(1000);
      expect(largest.NextPageLink).toBe(`${client.api}/${WIDGETS}/${JOURNAL}?$top=1000&$skip=1000`);
    });

    it('carry filter and order in the link, and end with null', async () => {
      const seen: string[] = [];
      let path = `${JOURNAL}?$filter=${encodeURIComponent("Memo eq 'many 3'")}&$orderby=LastModified&$top=100`;
      for (;;) {
        const { json } = await client.get(path);
        seen.push(...(json.Items as unknown as Json[]).map((each) => String(each.UID)));
        expect(json.Count).toBe(250);
        if (json.NextPageLink === null) break;
        path = String(json.NextPageLink).slice(`${client.api}/${WIDGETS}/`.length);
      }
      expect(seen.length).toBe(250);
      // All have one and the same time, so that only the UID orders them.
      expect(seen).toEqual([...new Set(seen)].sort());
    });

    it('are empty when nothing is found', async () => {
      const reply = await client.get(`${JOURNAL}?$filter=${encodeURIComponent("Memo eq 'none'")}`);
      expect(reply.text).toBe('{"Items":[],"NextPageLink":null,"Count":0}');
    });

    it('are reached in any letter case, with or without a slash', async () => {
      for (const path of ['sale/invoice/service', 'SALE/INVOICE/SERVICE/', 'Sale/Invoice/Service']) {
        expect((await client.get(path)).status).toBe(200);
      }
    });
  });

  describe('9. filters', () => {
    let record: Json;

    beforeAll(async () => {
      record = await client.create('Sale/Invoice/Item', {
        Date: '2026-03-15',
        Customer: shop.customer,
        Number: 'F-1',
        IsTaxInclusive: false,
        JournalMemo: "O'Neil [sk:4MZQ7T2KPD]",
        Lines: [
          { Item: shop.service, ShipQuantity: 2, UnitPrice: 20, TaxCode: shop.tax },
          { Account: shop.sales, ShipQuantity: 1, UnitPrice: 5, TaxCode: shop.free },
        ],
      });
    });

    const found = async (filter: string, resource = 'Sale/Invoice/Item') =>
      (await client.filter(resource, filter)).some((each) => each.UID === record.UID);

    it.each([
      ["Number eq 'F-1'", true],
      ["Number ne 'F-1'", false],
      ['TotalAmount gt 48', true],
      ['TotalAmount le 48.3', true],
      ['TotalAmount lt 48.3', false],
      ['48.3 eq TotalAmount', true],
      ['IsTaxInclusive eq false', true],
      ['IsTaxInclusive', false],
      ["Date ge datetime'2026-03-15' and Date lt datetime'2026-03-16'", true],
      ["Date gt datetime'2026-03-15T00:00:00'", false],
      ["substringof('sk:4MZQ7T2KPD',JournalMemo)", true],
      ["substringof('sk:NONE',JournalMemo) eq true", false],
      ["startswith(JournalMemo,'O''Neil')", true],
      ["endswith(JournalMemo,']')", true],
      ["JournalMemo eq 'O''Neil [sk:4MZQ7T2KPD]'", true],
      ["Status eq 'Open' and (Number eq 'x' or TotalTax eq 3.30)", true],
      ["Customer/Name eq 'Dockside Coffee'", true],
      ["Terms/PaymentIsDue eq 'InAGivenNumberOfDays'", true],
      ['Lines/any(l: l/UnitPrice eq 5 and l/ShipQuantity eq 1)', true],
      ['Lines/all(l: l/UnitPrice gt 5)', false],
      ['Category eq null', true],
      ["LastModified ge datetime'2026-11-22T03:04:05.678' and LastModified lt datetime'2026-11-23'", true],
    ])('%s: %s', async (filter, expected) => {
      expect(await found(filter)).toBe(expected);
    });

    it('take guids, in links and on lines, and milliseconds', async () => {
      expect(await found(`UID eq guid'${String(record.UID)}'`)).toBe(true);
      expect(await found(`Customer/UID eq guid'${shop.customer.UID}'`)).toBe(true);
      expect(await found(`Customer/UID eq guid'${shop.supplier.UID}'`)).toBe(false);
      expect(await found(`Lines/any(l: l/Item/UID eq guid'${shop.service.UID}')`)).toBe(true);
      const changed = String(record.LastModified);
      expect(await found(`LastModified ge datetime'${changed}'`)).toBe(true);
      expect(await found(`LastModified gt datetime'${changed}'`)).toBe(false);
      expect(await found(`LastModified eq datetime'${changed}'`, 'Sale/Invoice')).toBe(true);
    });

    it.each([
      "$filter=number eq 'F-1'",
      "$filter=Nothing eq 'x'",
      "$filter=Number eq 'F-1",
      '$filter=Number eq',
      "$filter=Number like 'F'",
      '$filter=TotalAmount eq true',
      `$filter=UID eq '${NOBODY}'`,
      "$filter=Date eq '2026-03-15'",
      "$filter=Date ge datetime'2026-02-30'",
      "$filter=not (Number eq 'x')",
      '$filter=Customer eq 5',
      "$filter=Number eq 'a' Number eq 'b'",
      '$filter=Lines/any(l: l/Nothing eq 1)',
      '$orderby=Nothing',
      '$orderby=Lines',
      '$orderby=Date sideways',
      '$top=0',
      '$top=-1',
      '$skip=x',
      '$select=Number',
      '$expand=Lines',
      '$count=true',
    ])('refuses %s', async (query) => {
      const [name, ...value] = query.split('=');
      const reply = await client.get(`Sale/Invoice/Item?${name}=${encodeURIComponent(value.join('='))}`);
      expect([reply.status, reply.name, reply.code]).toEqual([400, 'InvalidQuery', 90004]);
    });

    it('orders by several members, either way', async () => {
      for (const CompanyName of ['Zeta', 'Alpha', 'Mid'])
        await client.create('Contact/Customer', customerBody(CompanyName, shop.tax));
      const names = async (order: string) =>
        (await client.list(`Contact/Customer?$orderby=${encodeURIComponent(order)}`)).map((each) => each.CompanyName);
      expect(await names('CompanyName')).toEqual(['Alpha', 'Dockside Coffee', 'Mid', 'Zeta']);
      expect(await names('IsActive desc, CompanyName desc')).toEqual(['Zeta', 'Mid', 'Dockside Coffee', 'Alpha']);
    });
  });

  describe('10. ETags', () => {
    it('stand on lists and records and save the body while nothing changed', async () => {
      const customer = await client.create('Contact/Customer', customerBody('Etag', shop.tax));
      const paths = [
        'Contact/Customer',
        `Contact/Customer/${String(customer.UID)}`,
        'Company',
        '',
        'CurrentUser',
        '/Info',
        '/',
      ];
      for (const path of paths) {
        const first = await client.get(path);
        const etag = first.headers.get('etag') ?? '';
        expect(etag).toMatch(/^"-?\d+"$/);
        const again = await client.get(path, { 'if-none-match': etag });
        expect([path, again.status, again.text, again.headers.get('etag')]).toEqual([path, 304, '', etag]);
      }
    });

    it('change if and only if what is seen changes, which a balance does without a new version', async () => {
      const path = `Contact/Customer/${shop.customer.UID}`;
      const before = await client.get(path);
      await client.create('GeneralLedger/Category', { DisplayID: 'ETAG' });
      expect((await client.get(path)).headers.get('etag')).toBe(before.headers.get('etag'));
      await client.create('Sale/Invoice/Service', invoiceBody(shop, 12));
      const after = await client.get(path);
      expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
      expect(after.json.RowVersion).toBe(before.json.RowVersion);
      expect(Number(after.json.CurrentBalance)).toBeCloseTo(Number(before.json.CurrentBalance) + 12);
    });
  });

  describe('11. writes', () => {
    it('answer with a place and no body, or with the whole record when asked', async () => {
      const made = await client.post('GeneralLedger/Category', { DisplayID: 'W-1' });
      expect([made.status, made.text]).toEqual([201, '']);
      const place = made.headers.get('location') ?? '';
      expect(place).toMatch(new RegExp(`^${client.api}/${WIDGETS}/GeneralLedger/Category/[0-9a-f-]{36}$`));
      const uid = place.split('/').at(-1) ?? '';
      const record = await client.read('GeneralLedger/Category', uid);
      expect(record).toMatchObject({ UID: uid, DisplayID: 'W-1', IsActive: true, URI: place });
      const put = await client.put(`GeneralLedger/Category/${uid}`, { ...record, Name: 'Changed' });
      expect([put.status, put.text, put.headers.get('location')]).toEqual([200, '', place]);
      const current = await client.read('GeneralLedger/Category', uid);
      const whole = await client.change('GeneralLedger/Category', current, { Description: 'x' });
      expect(whole).toMatchObject({ Name: 'Changed', Description: 'x' });
      const gone = await client.delete(`GeneralLedger/Category/${uid}`);
      expect([gone.status, gone.text]).toEqual([200, '']);
      expect((await client.get(`GeneralLedger/Category/${uid}`)).status).toBe(404);
    });

    it('leave addresses out on demand', async () => {
      const { json, text } = await client.get('Contact/Customer?generateUris=false');
      expect(Number(json.Count)).toBeGreaterThan(0);
      expect(text).not.toContain('"URI"');
      expect((await client.get('Contact/Customer')).text).toContain('"URI"');
    });

    it.each(['PATCH', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])('do not come as %s on a list', async (method) => {
      const reply = await client.call(method, 'GeneralLedger/Category', method === 'PUT' ? {} : undefined);
      expect(reply.status).toBe(405);
      if (method !== 'HEAD') expect([reply.name, reply.code]).toEqual(['MethodNotAllowed', 90003]);
    });

    it('replace the whole record: what a PUT leaves out is reset, a line it leaves out is gone', async () => {
      const invoice = await client.create(
        'Sale/Invoice/Service',
        invoiceBody(shop, 10, {
          Comment: 'Keep cool',
          Lines: [1, 2].map((Total) => ({ Account: shop.sales, Total, TaxCode: shop.free })),
        }),
      );
      const { Comment: _omitted, ...rest } = invoice;
      const [first] = lines(invoice);
      const after = await client.change('Sale/Invoice/Service', rest, { Comment: undefined, Lines: [first] });
      expect([after.Comment, lines(after).length, after.TotalAmount]).toEqual([null, 1, 1]);
      expect(lines(after)[0]?.RowID).toBe(first?.RowID);
      const added = await client.change('Sale/Invoice/Service', after, {
        Lines: [...lines(after), { Account: shop.sales, Total: 5, TaxCode: shop.free }],
      });
      // The number of the removed line is not used again.
      expect(lines(added).map((line) => line.RowID)).toEqual([1, 3]);
    });
  });

  describe('12. versions', () => {
    let invoice: Json;
    const put = (body: object, uid: unknown = invoice.UID) => client.put(`Sale/Invoice/Service/${String(uid)}`, body);

    beforeEach(async () => {
      invoice = await client.create('Sale/Invoice/Service', invoiceBody(shop, 10));
    });

    it.each([
      ['UID', { UID: NOBODY }, 'UID'],
      ['RowVersion', { RowVersion: '5' }, 'RowVersion'],
      ['a line with RowID', { Lines: [{ RowID: 7, Total: 1 }] }, 'Lines[0].RowID'],
      ['a line with RowVersion', { Lines: [{ Total: 1 }, { RowVersion: '3' }] }, 'Lines[1].RowVersion'],
    ])('a new record with %s is answered like a wrong version', async (_case, more, details) => {
      const reply = await client.post('Sale/Invoice/Service', invoiceBody(shop, 1, more));
      expect([reply.status, reply.name, reply.code, reply.details]).toEqual([
        409,
        'IncorrectRowVersionSupplied',
        111,
        details,
      ]);
    });

    it('a new record with nulls for all of them is fine', async () => {
      const Lines = [{ RowID: null, RowVersion: null, Account: shop.sales, Total: 1, TaxCode: shop.free }];
      const body = invoiceBody(shop, 1, { UID: null, RowVersion: null, URI: null, Lines });
      expect((await client.post('Sale/Invoice/Service', body)).status).toBe(201);
    });

    it('a journal says RowId, and minds it', async () => {
      const [line, other] = (journal() as unknown as { Lines: object[] }).Lines;
      const reply = await client.post(JOURNAL, journal({ Lines: [{ ...line, RowId: 4 }, other] }));
      expect([reply.status, reply.details]).toEqual([409, 'Lines[0].RowId']);
    });

    it('PUT creates nothing', async () => {
      const reply = await put({ ...invoice, UID: NOBODY }, NOBODY);
      expect([reply.status, reply.name, reply.code]).toEqual([404, 'ResourceNotFound', 90002]);
    });

    it('PUT under another UID is a bad UID', async () => {
      const reply = await put({ ...invoice, UID: NOBODY });
      expect([reply.status, reply.name, reply.code, reply.details]).toEqual([400, 'SerializationError', 50, 'UID']);
    });

    it.each([
      ['without', undefined],
      ['with an old', '12345'],
      ['with a numeric', 12345],
    ])('PUT %s RowVersion is refused', async (_case, RowVersion) => {
      const reply = await put({ ...invoice, RowVersion });
      expect([reply.status, reply.name, reply.code, reply.details]).toEqual([
        409,
        'IncorrectRowVersionSupplied',
        111,
        'RowVersion',
      ]);
    });

    it('two who change the same version do not both succeed', async () => {
      const replies = await Promise.all([put({ ...invoice, Comment: 'a' }), put({ ...invoice, Comment: 'b' })]);
      expect(replies.map((reply) => reply.status).sort()).toEqual([200, 409]);
    });

    it('a stale line is told by its place', async () => {
      const Lines = [{ ...lines(invoice)[0], RowVersion: '1' }];
      const reply = await put({ ...invoice, Lines });
      expect([reply.status, reply.details]).toEqual([409, 'Lines[0].RowVersion']);
      const unknown = await put({ ...invoice, Lines: [{ ...lines(invoice)[0], RowID: 99 }] });
      expect([unknown.status, unknown.details]).toEqual([409, 'Lines[0].RowVersion']);
    });

    it('DELETE minds If-Match when it is sent; a second one finds nothing', async () => {
      const path = `Sale/Invoice/Service/${String(invoice.UID)}`;
      const stale = await client.delete(path, { 'if-match': '"17"' });
      expect([stale.status, stale.code]).toEqual([409, 111]);
      expect((await client.delete(path, { 'if-match': `"${String(invoice.RowVersion)}"` })).status).toBe(200);
      const again = await client.delete(path);
      expect([again.status, again.code]).toEqual([404, 90002]);
    });
  });

  it('13. versions are random signed 64-bit texts that change with every change, payments included', async () => {
    const seen: bigint[] = [];
    const note = (record: Json) => {
      expect(String(record.RowVersion)).toMatch(/^-?\d+$/);
      const version = BigInt(String(record.RowVersion));
      expect(BigInt.asIntN(64, version)).toBe(version);
      seen.push(version);
    };
    let invoice = await client.create('Sale/Invoice/Service', invoiceBody(shop, 100));
    note(invoice);
    for (let turn = 0; turn < 20; turn++) {
      const before = lines(invoice)[0]?.RowVersion;
      invoice = await client.change('Sale/Invoice/Service', invoice, { Comment: `turn ${turn}` });
      note(invoice);
      expect(lines(invoice)[0]?.RowVersion).not.toBe(before);
    }
    const payment = await client.create('Sale/CustomerPayment', paymentBody(shop, invoice, 40));
    note(await client.read('Sale/Invoice/Service', invoice.UID));
    await client.delete(`Sale/CustomerPayment/${String(payment.UID)}`);
    note(await client.read('Sale/Invoice/Service', invoice.UID));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.some((version) => version < 0n)).toBe(true);
    const rises = seen.slice(1).filter((version, index) => version > (seen[index] as bigint)).length;
    expect(rises).toBeGreaterThan(0);
    expect(rises).toBeLessThan(seen.length - 1);
  });

  it('14. LastModified never goes back and has no zone; Created stays; balances move neither', async () => {
    const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/;
    const category = await client.create('GeneralLedger/Category', { DisplayID: 'TIME' });
    expect([category.Created, category.LastModified]).toEqual([expect.stringMatching(STAMP), category.Created]);
    await sandbox.control('POST', '/clock', { advanceMs: 60_000 });
    const later = await client.change('GeneralLedger/Category', category, { Name: 'Later' });
    expect(later.Created).toBe(category.Created);
    expect(
      Date.parse(`${String(later.LastModified)}Z`) - Date.parse(`${String(category.LastModified)}Z`),
    ).toBeGreaterThanOrEqual(60_000);
    await sandbox.control('POST', '/clock', { advanceMs: -600_000 });
    const back = await client.change('GeneralLedger/Category', later, { Name: 'Back' });
    expect(String(back.LastModified) >= String(later.LastModified)).toBe(true);
    await sandbox.control('POST', '/clock', { reset: true });

    const watched = () =>
      Promise.all([client.read('GeneralLedger/Account', shop.bank.UID), client.read('Inventory/Item', shop.goods.UID)]);
    const before = await watched();
    await client.create('Purchase/Bill/Item', {
      Date: TODAY,
      Supplier: shop.supplier,
      IsTaxInclusive: false,
      Lines: [{ Item: shop.goods, BillQuantity: 5, UnitPrice: 6, TaxCode: shop.free }],
    });
    await client.create(JOURNAL, journal());
    const after = await watched();
    for (const [index, record] of after.entries()) {
      expect([record.RowVersion, record.LastModified]).toEqual([
        before[index]?.RowVersion,
        before[index]?.LastModified,
      ]);
    }
    expect(after[0]?.CurrentBalance).not.toBe(before[0]?.CurrentBalance);
    expect(after[1]).toMatchObject({ QuantityOnHand: 5, AverageCost: 6, CurrentValue: 30 });
  });

  describe('15. what is wrong with a body', () => {
    const errors = async (resource: string, body: unknown) => {
      const reply = await client.post(resource, body);
      const list = (reply.json.Errors ?? []) as unknown as {
        Name: string;
        ErrorCode: number;
        AdditionalDetails: string;
      }[];
      return [reply.status, ...list.map((each) => `${each.Name} ${each.ErrorCode} ${each.AdditionalDetails}`)];
    };

    it('is told as a reference that does not exist, a value that is missing, or one of the wrong type', async () => {
      const nobody = { UID: NOBODY };
      expect(await errors('Sale/Invoice/Service', invoiceBody(shop, 1, { Customer: nobody }))).toEqual([
        400,
        'NotFound 150 Customer',
      ]);
      expect(await errors('Sale/Invoice/Service', invoiceBody(shop, 1, { Customer: shop.supplier }))).toEqual([
        400,
        'NotFound 150 Customer',
      ]);
      expect(await errors('Sale/Invoice/Service', invoiceBody(shop, 1, { Customer: { UID: 'x' } }))).toEqual([
        400,
        'SerializationError 50 Customer',
      ]);
      expect(await errors('Sale/Invoice/Service', invoiceBody(shop, 1, { IsTaxInclusive: 'yes' }))).toEqual([
        400,
        'SerializationError 50 IsTaxInclusive',
      ]);
      expect(await errors('Sale/Invoice/Service', invoiceBody(shop, 1, { Date: '2026-11-20T00:00:00Z' }))).toEqual([
        400,
        'SerializationError 50 Date',
      ]);
      expect(await errors('Sale/Invoice/Service', '{"Date":')).toEqual([400, 'SerializationError 50 (body)']);
      expect(await errors('Sale/Invoice/Service', [])).toEqual([400, 'SerializationError 50 (body)']);
    });

    it('is told all at once', async () => {
      const Lines = [{ Account: { UID: NOBODY }, Total: 5 }];
      expect(
        await errors('Sale/Invoice/Service', { Customer: { UID: NOBODY }, Number: 'x'.repeat(14), Lines }),
      ).toEqual([
        400,
        'FieldTooLong 90015 Number',
        'Required 100 Date',
        'Required 100 Lines[0].TaxCode',
        'NotFound 150 Customer',
        'NotFound 150 Lines[0].Account',
      ]);
      expect(await errors('Sale/Invoice/Service', { Date: 5, Lines: [{ Total: 'much' }, 7] })).toEqual([
        400,
        'SerializationError 50 Date',
        'SerializationError 50 Lines[0].Total',
        'SerializationError 50 Lines[1]',
      ]);
    });

    it('counts nothing that it does not know', async () => {
      const reply = await client.post('GeneralLedger/Category', {
        DisplayID: 'X-1',
        Nonsense: { a: 1 },
        LastModified: 'x',
      });
      expect(reply.status).toBe(201);
    });

    it.each<[string, object, string]>([
      ['GeneralLedger/Account', { Number: '7000', Type: 'Expense' }, 'Required Name'],
      ['GeneralLedger/Account', { Name: 'A', Number: '7000', Type: 'Expense' }, 'Required TaxCode'],
      [
        'GeneralLedger/Account',
        { Name: 'A', Number: 'xx', Type: 'Expense', IsHeader: true },
        'SerializationError Number',
      ],
      ['GeneralLedger/Account', { Name: 'A', Number: '1110', Type: 'Bank', IsHeader: true }, 'Duplicate DisplayID'],
      ['GeneralLedger/TaxCode', { Code: 'tax', Type: 'SalesTax' }, 'Duplicate Code'],
      ['GeneralLedger/TaxCode', { Code: 'TOOLONG', Type: 'SalesTax' }, 'FieldTooLong Code'],
      ['GeneralLedger/TaxCode', { Code: 'N', Type: 'Other' }, 'SerializationError Type'],
      ['GeneralLedger/Job', { Number: 'J100' }, 'Duplicate Number'],
      ['GeneralLedger/Category', { DisplayID: 'RET' }, 'Duplicate DisplayID'],
      ['Inventory/Item', { Number: 'fit' }, 'Duplicate Number'],
      ['Inventory/Item', { Number: 'N', IsSold: true }, 'Required IncomeAccount'],
      ['Contact/Customer', { CompanyName: 'A' }, 'Required SellingDetails.TaxCode'],
      ['Contact/Customer', { IsIndividual: true, CompanyName: 'A' }, 'Required SellingDetails.TaxCode'],
      [JOURNAL, { DateOccurred: TODAY, Lines: [] }, 'Required GSTReportingMethod'],
    ])('%s refuses %j: %s', async (resource, body, expected) => {
      const reply = await client.post(resource, body);
      expect([reply.status, `${reply.name} ${reply.details}`]).toEqual([400, expected]);
    });

    it('minds natural keys of cards, sales and supplier invoices', async () => {
      const { tax, free } = shop;
      await client.create('Contact/Customer', customerBody('Keyed', tax, { DisplayID: 'C-9' }));
      const twin = await client.post('Contact/Supplier', supplierBody('Other', free, { DisplayID: 'c-9' }));
      expect([twin.name, twin.code, twin.details]).toEqual(['Duplicate', 200, 'DisplayID']);
      await client.create('Sale/Invoice/Service', invoiceBody(shop, 1, { Number: '77' }));
      expect((await client.post('Sale/Invoice/Service', invoiceBody(shop, 1, { Number: '0000077' }))).name).toBe(
        'Duplicate',
      );
      await client.create('Purchase/Bill/Service', billBody(shop, 1, { SupplierInvoiceNumber: 'S-1' }));
      const bill = await client.post('Purchase/Bill/Service', billBody(shop, 1, { SupplierInvoiceNumber: 's-1' }));
      expect([bill.name, bill.details]).toEqual(['Duplicate', 'SupplierInvoiceNumber']);
      const other = await client.create('Contact/Supplier', supplierBody('Another', free));
      const allowed = billBody(shop, 1, { SupplierInvoiceNumber: 'S-1', Supplier: { UID: other.UID } });
      expect((await client.post('Purchase/Bill/Service', allowed)).status).toBe(201);
    });
  });

  describe('16. the rate of one key', () => {
    afterEach(() => sandbox.control('POST', '/limits', { enabled: false, perSecond: 8, perDay: 1_000_000 }));

    it('is eight calls in any second, whichever file they go to', async () => {
      const other = await sandbox.connect('7be41d02-93c8-4f6a-8d15-6a0c2e9b7f34');
      await sandbox.control('POST', '/limits', { enabled: true });
      const replies = await Promise.all(
        Array.from({ length: 12 }, (_, index) => (index % 2 ? client : other).get('Company')),
      );
      const refused = replies.filter((reply) => reply.status === 403);
      expect(refused.length).toBe(4);
      for (const reply of refused) {
        expect([reply.name, reply.code, reply.details]).toEqual(['RateLimitError', null, 'Header: x-myobapi-key']);
        expect(reply.headers.get('retry-after')).toBe('1');
      }
      await sandbox.control('POST', '/clock', { advanceMs: 1000 });
      expect((await client.get('Company')).status).toBe(200);
    });

    it('has a daily limit with another message, until midnight UTC', async () => {
      await sandbox.control('POST', '/limits', { enabled: true, perSecond: 1000, perDay: 0 });
      const daily = await client.get('Company');
      expect([daily.status, daily.name]).toEqual([403, 'RateLimitError']);
      expect(Number(daily.headers.get('retry-after'))).toBeGreaterThan(20 * 3600);
      await sandbox.control('POST', '/limits', { perSecond: 1, perDay: 1_000_000 });
      await client.get('Company');
      const perSecond = await client.get('Company');
      const message = (reply: { json: Json }) => (reply.json.Errors as unknown as Json[])[0]?.Message;
      expect(message(perSecond)).not.toBe(message(daily));
    });
  });

  describe('17. what cannot be done', () => {
    it.each([
      ['PUT', `Sale/CustomerPayment/${NOBODY}`],
      ['PUT', `Purchase/SupplierPayment/${NOBODY}`],
      ['PUT', `Sale/CreditSettlement/${NOBODY}`],
      ['PUT', `Sale/CreditRefund/${NOBODY}`],
      ['PUT', `Purchase/DebitSettlement/${NOBODY}`],
      ['PUT', `Purchase/DebitRefund/${NOBODY}`],
      ['PUT', 'Company'],
      ['PUT', 'Company/Preferences'],
      ['POST', 'Company'],
      ['DELETE', 'Company/Preferences'],
      ['POST', 'GeneralLedger/AccountingProperties'],
      ['POST', 'GeneralLedger/JournalTransaction'],
      ['POST', 'Contact/Employee'],
      ...['Contact', 'Sale/Invoice', 'Sale/Quote', 'Purchase/Bill', 'Purchase/Order'].flatMap((path) => [
        ['POST', path],
        ['PUT', `${path}/${NOBODY}`],
        ['DELETE', `${path}/${NOBODY}`],
      ]),
    ] as [string, string][])('%s %s', async (method, path) => {
      const reply = await client.call(method, path, method === 'DELETE' ? undefined : {});
      expect([reply.status, reply.name, reply.code]).toEqual([405, 'MethodNotAllowed', 90003]);
    });

    it.each([
      'Sale/Nothing',
      `Sale/Invoice/Service/${NOBODY}/Lines`,
      'Sale/Invoice/Service/not-a-guid',
      'Inventory/Adjustment',
    ])('GET %s finds nothing', async (path) => {
      const reply = await client.get(path);
      expect([reply.status, reply.name, reply.code]).toEqual([404, 'ResourceNotFound', 90002]);
    });
  });

  it('18. a document lives under its own layout', async () => {
    const invoice = await client.create('Sale/Invoice/Service', invoiceBody(shop, 9));
    const path = (layout: string) => `Sale/Invoice/${layout}/${String(invoice.UID)}`;
    expect((await client.get(path('Item'))).status).toBe(404);
    const put = await client.put(path('Item'), { ...invoice, Lines: [] });
    expect([put.status, put.name, put.code]).toEqual([400, 'LayoutTypeMismatch', 37004]);
    const gone = await client.delete(path('Item'));
    expect([gone.status, gone.name]).toEqual([400, 'LayoutTypeMismatch']);
    expect((await client.filter('Sale/Invoice/Item', `UID eq guid'${String(invoice.UID)}'`)).length).toBe(0);
    const header = await client.read('Sale/Invoice', invoice.UID);
    expect(header).toMatchObject({ InvoiceType: 'Service', TotalAmount: 9, RowVersion: invoice.RowVersion });
    expect(header).not.toHaveProperty('Lines');
    expect(String(header.URI)).toBe(`${client.api}/${WIDGETS}/${path('Service')}`);
  });
});
