import type { KindName } from '../../../domain/contract/index.js';
import type { Side } from '../../../domain/comparison/index.js';
import type { Plan } from '../../../domain/planning/index.js';
import type { ProviderFailure } from '../../../domain/provider/index.js';
import type { DispatchTx, Tx } from '../../../platform/database/index.js';
import type { Cause } from '../../history/index.js';
import type { WaitsUntil } from './wait-store.js';

/** Somebody looking comes before the ordinary flow, and that before imports. */
export const LANES = ['interactive', 'routine', 'bulk'] as const;
export type Lane = (typeof LANES)[number];

/** Makes a twin's work wanted once more (DESIGN: wanted/done). */
export interface Raise {
  readonly twin: string;
  readonly lane: Lane;
  /** Whether the books' side may have changed since we last looked. */
  readonly look: boolean;
  readonly cause: Cause;
  /**
   * Not before this time, for folding our own echoes into one look. One write has one echo: where two raises are put off
   * until the very same time, the second one is somebody's edit and the item is due at once.
   */
  readonly notBefore?: Date;
}

/** One step of a walk. */
export const STEPS = ['observe_app', 'observe_books', 'plan', 'apply', 'settle'] as const;
export type Step = (typeof STEPS)[number];

export const isStep = (name: string): name is Step => (STEPS as readonly string[]).includes(name);

/** Steps of another version are dropped after a deploy and rebuilt from Postgres (ENGINE E6). */
export const GRAPH_VERSION = 1;

export interface OpenedWalk {
  readonly walk: string;
  readonly tenant: string;
  readonly connection: string;
  readonly kind: KindName;
  readonly lane: Lane;
  readonly items: number;
}

/** One attempt at one step: the newest epoch, by which everything that it does to our rows is fenced (ENGINE E1). */
export interface Attempt {
  readonly walk: string;
  readonly step: Step;
  readonly epoch: number;
  readonly tenant: string;
  readonly connection: string;
  readonly kind: KindName;
  readonly lane: Lane;
}

export interface WalkItem {
  readonly twin: string;
  /** The counter as it stood when the walk claimed the item; settling it makes *done* catch up to here. */
  readonly wanted: number;
  readonly look: boolean;
  /** The newest one, also of a raise that came while the walk goes on. */
  readonly cause: Cause;
  /** How often the item has been released in a row without being settled. */
  readonly attempts: number;
  readonly seen: Seen | undefined;
  readonly plan: ItemPlan | undefined;
  readonly written: Written | undefined;
}

/** What observing the two sides brought for one item. */
export interface Seen {
  /** The app record's version; 0 when there is no such record. */
  readonly app?: number;
  /** The books' side could not be read now. */
  readonly failure?: ProviderFailure;
  /** What was read is older than what is known: the provider lags, or a write came in between. */
  readonly overtaken?: boolean;
  /** The notice's kind was a guess; the twin has its true kind now and is walked again under it. */
  readonly otherKind?: boolean;
  /** Ids of books records that carry the natural key of the record to be created. */
  readonly namesakes?: readonly string[];
}

/** What the walk has decided to do with one item. */
export type ItemPlan =
  | {
      readonly do: 'carry_out';
      readonly plan: Plan;
      /** The app record's version that was compared; its writes are compare-and-set on it. */
      readonly appVersion: number;
      /** The same of the books' record: a write to it is made on this version or not at all (ENGINE D6). */
      readonly booksVersion: string | undefined;
      readonly decision: string | undefined;
      /** What the provider is certain to refuse; the books are not written then. */
      readonly findings: readonly Finding[];
      /** Tells the planned write to the books from every other one; for recognising it if it is refused. */
      readonly mark: string | undefined;
      /** The provider refused this very write before, and nothing has happened that could change its mind. */
      readonly refusedBefore: ProviderFailure | undefined;
      /** The twins that stand for what is needed, and those that must end first. */
      readonly waits: readonly PlannedWait[];
      /** What is needed waits, directly or not, for this very record. */
      readonly circle: boolean;
    }
  /** Open intents come first: their outcome is unknown (ENGINE D3, D4). */
  | { readonly do: 'recover'; readonly intents: readonly string[] }
  | { readonly do: 'release'; readonly release: Release };

export interface Finding {
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}

export interface PlannedWait {
  readonly twin: string;
  readonly side: Side;
  readonly until: WaitsUntil;
  readonly path: string;
}

/** What came of an item's write to the books, beyond what its intent says. */
export type Written =
  /** `again` when the record was seen to differ right after the write: somebody edited it in between. */
  | { readonly outcome: 'confirmed'; readonly intent: string; readonly again: boolean }
  | {
      readonly outcome: 'refused';
      readonly intent: string;
      readonly failure: ProviderFailure;
      /** When the refused write was sent. */
      readonly at: string;
      /** What the write had ended before it was refused. */
      readonly ended?: EndedByWrite;
    }
  | { readonly outcome: 'recovered'; readonly intents: readonly string[] }
  | { readonly outcome: 'release'; readonly release: Release };

/** A record that a write has ended, to put another one in its place that was refused. */
export interface EndedByWrite {
  readonly id: string;
  /** It is there again under this id, and this is the mark of the refused write over it; absent where it is gone. */
  readonly madeAgain?: { readonly id: string; readonly mark: string };
}

/** The item is not settled now: why, and when it may be walked again. */
export interface Release {
  readonly why:
    | 'rate_limited'
    | 'unavailable'
    | 'access_revoked'
    | 'suspended'
    | 'stale'
    | 'lost_answer'
    | 'create_in_flight'
    | 'overtaken'
    | 'other_kind'
    | 'unreadable'
    | 'superseded';
  readonly waitMs: number;
  /** Look at the books again then. */
  readonly look: boolean;
  readonly message?: string;
  /** Nothing but a person's word can help: opens a conflict for this reason. */
  readonly asks?: { readonly reason: 'outcome_unknown'; readonly candidates: readonly string[] };
}

/** How an item leaves its walk. */
export type ItemOutcome =
  /** `again`: more remains to be done, no sooner than in so many milliseconds. */
  | {
      readonly twin: string;
      readonly leave: 'settled';
      readonly again: { readonly inMs: number } | undefined;
      readonly look: boolean;
    }
  | { readonly twin: string; readonly leave: 'released'; readonly release: Release };

/** For how long a walk is held without a sign of life (ENGINE E1). */
export const LEASE_MS = 30_000;
/** For how long a worker counts after its last sign of life. */
export const PRESENCE_MS = 20_000;
/** Items of one walk at most, unless fewer are asked for. */
export const BATCH = 50;

/**
 * What leaving means for the work item: whether *done* catches up, and when it may be walked again. An item that is
 * settled for good says nothing about that: if it was raised meanwhile, the raise has.
 */
export const leavingOf = (outcome: ItemOutcome, now: Date): Leaving =>
  outcome.leave === 'settled'
    ? {
        settled: true,
        again: outcome.again !== undefined,
        look: outcome.look,
        notBefore: outcome.again && new Date(now.getTime() + outcome.again.inMs),
      }
    : {
        settled: false,
        again: false,
        look: outcome.release.look,
        notBefore: new Date(now.getTime() + outcome.release.waitMs),
      };

interface Leaving {
  readonly settled: boolean;
  readonly again: boolean;
  readonly look: boolean;
  readonly notBefore: Date | undefined;
}

/** A newer attempt, or the sweeper, has taken the walk over: this one stops at once. */
export class Superseded extends Error {
  constructor(attempt: Pick<Attempt, 'walk' | 'step' | 'epoch'>) {
    super(`walk ${attempt.walk}: attempt ${attempt.epoch} at ${attempt.step} is superseded`);
    this.name = 'Superseded';
  }
}

/** The work list: which twins are wanted, and the walks that hold them. */
export abstract class WorkStore {
  /**
   * Many raises of a twin are one item: its most urgent lane, its earliest time, its newest cause. One that was done
   * begins anew. Twins that have vanished raise nothing.
   */
  abstract raise(tx: Tx, raises: readonly Raise[]): Promise<void>;
  /**
   * Opens walks over due items, each of one connection, kind and lane, longest due first; no more than `room` walks, of
   * no more than `batch` items.
   * Lanes come in order, whosever they are. Within a lane it is fair between tenants: each tenant's most urgent group
   * comes before any tenant's second, and of equals the connection that was served longest ago.
   */
  abstract open(tx: DispatchTx, room: number, newId: () => string, batch?: number): Promise<OpenedWalk[]>;
  /** How many more walks may be opened: twice the places of all workers that gave a sign of life, less those open. */
  abstract room(tx: DispatchTx): Promise<number>;
  /** A worker's sign of life, with its places. */
  abstract present(tx: DispatchTx, worker: string, places: number): Promise<void>;
  /**
   * A new attempt at a step; undefined when the walk is over, of another graph or tenant, or past that step. Until the
   * transaction ends the walk is neither swept nor taken over.
   */
  abstract begin(tx: DispatchTx | Tx, walk: string, step: Step): Promise<Attempt | undefined>;
  /** Extends the lease while a step works; false when the attempt is superseded. */
  abstract extend(tx: DispatchTx, attempt: Attempt): Promise<boolean>;
  /** Locks the walk for this attempt: until the transaction ends it is neither swept nor taken over. Throws Superseded. */
  abstract fence(tx: Tx, attempt: Attempt): Promise<void>;
  /** The walk's items, in the order in which they were due. */
  abstract items(tx: Tx, walk: string): Promise<WalkItem[]>;
  /** Adds to what was seen of each item before. */
  abstract saveSeen(tx: Tx, walk: string, seen: readonly (Seen & { readonly twin: string })[]): Promise<void>;
  abstract savePlans(
    tx: Tx,
    walk: string,
    plans: readonly { readonly twin: string; readonly plan: ItemPlan }[],
  ): Promise<void>;
  abstract saveWritten(
    tx: Tx,
    walk: string,
    written: readonly { readonly twin: string; readonly written: Written }[],
  ): Promise<void>;
  /** Notes what a step did (calls, times) for people to read, and that it is done. */
  abstract finishStep(tx: Tx, attempt: Attempt, note: StepNote): Promise<void>;
  /** Items leave; the walk is over. */
  abstract close(tx: Tx, attempt: Attempt, outcomes: readonly ItemOutcome[]): Promise<void>;
  /** Drops walks whose lease ran out and frees their items, with the look they were to get; returns how many. */
  abstract sweep(tx: DispatchTx): Promise<number>;
  /** Moves the work that is wanted of a twin that vanished into its survivor to that survivor, its look included. */
  abstract absorb(tx: Tx, gone: string, survivor: string): Promise<void>;
}

/** For `walk` in the API: what a step did. */
export interface StepNote {
  readonly calls: readonly CallNote[];
}

export interface CallNote {
  readonly label: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly ms: number;
}
