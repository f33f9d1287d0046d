import type { Rule } from '../../domain/conflict/index.js';
import { type Content, downcast, type KindName } from '../../domain/contract/index.js';
import type { EventView } from '../../modules/history/index.js';
import type { CallView } from '../../modules/sync/index.js';
import { causeOf } from '../cause.types.js';
import type { HistoryEventType, ProviderCall } from './history.types.js';

/** Members of an event's detail that have a field of their own, or that hold contents. */
const SHOWN_APART = new Set([
  ...['before', 'after', 'content', 'facts', 'groups', 'policies', 'decision', 'intent'],
  ...['pending', 'superseded', 'pushes', 'choices'],
]);

/** An event in the caller's contract version. */
export const eventShown = (view: EventView, contract: number): HistoryEventType => {
  const { id, at, type, cause, detail, kind, appId, booksId, number, sequence, hash } = view;
  const { before, after, facts, groups = [], policies = {} } = detail as EventDetail;
  return {
    ...{ id, at, type },
    cause: causeOf(cause),
    sequence: sequence === undefined ? null : String(sequence),
    hash: hash ?? null,
    kind: kind ?? null,
    appId: appId ?? null,
    booksId: booksId ?? null,
    number: number ?? null,
    groups: Array.isArray(groups) ? groups : [],
    before: shownIn(kind, before, contract),
    after: shownIn(kind, after ?? facts, contract),
    policies: Object.entries(policies).map(([group, rule]) => ({ group, rule })),
    detail: Object.fromEntries(Object.entries(detail).filter(([name]) => !SHOWN_APART.has(name))),
    ...{ view, contract },
  };
};

interface EventDetail {
  readonly before?: Content;
  readonly after?: Content;
  readonly facts?: Content;
  readonly groups?: readonly string[];
  readonly policies?: Readonly<Record<string, Rule>>;
}

const shownIn = (kind: KindName | undefined, content: Content | undefined, contract: number): Content | null =>
  kind === undefined || content === undefined ? null : downcast(kind, content, contract);

export const callShown = (call: CallView): ProviderCall => {
  const { id, label, state, attempts, sentAt, answeredAt, status, requestId, ms } = call;
  return {
    ...{ id, label, state, attempts, sentAt },
    answeredAt: answeredAt ?? null,
    status: status ?? null,
    requestId: requestId ?? null,
    ms: ms ?? null,
  };
};
