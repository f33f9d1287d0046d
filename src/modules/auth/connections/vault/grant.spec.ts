import { coolDownMs, endOf, type Grant, LEASE_MS, type Need, stepFor } from './grant.js';

const NOW = new Date('2026-03-02T09:00:00Z');
const MINUTE = 60_000;
const at = (ms: number): Date => new Date(NOW.getTime() + ms);

const grant = (more: Partial<Grant> = {}): Grant => ({
  id: 'grant-1',
  tenant: 'tenant-1',
  provider: 'stub',
  epoch: 5,
  state: 'ok',
  accessSealed: Buffer.of(1),
  refreshSealed: Buffer.of(2),
  previousRefreshSealed: undefined,
  keyVersion: 1,
  accessExpiresAt: at(50 * MINUTE),
  refreshExpiresAt: undefined,
  endsAt: undefined,
  warnedDays: undefined,
  attempt: undefined,
  attemptStartedAt: undefined,
  leaseUntil: undefined,
  uncertainSince: undefined,
  lateTries: 0,
  notBefore: undefined,
  refreshedAt: at(-10 * MINUTE),
  failure: undefined,
  failures: 0,
  ...more,
});
const step = (more: Partial<Grant>, need: Partial<Need> = {}) =>
  stepFor(grant(more), { now: NOW, notOlderThan: 0, lostRefreshRetryMs: 30 * MINUTE, ...need });

const refreshing = { state: 'refreshing', attempt: 'a', attemptStartedAt: at(-MINUTE) } as const;
const dying = { accessExpiresAt: at(2 * MINUTE) };
const dead = { accessExpiresAt: at(-1) };

test.each<[string, Partial<Grant>, Partial<Need>, unknown]>([
  ['a token with life left is used', {}, {}, { do: 'use' }],
  ['one that is about to die is refreshed', dying, {}, { do: 'refresh', late: false }],
  [
    'one that never lives longer than the margin is used for half of its life',
    { refreshedAt: at(-MINUTE), accessExpiresAt: at(2 * MINUTE) },
    {},
    { do: 'use' },
  ],
  ['one that the provider refused is refreshed', {}, { notOlderThan: 6 }, { do: 'refresh', late: false }],
  ['a newer one than the refused one is used', {}, { notOlderThan: 5 }, { do: 'use' }],
  [
    'while somebody refreshes it, a token that still lives goes on being used',
    { ...refreshing, ...dying, leaseUntil: at(1_000) },
    {},
    { do: 'use' },
  ],
  [
    'while somebody refreshes it, a dead one is waited for',
    { ...refreshing, ...dead, leaseUntil: at(1_000) },
    {},
    { do: 'wait' },
  ],
  [
    'while somebody refreshes it, whoever was refused waits',
    { ...refreshing, leaseUntil: at(1_000) },
    { notOlderThan: 6 },
    { do: 'wait' },
  ],
  [
    'an attempt whose lease ran out is taken up again within the provider’s promise',
    { ...refreshing, ...dead, leaseUntil: at(-1) },
    {},
    { do: 'refresh', late: false },
  ],
  [
    'and once after it',
    { ...refreshing, ...dead, attemptStartedAt: at(-31 * MINUTE), leaseUntil: at(-30 * MINUTE) },
    {},
    { do: 'refresh', late: true },
  ],
  [
    'and then no more',
    { state: 'uncertain', ...dead, uncertainSince: at(-31 * MINUTE), lateTries: 1 },
    {},
    { do: 'give_up' },
  ],
  [
    'what is uncertain does not spoil an access token that lives',
    { state: 'uncertain', uncertainSince: at(-31 * MINUTE), lateTries: 1 },
    {},
    { do: 'use' },
  ],
  [
    'after a failure it is waited, and the dying token used meanwhile',
    { ...dying, notBefore: at(5_000) },
    {},
    { do: 'use' },
  ],
  [
    'after a failure it is waited, without a token in vain',
    { ...dead, notBefore: at(5_000) },
    {},
    { do: 'refuse', is: 'unavailable', waitMs: 5_000 },
  ],
  [
    'a paused consent is not dead',
    { ...dead, state: 'paused', notBefore: at(5_000) },
    {},
    { do: 'refuse', is: 'suspended', waitMs: 5_000 },
  ],
  [
    'after the pause it is asked again',
    { ...dead, state: 'paused', notBefore: at(-1) },
    {},
    { do: 'refresh', late: false },
  ],
  ['a dead consent stays dead', { state: 'dead' }, {}, { do: 'refuse', is: 'access_revoked' }],
  ['one that is being ended gives no tokens', { state: 'ending' }, {}, { do: 'refuse', is: 'access_revoked' }],
  ['one that was ended gives no tokens', { state: 'ended' }, {}, { do: 'refuse', is: 'access_revoked' }],
  [
    'without a refresh token the access token is used to its end',
    { ...dying, refreshSealed: undefined },
    {},
    { do: 'use' },
  ],
  [
    'and then only a person can help',
    { ...dead, refreshSealed: undefined },
    {},
    { do: 'refuse', is: 'access_revoked' },
  ],
])('%s', (_name, more, need, expected) => {
  expect(step(more, need)).toEqual(expected);
});

test('cool-downs grow and stay below a quarter of an hour', () => {
  expect([1, 2, 3, 8, 9, 500].map(coolDownMs)).toEqual([5_000, 10_000, 20_000, 640_000, 900_000, 900_000]);
});

test('a consent ends when the first of its ends comes', () => {
  const [soon, late] = [at(1), at(2)];
  expect(endOf({ endsAt: soon, refreshExpiresAt: late })).toBe(soon);
  expect(endOf({ endsAt: late, refreshExpiresAt: soon })).toBe(soon);
  expect(endOf({ endsAt: undefined, refreshExpiresAt: soon })).toBe(soon);
  expect(endOf({ endsAt: soon, refreshExpiresAt: undefined })).toBe(soon);
  expect(endOf({ endsAt: undefined, refreshExpiresAt: undefined })).toBeUndefined();
});

test('an attempt’s lease outlives the deadline of its call', () => {
  expect(LEASE_MS).toBeGreaterThanOrEqual(2 * 15_000);
});
