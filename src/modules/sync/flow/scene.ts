import { Injectable } from '@nestjs/common';
import {
  type Base,
  type Meeting,
  type PendingPush,
  readingOf,
  type RefBook,
  type Side,
  type View,
} from '../../../domain/comparison/index.js';
import { policyBook, type PolicyBook } from '../../../domain/conflict/index.js';
import {
  type Content,
  type ContactRole,
  type KindName,
  type Reading,
  type Ref,
  refKey,
  referencesIn,
} from '../../../domain/contract/index.js';
import { settle, settlePart } from '../../../domain/planning/index.js';
import {
  type FacetDefinition,
  isAbsent,
  type KindDefinition,
  type ProviderDefinition,
} from '../../../domain/provider/index.js';
import type { Tx } from '../../../platform/database/index.js';
import { type Connection, ConnectionStore } from '../../auth/index.js';
import { ConflictStore, type OpenConflict } from '../../conflicts/index.js';
import { ProviderRegistry } from '../../providers/index.js';
import { type AppRecord, RecordStore } from '../../records/index.js';
import { type Intent, type Snapshot, SnapshotStore, type Twin, TwinStore, WriteStore } from '../store/index.js';
import { viewOfRecord } from './facets.js';

/** One twin with everything that is known of it now. */
export interface Entry {
  readonly twin: Twin;
  readonly ability: KindDefinition;
  readonly facet: FacetDefinition | undefined;
  readonly record: AppRecord | undefined;
  readonly snapshot: Snapshot | undefined;
  /** Open, or carried out and not settled yet. */
  readonly intents: readonly Intent[];
  readonly conflict: OpenConflict | undefined;
  /** What both sides show, over the base into which every answer so far is folded (ENGINE D5, A7). */
  readonly meeting: Meeting;
}

/** As much of a twin as decides whether the books are looked at. */
export type Outline = Pick<Entry, 'twin' | 'ability' | 'snapshot'>;

/** Several twins of one connection, loaded together. */
export interface Scene {
  readonly connection: Connection;
  readonly definition: ProviderDefinition;
  readonly policies: PolicyBook;
  readonly entries: ReadonlyMap<string, Entry>;
}

/** Loads scenes: the one place that knows where the parts of a comparison are stored. */
@Injectable()
export class Scenes {
  constructor(
    private readonly registry: ProviderRegistry,
    private readonly connections: ConnectionStore,
    private readonly twins: TwinStore,
    private readonly records: RecordStore,
    private readonly snapshots: SnapshotStore,
    private readonly writes: WriteStore,
    private readonly conflicts: ConflictStore,
  ) {}

  /** Who is concerned and how the books showed them last; a few lookups where a scene takes a dozen. */
  async outline(
    tx: Tx,
    connectionId: string,
    twinIds: readonly string[],
  ): Promise<Pick<Scene, 'connection' | 'definition'> & { readonly outlines: ReadonlyMap<string, Outline> }> {
    const { connection, definition, twins } = await this.concerned(tx, connectionId, twinIds);
    const snapshots = await this.snapshots.get(tx, connectionId, booksRefs(twins));
    const snapshotOf = byBooksRef(snapshots);
    const outlines = new Map<string, Outline>();
    for (const twin of twins) {
      const ability = definition.kinds[twin.kind];
      if (!isAbsent(ability)) outlines.set(twin.id, { twin, ability, snapshot: snapshotOf(twin) });
    }
    return { connection, definition, outlines };
  }

  async load(tx: Tx, connectionId: string, twinIds: readonly string[]): Promise<Scene> {
    const { connection, definition, twins } = await this.concerned(tx, connectionId, twinIds);
    const [records, snapshots, intents, conflicts, policies] = [
      await this.records.get(tx, appRefs(twins)),
      await this.snapshots.get(tx, connectionId, booksRefs(twins)),
      await this.writes.unfinishedOf(tx, twinIds),
      await this.conflicts.openOf(tx, twinIds),
      await this.conflicts.policies(tx),
    ];
    const recordByRef = new Map(records.map((record) => [refKey(record), record]));
    const snapshotOf = byBooksRef(snapshots);

    const parts = twins.map((twin) => ({
      twin,
      record: twin.app === undefined ? undefined : recordByRef.get(refKey({ kind: twin.kind, id: twin.app })),
      snapshot: snapshotOf(twin),
      intents: intents.filter((intent) => intent.twin === twin.id),
    }));
    const refs = await this.refBook(tx, connectionId, parts);

    const entries = new Map<string, Entry>();
    for (const { twin, record, snapshot, intents: mine } of parts) {
      const ability = definition.kinds[twin.kind];
      if (isAbsent(ability)) continue;
      const facet = ability.facets?.find(({ name }) => name === twin.facet);
      const meeting = meet(connection, ability, facet, refs, twin, record, snapshot, mine);
      const conflict = conflicts.find((open) => open.twin === twin.id);
      entries.set(twin.id, { twin, ability, facet, record, snapshot, intents: mine, conflict, meeting });
    }
    return { connection, definition, policies: policyBook(policies.policies, policies.granularities), entries };
  }

  private async concerned(
    tx: Tx,
    connectionId: string,
    twinIds: readonly string[],
  ): Promise<{ connection: Connection; definition: ProviderDefinition; twins: Twin[] }> {
    const connection = await this.connections.get(tx, connectionId);
    if (!connection) throw new Error(`connection ${connectionId} is not there`);
    return {
      connection,
      definition: this.registry.of(connection.provider),
      twins: await this.twins.get(tx, twinIds),
    };
  }

  /** Twins of everything that these records refer to, on both sides. */
  private async refBook(
    tx: Tx,
    connection: string,
    parts: readonly { twin: Twin; record?: AppRecord; snapshot?: Snapshot; intents: readonly Intent[] }[],
  ): Promise<RefBook> {
    const wanted: Record<Side, Map<string, Ref>> = { app: new Map(), books: new Map() };
    const want = (side: Side, kind: KindName, content: Content | undefined): void => {
      for (const { ref } of referencesIn(kind, content ?? {})) wanted[side].set(refKey(ref), ref);
    };
    for (const { twin, record, snapshot, intents } of parts) {
      want('app', twin.kind, record?.content);
      for (const push of Object.values(record?.pending ?? {})) {
        want('app', twin.kind, push.pushed);
        want('app', twin.kind, push.ancestor);
      }
      want('books', twin.kind, snapshot?.content);
      for (const images of Object.values(twin.base.groups)) {
        want('app', twin.kind, images.app);
        want('books', twin.kind, images.books);
      }
      for (const intent of intents) {
        want('books', twin.kind, intent.write.content);
        for (const source of Object.values(intent.write.sources)) want('app', twin.kind, source);
      }
    }
    const refs = { app: [...wanted.app.values()], books: [...wanted.books.values()] };
    return refBookOf(await this.twins.byRefsOfBoth(tx, connection, refs));
  }
}

const appRefs = (twins: readonly Twin[]): Ref[] =>
  twins.flatMap(({ kind, app }) => (app === undefined ? [] : [{ kind, id: app }]));
const booksRefs = (twins: readonly Twin[]): Ref[] =>
  twins.flatMap(({ kind, books }) => (books === undefined ? [] : [{ kind, id: books }]));

const byBooksRef = (snapshots: readonly Snapshot[]): ((twin: Twin) => Snapshot | undefined) => {
  const byRef = new Map(snapshots.map((snapshot) => [refKey(snapshot), snapshot]));
  return ({ kind, books }) => (books === undefined ? undefined : byRef.get(refKey({ kind, id: books })));
};

/** Joins the refs of both sides; where a record has several cards, the role in which it is named picks the card. */
export const refBookOf = (
  found: Readonly<Record<Side, readonly { readonly ref: Ref; readonly twin: Twin }[]>>,
): RefBook => {
  const bySide: Record<Side, Map<string, Twin[]>> = { app: new Map(), books: new Map() };
  const byId = new Map<string, Twin>();
  for (const side of ['app', 'books'] as const) {
    for (const { ref, twin } of found[side]) {
      bySide[side].set(refKey(ref), [...(bySide[side].get(refKey(ref)) ?? []), twin]);
      byId.set(twin.id, twin);
    }
  }
  const pick = (twins: readonly Twin[], role: ContactRole | undefined): Twin | undefined =>
    twins.length <= 1
      ? twins[0]
      : (twins.find(({ facet }) => facet === role) ?? twins.find(({ books }) => books !== undefined) ?? twins[0]);
  return {
    twinOf: (side, ref, role) => pick(bySide[side].get(refKey(ref)) ?? [], role)?.id,
    refAt: (side, id) => {
      const twin = byId.get(id);
      const ref = side === 'app' ? twin?.app : twin?.books;
      return twin === undefined || ref === undefined ? undefined : { kind: twin.kind, id: ref };
    },
  };
};

const meet = (
  connection: Connection,
  ability: KindDefinition,
  facet: FacetDefinition | undefined,
  refs: RefBook,
  twin: Twin,
  record: AppRecord | undefined,
  snapshot: Snapshot | undefined,
  intents: readonly Intent[],
): Meeting => {
  const carried = ability.carries(connection.features);
  const flags = new Set((ability.facets ?? []).map(({ flag }) => flag));
  const missing = new Set(facet?.lacks);
  const lacks = (path: string): boolean => missing.has(path);
  const carries = (path: string): boolean => carried.has(path) && !flags.has(path) && !lacks(path);
  const readings = {
    app: readingOf({ refs, carries, lacks }, 'app'),
    books: readingOf({ refs, carries, lacks }, 'books'),
  };
  const books: View | undefined = snapshot && {
    existence: snapshot.existence,
    content: snapshot.content,
    version: snapshot.version,
  };
  const pending: Readonly<Record<string, PendingPush>> = record?.pending ?? {};
  return {
    kind: twin.kind,
    app: record && viewOfRecord(record, facet),
    books,
    base: intents.reduce((base, intent) => fold(twin.kind, base, intent, readings), twin.base),
    pending,
    refs,
    carries,
    lacks,
    decides: new Set(ability.decides),
  };
};

/** The base once an answered intent is settled into it; open ones change nothing. */
export const fold = (kind: KindName, base: Base, intent: Intent, readings: Readonly<Record<Side, Reading>>): Base => {
  const last = intent.done.at(-1);
  if (intent.state === 'confirmed') {
    const after = intent.answer?.exact ? intent.answer.sighting?.content : undefined;
    const confirmed = { write: intent.write, before: intent.target?.content, after };
    return settle({ kind, base, settling: { groups: {} }, confirmed: [confirmed], readings });
  }
  // A record that the write itself has ended shows nothing that could be settled.
  return intent.state === 'void' && last?.existence === 'present'
    ? settlePart(kind, base, intent.write, last.content, readings)
    : base;
};
