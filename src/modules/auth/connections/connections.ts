import { Injectable, Logger } from '@nestjs/common';
import { type KindName, KINDS } from '../../../domain/contract/index.js';
import { Transactions, type Tx } from '../../../platform/database/index.js';
import { told } from '../../../platform/log/index.js';
import { HistoryStore } from '../../history/index.js';
import { asGoLive, ConnectRefusedError } from './connect/connect-refused.js';
import type { Connection } from './connection.js';
import { ConnectionProblems } from './connection-problems.js';
import { ConnectionStore } from './store/connection-store.js';
import { GrantEndings } from './vault/grant-endings.js';

/** What people do with connections that are there. Whatever is not the tenant's own is not there. */
@Injectable()
export class Connections {
  private readonly logger = new Logger('connect');

  constructor(
    private readonly transactions: Transactions,
    private readonly connections: ConnectionStore,
    private readonly endings: GrantEndings,
    private readonly problems: ConnectionProblems,
    private readonly history: HistoryStore,
  ) {}

  connectionOf(tenant: string, id: string): Promise<Connection | undefined> {
    return this.transactions.inTenant(tenant, (tx) => this.connections.get(tx, id));
  }

  /** Ended ones included. */
  list(tenant: string): Promise<Connection[]> {
    return this.transactions.inTenant(tenant, (tx) => this.connections.all(tx));
  }

  /**
   * Stops all work, wipes the tokens, revokes them at the provider when no other connection lives on the same consent,
   * and keeps the history (ENGINE G7). Ending what is ended changes nothing. Throws ConnectRefusedError.
   */
  async disconnect(tenant: string, actor: string, id: string): Promise<Connection> {
    const { connection, revoke } = await this.transactions.inTenant(tenant, async (tx) => {
      const known = await this.known(tx, id);
      if (known.state === 'disconnected') return { connection: known, revoke: undefined };
      await this.connections.end(tx, id);
      await this.problems.closeOfConnection(tx, id, ['access_revoked', 'suspended']);
      await this.history.append(tx, [
        { type: 'connection_ended', cause: { by: 'person', actor }, connection: id, detail: {} },
      ]);
      const { grant } = known;
      const last = grant !== undefined && (await this.endings.letGo(tx, grant));
      return { connection: await this.known(tx, id), revoke: last ? grant : undefined };
    });
    if (revoke !== undefined) {
      await this.endings.revoke({ tenant, grant: revoke }).catch((error: unknown) => {
        // The sweep goes on with it.
        this.logger.warn(`grant ${revoke} is still to be revoked: ${told(error)}`);
      });
    }
    return connection;
  }

  /** Documents dated before it are read and not written. Throws ConnectRefusedError. */
  async setGoLive(tenant: string, actor: string, id: string, goLive: string): Promise<Connection> {
    const to = asGoLive(goLive);
    return this.change(tenant, actor, id, async (tx, { goLive: from }) => {
      await this.connections.setGoLive(tx, id, to);
      return { goLive: { from, to } };
    });
  }

  /** The reference kinds that Concord may create in the books; all others are off (ENGINE C6). Throws ConnectRefusedError. */
  async setCreates(tenant: string, actor: string, id: string, kinds: readonly KindName[]): Promise<Connection> {
    const to = [...new Set(kinds)].sort();
    if (to.some((kind) => KINDS[kind].nature !== 'reference')) throw new ConnectRefusedError('not_a_reference_kind');
    return this.change(tenant, actor, id, async (tx, { creates: from }) => {
      await this.connections.setCreates(tx, id, to);
      return { creates: { from, to } };
    });
  }

  private change(
    tenant: string,
    actor: string,
    id: string,
    work: (tx: Tx, connection: Connection) => Promise<Record<string, unknown>>,
  ): Promise<Connection> {
    return this.transactions.inTenant(tenant, async (tx) => {
      const known = await this.known(tx, id);
      if (known.state === 'disconnected') throw new ConnectRefusedError('connection_ended');
      const detail = await work(tx, known);
      await this.history.append(tx, [
        { type: 'connection_changed', cause: { by: 'person', actor }, connection: id, detail },
      ]);
      return this.known(tx, id);
    });
  }

  private async known(tx: Tx, id: string): Promise<Connection> {
    const connection = await this.connections.get(tx, id);
    if (!connection) throw new ConnectRefusedError('unknown_connection');
    return connection;
  }
}
