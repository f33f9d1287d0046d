import { Injectable } from '@nestjs/common';
import {
  answered,
  type LimitDefinition,
  type ProviderAdapter,
  type ProviderDefinition,
  type ProviderExchange,
  type ProviderFailure,
  type ProviderRequest,
  type Session,
} from '../../../domain/provider/index.js';
import { Clock, Identifiers } from '../../../platform/clock/index.js';
import { DEADLINE_MS } from '../../../platform/http/index.js';
import { type Limit, Pacing } from '../../../platform/limits/index.js';
import { ProviderRegistry } from '../../providers/index.js';
import { type BooksLine, BooksLines, type ExchangeNote } from './books-line.js';
import type { Connection } from './connection.js';
import { ProviderHttp } from './provider-http.js';
import { type AccessToken, isRefused } from './vault/grant.js';
import { TokenVault } from './vault/token-vault.js';

/** A token is asked for again after this, so that a connection that was ended is not served for long. */
const TOKEN_MS = 5_000;
/** How much longer than its request a place among few is kept, should the process die. */
const LEASE_MARGIN_MS = 5_000;

/** Lines to the providers over HTTP. */
@Injectable()
export class ProviderLines extends BooksLines {
  constructor(
    private readonly clock: Clock,
    private readonly identifiers: Identifiers,
    private readonly registry: ProviderRegistry,
    private readonly vault: TokenVault,
    private readonly pacing: Pacing,
    private readonly http: ProviderHttp,
  ) {
    super();
  }

  override open(connection: Connection): BooksLine {
    const { clock, identifiers, vault, pacing, http } = this;
    const definition = this.registry.of(connection.provider);
    return new ProviderLine(definition, connection, clock, identifiers, vault, pacing, http);
  }
}

class ProviderLine implements BooksLine {
  readonly adapter: ProviderAdapter;
  readonly notes: ExchangeNote[] = [];
  private held: { readonly token: AccessToken; readonly since: number } | undefined;

  constructor(
    private readonly definition: ProviderDefinition,
    private readonly connection: Connection,
    private readonly clock: Clock,
    private readonly identifiers: Identifiers,
    private readonly vault: TokenVault,
    private readonly pacing: Pacing,
    private readonly http: ProviderHttp,
  ) {
    const { company, features, baseCurrency } = connection;
    const send = (request: ProviderRequest): Promise<ProviderExchange> => this.send(request);
    const session: Session = { company, features, baseCurrency, send, now: () => this.clock.now() };
    this.adapter = definition.connect(session);
  }

  async send(request: ProviderRequest): Promise<ProviderExchange> {
    const token = await this.token(0);
    if ('failure' in token) return this.holdBack(request, token.failure);
    const exchange = await this.attempt(request, token);
    if (!answered(exchange) || !this.definition.tokenRefused(exchange)) return exchange;
    // Refused, so not executed: once more with a newer token, which others may have fetched already.
    const newer = await this.token(token.epoch + 1);
    return 'failure' in newer ? this.holdBack(request, newer.failure) : this.attempt(request, newer);
  }

  private async attempt(request: ProviderRequest, { token, epoch }: AccessToken): Promise<ProviderExchange> {
    const holder = this.identifiers.id();
    const limits = limitsOf(this.definition, this.connection, request);
    const lease = (request.deadlineMs ?? DEADLINE_MS) + LEASE_MARGIN_MS;
    const entry = await this.pacing.enter(limits, holder, lease);
    if (!entry.entered) {
      const message = `the calls that ${this.definition.title} allows are used up for the moment`;
      return this.holdBack(request, { is: 'rate_limited', waitMs: entry.waitMs, message });
    }
    try {
      const { answer, ms } = await this.http.call(this.definition, request, token);
      const response = answered(answer) ? answer : undefined;
      const requestId = response && this.definition.requestId(response);
      this.notes.push({ label: request.label, status: response?.status, requestId, ms });
      const rotated = response && this.definition.rotatedTokens?.(response);
      if (rotated) await this.vault.captureRotated(this.connection.tenant, this.connection.grant!, epoch, rotated);
      return answer;
    } finally {
      if (limits.some((limit) => 'concurrent' in limit)) await this.pacing.leave(holder);
    }
  }

  private async token(notOlderThan: number): Promise<AccessToken | { readonly failure: ProviderFailure }> {
    const now = this.clock.now().getTime();
    const { held, connection } = this;
    if (held && held.token.epoch >= notOlderThan && now - held.since < TOKEN_MS) return held.token;
    if (connection.grant === undefined) return { failure: { is: 'access_revoked', message: 'it is disconnected' } };
    const answer = await this.vault.accessToken(connection.tenant, connection.grant, notOlderThan);
    if (isRefused(answer)) return { failure: answer.refused };
    this.held = { token: answer, since: now };
    return answer;
  }

  /** A note all the same: whoever reads the last one reads that of the last request. */
  private holdBack({ label }: ProviderRequest, held: ProviderFailure): ProviderExchange {
    this.notes.push({ label, status: undefined, requestId: undefined, ms: 0 });
    return { held };
  }
}

/** The limits that a request draws from, those that count by connection under the company that they count for. */
const limitsOf = (
  { name, limits }: ProviderDefinition,
  { company }: Connection,
  { draws = [] }: ProviderRequest,
): Limit[] =>
  limits
    .filter((limit) => limit.drawnBy === 'all' || draws.includes(limit.name))
    .map(({ scope, allows, name: limit }: LimitDefinition): Limit => {
      const key = scope === 'application' ? `${name}/${limit}` : `${name}/${limit}/${company}`;
      return { key, ...allows };
    });
