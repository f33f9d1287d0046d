import { amount, decimal, zero, type Decimal } from '../amounts.ts';
import { pacificDate, pacificStamp, utcDate } from './calendar.ts';
import { CURRENCY_NAMES } from './currency-names.ts';
import { VirtualClock, type Clock } from '../clock.ts';
import { Collection, type Stored } from './collection.ts';
import type { ChangeOperation, CompanyEvent, Entity, Hidden, Reference, User } from './entity.ts';
import { Ledger } from './ledger.ts';
import type { Randomness } from '../randomness.ts';
import type { EntityRules } from './rules.ts';
import { referencesIn, type Body } from './shape.ts';
import type { Switches } from './switches.ts';

export type Flavour = 'us' | 'us-ast' | 'uk';

/** What every company of one sandbox shares. */
export interface Surroundings {
  entities: ReadonlyMap<string, EntityRules>;
  clock: Clock;
  random: Randomness;
  switches: Switches;
  emit(event: CompanyEvent): void;
  changed(): void;
}

export interface CompanyState {
  realmId: string;
  flavour: Flavour;
  sequences: Record<string, number>;
  numbers: Record<string, number>;
  records: Record<string, [object: Entity, hidden: Hidden, createdAt: number, updatedAt: number][]>;
  deletions: Record<string, { id: string; at: number }[]>;
}

/** 19-digit ids of old companies: the ordinary number moved far up. */
const LONG_ID_BASE = 1_000_000_000_000_000_000n;

/** One company's books: every object, who uses which name, balances, and the company-wide series of ids and numbers. */
export class Company {
  readonly realmId: string;
  readonly flavour: Flavour;
  readonly ledger: Ledger;
  readonly surroundings: Surroundings;
  private clock: Clock;
  private readonly collections = new Map<string, Collection>();
  private readonly uniqueKeys = new Map<string, Map<string, string>>();
  private readonly children = new Map<string, Map<string, Set<string>>>();
  private readonly accountsBySubtype = new Map<string, string | undefined>();
  private sequences: Record<string, number> = {};
  private numbers: Record<string, number> = {};
  private positions = 0;
  private silentNow = false;
  /** Raised when any name changes: objects show the current names of what they refer to. */
  private nameEpoch = 0;

  constructor(realmId: string, flavour: Flavour, surroundings: Surroundings) {
    this.realmId = realmId;
    this.flavour = flavour;
    this.surroundings = surroundings;
    this.clock = surroundings.clock;
    for (const rules of surroundings.entities.values()) this.collections.set(rules.name, new Collection(rules));
    this.ledger = new Ledger((account) => this.isForeignAccount(account));
  }

  get switches(): Switches {
    return this.surroundings.switches;
  }

  get isUnitedStates(): boolean {
    return this.flavour !== 'uk';
  }

  now(): number {
    return this.clock.now();
  }

  /** The day a transaction without a date gets. */
  today(): string {
    return this.switches.todayZone === 'utc' ? utcDate(this.now()) : pacificDate(this.now());
  }

  /** Runs `fill` with the company's clock under its control and without events: how a company gets its past. */
  recordHistory(fill: (at: (instant: number) => void) => void): void {
    const past = new VirtualClock({ now: () => 0 });
    past.offset = this.surroundings.clock.now();
    this.clock = past;
    this.silentNow = true;
    try {
      fill((instant) => {
        past.offset = instant;
      });
    } finally {
      this.clock = this.surroundings.clock;
      this.silentNow = false;
    }
  }

  collection(entity: string): Collection {
    const collection = this.collections.get(entity);
    if (!collection) throw new Error(`no entity named ${entity}`);
    return collection;
  }

  all(): IterableIterator<Collection> {
    return this.collections.values();
  }

  find(entity: string, id: string): Stored | undefined {
    return this.collections.get(entity)?.get(id);
  }

  object(entity: string, id: string | undefined): Entity | undefined {
    return id === undefined ? undefined : this.find(entity, id)?.object;
  }

  /** A preference by path, such as `AccountingInfoPrefs.TrackDepartments`. */
  preference(path: string): unknown {
    let value: unknown = this.find('Preferences', '1')?.object;
    for (const part of path.split('.')) value = (value as Body | undefined)?.[part];
    return value;
  }

  prefers(path: string): boolean {
    return this.preference(path) === true;
  }

  /** A named entry of `OtherPrefs.NameValue`. */
  otherPreference(name: string): boolean {
    const entries = this.preference('OtherPrefs.NameValue') as { Name: string; Value: string }[] | undefined;
    return entries?.find((entry) => entry.Name === name)?.Value === 'true';
  }

  get homeCurrency(): string {
    return (this.preference('CurrencyPrefs.HomeCurrency') as Reference | undefined)?.value ?? 'USD';
  }

  get multiCurrency(): boolean {
    return this.prefers('CurrencyPrefs.MultiCurrencyEnabled');
  }

  private isForeignAccount(id: string): boolean {
    const currency = this.object('Account', id)?.CurrencyRef;
    return currency !== undefined && currency.value !== this.homeCurrency;
  }

  /** The first active account of a subtype, in the given currency where that matters. */
  accountOfSubtype(subtype: string, currency?: string): Entity | undefined {
    const key = `${subtype}:${currency ?? ''}`;
    if (!this.accountsBySubtype.has(key)) {
      const found = [...this.collection('Account').all()].find(
        ({ object }) =>
          object.AccountSubType === subtype &&
          object.Active !== false &&
          (currency === undefined || object.CurrencyRef?.value === currency),
      );
      this.accountsBySubtype.set(key, found?.object.Id);
    }
    return this.object('Account', this.accountsBySubtype.get(key));
  }

  nextId(sequence: string): string {
    const next = (this.sequences[sequence] ?? 0) + 1;
    this.sequences[sequence] = next;
    return this.switches.longIds ? String(LONG_ID_BASE + BigInt(next)) : String(next);
  }

  /** The next automatic number of a series of forms, counting from `first`. */
  nextNumber(series: string, first: number): string {
    const next = this.numbers[series] ?? first;
    this.numbers[series] = next + 1;
    return String(next);
  }

  /** The id that holds `key` in a scope of unique names; undefined when it is free. */
  holderOf(scope: string, key: string): string | undefined {
    return this.uniqueKeys.get(scope)?.get(key);
  }

  store(
    rules: EntityRules,
    object: Entity,
    hidden: Hidden,
    previous: Stored | undefined,
    silent: boolean,
    user: User,
  ): void {
    const at = Math.floor(this.now() / 1000) * 1000;
    const updatedAt = silent && previous ? previous.updatedAt : at;
    if (!silent) {
      object.SyncToken = previous ? String(BigInt(previous.object.SyncToken) + 1n) : '0';
      object.MetaData = {
        CreateTime: previous?.object.MetaData.CreateTime ?? pacificStamp(at),
        LastUpdatedTime: pacificStamp(at),
        LastModifiedByRef: { value: user.id, name: user.name },
      };
    }
    const createdAt = previous?.createdAt ?? this.now();
    this.place(rules, inOrder(rules, object), hidden, previous, createdAt, updatedAt);
  }

  private place(
    rules: EntityRules,
    object: Entity,
    hidden: Hidden,
    previous: Stored | undefined,
    createdAt: number,
    updatedAt: number,
  ): void {
    const stored: Stored = {
      rules,
      object,
      hidden,
      position: previous?.position ?? ++this.positions,
      createdAt,
      updatedAt,
      postings: rules.postings?.(object, hidden, this) ?? [],
    };
    if (previous) this.forgetNames(previous);
    for (const { scope, key } of rules.unique?.(object, this) ?? []) {
      let keys = this.uniqueKeys.get(scope);
      if (!keys) this.uniqueKeys.set(scope, (keys = new Map()));
      keys.set(key, object.Id);
    }
    this.collection(rules.name).put(stored);
    if (rules.name === 'Account') this.accountsBySubtype.clear();
    this.noteParent(rules.name, object.Id, previous?.object.ParentRef?.value, object.ParentRef?.value);
    this.ledger.replace(previous?.postings ?? [], stored.postings);
    if (previous && shownName(previous.object) !== shownName(object)) this.nameEpoch++;
    this.surroundings.changed();
  }

  remove(stored: Stored): void {
    this.forgetNames(stored);
    this.noteParent(stored.rules.name, stored.object.Id, stored.object.ParentRef?.value, undefined);
    this.collection(stored.rules.name).remove(stored.object.Id, Math.floor(this.now() / 1000) * 1000);
    this.ledger.replace(stored.postings, []);
    if (stored.rules.name === 'Account') this.accountsBySubtype.clear();
    this.surroundings.changed();
  }

  private forgetNames({ rules, object }: Stored): void {
    for (const { scope, key } of rules.unique?.(object, this) ?? []) {
      const keys = this.uniqueKeys.get(scope);
      if (keys?.get(key) === object.Id) keys.delete(key);
    }
  }

  emit(event: { entity: string; id: string; operation: ChangeOperation; deletedId?: string }): void {
    if (!this.silentNow) this.surroundings.emit({ ...event, realm: this.realmId, at: this.now() });
  }

  /** Writes moved balances into the accounts and names; that makes no new version of them (sheet 9.1, item 23). */
  publishBalances(): void {
    const touched = this.ledger.takeTouched();
    for (const id of touched.accounts) this.publishAccount(id);
    for (const key of touched.parties) {
      const [entity, id] = key.split(':') as [string, string];
      this.publishParty(entity, id);
    }
  }

  private publishAccount(id: string): void {
    const stored = this.find('Account', id);
    if (!stored) return;
    const sign = ['Liability', 'Equity'].includes(String(stored.object.Classification)) ? -1 : 1;
    const isBalanceSheet = ['Asset', 'Liability', 'Equity'].includes(String(stored.object.Classification));
    const own = isBalanceSheet ? this.ledger.account(id).times(sign) : zero;
    stored.object.CurrentBalance = amount(own);
    stored.text = undefined;
    // Parents show the sum of their branch; levels are few, so walking up and summing children stays cheap.
    let branch: string | undefined = id;
    while (branch !== undefined) {
      const account = this.find('Account', branch);
      if (!account) break;
      account.object.CurrentBalanceWithSubAccounts = amount(this.branchTotal('Account', branch, 'CurrentBalance'));
      account.text = undefined;
      branch = account.object.ParentRef?.value;
    }
  }

  private publishParty(entity: string, id: string): void {
    const stored = this.find(entity, id);
    if (!stored) return;
    const owed = this.ledger.party(`${entity}:${id}`);
    stored.object.Balance = amount(entity === 'Vendor' ? owed.negated() : owed);
    stored.text = undefined;
    if (entity !== 'Customer') return;
    let branch: string | undefined = id;
    while (branch !== undefined) {
      const customer = this.find('Customer', branch);
      if (!customer) break;
      customer.object.BalanceWithJobs = amount(this.branchTotal('Customer', branch, 'Balance'));
      customer.text = undefined;
      branch = customer.object.ParentRef?.value;
    }
  }

  private branchTotal(entity: string, id: string, field: string): Decimal {
    let total = decimal(this.find(entity, id)?.object[field]);
    for (const child of this.childrenOf(entity, id)) total = total.plus(this.branchTotal(entity, child, field));
    return total;
  }

  /** Ids of the objects directly below another one in a hierarchy of names. */
  childrenOf(entity: string, id: string): ReadonlySet<string> {
    return this.children.get(entity)?.get(id) ?? new Set();
  }

  private noteParent(entity: string, id: string, before: string | undefined, after: string | undefined): void {
    if (before === after) return;
    for (const parent of [before, after]) {
      if (parent !== undefined && entity === 'Customer') this.ledger.touchParty(`Customer:${parent}`);
      if (parent !== undefined && entity === 'Account') this.ledger.touchAccount(parent);
    }
    let families = this.children.get(entity);
    if (!families) this.children.set(entity, (families = new Map()));
    if (before !== undefined) families.get(before)?.delete(id);
    if (after === undefined) return;
    const siblings = families.get(after);
    if (siblings) siblings.add(id);
    else families.set(after, new Set([id]));
  }

  /** The JSON text of an object with the names of everything it refers to as they are now. */
  textOf(stored: Stored): string {
    if (stored.text === undefined || stored.textEpoch !== this.nameEpoch) {
      this.refreshNames(stored.rules, stored.object);
      stored.text = JSON.stringify(stored.object);
      stored.textEpoch = this.nameEpoch;
    }
    return stored.text;
  }

  /** Echoes names beside the values of all references in `object` (sheet 2.2). */
  refreshNames(rules: EntityRules, object: Entity): void {
    for (const { reference, to, holder } of referencesIn(rules.fields, object)) {
      const entity = targetOf(to, reference, holder);
      // The pseudo codes of US companies come back without a name.
      if (entity === 'TaxCode' && (reference.value === 'TAX' || reference.value === 'NON')) continue;
      const name = entity === undefined ? undefined : this.nameOf(entity, String(reference.value));
      if (name !== undefined && reference.name !== name) reference.name = name;
    }
  }

  /** The name under which an object shows in references to it. */
  nameOf(entity: string, id: string): string | undefined {
    if (entity === 'Currency') return CURRENCY_NAMES[id];
    const object = this.find(entity, id)?.object;
    return object && shownName(object);
  }

  snapshot(): CompanyState {
    const state: CompanyState = {
      realmId: this.realmId,
      flavour: this.flavour,
      sequences: this.sequences,
      numbers: this.numbers,
      records: {},
      deletions: {},
    };
    for (const collection of this.collections.values()) {
      state.deletions[collection.rules.name] = collection.deletions;
      state.records[collection.rules.name] = [...collection.all()].map((stored) => [
        stored.object,
        stored.hidden,
        stored.createdAt,
        stored.updatedAt,
      ]);
    }
    return state;
  }

  restore(state: CompanyState): void {
    this.sequences = state.sequences;
    this.numbers = state.numbers;
    // Accounts first: postings of everything else ask them for their currency.
    const names = Object.keys(state.records).sort((a, b) => restoreOrder(a) - restoreOrder(b));
    for (const name of names) {
      const rules = this.collection(name).rules;
      for (const [object, hidden, createdAt, updatedAt] of state.records[name] ?? []) {
        this.place(rules, object, hidden, undefined, createdAt, updatedAt);
      }
      this.collection(name).deletions.push(...(state.deletions[name] ?? []));
    }
    this.publishBalances();
  }
}

function restoreOrder(entity: string): number {
  const first = ['Preferences', 'Account', 'Item'].indexOf(entity);
  return first === -1 ? 9 : first;
}

/** The entity a reference points into: the only choice, or the one its `type` names. */
export function targetOf(to: readonly string[], reference: Body, holder: Body): string | undefined {
  if (to.length === 1) return to[0];
  const type = reference.type ?? holder.Type;
  return to.find((entity) => entity.toLowerCase() === String(type).toLowerCase());
}

function shownName(object: Entity): string | undefined {
  return object.FullyQualifiedName ?? object.DisplayName ?? object.Name;
}

/** Members in the vendor's order, undefined ones left out. */
function inOrder(rules: EntityRules, object: Entity): Entity {
  const ordered: Body = { domain: 'QBO', sparse: false, Id: object.Id, SyncToken: object.SyncToken };
  ordered.MetaData = object.MetaData;
  for (const field of Object.keys(rules.fields)) {
    if (field in ordered || field === 'status' || field === 'time') continue;
    const value = object[field];
    if (value !== undefined) ordered[field] = value;
  }
  return ordered as Entity;
}
