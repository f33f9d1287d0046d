import { itemLine, startSandbox, US, type Client, type Json, type TestSandbox } from './test-client.ts';

const list = (value: Json | undefined) => (value ?? []) as unknown as Json[];
const DAY = 86_400_000;

describe('reads (sheet 9.1, items 31 to 35)', () => {
  let sandbox: TestSandbox;
  let client: Client;

  beforeAll(async () => {
    sandbox = await startSandbox({ empty: false });
    client = await sandbox.connect();
  }, 60_000);
  afterAll(() => sandbox.close());

  const ids = async (statement: string, entity = 'Customer') =>
    (await client.rows(entity, statement)).map((row) => row.Id);
  const code = async (statement: string) => {
    const reply = await client.query(statement);
    expect(reply.status).toBe(400);
    return reply.code;
  };

  describe('31. the query language', () => {
    it.each([
      "select * from Customer where DisplayName = 'O\\'Neil\\'s Hardware'",
      "SELECT Id, DisplayName FROM customer WHERE displayname LIKE 'O\\'Neil%'",
      "select * from Customer where Active = true and DisplayName like '%Neil%' orderby Id asc startposition 1 maxresults 5",
      "select * from Customer where DisplayName in ('O\\'Neil\\'s Hardware', 'nobody') order by DisplayName desc",
      "select DisplayName, BillAddr from Customer where DisplayName >= 'O' and DisplayName < 'P' and DisplayName like 'O\\'%'",
    ])('understands %s', async (statement) => {
      const reply = await client.query(statement);
      expect(list(reply.json.QueryResponse?.Customer).map((row) => row.DisplayName)).toEqual(["O'Neil's Hardware"]);
    });

    it.each([
      ['selec * from Customer', 'Encountered " "selec" "" at line 1, column 1. Was expecting one of: "select"'],
      ['select * from Customer where DisplayName == 1', 'column 43'],
      ['select * from Customer where DisplayName = ', '<EOF>'],
      ["select * from Customer where DisplayName = 'open", '<EOF>'],
      ["select * from Customer where Id = '1' or Id = '2'", '"or"'],
      ["select * from Customer where not Id = '1'", 'at line 1'],
      ["select * from Customer where Id != '1'", '"!"'],
      ['select * from Customer, Vendor', '","'],
      ['select * from Customer group by Id', '"group"'],
      ['select%20*%20from%20Customer', '"%"'],
      ['select * from Customer maxresults ten', '"ten"'],
    ])('answers 4000 to %s', async (statement, words) => {
      const reply = await client.query(statement);
      expect([reply.status, reply.code]).toEqual([400, '4000']);
      expect(reply.detail).toContain('QueryParserError: ');
      expect(reply.detail).toContain(words);
    });

    it.each([
      ['select * from Customer startposition 0', 'value 0 is too small. Min allowed value is 1'],
      ['select * from Customer maxresults 0', 'value 0 is too small'],
      ["select * from Customer where Foo = '1'", 'Property Foo not found for Entity Customer'],
      ['select Foo from Customer', 'Property Foo not found'],
      ['select * from Customer orderby Foo', 'Property Foo not found'],
      ['select * from Nothing', 'Nothing'],
      ["select * from Invoice where TotalAmt = 'x'", 'not a number'],
      ["select * from Invoice where MetaData.LastUpdatedTime > 'yesterday'", 'not a valid date'],
    ])('answers 4001 to %s', async (statement, words) => {
      const reply = await client.query(statement);
      expect([reply.status, reply.code]).toEqual([400, '4001']);
      expect(reply.detail).toContain(`QueryValidationError: `);
      expect(reply.detail).toContain(words);
    });

    it('pages by 100 unless asked otherwise, and never by more than 1000', async () => {
      const page = async (statement: string) => (await client.query(statement)).json.QueryResponse;
      expect(await page('select * from Invoice')).toMatchObject({ startPosition: 1, maxResults: 100 });
      expect(await page('select * from Invoice maxresults 5000')).toMatchObject({ maxResults: 1000 });
      await sandbox.control('POST', '/switches', { maxResultsOverCap: 'error' });
      expect(await code('select * from Invoice maxresults 1001')).toBe('4001');
      await sandbox.control('POST', '/switches', { maxResultsOverCap: 'clip' });
      const second = await page('select * from Invoice startposition 1001 maxresults 1000');
      expect(second).toMatchObject({ startPosition: 1001 });
      const count = await page('select count(*) from Invoice');
      expect(count).toEqual({ totalCount: 1000 + Number(second?.maxResults) });
      expect(second).not.toHaveProperty('totalCount');
    });

    it('reads every invoice exactly once by pages ordered by Id', async () => {
      const seen: string[] = [];
      for (let start = 1; ; start += 400) {
        const page = await ids(`select * from Invoice orderby Id startposition ${start} maxresults 400`, 'Invoice');
        seen.push(...page.map(String));
        if (page.length < 400) break;
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toEqual([...seen].sort((a, b) => Number(a) - Number(b)));
      const total = (await client.query('select count(*) from Invoice')).json.QueryResponse?.totalCount;
      expect(seen.length).toBe(Number(total));
    });

    it('answers an empty QueryResponse when nothing is found', async () => {
      const reply = await client.query("select * from Customer where Id = '999999'");
      expect(reply.json).toEqual({ QueryResponse: {}, time: expect.any(String) });
    });

    it('hides inactive list objects unless both are asked for', async () => {
      const active = await ids('select * from Customer maxresults 1000');
      const all = await ids('select * from Customer where Active in (true, false) maxresults 1000');
      const inactive = await ids('select * from Customer where Active = false');
      expect(inactive.length).toBeGreaterThan(0);
      expect(all.length).toBe(active.length + inactive.length);
    });

    it('compares instants, whatever the offset they are written with', async () => {
      const made = await client.save('Customer', { DisplayName: 'Instant' });
      const at = Date.parse(String(made.MetaData?.LastUpdatedTime));
      const find = (operator: string, instant: string) =>
        ids(`select * from Customer where MetaData.LastUpdatedTime ${operator} '${instant}'`);
      expect(await find('>=', new Date(at).toISOString())).toContain(made.Id);
      expect(await find('>', new Date(at).toISOString())).not.toContain(made.Id);
      expect(await find('>=', String(made.MetaData?.LastUpdatedTime))).toContain(made.Id);
      expect(await find('>', new Date(at - 1000).toISOString().replace('Z', '+00:00'))).toContain(made.Id);
    });

    it('orders by the time of the last change, also while objects change', async () => {
      const rows = await client.rows(
        'Invoice',
        'select * from Invoice orderby MetaData.LastUpdatedTime maxresults 1000',
      );
      const times = rows.map((row) => Date.parse(String(row.MetaData?.LastUpdatedTime)));
      expect(times).toEqual([...times].sort((a, b) => a - b));
    });

    it('filters numbers, dates, references and enumerations', async () => {
      const large = await client.rows(
        'Invoice',
        'select * from Invoice where TotalAmt > 500 and Balance = 0 maxresults 10',
      );
      for (const row of large) expect(Number(row.TotalAmt)).toBeGreaterThan(500);
      const [one] = large;
      const customer = String(one?.CustomerRef?.value);
      const own = await client.rows(
        'Invoice',
        `select * from Invoice where CustomerRef = '${customer}' and TxnDate >= '2020-01-01'`,
      );
      expect(own.map((row) => row.CustomerRef?.value)).toEqual(own.map(() => customer));
      const stocked = await client.rows('Item', "select * from Item where Type = 'Inventory'");
      expect(stocked.length).toBe(4);
    });

    it('takes a statement by POST as well', async () => {
      const statement = 'select * from Term';
      const reply = await client.call('POST', 'query?minorversion=75', statement, {
        'content-type': 'application/text',
      });
      expect(list(reply.json.QueryResponse?.Term).length).toBeGreaterThan(4);
      expect((await client.call('POST', 'query', statement)).status).toBe(415);
    });

    it('answers a fault with status 200 when there is no statement', async () => {
      const reply = await client.get('query');
      expect([reply.status, reply.code]).toEqual([200, '4000']);
    });

    it('shows created objects only after the index caught up, when told to lag', async () => {
      await sandbox.control('POST', '/switches', { indexLagMs: 5000 });
      const made = await client.save('Customer', { DisplayName: 'Lagging' });
      const find = () => ids("select * from Customer where DisplayName = 'Lagging'");
      const changes = async () =>
        (await client.get(`cdc?entities=Customer&changedSince=${new Date(Date.now() - 60_000).toISOString()}`)).text;
      expect(await find()).toEqual([]);
      expect(await changes()).not.toContain('Lagging');
      expect((await client.read('Customer', made.Id)).Id).toBe(made.Id);
      await sandbox.control('POST', '/clock', { advanceMs: 6000 });
      expect(await find()).toEqual([made.Id]);
      expect(await changes()).toContain('Lagging');
      await sandbox.control('POST', '/switches', { indexLagMs: 0 });
      await sandbox.control('POST', '/clock', { reset: true });
    });
  });

  it.each([
    ["select * from Account where AcctNum = '1000'", 'Account'],
    ["select * from Invoice where DepartmentRef = '1'", 'Invoice'],
    ["select * from Invoice where PrivateNote = 'x'", 'Invoice'],
    ["select * from Invoice where Line.Amount = '1'", 'Invoice'],
    ["select * from Bill where APAccountRef = '1'", 'Bill'],
    ["select * from Purchase where AccountRef = '1'", 'Purchase'],
    ["select * from Invoice where CustomField = 'x'", 'Invoice'],
  ])('32. %s is refused, unless filters are lenient', async (statement) => {
    expect(await code(statement)).toBe('4001');
    await sandbox.control('POST', '/switches', { filters: 'lenient' });
    expect((await client.query(statement)).status).toBe(200);
    await sandbox.control('POST', '/switches', { filters: 'strict' });
  });

  describe('33. change data', () => {
    const cdc = (entities: string, since: number) =>
      client.get(`cdc?entities=${entities}&changedSince=${new Date(since).toISOString()}`);

    it('answers per entity in the order asked, deleted stubs last, {} for none', async () => {
      const item = await client.idOf('Item', 'Hours');
      const since = Date.now() - 1500;
      const customer = await client.save('Customer', { DisplayName: 'Changed' });
      const body = { CustomerRef: { value: customer.Id }, Line: [itemLine(item, 1, 5)] };
      const gone = await client.save('Invoice', body);
      await client.remove('Invoice', gone);
      const kept = await client.save('Invoice', body);
      const reply = await cdc('Term,Invoice,Customer', since);
      const [terms, invoices, customers] = list(list(reply.json.CDCResponse)[0]?.QueryResponse);
      expect(terms).toEqual({});
      const rows = list(invoices?.Invoice);
      expect(rows.at(-1)).toEqual({
        status: 'Deleted',
        domain: 'QBO',
        Id: gone.Id,
        MetaData: { LastUpdatedTime: expect.any(String) },
      });
      expect(rows.map((row) => row.Id)).toContain(kept.Id);
      expect(invoices).toMatchObject({ startPosition: 1, maxResults: rows.length, totalCount: rows.length });
      expect(list(customers?.Customer).map((row) => row.Id)).toContain(customer.Id);
    });

    it('stops silently at 1000 objects over the whole answer', async () => {
      const objects = Array.from({ length: 700 }, (_, index) => ({ DisplayName: `Bulk ${index}` }));
      await sandbox.control('POST', '/bulk', { realm: US, entity: 'Customer', objects });
      const vendors = objects.map(({ DisplayName }) => ({ DisplayName: `Vendor ${DisplayName}` }));
      await sandbox.control('POST', '/bulk', { realm: US, entity: 'Vendor', objects: vendors });
      const reply = await cdc('Vendor,Customer', Date.now() - 5000);
      const [first, second] = list(list(reply.json.CDCResponse)[0]?.QueryResponse);
      expect(list(first?.Vendor)).toHaveLength(700);
      expect(list(second?.Customer)).toHaveLength(300);
    });

    it('shows a deactivated name whole and a merged one as the switch says', async () => {
      const made = await client.save('Customer', { DisplayName: 'Off' });
      await client.save('Customer', { Id: made.Id, SyncToken: '0', sparse: true, Active: false });
      expect((await cdc('Customer', Date.now() - 1500)).text).toContain('"DisplayName":"Off (deleted)"');
      const [winner, first, second] = await Promise.all(
        ['Winner', 'Loser 1', 'Loser 2'].map((DisplayName) => client.save('Customer', { DisplayName })),
      );
      const merge = (loser: Json | undefined) =>
        sandbox.control('POST', '/merge', { realm: US, entity: 'Customer', winner: winner?.Id, loser: loser?.Id });
      await merge(first);
      await sandbox.control('POST', '/switches', { mergedShownAs: 'inactive' });
      await merge(second);
      await sandbox.control('POST', '/switches', { mergedShownAs: 'deleted' });
      const reply = await cdc('Customer', Date.now() - 1500);
      expect(reply.text).toContain(`{"status":"Deleted","domain":"QBO","Id":"${String(first?.Id)}"`);
      expect(reply.text).toContain('"DisplayName":"Loser 2 (deleted)"');
    });

    it.each(['TaxCode', 'TaxRate', 'TaxAgency', 'JournalCode', 'TimeActivity', 'Nothing'])(
      'refuses %s',
      async (entity) => {
        const reply = await cdc(`Invoice,${entity}`, Date.now());
        expect([reply.status, reply.code]).toEqual([400, '4001']);
      },
    );

    it('looks back thirty days and no further', async () => {
      expect((await cdc('Invoice', Date.now() - 30 * DAY + 60_000)).status).toBe(200);
      expect((await cdc('Invoice', Date.now() - 30 * DAY - 60_000)).status).toBe(400);
      expect((await client.get('cdc?entities=Invoice')).code).toBe('2020');
      expect((await client.get('cdc?entities=Invoice&changedSince=soon')).status).toBe(400);
    });

    it('shows company settings unless told not to', async () => {
      expect((await cdc('Preferences,CompanyInfo', Date.now())).status).toBe(200);
      await sandbox.control('POST', '/switches', { cdcCompany: false });
      expect((await cdc('Preferences', Date.now())).status).toBe(400);
      await sandbox.control('POST', '/switches', { cdcCompany: true });
    });
  });

  describe('34. batches', () => {
    const batch = (items: object[], query = '') => client.post(`batch${query}`, { BatchItemRequest: items });

    it('does each item on its own and tells each fault apart', async () => {
      const reply = await batch([
        { bId: '1', operation: 'create', Customer: { DisplayName: 'Elm Co' } },
        { bId: '2', operation: 'create', Customer: { DisplayName: 'elm co' } },
        { bId: '3', Query: "select * from Term where Name = 'Net 30'" },
        { bId: '4', operation: 'revert', Customer: { Id: '1' } },
        { operation: 'create', Customer: { DisplayName: 'No bId' } },
        { bId: '6', operation: 'create', Nothing: {} },
      ]);
      expect(reply.status).toBe(200);
      const items = list(reply.json.BatchItemResponse);
      expect(items[0]).toMatchObject({ bId: '1', Customer: { DisplayName: 'Elm Co', SyncToken: '0' } });
      expect(items[1]).toMatchObject({ bId: '2', Fault: { type: 'ValidationFault', Error: [{ code: '6240' }] } });
      expect(items[2]).toMatchObject({ bId: '3', QueryResponse: { Term: [{ Name: 'Net 30' }] } });
      expect(items[3]).toMatchObject({ bId: '4', Fault: { Error: [{ code: '500' }] } });
      expect(items[4]).toMatchObject({ Fault: { Error: [{ code: '2020' }] } });
      expect(items[5]).toMatchObject({ bId: '6', Fault: { Error: [{ code: '2010' }] } });
      expect(await ids("select * from Customer where DisplayName = 'No bId'")).toEqual([]);
    });

    it('updates, voids and deletes', async () => {
      const item = await client.idOf('Item', 'Hours');
      const customer = await client.save('Customer', { DisplayName: 'Batch' });
      const make = () => client.save('Invoice', { CustomerRef: { value: customer.Id }, Line: [itemLine(item, 1, 5)] });
      const [a, b, c] = [await make(), await make(), await make()];
      const reply = await batch([
        { bId: 'u', operation: 'update', Invoice: { Id: a.Id, SyncToken: '0', sparse: true, PrivateNote: 'x' } },
        { bId: 'v', operation: 'update', optionsData: 'void', Invoice: { Id: b.Id, SyncToken: '0', sparse: true } },
        { bId: 'd', operation: 'delete', Invoice: { Id: c.Id, SyncToken: '0' } },
      ]);
      expect(list(reply.json.BatchItemResponse)).toMatchObject([
        { Invoice: { PrivateNote: 'x' } },
        { Invoice: { TotalAmt: 0, PrivateNote: 'Voided' } },
        { Invoice: { status: 'Deleted', domain: 'QBO', Id: c.Id } },
      ]);
    });

    it('refuses more than thirty items as a whole', async () => {
      const items = Array.from({ length: 31 }, (_, index) => ({
        bId: String(index),
        operation: 'create',
        Customer: { DisplayName: `Many ${index}` },
      }));
      expect((await batch(items)).status).toBe(400);
      expect(await ids("select * from Customer where DisplayName like 'Many%'")).toEqual([]);
      expect((await batch(items.slice(1))).status).toBe(200);
    });

    it('can answer in any order and be metered by item', async () => {
      await sandbox.control('POST', '/switches', { batchResponseShuffled: true, batchMetering: 'items' });
      await sandbox.control('DELETE', '/stats');
      const items = Array.from({ length: 30 }, (_, index) => ({
        bId: String(index),
        Query: 'select count(*) from Term',
      }));
      const order = list((await batch(items)).json.BatchItemResponse).map((item) => Number(item.bId));
      expect(order).not.toEqual([...order].sort((a, b) => a - b));
      expect([...order].sort((a, b) => a - b)).toEqual(items.map((_, index) => index));
      const stats = await sandbox.control('GET', '/stats');
      expect(stats.realms?.[US]).toMatchObject({ calls: 1, corePlus: 30, core: 0 });
      await sandbox.control('POST', '/switches', { batchResponseShuffled: false, batchMetering: 'call' });
    });
  });

  describe('35. requestid', () => {
    it('does a write once and repeats its answer, even for another body', async () => {
      const first = await client.post('customer?requestid=r-1', { DisplayName: 'Once' });
      const again = await client.post('customer?requestid=r-1', { DisplayName: 'Once' });
      const other = await client.post('customer?requestid=r-1', { DisplayName: 'Other' });
      expect(again.text).toBe(first.text);
      expect(other.text).toBe(first.text);
      expect(await ids("select * from Customer where DisplayName in ('Once', 'Other')")).toHaveLength(1);
    });

    it('can refuse another body with 600', async () => {
      await sandbox.control('POST', '/switches', { requestIdConflict: '600' });
      await client.post('customer?requestid=r-2', { DisplayName: 'First body' });
      expect((await client.post('customer?requestid=r-2', { DisplayName: 'Second body' })).code).toBe('600');
      expect((await client.post('customer?requestid=r-2', { DisplayName: 'First body' })).status).toBe(200);
      await sandbox.control('POST', '/switches', { requestIdConflict: 'replay' });
    });

    it('repeats faults too, unless told otherwise', async () => {
      const refused = await client.post('customer?requestid=r-3', {});
      expect(refused.code).toBe('6080');
      expect((await client.post('customer?requestid=r-3', { DisplayName: 'Corrected' })).text).toBe(refused.text);
      await sandbox.control('POST', '/switches', { requestIdRemembersFaults: false });
      await client.post('customer?requestid=r-4', {});
      expect((await client.post('customer?requestid=r-4', { DisplayName: 'Corrected' })).status).toBe(200);
      await sandbox.control('POST', '/switches', { requestIdRemembersFaults: true });
    });

    it('forgets after a day, and may not count for names at all', async () => {
      const body = { TxnDate: '2026-01-05', PrivateNote: 'r-5' };
      const accounts = ['Checking', 'Savings'].map((name) => client.idOf('Account', name));
      const [from, to] = await Promise.all(accounts);
      const transfer = { ...body, Amount: 5, FromAccountRef: { value: from }, ToAccountRef: { value: to } };
      const first = await client.post('transfer?requestid=r-5', transfer);
      expect((await client.post('transfer?requestid=r-5', transfer)).text).toBe(first.text);
      await sandbox.control('POST', '/switches', { requestIdForNames: false });
      await client.post('customer?requestid=r-6', { DisplayName: 'Twice' });
      expect((await client.post('customer?requestid=r-6', { DisplayName: 'Twice' })).code).toBe('6240');
      await sandbox.control('POST', '/switches', { requestIdForNames: true, requestIdMemoryHours: 0 });
      const forgotten = await client.post('transfer?requestid=r-5', transfer);
      expect(forgotten.json.Transfer?.Id).not.toEqual(first.json.Transfer?.Id);
      await sandbox.control('POST', '/switches', { requestIdMemoryHours: 24 });
    });

    it('protects a batch as a whole, with shorter ids', async () => {
      const items = [{ bId: '1', operation: 'create', Customer: { DisplayName: 'Batch once' } }];
      const first = await client.post('batch?requestid=r-7', { BatchItemRequest: items });
      expect((await client.post('batch?requestid=r-7', { BatchItemRequest: items })).text).toBe(first.text);
      expect((await client.post(`batch?requestid=${'x'.repeat(37)}`, { BatchItemRequest: items })).code).toBe('2050');
    });
  });
});
