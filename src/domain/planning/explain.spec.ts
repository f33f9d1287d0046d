import { imageOf, type Meeting, NO_BASE, type View } from '../comparison/index.js';
import { policyBook } from '../conflict/index.js';
import { type Content, groupNames, type KindName } from '../contract/index.js';
import { explain, type MetSituation, type ReasonCode, REASON_CODES, type Situation } from './explain.js';

const NOW = new Date('2026-03-02T09:00:00Z');
const LATER = new Date('2026-03-02T09:05:30Z');

const view = (content: Content, existence: View['existence'] = 'present'): View => ({
  existence,
  content,
  version: '1',
});

const APP: Content = {
  contact: { kind: 'contact', id: 'a1' },
  issueDate: '2026-02-03',
  lines: [{ id: 'x', description: 'Design', amount: '150.00' }],
};
const BOOKS: Content = { ...APP, contact: { kind: 'contact', id: 'b1' } };

const meeting = (more: Partial<Meeting> = {}): Meeting => ({
  kind: 'invoice',
  app: view(APP),
  books: view(BOOKS),
  base: NO_BASE,
  pending: {},
  refs: { twinOf: (_side, ref) => `${ref.kind}#${ref.id.slice(1)}`, refAt: () => undefined },
  carries: () => true,
  decides: new Set(),
  ...more,
});

const agreedOn = (app: Content, books: Content, kind: KindName = 'invoice'): Meeting['base'] => ({
  existence: { app: 'present', books: 'present' },
  groups: Object.fromEntries(
    groupNames(kind).map((group) => [group, { app: imageOf(kind, group, app), books: imageOf(kind, group, books) }]),
  ),
  lines: [],
});

const situation = (met: Partial<Meeting> = {}, more: Partial<MetSituation> = {}): MetSituation => ({
  is: 'met',
  meeting: meeting({ base: agreedOn(APP, BOOKS), ...met }),
  provider: 'QuickBooks Online',
  now: NOW,
  policies: policyBook([], {}),
  connection: { state: 'active', why: undefined, pausedUntil: undefined },
  namedInBooks: true,
  holds: [],
  waits: [],
  conflict: undefined,
  refusal: undefined,
  problems: [],
  write: undefined,
  work: { state: 'none' },
  cardFlags: new Set(),
  ...more,
});

/** Every sentence that the tests below have heard, by its code. */
const heard = new Set<ReasonCode>();

const says = (code: ReasonCode, of: Situation): string[] => {
  const { reasons } = explain(of);
  for (const reason of reasons) heard.add(reason.code);
  return reasons.filter((reason) => reason.code === code).map((reason) => reason.says);
};

const EDITED = { ...BOOKS, memo: 'from the books', lines: [{ id: '1', description: 'Design', amount: '160' }] };
const ALSO_EDITED = { ...APP, memo: 'from the app', lines: [{ id: 'x', description: 'Design', amount: '170' }] };

describe('nothing to do', () => {
  test('two sides that show the same are in step', () => {
    const { inStep, differs } = explain(situation());
    expect({ inStep, differs }).toEqual({ inStep: true, differs: [] });
    expect(says('in_step', situation())).toEqual(['Both sides show the same.']);
  });

  test('what the provider chose by itself is named, and nothing has to be done about it', () => {
    const chosen = { ...BOOKS, number: '1041' };
    const of = situation({ books: view(chosen), base: agreedOn(APP, chosen), decides: new Set(['number']) });
    expect(says('chosen_by_provider', of)).toEqual([
      'QuickBooks Online chooses number by itself; that is nobody’s edit.',
    ]);
    expect(explain(of)).toMatchObject({ inStep: true, differs: ['number'] });
  });

  test('what it chose inside a line is its choice too', () => {
    const chosen = { ...BOOKS, lines: [{ ...(BOOKS.lines as Content[])[0], taxRate: { kind: 'tax_rate', id: 'b9' } }] };
    const of = situation({ books: view(chosen), base: agreedOn(APP, chosen), decides: new Set(['lines.taxRate']) });
    expect(says('chosen_by_provider', of)).toEqual([
      'QuickBooks Online chooses lines by itself; that is nobody’s edit.',
    ]);
    expect(says('settled_so', of)).toEqual([]);
  });

  test('a difference that was settled is named', () => {
    const of = situation({ books: view(EDITED), base: agreedOn(APP, EDITED) });
    expect(says('settled_so', of)).toEqual(['It was settled that each side keeps its own lines and memo.']);
    expect(explain(of)).toMatchObject({ inStep: true, differs: ['lines', 'memo'] });
  });

  test('two different ends that were settled are named', () => {
    const of = situation({
      app: view(APP, 'deleted'),
      books: view(BOOKS, 'voided'),
      base: { ...agreedOn(APP, BOOKS), existence: { app: 'deleted', books: 'voided' } },
    });
    expect(says('settled_so', of)).toEqual([
      'It was settled that the record is deleted in the app and voided in QuickBooks Online.',
    ]);
  });

  test('what the provider has no place for is named, down to the members of lines', () => {
    const app = {
      ...APP,
      reference: 'R-1',
      lines: [{ id: 'x', description: 'Design', amount: '150', serviceDate: '2026-02-01' }],
    };
    const carries = (path: string): boolean => path !== 'reference' && path !== 'lines.serviceDate';
    expect(says('not_carried', situation({ app: view(app), base: agreedOn(app, BOOKS), carries }))).toEqual([
      'QuickBooks Online has no place for lines.serviceDate and reference; the app keeps it.',
    ]);
  });

  test('an element that one card lacks is named by its key, and the flags of cards are not', () => {
    const contact = {
      displayName: 'Birch Lane',
      isVendor: true,
      addresses: [{ type: 'shipping', city: 'Bergen' }],
    };
    const of = situation(
      {
        kind: 'contact',
        app: view(contact),
        books: view({ displayName: 'Birch Lane' }),
        base: agreedOn(contact, { displayName: 'Birch Lane' }, 'contact'),
        carries: (path) => path !== 'isVendor',
        lacks: (path) => path === 'addresses.shipping',
      },
      { cardFlags: new Set(['isCustomer', 'isVendor']) },
    );
    expect(says('not_carried', of)).toEqual([
      'QuickBooks Online has no place for addresses.shipping; the app keeps it.',
    ]);
  });

  test('a record that a person left apart is left alone', () => {
    const of = situation({ books: view(EDITED), base: { ...NO_BASE, apart: true } });
    expect(says('left_apart', of)).toEqual([
      'A person decided that the record lives apart on each side; Concord leaves both alone.',
    ]);
    expect(explain(of).reasons).toHaveLength(1);
  });
});

describe('records that have not met', () => {
  test('a kind without an API stays in the app, with the reason', () => {
    const why = 'its API knows no bills';
    expect(says('absent', { is: 'absent', kind: 'vendor_credit', provider: 'Wave', why })).toEqual([
      'Wave offers no vendor credit to programs (its API knows no bills); the record stays in the app.',
    ]);
  });

  test('a record from before the connection has not been brought over', () => {
    expect(says('unmet', { is: 'unmet', knownAt: 'app', provider: 'Xero' })).toEqual([
      'The record was not brought to Xero yet: nothing has changed it since the company was connected.',
    ]);
  });

  test('a record read for reference is linked with nothing', () => {
    expect(says('unmet', { is: 'unmet', knownAt: 'books', provider: 'Xero' })).toEqual([
      'The record was read in Xero for reference; it is linked with no record of the app.',
    ]);
  });

  test('a record of the app is not in the books yet', () => {
    const of = situation({ books: undefined, base: NO_BASE }, { namedInBooks: false });
    expect(says('only_in_app', of)).toEqual(['The record is in the app and not in QuickBooks Online yet.']);
    expect(explain(of).inStep).toBe(false);
  });

  test('a record of the books is not in the app yet', () => {
    expect(says('only_in_books', situation({ app: undefined, base: NO_BASE }))).toEqual([
      'The record is in QuickBooks Online and not in the app yet.',
    ]);
  });

  test('a record that ended before the other side had it is not brought there', () => {
    const of = situation({ app: view(APP, 'deleted'), books: undefined, base: NO_BASE }, { namedInBooks: false });
    expect(says('ended_alone', of)).toEqual(['The record is deleted in the app and never was in QuickBooks Online.']);
  });

  test('a record that was named and not looked at is said to be unknown', () => {
    expect(says('not_looked', situation({ books: undefined }))).toEqual([
      'Concord has not looked at the record in QuickBooks Online yet.',
    ]);
  });
});

describe('on its way', () => {
  test('the app is ahead', () => {
    expect(says('app_ahead', situation({ app: view(ALSO_EDITED) }))).toEqual([
      'The app changed lines and memo, which QuickBooks Online has not learnt yet.',
    ]);
  });

  test('the books are ahead', () => {
    expect(says('books_ahead', situation({ books: view(EDITED) }))).toEqual([
      'QuickBooks Online changed lines and memo, which the app has not learnt yet.',
    ]);
  });

  test('a void has not been learnt by the other side', () => {
    expect(says('existence_ahead', situation({ books: view(BOOKS, 'voided') }))).toEqual([
      'It is voided in QuickBooks Online, which the app has not learnt yet.',
    ]);
  });

  test('an ended record shows nothing that could be compared', () => {
    const of = situation({ books: view({ ...BOOKS, lines: [] }, 'voided') });
    expect(explain(of).differs).toEqual([]);
  });

  test('a clash that a policy decides names the winner', () => {
    const policies = policyBook([{ kind: 'invoice', rule: 'books_wins' }], {});
    const of = situation({ app: view(ALSO_EDITED), books: view(EDITED) }, { policies });
    expect(says('policy_decides', of)).toEqual([
      'Both sides changed lines and memo differently; by policy the version of QuickBooks Online wins.',
    ]);
  });

  test('a clash that nobody was asked about yet will be asked', () => {
    expect(says('to_be_asked', situation({ app: view(ALSO_EDITED), books: view(EDITED) }))).toEqual([
      'Both sides changed lines and memo differently; a person will be asked.',
    ]);
  });

  test('a walk is under way', () => {
    expect(says('walking', situation({}, { work: { state: 'walking' } }))).toEqual([
      'Concord is comparing both sides right now.',
    ]);
  });

  test('work is due now', () => {
    expect(says('due', situation({}, { work: { state: 'due', notBefore: NOW } }))).toEqual([
      'Concord looks at it as soon as a worker is free.',
    ]);
  });

  test('work comes back at a known time', () => {
    expect(says('later', situation({}, { work: { state: 'due', notBefore: LATER } }))).toEqual([
      'Concord looks at it again at 2026-03-02 09:05 UTC.',
    ]);
  });

  test('a write is under way', () => {
    expect(says('sending', situation({}, { write: { answer: 'awaited', since: NOW } }))).toEqual([
      'A write to QuickBooks Online is under way since 2026-03-02 09:00 UTC.',
    ]);
  });

  test('an answer was lost', () => {
    expect(says('lost_answer', situation({}, { write: { answer: 'lost', since: NOW } }))).toEqual([
      'The answer to the write of 2026-03-02 09:00 UTC was lost; Concord finds out whether QuickBooks Online carried it out before it writes again.',
    ]);
  });
});

describe('the connection', () => {
  const connected = (connection: Partial<MetSituation['connection']>, more: Partial<MetSituation> = {}): MetSituation =>
    situation(
      { app: view(ALSO_EDITED) },
      { connection: { state: 'active', why: undefined, pausedUntil: undefined, ...connection }, ...more },
    );

  test('a disconnected company moves nothing', () => {
    expect(says('disconnected', connected({ state: 'disconnected' }))).toEqual([
      'QuickBooks Online is disconnected; nothing moves between the two sides any more.',
    ]);
  });

  test('a consent that is gone names the reason and the cure', () => {
    expect(says('needs_reconnect', connected({ state: 'needs_reconnect', why: 'the app was removed' }))).toEqual([
      'QuickBooks Online no longer accepts the consent (the app was removed); nothing moves until somebody reconnects it.',
    ]);
  });

  test('a suspended company is tried again', () => {
    expect(says('suspended', connected({ state: 'suspended' }))).toEqual([
      'QuickBooks Online has suspended the company; Concord tries again by itself.',
    ]);
  });

  test('a pause matters only where there is work', () => {
    const pausedUntil = LATER;
    expect(says('paused', connected({ pausedUntil }, { work: { state: 'due', notBefore: NOW } }))).toEqual([
      'QuickBooks Online takes no calls before 2026-03-02 09:05 UTC; then it goes on by itself.',
    ]);
    expect(says('paused', connected({ pausedUntil }))).toEqual([]);
  });
});

describe('a person is asked', () => {
  const asked = (reason: NonNullable<MetSituation['conflict']>['reason'], groups = ['money', 'text']): MetSituation =>
    situation({ app: view(ALSO_EDITED), books: view(EDITED) }, { conflict: { reason, groups, decidedBy: undefined } });

  test.each([
    ['both_edited', 'Both sides changed lines and memo to different values; a person must decide.'],
    [
      'never_agreed',
      'Both sides differ in lines and memo and never agreed on it; a person must decide which side is right.',
    ],
    [
      'ended_and_edited',
      'One side ended the record while the other one changed it or ended it differently; a person must decide.',
    ],
    [
      'push_on_old_version',
      'The app changed lines and memo without knowing what QuickBooks Online had changed there; a person must decide.',
    ],
    [
      'namesake',
      'The other side already has a record with this name or number; a person must say whether it is the same one.',
    ],
    [
      'outcome_unknown',
      'The answer to a write was lost and QuickBooks Online offers no way to find out what became of it; a person must look and say.',
    ],
  ] as const)('because of %s', (reason, sentence) => {
    expect(says(reason, asked(reason))).toEqual([sentence]);
  });

  test('what is asked is not said a second time as a clash', () => {
    expect(says('to_be_asked', asked('both_edited'))).toEqual([]);
  });

  test('an answer that still counts is about to be carried out', () => {
    const of = situation({}, { conflict: { reason: 'both_edited', groups: ['money'], decidedBy: 'finance:ana' } });
    expect(says('decided', of)).toEqual(['finance:ana has decided the conflict; the next walk carries it out.']);
  });
});

describe('what stands in the way', () => {
  test('the provider refused', () => {
    expect(says('refused', situation({}, { refusal: 'Duplicate document number.' }))).toEqual([
      'QuickBooks Online refused the last write: “Duplicate document number.” It is sent again once a side changes or somebody asks for it.',
    ]);
  });

  test('a problem is told in its own words', () => {
    expect(says('problem', situation({}, { problems: ['these records wait for each other'] }))).toEqual([
      'A person must see to this: these records wait for each other',
    ]);
  });

  test('a draft is held back', () => {
    const holds = [{ code: 'state_not_held', side: 'books', state: 'draft' }] as const;
    expect(says('state_not_held', situation({}, { holds }))).toEqual([
      'It is draft in the app, which QuickBooks Online cannot hold; it is not sent.',
    ]);
  });

  test('an operation that programs may not do, with and without the provider’s reason', () => {
    const hold = { code: 'cannot', side: 'books', operation: 'delete' } as const;
    expect(says('cannot', situation({}, { holds: [{ ...hold, reason: 'It is switched off instead.' }] }))).toEqual([
      'QuickBooks Online does not let programs delete such a record. It is switched off instead.',
    ]);
    expect(says('cannot', situation({}, { holds: [{ ...hold, reason: undefined }] }))).toEqual([
      'QuickBooks Online does not let programs delete such a record.',
    ]);
  });

  test('a document from before the go-live date', () => {
    const holds = [{ code: 'before_go_live', side: 'app', date: '2025-12-30', goLive: '2026-01-01' }] as const;
    expect(says('before_go_live', situation({}, { holds }))).toEqual([
      'It is dated 2025-12-30, before the go-live date 2026-01-01; the app is not written.',
    ]);
  });

  test('a kind whose creation is off', () => {
    expect(says('creation_off', situation({}, { holds: [{ code: 'creation_off', side: 'books' }] }))).toEqual([
      'Records of this kind are not created in QuickBooks Online until that is switched on; link it with one that is there.',
    ]);
  });

  test('an end that the other side cannot follow', () => {
    const holds = [{ code: 'ended_for_good', side: 'books', existence: 'voided' }] as const;
    expect(says('ended_for_good', situation({}, { holds }))).toEqual([
      'It was voided on one side, which QuickBooks Online can neither follow nor undo.',
    ]);
  });

  test('a record that must come first, and why it is not there', () => {
    const wait = { kind: 'credit_note', name: 'Birch Lane', side: 'books', until: 'exists', path: 'contact' } as const;
    expect(says('waits', situation({}, { waits: [{ ...wait, because: undefined }] }))).toEqual([
      'It waits until the credit note Birch Lane exists in QuickBooks Online.',
    ]);
    const refused = situation({}, { waits: [{ ...wait, because: 'a person must decide about it' }] });
    expect(says('waits', refused)).toEqual([
      'It waits until the credit note Birch Lane exists in QuickBooks Online (a person must decide about it).',
    ]);
    expect(explain(refused).reasons[0]!.fields).toEqual(['contact']);
  });

  test('a record that must end first, because it refers to this one', () => {
    const wait = { kind: 'credit_note', name: 'CN-1', side: 'books', until: 'ended', path: 'contact' } as const;
    const refused = situation({}, { waits: [{ ...wait, because: 'a person must decide about it' }] });
    expect(says('waits', refused)).toEqual([
      'It waits until the credit note CN-1 has ended in QuickBooks Online (a person must decide about it).',
    ]);
    expect(explain(refused).reasons[0]!.fields).toEqual([]);
  });

  test('the most pressing reason comes first', () => {
    const of = situation(
      { app: view(ALSO_EDITED) },
      {
        connection: { state: 'needs_reconnect', why: undefined, pausedUntil: undefined },
        refusal: 'No.',
        work: { state: 'due', notBefore: NOW },
      },
    );
    expect(explain(of).reasons.map(({ code }) => code)).toEqual(['needs_reconnect', 'refused', 'app_ahead', 'due']);
  });
});

test('every sentence has been heard', () => {
  expect(REASON_CODES.filter((code) => !heard.has(code))).toEqual([]);
});
