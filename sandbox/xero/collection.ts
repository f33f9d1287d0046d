import type { ResourceRules } from './rules.ts';
import type { Body } from './shape.ts';

/** One stored object. Replaced whole on every change, so that an older one can be put back. */
export interface Stored {
  readonly rules: ResourceRules;
  readonly id: string;
  readonly fields: Body;
  readonly createdAt: number;
  readonly updatedAt: number;
}

interface Change {
  at: number;
  stored: Stored;
}

const NOTHING: ReadonlySet<string> = new Set();

/**
 * All objects of one resource of one organisation. Ids and indexed keys are found by map; the order of last changes is a
 * log whose outdated entries are skipped, so that asking for recent changes never looks at the rest.
 */
export class Collection {
  readonly rules: ResourceRules;
  private readonly byId = new Map<string, Stored>();
  private readonly indexes = new Map<string, Map<string, Set<string>>>();
  private changes: Change[] = [];
  private sorted: Stored[] | undefined;

  private readonly replaced: (before: Stored | undefined, after: Stored | undefined) => void;

  /** `replaced` is told of every object that takes the place of another one, or of none. */
  constructor(rules: ResourceRules, replaced: (before: Stored | undefined, after: Stored | undefined) => void) {
    this.rules = rules;
    this.replaced = replaced;
    for (const name of Object.keys(rules.indexes)) this.indexes.set(name, new Map());
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

  /** Puts an object in the place of the one with the same id; undefined as the object takes that one away. */
  put(id: string, stored: Stored | undefined): void {
    const before = this.byId.get(id);
    if (before) this.index(before, (ids) => ids.delete(id));
    this.sorted = undefined;
    this.replaced(before, stored);
    if (!stored) {
      this.byId.delete(id);
      return;
    }
    this.byId.set(id, stored);
    this.index(stored, (ids) => ids.add(id));
    this.log(stored);
  }

  /** Ids by an indexed key. */
  lookUp(index: string, key: string): ReadonlySet<string> {
    return this.indexes.get(index)?.get(key) ?? NOTHING;
  }

  /** The first object with an indexed key. */
  first(index: string, key: string | undefined): Stored | undefined {
    if (key === undefined) return undefined;
    const [id] = this.lookUp(index, key);
    return id === undefined ? undefined : this.byId.get(id);
  }

  /** By last change and then by id: the vendor's default order. */
  ordered(): readonly Stored[] {
    this.sorted ??= this.current(0);
    return this.sorted;
  }

  /** Objects last changed at or after `since`, in default order. */
  changedSince(since: number): Stored[] {
    return this.current(this.firstAt(since));
  }

  private current(from: number): Stored[] {
    const found = new Set<Stored>();
    for (let i = from; i < this.changes.length; i++) {
      const { stored } = this.changes[i] as Change;
      if (this.byId.get(stored.id) === stored) found.add(stored);
    }
    return [...found].sort(inDefaultOrder);
  }

  private index(stored: Stored, change: (ids: Set<string>) => void): void {
    for (const [name, keyOf] of Object.entries(this.rules.indexes)) {
      const key = keyOf(stored.fields);
      if (key === undefined) continue;
      const index = this.indexes.get(name) as Map<string, Set<string>>;
      let ids = index.get(key);
      if (!ids) index.set(key, (ids = new Set()));
      change(ids);
      if (ids.size === 0) index.delete(key);
    }
  }

  private log(stored: Stored): void {
    if (this.changes.length > 2 * this.byId.size + 256) {
      this.changes = this.changes.filter((change) => this.byId.get(change.stored.id) === change.stored);
    }
    const at = stored.updatedAt;
    const last = this.changes.at(-1);
    // Silent changes and ones that were put back belong further up.
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

export function inDefaultOrder(a: Stored, b: Stored): number {
  return a.updatedAt - b.updatedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
