import type { KindName } from '../../domain/contract/index.js';
import type { Cause } from './cause.js';

/** What can stand in the history. Past tense; one for each thing that changed something or refused to. */
export const EVENT_TYPES = [
  'record_pushed',
  'push_refused',
  'record_deleted',
  'books_seen',
  'books_written',
  'books_refused',
  'books_uncertain',
  'app_written',
  'app_facts',
  'base_settled',
  'conflict_raised',
  'conflict_updated',
  'conflict_decided',
  'conflict_closed',
  'held',
  'waiting',
  'problem_raised',
  'problem_closed',
  'linked',
  'unlinked',
  'policy_set',
  'policy_cleared',
  'connection_made',
  'connection_changed',
  'connection_ended',
  'key_created',
  'key_revoked',
  'support_granted',
  'tenant_created',
  'tenant_deleted',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** One entry of the append-only history. */
export interface HistoryEvent {
  readonly id: string;
  readonly at: Date;
  readonly type: EventType;
  readonly cause: Cause;
  readonly connection?: string;
  readonly twin?: string;
  readonly kind?: KindName;
  readonly appId?: string;
  readonly booksId?: string;
  /** The document's number, so that people can ask by it. */
  readonly number?: string;
  /** Before and after, policy or decision, provider request: whatever explains this entry. */
  readonly detail: Readonly<Record<string, unknown>>;
}

export type NewEvent = Omit<HistoryEvent, 'id' | 'at'>;
