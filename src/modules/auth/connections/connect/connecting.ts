import { Injectable } from '@nestjs/common';
import { Identifiers } from '../../../../platform/clock/index.js';
import { Transactions } from '../../../../platform/database/index.js';
import { ProviderRegistry, ProviderSettingsBook } from '../../../providers/index.js';
import { hashOf } from '../../access/bearer.js';
import type { Connection } from '../connection.js';
import { ConnectionStore } from '../store/connection-store.js';
import { TicketStore } from '../store/ticket-store.js';
import { asGoLive, ConnectRefusedError } from './connect-refused.js';
import { PublicUrl } from './public-url.js';
import { ReturnUrls } from './return-urls.js';

export interface ConnectRequest {
  readonly provider: string;
  /** Where the browser goes afterwards, with `result` and `connection`. */
  readonly returnUrl: string;
  /** Documents dated before it are read and not written; today if absent. `YYYY-MM-DD`. */
  readonly goLive?: string;
}

export interface ReconnectRequest {
  readonly connection: string;
  readonly returnUrl: string;
}

export interface ConnectInvitation {
  /** A page of ours that works once, in one browser. */
  readonly authorizeUrl: string;
  readonly expiresAt: Date;
}

/** The beginning of a connection: an address to which the SaaS sends a person's browser. */
@Injectable()
export class Connecting {
  constructor(
    private readonly transactions: Transactions,
    private readonly identifiers: Identifiers,
    private readonly registry: ProviderRegistry,
    private readonly settings: ProviderSettingsBook,
    private readonly connections: ConnectionStore,
    private readonly tickets: TicketStore,
    private readonly returnUrls: ReturnUrls,
    private readonly publicUrl: PublicUrl,
  ) {}

  /** For a company of the person's choice. Throws ConnectRefusedError. */
  async beginConnection(tenant: string, actor: string, request: ConnectRequest): Promise<ConnectInvitation> {
    const { provider, goLive } = request;
    if (!this.registry.find(provider)) throw new ConnectRefusedError('unknown_provider');
    const given = goLive === undefined ? undefined : asGoLive(goLive);
    return this.invite(tenant, actor, { provider, returnUrl: request.returnUrl, goLive: given, connection: undefined });
  }

  /** For the company of a connection that is there: renews its consent and keeps everything else. */
  async reconnect(tenant: string, actor: string, request: ReconnectRequest): Promise<ConnectInvitation> {
    const known = await this.connectionOf(tenant, request.connection);
    if (!known) throw new ConnectRefusedError('unknown_connection');
    const { provider, id } = known;
    return this.invite(tenant, actor, { provider, returnUrl: request.returnUrl, goLive: undefined, connection: id });
  }

  private async invite(
    tenant: string,
    actor: string,
    {
      returnUrl,
      ...wanted
    }: Omit<ConnectRequest, 'goLive'> & { goLive: string | undefined; connection: string | undefined },
  ): Promise<ConnectInvitation> {
    if (!this.settings.find(wanted.provider)) throw new ConnectRefusedError('provider_not_set_up');
    const normal = this.returnUrls.normal(returnUrl);
    if (normal === undefined) throw new ConnectRefusedError('return_url_not_allowed');
    const secret = this.identifiers.secret(32);
    const ticket = { id: this.identifiers.id(), ...wanted, actor, returnUrl: normal, secretHash: hashOf(secret) };
    const expiresAt = await this.transactions.inTenant(tenant, (tx) => this.tickets.add(tx, ticket));
    return { authorizeUrl: this.publicUrl.of(`/connect/${secret}`), expiresAt };
  }

  private connectionOf(tenant: string, id: string): Promise<Connection | undefined> {
    return this.transactions.inTenant(tenant, (tx) => this.connections.get(tx, id));
  }
}
