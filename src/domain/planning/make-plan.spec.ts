import { imageOf, type Meeting, NO_BASE, type Side, type View } from '../comparison/index.js';
import { policyBook } from '../conflict/index.js';
import { type Content, groupNames, type KindName } from '../contract/index.js';
import { OPERATIONS } from '../provider/index.js';
import { makePlan, type PlanInput, type SideAbility } from './make-plan.js';

const view = (content: Content, existence: View['existence'] = 'present'): View => ({
  existence,
  content,
  version: '1',
});

/** `a…` in the app is `b…` in the books, for every id that is known. */
const refsOf = (known: readonly string[]): Meeting['refs'] => ({
  twinOf: (_side, ref) => `${ref.kind}#${ref.id.slice(1)}`,
  refAt: (side, twin) => {
    const [kind, id] = twin.split('#') as [KindName, string];
    return side === 'app' || known.includes(id) ? { kind, id: `${side[0]}${id}` } : undefined;
  },
});

const ABLE: SideAbility = {
  operations: new Set(OPERATIONS),
  revives: new Set(['voided', 'deleted', 'merged']),
  impossible: {},
};

const inputOf = (meeting: Partial<Meeting> & { kind: KindName }, more: Partial<PlanInput> = {}): PlanInput => ({
  meeting: {
    app: undefined,
    books: undefined,
    base: NO_BASE,
    pending: {},
    refs: refsOf(['1', '2']),
    carries: () => true,
    decides: new Set(),
    ...meeting,
  },
  policies: policyBook([], {}),
  decision: undefined,
  abilities: { app: ABLE, books: ABLE },
  permissions: { app: {}, books: {} },
  namesakes: { app: [], books: [] },
  cut: new Set(),
  ...more,
});

const agreed = (kind: KindName, app: Content, books: Content): Meeting['base'] => ({
  existence: { app: 'present', books: 'present' },
  groups: Object.fromEntries(
    groupNames(kind).map((group) => [group, { app: imageOf(kind, group, app), books: imageOf(kind, group, books) }]),
  ),
  lines: [],
});

const TERM: Content = { name: 'Net 30', dueDays: 30 };

describe('silence and emptying', () => {
  const app: Content = { displayName: 'Birch Lane', isCustomer: true, email: 'ap@birch.example' };
  const books: Content = { displayName: 'Birch Lane', email: 'ap@birch.example', website: 'birch.example' };
  const base = agreed('contact', app, books);

  test('a field on which the app was always silent is left alone', () => {
    const edited = { ...app, email: 'new@birch.example' };
    const plan = makePlan(inputOf({ kind: 'contact', app: view(edited), books: view(books), base }));
    expect(plan.writes).toMatchObject([{ side: 'books', content: { email: 'new@birch.example' } }]);
    expect(plan.writes[0]!.content).not.toHaveProperty('website');
  });

  test('a field that the app emptied is emptied in the books', () => {
    const { email: _, ...emptied } = app;
    const plan = makePlan(inputOf({ kind: 'contact', app: view(emptied), books: view(books), base }));
    expect(plan.writes).toMatchObject([{ side: 'books', groups: ['reach'], content: { email: null } }]);
  });
});

describe('a policy that is set after a person has decided', () => {
  const agreedOn: Content = { name: 'Net 30', dueDays: 30 };
  const meeting = {
    kind: 'payment_term',
    app: view({ ...agreedOn, name: 'Thirty days' }),
    books: view({ ...agreedOn, name: '30 days net' }),
    base: agreed('payment_term', agreedOn, agreedOn),
  } as const;
  const { fingerprint, groups } = makePlan(inputOf(meeting)).conflict!;
  const decision = { id: 'd', fingerprint, choices: { [groups[0]!]: { take: 'books' } } } as const;
  const policies = policyBook([{ kind: 'payment_term', rule: 'app_wins' }], {});

  test('does not overrule the decision, which was about these very values', () => {
    const plan = makePlan(inputOf(meeting, { decision, policies }));
    expect(plan.conflict).toBeUndefined();
    expect(plan.writes).toMatchObject([{ side: 'app', content: { name: '30 days net' }, policies: {} }]);
  });

  test('decides once the clash is another one', () => {
    const books = view({ ...agreedOn, name: 'Net thirty' });
    const plan = makePlan(inputOf({ ...meeting, books }, { decision, policies }));
    expect(plan.writes).toMatchObject([{ side: 'books', content: { name: 'Thirty days' } }]);
  });
});

describe('a namesake', () => {
  const input = (more: Partial<PlanInput> = {}): PlanInput =>
    inputOf({ kind: 'payment_term', app: view(TERM) }, { namesakes: { app: [], books: ['b9'] }, ...more });

  test('becomes a question with candidates, and nothing is written', () => {
    const plan = makePlan(input());
    expect(plan.writes).toEqual([]);
    expect(plan.conflict).toMatchObject({ reason: 'namesake', candidates: [{ side: 'books', id: 'b9' }] });
  });

  test.each([
    ['keeping the app creates it all the same', { take: 'app' } as const, 1, undefined],
    ['keeping the books leaves it where it was born', { take: 'books' } as const, 0, true],
    ['leaving apart leaves it where it was born', { take: 'apart' } as const, 0, true],
  ])('%s', (_name, choice, writes, apart) => {
    const { fingerprint } = makePlan(input()).conflict!;
    const plan = makePlan(input({ decision: { id: 'd', fingerprint, choices: { existence: choice } } }));
    expect(plan.conflict).toBeUndefined();
    expect(plan.writes).toHaveLength(writes);
    expect(plan.settle.apart).toBe(apart);
  });

  test('edited values are for the new record alone; the app keeps its own', () => {
    const { fingerprint } = makePlan(input()).conflict!;
    const choices = { existence: { take: 'edited', content: { name: 'Net 30 (app)' } } } as const;
    const plan = makePlan(input({ decision: { id: 'd', fingerprint, choices } }));
    expect(plan.writes).toMatchObject([
      {
        side: 'books',
        operation: 'create',
        content: { name: 'Net 30 (app)' },
        sources: { naming: { name: 'Net 30' } },
      },
    ]);
  });
});

describe('a circle of references', () => {
  const child: Content = { name: 'Fees', parent: { kind: 'account', id: 'a7' } };

  test('a missing record is waited for', () => {
    const plan = makePlan(inputOf({ kind: 'account', app: view(child) }));
    expect(plan.writes).toEqual([]);
    expect(plan.needs).toMatchObject([{ side: 'books', path: 'parent', required: false, twin: 'account#7' }]);
  });

  test('unless it waits for this one: then the optional reference follows in a second walk', () => {
    const plan = makePlan(inputOf({ kind: 'account', app: view(child) }, { cut: new Set(['account#7']) }));
    expect(plan.writes).toMatchObject([{ operation: 'create', content: { name: 'Fees' } }]);
    expect(plan.writes[0]!.content).not.toHaveProperty('parent');
    expect(plan.writes[0]!.sources.nature).not.toHaveProperty('parent');
    expect(plan.again).toBe(true);
  });

  test('a required reference is never left out', () => {
    const invoice: Content = {
      contact: { kind: 'contact', id: 'a7' },
      issueDate: '2026-02-03',
      lines: [{ amount: '1' }],
    };
    const plan = makePlan(inputOf({ kind: 'invoice', app: view(invoice) }, { cut: new Set(['contact#7']) }));
    expect(plan.writes).toEqual([]);
    expect(plan.needs).toMatchObject([{ path: 'contact', required: true }]);
  });
});

test('what a card has no place for stays in the app, and is no difference', () => {
  const billing = { type: 'billing', city: 'Salem' };
  const shipping = { type: 'shipping', city: 'Portland' };
  const app: Content = { displayName: 'Elm Co', isVendor: true, addresses: [billing, shipping] };
  const books: Content = { displayName: 'Elm Co', addresses: [billing] };
  const base = agreed('contact', app, books);
  const lacks = (path: string): boolean => path === 'addresses.shipping';
  const same = makePlan(inputOf({ kind: 'contact', app: view(app), books: view(books), base: NO_BASE, lacks }));
  expect(same.verdicts.addresses).toBe('both_alike');
  const moved = { ...books, addresses: [{ type: 'billing', city: 'Eugene' }] };
  const plan = makePlan(inputOf({ kind: 'contact', app: view(app), books: view(moved), base, lacks }));
  expect(plan.writes[0]!.content.addresses).toEqual([{ type: 'billing', city: 'Eugene' }, shipping]);
});

test('lines that stay the same line keep the id of the side written to, and what the app cannot say of them', () => {
  const app: Content = {
    contact: { kind: 'contact', id: 'a1' },
    issueDate: '2026-02-03',
    lines: [{ id: 'ax', description: 'Design', amount: '150' }],
  };
  const books: Content = {
    contact: { kind: 'contact', id: 'b1' },
    issueDate: '2026-02-03',
    lines: [{ id: '7', description: 'Design', amount: '150', serviceDate: '2026-02-01' }],
  };
  const base = { ...agreed('invoice', app, books), lines: [{ app: 'ax', books: '7' }] };
  const lines: Content[] = [
    { id: 'an', amount: '5' },
    { id: 'ax', description: 'Redesign', amount: '175' },
  ];
  const edited = { ...app, lines };
  const plan = makePlan(
    inputOf({
      kind: 'invoice',
      app: view(edited),
      books: view(books),
      base,
      carries: (path) => path !== 'lines.serviceDate',
    }),
  );
  expect(plan.writes[0]!.content.lines).toEqual([
    { amount: '5' },
    { id: '7', description: 'Redesign', amount: '175', serviceDate: '2026-02-01' },
  ]);
});

test('an immutable record is replaced whole, with the moving fields over what it shows', () => {
  const app: Content = { contact: { kind: 'contact', id: 'a1' }, date: '2026-02-03', amount: '10' };
  const books: Content = { contact: { kind: 'contact', id: 'b1' }, date: '2026-02-03', amount: '10', memo: 'paid' };
  const base = agreed('payment', app, books);
  const abilities: Record<Side, SideAbility> = {
    app: ABLE,
    books: { ...ABLE, operations: new Set(['create', 'replace', 'delete']) },
  };
  const plan = makePlan(
    inputOf({ kind: 'payment', app: view({ ...app, amount: '12' }), books: view(books), base }, { abilities }),
  );
  expect(plan.writes).toMatchObject([{ operation: 'replace', content: { amount: '12', memo: 'paid' } }]);
});

test('what a side cannot do is said, not tried', () => {
  const app: Content = { displayName: 'Birch Lane', isCustomer: true };
  const base = agreed('contact', app, app);
  const abilities = {
    app: ABLE,
    books: {
      ...ABLE,
      operations: new Set(['create', 'update', 'archive'] as const),
      impossible: { delete: 'names are never deleted, only made inactive' },
    },
  };
  const plan = makePlan(inputOf({ kind: 'contact', app: view(app, 'deleted'), books: view(app), base }, { abilities }));
  expect(plan.writes).toEqual([]);
  expect(plan.holds).toEqual([
    { code: 'cannot', side: 'books', operation: 'delete', reason: 'names are never deleted, only made inactive' },
  ]);
});
