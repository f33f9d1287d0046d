import {
  answered,
  type ProviderDefinition,
  type ProviderExchange,
  type ProviderRequest,
  type ProviderResponse,
  type ProviderSettings,
  type Session,
  type TokenSet,
} from '../../../src/domain/provider/index.js';
import { askForTokens } from './consent.js';
import { requestOf, sendOver } from './http.js';
import type { TrialClock } from './trial-clock.js';

/** What is done with a request; `pass` sends it. */
export type Way = (
  request: ProviderRequest,
  pass: () => Promise<ProviderExchange>,
) => Promise<ProviderExchange> | ProviderExchange;

const CUT: ProviderExchange = { unanswered: 'maybe_sent', message: 'the connection was cut' };

/** Nobody gets the request. */
export const cutBefore: Way = () => CUT;

/** The request arrives and is answered, and nobody gets the answer. */
export const cutAfter: Way = async (_, pass) => {
  await pass();
  return CUT;
};

/** A session as the product opens it, over real HTTP: tokens are renewed and captured, every exchange is kept. */
export class Line implements Session {
  features: Readonly<Record<string, string>> = {};
  baseCurrency: string | undefined;
  readonly exchanges: { readonly request: ProviderRequest; readonly exchange: ProviderExchange }[] = [];
  private way: Way | undefined;

  constructor(
    private readonly definition: ProviderDefinition,
    private readonly settings: ProviderSettings,
    readonly company: string,
    public tokens: TokenSet,
    private readonly clock: TrialClock,
    /** Whether a refused token is replaced by a new one, as the product does. */
    private readonly renews = true,
  ) {}

  now(): Date {
    return new Date(this.clock.now());
  }

  async send(request: ProviderRequest): Promise<ProviderExchange> {
    const pass = (): Promise<ProviderExchange> => this.pass(request);
    const exchange = await (this.way ? this.way(request, pass) : pass());
    this.exchanges.push({ request, exchange });
    return exchange;
  }

  /** While `work` runs, requests go this way. */
  async meanwhile<T>(way: Way, work: () => Promise<T>): Promise<T> {
    this.way = way;
    try {
      return await work();
    } finally {
      this.way = undefined;
    }
  }

  /** Gets new tokens for the old ones, as before the old ones end. */
  async refresh(): Promise<ProviderResponse> {
    const answer = await askForTokens(this.definition, this.settings, {
      grant_type: 'refresh_token',
      refresh_token: this.tokens.refreshToken ?? '',
    });
    if (answer.status === 200) this.take(this.definition.oauth.readTokens(answer.body));
    return answer;
  }

  private async pass(request: ProviderRequest): Promise<ProviderExchange> {
    const exchange = await this.attempt(request);
    if (!this.renews || !answered(exchange) || !this.definition.tokenRefused(exchange)) return exchange;
    const renewal = await this.refresh();
    if (renewal.status === 200) return this.attempt(request);
    const message = 'no new token is to be had';
    return this.definition.oauth.refreshRefused(renewal) === 'revoked'
      ? { held: { is: 'access_revoked', message } }
      : { held: { is: 'unavailable', message } };
  }

  private async attempt(request: ProviderRequest): Promise<ProviderExchange> {
    const exchange = await sendOver(requestOf(this.definition, this.settings, request, this.tokens.accessToken));
    const rotated = answered(exchange) ? this.definition.rotatedTokens?.(exchange) : undefined;
    if (rotated) this.take(rotated);
    return exchange;
  }

  private take(tokens: TokenSet): void {
    this.tokens = { ...tokens, refreshToken: tokens.refreshToken ?? this.tokens.refreshToken };
  }
}
