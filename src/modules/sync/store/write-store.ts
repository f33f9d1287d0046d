import type { Content, Existence, KindName } from '../../../domain/contract/index.js';
import type { PlannedWrite } from '../../../domain/planning/index.js';
import type { CallDraft, ProviderFailure, Sighting } from '../../../domain/provider/index.js';
import type { Tx } from '../../../platform/database/index.js';
import type { CallNote } from './work-store.js';

/**
 * `planned` is a write that no call carries yet (between the calls of a write of several). `in_flight` is committed
 * before the call; `uncertain` is an answer that never came. The other three are final.
 */
export const INTENT_STATES = ['planned', 'in_flight', 'uncertain', 'confirmed', 'refused', 'void'] as const;
export type IntentState = (typeof INTENT_STATES)[number];

export const OPEN_STATES = ['planned', 'in_flight', 'uncertain'] as const satisfies readonly IntentState[];

export const isOpen = (state: IntentState): boolean => (OPEN_STATES as readonly IntentState[]).includes(state);

/** A durable write-ahead record of one external write (ENGINE D). */
export interface Intent {
  readonly id: string;
  readonly connection: string;
  readonly twin: string;
  /** The walk that planned it. */
  readonly walk: string;
  readonly kind: KindName;
  readonly facet: string;
  readonly write: PlannedWrite;
  /** The books' record as it was when the write was planned. */
  readonly target: IntentTarget | undefined;
  readonly marker: string;
  readonly decision: string | undefined;
  readonly state: IntentState;
  readonly createdAt: Date;
  readonly sentAt: Date | undefined;
  /** What the calls so far answered. */
  readonly done: readonly Sighting[];
  /** The record after the write; of a refused one, what was made again. */
  readonly answer: IntentAnswer | undefined;
  /** The last one; but a refusal after which earlier calls are undone stays until they are. */
  readonly failure: ProviderFailure | undefined;
  /** How often its trace was looked for, and since when it seems absent. */
  readonly looks: number;
  readonly absentSince: Date | undefined;
  readonly settled: boolean;
}

export interface IntentTarget {
  readonly id: string;
  readonly version: string;
  readonly existence: Existence;
  readonly content: Content;
}

export interface IntentAnswer {
  /** Absent where the record is gone or cannot be shown. */
  readonly sighting: Sighting | undefined;
  /** The sighting is the very answer, and nobody can have changed the record in between. */
  readonly exact: boolean;
}

export type NewIntent = Pick<
  Intent,
  'id' | 'connection' | 'twin' | 'walk' | 'kind' | 'facet' | 'write' | 'target' | 'marker' | 'decision'
>;

/** The exact request that carries one or several intents. */
export interface Call {
  readonly id: string;
  readonly connection: string;
  readonly walk: string;
  readonly draft: CallDraft;
  readonly sentAt: Date;
  readonly attempts: number;
  readonly state: 'in_flight' | 'answered' | 'unanswered';
}

export type NewCall = Pick<Call, 'id' | 'connection' | 'walk' | 'draft'>;

/** What a call brought for one of its intents. */
export type IntentOutcome = { readonly intent: string } & (
  | { readonly state: 'confirmed'; readonly answer: IntentAnswer }
  /**
   * Further calls must follow. With a sighting, this one is done; with a failure it was refused, and the next one undoes
   * what the earlier ones did; with neither, nothing came of it and it is made again.
   */
  | { readonly state: 'planned'; readonly sighting: Sighting | undefined; readonly failure?: ProviderFailure }
  | { readonly state: 'refused'; readonly failure: ProviderFailure; readonly sighting?: Sighting }
  /**
   * Certainly not carried out, and nobody's fault: the write will be planned anew. With a sighting, part of it shows in a
   * record that somebody may have changed since; it is compared as one that was never agreed on.
   */
  | { readonly state: 'void'; readonly failure: ProviderFailure | undefined; readonly sighting?: Sighting }
  | { readonly state: 'uncertain'; readonly failure: ProviderFailure }
);

/** Whether some calls of a write are done, so that it is gone on with rather than planned anew. */
export const hasBegun = ({ done }: Pick<Intent, 'done'>): boolean => done.length > 0;

/** Whether a write makes a record, of which notices may tell before its answer comes. */
export const makesRecord = ({ target, write }: Pick<Intent, 'target' | 'write'>): boolean =>
  target === undefined || write.operation === 'replace';

/** Whether the books' record has ended by a write that has not put another one in its place yet, as far as is known. */
export const isReplacing = ({ state, write, done }: Intent): boolean =>
  isOpen(state) && write.operation === 'replace' && hasBegun({ done });

/** The refusal after which the earlier calls of an open write are being undone. */
export const refusalBeingUndone = ({
  state,
  failure,
}: Pick<Intent, 'state' | 'failure'>): ProviderFailure | undefined =>
  isOpen(state) && failure !== undefined && isRefusal(failure) ? failure : undefined;

/** The provider will not carry this out, however often it is asked. */
export const isRefusal = ({ is }: ProviderFailure): boolean => is === 'invalid' || is === 'duplicate';

/** What the outcome leaves in the intent as its answer. */
export const answerIn = (outcome: IntentOutcome): IntentAnswer | undefined => {
  if (outcome.state === 'confirmed') return outcome.answer;
  return outcome.state === 'refused' && outcome.sighting ? { sighting: outcome.sighting, exact: true } : undefined;
};

/** Intents and the calls that carry them. */
export abstract class WriteStore {
  abstract get(tx: Tx, ids: readonly string[]): Promise<Intent[]>;
  /** Intents of these twins that are open, or answered and not settled yet, oldest first; what was void from the start is neither. */
  abstract unfinishedOf(tx: Tx, twins: readonly string[]): Promise<Intent[]>;
  /** Open intents of this connection and kind that make records: creates and replacements. */
  abstract openCreates(tx: Tx, connection: string, kind: KindName): Promise<Intent[]>;
  /** At most one open intent for a twin and side: those that would be a second one are left out; returns the ids stored. */
  abstract plan(tx: Tx, intents: readonly NewIntent[]): Promise<string[]>;
  /** Stores a call as in flight, and its open intents with it, before it is sent. */
  abstract send(tx: Tx, call: NewCall): Promise<void>;
  /** The latest call that carries an intent. */
  abstract callOf(tx: Tx, intent: string): Promise<Call | undefined>;
  /** Counts another send of the same call; it is in flight again. */
  abstract resend(tx: Tx, call: string): Promise<void>;
  /**
   * Records an answer, whoever brings it: from an open state to any other, never back from `confirmed`, and never
   * fenced off (ENGINE D5). One that turns up late still confirms a void, and is then to be settled. Returns the
   * intents whose state this changed.
   */
  abstract record(
    tx: Tx,
    call: string | undefined,
    note: CallNote | undefined,
    outcomes: readonly IntentOutcome[],
  ): Promise<string[]>;
  /** A look found no trace of a write; how often, and since when. */
  abstract noteAbsent(tx: Tx, intent: string): Promise<void>;
  /** The answers are in the base now. */
  abstract settle(tx: Tx, intents: readonly string[]): Promise<void>;
  /** The intents of a twin that vanished are its survivor's. */
  abstract absorb(tx: Tx, gone: string, survivor: string): Promise<void>;
}
