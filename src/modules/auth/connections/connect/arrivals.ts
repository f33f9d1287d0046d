import { Injectable, Logger } from '@nestjs/common';
import type { CompanyIdentity, ProviderDefinition, TokenSet } from '../../../../domain/provider/index.js';
import { Identifiers } from '../../../../platform/clock/index.js';
import { Transactions, type Tx } from '../../../../platform/database/index.js';
import { told } from '../../../../platform/log/index.js';
import { HistoryStore, type NewEvent } from '../../../history/index.js';
import { ProviderRegistry } from '../../../providers/index.js';
import { TenantStore } from '../../access/store/tenant-store.js';
import { Connected } from '../connected.js';
import { ConnectionProblems } from '../connection-problems.js';
import { ProviderHttp } from '../provider-http.js';
import { ConnectionStore, type ConnectResult } from '../store/connection-store.js';
import { GrantStore } from '../store/grant-store.js';
import { TicketStore } from '../store/ticket-store.js';
import { GrantEndings } from '../vault/grant-endings.js';
import { TokenSeals } from '../vault/token-seals.js';
import type { ConnectResultCode, Ticket } from './ticket.js';

export interface ArrivalResult {
  readonly result: ConnectResultCode;
  readonly connections: readonly string[];
}

const ended = (result: ConnectResultCode, connections: readonly string[] = []): ArrivalResult => ({
  result,
  connections,
});

/** The end of a journey: a consent becomes a grant and its companies become connections, or nothing is kept of it. */
@Injectable()
export class Arrivals {
  private readonly logger = new Logger('connect');

  constructor(
    private readonly transactions: Transactions,
    private readonly identifiers: Identifiers,
    private readonly registry: ProviderRegistry,
    private readonly http: ProviderHttp,
    private readonly tenants: TenantStore,
    private readonly tickets: TicketStore,
    private readonly connections: ConnectionStore,
    private readonly grants: GrantStore,
    private readonly seals: TokenSeals,
    private readonly endings: GrantEndings,
    private readonly problems: ConnectionProblems,
    private readonly history: HistoryStore,
    private readonly connected: Connected,
  ) {}

  /** A journey that brought no tokens. */
  async inVain({ tenant, id }: Ticket, result: ConnectResultCode): Promise<ArrivalResult> {
    await this.transactions.inTenant(tenant, (tx) => this.tickets.end(tx, id, result));
    return ended(result);
  }

  /** `query` is that of the callback, in which some providers name the company. */
  async withTokens(ticket: Ticket, tokens: TokenSet, query: Readonly<Record<string, string>>): Promise<ArrivalResult> {
    const definition = this.registry.of(ticket.provider);
    const companies = await this.companiesOf(definition, tokens, query);
    const outcome =
      companies === undefined
        ? ended('failed')
        : companies.length === 0
          ? ended('no_company')
          : await this.transactions.inTenant(ticket.tenant, (tx) => this.settle(tx, ticket, tokens, companies));
    if (outcome.result === 'connected') this.tell(ticket.tenant, outcome.connections);
    else {
      await this.inVain(ticket, outcome.result);
      await this.discard(definition, tokens, companies ?? []);
    }
    return outcome;
  }

  private async companiesOf(
    definition: ProviderDefinition,
    tokens: TokenSet,
    query: Readonly<Record<string, string>>,
  ): Promise<readonly CompanyIdentity[] | undefined> {
    try {
      return await definition.oauth.companies({
        query,
        send: async (request) => (await this.http.call(definition, request, tokens.accessToken)).answer,
      });
    } catch (error) {
      this.logger.warn(`${definition.name} named no companies: ${told(error)}`);
      return undefined;
    }
  }

  private async settle(
    tx: Tx,
    { id, provider, connection, actor, goLive }: Ticket,
    tokens: TokenSet,
    companies: readonly CompanyIdentity[],
  ): Promise<ArrivalResult> {
    const ticket = await this.tickets.lock(tx, id);
    if (ticket?.state !== 'started' || !(await this.tenants.current(tx))) return ended('invalid');
    const wanted = connection === undefined ? companies : await this.renewable(tx, connection, provider, companies);
    if (wanted.length === 0) return ended('wrong_company');

    const grant = this.identifiers.id();
    const fresh = { tokens, since: tx.now, formerRefreshToken: undefined, endsAt: undefined };
    const sealed = this.seals.seal(await this.seals.key(tx), { id: grant, tenant: tx.tenant }, fresh);
    await this.grants.add(tx, { id: grant, provider, by: actor }, sealed);
    const results: ConnectResult[] = [];
    for (const { id: company, name: companyName } of wanted) {
      const fields = { id: this.identifiers.id(), provider, company, companyName, grant, goLive, by: actor };
      results.push(await this.connections.connect(tx, fields));
    }
    for (const {
      connection: { id: made },
    } of results) {
      await this.problems.closeOfConnection(tx, made, ['access_revoked', 'suspended']);
    }
    for (const former of new Set(results.flatMap(({ formerGrant }) => formerGrant ?? []))) {
      await this.endings.replace(tx, former);
    }
    await this.history.append(
      tx,
      results.map((result) => eventOf(result, actor)),
    );
    await this.tickets.end(tx, id, 'connected');
    return ended(
      'connected',
      results.map((result) => result.connection.id),
    );
  }

  /**
   * A reconnected company, and with it others of the tenant that the same consent reaches. Nothing if the company that
   * it is about is not among those that the person chose.
   */
  private async renewable(
    tx: Tx,
    connection: string,
    provider: string,
    companies: readonly CompanyIdentity[],
  ): Promise<readonly CompanyIdentity[]> {
    const known = await this.connections.get(tx, connection);
    if (!known || !companies.some(({ id }) => id === known.company)) return [];
    const renewable: CompanyIdentity[] = [];
    for (const company of companies) {
      const other = await this.connections.ofCompany(tx, provider, company.id);
      if (other && (other.id === connection || other.state !== 'disconnected')) renewable.push(company);
    }
    return renewable;
  }

  /**
   * Tokens that nobody wants are revoked, unless a connection lives on one of these companies: at some providers that
   * would end its consent too, and then they are only forgotten.
   */
  private async discard(
    { name }: ProviderDefinition,
    tokens: TokenSet,
    companies: readonly CompanyIdentity[],
  ): Promise<void> {
    const ids = companies.map(({ id }) => id);
    const living = await this.transactions.dispatching((tx) => this.connections.routesTo(tx, name, ids));
    if (living.length > 0) return;
    await this.endings.refuse(name, tokens);
  }

  /** Once it is committed. Nobody waits for it, least of all the browser; what fails here is done by the sweep. */
  private tell(tenant: string, connections: readonly string[]): void {
    for (const connection of connections) {
      this.connected.connected(tenant, connection).catch((error: unknown) => {
        this.logger.error(`after connecting ${connection}: ${told(error)}`);
      });
    }
  }
}

const eventOf = ({ connection, was }: ConnectResult, actor: string): NewEvent => {
  const { id, provider, company, companyName, goLive } = connection;
  const detail = { provider, company, ...(companyName !== undefined && { companyName }), goLive };
  return was === 'new'
    ? { type: 'connection_made', cause: { by: 'person', actor }, connection: id, detail }
    : {
        type: 'connection_changed',
        cause: { by: 'person', actor },
        connection: id,
        detail: { ...detail, state: 'active', reconnected: true },
      };
};
