import {
  groupNames,
  KINDS,
  normalGroup,
  refKey,
  type Content,
  type KindName,
  type Ref,
  type Value,
} from '../../../src/domain/contract/index.js';
import { isWireNumber, UnreadableWire, type WireObject } from '../../../src/domain/provider/mapping/index.js';
import {
  ProviderFailureError,
  type ChangeNotice,
  type ListPage,
  type Namesake,
  type Observation,
  type PollPage,
  type ProviderFailure,
  type Sighting,
  type Target,
  type Trace,
  type UnreadableRecord,
  type Write,
} from '../../../src/domain/provider/index.js';
import { daysOf } from './mapping/contact.js';
import type { ToyCompany } from './mapping/words.js';
import type { ToyCalls } from './toy.calls.js';
import type { ToyClient } from './toy.client.js';
import { unclear } from './toy.failures.js';
import type { Place, Places } from './toy.places.js';
import { companySighting, sightingOf, termSighting } from './toy.sightings.js';
import { rowsIn, textIn } from './toy.wire.js';

/** Everything that is read of the toy books. */
export class ToyReading {
  constructor(
    private readonly client: ToyClient,
    private readonly places: Places,
    private readonly company: string,
    private readonly context: ToyCompany,
  ) {}

  async observe(targets: readonly Target[]): Promise<readonly Observation[]> {
    const byResource = new Map<string, Target[]>();
    for (const target of targets) {
      const resource = this.resourceOf(target.candidates[0]!);
      byResource.set(resource, [...(byResource.get(resource) ?? []), target]);
    }
    const seen = await Promise.all(
      [...byResource].map(async ([resource, asked]): Promise<readonly Observation[]> => {
        try {
          return await this.observeIn(resource, asked);
        } catch (error) {
          const failure = failureOf(error);
          return asked.map((target) => ({ found: 'unreadable', target, failure }));
        }
      }),
    );
    return seen.flat();
  }

  private resourceOf(kind: KindName): string {
    return kind === 'company' ? 'profile' : kind === 'payment_term' ? 'terms' : this.places.of(kind).resource;
  }

  private async observeIn(resource: string, targets: readonly Target[]): Promise<readonly Observation[]> {
    if (resource === 'profile') {
      const sighting = await this.profile();
      return targets.map((target) =>
        target.id === this.company ? { found: 'record', target, sighting } : notOurs(target),
      );
    }
    if (resource === 'terms') {
      const terms = new Map((await this.terms()).map((term) => [term.id, term]));
      return targets.map((target): Observation => {
        const sighting = terms.get(target.id);
        if (sighting) return { found: 'record', target, sighting };
        return daysOf(target.id) === undefined ? notOurs(target) : { found: 'gone', target };
      });
    }
    const rows = new Map<string, WireObject>();
    const asked = [...new Set(targets.map(({ id }) => id).filter((id) => /^\d{1,12}$/.test(id)))];
    for (let at = 0; at < asked.length; at += 50) {
      const ids = JSON.stringify(asked.slice(at, at + 50));
      for (const row of (await this.client.rows(resource, { ids }, `look at ${resource}`)).rows) {
        rows.set(textIn(row, 'id') ?? '', row);
      }
    }
    return targets.map((target) => {
      if (!asked.includes(target.id)) return { found: 'gone', target };
      const row = rows.get(target.id);
      if (!row) return { found: 'unreadable', target, failure: unclear('read', 'the toy left the record out') };
      if (row.state === 'deleted' || row.state === 'unknown') return { found: 'gone', target };
      const read = this.read(resource, row);
      return 'failure' in read
        ? { found: 'unreadable', target, failure: read.failure }
        : { found: 'record', target, sighting: read };
    });
  }

  async list(kind: KindName, cursor: string | undefined): Promise<ListPage> {
    if (kind === 'company' || kind === 'payment_term') {
      if (cursor !== undefined) throw new ProviderFailureError({ is: 'invalid', message: 'there is one page only' });
      if (kind === 'payment_term') return { sightings: await this.terms() };
      return { sightings: [await this.profile()] };
    }
    const { resource, type } = this.places.of(kind);
    const { rows, next } = await this.client.rows(resource, {
      ...(type && { type }),
      ...(cursor !== undefined && { after: cursor }),
    });
    return { ...this.readAll(resource, kind, rows), ...(next !== undefined && { next }) };
  }

  async poll(stream: string, cursor: string | undefined): Promise<PollPage> {
    switch (stream) {
      case 'books':
        return this.pollBooks(cursor);
      case 'people':
        return this.pollPeople(cursor);
      case 'company':
        return this.pollCompany(cursor);
      default:
        throw new Error(`the toy has no stream ${stream}`);
    }
  }

  /** Names of records that changed, in the order in which they did. */
  private async pollBooks(cursor: string | undefined): Promise<PollPage> {
    const body = await this.client.get(['changes'], { ...(cursor !== undefined && { after: cursor }) }, 'poll changes');
    const events = rowsIn(body, 'events');
    const { last } = body;
    if (!events || !isWireNumber(last)) throw new ProviderFailureError(unclear('read', 'the toy told no changes'));
    const notices = new Map<string, ChangeNotice>();
    for (const event of events) {
      const [id, resource = ''] = [textIn(event, 'id'), textIn(event, 'resource')];
      const candidates = this.places.heldIn(resource, textIn(event, 'type'));
      if (id === undefined || candidates.length === 0 || PEOPLE.includes(resource)) continue;
      notices.set(`${resource}/${id}`, { company: this.company, candidates, id });
    }
    return { sightings: [], notices: [...notices.values()], cursor: last.rawJSON, more: body.more === true };
  }

  /** Contacts and accounts are few and are shown whole; what happens in the same instant is shown twice. */
  private async pollPeople(cursor: string | undefined): Promise<PollPage> {
    if (cursor === undefined) {
      const { asOf } = await this.client.rows('contacts', { ids: '[]' }, 'ask the time');
      return { sightings: [], notices: [], cursor: asOf, more: false };
    }
    const contacts = await this.client.allRows('contacts', { since: cursor });
    const accounts = await this.client.allRows('accounts', { since: cursor });
    const sightings = [
      ...this.readAll('contacts', 'contact', contacts.rows).sightings,
      ...this.readAll('accounts', 'account', accounts.rows).sightings,
      ...this.termsIn(contacts.rows),
    ];
    return { sightings, notices: [], cursor: contacts.asOf, more: false };
  }

  private async pollCompany(cursor: string | undefined): Promise<PollPage> {
    const sighting = await this.profile();
    const sightings = cursor === undefined || cursor === sighting.version ? [] : [sighting];
    return { sightings, notices: [], cursor: sighting.version, more: false };
  }

  async namesakes(wanted: readonly Namesake[]): Promise<readonly (readonly Sighting[])[]> {
    const kinds = [...new Set(wanted.map(({ kind }) => kind))];
    const pool: Sighting[] = [];
    for (const kind of kinds) {
      const place = this.places.find(kind);
      if (!place) continue;
      const [field, filter] = kind === 'contact' ? ['displayName', 'names'] : ['number', 'numbers'];
      const texts = wanted
        .filter((one) => one.kind === kind)
        .map(({ content }) => content[field!])
        .filter((value): value is string => typeof value === 'string')
        .map((value) => value.trim());
      if (texts.length === 0) continue;
      const query = { [filter!]: JSON.stringify([...new Set(texts)]), ...(place.type && { type: place.type }) };
      const { rows } = await this.client.allRows(place.resource, query);
      pool.push(...this.readAll(place.resource, kind, rows).sightings);
    }
    return wanted.map(({ kind, content }) =>
      pool.filter((one) => one.kind === kind && isNamesake(kind, content, one.content)),
    );
  }

  /** By the mark of what was made, which nobody is shown, and of a change by the record itself. */
  async trace(write: Write, calls: ToyCalls): Promise<Trace> {
    const place = this.places.of(write.kind);
    const begun = write.done.length > 0;
    const makes = write.operation === 'create' ? !begun : write.operation === 'replace' && begun;
    if (!makes) return this.traceChange(place, write, calls);
    const { rows } = await this.client.allRows(place.resource, { mark: write.marker });
    const made = this.readAll(place.resource, write.kind, rows).sightings;
    const [only] = made;
    if (!only) return { trace: 'absent' };
    if (made.length > 1) return { trace: 'several', ids: made.map(({ id }) => id) };
    return found(only, only.version === '1', calls.isUnfinished(write));
  }

  private async traceChange(place: Place, write: Write, calls: ToyCalls): Promise<Trace> {
    const before = write.done.at(-1) ?? write.target;
    if (!before) return { trace: 'absent' };
    const [seen] = await this.observe([{ candidates: [write.kind], id: before.id }]);
    if (seen?.found === 'unreadable') throw new ProviderFailureError(seen.failure);
    if (seen?.found !== 'record') {
      const ends = write.operation === 'delete' || write.operation === 'replace';
      const ended = { kind: write.kind, ...before, existence: 'deleted' } as const;
      return ends ? found(ended, true, calls.isUnfinished(write)) : { trace: 'absent' };
    }
    const { sighting } = seen;
    if (sighting.version === before.version || !this.isDone(place, write, sighting)) return { trace: 'absent' };
    return { trace: 'found', sighting, exact: Number(sighting.version) === Number(before.version) + 1 };
  }

  private isDone(place: Place, { kind, operation, content }: Write, { existence, content: there }: Sighting): boolean {
    if (operation === 'void') return existence === 'voided';
    if (operation === 'archive') return existence === 'archived';
    if (operation === 'restore') return existence === 'present';
    if (operation === 'replace' || operation === 'delete') return false;
    const carried = place.mapping.carries(this.context);
    const reading = {
      nameOf: refKey,
      carries: (path: string) => carried.has(path) && !place.mapping.decides.includes(path),
    };
    return groupNames(kind).every((group) => {
      const [wanted, shown] = [content, there].map((one) => normalGroup(kind, group, one, reading));
      const cleared = Object.keys(shown!).filter((field) => content[field] === null);
      return cleared.length === 0 && Object.entries(wanted!).every(([field, value]) => shown![field] === value);
    });
  }

  private async profile(): Promise<Sighting> {
    const row = await this.client.get(['profile'], {}, 'look at profile');
    try {
      return companySighting(this.company, row, this.context);
    } catch (problem) {
      if (!(problem instanceof UnreadableWire)) throw problem;
      throw new ProviderFailureError({ is: 'unreadable', message: problem.message });
    }
  }

  private async terms(): Promise<Sighting[]> {
    return this.termsIn((await this.client.allRows('contacts', {})).rows);
  }

  private termsIn(rows: readonly WireObject[]): Sighting[] {
    if (!this.places.traits.derivesTerms) return [];
    const days = rows.map((row) => (isWireNumber(row.days) ? daysOf(`days-${row.days.rawJSON}`) : undefined));
    return [...new Set(days.filter((one) => one !== undefined))].map((one) => termSighting(one, this.context));
  }

  private read(resource: string, row: WireObject): Sighting | { readonly failure: ProviderFailure } {
    const place = this.places.ofRow(resource, row);
    if (!place) return { failure: { is: 'unreadable', message: `the toy shows a record of no known type` } };
    try {
      return sightingOf(place, row, this.context);
    } catch (problem) {
      if (!(problem instanceof UnreadableWire)) throw problem;
      return { failure: { is: 'unreadable', message: problem.message } };
    }
  }

  private readAll(
    resource: string,
    kind: KindName,
    rows: readonly WireObject[],
  ): { sightings: Sighting[]; unreadable?: UnreadableRecord[] } {
    const sightings: Sighting[] = [];
    const unreadable: UnreadableRecord[] = [];
    for (const row of rows) {
      const read = this.read(resource, row);
      const id = textIn(row, 'id');
      if (!('failure' in read)) sightings.push(read);
      else unreadable.push({ kind, failure: read.failure, ...(id !== undefined && { id }) });
    }
    return { sightings, ...(unreadable.length > 0 && { unreadable }) };
  }
}

const found = (sighting: Sighting, exact: boolean, more: boolean): Trace => ({
  ...{ trace: 'found', sighting, exact },
  ...(more && { more }),
});

/** What the stream of people shows whole. */
const PEOPLE = ['contacts', 'accounts'];

const notOurs = (target: Target): Observation => ({
  found: 'unreadable',
  target,
  failure: { is: 'invalid', message: 'the toy gives no such ids' },
});

const failureOf = (error: unknown): ProviderFailure => {
  if (error instanceof ProviderFailureError) return error.failure;
  throw error;
};

/** Names are compared whatever the case of their letters, numbers as they are. */
const isNamesake = (kind: KindName, wanted: Content, there: Content): boolean =>
  KINDS[kind].naturalKeys.some(
    (key) =>
      (wanted[key[0]!] ?? null) !== null &&
      key.every((field) => keyText(field, wanted[field]) === keyText(field, there[field])),
  );

const keyText = (field: string, value: Value | undefined): string => {
  if (typeof value === 'string') return field === 'displayName' ? value.trim().toLowerCase() : value.trim();
  return value === null || value === undefined ? '' : refKey(value as Ref);
};
