import { type Content, fingerprint, type KindName, type Ref, refKey } from '../../../src/domain/contract/index.js';
import {
  type AppRecord,
  RecordStore,
  type RecordVersion,
  type RecordWrite,
  refersTo,
  writtenOnce,
} from '../../../src/modules/records/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryRecordStore extends RecordStore {
  private readonly records;
  private readonly history;
  private readonly pushes;

  constructor(database: MemoryDatabase) {
    super();
    this.records = database.table<AppRecord & { tenant: string }>();
    this.history = database.table<(RecordVersion & { at: Date })[]>();
    this.pushes = database.table<{ fingerprint: string; result: unknown }>();
  }

  override async get(tx: Tx, refs: readonly Ref[]): Promise<AppRecord[]> {
    const keys = new Set(refs.map((ref) => keyOf(tx, ref)));
    return [...keys].flatMap((key) => this.records.get(key) ?? []);
  }

  override async versions(tx: Tx, ref: Ref, from: number): Promise<RecordVersion[]> {
    return this.versionsOf(ref, tx.tenant).filter(({ version }) => version >= from);
  }

  override async save(tx: Tx, writes: readonly RecordWrite[]): Promise<Ref[]> {
    writtenOnce(writes);
    const lost: Ref[] = [];
    for (const { expected, ...write } of writes) {
      const key = keyOf(tx, write);
      const current = this.records.get(key);
      if ((current?.version ?? 0) !== expected) {
        lost.push({ kind: write.kind, id: write.id });
        continue;
      }
      const version = expected + 1;
      this.records.set(key, { ...write, version, facts: current?.facts ?? {}, updatedAt: tx.now, tenant: tx.tenant });
      const { existence, content, cause } = write;
      this.history.set(key, [...(this.history.get(key) ?? []), { version, existence, content, cause, at: tx.now }]);
    }
    return lost;
  }

  override async saveFacts(tx: Tx, facts: readonly { ref: Ref; facts: Content }[]): Promise<Ref[]> {
    const last = new Map(facts.map((one) => [refKey(one.ref), one]));
    return [...last.values()].flatMap(({ ref, facts: now }) => {
      const current = this.records.get(keyOf(tx, ref));
      if (!current || fingerprint(current.facts) === fingerprint(now)) return [];
      this.records.set(keyOf(tx, ref), { ...current, facts: now });
      return [ref];
    });
  }

  override async withNaturalKey(tx: Tx, kind: KindName, key: Content): Promise<string[]> {
    return this.records
      .all()
      .filter((record) => record.tenant === tx.tenant && record.kind === kind && record.existence === 'present')
      .filter((record) => Object.entries(key).every(([name, value]) => like(record.content[name] ?? null, value)))
      .map(({ id }) => id);
  }

  override async endedNaming(tx: Tx, ref: Ref): Promise<AppRecord[]> {
    return this.records
      .all()
      .filter((record) => record.tenant === tx.tenant && record.existence !== 'present' && refersTo(record, ref));
  }

  override async dropReplaced(tx: Tx, before: Date, most: number): Promise<number> {
    const replaced = this.history
      .entries()
      .filter(([key]) => key.startsWith(`${tx.tenant}/`))
      .flatMap(([key, versions]) =>
        versions.flatMap(({ version, at }, index) => {
          const next = versions[index + 1];
          return next && next.at < before ? [{ key, version, at }] : [];
        }),
      )
      .sort((one, other) => one.at.getTime() - other.at.getTime() || one.version - other.version)
      .slice(0, most);
    for (const { key, version } of replaced) {
      this.history.set(
        key,
        this.history.get(key)!.filter((one) => one.version !== version),
      );
    }
    return replaced.length;
  }

  override async pushOf(tx: Tx, key: string): Promise<{ fingerprint: string; result: unknown } | undefined> {
    return this.pushes.get(`${tx.tenant}/${key}`);
  }

  override async savePush(tx: Tx, key: string, pushed: string, result: unknown): Promise<void> {
    if (await this.pushOf(tx, key)) throw new Error('this key was used already');
    this.pushes.set(`${tx.tenant}/${key}`, { fingerprint: pushed, result });
  }

  all(): AppRecord[] {
    return this.records.all();
  }

  versionsOf(ref: Ref, tenant: string): RecordVersion[] {
    const kept = this.history.get(`${tenant}/${refKey(ref)}`) ?? [];
    return kept.map(({ version, existence, content, cause }) => ({ version, existence, content, cause }));
  }
}

const keyOf = (tx: Tx, ref: Ref): string => `${tx.tenant}/${refKey(ref)}`;

const like = (one: unknown, other: unknown): boolean =>
  typeof one === 'string' && typeof other === 'string'
    ? one.trim().toLowerCase() === other.trim().toLowerCase()
    : fingerprint(one) === fingerprint(other);
