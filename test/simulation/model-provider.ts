import { type KindName, KIND_NAMES } from '../../src/domain/contract/index.js';
import {
  type AbsentKind,
  answered,
  type CallDraft,
  heldBack,
  type KindDefinition,
  type Observation,
  type ProviderAdapter,
  type ProviderDefinition,
  type ProviderExchange,
  type ProviderFailure,
  ProviderFailureError,
  type ProviderRequest,
  type Session,
  type Sighting,
  type Trace,
  type Write,
  type WriteAnswer,
} from '../../src/domain/provider/index.js';
import type { ModelAnswer, ModelWrite, Traits } from './model-books.js';

/** The provider contract over the model of books: requests are JSON, one path for each verb. */
export const modelProvider = (traits: Traits): ProviderDefinition => ({
  name: 'model',
  title: 'Model books',
  settings: [],
  baseUrl: () => 'http://model.invalid',
  oauth: NO_CONSENT,
  kinds: Object.fromEntries(
    KIND_NAMES.map((kind) => [
      kind,
      CARRIED[kind] ? abilityOf(kind, traits) : { absent: 'the model has no such thing' },
    ]),
  ) as Record<KindName, KindDefinition | AbsentKind>,
  streams: [],
  limits: [],
  requestId: () => undefined,
  tokenRefused: () => false,
  connect: (session) => new ModelAdapter(session, traits),
});

const CARRIED: Partial<Record<KindName, readonly string[]>> = {
  contact: ['displayName', 'email', 'notes'],
  invoice: ['contact', 'issueDate', 'dueDate', 'lines', 'lines.description', 'lines.amount', 'number', 'memo'],
  payment: ['contact', 'date', 'amount', 'allocations', 'allocations.document', 'allocations.amount', 'memo'],
};

const abilityOf = (kind: KindName, traits: Traits): KindDefinition => ({
  operations:
    kind === 'contact'
      ? ['create', 'update', 'archive', 'restore']
      : traits.replaces.includes(kind)
        ? ['create', 'replace', 'delete']
        : ['create', 'update', 'delete', 'void'],
  impossible: {},
  noticedBy: 'webhook',
  carries: () => new Set(CARRIED[kind]),
  decides: kind === 'invoice' ? ['dueDate', 'number'] : [],
  ...(kind === 'invoice' && { states: ['open'] }),
  ...(traits.ordered && { compareVersions: (one: string, other: string) => Number(one) - Number(other) }),
  guardsVersions: traits.guardsVersions,
  recovery: {
    ...(traits.keyWindowMs !== undefined && { keyWindowMs: traits.keyWindowMs / 2 }),
    lookUp: 'by marker',
    settleMs: traits.lagMs + 1_000,
  },
});

const NO_CONSENT: ProviderDefinition['oauth'] = {
  authorizationUrl: () => '',
  tokenUrl: () => '',
  revocationUrl: () => undefined,
  clientIdSetting: '',
  clientSecretSetting: '',
  scopes: [],
  pkce: false,
  readTokens: () => {
    throw new Error('the model gives no tokens');
  },
  companies: () => Promise.resolve([]),
  refreshRefused: () => 'revoked',
  lostRefreshRetryMs: 0,
  revocation: () => ({ contentType: '', body: '' }),
};

class ModelAdapter implements ProviderAdapter {
  readonly trace: ((write: Write) => Promise<Trace>) | undefined;

  constructor(
    private readonly session: Session,
    traits: Traits,
  ) {
    if (traits.traceable) this.trace = (write) => this.findTrace(write);
  }

  async observe(targets: Parameters<ProviderAdapter['observe']>[0]): Promise<readonly Observation[]> {
    const seen = await this.ask<{ sighting?: Sighting; gone?: true }[]>(
      'observe',
      targets.map(({ candidates, id }) => ({ kind: candidates[0], id })),
    );
    return targets.map((target, index): Observation => {
      const { sighting, gone } = seen[index]!;
      if (sighting) return { found: 'record', target, sighting };
      if (gone) return { found: 'gone', target };
      return { found: 'unreadable', target, failure: { is: 'unavailable', message: 'not to be seen yet' } };
    });
  }

  list(): Promise<never> {
    return Promise.reject(new ProviderFailureError({ is: 'invalid', message: 'the model lists nothing' }));
  }

  poll(): Promise<never> {
    return Promise.reject(
      new ProviderFailureError({ is: 'invalid', message: 'the model is polled by the simulation' }),
    );
  }

  async namesakes(wanted: Parameters<ProviderAdapter['namesakes']>[0]): Promise<readonly (readonly Sighting[])[]> {
    return this.ask(
      'namesakes',
      wanted.map(({ kind, content }) => ({ kind, name: content.displayName ?? content.number })),
    );
  }

  preflight(): [] {
    return [];
  }

  draft(writes: readonly Write[], newKey: () => string): readonly CallDraft[] {
    return writes.map((write) => {
      const key = newKey();
      const { kind } = write;
      const body = JSON.stringify({ key, writes: [itemOf(write)] });
      return {
        intents: [write.intent],
        request: { method: 'POST', path: '/write', body, label: `write ${kind}` },
        key,
      };
    });
  }

  interpret(_call: CallDraft, writes: readonly Write[], exchange: ProviderExchange): readonly WriteAnswer[] {
    const failure = failureIn(exchange, true);
    if (failure) return writes.map(({ intent }): WriteAnswer => ({ intent, outcome: 'failed', failure }));
    const answers = JSON.parse((exchange as { body: string }).body) as ModelAnswer[];
    return writes.map((write, index) => answerOf(write, answers[index]!));
  }

  private async findTrace({ kind, marker }: Write): Promise<Trace> {
    const found = await this.ask<Sighting[]>('trace', { kind, marker });
    if (found.length === 0) return { trace: 'absent' };
    if (found.length > 1) return { trace: 'several', ids: found.map(({ id }) => id) };
    return { trace: 'found', sighting: found[0]!, exact: found[0]!.version === '1' };
  }

  private async ask<T>(verb: string, question: unknown): Promise<T> {
    const request: ProviderRequest = { method: 'POST', path: `/${verb}`, body: JSON.stringify(question), label: verb };
    const exchange = await this.session.send(request);
    const failure = failureIn(exchange, false);
    if (failure) throw new ProviderFailureError(failure);
    return JSON.parse((exchange as { body: string }).body) as T;
  }
}

/** The next call of a write: a replacement ends the old record first, and makes it again if the new one is refused. */
const itemOf = ({ kind, operation, target, content, marker, done, refused }: Write): ModelWrite => {
  if (operation === 'replace' && done.length > 0) {
    return { kind, operation: 'create', content: refused ? target!.content : content, marker };
  }
  return {
    ...{ kind, content, marker },
    operation: operation === 'replace' ? 'delete' : operation,
    ...(target && { id: target.id, version: target.version }),
  };
};

const answerOf = (write: Write, answer: ModelAnswer): WriteAnswer => {
  const { intent, kind, operation, target, done, refused } = write;
  const begun = operation === 'replace' && done.length > 0;
  if ('ok' in answer) {
    const sighting = answer.ok ?? undefined;
    if (refused) return { intent, outcome: 'failed', failure: refused, ...(sighting && { sighting }) };
    if (operation !== 'replace' || begun) return { intent, outcome: 'done', ...(sighting && { sighting }) };
    return { intent, outcome: 'done', more: true, sighting: { kind, ...target!, existence: 'deleted' } };
  }
  const { refused: is, message, candidates = [] } = answer;
  const failure = { is, message, candidates } as ProviderFailure;
  if (refused) return { intent, outcome: 'failed', failure: refused };
  return { intent, outcome: 'failed', failure, ...(begun && { more: true }) };
};

const failureIn = (exchange: ProviderExchange, writing: boolean): ProviderFailure | undefined => {
  if (heldBack(exchange)) return exchange.held;
  if (!answered(exchange)) {
    const lost = writing && exchange.unanswered === 'maybe_sent';
    return { is: lost ? 'lost_answer' : 'unavailable', message: exchange.message };
  }
  switch (exchange.status) {
    case 200:
      return undefined;
    case 429:
      return { is: 'rate_limited', waitMs: 3_000, message: 'Too many requests.' };
    case 503:
      return { is: 'unavailable', message: 'Down for maintenance.' };
    default:
      return writing
        ? { is: 'lost_answer', message: 'An application error has occurred.' }
        : { is: 'unavailable', message: 'An application error has occurred.' };
  }
};
