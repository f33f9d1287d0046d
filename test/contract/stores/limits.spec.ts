import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { type Limit, type Limits, MemoryLimits, PostgresLimits } from '../../../src/platform/limits/index.js';
import { freshDatabase } from '../../integration/database.js';

interface Form {
  readonly limits: Limits;
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

const FORMS: readonly (readonly [string, () => Promise<Form>])[] = [
  [
    'in memory',
    async () => {
      let now = Date.parse('2026-03-02T09:00:00Z');
      return {
        limits: new MemoryLimits(() => new Date(now)),
        pass: async (ms) => void (now += ms),
        close: async () => undefined,
      };
    },
  ],
  [
    'on PostgreSQL',
    async () => {
      const fresh = await freshDatabase([]);
      return { limits: new PostgresLimits(fresh.database), pass: (ms) => fresh.pass(ms), close: () => fresh.drop() };
    },
  ],
];

const LEASE_MS = 60_000;

describe.each(FORMS)('limits %s', (_name, open) => {
  let form: Form;
  beforeAll(async () => {
    form = await open();
  });
  afterAll(() => form.close());

  /** A key of one's own, so that tests do not share budgets. */
  const rate = (calls: number, perMs: number): Limit => ({ key: randomUUID(), calls, perMs });
  const few = (concurrent: number): Limit => ({ key: randomUUID(), concurrent });
  const take = (limits: readonly Limit[], holder: string = randomUUID()): Promise<number> =>
    form.limits.take(limits, holder, LEASE_MS);

  test('a rate lets its burst through, then says how long to wait, and keeps its word', async () => {
    const limits = [rate(80, 60_000)];
    for (let call = 0; call < 10; call++) expect(await take(limits)).toBe(0);
    const wait = await take(limits);
    expect(wait).toBeGreaterThan(500);
    expect(wait).toBeLessThanOrEqual(858);
    await form.pass(wait);
    expect(await take(limits)).toBe(0);
    expect(await take(limits)).toBeGreaterThan(0);
  });

  test('a call that one of its limits refuses takes nothing from the others', async () => {
    const [wide, narrow] = [rate(8, 3_600_000), rate(1, 3_600_000)];
    expect(await take([wide, narrow])).toBe(0);
    await form.pass(600_000);
    expect(await take([wide, narrow])).toBeGreaterThan(0);
    expect(await take([wide])).toBe(0);
  });

  test('no more calls are under way than there are places, and a place given back is free', async () => {
    const limits = [few(2)];
    const [one, other] = [randomUUID(), randomUUID()];
    expect(await take(limits, one)).toBe(0);
    expect(await take(limits, other)).toBe(0);
    expect(await take(limits)).toBeGreaterThan(0);
    await form.limits.release(one);
    expect(await take(limits)).toBe(0);
    expect(await take(limits)).toBeGreaterThan(0);
  });

  test('the place of a process that died is free when its lease ends', async () => {
    const limits = [few(1)];
    expect(await take(limits)).toBe(0);
    await form.pass(LEASE_MS - 10_000);
    expect(await take(limits)).toBeGreaterThan(0);
    await form.pass(10_001);
    expect(await take(limits)).toBe(0);
  });

  test('a holder whose lease ended gives nobody else’s place back', async () => {
    const limits = [few(1)];
    const late = randomUUID();
    expect(await take(limits, late)).toBe(0);
    await form.pass(LEASE_MS + 1);
    expect(await take(limits)).toBe(0);
    await form.limits.release(late);
    expect(await take(limits)).toBeGreaterThan(0);
  });

  test('a call refused for want of a place has not drawn from its rate', async () => {
    const [place, budget] = [few(1), rate(2, 3_600_000)];
    const holder = randomUUID();
    expect(await take([place], holder)).toBe(0);
    expect(await take([place, budget])).toBeGreaterThan(0);
    await form.limits.release(holder);
    expect(await take([place, budget])).toBe(0);
  });

  test('a smaller number of places holds at once', async () => {
    const key = randomUUID();
    expect(await take([{ key, concurrent: 3 }])).toBe(0);
    expect(await take([{ key, concurrent: 1 }])).toBeGreaterThan(0);
    expect(await take([{ key, concurrent: 3 }])).toBe(0);
  });
});

test('in no span of time do more calls begin than the rate allows', async () => {
  const limitsOf = fc.record({
    calls: fc.integer({ min: 1, max: 60 }),
    perMs: fc.constantFrom(1_000, 10_000, 60_000),
  });
  const pauses = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 50, maxLength: 400 });
  await fc.assert(
    fc.asyncProperty(limitsOf, pauses, async ({ calls, perMs }, gaps) => {
      let now = 0;
      const limits = new MemoryLimits(() => new Date(now));
      const begun: number[] = [];
      for (const gap of gaps) {
        now += gap;
        if ((await limits.take([{ key: 'k', calls, perMs }], 'h', 1)) === 0) begun.push(now);
      }
      begun.forEach((start, index) => {
        const within = begun.slice(index).filter((at) => at < start + perMs).length;
        expect(within).toBeLessThanOrEqual(calls);
      });
    }),
    { numRuns: 200 },
  );
});

test('many processes at once never pass a limit', async () => {
  const fresh = await freshDatabase([], { poolSize: 64 });
  try {
    const limits = new PostgresLimits(fresh.database);
    const [rate, places]: Limit[] = [
      { key: 'rate', calls: 160, perMs: 3_600_000 },
      { key: 'places', concurrent: 5 },
    ];
    let [under, most, begun] = [0, 0, 0];
    await Promise.all(
      Array.from({ length: 60 }, async () => {
        const holder = randomUUID();
        for (let attempt = 0; attempt < 8; attempt++) {
          if ((await limits.take([rate!, places!], holder, LEASE_MS)) > 0) continue;
          begun += 1;
          most = Math.max(most, ++under);
          await new Promise((resolve) => setTimeout(resolve, 2));
          under -= 1;
          await limits.release(holder);
        }
      }),
    );
    expect(most).toBeLessThanOrEqual(5);
    expect(begun).toBe(20);
  } finally {
    await fresh.drop();
  }
});
