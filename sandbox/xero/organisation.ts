import { Decimal } from '../amounts.ts';
import { VirtualClock, type Clock } from '../clock.ts';
import { Randomness } from '../randomness.ts';
import { Balances } from './balances.ts';
import { localDay, spelledDay } from './calendar.ts';
import { Collection, type Stored } from './collection.ts';
import type { ResourceRules } from './rules.ts';
import type { Body } from './shape.ts';
import type { Switches } from './switches.ts';

export type Flavour = 'nz' | 'us' | 'uk';

/** Something that happened to one object, as webhooks tell it. */
export interface OrganisationEvent {
  realm: string;
  resource: string;
  id: string;
  type: 'CREATE' | 'UPDATE';
  at: number;
  data?: object;
}

/** What an organisation is given by the sandbox it stands in. */
export interface Surroundings {
  resources: ReadonlyMap<string, ResourceRules>;
  clock: Clock;
  switches: Switches;
  emit(event: OrganisationEvent): void;
  changed(): void;
}

export interface Attachment {
  id: string;
  name: string;
  type: string;
  length: number;
  online: boolean;
  /** Base64. */
  content: string;
}

export interface Note {
  at: number;
  details: string;
}

export interface OrganisationState {
  tenantId: string;
  flavour: Flavour;
  settings: Body;
  counters: Record<string, number>;
  random: number;
  records: Record<string, [id: string, fields: Body, createdAt: number, updatedAt: number][]>;
  attachments: [string, Attachment[]][];
  notes: [string, Note[]][];
}

export interface PutOptions {
  /** Leaves UpdatedDateUTC as it is and tells no webhook. */
  silent?: boolean;
  /** False keeps webhooks quiet although the object changed. */
  tell?: boolean;
}

/** One organisation's books: every object, automatic numbers, and units of work that leave no trace when they fail. */
export class Organisation {
  readonly tenantId: string;
  readonly flavour: Flavour;
  readonly random: Randomness;
  /** The fields of the Organisation resource. */
  settings: Body = {};
  readonly attachments = new Map<string, Attachment[]>();
  readonly notes = new Map<string, Note[]>();
  readonly balances = new Balances();
  private readonly surroundings: Surroundings;
  private clock: Clock;
  private readonly collections = new Map<string, Collection>();
  private counters: Record<string, number> = {};
  private undo: (() => void)[] = [];
  private pending: OrganisationEvent[] = [];
  private depth = 0;
  private stamp = 0;
  private isPast = false;

  constructor(tenantId: string, flavour: Flavour, surroundings: Surroundings) {
    this.tenantId = tenantId;
    this.flavour = flavour;
    this.surroundings = surroundings;
    this.clock = surroundings.clock;
    this.random = new Randomness(Number.parseInt(tenantId.slice(0, 8), 16) ^ Number.parseInt(tenantId.slice(-8), 16));
    for (const rules of surroundings.resources.values()) {
      const collection = new Collection(rules, (before, after) => this.balances.replace(before?.fields, after?.fields));
      this.collections.set(rules.name, collection);
    }
  }

  get switches(): Switches {
    return this.surroundings.switches;
  }

  now(): number {
    return this.clock.now();
  }

  /** The calendar day where the organisation is. */
  today(): string {
    return localDay(this.now(), String(this.settings.Timezone));
  }

  get baseCurrency(): string {
    return String(this.settings.BaseCurrency);
  }

  /** Rounded to cents, by the midpoint rule that is switched on. */
  cents(value: Decimal): Decimal {
    const halves = this.switches.midpoint === 'even' ? Decimal.ROUND_HALF_EVEN : Decimal.ROUND_HALF_UP;
    return value.toDecimalPlaces(2, halves);
  }

  /** Runs `fill` with time under its control and without events: how an organisation gets its past. */
  recordHistory(fill: (at: (instant: number) => void) => void): void {
    const past = new VirtualClock({ now: () => 0 });
    past.offset = this.surroundings.clock.now();
    this.clock = past;
    this.isPast = true;
    try {
      fill((instant) => {
        past.offset = instant;
      });
    } finally {
      this.clock = this.surroundings.clock;
      this.isPast = false;
    }
  }

  collection(resource: string): Collection {
    const collection = this.collections.get(resource);
    if (!collection) throw new Error(`no resource named ${resource}`);
    return collection;
  }

  all(): IterableIterator<Collection> {
    return this.collections.values();
  }

  find(resource: string, id: unknown): Stored | undefined {
    return typeof id === 'string' ? this.collections.get(resource)?.get(id) : undefined;
  }

  fields(resource: string, id: unknown): Body | undefined {
    return this.find(resource, id)?.fields;
  }

  /** The next number of a series, counting from `first`. */
  next(series: string, first: number): number {
    const next = this.counters[series] ?? first;
    const before = this.counters[series];
    this.counters[series] = next + 1;
    this.undo.push(() => {
      if (before === undefined) delete this.counters[series];
      else this.counters[series] = before;
    });
    return next;
  }

  /** The message with which a day on or before a lock date is refused; undefined when nothing is locked. */
  lockProblem(day: unknown): string | undefined {
    const locks = [
      [this.settings.PeriodLockDate, 'period lock date'],
      [this.settings.EndOfYearLockDate, 'end of year lock date'],
    ] as const;
    for (const [lock, name] of locks) {
      if (typeof lock === 'string' && typeof day === 'string' && day <= lock) {
        return `The document date cannot be before the ${name}, currently set at ${spelledDay(lock)}`;
      }
    }
    return undefined;
  }

  /** Does `work` wholly or not at all. Everything in the outermost unit carries one time stamp. */
  transaction<T>(work: () => T): T {
    if (this.depth === 0) this.stamp = this.now();
    const undoMark = this.undo.length;
    const eventMark = this.pending.length;
    this.depth++;
    try {
      return work();
    } catch (error) {
      while (this.undo.length > undoMark) this.undo.pop()?.();
      this.pending.length = eventMark;
      throw error;
    } finally {
      this.depth--;
      if (this.depth === 0) this.publish();
    }
  }

  private publish(): void {
    const events = new Map<string, OrganisationEvent>();
    for (const event of this.pending) {
      const key = `${event.resource}/${event.id}`;
      const type = events.get(key)?.type === 'CREATE' ? 'CREATE' : event.type;
      events.set(key, { ...event, type });
    }
    const isChanged = this.undo.length > 0;
    this.undo = [];
    this.pending = [];
    if (isChanged) this.surroundings.changed();
    for (const event of events.values()) this.surroundings.emit(event);
  }

  /** Stores an object under its id within a unit of work. */
  put(resource: string, id: string, fields: Body, { silent = false, tell = true }: PutOptions = {}): Stored {
    const collection = this.collection(resource);
    const { rules } = collection;
    const previous = collection.get(id);
    const updatedAt = silent && previous ? previous.updatedAt : this.stamp;
    const createdAt = previous?.createdAt ?? this.stamp;
    const stored: Stored = { rules, id, fields: { ...fields, UpdatedDateUTC: updatedAt }, createdAt, updatedAt };
    collection.put(id, stored);
    this.undo.push(() => collection.put(id, previous));
    if (rules.webhook && tell && !this.isPast && !(silent && previous)) {
      const data = rules.webhookData?.(stored.fields);
      const type = previous ? 'UPDATE' : 'CREATE';
      this.pending.push({ realm: this.tenantId, resource, id, type, at: updatedAt, ...(data && { data }) });
    }
    return stored;
  }

  /** Changes some fields of a stored object within a unit of work. */
  patch(resource: string, id: string, changes: Body, options: PutOptions = {}): Stored {
    const stored = this.find(resource, id);
    if (!stored) throw new Error(`${resource} ${id} is changed but does not exist`);
    return this.put(resource, id, { ...stored.fields, ...changes }, options);
  }

  remove(resource: string, id: string): void {
    const collection = this.collection(resource);
    const previous = collection.get(id);
    collection.put(id, undefined);
    this.undo.push(() => collection.put(id, previous));
  }

  snapshot(): OrganisationState {
    const records: OrganisationState['records'] = {};
    for (const collection of this.collections.values()) {
      records[collection.rules.name] = [...collection.all()].map(({ id, fields, createdAt, updatedAt }) => [
        id,
        fields,
        createdAt,
        updatedAt,
      ]);
    }
    return {
      tenantId: this.tenantId,
      flavour: this.flavour,
      settings: this.settings,
      counters: this.counters,
      random: this.random.position,
      records,
      attachments: [...this.attachments],
      notes: [...this.notes],
    };
  }

  restore(state: OrganisationState): void {
    this.settings = state.settings;
    this.counters = state.counters;
    this.random.position = state.random;
    for (const [key, attachments] of state.attachments) this.attachments.set(key, attachments);
    for (const [key, notes] of state.notes) this.notes.set(key, notes);
    for (const [resource, records] of Object.entries(state.records)) {
      const collection = this.collection(resource);
      for (const [id, fields, createdAt, updatedAt] of records) {
        collection.put(id, { rules: collection.rules, id, fields, createdAt, updatedAt });
      }
    }
  }
}
