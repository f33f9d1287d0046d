import type { ProviderExchange, ProviderRequest, Session } from '../../../domain/provider/index.js';
import { answerWith, scriptedSession, type ScriptedSession } from '../../../../test/builders/scripted-session.js';
import { quickbooks } from './index.js';

/** Looking, listing, polling and tracing, against a company that is a few rows in this file. */

const REALM = '9130001112223334';

interface Row {
  readonly Id: string;
  readonly [member: string]: unknown;
}

interface Books {
  readonly [entity: string]: readonly Row[];
}

const fault = (code: string): ProviderExchange =>
  answerWith({ Fault: { Error: [{ Message: 'No', Detail: '', code }], type: 'ValidationFault' } }, 400);

const at = (time: string) => ({ CreateTime: time, LastUpdatedTime: time });

const row = (Id: string, more: Record<string, unknown> = {}): Row => ({
  Id,
  SyncToken: '0',
  MetaData: at('2026-02-03T09:14:05-08:00'),
  ...more,
});

const term = (Id: string, more: Record<string, unknown> = {}) =>
  row(Id, { Name: `Net ${Id}`, DueDays: 30, Active: true, ...more });

/** Answers by-id reads, single and batched queries of ids, names, times and positions, and change data capture. */
const vendor =
  (books: Books, options: { damaged?: readonly string[]; hidden?: readonly string[] } = {}) =>
  (request: ProviderRequest): ProviderExchange => {
    const [, rest = ''] = request.path.split(`/v3/company/${REALM}/`);
    const path = rest.split('/');
    if (path[0] === 'batch') {
      const { BatchItemRequest } = JSON.parse(request.body!) as { BatchItemRequest: { bId: string; Query: string }[] };
      return answerWith({
        BatchItemResponse: BatchItemRequest.map(({ bId, Query }) => ({
          bId,
          ...(JSON.parse((query(Query) as { body: string }).body) as object),
        })),
      });
    }
    if (path[0] === 'query') return query(request.query?.query ?? request.body!);
    if (path[0] === 'cdc') return captured(request.query!);
    if (path[0] === 'preferences') return answerWith({ Preferences: books.Preferences![0] });
    const entity = Object.keys(books).find((name) => name.toLowerCase() === path[0])!;
    const found =
      books[entity]?.find(({ Id }) => Id === path[1]) ?? (entity === 'CompanyInfo' ? books.CompanyInfo![0] : undefined);
    return found ? answerWith({ [entity]: found, time: '2026-02-03T17:20:00Z' }) : fault('610');

    function query(statement: string): ProviderExchange {
      const [, entity, where = ''] =
        /^select \* from (\w+)(?: where (.*?))?(?: orderby.*)?(?: startposition.*)?(?: maxresults \d+)$/.exec(
          statement,
        )!;
      const start = Number(/startposition (\d+)/.exec(statement)?.[1] ?? 1);
      const most = Number(/maxresults (\d+)/.exec(statement)![1]);
      const all = (books[entity!] ?? []).filter((one) => matches(one, where) && !options.hidden?.includes(one.Id));
      const rows = all.slice(start - 1, start - 1 + most);
      if (rows.some(({ Id }) => options.damaged?.includes(Id))) return fault('4002');
      return answerWith({ QueryResponse: rows.length > 0 ? { [entity!]: rows } : {}, time: '2026-02-03T17:20:00Z' });
    }

    function captured({ entities = '', changedSince = '' }: Readonly<Record<string, string>>): ProviderExchange {
      const since = Date.parse(changedSince);
      const changed = entities.split(',').map((name) => ({
        [name]: (books[name] ?? []).filter(
          (one) => Date.parse((one.MetaData as ReturnType<typeof at>).LastUpdatedTime) >= since,
        ),
      }));
      let left = 1000;
      const cut = changed.map((one) => {
        const [name, rows] = Object.entries(one)[0]!;
        const kept = rows.slice(0, left);
        left -= kept.length;
        return kept.length > 0 ? { [name]: kept } : {};
      });
      return answerWith({ CDCResponse: [{ QueryResponse: cut }], time: '2026-02-03T09:20:00.000-08:00' });
    }
  };

const matches = (one: Row, where: string): boolean =>
  where.split(' and ').every((part) => {
    const list = /^(\w+) in \((.*)\)$/.exec(part);
    if (list && list[1] !== 'Active') {
      return [...list[2]!.matchAll(/'((?:[^'\\]|\\.)*)'/g)].some(
        ([, text]) => text!.replace(/\\(.)/g, '$1') === one[list[1]!],
      );
    }
    const time = /^MetaData\.(\w+) >= '(.*)'$/.exec(part);
    if (time) {
      const own = (one.MetaData as Record<string, string>)[time[1]!]!;
      return Date.parse(own) >= Date.parse(time[2]!);
    }
    return true;
  });

const connect = (books: Books, options?: Parameters<typeof vendor>[1], company: Partial<Session> = {}) => {
  const session: ScriptedSession = scriptedSession(vendor(books, options), company);
  return { adapter: quickbooks.connect(session), session };
};

const labels = ({ requests }: ScriptedSession): string[] => requests.map(({ label }) => label);

describe('observing', () => {
  const books: Books = {
    Customer: [
      row('58', { DisplayName: 'Birch', Active: true }),
      row('59', { DisplayName: 'Gone (deleted)', Active: false }),
    ],
    Vendor: [row('41', { DisplayName: 'Hosting', Active: true })],
    Item: [row('2', { Name: 'Hours', Type: 'Service' }), row('30', { Name: 'Pumps', Type: 'Category' })],
    Term: Array.from({ length: 8 }, (_, index) => term(`${index + 1}`)),
    Invoice: [],
    TaxCode: [row('2', { Name: 'California', SalesTaxRateList: { TaxRateDetail: [{ TaxRateRef: { value: '3' } }] } })],
    TaxRate: [row('3', { Name: 'CA', RateValue: 8, AgencyRef: { value: '1' } })],
    TaxAgency: [row('1', { DisplayName: 'Board' })],
    CompanyInfo: [row('1', { CompanyName: 'Fern', Country: 'US' })],
    Preferences: [row('1', { CurrencyPrefs: { HomeCurrency: { value: 'USD' } } })],
  };
  const target = (kind: 'contact' | 'item' | 'payment_term' | 'invoice' | 'tax_rate' | 'company', id: string) => ({
    candidates: [kind],
    id,
  });

  it('asks for records of several sorts in one call', async () => {
    const { adapter, session } = connect(books);
    const seen = await adapter.observe([
      target('contact', 'Customer:58'),
      target('contact', 'Vendor:41'),
      target('item', '2'),
    ]);
    expect(seen.map(({ found }) => found)).toEqual(['record', 'record', 'record']);
    expect(labels(session)).toEqual(['batch query']);
    expect(session.requests[0]!.body).toContain(
      "select * from Customer where Id in ('58') and Active in (true, false) maxresults 1000",
    );
  });

  it('shows an inactive record by the name it had', async () => {
    const { adapter } = connect(books);
    expect(await adapter.observe([target('contact', 'Customer:59')])).toMatchObject([
      { found: 'record', sighting: { existence: 'archived', facet: 'customer', content: { displayName: 'Gone' } } },
    ]);
  });

  it('believes that a record is gone only when the vendor says so of that record', async () => {
    const { adapter, session } = connect(books, { hidden: ['3'] });
    const seen = await adapter.observe([
      target('payment_term', '3'),
      target('payment_term', '99'),
      target('invoice', '7'),
    ]);
    expect(seen.map(({ found }) => found)).toEqual(['record', 'gone', 'gone']);
    expect(labels(session).slice(1).sort()).toEqual(['read Invoice', 'read Term', 'read Term']);
  });

  it('never takes a failure for an end', async () => {
    const session = scriptedSession((request) =>
      request.label.startsWith('read') ? answerWith('', 503) : answerWith({ QueryResponse: {} }),
    );
    const seen = await quickbooks.connect(session).observe([target('invoice', '7')]);
    expect(seen).toMatchObject([{ found: 'unreadable', failure: { is: 'unavailable' } }]);
  });

  it('finds the one damaged record among many, and shows the others', async () => {
    const { adapter, session } = connect(books, { damaged: ['5'] });
    const seen = await adapter.observe(books.Term!.map(({ Id }) => target('payment_term', Id)));
    expect(seen.filter(({ found }) => found === 'record').map(({ target: { id } }) => id)).toEqual([
      '1',
      '2',
      '3',
      '4',
      '6',
      '7',
      '8',
    ]);
    expect(seen.find(({ found }) => found === 'unreadable')).toMatchObject({
      target: { id: '5' },
      failure: { code: '4002' },
    });
    // Halved three times, the two halves of a level in one batch.
    expect(labels(session)).toEqual(['query Term', 'batch query', 'batch query', 'batch query']);
  });

  it('says of a record what it must not say, instead of showing half of it', async () => {
    const { adapter } = connect({ Term: [term('1', { DueDays: 'soon' })] });
    expect(await adapter.observe([target('payment_term', '1')])).toMatchObject([
      {
        found: 'unreadable',
        failure: { is: 'unreadable', message: 'QuickBooks shows Term 1 with DueDays: expected a whole number' },
      },
    ]);
  });

  it('knows its own ids, and puts no other text into a request', async () => {
    const { adapter, session } = connect(books);
    const seen = await adapter.observe([
      target('contact', '58'),
      target('contact', 'Employee:55'),
      target('invoice', "7') or Id > '0"),
      target('company', '1'),
    ]);
    expect(seen.map((one) => one.found === 'unreadable' && one.failure.is)).toEqual([
      'invalid',
      'invalid',
      'invalid',
      'invalid',
    ]);
    expect(labels(session).filter((label) => !/CompanyInfo|Preferences|TaxAgency/.test(label))).toEqual([]);
  });

  it('reads taxes as a whole, and the company by its own reads', async () => {
    const { adapter } = connect(books, {}, { features: { country: 'US', salesTax: 'manual' } });
    const seen = await adapter.observe([
      target('tax_rate', '2'),
      target('tax_rate', 'NON'),
      target('tax_rate', '77'),
      target('company', REALM),
    ]);
    expect(seen).toMatchObject([
      {
        found: 'record',
        sighting: { content: { name: 'California', rate: '8', agency: 'Board', appliesTo: 'sales' } },
      },
      { found: 'record', sighting: { content: { name: 'Non-taxable' } } },
      { found: 'gone' },
      {
        found: 'record',
        sighting: {
          id: REALM,
          content: { name: 'Fern', baseCurrency: 'USD', features: { taxAgencies: '{"Board":"1"}' } },
        },
      },
    ]);
  });

  it('a category is no item', async () => {
    const { adapter } = connect(books);
    expect(await adapter.observe([target('item', '30')])).toMatchObject([{ found: 'gone' }]);
    expect((await adapter.list('item', undefined)).sightings.map(({ id }) => id)).toEqual(['2']);
  });
});

describe('listing', () => {
  const terms = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => term(`${from + index}`));

  const listAll = async (adapter: ReturnType<typeof connect>['adapter'], between: () => void = () => undefined) => {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await adapter.list('payment_term', cursor);
      ids.push(...page.sightings.map(({ id }) => id));
      cursor = page.next;
      between();
    } while (cursor !== undefined);
    return ids;
  };

  it('goes through all rows in pages, inactive ones too, and shows none twice', async () => {
    const { adapter, session } = connect({ Term: terms(1, 2500) });
    const ids = await listAll(adapter);
    expect(ids).toEqual(terms(1, 2500).map(({ Id }) => Id));
    expect(labels(session)).toHaveLength(3);
    expect(session.requests[0]!.query!.query).toContain(
      'where Active in (true, false) orderby Id startposition 1 maxresults 1000',
    );
  });

  it('misses no row when others are deleted between the pages', async () => {
    for (const deleted of [1, 9, 25, 1000]) {
      const books = { Term: terms(1, 2300) };
      const { adapter } = connect(books);
      let first = true;
      const ids = await listAll(adapter, () => {
        if (first) books.Term.splice(300, deleted);
        first = false;
      });
      const there = books.Term.map(({ Id }) => Id);
      expect(there.filter((id) => !ids.includes(id))).toEqual([]);
    }
  });

  it('reads around a damaged row and says where it stands', async () => {
    const { adapter } = connect({ Term: terms(1, 40) }, { damaged: ['17'] });
    const page = await adapter.list('payment_term', undefined);
    expect(page.sightings).toHaveLength(39);
    expect(page.unreadable).toMatchObject([
      { kind: 'payment_term', failure: { code: '4002', message: expect.stringContaining('in row 17') as string } },
    ]);
  });

  it('lists both cards of contacts one after the other', async () => {
    const { adapter } = connect({
      Customer: [row('1', { DisplayName: 'A' })],
      Vendor: [row('2', { DisplayName: 'B' })],
    });
    const first = await adapter.list('contact', undefined);
    const second = await adapter.list('contact', first.next);
    expect([first, second].map(({ sightings }) => sightings[0]!.id)).toEqual(['Customer:1', 'Vendor:2']);
    expect(second.next).toBeUndefined();
  });

  it('refuses a cursor that is none of its own', async () => {
    const { adapter } = connect({ Term: [] });
    for (const cursor of ['x', '{}', '{"entity":"Invoice","position":1,"tail":[]}']) {
      await expect(adapter.list('payment_term', cursor)).rejects.toMatchObject({ failure: { is: 'invalid' } });
    }
  });
});

describe('polling changes', () => {
  const NOW = new Date('2026-02-03T17:20:00Z');
  const changed = (entity: 'Term' | 'Item', many: number, time: string): Row[] =>
    Array.from({ length: many }, (_, index) =>
      (entity === 'Term' ? term : row)(`${index + 1}`, { MetaData: at(time), Name: `n${index}`, Type: 'Service' }),
    );

  const pollAll = async (adapter: ReturnType<typeof connect>['adapter'], from: string | undefined) => {
    const seen = { ids: [] as string[], notices: [] as string[], recheck: new Set<string>(), cursor: '', polls: 0 };
    let cursor = from;
    for (let more = true; more;) {
      const page = await adapter.poll('changes', cursor);
      seen.ids.push(...page.sightings.map(({ kind, id }) => `${kind} ${id}`));
      seen.notices.push(...page.notices.map(({ candidates, id }) => `${candidates.join()} ${id}`));
      for (const kind of page.recheck ?? []) seen.recheck.add(kind);
      ({ cursor, more } = page);
      seen.polls++;
    }
    return { ...seen, cursor: cursor! };
  };

  it('begins now, and from then on looks back a little over where it was', async () => {
    const { adapter, session } = connect({});
    const first = await adapter.poll('changes', undefined);
    expect(first).toMatchObject({ sightings: [], notices: [], more: false });
    await adapter.poll('changes', first.cursor);
    expect(session.requests[1]!.query).toMatchObject({ changedSince: '2026-02-03T17:15:00Z', minorversion: '75' });
    expect(session.requests[1]!.query!.entities!.split(',')).toHaveLength(18);
    expect(session.requests[1]!.query!.entities).not.toMatch(/Tax|Preferences|CompanyInfo/);
  });

  it('shows changed records whole and names deleted ones', async () => {
    const stub = {
      status: 'Deleted',
      domain: 'QBO',
      Id: '171',
      MetaData: { LastUpdatedTime: '2026-02-03T09:16:11-08:00' },
    };
    const { adapter } = connect({
      Term: changed('Term', 1, '2026-02-03T09:16:05-08:00'),
      Invoice: [stub],
      Customer: [{ ...stub, Id: '9' }],
    });
    const page = await adapter.poll('changes', JSON.stringify({ since: '2026-02-03T17:00:00.000Z' }));
    expect(page.sightings.map(({ id }) => id)).toEqual(['1']);
    expect(page.notices).toEqual([
      { company: REALM, candidates: ['contact'], id: 'Customer:9', at: '2026-02-03T17:16:11.000Z' },
      { company: REALM, candidates: ['invoice'], id: '171', at: '2026-02-03T17:16:11.000Z' },
    ]);
  });

  it('misses no record when an answer is cut off', async () => {
    const time = '2026-02-03T09:16:05-08:00';
    const { adapter } = connect({ Term: changed('Term', 700, time), Item: changed('Item', 2600, time) });
    const seen = await pollAll(adapter, JSON.stringify({ since: '2026-02-03T17:00:00.000Z' }));
    expect(new Set(seen.ids).size).toBe(3300);
    expect([...seen.recheck]).toEqual(['item']);
    expect(JSON.parse(seen.cursor)).toEqual({ since: '2026-02-03T17:15:00.000Z' });
  });

  it('moves the cursor only when all is told, and to no later time than its first answer', async () => {
    const time = '2026-02-03T09:16:05-08:00';
    const { adapter } = connect({ Item: changed('Item', 1200, time) });
    let cursor = JSON.stringify({ since: '2026-02-03T17:00:00.000Z' });
    for (let more = true; more;) {
      const page = await adapter.poll('changes', cursor);
      ({ cursor, more } = page);
      const { since } = JSON.parse(cursor) as { since: string };
      expect(since).toBe(more ? '2026-02-03T17:00:00.000Z' : '2026-02-03T17:15:00.000Z');
    }
  });

  it('asks by queries when the cursor is older than the vendor looks back, and has deletions looked for', async () => {
    const { adapter, session } = connect({ Term: changed('Term', 3, '2026-01-20T09:16:05-08:00') });
    const since = new Date(NOW.getTime() - 26 * 24 * 3_600_000).toISOString();
    const seen = await pollAll(adapter, JSON.stringify({ since }));
    expect(seen.ids).toEqual(['payment_term 1', 'payment_term 2', 'payment_term 3']);
    expect(seen.recheck.size).toBe(16);
    expect(labels(session).every((label) => label.startsWith('query'))).toBe(true);
    expect(JSON.parse(seen.cursor)).toEqual({ since: '2026-02-03T17:15:00.000Z' });
  });

  it('has a record that cannot be read looked at by itself', async () => {
    const { adapter } = connect({ Term: [term('1', { DueDays: true, MetaData: at('2026-02-03T09:16:05-08:00') })] });
    const page = await adapter.poll('changes', JSON.stringify({ since: '2026-02-03T17:00:00.000Z' }));
    expect(page).toMatchObject({ sightings: [], notices: [{ candidates: ['payment_term'], id: '1' }] });
  });

  it('refuses a cursor that is none', async () => {
    const { adapter } = connect({});
    await expect(adapter.poll('changes', 'yesterday')).rejects.toMatchObject({ failure: { is: 'invalid' } });
  });
});

describe('polling taxes and the company', () => {
  it('shows a tax code again when one of its rates changed, though its own version did not', async () => {
    const books = {
      TaxCode: [
        row('2', { Name: 'CA', SalesTaxRateList: { TaxRateDetail: [{ TaxRateRef: { value: '3' } }] } }),
        row('4', { Name: 'None' }),
      ],
      TaxRate: [row('3', { Name: 'CA', RateValue: 8 })],
      TaxAgency: [],
    };
    const { adapter, session } = connect(books);
    const first = await adapter.poll('taxes', undefined);
    expect(first.sightings.map(({ id }) => id)).toEqual(['2', '4']);
    expect((await adapter.poll('taxes', first.cursor)).sightings).toEqual([]);
    books.TaxRate[0] = row('3', { Name: 'CA', RateValue: 8.25 });
    books.TaxCode.splice(1, 1);
    const later = await adapter.poll('taxes', first.cursor);
    expect(later.sightings).toMatchObject([{ id: '2', content: { rate: '8.25' } }]);
    expect(later.notices).toMatchObject([{ candidates: ['tax_rate'], id: '4' }]);
    expect(new Set(labels(session))).toEqual(new Set(['batch query']));
  });

  it('shows the company when its settings changed', async () => {
    const books = { CompanyInfo: [row('1', { CompanyName: 'Fern' })], Preferences: [row('1', {})], TaxAgency: [] };
    const { adapter } = connect(books);
    const first = await adapter.poll('company', undefined);
    expect(first.sightings).toHaveLength(1);
    expect((await adapter.poll('company', first.cursor)).sightings).toEqual([]);
    books.Preferences[0] = row('1', { AccountingInfoPrefs: { BookCloseDate: '2026-01-31' } });
    expect((await adapter.poll('company', first.cursor)).sightings).toMatchObject([
      { content: { lockDate: '2026-01-31', features: { booksClosedUntil: '2026-01-31' } } },
    ]);
  });
});

describe('namesakes', () => {
  const books: Books = {
    Customer: [row('58', { DisplayName: "O'Neil" }), row('60', { DisplayName: 'ACME' })],
    Vendor: [row('41', { DisplayName: "O'Neil" })],
    Employee: [row('55', { DisplayName: 'Ada' })],
    Account: [
      row('7', { Name: 'Fees', AcctNum: '6210', AccountType: 'Expense' }),
      row('8', { Name: 'Fees', ParentRef: { value: '7' } }),
    ],
    Invoice: [row('183', { DocNumber: '1041' }), row('184', { DocNumber: '1042' })],
    Bill: [
      row('190', { DocNumber: 'V-1', VendorRef: { value: '41' } }),
      row('191', { DocNumber: 'V-1', VendorRef: { value: '42' } }),
    ],
  };

  it('of contacts are sought among all who share the names, employees too, whatever their case', async () => {
    const { adapter, session } = connect(books);
    const found = await adapter.namesakes([
      { kind: 'contact', facet: 'vendor', content: { displayName: "O'Neil" } },
      { kind: 'contact', content: { displayName: 'ada' } },
      { kind: 'contact', content: { displayName: 'acme' } },
      { kind: 'contact', content: { displayName: 'nobody' } },
    ]);
    expect(found.map((ones) => ones.map(({ id }) => id))).toEqual([
      ['Customer:58', 'Vendor:41'],
      ['Employee:55'],
      ['Customer:60'],
      [],
    ]);
    expect(labels(session)).toEqual(['batch query']);
  });

  it('are told by the whole of a natural key', async () => {
    const { adapter } = connect(books);
    const found = await adapter.namesakes([
      { kind: 'account', content: { name: 'Fees', parent: null } },
      { kind: 'account', content: { name: 'Fees', parent: { kind: 'account', id: '7' } } },
      { kind: 'account', content: { name: 'Other', code: '6210' } },
      { kind: 'invoice', content: { number: '1042' } },
      { kind: 'bill', content: { number: 'V-1', contact: { kind: 'contact', id: 'Vendor:42' } } },
      { kind: 'payment', content: { amount: '1' } },
    ]);
    expect(found.map((ones) => ones.map(({ id }) => id))).toEqual([['7'], ['8'], ['7'], ['184'], ['191'], []]);
  });
});

describe('tracing a lost write', () => {
  const invoice = (Id: string, more: Record<string, unknown> = {}): Row =>
    row(Id, {
      CustomerRef: { value: '58' },
      TxnDate: '2026-02-03',
      DueDate: '2026-03-05',
      TotalAmt: 150,
      Balance: 150,
      Line: [
        {
          Id: '1',
          Amount: 150,
          DetailType: 'SalesItemLineDetail',
          SalesItemLineDetail: { ItemRef: { value: '2' }, Qty: 2, UnitPrice: 75 },
        },
      ],
      MetaData: at('2026-02-03T09:14:05-08:00'),
      ...more,
    });
  const content = {
    contact: { kind: 'contact', id: 'Customer:58' },
    issueDate: '2026-02-03',
    lines: [{ item: { kind: 'item', id: '2' }, quantity: '2', unitPrice: '75' }],
  } as const;
  const create = {
    intent: 'i',
    kind: 'invoice',
    operation: 'create',
    content,
    marker: 'm',
    sentAt: '2026-02-03T17:14:00Z',
    done: [],
  } as const;

  it('finds the document that says what was sent, and knows when it is the very answer', async () => {
    const { adapter } = connect({ Invoice: [invoice('183'), invoice('184', { TxnDate: '2026-02-04' })] });
    expect(await adapter.trace!(create as never)).toMatchObject({
      trace: 'found',
      exact: true,
      sighting: { id: '183' },
    });
    const { adapter: later } = connect({ Invoice: [invoice('183', { SyncToken: '2' })] });
    expect(await later.trace!(create as never)).toMatchObject({ trace: 'found', exact: false });
  });

  it('takes no older document for it, and leaves several to a person', async () => {
    const { adapter } = connect({ Invoice: [invoice('183', { MetaData: at('2026-02-03T08:00:00-08:00') })] });
    expect(await adapter.trace!(create as never)).toEqual({ trace: 'absent' });
    const { adapter: double } = connect({ Invoice: [invoice('183'), invoice('184')] });
    expect(await double.trace!(create as never)).toEqual({ trace: 'several', ids: ['183', '184'] });
    const { adapter: numbered } = connect({ Invoice: [invoice('183'), invoice('184', { DocNumber: '7' })] });
    const wanted = { ...create, content: { ...content, number: '7' } };
    expect(await numbered.trace!(wanted as never)).toMatchObject({ trace: 'found', sighting: { id: '184' } });
  });

  it('finds a name that is as young as the write, and no older one', async () => {
    const named = {
      ...create,
      kind: 'contact',
      facet: 'customer',
      content: { displayName: 'Birch', isCustomer: true },
    };
    const { adapter } = connect({ Customer: [row('58', { DisplayName: 'Birch' })] });
    expect(await adapter.trace!(named as never)).toMatchObject({
      trace: 'found',
      exact: true,
      sighting: { id: 'Customer:58' },
    });
    const { adapter: old } = connect({
      Customer: [row('58', { DisplayName: 'Birch', MetaData: at('2025-01-01T00:00:00Z') })],
    });
    expect(await old.trace!(named as never)).toEqual({ trace: 'absent' });
    const { adapter: other } = connect({ Vendor: [row('58', { DisplayName: 'Birch' })] });
    expect(await other.trace!(named as never)).toEqual({ trace: 'absent' });
  });

  it('of a change looks at the record: its version tells whether anything came of it', async () => {
    const seenAt = async (SyncToken: string, more: Record<string, unknown>) => {
      const { adapter: before } = connect({ Invoice: [invoice('183', { SyncToken: '3' })] });
      const [observed] = await before.observe([{ candidates: ['invoice'], id: '183' }]);
      const target = observed!.found === 'record' ? observed!.sighting : undefined;
      const { adapter } = connect({ Invoice: [invoice('183', { SyncToken, ...more })] });
      return adapter.trace!({ ...create, operation: 'update', content: { memo: 'calm' }, target } as never);
    };
    expect(await seenAt('3', {})).toEqual({ trace: 'absent' });
    expect(await seenAt('4', { PrivateNote: 'calm' })).toMatchObject({ trace: 'found', exact: true });
    expect(await seenAt('5', { PrivateNote: 'calm' })).toMatchObject({ trace: 'found', exact: false });
    expect(await seenAt('4', { PrivateNote: 'other' })).toEqual({ trace: 'absent' });
  });

  it('of a delete finds that the record is gone', async () => {
    const { adapter } = connect({ Invoice: [] });
    const target = { id: '183', version: '0', raw: '{}', content: {} };
    expect(await adapter.trace!({ ...create, operation: 'delete', content: {}, target } as never)).toMatchObject({
      trace: 'found',
      exact: true,
      sighting: { existence: 'deleted' },
    });
  });

  it('fails where the vendor cannot be asked, and concludes nothing', async () => {
    const session = scriptedSession(() => answerWith('', 503));
    await expect(quickbooks.connect(session).trace!(create as never)).rejects.toMatchObject({
      failure: { is: 'unavailable' },
    });
  });
});
