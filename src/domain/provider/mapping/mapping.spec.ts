import {
  at,
  choice,
  computed,
  constant,
  date,
  decided,
  decimal,
  flag,
  identity,
  inside,
  keyed,
  list,
  mappingFor,
  object,
  onCreate,
  parseWire,
  printWire,
  ref,
  refused,
  text,
  uncarried,
  UnreadableWire,
  when,
  whole,
  wireAt,
  type WireObject,
} from './index.js';

interface Features {
  readonly notes: boolean;
}

const wire = (text: string): WireObject => parseWire(text) as WireObject;
const ALL: Features = { notes: true };

/** A vendor made up for these tests. */
const entry = mappingFor<Features>()(
  'journal_entry',
  {
    date: at('Day', date()),
    lines: list('Lines', {
      forms: [
        {
          is: ({ Sort }) => Sort === 'money',
          says: () => true,
          start: { Sort: 'money' },
          table: {
            id: identity(at('Id', text())),
            account: at('Account', inside('value', ref('account'))),
            side: at('Side', choice({ debit: ['D', 'Dr'], credit: 'C' })),
            amount: at('Amount', decimal()),
            description: at('Text', text({ max: 10 })),
            taxRate: decided(at('Tax', ref('tax_rate'))),
            tracking: keyed(
              'dimension',
              { job: at('Job', object({ category: at('Id', ref('tracking_category', 'Job')) })) },
              ['team'],
            ),
          },
        },
        {
          is: ({ Sort }) => Sort === 'sealed',
          says: () => false,
          table: { id: identity(at('Id', text())), amount: computed(at('Amount', decimal())) },
        },
      ],
      identity: ({ id }) => (typeof id === 'string' ? id : undefined),
      noise: ({ Sort }) => Sort === 'sum',
      otherwise: 'must be money',
    }),
    currency: onCreate(at('Currency', text())),
    exchangeRate: refused((rate: string) => rate !== '1', 'must be 1'),
    number: at('Head.Number', text({ max: 5, without: /:/, called: 'colons' })),
    memo: when((company) => company.notes, at('Note', text())),
    custom: uncarried('no such thing'),
  },
  { decides: ['lines.amount'] },
);

const RECORD = wire(`{
  "Id": "9007199254740993123", "Day": "2026-02-03", "Currency": "USD", "Note": "as agreed", "Head": {"Number": "7", "Odd": 0.10},
  "Lines": [
    {"Id": "1", "Sort": "money", "Account": {"value": "61", "name": "Bank"}, "Side": "Dr", "Amount": 150.0, "Tax": "5", "Job": {"Id": "3"}, "Odd": 1e2},
    {"Id": "2", "Sort": "sealed", "Amount": 3},
    {"Sort": "unheard", "Weight": 0.30},
    {"Id": "4", "Sort": "money", "Account": {"value": "62"}, "Side": "C", "Amount": 150.00},
    {"Sort": "sum", "Amount": 300}
  ]}`);

const LINES = entry.read(RECORD, ALL).lines as Record<string, never>[];

describe('wire JSON', () => {
  it('keeps every digit of a number', () => {
    const text = '{"a":0.10,"b":9007199254740993123,"c":[1e2,-0.0],"d":0.30000000000000004}';
    expect(printWire(parseWire(text))).toBe(text);
  });

  it('finds what stands at a path, and nothing where nothing does', () => {
    expect(wireAt(RECORD, 'Head.Number')).toBe('7');
    expect(wireAt(RECORD, 'Head.Number.Deeper')).toBeUndefined();
    expect(wireAt(wire('{"a":null}'), 'a')).toBeUndefined();
    expect(wireAt(wire('{}'), 'constructor.name')).toBeUndefined();
  });
});

describe('reading a record', () => {
  it('shows what the table knows in the contract’s words', () => {
    expect(entry.read(RECORD, ALL)).toEqual({
      date: '2026-02-03',
      currency: 'USD',
      number: '7',
      memo: 'as agreed',
      lines: [
        {
          id: '1',
          account: { kind: 'account', id: '61' },
          side: 'debit',
          amount: '150.0',
          taxRate: { kind: 'tax_rate', id: '5' },
          tracking: [{ dimension: 'job', category: { kind: 'tracking_category', id: 'Job:3' } }],
        },
        { id: '2', amount: '3' },
        { id: '4', account: { kind: 'account', id: '62' }, side: 'credit', amount: '150.00' },
      ],
    });
  });

  it('shows a field also where the company cannot be written it', () => {
    expect(entry.read(RECORD, { notes: false }).memo).toBe('as agreed');
  });

  it('says where a record is not what it must be', () => {
    const broken = wire('{"Lines":[{"Sort":"sum"},{"Sort":"money","Amount":true}]}');
    expect(() => entry.read(broken, ALL)).toThrow(new UnreadableWire('Lines[1].Amount', 'a number'));
  });
});

describe('writing a record', () => {
  const write = (content: Parameters<typeof entry.write>[0], features = ALL) => entry.write(content, RECORD, features);

  it('says only what differs', () => {
    expect(printWire(write({ date: '2026-02-04', memo: 'as agreed', lines: LINES }).sets)).toBe('{"Day":"2026-02-04"}');
  });

  it('keeps what stands beside a value that changes', () => {
    expect(printWire(write({ number: '8' }).sets)).toBe('{"Head":{"Number":"8","Odd":0.10}}');
  });

  it('clears a text by a blank, and what has none by leaving it out of a whole record', () => {
    expect(write({ memo: null }).sets).toEqual({ Note: '' });
    const change = write({ date: null });
    expect([...change.drops]).toEqual(['Day']);
    expect(change.whole()).toEqual({ ...RECORD, Day: undefined });
  });

  it('does not clear what is not there', () => {
    const change = entry.write({ memo: null, date: null }, wire('{}'), ALL);
    expect(change.sets).toEqual({});
    expect(change.drops.size).toBe(0);
  });

  it('says nothing that the company cannot hold', () => {
    expect(write({ memo: 'other' }, { notes: false }).sets).toEqual({});
    expect(entry.carries({ notes: false }).has('memo')).toBe(false);
    expect(entry.carries(ALL).has('memo')).toBe(true);
  });

  it('says once what is said at creation only', () => {
    expect(write({ currency: 'EUR' }).sets).toEqual({});
    expect(entry.write({ currency: 'EUR' }, undefined, ALL).sets).toEqual({ Currency: 'EUR' });
    expect(entry.refuses({ currency: 'EUR' }, RECORD, ALL)).toMatchObject([{ path: 'currency', rule: 'immutable' }]);
    expect(entry.refuses({ currency: 'USD' }, RECORD, ALL)).toEqual([]);
  });
});

describe('writing a list', () => {
  const linesAfter = (lines: unknown): WireObject[] =>
    entry.write({ lines: lines as never }, RECORD, ALL).whole().Lines as WireObject[];

  it('keeps ids and unknown members of elements that stay, elements of unknown form, and sealed ones', () => {
    const [first, sealed, last] = LINES;
    const lines = linesAfter([{ ...first, description: 'new' }, sealed, last]);
    expect(printWire(lines)).toBe(
      '[{"Id":"1","Sort":"money","Account":{"value":"61","name":"Bank"},"Side":"Dr","Amount":150.0,"Tax":"5",' +
        '"Job":{"Id":"3"},"Odd":1e2,"Text":"new"},{"Id":"2","Sort":"sealed","Amount":3},' +
        '{"Sort":"unheard","Weight":0.30},{"Id":"4","Sort":"money","Account":{"value":"62"},"Side":"C","Amount":150.00}]',
    );
  });

  it('removes elements that are not mentioned and makes new ones without an id', () => {
    const lines = linesAfter([{ account: { kind: 'account', id: '63' }, side: 'debit', amount: '0.30' }]);
    expect(printWire(lines)).toBe(
      '[{"Sort":"money","Account":{"value":"63"},"Side":"D","Amount":0.3},{"Sort":"unheard","Weight":0.30}]',
    );
  });

  it('leaves a value that the vendor chose as it is where nothing is said of it', () => {
    const { taxRate: _, tracking: __, ...silent } = LINES[0]! as Record<string, unknown>;
    expect(linesAfter([silent])[0]).toMatchObject({ Id: '1', Tax: '5' });
    expect(linesAfter([silent])[0]).not.toHaveProperty('Job');
  });

  it('refuses to change an element that can only be removed', () => {
    const [, sealed] = LINES;
    expect(entry.refuses({ lines: [sealed!] }, RECORD, ALL)).toEqual([]);
    expect(entry.refuses({ lines: [{ ...sealed, amount: '3.00' }] as never }, RECORD, ALL)).toEqual([]);
    expect(entry.refuses({ lines: [{ ...sealed, amount: '4' }] as never }, RECORD, ALL)).toMatchObject([
      { path: 'lines[0].amount', rule: 'fixed' },
    ]);
  });
});

describe('what a vendor is certain to refuse', () => {
  it('is told with the path of the contract', () => {
    const line = { account: { kind: 'account', id: '1' }, side: 'debit', amount: '1', description: 'much too long' };
    const content = {
      number: '12:456',
      exchangeRate: '2',
      lines: [
        { ...line, tracking: [{ dimension: 'job', category: { kind: 'tracking_category', id: '3' } }] },
        {
          ...line,
          description: 'x',
          tracking: [
            { dimension: 'colour', category: { kind: 'tracking_category', id: 'Job:3' } },
            { dimension: 'team' },
          ],
        },
      ],
    };
    const found = entry.refuses(content as never, undefined, ALL).map(({ path, rule }) => `${path} ${rule}`);
    expect(found.sort()).toEqual([
      'exchangeRate not_held',
      'lines[0].description max_length',
      'lines[0].tracking[0].category reference',
      'lines[1].tracking[0].dimension not_held',
      'number characters',
      'number max_length',
    ]);
  });

  it('is not sent under another record’s id', () => {
    const tracking = [{ dimension: 'job', category: { kind: 'tracking_category', id: 'Team:3' } }];
    expect(() => entry.write({ lines: [{ tracking }] as never }, undefined, ALL)).toThrow('Team:3 is no id of Job');
  });
});

describe('what a table tells of itself', () => {
  it('names the paths it carries, the fields the vendor decides, and why others are absent', () => {
    expect([...entry.carries(ALL)].sort()).toEqual(
      [
        'currency',
        'date',
        'exchangeRate',
        'lines',
        'lines.account',
        'lines.amount',
        'lines.description',
        'lines.side',
        'lines.taxRate',
        'lines.tracking',
        'lines.tracking.category',
        'lines.tracking.dimension',
        'memo',
        'number',
      ].sort(),
    );
    expect(entry.decides).toEqual(['lines.amount']);
    expect(entry.absent).toEqual({ custom: 'no such thing' });
  });

  it('reads one value for all records where there is only one', () => {
    const state = constant('open', 'must be open');
    expect(state.read({}, undefined)).toBe('open');
    expect(state.refuses!('draft' as never, undefined, undefined)).toMatchObject([{ rule: 'choice' }]);
  });
});

describe('codecs', () => {
  it('read the wire’s shapes and nothing else', () => {
    expect(decimal().read(parseWire('1.5e3'), undefined)).toBe('1500');
    expect(whole().read(parseWire('30'), undefined)).toBe(30);
    expect(() => whole().read(parseWire('30.5'), undefined)).toThrow(UnreadableWire);
    expect(() => date().read('03.02.2026', undefined)).toThrow(UnreadableWire);
    expect(() => flag().read('true', undefined)).toThrow(UnreadableWire);
    expect(() => text().read(parseWire('1'), undefined)).toThrow(UnreadableWire);
    expect(choice({ open: 'Open' }).read('Ajar', undefined)).toBeUndefined();
    expect(ref('item').read(parseWire('9007199254740993123'), undefined)).toEqual({
      kind: 'item',
      id: '9007199254740993123',
    });
  });

  it('leave a number in the digits it has when it is the same number', () => {
    const before = parseWire('150.0');
    expect(decimal().write('150', before, undefined)).toBe(before);
    expect(printWire(decimal().write('150.10', before, undefined))).toBe('150.1');
    expect(printWire(decimal().write('007.50', undefined, undefined))).toBe('7.5');
  });
});
