import type { Content, Existence, KindName } from '../../../src/domain/contract/index.js';
import {
  ProviderFailureError,
  type CallDraft,
  type Observation,
  type Operation,
  type ProviderAdapter,
  type ProviderDefinition,
  type ProviderExchange,
  type ProviderFailure,
  type Sighting,
  type Target,
  type Write,
  type WriteAnswer,
} from '../../../src/domain/provider/index.js';
import type { Card } from './card.js';
import { giveConsent } from './consent.js';
import { narrowed, seedOf, shown } from './contents.js';
import { Line } from './line.js';
import { normalOf, type Comparing, type Normal } from './normal.js';
import type { Accountant, CompanyOnTrial, Entry, ProviderTrial, Stand } from './trial.js';
import type { TrialClock } from './trial-clock.js';

export const SEED = Number(process.env.CONTRACT_SEED ?? 20260302);
/** How many contents of each kind are made up for each company. */
export const RUNS = Number(process.env.CONTRACT_RUNS ?? 6);

/** Marks and keys are given once only, whichever bench gives them. */
let given = 0;

/** What became of a write after all of its calls. */
export interface Outcome {
  readonly answer: WriteAnswer;
  /** The calls that carried it, in order. */
  readonly calls: readonly CallDraft[];
}

/** One connected company of the provider on trial, with all that a promise needs to be tested. */
export class Bench {
  private constructor(
    readonly definition: ProviderDefinition,
    readonly stand: Stand,
    readonly company: CompanyOnTrial,
    readonly clock: TrialClock,
    readonly line: Line,
    readonly adapter: ProviderAdapter,
  ) {}

  /** Connects a company by a consent of its own, and learns what it can do. */
  static async open(
    { definition }: ProviderTrial,
    stand: Stand,
    company: CompanyOnTrial,
    clock: TrialClock,
    renews = true,
  ): Promise<Bench> {
    const { tokens } = await giveConsent(definition, stand, company);
    const line = new Line(definition, stand.settings, company.id, tokens, clock, renews);
    const [seen] = await definition.connect(line).observe([{ candidates: ['company'], id: company.id }]);
    if (seen?.found !== 'record') throw new Error(`the company cannot be seen: ${shown(seen)}`);
    const { features, baseCurrency } = seen.sighting.content;
    line.features = (features ?? {}) as Record<string, string>;
    line.baseCurrency = baseCurrency as string | undefined;
    return new Bench(definition, stand, company, clock, line, definition.connect(line));
  }

  get accountant(): Accountant {
    return this.company.accountant;
  }

  carries({ ability }: Card): ReadonlySet<string> {
    return ability.carries(this.line.features);
  }

  normal(card: Card, content: Content, more: Partial<Comparing> = {}): Normal {
    return normalOf(card, content, { carries: this.carries(card), ...more });
  }

  /** Contents that can be made here; none where this company cannot have such a record. */
  async contents(card: Card, count: number, purpose: string): Promise<Content[]> {
    const made = await this.wanted(card, count, purpose);
    return made.map((content) =>
      narrowed(card.kind, content, (narrow) => this.adapter.preflight(this.write(card, 'create', narrow))),
    );
  }

  /** Contents that can be written over these records, one for each. */
  async contentsOver(card: Card, over: readonly Sighting[], purpose: string): Promise<Content[]> {
    const made = await this.wanted(card, over.length, purpose, over);
    return made.map((content, index) =>
      narrowed(card.kind, content, (narrow) => this.adapter.preflight(this.write(card, 'update', narrow, over[index]))),
    );
  }

  /** The same as the trial makes them up, with what the provider is certain to refuse. */
  async wanted(card: Card, count: number, purpose: string, over?: readonly Sighting[]): Promise<readonly Content[]> {
    return this.company.contents({
      kind: card.kind,
      facet: card.facet?.name,
      count,
      seed: seedOf(SEED, card.title, purpose),
      carries: this.carries(card),
      features: this.line.features,
      ...(over && { over }),
    });
  }

  write(
    { kind, facet }: Pick<Card, 'kind' | 'facet'>,
    operation: Operation,
    content: Content,
    target?: Sighting,
  ): Write {
    const number = ++given;
    return {
      intent: `intent-${number}`,
      kind,
      ...(facet && { facet: facet.name }),
      operation,
      ...(target && { target }),
      content,
      marker: `mark-${this.company.id}-${number}`,
      done: [],
    };
  }

  /** Keys as the product makes them. */
  readonly newKey = (): string => {
    const number = String(++given).padStart(12, '0');
    return `${this.company.id.slice(-8).padStart(8, '0')}-0000-4000-8000-${number}`;
  };

  /** Writes as the product does: in as few calls as the adapter drafts, and on until each write is complete. */
  async carryOut(writes: readonly Write[]): Promise<Map<string, Outcome>> {
    const outcomes = new Map<string, Outcome>();
    let pending: readonly Write[] = writes.map((write) => ({ ...write, sentAt: this.line.now().toISOString() }));
    for (let rounds = 0; pending.length > 0; rounds++) {
      if (rounds > 8) throw new Error(`writes that never end: ${shown(pending)}`);
      const next: Write[] = [];
      for (const call of this.adapter.draft(pending, this.newKey)) {
        const carried = call.intents.map((intent) => pending.find((write) => write.intent === intent)!);
        for (const answer of this.adapter.interpret(call, carried, await this.line.send(call.request))) {
          const calls = [...(outcomes.get(answer.intent)?.calls ?? []), call];
          outcomes.set(answer.intent, { answer, calls });
          const write = carried.find(({ intent }) => intent === answer.intent)!;
          if (answer.more) next.push(goingOn(write, answer));
        }
      }
      pending = next;
    }
    return outcomes;
  }

  /** Carries out writes that must succeed; answers what the provider showed of each, in order. */
  async done(writes: readonly Write[]): Promise<(Sighting | undefined)[]> {
    const outcomes = await this.carryOut(writes);
    return writes.map((write) => {
      const answer = outcomes.get(write.intent)?.answer;
      if (answer?.outcome !== 'done') {
        throw new Error(`${write.operation} ${write.kind} fails: ${shown(answer)} ${shown(write)}`);
      }
      return answer.sighting;
    });
  }

  async doneOne(write: Write): Promise<Sighting | undefined> {
    return (await this.done([write]))[0];
  }

  /** Carries out a write that must fail. */
  async failed(write: Write): Promise<ProviderFailure> {
    const answer = (await this.carryOut([write])).get(write.intent)?.answer;
    if (answer?.outcome !== 'failed') throw new Error(`${write.operation} ${write.kind} succeeds: ${shown(answer)}`);
    return answer.failure;
  }

  /** New records, as the provider answered them. */
  async created(card: Card, count: number, purpose: string): Promise<Sighting[]> {
    const contents = await this.contents(card, count, purpose);
    const sightings = await this.done(contents.map((content) => this.write(card, 'create', content)));
    return sightings.map((sighting) => {
      if (!sighting) throw new Error(`a new ${card.title} is not shown`);
      return sighting;
    });
  }

  async createdOne(card: Card, purpose: string): Promise<Sighting> {
    const [sighting] = await this.created(card, 1, purpose);
    if (!sighting) throw new Error(`the trial has no content of ${card.title}`);
    return sighting;
  }

  async look(kind: KindName, ids: readonly string[]): Promise<Observation[]> {
    const targets = ids.map((id): Target => ({ candidates: [kind], id }));
    const observations = await this.adapter.observe(targets);
    return ids.map((id) => observations.find(({ target }) => target.id === id)!);
  }

  async see(kind: KindName, id: string): Promise<Sighting> {
    const [seen] = await this.look(kind, [id]);
    if (seen?.found !== 'record') throw new Error(`${kind} ${id} is not seen: ${shown(seen)}`);
    return seen.sighting;
  }

  async entry(kind: KindName, id: string): Promise<Entry | undefined> {
    return (await this.accountant.all(kind)).find((one) => one.id === id);
  }

  /** Ids of what came to these books while `work` ran. */
  async newIn(kind: KindName, work: () => Promise<unknown>): Promise<string[]> {
    const before = new Set((await this.accountant.all(kind)).map(({ id }) => id));
    await work();
    return (await this.accountant.all(kind)).flatMap(({ id }) => (before.has(id) ? [] : [id]));
  }
}

/** A write as its next call carries it, after one that asked for further calls. */
export const goingOn = (write: Write, answer: WriteAnswer): Write => {
  if (answer.outcome === 'failed') return { ...write, refused: answer.failure };
  if (!answer.sighting) throw new Error(`${write.operation} ${write.kind} goes on from nothing`);
  return { ...write, done: [...write.done, answer.sighting] };
};

/** What a read came to, where it may fail. */
export const failureOf = async (read: () => Promise<unknown>): Promise<ProviderFailure | undefined> => {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (error instanceof ProviderFailureError) return error.failure;
    throw error;
  }
};

/** The outcomes of one call that was sent this once, without going on. */
export const answersOf = (
  bench: Bench,
  call: CallDraft,
  writes: readonly Write[],
  exchange: ProviderExchange,
): readonly WriteAnswer[] =>
  bench.adapter.interpret(
    call,
    call.intents.map((intent) => writes.find((write) => write.intent === intent)!),
    exchange,
  );

export const isEnded = (existence: Existence): boolean => existence === 'deleted' || existence === 'voided';
