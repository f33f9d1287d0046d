import { Injectable } from '@nestjs/common';
import { imageOf } from '../../../domain/comparison/index.js';
import {
  type Content,
  CONTRACT_VERSION,
  type Existence,
  fingerprint,
  groupNames,
  incomplete,
  type Issue,
  type KindName,
  malformed,
  normalGroup,
  overlay,
  type Reading,
  sameNormal,
} from '../../../domain/contract/index.js';
import { Identifiers } from '../../../platform/clock/index.js';
import { Transactions, type Tx } from '../../../platform/database/index.js';
import { type Cause, HistoryStore, type NewEvent } from '../../history/index.js';
import { type AppRecord, RecordStore, type RecordVersion, type RecordWrite } from '../../records/index.js';
import type { Lane } from '../store/index.js';
import { Raising } from './raising.js';

/** One record as the SaaS pushes it. */
export interface PushedRecord {
  readonly kind: KindName;
  /** The SaaS's own id. */
  readonly id: string;
  /** The version of the record that the SaaS had before it; 0 or absent for a record that it creates. */
  readonly basedOn?: number;
  /** What it says, in the shapes of the caller's contract version; absent fields are left alone, null clears. */
  readonly content: unknown;
  readonly existence?: Extract<Existence, 'present' | 'archived' | 'voided'>;
}

export interface Push {
  /** The caller's own key: the same key again is the same push and is not carried out twice (ENGINE B3). */
  readonly key: string;
  readonly contract?: number;
  readonly records: readonly PushedRecord[];
}

/** What came of one pushed record; one bad record does not refuse the others. */
export type PushOutcome = { readonly kind: KindName; readonly id: string } & (
  | { readonly outcome: 'created' | 'updated' | 'unchanged' | 'merged'; readonly version: number }
  /** Stored, but some groups were also edited in the books: a policy or a person decides about those. */
  | { readonly outcome: 'in_review'; readonly version: number; readonly groups: readonly string[] }
  | { readonly outcome: 'invalid'; readonly issues: readonly Issue[] }
  /** Another push of the SaaS changed the same groups since `basedOn`: read the record again and push anew. */
  | { readonly outcome: 'stale'; readonly version: number; readonly groups: readonly string[] }
);

/** The key was used before for something else. */
export class PushKeyReused extends Error {
  constructor(readonly key: string) {
    super('this key was used before for a different push');
    this.name = 'PushKeyReused';
  }
}

/** Edits of the SaaS's own records: stored as versions, merged with what the books changed meanwhile, and raised. */
@Injectable()
export class AppEdits {
  constructor(
    private readonly transactions: Transactions,
    private readonly identifiers: Identifiers,
    private readonly records: RecordStore,
    private readonly history: HistoryStore,
    private readonly raising: Raising,
  ) {}

  /** Stores a push whole in one transaction; outcomes are in the order of the records. */
  async upsertRecords(tenant: string, actor: string, push: Push): Promise<readonly PushOutcome[]> {
    const pushed = fingerprint({ records: push.records, contract: push.contract ?? null });
    return this.transactions.inTenant(tenant, async (tx) => {
      const earlier = await this.records.pushOf(tx, push.key);
      if (earlier && earlier.fingerprint !== pushed) throw new PushKeyReused(push.key);
      if (earlier) return earlier.result as readonly PushOutcome[];
      const cause: Cause = { by: 'push', actor, id: push.key };
      const outcomes: PushOutcome[] = [];
      const saved: RecordWrite[] = [];
      const events: NewEvent[] = [];
      for (const record of push.records) {
        const { outcome, write, event } = await this.pushOne(tx, record, push.contract ?? CONTRACT_VERSION, cause);
        outcomes.push(outcome);
        if (write) saved.push(write);
        if (event) events.push(event);
      }
      await this.history.append(tx, events);
      const lane: Lane = saved.length <= 20 ? 'interactive' : 'routine';
      await this.raising.appChanged(tx, saved, lane, cause);
      await this.records.savePush(tx, push.key, pushed, outcomes);
      return outcomes;
    });
  }

  /** Marks a record as deleted in the app; undefined when there is no such record. */
  async deleteRecord(
    tenant: string,
    actor: string,
    kind: KindName,
    id: string,
  ): Promise<{ readonly version: number } | undefined> {
    return this.transactions.inTenant(tenant, async (tx) => {
      const [record] = await this.records.get(tx, [{ kind, id }]);
      if (!record) return undefined;
      if (record.existence === 'deleted') return { version: record.version };
      const cause: Cause = { by: 'push', actor };
      const { version, content, pending } = record;
      const write: RecordWrite = { kind, id, expected: version, existence: 'deleted', content, pending, cause };
      const lost = await this.records.save(tx, [write]);
      if (lost.length > 0) throw new Error('the record changed within its own transaction');
      await this.history.append(tx, [
        { type: 'record_deleted', cause, kind, appId: id, detail: { version: version + 1 } },
      ]);
      await this.raising.appChanged(tx, [write], 'interactive', cause);
      return { version: version + 1 };
    });
  }

  private async pushOne(
    tx: Tx,
    pushed: PushedRecord,
    contract: number,
    cause: Cause,
  ): Promise<{ outcome: PushOutcome; write?: RecordWrite; event?: NewEvent }> {
    const { kind, id, basedOn = 0 } = pushed;
    const issues = malformed(kind, pushed.content, contract);
    if (issues.length > 0) return { outcome: { kind, id, outcome: 'invalid', issues } };
    const [current] = await this.records.get(tx, [{ kind, id }]);
    const written = pushed.content as Content;
    if (!current) {
      return basedOn === 0
        ? this.create(tx, pushed, overlay(kind, {}, written, contract), cause)
        : { outcome: { kind, id, outcome: 'invalid', issues: [NO_SUCH_VERSION] } };
    }
    if (basedOn > current.version) return { outcome: { kind, id, outcome: 'invalid', issues: [NO_SUCH_VERSION] } };
    const versions = await this.records.versions(tx, { kind, id }, basedOn);
    const ancestor = versions.find(({ version }) => version === basedOn);
    if (!ancestor) {
      const groups = groupNames(kind);
      return { outcome: { kind, id, outcome: 'stale', version: current.version, groups } };
    }
    const merge = mergeWithAncestor(kind, current, versions, overlay(kind, ancestor.content, written, contract));
    if (merge.stale.length > 0) {
      return { outcome: { kind, id, outcome: 'stale', version: current.version, groups: merge.stale } };
    }
    return this.update(tx, pushed, current, basedOn, merge, cause);
  }

  private async create(
    tx: Tx,
    { kind, id, existence = 'present' }: PushedRecord,
    content: Content,
    cause: Cause,
  ): Promise<{ outcome: PushOutcome; write?: RecordWrite; event?: NewEvent }> {
    const issues = incomplete(kind, content);
    if (issues.length > 0) return { outcome: { kind, id, outcome: 'invalid', issues } };
    const write = this.named({ kind, id, expected: 0, existence, content, pending: {}, cause });
    await this.store(tx, write);
    const event = pushedEvent(write, undefined, groupNames(kind));
    return { outcome: { kind, id, outcome: 'created', version: 1 }, write, event };
  }

  private async update(
    tx: Tx,
    pushed: PushedRecord,
    current: AppRecord,
    basedOn: number,
    merge: Merge,
    cause: Cause,
  ): Promise<{ outcome: PushOutcome; write?: RecordWrite; event?: NewEvent }> {
    const { kind, id } = pushed;
    const { version } = current;
    const issues = incomplete(kind, merge.content);
    if (issues.length > 0) return { outcome: { kind, id, outcome: 'invalid', issues } };
    const existence = pushed.existence ?? current.existence;
    const unchanged =
      existence === current.existence &&
      merge.clashing.length === 0 &&
      fingerprint(merge.content) === fingerprint(current.content);
    if (unchanged) return { outcome: { kind, id, outcome: 'unchanged', version } };
    // A push that knew the newest version answers what an older push of the same group was waiting for.
    const waiting = Object.entries(current.pending).filter(([group]) => !merge.changed.includes(group));
    const pending = { ...Object.fromEntries(waiting), ...merge.pending };
    const write = this.named({ kind, id, expected: version, existence, content: merge.content, pending, cause });
    await this.store(tx, write);
    const event = pushedEvent(write, current, merge.changed);
    const outcome: PushOutcome =
      merge.clashing.length > 0
        ? { kind, id, outcome: 'in_review', version: version + 1, groups: merge.clashing }
        : { kind, id, outcome: basedOn === version ? 'updated' : 'merged', version: version + 1 };
    return { outcome, write, event };
  }

  private async store(tx: Tx, write: RecordWrite): Promise<void> {
    const lost = await this.records.save(tx, [write]);
    // The record was read in this transaction: somebody else's push won the race, and the whole push is tried again.
    if (lost.length > 0) throw new ConcurrentPush();
  }

  /** Lines are told apart by ids; those that came without one get one. */
  private named(write: RecordWrite): RecordWrite {
    const { lines } = write.content;
    if (!Array.isArray(lines)) return write;
    const withIds = (lines as Content[]).map((line) =>
      typeof line.id === 'string' ? line : { ...line, id: this.identifiers.id() },
    );
    return { ...write, content: { ...write.content, lines: withIds } };
  }
}

/** Two pushes of the same record at the same moment: the transaction is repeated. */
export class ConcurrentPush extends Error {
  constructor() {
    super('another push changed the record at the same moment');
    this.name = 'ConcurrentPush';
  }
}

const NO_SUCH_VERSION: Issue = {
  path: 'basedOn',
  rule: 'known_version',
  message: 'is not a version that this record has had; leave it out to create the record',
};

interface Merge {
  readonly content: Content;
  readonly changed: readonly string[];
  /** Groups that the books changed too, differently. */
  readonly clashing: readonly string[];
  readonly pending: AppRecord['pending'];
  /** Groups that another push changed too, differently. */
  readonly stale: readonly string[];
}

/** The contract's own normal form, within one side. */
const OWN: Reading = { nameOf: (ref) => `${ref.kind}:${ref.id}`, carries: () => true };

const sameGroup = (kind: KindName, group: string, one: Content, other: Content): boolean =>
  sameNormal(normalGroup(kind, group, one, OWN), normalGroup(kind, group, other, OWN));

/** Three-way merge of a push with its ancestor, per field group (ENGINE B1); `versions` start with the ancestor. */
const mergeWithAncestor = (
  kind: KindName,
  current: AppRecord,
  versions: readonly RecordVersion[],
  pushed: Content,
): Merge => {
  const ancestor = versions[0]!.content;
  let content: Content = current.content;
  const changed: string[] = [];
  const clashing: string[] = [];
  const stale: string[] = [];
  const pending: Record<string, AppRecord['pending'][string]> = {};
  for (const group of groupNames(kind)) {
    if (sameGroup(kind, group, pushed, ancestor)) continue;
    if (sameGroup(kind, group, pushed, current.content)) continue;
    changed.push(group);
    if (sameGroup(kind, group, current.content, ancestor)) content = withGroup(kind, group, content, pushed);
    else if (changedByPush(kind, group, versions) || current.pending[group]) stale.push(group);
    else {
      clashing.push(group);
      pending[group] = { pushed: imageOf(kind, group, pushed), ancestor: imageOf(kind, group, ancestor) };
    }
  }
  return { content, changed, clashing, pending, stale };
};

const changedByPush = (kind: KindName, group: string, versions: readonly RecordVersion[]): boolean =>
  versions.some(
    ({ cause, content }, index) =>
      index > 0 && cause.by === 'push' && !sameGroup(kind, group, content, versions[index - 1]!.content),
  );

const withGroup = (kind: KindName, group: string, content: Content, from: Content): Content => {
  const old = imageOf(kind, group, content);
  const kept = Object.fromEntries(Object.entries(content).filter(([name]) => !(name in old)));
  return { ...kept, ...imageOf(kind, group, from) };
};

const pushedEvent = (write: RecordWrite, before: AppRecord | undefined, groups: readonly string[]): NewEvent => {
  const { kind, id, content, cause, existence, expected, pending } = write;
  const shown = (from: Content | undefined): Content =>
    Object.assign({}, ...groups.map((group) => imageOf(kind, group, from ?? {}))) as Content;
  // Earlier pushes of these groups that were still waiting for an answer: the SaaS has thought better of them.
  const superseded = Object.fromEntries(Object.entries(before?.pending ?? {}).filter(([group]) => !pending[group]));
  return {
    type: 'record_pushed',
    cause,
    kind,
    appId: id,
    ...(typeof content.number === 'string' && { number: content.number }),
    detail: {
      version: expected + 1,
      existence,
      groups,
      before: shown(before?.content),
      after: shown(content),
      pending,
      superseded,
    },
  };
};
