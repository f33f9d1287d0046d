import type { Entity, Hidden, Reference } from './entity.ts';
import type { EntityRules, Posting } from './rules.ts';

/** One stored object with its place in the order of changes. Replaced whole on every change. */
export interface Stored {
  readonly rules: EntityRules;
  readonly object: Entity;
  readonly hidden: Hidden;
  /** Place in the order of creation; the same order as the ids. */
  readonly position: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** What the object does to account and name balances. */
  readonly postings: Posting[];
  /** The JSON text of the object, kept until a name or balance shown in it changes. */
  text?: string;
  textEpoch?: number;
}

interface Change {
  at: number;
  stored: Stored;
}

export interface Deletion {
  id: string;
  at: number;
}

/** Properties found without scanning. */
const INDEXED = ['DisplayName', 'Name', 'FullyQualifiedName', 'DocNumber', 'CustomerRef', 'VendorRef'] as const;

/**
 * All objects of one entity of one company. Ids are found by map; the order of last changes is kept as a log whose
 * outdated entries are skipped, so that change data and time windows never scan the whole collection.
 */
export class Collection {
  readonly rules: EntityRules;
  readonly deletions: Deletion[] = [];
  private readonly byId = new Map<string, Stored>();
  private readonly indexes = new Map<string, Map<string, Set<string>>>();
  private changes: Change[] = [];
  /** False once a shorter id followed a longer one, as when long ids were switched off again. */
  createdInIdOrder = true;
  private longestId = 0;

  constructor(rules: EntityRules) {
    this.rules = rules;
    for (const property of INDEXED) {
      if (Object.hasOwn(rules.fields, property)) this.indexes.set(property, new Map());
    }
  }

  get size(): number {
    return this.byId.size;
  }

  get(id: string): Stored | undefined {
    return this.byId.get(id);
  }

  /** In order of creation. */
  all(): IterableIterator<Stored> {
    return this.byId.values();
  }

  put(stored: Stored): void {
    const id = stored.object.Id;
    const before = this.byId.get(id);
    if (before) this.unindex(before.object);
    else {
      this.createdInIdOrder &&= id.length >= this.longestId && /^\d+$/.test(id);
      this.longestId = id.length;
    }
    this.byId.set(id, stored);
    for (const [property, index] of this.indexes) {
      const key = indexKey(stored.object[property]);
      if (key === undefined) continue;
      const ids = index.get(key);
      if (ids) ids.add(id);
      else index.set(key, new Set([id]));
    }
    if (!before || before.updatedAt !== stored.updatedAt || before.object.SyncToken !== stored.object.SyncToken) {
      this.log(stored);
    } else {
      // Changed in place, as when a parent's name shows in it: the same change, another object.
      const entry = this.changes.findLast((change) => change.stored === before);
      if (entry) entry.stored = stored;
    }
  }

  remove(id: string, at: number): void {
    const before = this.byId.get(id);
    if (!before) return;
    this.unindex(before.object);
    this.byId.delete(id);
    this.deletions.push({ id, at });
  }

  /** Ids by the exact value of an indexed property; undefined when the property is not indexed. */
  lookUp(property: string, value: string): ReadonlySet<string> | undefined {
    const index = this.indexes.get(property);
    return index && (index.get(value) ?? new Set());
  }

  /** Objects last changed at or after `since`, oldest change first. */
  *changedSince(since: number): Generator<Stored> {
    for (let i = this.firstAt(since); i < this.changes.length; i++) {
      const { stored } = this.changes[i] as Change;
      if (this.byId.get(stored.object.Id) === stored) yield stored;
    }
  }

  private unindex(object: Entity): void {
    for (const [property, index] of this.indexes) {
      const key = indexKey(object[property]);
      if (key === undefined) continue;
      const ids = index.get(key);
      ids?.delete(object.Id);
      if (ids?.size === 0) index.delete(key);
    }
  }

  private log(stored: Stored): void {
    if (this.changes.length > 2 * this.byId.size + 256) {
      this.changes = this.changes.filter((change) => this.byId.get(change.stored.object.Id) === change.stored);
    }
    const at = stored.updatedAt;
    const last = this.changes.at(-1);
    // Only after the clock was set back does a change belong anywhere but at the end.
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

function indexKey(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null) return (value as Reference).value;
  return undefined;
}
