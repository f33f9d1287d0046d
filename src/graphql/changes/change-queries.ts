import { Injectable } from '@nestjs/common';
import { type Content, downcast, type Existence } from '../../domain/contract/index.js';
import { type ChainedEvent, ChainStore, type EventType } from '../../modules/history/index.js';
import { Transactions } from '../../platform/database/index.js';
import { causeOf } from '../cause.types.js';
import { badCursor, type Page } from '../paging.js';
import type { Change } from './change.types.js';

/** What the SaaS has to know of; what it did itself it knows. */
export const CHANGE_TYPES: readonly EventType[] = [
  ...(['app_written', 'app_facts', 'books_written', 'books_refused', 'books_uncertain'] as const),
  ...(['conflict_raised', 'conflict_updated', 'conflict_decided', 'conflict_closed'] as const),
  ...(['problem_raised', 'problem_closed', 'held', 'waiting', 'linked', 'unlinked'] as const),
  ...(['connection_made', 'connection_changed', 'connection_ended'] as const),
];

/** The feed. It reads numbered events only, so whoever goes on after the last cursor misses none (ENGINE G5). */
@Injectable()
export class ChangeQueries {
  constructor(
    private readonly transactions: Transactions,
    private readonly chain: ChainStore,
  ) {}

  /** The oldest first. The cursor is the sequence number, for ever. */
  async page(tenant: string, after: string | undefined, first: number, contract: number): Promise<Page<Change>> {
    const events = await this.transactions.inTenant(tenant, (tx) =>
      this.chain.after(tx, sequenceOf(after), first + 1, { types: CHANGE_TYPES }),
    );
    const edges = events.slice(0, first).map((event) => ({
      cursor: String(event.sequence),
      node: changeShown(event, contract),
    }));
    return {
      edges,
      pageInfo: { hasNextPage: events.length > first, endCursor: edges.at(-1)?.cursor ?? after ?? null },
    };
  }
}

/** The number that a cursor of the feed is; 0 where the feed is read from its beginning. */
export const sequenceOf = (cursor: string | undefined): number => {
  if (cursor === undefined) return 0;
  if (!/^\d{1,15}$/.test(cursor)) throw badCursor();
  return Number(cursor);
};

interface ChangeDetail {
  readonly version?: number;
  readonly existence?: Existence;
  readonly content?: Content;
  readonly facts?: Content;
  readonly groups?: readonly string[];
  readonly message?: string;
  readonly failure?: { readonly message?: string };
}

const changeShown = (event: ChainedEvent, contract: number): Change => {
  const { sequence, at, type, cause, kind, appId, booksId, detail } = event;
  const { version, existence, content, facts, groups, message, failure } = detail as ChangeDetail;
  const shown = (values: Content | undefined): Content | null =>
    kind && values ? downcast(kind, values, contract) : null;
  return {
    sequence: String(sequence),
    ...{ at, type, event, contract },
    cause: causeOf(cause),
    kind: kind ?? null,
    id: appId ?? null,
    booksId: booksId ?? null,
    version: type === 'app_written' ? (version ?? null) : null,
    existence: type === 'app_written' ? (existence ?? null) : null,
    content: type === 'app_written' ? shown(content) : null,
    facts: shown(facts),
    groups: groups ?? [],
    says: message ?? failure?.message ?? null,
  };
};
