import { EXISTENCE_GROUP, type Testimony } from '../../domain/conflict/index.js';
import { downcast, groupFields, groupNames, type KindName } from '../../domain/contract/index.js';
import type { ConflictView, DecisionView } from '../../modules/conflicts/index.js';
import type { Verb } from '../../modules/sync/index.js';
import type { ConflictField, ConflictType, DecisionType, TestimonyType } from './conflict.types.js';

/** A conflict in the caller's contract version. */
export const conflictShown = (view: ConflictView, contract: number): ConflictType => {
  const { id, kind, reason, groups, candidates, fingerprint, open, raisedAt, updatedAt } = view;
  const base = testimonyShown(kind, view.base, contract);
  const app = testimonyShown(kind, view.app, contract);
  const books = testimonyShown(kind, view.books, contract);
  return {
    ...{ id, kind, reason, groups, candidates, fingerprint, open, raisedAt, updatedAt, base, app, books },
    fields: fieldsOf(view, base, app, books),
    moneyEffect: view.moneyEffect ?? null,
    decided: open && view.decision?.fingerprint === fingerprint,
    closedAt: view.closedAt ?? null,
    ending: view.ending ?? null,
    ...{ view, contract },
  };
};

const testimonyShown = (kind: KindName, testimony: Testimony | undefined, contract: number): TestimonyType | null =>
  testimony ? { existence: testimony.existence ?? null, content: downcast(kind, testimony.content, contract) } : null;

/** Field by field; a conflict about existence shows the whole record. */
const fieldsOf = (
  { kind, groups }: ConflictView,
  base: TestimonyType | null,
  app: TestimonyType | null,
  books: TestimonyType | null,
): ConflictField[] => {
  const shown = groups.includes(EXISTENCE_GROUP) ? groupNames(kind) : groups;
  return shown.flatMap((group) =>
    Object.keys(groupFields(kind, group))
      .map((field) => ({
        group,
        field,
        base: base?.content[field] ?? null,
        app: app?.content[field] ?? null,
        books: books?.content[field] ?? null,
      }))
      .filter((one) => one.base !== null || one.app !== null || one.books !== null),
  );
};

export const decisionShown = (
  { id, verb, choices, actor, at, fingerprint }: DecisionView,
  kind: KindName,
  contract: number,
): DecisionType => ({
  ...{ id, actor, at, fingerprint },
  // Whatever was stored was one of the verbs of its time.
  verb: verb as Verb,
  choices: Object.entries(choices).map(([group, choice]) => ({
    group,
    take: choice.take,
    content: choice.take === 'edited' ? downcast(kind, choice.content, contract) : null,
  })),
});
