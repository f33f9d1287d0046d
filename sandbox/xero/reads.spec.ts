import {
  bill,
  invoice,
  line,
  msOf,
  NZ,
  payment,
  startSandbox,
  US,
  type Client,
  type Json,
  type TestSandbox,
} from './test-client.ts';

const idsIn = (rows: readonly Json[], name = 'InvoiceID') => rows.map((row) => String(row[name]));

describe('reads (sheet 9.2, Semantics; sheet 4)', () => {
  let sandbox: TestSandbox;
  let client: Client;

  beforeAll(async () => {
    sandbox = await startSandbox({ empty: false });
    client = await sandbox.connect(NZ);
  });
  afterAll(() => sandbox.close());

  const where = (resource: string, filter: string, more = '') =>
    client.list(`${resource}?where=${encodeURIComponent(filter)}${more}`);

  describe('28. how much a list shows', () => {
    it.each<[string, string, object, object]>([
      ['Invoices', 'LineItems', { LineItems: [] }, { LineItems: [expect.anything()] }],
      ['CreditNotes', 'LineItems', { LineItems: [] }, { LineItems: [expect.anything()] }],
    ])('%s show %s empty unless paged', async (resource, name, unpaged, paged) => {
      const [plain] = await client.list(resource);
      const [page] = await client.list(`${resource}?page=1`);
      expect({ [name]: plain?.[name] }).toEqual(unpaged);
      expect((page?.[name] as unknown as unknown[]).length).toBeGreaterThan(0);
      expect(paged).toBeDefined();
      for (const row of [plain, page]) {
        expect(Object.keys(row?.Contact ?? {})).toEqual(expect.arrayContaining(['ContactID', 'Name', 'Addresses']));
        expect(row?.Contact?.Addresses).toEqual([]);
      }
    });

    it.each([
      ['BankTransactions', 'LineItems'],
      ['ManualJournals', 'JournalLines'],
    ])('%s leave %s out unless paged', async (resource, name) => {
      expect((await client.list(resource))[0]).not.toHaveProperty(name);
      expect((await client.list(`${resource}?page=1`))[0]).toHaveProperty(name);
    });

    it('a single document shows its contact whole, and the ids of its tracking', async () => {
      const tracked = (await client.list('Invoices?page=1')).find((row) => row.LineItems?.[0]?.Tracking?.[0]) as Json;
      const inList = tracked.LineItems?.[0]?.Tracking?.[0] as Json;
      expect(inList).toMatchObject({ Options: [] });
      expect(inList).not.toHaveProperty('TrackingOptionID');
      const single = await client.read(`Invoices/${String(tracked.InvoiceID)}`);
      expect(single.LineItems?.[0]?.Tracking?.[0]).toHaveProperty('TrackingOptionID');
      expect(single.Contact?.Addresses).toHaveLength(2);
    });

    it('payments outline their invoice in lists, and show it whole when read alone', async () => {
      const [row] = await where('Payments', 'Status=="AUTHORISED"');
      expect(row).toMatchObject({
        CurrencyRate: 0,
        Invoice: { LineItems: [], InvoiceID: expect.any(String) as string },
      });
      expect(row?.Invoice).not.toHaveProperty('Total');
      const single = await client.read(`Payments/${String(row?.PaymentID)}`);
      expect(single.Invoice?.LineItems?.[0]).toHaveProperty('LineAmount');
      expect(single.CurrencyRate).not.toBe(0);
    });

    it('contacts show people, terms and defaults when paged or alone, and less in a summary', async () => {
      const [plain, page] = [await client.list('Contacts'), await client.list('Contacts?page=1')];
      expect(plain[0]).toMatchObject({ ContactPersons: [] });
      expect(plain[0]).not.toHaveProperty('PaymentTerms');
      expect(page[0]).toHaveProperty('PaymentTerms');
      const summary = await client.get('Contacts?summaryOnly=true');
      expect(summary.json.pagination).toMatchObject({ page: 1 });
      const row = summary.json.Contacts?.[0] as Json;
      for (const name of ['Addresses', 'Balances', 'ContactGroups', 'IsCustomer']) expect(row).not.toHaveProperty(name);
      expect(row).toHaveProperty('Phones');
    });

    it('a summary of invoices leaves lines, payments and attachments out, and cannot be filtered by them', async () => {
      const [row] = await client.list('Invoices?summaryOnly=true');
      for (const name of ['LineItems', 'Payments', 'HasAttachments']) expect(row).not.toHaveProperty(name);
      expect((await client.get('Invoices?summaryOnly=true&where=HasAttachments%3D%3Dtrue')).status).toBe(400);
    });
  });

  describe('29. pages', () => {
    it('hold a hundred, or what pageSize says between one and a thousand', async () => {
      const sizes = async (query: string) => {
        const { json } = await client.get(`Invoices?${query}`);
        return [(json.Invoices as unknown as Json[]).length, json.pagination?.pageSize];
      };
      expect(await sizes('page=1')).toEqual([100, 100]);
      expect(await sizes('page=1&pageSize=7')).toEqual([7, 7]);
      expect(await sizes('page=1&pageSize=0')).toEqual([1, 1]);
      expect((await sizes('page=1&pageSize=5000'))[1]).toBe(1000);
      expect((await sizes('pageSize=7'))[1]).toBeUndefined();
    });

    it('cover everything once in default order, the id breaking ties', async () => {
      const seen: Json[] = [];
      for (let page = 1; page <= 4; page++) seen.push(...(await client.list(`Invoices?page=${page}`)));
      const keys = seen.map((row) => [msOf(row.UpdatedDateUTC), String(row.InvoiceID)] as const);
      const sorted = [...keys].sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1));
      expect(keys).toEqual(sorted);
      expect(new Set(idsIn(seen)).size).toBe(seen.length);
      expect((await client.get('Invoices?page=1')).json.pagination?.itemCount).toBe(seen.length);
    });

    it('past the end are empty, with the counts still right', async () => {
      const { status, json } = await client.get('Invoices?page=99');
      expect([status, json.Invoices, json.pagination?.page]).toEqual([200, [], 99]);
      expect(Number(json.pagination?.itemCount)).toBeGreaterThan(300);
    });

    it('come unasked for purchase orders, and where statuses or summaries are asked', async () => {
      for (const path of ['PurchaseOrders', 'Invoices?Statuses=AUTHORISED', 'Invoices?summaryOnly=true']) {
        expect((await client.get(path)).json.pagination).toBeDefined();
      }
      for (const path of ['Items?page=1', 'Accounts?page=1', 'BankTransfers?page=1']) {
        expect((await client.get(path)).json.pagination).toBeUndefined();
      }
    });

    it('follow the order that is asked, with the id as tie break', async () => {
      const rows = await client.list(`Invoices?page=1&order=${encodeURIComponent('Date DESC, AmountDue')}`);
      const dates = rows.map((row) => String(row.DateString));
      expect(dates).toEqual([...dates].sort().reverse());
      const byId = idsIn(await client.list('Invoices?page=1&order=InvoiceId'));
      expect(byId).toEqual([...byId].sort());
    });

    it('shift when somebody edits while they are read', async () => {
      const us = await sandbox.connect(US);
      await sandbox.control('POST', '/faults', {
        rules: [
          {
            match: { entity: 'Contacts', operation: 'list', realm: US },
            fault: 'midScanEdit',
            when: 'after',
            times: 1,
          },
        ],
      });
      const all = idsIn(await us.list('Contacts?page=1&pageSize=1000&order=ContactID'), 'ContactID');
      const seen: string[] = [];
      await sandbox.control('POST', '/faults', {
        rules: [
          { match: { entity: 'Contacts', realm: US, path: 'page=1&' }, fault: 'midScanEdit', when: 'after', times: 1 },
        ],
      });
      for (let page = 1; page <= 4; page++)
        seen.push(...idsIn(await us.list(`Contacts?page=${page}&pageSize=10`), 'ContactID'));
      expect(new Set(seen).size).toBeLessThan(all.length);
      await sandbox.control('DELETE', '/faults');
      client = await sandbox.connect(NZ);
    });
  });

  describe('30. what is hidden', () => {
    it('archived contacts, unless they are asked for', async () => {
      const count = async (query: string) => (await client.list(`Contacts?${query}`)).length;
      expect(await count('includeArchived=true')).toBe((await count('')) + 2);
      expect(await where('Contacts', 'ContactStatus=="ARCHIVED"')).toEqual([]);
      expect(await where('Contacts', 'ContactStatus=="ARCHIVED"', '&includeArchived=True')).toHaveLength(2);
    });

    it('nothing of voided and deleted documents', async () => {
      const statuses = new Set((await client.list('Invoices')).map((row) => String(row.Status)));
      expect([...statuses].sort()).toEqual(['AUTHORISED', 'DELETED', 'DRAFT', 'PAID', 'VOIDED']);
      for (const resource of ['Payments', 'BankTransactions']) {
        expect((await client.list(resource)).map((row) => String(row.Status))).toContain('DELETED');
      }
      expect((await client.list('TaxRates')).map((row) => String(row.Status))).toContain('DELETED');
    });

    it('seeds carry stamps years older than what they tell of', async () => {
      const old = (await client.list('Contacts')).filter((row) => msOf(row.UpdatedDateUTC) < Date.UTC(2011, 0, 1));
      expect(old.length).toBeGreaterThan(0);
    });
  });

  describe('31. where', () => {
    it.each([
      ['Type=="ACCREC"', (row: Json) => String(row.Type) === 'ACCREC'],
      ['Type = "accrec"', (row: Json) => String(row.Type) === 'ACCREC'],
      [
        'Type!="ACCREC" AND Status=="PAID"',
        (row: Json) => String(row.Type) === 'ACCPAY' && String(row.Status) === 'PAID',
      ],
      ['AmountDue>=100&&AmountDue<1000', (row: Json) => Number(row.AmountDue) >= 100 && Number(row.AmountDue) < 1000],
      [
        '(Status=="VOIDED" OR Status=="DRAFT") && Type=="ACCREC"',
        (row: Json) => ['VOIDED', 'DRAFT'].includes(String(row.Status)) && String(row.Type) === 'ACCREC',
      ],
      ['Contact.Name.StartsWith("b")', (row: Json) => String(row.Contact?.Name).startsWith('B')],
      ['Contact.Name.ToLower().Contains("club")', (row: Json) => String(row.Contact?.Name).includes('Club')],
      ['Reference != null AND Reference.EndsWith("1")', (row: Json) => String(row.Reference).endsWith('1')],
      [
        'Date >= DateTime(2026, 06, 01) AND Date < DateTime(2026,7,1)',
        (row: Json) => String(row.DateString).startsWith('2026-06'),
      ],
      ['SentToContact==false', () => true],
    ])('%s', async (filter, fits) => {
      const all = await client.list('Invoices');
      const found = await where('Invoices', filter);
      expect(new Set(idsIn(found))).toEqual(new Set(idsIn(all.filter(fits))));
      expect(found.length).toBeGreaterThan(0);
    });

    it('finds by id, as Guid or as text', async () => {
      const [row] = await client.list('Invoices?page=1');
      const { InvoiceID, Contact } = row as Json;
      for (const filter of [
        `InvoiceID==Guid("${String(InvoiceID)}")`,
        `InvoiceID = "${String(InvoiceID).toUpperCase()}"`,
      ]) {
        expect(idsIn(await where('Invoices', filter))).toEqual([String(InvoiceID)]);
      }
      const ofContact = await where('Invoices', `Contact.ContactID==Guid("${String(Contact?.ContactID)}")`);
      expect(idsIn(ofContact)).toContain(String(InvoiceID));
      expect(new Set(ofContact.map((each) => String(each.Contact?.ContactID))).size).toBe(1);
    });

    it.each([
      ['a null that is not guarded', 'Reference.Contains("x")'],
      ['lines', 'LineItems.Description=="x"'],
      ['a field that does not exist', 'Colour=="red"'],
      ['a text against a date', 'Date=="2026-01-01"'],
      ['an unknown function', 'Status.Reverse()=="x"'],
      ['a day that does not exist', 'Date==DateTime(2026,2,30)'],
      ['an open bracket', '(Status=="PAID"'],
      ['a lone name', 'Status'],
    ])('refuses %s', async (_what, filter) => {
      const reply = await client.get(`Invoices?where=${encodeURIComponent(filter)}`);
      expect(reply).toMatchObject({ status: 400, json: { Type: 'QueryParseException' } });
    });

    it('takes spaces as plus', async () => {
      const plus = await client.list('Invoices?where=Type%3D%3D%22ACCREC%22+AND+Status%3D%3D%22PAID%22');
      expect(plus.length).toBeGreaterThan(0);
    });
  });

  describe('32. lists of values, search and other parameters', () => {
    it('find by ids, numbers, contacts and statuses, separated by commas', async () => {
      const rows = (await client.list('Invoices?page=1')).filter((row) => String(row.Type) === 'ACCREC').slice(0, 3);
      const list = (values: unknown[]) => values.map(String).join(',');
      expect(new Set(idsIn(await client.list(`Invoices?IDs=${list(idsIn(rows))}`)))).toEqual(new Set(idsIn(rows)));
      const numbers = list(rows.map((row) => row.InvoiceNumber));
      expect(new Set(idsIn(await client.list(`Invoices?InvoiceNumbers=${numbers}`)))).toEqual(new Set(idsIn(rows)));
      const contact = String(rows[0]?.Contact?.ContactID);
      const byContact = await client.list(`Invoices?ContactIDs=${contact}&Statuses=PAID,VOIDED`);
      for (const row of byContact)
        expect([String(row.Contact?.ContactID), ['PAID', 'VOIDED'].includes(String(row.Status))]).toEqual([
          contact,
          true,
        ]);
    });

    it('search in names, numbers and references', async () => {
      expect((await client.list('Contacts?searchTerm=BAYSIDE')).length).toBe(2);
      expect((await where('Contacts', 'Name=="zoe MULLER photography"'))[0]).toMatchObject({
        Name: 'Zoë Müller Photography',
      });
      const [found] = await client.list('Invoices?searchTerm=inv-0001');
      expect(found).toMatchObject({ InvoiceNumber: 'INV-0001' });
    });

    it('tell what the app made from what people made', async () => {
      expect(await client.list('Invoices?createdByMyApp=true')).toEqual([]);
      const made = await client.make('Invoices', invoice());
      expect(idsIn(await client.list('Invoices?createdByMyApp=true'))).toEqual([String(made.InvoiceID)]);
    });

    it('narrow quotes and purchase orders by status and dates, without where', async () => {
      const all = await client.list('PurchaseOrders');
      const from = String(all[5]?.DateString).slice(0, 10);
      const later = await client.list(`PurchaseOrders?DateFrom=${from}&Status=AUTHORISED`);
      expect(later.length).toBe(all.filter((row) => String(row.DateString).slice(0, 10) >= from).length);
      const [quote] = await client.list('Quotes?QuoteNumber=0001');
      expect(quote).toMatchObject({ QuoteNumber: 'QU-0001' });
      expect(await client.list('Quotes?Status=ACCEPTED')).toEqual([]);
      expect((await client.get('Quotes?where=Nonsense')).status).toBe(200);
    });
  });

  describe('33. If-Modified-Since', () => {
    const since = (value: string, path = 'Invoices') => client.list(path, { 'if-modified-since': value });

    it('shows changes of that second and later, whatever the milliseconds', async () => {
      const made = await client.make('Invoices', invoice());
      const at = msOf(made.UpdatedDateUTC);
      const second = new Date(Math.floor(at / 1000) * 1000);
      const late = new Date(second.getTime() + 999).toISOString();
      for (const form of [second.toISOString(), late, second.toISOString().slice(0, 19), second.toUTCString()]) {
        expect(idsIn(await since(form))).toContain(String(made.InvoiceID));
      }
      expect(await since(new Date(second.getTime() + 1000).toISOString())).toEqual([]);
    });

    it('is ignored when it is no time, and by resources without a stamp', async () => {
      const all = (await client.list('Invoices')).length;
      expect((await since('last tuesday')).length).toBe(all);
      const future = new Date(Date.now() + 86_400_000).toISOString();
      expect((await since(future, 'TaxRates')).length).toBeGreaterThan(0);
      expect((await since(future, 'Items')).length).toBe(0);
      expect((await client.get('Invoices', { 'if-modified-since': future })).status).toBe(200);
    });

    it('does not bring archived contacts by itself', async () => {
      const { ContactID } = await client.make('Contacts', { Name: 'Soon archived' });
      await client.change(`Contacts/${String(ContactID)}`, { ContactStatus: 'ARCHIVED' });
      const recently = new Date(Date.now() - 5000).toISOString();
      expect(idsIn(await since(recently, 'Contacts'), 'ContactID')).not.toContain(String(ContactID));
      expect(idsIn(await since(recently, 'Contacts?includeArchived=true'), 'ContactID')).toContain(String(ContactID));
    });

    it('sees payments in both the payment and its invoice, with one stamp', async () => {
      const made = await client.make('Invoices', bill());
      await new Promise((resolve) => setTimeout(resolve, 1100));
      const paid = await client.make('Payments', payment(made, 24.15));
      const at = new Date(msOf(paid.UpdatedDateUTC)).toISOString();
      const [row] = (await since(at)).filter((each) => each.InvoiceID === made.InvoiceID);
      expect(row).toMatchObject({ Status: 'PAID', UpdatedDateUTC: paid.UpdatedDateUTC });
    });

    it('knows only the making of bank transfers', async () => {
      const made = await client.make('BankTransfers', {
        FromBankAccount: { Code: '090' },
        ToBankAccount: { Code: '091' },
        Amount: 1,
      });
      await new Promise((resolve) => setTimeout(resolve, 1100));
      const later = new Date().toISOString();
      await client.change(`BankTransfers/${String(made.BankTransferID)}`, { Status: 'DELETED' });
      expect(await since(later, 'BankTransfers?includeDeleted=true')).toEqual([]);
      expect(made).not.toHaveProperty('UpdatedDateUTC');
    });
  });

  it('34. refuses what no index backs once an organisation is large', async () => {
    await sandbox.control('POST', '/switches', { highVolumeRows: 50 });
    expect((await client.get('Invoices?where=Url%3D%3D%22x%22&page=1')).status).toBe(400);
    expect((await client.get('Invoices?order=Total&page=1')).status).toBe(400);
    expect((await client.get('Invoices?where=Status%3D%3D%22PAID%22&order=UpdatedDateUTC&page=1')).status).toBe(200);
    await sandbox.control('POST', '/switches', { highVolumeRows: 100_000 });
  });

  it('35. keeps everything over a restart, and starts anew on request', async () => {
    const made = await client.make(
      'Invoices',
      invoice({ LineItems: [line({ Tracking: [{ Name: 'Region', Option: 'North' }] })] }),
    );
    const saved = JSON.parse(JSON.stringify(sandbox.vendor.snapshot())) as unknown;
    const other = await startSandbox();
    other.vendor.restore(saved);
    const again = await fetch(`${other.base}/api.xro/2.0/Invoices/${String(made.InvoiceID)}`, {
      headers: { authorization: `Bearer ${client.accessToken}`, 'xero-tenant-id': NZ, accept: 'application/json' },
    });
    const { Invoices } = (await again.json()) as { Invoices: unknown[] };
    expect(Invoices[0]).toEqual(await client.read(`Invoices/${String(made.InvoiceID)}`));
    await other.control('POST', '/reset', { empty: true });
    const dump = await other.control('GET', `/dump/${NZ}`);
    expect(dump.entities?.Invoices).toEqual([]);
    expect((dump.entities?.Accounts as unknown as Json[]).length).toBeGreaterThan(40);
    await other.close();
  });
});
