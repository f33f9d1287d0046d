import { UnreadableWire, type Change, type WireObject } from '../../../src/domain/provider/mapping/index.js';
import type {
  CallDraft,
  Finding,
  ProviderExchange,
  ProviderFailure,
  ProviderRequest,
  Sighting,
  Write,
  WriteAnswer,
} from '../../../src/domain/provider/index.js';
import type { ToyCompany } from './mapping/words.js';
import { pathOf, requestTo } from './toy.client.js';
import { outcomeOf, unclear } from './toy.failures.js';
import type { Place, Places } from './toy.places.js';
import { sendable, sightingOf } from './toy.sightings.js';

/** One request of a write; a write has one, or several that follow each other. */
interface Step {
  readonly label: string;
  readonly method: ProviderRequest['method'];
  /** Below the company. */
  readonly path: readonly string[];
  readonly body?: WireObject;
  /** The version that is written over. */
  readonly over?: string;
}

/** Writes as calls, and answers as what came of them. Pure. */
export class ToyCalls {
  constructor(
    private readonly places: Places,
    private readonly company: string,
    private readonly context: ToyCompany,
  ) {}

  preflight({ kind, operation, content, target }: Write): readonly Finding[] {
    if (operation !== 'create' && operation !== 'update' && operation !== 'replace') return [];
    const before = operation === 'update' ? sendable(target?.raw) : undefined;
    return this.places.of(kind).mapping.refuses(content, before, this.context);
  }

  draft(write: Write, key: string): CallDraft {
    const { label, method, path, body, over } = this.nextStep(write);
    const headers = {
      ...(body && { 'content-type': 'application/json' }),
      ...(over !== undefined && { 'if-match': over }),
      ...(!this.places.traits.keyless && { 'idempotency-key': key }),
    };
    return {
      intents: [write.intent],
      request: requestTo(method, pathOf(this.company, ...path), label, { headers, ...(body && { body }) }),
      ...(!this.places.traits.keyless && { key }),
    };
  }

  interpret(write: Write, exchange: ProviderExchange): WriteAnswer {
    const { intent } = write;
    const outcome = outcomeOf(exchange, 'write');
    if ('failure' in outcome) return { intent, outcome: 'failed', ...this.failed(write, outcome.failure) };
    const more = this.isUnfinished(write);
    try {
      const sighting = this.shown(write, outcome.body);
      // What was to be replaced is there again, and why it was not replaced stands as before.
      if (write.refused) return { intent, outcome: 'failed', failure: write.refused, ...(sighting && { sighting }) };
      return { intent, outcome: 'done', ...(sighting && { sighting }), ...(more && { more }) };
    } catch (problem) {
      const told = problem instanceof UnreadableWire ? problem.message : 'what cannot be read';
      return { intent, outcome: 'failed', failure: unclear('write', `the toy answered ${told}`) };
    }
  }

  /** Whether further calls must follow after the next one. */
  isUnfinished(write: Write): boolean {
    return !write.refused && write.done.length + 1 < this.steps(write).length;
  }

  private failed(write: Write, failure: ProviderFailure): { failure: ProviderFailure; more?: true } {
    if (!makes(write)) return { failure };
    // What is to be made cannot be gone.
    const told = failure.is === 'gone' ? ({ ...failure, is: 'invalid' } as const) : failure;
    const isRefused = told.is === 'invalid' || told.is === 'duplicate';
    return { failure: told, ...(isRefused && !write.refused && write.done.length > 0 && { more: true }) };
  }

  private nextStep(write: Write): Step {
    return write.refused ? this.makingAgain(write) : this.steps(write)[write.done.length]!;
  }

  /** The record that another one was to take the place of, as it was. */
  private makingAgain({ kind, target, marker }: Write): Step {
    const { resource } = this.places.of(kind);
    const body = { ...sendable(target?.raw), mark: marker };
    return { label: `create ${resource}`, method: 'POST', path: [resource], body };
  }

  private shown(write: Write, body: WireObject): Sighting | undefined {
    const place = this.places.of(write.kind);
    if (write.kind === 'expense' && this.places.traits.writeOnly) {
      if (body.accepted !== true) throw new UnreadableWire('accepted', 'that it was taken');
      return undefined;
    }
    if (body.state === 'deleted') {
      // Kept for the next call of a write that goes on, and not shown of one that ends here.
      return write.operation === 'delete' ? undefined : { ...lastSeen(write), existence: 'deleted' };
    }
    return sightingOf(this.places.ofRow(place.resource, body) ?? place, body, this.context);
  }

  private steps(write: Write): readonly Step[] {
    const { kind, operation, target } = write;
    const place = this.places.of(kind);
    const over = this.places.traits.unguarded ? undefined : target?.version;
    const on = (verb?: string): readonly string[] => [place.resource, target?.id ?? '', ...(verb ? [verb] : [])];
    const guarded = { ...(over !== undefined && { over }) };
    switch (operation) {
      case 'create':
        return this.creation(place, write);
      case 'replace':
        return [
          { label: `delete ${place.resource}`, method: 'DELETE', path: on(), ...guarded },
          ...this.creation(place, write),
        ];
      case 'update':
        return this.update(place, write, guarded);
      case 'delete':
        return [{ label: `delete ${place.resource}`, method: 'DELETE', path: on(), ...guarded }];
      case 'void':
        return [{ label: `void ${place.resource}`, method: 'POST', path: on('void'), ...guarded }];
      case 'archive':
        return [{ label: `switch off ${place.resource}`, method: 'POST', path: on('off'), ...guarded }];
      case 'restore':
        return [{ label: `switch on ${place.resource}`, method: 'POST', path: on('on'), ...guarded }];
    }
  }

  private creation(place: Place, write: Write): readonly Step[] {
    const { sets } = place.mapping.write(write.content, undefined, this.context);
    const { applied, ...rest } = sets;
    const body: WireObject = { ...(place.type && { type: place.type }), ...sets, mark: write.marker };
    const make = (said: WireObject): Step => ({
      label: `create ${place.resource}`,
      method: 'POST',
      path: [place.resource],
      body: said,
    });
    if (!this.appliesApart(place) || applied === undefined) return [make(body)];
    return [make({ ...rest, mark: write.marker }), this.application(write.done.at(0)?.id ?? '', { applied }, write)];
  }

  private update(place: Place, write: Write, guarded: Pick<Step, 'over'>): readonly Step[] {
    const change = place.mapping.write(write.content, sendable(write.target?.raw), this.context);
    const said = saidBy(change);
    const id = write.target?.id ?? '';
    const patch = (body: WireObject): Step => ({
      label: `change ${place.resource}`,
      method: 'PATCH',
      path: [place.resource, id],
      body,
      ...guarded,
    });
    if (!this.appliesApart(place) || !('applied' in said)) return [patch(said)];
    const { applied = null, ...rest } = said;
    const others = Object.keys(rest).length > 0 ? [patch(rest)] : [];
    const application = this.application(id, { applied }, write);
    return [...others, others.length > 0 ? application : { ...application, ...guarded }];
  }

  private application(id: string, body: WireObject, { done }: Write): Step {
    const over = this.places.traits.unguarded ? undefined : done.at(-1)?.version;
    const path = ['credits', id, 'applied'];
    return { label: 'apply credits', method: 'PUT', path, body, ...(over !== undefined && { over }) };
  }

  private appliesApart({ kind }: Place): boolean {
    return kind === 'credit_note' && this.places.traits.severalCalls;
  }
}

/** Only what changes is said, and null where something is to be there no more. */
const saidBy = ({ sets, drops }: Change): WireObject => ({
  ...sets,
  ...Object.fromEntries([...drops].map((path) => [path, null])),
});

/** Whether the next call of a write makes a record. */
const makes = ({ operation, done }: Write): boolean =>
  (operation === 'create' && done.length === 0) || (operation === 'replace' && done.length > 0);

const lastSeen = ({ kind, target }: Write): Omit<Sighting, 'existence'> => {
  if (!target) throw new Error('a record that was never seen cannot be ended');
  return { kind, ...target };
};
