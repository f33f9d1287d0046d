import { EMPTY_PLAN, type Plan } from '../../domain/planning/index.js';
import type { ItemPlan, WalkItemView } from '../../modules/sync/index.js';
import { walkItemSays } from './walk-item-says.js';

const item = (more: Partial<WalkItemView>): WalkItemView => ({
  ...{ walk: 'w', twin: 't', look: false, attempts: 0 },
  ...{ seen: undefined, plan: undefined, written: undefined, outcome: undefined },
  ...more,
});

type CarryOut = Extract<ItemPlan, { do: 'carry_out' }>;

const plan = (of: Partial<Plan>, more: Partial<CarryOut> = {}): CarryOut => ({
  ...{ do: 'carry_out', plan: { ...EMPTY_PLAN, ...of }, appVersion: 1, booksVersion: undefined, decision: undefined },
  ...{ findings: [], mark: undefined, refusedBefore: undefined, waits: [], circle: false },
  ...more,
});

const write = { content: {}, policies: {}, paired: [], sources: {} } as const;
const settled = { twin: 't', leave: 'settled', again: undefined, look: false } as const;

test('an item that was not planned yet says so', () => {
  expect(walkItemSays(item({}))).toBe('Its sides are still to be compared.');
});

test('nothing had to move', () => {
  expect(walkItemSays(item({ plan: plan({}), outcome: settled }))).toBe('Nothing had to move. It is settled.');
});

test('what was planned for each side, and that more is to come', () => {
  const writes = [
    { ...write, side: 'books', operation: 'update', groups: ['money', 'text'] },
    { ...write, side: 'app', operation: 'archive', groups: [] },
  ] as const;
  expect(walkItemSays(item({ plan: plan({ writes }), outcome: { ...settled, again: { inMs: 0 } } }))).toBe(
    'The plan: update in the books (money, text). The plan: archive in the app. It is settled, and walked again for the rest.',
  );
});

test('who is asked, what is waited for, and what is held', () => {
  const conflict = { groups: ['money', 'dates'] } as unknown as Plan['conflict'];
  const waits = [{ twin: 'a', side: 'books', path: 'contact' }] as unknown as CarryOut['waits'];
  const holds = [{ code: 'creation_off', side: 'books' }] as const;
  expect(walkItemSays(item({ plan: plan({ conflict: conflict!, holds }, { waits }) }))).toBe(
    'A person is asked about money, dates. It waits for another record. Something is held back.',
  );
  expect(walkItemSays(item({ plan: plan({}, { waits: [...waits, ...waits], circle: true }) }))).toBe(
    'It waits for 2 other records. The records that it waits for wait for it.',
  );
});

test('what the provider would refuse, refuses, and has refused', () => {
  const failure = { is: 'invalid', message: 'Business Validation Error' } as const;
  const findings = [{ path: 'number', rule: 'longest', message: 'is too long' }];
  expect(walkItemSays(item({ plan: plan({}, { findings }) }))).toBe(
    'The provider would certainly refuse the write, so it was not sent.',
  );
  expect(walkItemSays(item({ plan: plan({}, { refusedBefore: failure }) }))).toBe(
    'The provider has refused this very write before, so it was not sent again.',
  );
  const written = { outcome: 'refused', intent: 'i', failure, at: '2026-03-02T09:00:00Z' } as const;
  expect(walkItemSays(item({ plan: plan({}), written, outcome: settled }))).toBe(
    'Nothing had to move. The provider refused the write: Business Validation Error. It is settled.',
  );
});

test('why it left unsettled, with the provider’s words where there are any', () => {
  const release = { why: 'rate_limited', waitMs: 1, look: true } as const;
  const left = (more: object): WalkItemView =>
    item({
      plan: { do: 'release', release },
      outcome: { twin: 't', leave: 'released', release: { ...release, ...more } },
    });
  expect(walkItemSays(left({}))).toBe(
    'It could not be compared now. The provider’s limit is reached; it is walked again when there is room.',
  );
  expect(walkItemSays(left({ message: 'Throttled!' }))).toBe(
    'It could not be compared now. The provider’s limit is reached; it is walked again when there is room. The provider’s words: Throttled!',
  );
});

test('an earlier lost answer comes first', () => {
  expect(walkItemSays(item({ plan: { do: 'recover', intents: ['i'] } }))).toBe(
    'The answer to an earlier write was lost, so what became of it was looked for first.',
  );
});
