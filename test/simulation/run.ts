import { createHash } from 'node:crypto';
import type { KindName } from '../../src/domain/contract/index.js';
import { People } from './history-of-edits.js';
import { judge } from './judge.js';
import type { Traits } from './model-books.js';
import { Seeded } from './seeded.js';
import { type Faults, NO_FAULTS, TENANT, World } from './world.js';

export interface Outcome {
  readonly seed: number;
  readonly complaints: readonly string[];
  /** Equal for equal runs: the order in which everything happened, and how both sides ended. */
  readonly digest: string;
  readonly steps: number;
  readonly world: World;
}

const WORKERS = ['worker-1', 'worker-2', 'worker-3'] as const;

/** What most of a history is about. */
export interface Focus {
  /** The provider replaces payments by two calls, the SaaS mostly changes payments, and much goes wrong. */
  readonly replacements: boolean;
}

const ACTIONS = 60;

/** One whole history from a seed: a provider with some habits, people on both sides, faults, then quiet, then judgement. */
export const runHistory = async (seed: number, focus: Focus = { replacements: false }): Promise<Outcome> => {
  const choices = new Seeded(seed ^ 0x5eed);
  const traits = traitsOf(choices);
  const world = new World(seed, focus.replacements ? { ...traits, replaces: ['payment'] } : traits);
  const people = new People(world);
  const trouble = focus.replacements ? muchTroubleOf(choices) : troubleOf(choices);
  if (focus.replacements) await settlePayments(world, people);
  world.faults = trouble.faults;
  if (choices.chance(0.4)) await setPolicies(world, choices);

  for (let action = 0; action < ACTIONS; action++) {
    if (focus.replacements && world.random.chance(0.5)) people.saasPays();
    else act(world, people, trouble);
    turnTheWheels(world);
    for (let steps = world.random.below(40); steps > 0 && (await world.scheduler.step()); steps--);
  }
  world.faults = NO_FAULTS;
  const complaints = [...(await comeToRest(world)), ...(await judge(world, people)), ...(await staysAtRest(world))];
  const digest = createHash('sha256')
    .update(JSON.stringify([world.scheduler.trace, world.books.all(), world.records.all()]))
    .digest('hex');
  return { seed, complaints, digest, steps: world.scheduler.trace.length, world };
};

interface Trouble {
  readonly faults: Faults;
  readonly drop: number;
  readonly kill: number;
  readonly forget: number;
}

const traitsOf = (choices: Seeded): Traits => {
  const guardsVersions = choices.chance(0.7);
  const lagMs = choices.chance(0.3) ? 800 : 0;
  return {
    guardsVersions,
    keyWindowMs: choices.chance(0.6) ? 60_000 : undefined,
    traceable: choices.chance(0.8),
    replaces: choices.chance(0.3) ? (['payment'] as KindName[]) : [],
    lagMs,
    ordered: lagMs > 0 || choices.chance(0.5),
    namesVersions: choices.chance(0.4),
    keepsNamed: choices.chance(0.6),
  };
};

const troubleOf = (choices: Seeded): Trouble => {
  const often = choices.chance(0.25) ? 0 : 0.08 * choices.next();
  return {
    faults: {
      refusedConnection: often,
      lostBeforeCommit: often,
      lostAfterCommit: often,
      error500AfterCommit: often / 2,
      tooMany: often / 2,
      maintenance: often / 2,
    },
    drop: choices.chance(0.5) ? 0.2 : 0,
    kill: choices.chance(0.6) ? 0.08 : 0,
    forget: choices.chance(0.3) ? 0.03 : 0,
  };
};

const muchTroubleOf = (choices: Seeded): Trouble => {
  const { faults, ...trouble } = troubleOf(choices);
  const often = 0.2 * choices.next();
  return { ...trouble, faults: { ...faults, lostBeforeCommit: often, lostAfterCommit: often, tooMany: often / 2 } };
};

/** Some payments stand on both sides before anything goes wrong. */
const settlePayments = async (world: World, people: People): Promise<void> => {
  for (const kind of ['contact', 'invoice', 'payment', 'payment'] as const) {
    people.saasEnters(kind);
    for (let round = 0; round < 5; round++) {
      await workAway(world);
      world.pass(1_000);
    }
  }
};

const setPolicies = async (world: World, choices: Seeded): Promise<void> =>
  world.database.inTenant(TENANT, async (tx) => {
    for (const kind of ['contact', 'invoice', 'payment'] as const) {
      const rule = choices.pick(['app_wins', 'books_wins', 'review'] as const);
      await world.conflicts.setPolicy(tx, { kind, rule }, 'finance:ana');
      if (choices.chance(0.3)) await world.conflicts.setGranularity(tx, kind, 'record', 'finance:ana');
    }
  });

const act = (world: World, people: People, trouble: Trouble): void => {
  const { random } = world;
  if (random.chance(trouble.kill)) world.kill(random.pick(WORKERS));
  if (random.chance(trouble.forget)) world.forgetQueue();
  const dice = random.below(100);
  if (dice < 22) people.saasEdits();
  else if (dice < 42) people.accountantEdits();
  else if (dice < 45) people.saasDeletes();
  else if (dice < 47) people.saasClosesAccount();
  else if (dice < 49) people.accountantEnds();
  else if (dice < 54) people.reviewerDecides();
  else if (dice < 66) world.deliver('webhooks', trouble.drop);
  else world.pass(random.below(4) === 0 ? random.below(40_000) : random.below(2_000));
};

const turnTheWheels = (world: World): void => {
  world.startWalks('starter');
  world.sweep('sweeper');
  for (const worker of WORKERS) world.workOn(worker);
};

/** Workers take one job after another until none is due. */
const workAway = async (world: World): Promise<void> => {
  turnTheWheels(world);
  while (await world.scheduler.step()) for (const worker of WORKERS) world.workOn(worker);
};

const ROUNDS = 200;

/** Time passes without trouble until nothing is left to do. */
const comeToRest = async (world: World): Promise<string[]> => {
  for (let round = 0; round < ROUNDS; round++) {
    world.deliver('webhooks', 0);
    // Lost webhooks are healed by the sweep over the provider's changes.
    if (round === 5) world.pollEverything('poller');
    await workAway(world);
    const quiet = !world.hasJobs && world.work.unfinished().length === 0;
    if (round > 8 && quiet && world.books.outbox.length === world.delivered) return [];
    world.pass(round % 10 === 9 ? 301_000 : 5_000);
  }
  return [`not at rest after ${ROUNDS} rounds`];
};

/** Once at rest, nothing moves by itself any more: no ping-pong. */
const staysAtRest = async (world: World): Promise<string[]> => {
  const written = (): number => world.books.served.filter((what) => what.startsWith('write')).length;
  const versions = (): number => world.records.all().reduce((sum, { version }) => sum + version, 0);
  const before = [written(), versions()];
  world.pollEverything('poller');
  for (let round = 0; round < 20; round++) {
    await workAway(world);
    world.pass(30_000);
  }
  const after = [written(), versions()];
  return before[0] === after[0] && before[1] === after[1]
    ? []
    : [`something still moves by itself: writes and versions went from ${before.join('/')} to ${after.join('/')}`];
};
