import fc from 'fast-check';
import {
  compare,
  imageOf,
  otherSide,
  readingOf,
  type Side,
  SIDES,
  type Verdict,
} from '../../src/domain/comparison/index.js';
import { EXISTENCE_GROUP, policyBook, type Rule } from '../../src/domain/conflict/index.js';
import {
  type Content,
  groupNames,
  KIND_NAMES,
  type KindName,
  KINDS,
  normalGroup,
  sameNormal,
} from '../../src/domain/contract/index.js';
import { makePlan, type Plan, type PlanInput, type SideAbility } from '../../src/domain/planning/index.js';
import { OPERATIONS } from '../../src/domain/provider/index.js';
import { contentOf } from '../builders/content.js';
import { agreeing, carriedOut, type Edit, edited, meetingOf, mirrored, type Sides } from './sides.js';

/**
 * The planner alone, on worlds made by perturbing one base twice. PLANNER_CASES sets how many pairs of edits are planned
 * over all properties; a failure prints fast-check's seed and path, and FC_SEED with FC_PATH replays it.
 */
const CASES = Number(process.env.PLANNER_CASES ?? 200_000);
const PAIRS = 40;
const kinds = KIND_NAMES.filter((kind) => KINDS[kind].nature !== 'company');

interface World {
  readonly kind: KindName;
  readonly contents: readonly Content[];
  readonly salt: number;
}

const worlds = fc.constantFrom(...kinds).chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    contents: fc.array(contentOf(kind), { minLength: 4, maxLength: 4 }),
    salt: fc.nat(),
  }),
);

/** Small choices that follow from the world's salt, so that one shrinks with the other. */
const chooser = (salt: number): ((below: number) => number) => {
  let state = salt >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return (state >>> 8) % below;
  };
};

const editOf = ({ kind, contents }: World, choose: (below: number) => number, existences: boolean): Edit => {
  const groups = groupNames(kind).filter(() => choose(4) === 0);
  const existence =
    existences && choose(5) === 0 ? (['archived', 'voided', 'deleted'] as const)[choose(3)]! : undefined;
  return { groups, from: contents[1 + choose(contents.length - 1)]!, ...(existence && { existence }) };
};

interface Case {
  readonly base: Sides;
  readonly sides: Sides;
}

/** Plans so many pairs of edits over so many worlds that CASES of them are shared out over the properties. */
const forAll = (
  share: number,
  check: (one: Case, choose: (below: number) => number) => void,
  existences = true,
): void => {
  const { FC_SEED, FC_PATH } = process.env;
  fc.assert(
    fc.property(worlds, (world) => {
      const choose = chooser(world.salt);
      const base = agreeing(world.kind, world.contents[0]!);
      for (let pair = 0; pair < PAIRS; pair++) {
        const ours = edited(base, 'app', editOf(world, choose, existences));
        check({ base, sides: edited(ours, 'books', editOf(world, choose, existences)) }, choose);
      }
    }),
    {
      numRuns: Math.ceil((CASES * share) / PAIRS),
      ...(FC_SEED && { seed: Number(FC_SEED) }),
      ...(FC_PATH && { path: FC_PATH }),
    },
  );
};

const EVERYTHING: SideAbility = {
  operations: new Set(OPERATIONS),
  revives: new Set(['voided', 'deleted', 'merged']),
  impossible: {},
};

const inputOf = (sides: Sides, rule: Rule, more: Partial<PlanInput> = {}): PlanInput => ({
  meeting: meetingOf(sides),
  policies: policyBook([{ kind: sides.kind, rule }], {}),
  decision: undefined,
  abilities: { app: EVERYTHING, books: EVERYTHING },
  permissions: { app: {}, books: {} },
  namesakes: { app: [], books: [] },
  cut: new Set(),
  ...more,
});

const planFor = (sides: Sides, rule: Rule, more: Partial<PlanInput> = {}): Plan => makePlan(inputOf(sides, rule, more));

const normal = (sides: Sides, side: Side, group: string, content = sides[side].content) =>
  normalGroup(sides.kind, group, content, readingOf(meetingOf(sides), side));

const changed = ({ base, sides }: Case, side: Side, group: string): boolean =>
  !sameNormal(normal(sides, side, group), normal(sides, side, group, base[side].content));

const ENDED = new Set(['voided', 'deleted', 'merged']);
const ended = ({ app, books }: Sides): boolean => ENDED.has(app.existence) || ENDED.has(books.existence);

/** Carries plans out until none writes any more; at most two rounds are ever needed. */
const settled = (sides: Sides, rule: Rule, more: Partial<PlanInput> = {}): { sides: Sides; rounds: number } => {
  let now = sides;
  for (let rounds = 0; rounds < 5; rounds++) {
    const plan = planFor(now, rule, more);
    now = carriedOut(now, plan);
    if (plan.writes.length === 0 && !plan.again) return { sides: now, rounds };
  }
  throw new Error('the planner does not come to rest');
};

test('P1 it converges: under a policy both sides end equal, group by group', () => {
  forAll(0.25, ({ sides }, choose) => {
    const rule = (['app_wins', 'books_wins'] as const)[choose(2)]!;
    const { sides: end, rounds } = settled(sides, rule);
    expect(rounds).toBeLessThanOrEqual(2);
    const { existence, groups } = compare(meetingOf(end), 'group');
    expect([existence, ...Object.values(groups)].every((verdict: Verdict) => verdict === 'same')).toBe(true);
    if (ended(end)) return;
    expect(end.app.existence).toBe(end.books.existence);
    for (const group of groupNames(end.kind)) expect(normal(end, 'books', group)).toEqual(normal(end, 'app', group));
  });
});

test('P2 a second plan is empty', () => {
  forAll(0.1, ({ sides }, choose) => {
    const rule = (['app_wins', 'books_wins', 'review'] as const)[choose(3)]!;
    const { sides: end } = settled(sides, rule);
    const plan = planFor(end, rule);
    expect(plan.writes).toEqual([]);
    expect(plan.settle.groups).toEqual({});
    expect(plan.again).toBe(false);
  });
});

test('P3 no one-sided edit is lost, whatever the policy', () => {
  forAll(
    0.15,
    (one, choose) => {
      const rule = (['app_wins', 'books_wins', 'review'] as const)[choose(3)]!;
      const { sides: end } = settled(one.sides, rule);
      for (const group of groupNames(end.kind)) {
        for (const side of SIDES) {
          if (!changed(one, side, group) || changed(one, otherSide(side), group)) continue;
          expect(normal(end, otherSide(side), group)).toEqual(normal(one.sides, side, group));
        }
      }
    },
    false,
  );
});

test('P4 swapping the sides, with the policy mirrored, mirrors the plan', () => {
  forAll(0.15, ({ sides }, choose) => {
    const [rule, opposite] = (
      [
        ['app_wins', 'books_wins'],
        ['books_wins', 'app_wins'],
        ['review', 'review'],
      ] as const
    )[choose(3)]!;
    const plan = planFor(sides, rule);
    const mirror = planFor(mirrored(sides), opposite);
    const shape = ({ writes, conflict, again }: Plan, flip: boolean): unknown => ({
      again,
      conflict: conflict?.groups,
      writes: writes
        .map(({ side, operation, groups }) => ({
          side: flip ? otherSide(side) : side,
          operation: kindOf(operation),
          groups,
        }))
        .sort((a, b) => (a.side < b.side ? -1 : 1)),
    });
    expect(shape(mirror, true)).toEqual(shape(plan, false));
  });
});

/** What is brought back is restored in the app and created anew in the books: one thing, said for each side. */
const kindOf = (operation: string): string =>
  operation === 'restore' || operation === 'create' ? 'bring back' : operation;

test('P5 no clash is decided without a policy: it stands before a person, and neither side is touched in it', () => {
  forAll(0.15, (one) => {
    const { sides } = one;
    const plan = planFor(sides, 'review');
    const clashes = Object.entries(plan.verdicts).flatMap(([group, verdict]) => (verdict === 'clash' ? [group] : []));
    expect([...(plan.conflict?.groups ?? [])].sort()).toEqual(clashes.sort());
    for (const { groups, existence } of plan.writes) {
      expect(groups.filter((group) => clashes.includes(group))).toEqual([]);
      expect(clashes.includes(EXISTENCE_GROUP) && existence !== undefined).toBe(false);
    }
    for (const group of Object.keys(plan.settle.groups)) expect(clashes).not.toContain(group);
    if (ended(sides)) return;
    for (const group of groupNames(sides.kind)) {
      const both = SIDES.every((side) => changed(one, side, group));
      const differ = !sameNormal(normal(sides, 'app', group), normal(sides, 'books', group));
      expect(clashes.includes(group)).toBe(both && differ);
    }
  });
});

test('P6 an answer is carried out once, exactly as given, and the difference never returns', () => {
  forAll(0.1, ({ sides }, choose) => {
    const { conflict } = planFor(sides, 'review');
    if (!conflict) return;
    const take = (['app', 'books', 'apart'] as const)[choose(3)]!;
    const choices = Object.fromEntries(conflict.groups.map((group) => [group, { take }]));
    const decision = { id: 'd', fingerprint: conflict.fingerprint, choices };
    const { sides: end } = settled(sides, 'review', { decision });
    expect(planFor(end, 'review').conflict).toBeUndefined();
    if (take === 'apart' || ended(sides)) return;
    for (const group of conflict.groups.filter((name) => name !== EXISTENCE_GROUP)) {
      expect(normal(end, otherSide(take), group)).toEqual(normal(sides, take, group));
    }
  });
});

test('P7 an answer to another clash than the present one says nothing', () => {
  forAll(0.02, ({ sides }) => {
    const plan = planFor(sides, 'review');
    if (!plan.conflict) return;
    const choices = Object.fromEntries(plan.conflict.groups.map((group) => [group, { take: 'app' as const }]));
    const decision = { id: 'd', fingerprint: 'of yesterday', choices };
    expect(planFor(sides, 'review', { decision })).toEqual(plan);
  });
});

test('P8 a draft that the books cannot hold is never posted, and the reason is said', () => {
  forAll(0.04, ({ base, sides }, choose) => {
    if (!('state' in KINDS[sides.kind].groups)) return;
    const app = { ...sides.app, content: { ...sides.app.content, state: 'draft' } };
    const abilities = { app: EVERYTHING, books: { ...EVERYTHING, states: new Set(['open']) } };
    const born = choose(2) === 0;
    const drafted = born ? { ...base, app, books: undefined, base: { groups: {}, lines: [] } } : { ...sides, app };
    const plan = makePlan({
      ...inputOf(sides, 'app_wins', { abilities }),
      meeting: meetingOf(drafted as unknown as Sides),
    });
    const posted = plan.writes.filter(({ side, groups }) => side === 'books' && groups.length > 0);
    expect(posted).toEqual([]);
    if (born && app.existence === 'present')
      expect(plan.holds).toEqual([{ code: 'state_not_held', side: 'books', state: 'draft' }]);
  });
});

test('P9 a push on an old version never overwrites: without a policy it waits, with one it is taken whole or not at all', () => {
  forAll(
    0.04,
    (one, choose) => {
      const { base, sides } = one;
      // What the books changed has reached the app already; the push was made before.
      const group = groupNames(sides.kind)[choose(groupNames(sides.kind).length)]!;
      const pushed = imageOf(sides.kind, group, sides.app.content);
      const arrived = settled({ ...sides, app: base.app }, 'review').sides;
      if (sameNormal(normal(arrived, 'app', group), normal(arrived, 'app', group, pushed))) return;
      const pending = { [group]: { pushed, ancestor: imageOf(sides.kind, group, base.app.content) } };
      const meeting = meetingOf(arrived, { pending });

      const asked = makePlan({ ...inputOf(arrived, 'review'), meeting });
      expect(asked.conflict?.reason).toBe('push_on_old_version');
      expect(asked.writes).toEqual([]);
      expect(asked.pushesAnswered).toEqual([]);

      const taken = makePlan({ ...inputOf(arrived, 'app_wins'), meeting });
      expect(taken.writes.map(({ side }) => side).sort()).toEqual(['app', 'books']);
      expect(taken.writes.every(({ paired }) => paired.includes(group))).toBe(true);
      const dropped = makePlan({ ...inputOf(arrived, 'books_wins'), meeting });
      expect(dropped.writes).toEqual([]);
      expect(dropped.pushesAnswered).toEqual([group]);
    },
    false,
  );
});

test('P10 what one side cannot hold survives there, and no reference is written before its record is there', () => {
  forAll(
    0.05,
    ({ sides }) => {
      const carries = (path: string): boolean =>
        path !== 'memo' && !path.startsWith('lines.description') && path !== 'lines.tracking';
      const plan = makePlan({ ...inputOf(sides, 'books_wins'), meeting: meetingOf(sides, { carries }) });
      for (const { side, content } of plan.writes) {
        expect('memo' in content).toBe(false);
        const before = new Map(((sides[side].content.lines ?? []) as Content[]).map((line) => [line.id, line]));
        for (const line of (content.lines ?? []) as Content[]) {
          const kept = before.get(line.id ?? '');
          expect(line.description).toEqual(kept?.description);
        }
      }
      const alone = { twinOf: () => undefined, refAt: () => undefined };
      const waiting = makePlan({ ...inputOf(sides, 'books_wins'), meeting: meetingOf(sides, { refs: alone }) });
      for (const write of waiting.writes) {
        expect(JSON.stringify(write.content)).not.toMatch(/"kind":"/);
      }
    },
    false,
  );
});
