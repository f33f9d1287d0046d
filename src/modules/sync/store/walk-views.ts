import type { KindName } from '../../../domain/contract/index.js';
import type { Operation } from '../../../domain/provider/index.js';
import type { Tx } from '../../../platform/database/index.js';
import type { CallNote, ItemOutcome, ItemPlan, Lane, Seen, Step, Written } from './work-store.js';
import type { IntentState } from './write-store.js';

export interface WalkView {
  readonly id: string;
  readonly connection: string;
  readonly kind: KindName;
  readonly lane: Lane;
  readonly open: boolean;
  readonly items: number;
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
  /** `dropped`: its worker died, and its items were walked again. */
  readonly ending: 'done' | 'dropped' | undefined;
}

export interface StepView {
  readonly walk: string;
  readonly step: Step;
  /** How often it was begun. */
  readonly attempts: number;
  readonly done: boolean;
  readonly startedAt: Date;
  readonly finishedAt: Date | undefined;
  /** What was asked of the provider for reading; writes are calls of their own. */
  readonly calls: readonly CallNote[];
}

export interface WalkItemView {
  readonly walk: string;
  readonly twin: string;
  readonly look: boolean;
  readonly attempts: number;
  readonly seen: Seen | undefined;
  readonly plan: ItemPlan | undefined;
  readonly written: Written | undefined;
  readonly outcome: ItemOutcome | undefined;
}

/** A request that carried writes, without what it said. */
export interface CallView {
  readonly id: string;
  readonly walk: string;
  readonly connection: string;
  readonly label: string;
  readonly intents: readonly string[];
  readonly state: 'in_flight' | 'answered' | 'unanswered';
  /** How often it was sent, always with the same bytes. */
  readonly attempts: number;
  readonly sentAt: Date;
  readonly answeredAt: Date | undefined;
  readonly status: number | undefined;
  /** The provider's own id of the request, which its support asks for. */
  readonly requestId: string | undefined;
  readonly ms: number | undefined;
}

export interface IntentView {
  readonly id: string;
  readonly twin: string;
  readonly operation: Operation;
  readonly state: IntentState;
  /** The provider's words, where it refused. */
  readonly failure: string | undefined;
}

export interface WalkFilter {
  readonly open?: boolean;
  readonly connection?: string;
  readonly kind?: KindName;
  /** Walks that had any of these twins among their items. */
  readonly twins?: readonly string[];
}

/** What people read of walks and of what was sent to the providers in them. */
export abstract class WalkViews {
  /** The newest first; those before the given place in that order. */
  abstract page(
    tx: Tx,
    filter: WalkFilter,
    first: number,
    before: { readonly startedAt: Date; readonly id: string } | undefined,
  ): Promise<WalkView[]>;
  abstract get(tx: Tx, id: string): Promise<WalkView | undefined>;
  /** In the order in which they were begun. */
  abstract stepsOf(tx: Tx, walks: readonly string[]): Promise<StepView[]>;
  abstract itemsOf(tx: Tx, walks: readonly string[]): Promise<WalkItemView[]>;
  abstract callsOf(tx: Tx, walks: readonly string[]): Promise<CallView[]>;
  abstract intents(tx: Tx, ids: readonly string[]): Promise<IntentView[]>;
  /** The calls that carried these intents, oldest first. */
  abstract callsWith(tx: Tx, intents: readonly string[]): Promise<CallView[]>;
  /** The intent whose refusal an event at that time tells of. */
  abstract refusedAt(tx: Tx, twin: string, at: Date): Promise<string | undefined>;
}
