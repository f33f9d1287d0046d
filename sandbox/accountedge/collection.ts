import type { Stored } from './record.ts';
import type { ResourceRules } from './rules.ts';

interface Change {
  at: number;
  stored: Stored;
}

export interface Deletion {
  uid: string;
  path: string;
  at: number;
}

/**
 * All records of one resource. UIDs are found by map; the order of last changes is kept as a log whose outdated entries
 * are skipped, so that a poll for changes never scans the whole collection.
 */
export class Collection {
  readonly rules: ResourceRules;
  readonly deletions: Deletion[] = [];
  private readonly byUid = new Map<string, Stored>();
  private readonly deleted = new Set<string>();
  private changes: Change[] = [];
  private inOrder: string[] | undefined;

  constructor(rules: ResourceRules) {
    this.rules = rules;
  }

  get size(): number {
    return this.byUid.size;
  }

  get(uid: string): Stored | undefined {
    return this.byUid.get(uid);
  }

  wasDeleted(uid: string): boolean {
    return this.deleted.has(uid);
  }

  all(): IterableIterator<Stored> {
    return this.byUid.values();
  }

  /** By UID, which is the order of a list that asks for none. */
  *byUidOrder(): Generator<Stored> {
    this.inOrder ??= [...this.byUid.keys()].sort();
    for (const uid of this.inOrder) yield this.byUid.get(uid) as Stored;
  }

  put(stored: Stored): void {
    if (!this.byUid.has(stored.uid)) this.inOrder = undefined;
    this.byUid.set(stored.uid, stored);
    this.log(stored);
  }

  remove(uid: string, path: string, at: number): void {
    this.byUid.delete(uid);
    this.inOrder = undefined;
    this.deleted.add(uid);
    this.deletions.push({ uid, path, at });
  }

  restoreDeletions(deletions: readonly Deletion[]): void {
    for (const deletion of deletions) {
      this.deletions.push(deletion);
      this.deleted.add(deletion.uid);
    }
  }

  /** Records last modified at or after `since`, oldest change first. */
  *changedSince(since: number): Generator<Stored> {
    for (let i = this.firstAt(since); i < this.changes.length; i++) {
      const { stored } = this.changes[i] as Change;
      if (this.byUid.get(stored.uid) === stored) yield stored;
    }
  }

  private log(stored: Stored): void {
    if (this.changes.length > 2 * this.byUid.size + 256) {
      this.changes = this.changes.filter((change) => this.byUid.get(change.stored.uid) === change.stored);
    }
    const at = stored.lastModified;
    const last = this.changes.at(-1);
    // A change whose LastModified stood still belongs where it was.
    if (!last || last.at <= at) this.changes.push({ at, stored });
    else this.changes.splice(this.firstAt(at + 1), 0, { at, stored });
  }

  private firstAt(instant: number): number {
    let low = 0;
    let high = this.changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.changes[middle] as Change).at < instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
