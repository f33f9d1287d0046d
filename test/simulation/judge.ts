import { compare, readingOf } from '../../src/domain/comparison/index.js';
import { differingFields, groupNames, normalGroup, refKey } from '../../src/domain/contract/index.js';
import type { Entry } from '../../src/modules/sync/flow/scene.js';
import { isToEnd, type Standing } from '../../src/modules/sync/flow/endings.js';
import { refersTo } from '../../src/modules/records/index.js';
import type { People } from './history-of-edits.js';
import { CONNECTION, TENANT, type World } from './world.js';

/** Looks at the end of a history and says what should not have happened; empty when all promises were kept. */
export const judge = async (world: World, people: People): Promise<string[]> => [
  ...world.failures.map((failure) => `a step failed: ${failure instanceof Error ? failure.stack : String(failure)}`),
  ...(await agreement(world)),
  ...lostTexts(world, people),
  ...doubles(world),
  ...(await endings(world)),
];

/** Converged, or a reason is there for everybody to see. */
const agreement = async (world: World): Promise<string[]> => {
  const scene = await world.database.inTenant(TENANT, (tx) =>
    world.scenes.load(
      tx,
      CONNECTION,
      world.twins.all().map(({ id }) => id),
    ),
  );
  const waits = await world.database.inTenant(TENANT, (tx) =>
    world.waits.of(
      tx,
      world.twins.all().map(({ id }) => id),
    ),
  );
  const complaints = world.work.unfinished().map((item) => `work on ${item.twin} never ends (${JSON.stringify(item)})`);
  for (const entry of scene.entries.values()) {
    const { twin, meeting, conflict, record } = entry;
    const excused =
      (conflict && conflict.decision?.fingerprint !== conflict.fingerprint) ||
      twin.holds.length > 0 ||
      waits.some((wait) => wait.twin === twin.id) ||
      world.problems.all().some((problem) => problem.twin === twin.id);
    if (excused) continue;
    const name = `${twin.kind} ${twin.app ?? '?'}=${twin.books ?? '?'} (${twin.id})`;
    if (conflict) complaints.push(`${name}: a decision was never carried out`);
    if (Object.keys(record?.pending ?? {}).length > 0) complaints.push(`${name}: a push was forgotten`);
    const actual =
      twin.books === undefined
        ? undefined
        : world.books.all().find((one) => one.kind === twin.kind && one.id === twin.books);
    // Of a record that was gone before anybody looked, nothing is known but that.
    const known =
      entry.snapshot?.existence === 'deleted' && actual?.existence === 'deleted' ? undefined : entry.snapshot;
    if (
      actual &&
      known &&
      (actual.existence !== known.existence || JSON.stringify(actual.content) !== JSON.stringify(known.content))
    ) {
      complaints.push(`${name}: the snapshot is not what the books show`);
    }
    const one = meeting.app ? (meeting.books ? undefined : meeting.app) : meeting.books;
    if (one) {
      if (one.existence === 'present' && !meeting.base.apart) complaints.push(`${name}: exists on one side only`);
      continue;
    }
    if (!meeting.app || !meeting.books) continue;
    const { existence, groups } = compare(meeting, 'group');
    const verdicts = [existence, ...Object.values(groups)];
    if (verdicts.some((verdict) => verdict !== 'same'))
      complaints.push(`${name}: not settled: ${JSON.stringify({ existence, ...groups })}`);
    if (meeting.app.existence !== 'present' || meeting.books.existence !== 'present' || leftApart(world, twin.id))
      continue;
    for (const group of groupNames(twin.kind)) {
      const app = normalGroup(twin.kind, group, meeting.app.content, readingOf(meeting, 'app'));
      const books = normalGroup(twin.kind, group, meeting.books.content, readingOf(meeting, 'books'));
      const fields = differingFields(app, books).filter((field) => !meeting.decides.has(field));
      if (fields.length > 0)
        complaints.push(
          `${name}: the sides differ silently in ${fields.join(', ')}: ${JSON.stringify({ app, books })}`,
        );
    }
  }
  return complaints;
};

const standingOf = ({ twin: { base, holds }, meeting: { app, books } }: Entry): Standing => ({
  ...{ base, holds },
  ...{ app: app?.existence, books: books?.existence },
});

/**
 * What refers to a record ends before it (ENGINE E5): nothing waits for an end that has come or never will, and no end
 * stays refused for the sake of what has ended since.
 */
const endings = async (world: World): Promise<string[]> =>
  world.database.inTenant(TENANT, async (tx) => {
    const twins = world.twins.all();
    const { entries } = await world.scenes.load(
      tx,
      CONNECTION,
      twins.map(({ id }) => id),
    );
    const vain = world.waits.all().filter(({ needs, until }) => {
      const entry = entries.get(needs);
      return until === 'ended' && !(entry && isToEnd(standingOf(entry)));
    });
    const known = [...entries.values()];
    const refused = twins.filter(({ kind, books, refusal }) => {
      if (refusal?.failure.message !== 'It is used by other transactions.') return false;
      const ref = { kind, id: books! };
      // What came and went before anybody looked at it cannot be known to have been in the way.
      const unseen = world.books
        .all()
        .filter((one) => refersTo(one, ref))
        .some((one) => !known.some(({ snapshot }) => snapshot?.id === one.id && refersTo(snapshot, ref)));
      return !unseen && !world.books.isReferred(ref);
    });
    return [
      ...vain.map(({ twin, needs }) => `${twin} waits in vain for the end of ${needs}`),
      ...refused.map(({ id, kind, app }) => `the end of ${kind} ${app} (${id}) stays refused, though nothing uses it`),
    ];
  });

const leftApart = (world: World, twin: string): boolean =>
  world.history
    .all()
    .some((event) => event.twin === twin && event.type === 'conflict_decided' && event.detail.verb === 'leave_apart');

/**
 * No text that somebody entered and was told is stored has vanished silently: it is there at the end, or was replaced by
 * somebody who saw it, or stood before a person or a policy, or was lost in the one gap that an unguarded provider
 * leaves open (which the books' own ledger shows).
 */
const lostTexts = (world: World, people: People): string[] => {
  const finalApp = new Map(
    world.records.all().map((record) => [refKey(record), JSON.stringify([record.content, record.pending])]),
  );
  const finalBooks = world.books
    .all()
    .filter((one) => !world.books.wasDeletedByApi(one))
    .map(({ content }) => JSON.stringify(content));
  const shown = world.conflicts.all().map((conflict) => JSON.stringify([conflict.app, conflict.books, conflict.base]));
  const judged = world.history
    .all()
    .filter(({ type, detail }) => WRITTEN.has(type) && hasJudgement(detail))
    .map(({ detail }) => JSON.stringify([detail.before, detail.pushes ?? {}]));
  // A record that could be neither replaced nor made again is a problem, and told whole.
  const ended = world.history
    .all()
    .filter(({ type }) => type === 'books_refused')
    .map(({ detail }) => JSON.stringify(detail.before ?? {}));
  const superseded = world.history
    .all()
    .filter(({ type }) => type === 'record_pushed')
    .map(({ detail }) => JSON.stringify(detail.superseded));
  const drafts = world.conflicts.everRaised().map((draft) => JSON.stringify(draft));
  const overruled = world.history
    .all()
    .filter(({ type }) => type === 'conflict_raised' || type === 'conflict_updated').length;
  return people.entered.flatMap(({ text, side, record }) => {
    const quoted = `"${text}"`;
    const has = (json: string): boolean => json.includes(quoted);
    if ([...finalApp.values()].some(has) || finalBooks.some(has)) return [];
    if ([shown, drafts, judged, superseded, ended].some((told) => told.some(has))) return [];
    const replaced = side === 'books' ? replacedInBooks(world, quoted) : replacedInApp(world, quoted);
    return replaced
      ? []
      : [`the text ${text} that was entered at ${side} in ${record} vanished (${overruled} conflicts)`];
  });
};

const WRITTEN: ReadonlySet<string> = new Set(['app_written', 'books_written', 'books_uncertain']);

const hasJudgement = ({ decision, policies, pushes }: Readonly<Record<string, unknown>>): boolean =>
  (decision ?? null) !== null || [policies, pushes].some((what) => Object.keys((what ?? {}) as object).length > 0);

/** Whoever wrote over it in the books, or deleted it, had it before their eyes, or it had reached the app before. */
const replacedInBooks = (world: World, quoted: string): boolean => {
  const entry = world.books.ledger.findLast(
    ({ before, after, by, existence }) =>
      JSON.stringify(before ?? {}).includes(quoted) &&
      (!JSON.stringify(after).includes(quoted) || (by === 'api' && existence === 'deleted')),
  );
  if (!entry) return false;
  return entry.by === 'accountant' || entry.blind || everInApp(world, quoted);
};

/** The same for the app: a later push saw it, or the books had it before it was replaced. */
const replacedInApp = (world: World, quoted: string): boolean =>
  world.records.all().some((record) => {
    const versions = world.records.versionsOf(record, TENANT);
    const at = versions.findIndex(
      ({ content }, index) =>
        index > 0 &&
        JSON.stringify(versions[index - 1]!.content).includes(quoted) &&
        !JSON.stringify(content).includes(quoted),
    );
    if (at < 0) return false;
    return versions[at]!.cause.by !== 'books' || everInBooks(world, quoted);
  });

const everInApp = (world: World, quoted: string): boolean =>
  world.records
    .all()
    .some((record) =>
      world.records.versionsOf(record, TENANT).some(({ content }) => JSON.stringify(content).includes(quoted)),
    );

const everInBooks = (world: World, quoted: string): boolean =>
  world.books.ledger.some(({ after }) => JSON.stringify(after).includes(quoted));

/** No record stands twice on a side for one on the other. */
const doubles = (world: World): string[] => {
  const complaints: string[] = [];
  const live = world.books.all().filter(({ existence }) => existence === 'present');
  const tell = (what: string, texts: readonly (string | undefined)[]): void => {
    const seen = new Set<string>();
    for (const text of texts) {
      if (text === undefined) continue;
      if (seen.has(text)) complaints.push(`${what} ${text} stands twice`);
      seen.add(text);
    }
  };
  tell(
    'in the books, the line',
    live.filter(({ kind }) => kind === 'invoice').map(({ content }) => firstLine(content)),
  );
  tell(
    'in the books, the payment',
    live.filter(({ kind }) => kind === 'payment').map(({ content }) => content.memo as string | undefined),
  );
  const records = world.records.all().filter(({ existence }) => existence === 'present');
  tell(
    'in the app, the line',
    records.filter(({ kind }) => kind === 'invoice').map(({ content }) => firstLine(content)),
  );
  tell(
    'in the app, the payment',
    records.filter(({ kind }) => kind === 'payment').map(({ content }) => content.memo as string | undefined),
  );
  tell(
    'in the app, the name',
    records.filter(({ kind }) => kind === 'contact').map(({ content }) => content.displayName as string),
  );
  return complaints;
};

const firstLine = (content: { readonly lines?: unknown }): string | undefined =>
  ((content.lines ?? []) as { description?: string }[])
    .map(({ description }) => description)
    .filter(Boolean)
    .sort()[0];
