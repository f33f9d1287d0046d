import { decimal } from '../amounts.ts';
import type { VirtualClock } from '../clock.ts';
import { Randomness } from '../randomness.ts';
import { Collection, type Deletion } from './collection.ts';
import { Ledger, type Posting } from './ledger.ts';
import type { AccountRole, Hidden, Stored } from './record.ts';
import { pathOf } from './record.ts';
import { shapeOf, type ResourceRules } from './rules.ts';
import { linksIn, type Link, type Members } from './shape.ts';
import type { Switches } from './switches.ts';

export type Action = 'Created' | 'Updated' | 'Deleted';

/** Something that happened to one record, as webhooks tell it. */
export interface FileEvent {
  file: string;
  topic: string;
  resource: string;
  uid: string;
  action: Action;
  rowVersion: string;
  lastModified: number;
}

/** What every company file shares with the rest of the stand-in. */
export interface Surroundings {
  resources: ReadonlyMap<string, ResourceRules>;
  clock: VirtualClock;
  switches: Switches;
  emit(event: FileEvent): void;
  changed(): void;
}

export interface Login {
  user: string;
  password: string;
}

interface SavedRecord {
  uid: string;
  layout?: string;
  members: Members;
  hidden: Hidden;
  rowVersion: string;
  created: number;
  lastModified: number;
  postings: SavedPosting[];
}

/** Exact decimals as text. */
type SavedPosting = [account: string, amount: string, card?: string, item?: string, quantity?: string];

export interface FileState {
  uid: string;
  name: string;
  country: string;
  currency: string;
  login: Login | undefined;
  busyUntil: number;
  latest: number;
  random: number;
  highest: [series: string, number: number][];
  records: Record<string, SavedRecord[]>;
  deletions: Record<string, Deletion[]>;
}

/** One company file: its records, what they add up to, and the order in which they changed. */
export class CompanyFile {
  readonly uid: string;
  name: string;
  readonly country: string;
  readonly currency: string;
  login: Login | undefined;
  /** Until when somebody else has the file for a task of their own. */
  busyUntil = 0;
  /** How many of the next changes leave LastModified where it was (sheet 5.3, 6). */
  frozenChanges = 0;
  ledger = new Ledger();
  private readonly surroundings: Surroundings;
  private readonly random: Randomness;
  private collections = new Map<string, Collection>();
  private byUid = new Map<string, Stored>();
  private holders = new Map<string, string>();
  private uses = new Map<string, number>();
  private roles = new Map<AccountRole, string>();
  private highest = new Map<string, number>();
  private latest = 0;
  private instant: number | undefined;
  private isHistory = false;
  /** Counts changes of names that show in links, so that texts kept from before are not used again. */
  private epoch = 0;

  constructor(uid: string, about: { name: string; country: string; currency: string }, surroundings: Surroundings) {
    this.uid = uid;
    this.name = about.name;
    this.country = about.country;
    this.currency = about.currency;
    this.surroundings = surroundings;
    this.random = new Randomness(Number.parseInt(uid.slice(0, 8), 16));
    this.empty();
  }

  get switches(): Switches {
    return this.surroundings.switches;
  }

  now(): number {
    return this.instant ?? this.surroundings.clock.now();
  }

  /** Lets everything in `happen` be of the moments it names, without telling anybody: how a history is laid. */
  recordHistory(happen: (at: (instant: number) => void) => void): void {
    this.isHistory = true;
    try {
      happen((instant) => (this.instant = instant));
    } finally {
      this.isHistory = false;
      this.instant = undefined;
    }
    this.changed();
  }

  /** Everything in `happen` gets one and the same time: how an import looks. */
  atOneMoment<T>(happen: () => T): T {
    this.instant = this.now();
    try {
      return happen();
    } finally {
      this.instant = undefined;
    }
  }

  collection(name: string): Collection {
    const collection = this.collections.get(name);
    if (!collection) throw new Error(`There is no resource ${name}`);
    return collection;
  }

  all(): IterableIterator<Collection> {
    return this.collections.values();
  }

  /** The record with this UID in one of the collections; in any when none are named. */
  find(uid: string | undefined, ...collections: readonly string[]): Stored | undefined {
    const stored = uid === undefined ? undefined : this.byUid.get(uid.toLowerCase());
    return stored && (collections.length === 0 || collections.includes(stored.rules.name)) ? stored : undefined;
  }

  /** The members of the record a link points to. */
  linked(link: unknown, ...collections: readonly string[]): Members | undefined {
    return this.find((link as Link | null | undefined)?.UID, ...collections)?.members;
  }

  /** The single record of a resource such as Company/Preferences. */
  single(name: string): Stored {
    const [only] = this.collection(name).all();
    if (!only) throw new Error(`${this.name} has no ${name}`);
    return only;
  }

  preference(section: string, name: string): unknown {
    return (this.single('Company/Preferences').members[section] as Members | null)?.[name];
  }

  /** The account the books use for a purpose of their own. */
  account(role: AccountRole): string {
    const uid = this.roles.get(role);
    if (uid === undefined) throw new Error(`${this.name} has no account for ${role}`);
    return uid;
  }

  isUsed(uid: string): boolean {
    return (this.uses.get(uid) ?? 0) > 0;
  }

  holderOf(scope: string, key: string): string | undefined {
    return this.holders.get(`${scope}|${key}`);
  }

  /** The next automatic number of a series: one above the highest, eight digits. */
  nextNumber(series: string): string {
    return String((this.highest.get(series) ?? 0) + 1).padStart(8, '0');
  }

  newUid(): string {
    return this.random.uuid();
  }

  /** A random signed 64-bit number that is not `before`. */
  newVersion(before?: string): string {
    for (;;) {
      const half = (): bigint => BigInt(this.random.integer(0, 0xffff_ffff));
      const version = BigInt.asIntN(64, (half() << 32n) | half()).toString();
      if (version !== before && version !== '0') return version;
    }
  }

  /** Stores a record with a new version; `LastModified` moves to now, never back. */
  store(record: Pick<Stored, 'rules' | 'layout' | 'uid' | 'members' | 'hidden'>, previous: Stored | undefined): Stored {
    const isFrozen = this.frozenChanges > 0 && previous !== undefined;
    if (isFrozen) this.frozenChanges--;
    else this.latest = Math.max(this.latest, this.now());
    const stored: Stored = {
      ...record,
      rowVersion: this.newVersion(previous?.rowVersion),
      created: previous?.created ?? this.now(),
      lastModified: isFrozen ? previous.lastModified : this.latest,
      postings: record.rules.postings?.(record, this) ?? [],
      mentions: this.mentionsOf(record.rules, record.layout, record.members),
    };
    if (previous) this.takeOut(previous);
    this.putIn(stored);
    if (previous && namesDiffer(previous, stored)) this.epoch++;
    return stored;
  }

  remove(stored: Stored): void {
    this.takeOut(stored);
    this.byUid.delete(stored.uid);
    this.latest = Math.max(this.latest, this.now());
    this.collection(stored.rules.name).remove(stored.uid, pathOf(stored), this.latest);
  }

  tell(stored: Stored, action: Action): void {
    if (this.isHistory || !stored.rules.pushed) return;
    this.surroundings.emit({
      file: this.uid,
      topic: stored.rules.name,
      resource: pathOf(stored),
      uid: stored.uid,
      action,
      rowVersion: stored.rowVersion,
      lastModified: action === 'Deleted' ? this.latest : stored.lastModified,
    });
  }

  changed(): void {
    if (!this.isHistory) this.surroundings.changed();
  }

  /** Lets go of every text kept, as when a switch changes how records look. */
  forgetTexts(): void {
    this.epoch++;
  }

  get textEpoch(): number {
    return this.epoch;
  }

  /** Debits less credits by account, for accounts that are not even. */
  trialBalance(): Record<string, string> {
    const rows = this.ledger
      .balances()
      .filter(([, balance]) => !balance.isZero())
      .map(([uid, balance]) => [String(this.find(uid)?.members.DisplayID ?? uid), balance.toFixed(2)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(rows);
  }

  snapshot(): FileState {
    const state: FileState = {
      uid: this.uid,
      name: this.name,
      country: this.country,
      currency: this.currency,
      login: this.login,
      busyUntil: this.busyUntil,
      latest: this.latest,
      random: this.random.position,
      highest: [...this.highest],
      records: {},
      deletions: {},
    };
    for (const collection of this.collections.values()) {
      state.deletions[collection.rules.name] = [...collection.deletions];
      state.records[collection.rules.name] = [...collection.all()].map(
        ({ uid, layout, members, hidden, rowVersion, created, lastModified, postings }) => ({
          uid,
          layout,
          members,
          hidden,
          rowVersion,
          created,
          lastModified,
          postings: postings.map(savedPosting),
        }),
      );
    }
    return state;
  }

  /** Everything as it was then, versions and times included: what restoring a backup does. */
  restore(state: FileState): void {
    this.empty();
    this.name = state.name;
    this.login = state.login;
    this.busyUntil = state.busyUntil;
    this.latest = state.latest;
    this.random.position = state.random;
    for (const [name, records] of Object.entries(state.records)) {
      const collection = this.collection(name);
      const { rules } = collection;
      for (const { postings, ...saved } of records) {
        const mentions = this.mentionsOf(rules, saved.layout, saved.members);
        this.putIn({ ...saved, layout: saved.layout, rules, mentions, postings: postings.map(readPosting) });
      }
      collection.restoreDeletions(state.deletions[name] ?? []);
    }
    this.highest = new Map(state.highest);
    this.changed();
  }

  private empty(): void {
    this.collections = new Map(
      [...this.surroundings.resources].map(([name, rules]) => [name, new Collection(rules)] as const),
    );
    this.byUid = new Map();
    this.holders = new Map();
    this.uses = new Map();
    this.roles = new Map();
    this.highest = new Map();
    this.ledger = new Ledger();
    this.epoch++;
  }

  private putIn(stored: Stored): void {
    this.byUid.set(stored.uid, stored);
    this.collection(stored.rules.name).put(stored);
    this.ledger.replace([], stored.postings);
    for (const uid of stored.mentions) this.uses.set(uid, (this.uses.get(uid) ?? 0) + 1);
    for (const { scope, key } of this.keysOf(stored)) this.holders.set(`${scope}|${key}`, stored.uid);
    if (stored.hidden.role !== undefined) this.roles.set(stored.hidden.role, stored.uid);
    const { numbered } = stored.rules;
    const number = numbered && stored.members[numbered.member];
    if (numbered && typeof number === 'string' && /^\d{1,15}$/.test(number)) {
      this.highest.set(numbered.series, Math.max(this.highest.get(numbered.series) ?? 0, Number(number)));
    }
  }

  private takeOut(stored: Stored): void {
    this.ledger.replace(stored.postings, []);
    for (const uid of stored.mentions) this.uses.set(uid, (this.uses.get(uid) ?? 0) - 1);
    for (const { scope, key } of this.keysOf(stored)) this.holders.delete(`${scope}|${key}`);
  }

  private keysOf(stored: Stored) {
    return stored.rules.unique?.(stored.members, this) ?? [];
  }

  private mentionsOf(rules: ResourceRules, layout: string | undefined, members: Members): string[] {
    return [...linksIn(shapeOf(rules, layout), members)].map((mention) => mention.uid);
  }
}

function namesDiffer(before: Stored, after: Stored): boolean {
  const names = (stored: Stored) => JSON.stringify(stored.rules.linkMembers(stored.members));
  return names(before) !== names(after);
}

function savedPosting({ account, amount, card, item, quantity }: Posting): SavedPosting {
  return [account, amount.toString(), card, item, quantity?.toString()];
}

function readPosting([account, amount, card, item, quantity]: SavedPosting): Posting {
  return {
    account,
    amount: decimal(amount),
    // JSON writes what was undefined as null.
    card: card ?? undefined,
    item: item ?? undefined,
    quantity: typeof quantity === 'string' ? decimal(quantity) : undefined,
  };
}
