/** What everything that is kept has. Rows are never changed in place: a change puts a new one. */
export interface Row {
  readonly id: string;
  /** Place in the order of creation within the business. */
  readonly number: number;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

export interface Deletion {
  id: string;
  at: number;
}

interface Change {
  at: number;
  id: string;
}

type Keys<T> = Readonly<Record<string, (row: T) => string | undefined>>;

/**
 * All rows of one kind in one business. Found by id and by named keys through maps; the order of last changes is kept as
 * a log whose outdated entries are skipped, so that asking for what changed never looks at what did not. Orders once
 * asked for are kept until something changes.
 */
export class Collection<T extends Row> {
  readonly deletions: Deletion[] = [];
  private readonly byId = new Map<string, T>();
  private readonly keys: Keys<T>;
  private readonly indexes = new Map<string, Map<string, Set<string>>>();
  private changes: Change[] = [];
  private orders = new Map<string, readonly T[]>();

  constructor(keys: Keys<T> = {}) {
    this.keys = keys;
    for (const name of Object.keys(keys)) this.indexes.set(name, new Map());
  }

  get size(): number {
    return this.byId.size;
  }

  get(id: string | null | undefined): T | undefined {
    return id === null || id === undefined ? undefined : this.byId.get(id);
  }

  /** In order of creation. */
  all(): IterableIterator<T> {
    return this.byId.values();
  }

  /** The rows that have this value of a named key. */
  having(key: string, value: string): T[] {
    const ids = this.indexes.get(key)?.get(value) ?? [];
    return [...ids].map((id) => this.byId.get(id) as T);
  }

  put(row: T): void {
    const before = this.byId.get(row.id);
    if (before) this.unindex(before);
    this.byId.set(row.id, row);
    for (const [name, keyOf] of Object.entries(this.keys)) {
      const value = keyOf(row);
      if (value === undefined) continue;
      const index = this.indexes.get(name) as Map<string, Set<string>>;
      const ids = index.get(value);
      if (ids) ids.add(row.id);
      else index.set(value, new Set([row.id]));
    }
    if (before?.modifiedAt !== row.modifiedAt) this.log(row);
    this.orders.clear();
  }

  remove(id: string, at: number): void {
    const before = this.byId.get(id);
    if (!before) return;
    this.unindex(before);
    this.byId.delete(id);
    this.deletions.push({ id, at });
    this.orders.clear();
  }

  /** Rows last changed at or after an instant, oldest change first. */
  changedSince(since: number): T[] {
    const rows: T[] = [];
    for (let i = this.firstAt(since); i < this.changes.length; i++) {
      const { at, id } = this.changes[i] as Change;
      const row = this.byId.get(id);
      if (row?.modifiedAt === at) rows.push(row);
    }
    return rows;
  }

  /** All rows in an order of that name, sorted once. */
  inOrder(name: string, compare: (a: T, b: T) => number): readonly T[] {
    let rows = this.orders.get(name);
    if (!rows) {
      rows = [...this.byId.values()].sort(compare);
      this.orders.set(name, rows);
    }
    return rows;
  }

  private unindex(row: T): void {
    for (const [name, keyOf] of Object.entries(this.keys)) {
      const value = keyOf(row);
      if (value === undefined) continue;
      const index = this.indexes.get(name) as Map<string, Set<string>>;
      const ids = index.get(value);
      ids?.delete(row.id);
      if (ids?.size === 0) index.delete(value);
    }
  }

  private log({ id, modifiedAt: at }: T): void {
    if (this.changes.length > 2 * this.byId.size + 256) {
      this.changes = this.changes.filter((change) => this.byId.get(change.id)?.modifiedAt === change.at);
    }
    const last = this.changes.at(-1);
    if (!last || last.at <= at) {
      this.changes.push({ at, id });
      return;
    }
    // Only after the clock was set back does a change belong anywhere but at the end.
    this.changes = this.changes.filter((change) => change.id !== id);
    this.changes.splice(this.firstAt(at + 1), 0, { at, id });
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
