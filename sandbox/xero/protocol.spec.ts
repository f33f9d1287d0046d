import {
  bill,
  invoice,
  line,
  msOf,
  NZ,
  request,
  rowsOf,
  startSandbox,
  type Client,
  type Json,
  type TestSandbox,
} from './test-client.ts';

const ZERO = '00000000-0000-0000-0000-000000000000';

describe('protocol (sheet 9.2, Protocol)', () => {
  let sandbox: TestSandbox;
  let client: Client;

  beforeAll(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
  });
  afterAll(() => sandbox.close());
  afterEach(() => sandbox.control('DELETE', '/faults'));

  describe('6. envelopes', () => {
    it('carry a fresh id, the app, a time without offset, and then the collection', async () => {
      const [first, second] = [await client.get('Contacts'), await client.get('Contacts')];
      expect(Object.keys(first.json)).toEqual(['Id', 'Status', 'ProviderName', 'DateTimeUTC', 'Contacts']);
      expect(first.json).toMatchObject({ Status: 'OK', ProviderName: expect.any(String) as string });
      expect(String(first.json.DateTimeUTC)).toMatch(/^\/Date\(\d+\)\/$/);
      expect(first.json.Id).not.toBe(second.json.Id);
      expect(first.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(first.headers.get('xero-correlation-id')).toBeTruthy();
    });

    it('show pagination before the collection, and only when paged', async () => {
      const paged = await client.get('Invoices?page=1');
      expect(Object.keys(paged.json).slice(-2)).toEqual(['pagination', 'Invoices']);
      expect(paged.json.pagination).toEqual({ page: 1, pageSize: 100, pageCount: 0, itemCount: 0 });
      expect((await client.get('Invoices')).json.pagination).toBeUndefined();
    });

    it('of quotes begin with SummarizeErrors and name no charset', async () => {
      const reply = await client.get('Quotes');
      expect(reply.text).toMatch(/^\{"SummarizeErrors":true,"Id":/);
      expect(reply.headers.get('content-type')).toBe('application/json');
      expect(reply.json.pagination).toBeUndefined();
    });

    it.each([
      ['Organisation', 'Organisations'],
      ['Organisation/Actions', 'Actions'],
    ])('%s answers in %s', async (path, name) => {
      expect((await client.get(path)).json[name]).toEqual(expect.any(Array));
    });

    it('hold one element for a single object', async () => {
      const { ContactID } = await client.make('Contacts', { Name: 'Single' });
      const { Contacts } = (await client.get(`Contacts/${String(ContactID)}`)).json;
      expect(Contacts).toHaveLength(1);
    });
  });

  describe('7. requests are read with tolerance', () => {
    it('answers XML to who does not ask for JSON', async () => {
      const reply = await client.get('Accounts', { accept: '*/*' });
      expect(reply.headers.get('content-type')).toContain('xml');
      expect(reply.text).toContain('<Accounts><Account><AccountID>');
      const refusal = await client.put('Contacts', {}, { accept: 'text/html' });
      expect(refusal).toMatchObject({ status: 400, text: expect.stringContaining('<ApiException>') as string });
    });

    it('takes parameter names, envelope keys and the tenant header in any letter case', async () => {
      const rows = rowsOf(
        await client.put('Contacts?SummarizeErrors=False', { contacts: [{ Name: 'Any case' }, { Name: '' }] }),
      );
      expect(rows.map((row) => row.StatusAttributeString)).toEqual(['OK', 'ERROR']);
      const found = await client.list('Contacts?SEARCHTERM=any%20case');
      expect(found).toHaveLength(1);
    });

    it('takes a bare object and an envelope, and passes unknown members over', async () => {
      const bare = await client.make('Contacts', { Name: 'Bare', Nickname: 'B' });
      const wrapped = await client.make('Contacts', { Contacts: [{ Name: 'Wrapped' }] });
      expect([bare.Name, wrapped.Name]).toEqual(['Bare', 'Wrapped']);
    });

    it('ignores a body on GET', async () => {
      // As the vendor's own client sends it; fetch refuses to.
      const { request: send } = await import('node:http');
      const status = await new Promise((resolve, reject) => {
        const outgoing = send(
          `${client.base}/api.xro/2.0/Currencies`,
          {
            headers: {
              authorization: `Bearer ${client.accessToken}`,
              'xero-tenant-id': NZ,
              accept: 'application/json',
              'content-type': 'application/json',
              'content-length': '2',
            },
          },
          (answer) => {
            answer.resume();
            resolve(answer.statusCode);
          },
        );
        outgoing.on('error', reject);
        outgoing.end('{}');
      });
      expect(status).toBe(200);
      expect((await client.get('Currencies')).status).toBe(200);
    });

    it('prints a PDF of what can be printed', async () => {
      const { InvoiceID } = await client.make('Invoices', invoice());
      const reply = await client.get(`Invoices/${String(InvoiceID)}`, { accept: 'application/pdf' });
      expect(reply.headers.get('content-type')).toBe('application/pdf');
      expect(reply.text).toMatch(/^%PDF-/);
    });
  });

  describe('8. dates', () => {
    it('are midnight UTC of the calendar day, with offset and companion', async () => {
      const made = await client.make(
        'Invoices',
        invoice({ Date: '2026-10-31', DueDate: '/Date(1793577600000+0000)/' }),
      );
      expect(made).toMatchObject({
        Date: `/Date(${Date.UTC(2026, 9, 31)}+0000)/`,
        DateString: '2026-10-31T00:00:00',
        DueDateString: '2026-11-02T00:00:00',
      });
      expect(made.UpdatedDateUTCString).toBe(`${new Date(msOf(made.UpdatedDateUTC)).toISOString().slice(0, 19)}Z`);
    });

    it.each(['2026-10-31', '2026-10-31T23:59:00', '2026-10-31T00:00:00Z', `/Date(${Date.UTC(2026, 9, 31)})/`])(
      'are read from %s',
      async (Date) => {
        expect((await client.make('Invoices', bill({ Date }))).DateString).toBe('2026-10-31T00:00:00');
      },
    );

    it.each(['20261031', '31/10/2026', 'yesterday', '2026-02-30', 20261031])('are not read from %s', async (Date) => {
      const reply = await client.put('Invoices', bill({ Date }));
      expect(reply).toMatchObject({ status: 400, json: { ErrorNumber: 14, Type: 'PostDataInvalidException' } });
      expect(reply.json.Elements).toBeUndefined();
    });

    it('are left without offset by quotes, by the organisation’s birth, and by items just written', async () => {
      const contact = await client.make('Contacts', { Name: 'Dates' });
      const quote = await client.make('Quotes', {
        Contact: { ContactID: contact.ContactID },
        Date: '2026-11-01',
        LineItems: [line()],
      });
      expect(String(quote.Date)).toMatch(/^\/Date\(\d+\)\/$/);
      expect(String((await client.read('Organisation')).CreatedDateUTC)).toMatch(/^\/Date\(\d+\)\/$/);
      const item = await client.make('Items', { Code: 'DATED' });
      expect(String(item.UpdatedDateUTC)).toMatch(/^\/Date\(\d+\)\/$/);
      expect(String((await client.read('Items/DATED')).UpdatedDateUTC)).toMatch(/\+0000\)\/$/);
    });

    it('are today where the organisation is, when none is sent', async () => {
      // Half past noon UTC is the next day in Auckland.
      await sandbox.control('POST', '/clock', { now: '2026-11-02T12:30:00Z' });
      const fresh = await sandbox.connect();
      const made = await fresh.make('Invoices', bill({ Date: undefined, DueDate: '2026-12-01' }));
      expect(made.DateString).toBe('2026-11-03T00:00:00');
      await sandbox.control('POST', '/clock', { reset: true });
    });
  });

  describe('9. numbers and nothing', () => {
    it('keep their trailing zeros as text', async () => {
      const body = invoice({ LineItems: [line({ Quantity: 1, UnitAmount: 40 })] });
      const { text } = await client.put('Invoices', body);
      for (const part of [
        '"UnitAmount":40.00',
        '"Quantity":1.0000',
        '"CurrencyRate":1.0000000000',
        '"SubTotal":40.00',
      ]) {
        expect(text).toContain(part);
      }
      expect((await client.get('TaxRates')).text).toContain('"EffectiveRate":15.0000');
    });

    it('round unit amounts to two decimals unless four are asked for', async () => {
      const body = invoice({ LineItems: [line({ Quantity: 100, UnitAmount: 0.1234 })] });
      const coarse = await client.put('Invoices', body);
      expect(coarse.text).toContain('"UnitAmount":0.12');
      const fine = await client.put('Invoices?unitdp=4', body);
      expect(fine.text).toContain('"UnitAmount":0.1234,');
      const { InvoiceID } = rowsOf(fine)[0] as Json;
      expect((await client.get(`Invoices/${String(InvoiceID)}`)).text).toContain('"UnitAmount":0.12,');
      expect((await client.get(`Invoices/${String(InvoiceID)}?unitDp=4`)).text).toContain('"UnitAmount":0.1234,');
      const order = await client.put('PurchaseOrders', {
        Contact: { ContactID: (await client.make('Contacts', { Name: 'Fine prices' })).ContactID },
        LineItems: [line({ UnitAmount: 0.1234, AccountCode: '300' })],
      });
      expect(order.text).toContain('"UnitAmount":0.1234,');
    });

    it('leaves empty values out, and shows empty collections', async () => {
      const { ContactID } = await client.make('Contacts', { Name: 'Plain' });
      const row = await client.read(`Contacts/${String(ContactID)}`);
      for (const name of ['FirstName', 'ContactNumber', 'Balances', 'MergedToContactID'])
        expect(row[name]).toBeUndefined();
      expect(row).toMatchObject({ ContactGroups: [], ContactPersons: [], PaymentTerms: {} });
    });
  });

  describe('10. refusals', () => {
    it('of business rules echo what was sent, with the zero id and dates in the vendor’s form', async () => {
      const reply = await client.put(
        'Invoices',
        invoice({ LineItems: [line({ AccountCode: '9999' })], Contact: { Name: 'Echo' } }),
      );
      expect(reply).toMatchObject({
        status: 400,
        json: { ErrorNumber: 10, Type: 'ValidationException', Message: 'A validation exception occurred' },
      });
      const [element] = reply.json.Elements as unknown as Json[];
      const Message = "Account code '9999' is not a valid code for this document.";
      expect(element).toMatchObject({
        InvoiceID: ZERO,
        HasErrors: true,
        Date: `/Date(${Date.UTC(2026, 10, 1)}+0000)/`,
        DateString: '2026-11-01T00:00:00',
        ValidationErrors: [{ Message }],
        LineItems: [{ AccountCode: '9999', ValidationErrors: [{ Message }] }],
        Contact: { Name: 'Echo', ValidationErrors: [] },
      });
    });

    it.each<[string, string, string, unknown, object, Json]>([
      [
        'a wrong enumeration',
        'PUT',
        'Invoices',
        invoice({ Status: 'FINAL' }),
        {},
        { ErrorNumber: 14 } as unknown as Json,
      ],
      ['a wrong type', 'PUT', 'Invoices', invoice({ LineItems: 'none' }), {}, { ErrorNumber: 14 } as unknown as Json],
      [
        'a word for a number',
        'PUT',
        'Invoices',
        invoice({ LineItems: [line({ Quantity: 'two' })] }),
        {},
        { ErrorNumber: 14 } as unknown as Json,
      ],
      ['text that is no JSON', 'PUT', 'Invoices', '{"Invoices":', {}, { ErrorNumber: 14 } as unknown as Json],
      [
        'an empty body',
        'PUT',
        'Invoices',
        '',
        { 'content-type': 'application/json' },
        { ErrorNumber: 20 } as unknown as Json,
      ],
      ['no elements', 'POST', 'Contacts', { Contacts: [] }, {}, { ErrorNumber: 20 } as unknown as Json],
      [
        'an unknown field in where',
        'GET',
        'Invoices?where=Colour%3D%3D%22red%22',
        undefined,
        {},
        { ErrorNumber: 16, Type: 'QueryParseException' } as unknown as Json,
      ],
      ['a broken filter', 'GET', 'Contacts?where=Name%3D%3D', undefined, {}, { ErrorNumber: 16 } as unknown as Json],
      ['an unknown order', 'GET', 'Contacts?order=Colour', undefined, {}, { ErrorNumber: 16 } as unknown as Json],
    ])('400 for %s', async (_what, method, path, body, headers, expected) => {
      const reply = await client.call(method, path, body, headers as Record<string, string>);
      expect(reply).toMatchObject({ status: 400, json: expected });
    });

    it.each([
      ['an unknown id', 'GET', 'Invoices/c0ffee00-9999-4000-8000-00000000dead', undefined],
      ['an unknown resource', 'GET', 'Elephants', undefined],
      ['an unknown id in the path of a POST', 'POST', 'Contacts/c0ffee00-9999-4000-8000-00000000dead', { Name: 'X' }],
      [
        'an element with an id that nobody has',
        'POST',
        'Contacts',
        { Contacts: [{ Name: 'Y' }, { ContactID: 'c0ffee00-9999-4000-8000-00000000dead' }] },
      ],
    ])('404 in text/html for %s', async (_what, method, path, body) => {
      const reply = await client.call(method, path, body);
      expect(reply.status).toBe(404);
      expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(reply.text).toContain('cannot be found');
      expect(await client.list('Contacts?where=Name%3D%3D%22Y%22')).toEqual([]);
    });

    it.each([
      ['DELETE', 'Invoices', 405],
      ['PUT', 'Organisation', 501],
      ['POST', 'Organisation', 501],
      ['DELETE', 'Currencies/EUR', 405],
    ])('%s %s answers %i', async (method, path, status) => {
      expect((await client.call(method, path, method === 'DELETE' ? undefined : {})).status).toBe(status);
    });

    it('415 for a body that is not JSON', async () => {
      const reply = await client.put('Contacts', 'Name=X', { 'content-type': 'application/x-www-form-urlencoded' });
      expect(reply).toMatchObject({ status: 415, text: '' });
    });

    it('429 has an empty body and no type', async () => {
      await sandbox.control('POST', '/faults', {
        rules: [{ match: { entity: 'Items' }, fault: '429', retryAfter: 26 }],
      });
      const reply = await client.get('Items');
      expect(reply).toMatchObject({ status: 429, text: '' });
      expect(reply.headers.get('content-type')).toBeNull();
      expect(reply.headers.get('retry-after')).toBe('26');
      expect(reply.headers.get('x-rate-limit-problem')).toBe('minute');
    });

    it.each([
      ['503', 'The Xero API is temporarily unavailable'],
      ['offline', 'The Organisation is offline'],
      ['maintenance', 'The Xero API is currently offline for maintenance'],
    ])('503 as words: %s', async (fault, words) => {
      await sandbox.control('POST', '/faults', { rules: [{ match: { entity: 'Items' }, fault }] });
      expect(await client.get('Items')).toMatchObject({ status: 503, text: words });
    });
  });

  describe('11. summarizeErrors', () => {
    const pair = (name: string) => ({ Contacts: [{ Name: name }, { Name: `${name} 2`, EmailAddress: 'no mail' }] });
    const found = async (name: string) =>
      (await client.list(`Contacts?where=Name.StartsWith(%22${name}%22)`)).map((row) => row.Name);

    it.each(['', '?summarizeErrors=true'])('refuses everything when one element is wrong: "%s"', async (query) => {
      const reply = await client.put(`Contacts${query}`, pair('Atomic'));
      expect(reply.status).toBe(400);
      const elements = reply.json.Elements as unknown as Json[];
      expect(elements).toMatchObject([
        {
          Name: 'Atomic 2',
          ContactID: ZERO,
          HasValidationErrors: true,
          ValidationErrors: [{ Message: 'Email address must be valid.' }],
        },
      ]);
      expect(await found('Atomic')).toEqual([]);
    });

    it('set to false saves what is right, in order, with a status on each', async () => {
      const reply = await client.put('Contacts?summarizeErrors=false', pair('Each'));
      expect(reply.status).toBe(200);
      expect(rowsOf(reply)).toMatchObject([
        { StatusAttributeString: 'OK', Name: 'Each' },
        { StatusAttributeString: 'ERROR', Name: 'Each 2', ContactID: ZERO, HasValidationErrors: true },
      ]);
      expect(await found('Each')).toEqual(['Each']);
    });

    it('saves what it only warns of', async () => {
      const [row] = rowsOf(
        await client.put('Invoices?summarizeErrors=false', invoice({ Status: 'DRAFT', SentToContact: true })),
      );
      expect(row).toMatchObject({
        StatusAttributeString: 'WARNING',
        SentToContact: false,
        Warnings: [{ Message: 'Only AUTHORISED invoices may have SentToContact updated.' }],
      });
      expect((await client.get(`Invoices/${String(row?.InvoiceID)}`)).status).toBe(200);
    });

    it('echoes what was asked for, not what is stored', async () => {
      const made = await client.make('Invoices', invoice());
      const [row] = rowsOf(
        await client.post('Invoices?summarizeErrors=false', { InvoiceID: made.InvoiceID, Status: 'DELETED' }),
      );
      expect(row).toMatchObject({
        StatusAttributeString: 'ERROR',
        Status: 'DELETED',
        InvoiceID: made.InvoiceID,
        HasErrors: true,
      });
      expect(await client.read(`Invoices/${String(made.InvoiceID)}`)).toMatchObject({ Status: 'AUTHORISED' });
    });

    it.each<[string, object]>([
      ['Accounts', { Name: 'No type', Code: '777' }],
      ['TaxRates', { Name: 'No parts' }],
      ['TrackingCategories', { Name: '' }],
      ['Currencies', { Code: 'XXX' }],
      ['BankTransfers', { Amount: 0 }],
    ])('is not for PUT %s', async (resource, body) => {
      expect((await client.put(`${resource}?summarizeErrors=false`, body)).status).toBe(400);
    });

    it('tells allocations and deleted transfers apart too', async () => {
      const made = await client.make('Invoices', invoice());
      const note = await client.make('CreditNotes', {
        Type: 'ACCRECCREDIT',
        Contact: { ContactID: made.Contact?.ContactID },
        LineItems: [line()],
        Status: 'AUTHORISED',
      });
      const Invoice = { InvoiceID: made.InvoiceID };
      const path = `CreditNotes/${String(note.CreditNoteID)}/Allocations`;
      const both = {
        Allocations: [
          { Amount: 5, Invoice },
          { Amount: 500, Invoice },
        ],
      };
      expect((await client.put(path, both)).status).toBe(400);
      expect(await client.read(`Invoices/${String(made.InvoiceID)}`)).toMatchObject({ AmountCredited: 0 });
      expect(rowsOf(await client.put(`${path}?summarizeErrors=false`, both))).toMatchObject([
        { StatusAttributeString: 'OK', Amount: 5, AllocationID: expect.any(String) as string },
        {
          StatusAttributeString: 'ERROR',
          ValidationErrors: [{ Message: expect.stringContaining('exceeds') as string }],
        },
      ]);
      const transfer = { FromBankAccount: { Code: '090' }, ToBankAccount: { Code: '091' }, Amount: 5 };
      const { BankTransferID } = await client.make('BankTransfers', transfer);
      const gone = {
        BankTransfers: [
          { BankTransferID, Amount: 6 },
          { BankTransferID, Status: 'DELETED' },
        ],
      };
      expect(rowsOf(await client.post('BankTransfers?summarizeErrors=false', gone))).toMatchObject([
        { StatusAttributeString: 'ERROR' },
        { StatusAttributeString: 'OK', Status: 'DELETED' },
      ]);
    });
  });

  it('12. files come back byte for byte, ten to an object, under names without forbidden characters', async () => {
    const { InvoiceID } = await client.make('Invoices', invoice());
    const at = (name: string) => `${client.base}/api.xro/2.0/Invoices/${String(InvoiceID)}/Attachments/${name}`;
    const headers = { authorization: `Bearer ${client.accessToken}`, 'xero-tenant-id': NZ, accept: 'application/json' };
    const content = new Uint8Array([0, 159, 146, 150, 255]);
    const put = (name: string) =>
      request(`${at(name)}?IncludeOnline=true`, {
        method: 'PUT',
        headers: { ...headers, 'content-type': 'image/png' },
        body: content,
      });
    expect(rowsOf(await put('a.png'))[0]).toMatchObject({
      FileName: 'a.png',
      MimeType: 'image/png',
      ContentLength: 5,
      IncludeOnline: true,
    });
    const file = await fetch(at('a.png'), { headers });
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(content);
    expect((await put('a%2Bb.png')).status).toBe(400);
    for (let index = 1; index < 10; index++) expect((await put(`${index}.png`)).status).toBe(200);
    expect((await put('eleventh.png')).status).toBe(400);
    expect(await client.read(`Invoices/${String(InvoiceID)}`)).toMatchObject({ HasAttachments: true });
  });

  it('13. notes are added and never changed, the newest first', async () => {
    const { InvoiceID } = await client.make('Invoices', invoice());
    const path = `Invoices/${String(InvoiceID)}/History`;
    await client.put(path, { HistoryRecords: [{ Details: 'Called the customer' }] });
    const records = await client.list(path);
    expect(records[0]).toMatchObject({
      Changes: 'Note',
      Details: 'Called the customer',
      User: expect.any(String) as string,
    });
    expect(records.at(-1)).toMatchObject({ Changes: 'Created' });
    expect(String(records[0]?.DateUTCString)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
    expect((await client.put(path, { Details: 'x'.repeat(2501) })).status).toBe(400);
  });
});
