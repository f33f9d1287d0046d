import { Injectable, Logger } from '@nestjs/common';
import type { Tx } from '../../../../platform/database/index.js';
import { HistoryStore } from '../../../history/index.js';
import { ProviderRegistry } from '../../../providers/index.js';
import type { Connection, ConnectionState } from '../connection.js';
import { ConnectionProblems } from '../connection-problems.js';
import { ConnectionStore } from '../store/connection-store.js';
import { type Grant, PAUSE_MS } from './grant.js';

/** What becomes of the connections that live on a grant when the grant itself changes. */
@Injectable()
export class ConsentEffects {
  private readonly logger = new Logger('consent');

  constructor(
    private readonly registry: ProviderRegistry,
    private readonly connections: ConnectionStore,
    private readonly problems: ConnectionProblems,
    private readonly history: HistoryStore,
  ) {}

  /** Only a person can renew the consent now. */
  async died(tx: Tx, grant: Grant, how: 'revoked' | 'lost'): Promise<void> {
    const { title } = this.registry.of(grant.provider);
    const message =
      how === 'revoked'
        ? `${title} no longer accepts the consent; somebody has to connect it again.`
        : `${title} did not answer when the access was renewed, and it is unknown whether the consent still holds; somebody has to connect it again.`;
    this.logger.warn(`grant ${grant.id} of ${grant.provider} is dead: ${how}`);
    await this.change(tx, grant, ['active', 'suspended'], 'needs_reconnect', 'access_revoked', message);
  }

  /** The provider gives no tokens for a while; the consent stands. */
  async paused(tx: Tx, grant: Grant): Promise<void> {
    const { title } = this.registry.of(grant.provider);
    const message = `${title} has paused the access, as when a plan has lapsed; it is asked again every hour.`;
    await this.change(tx, grant, ['active'], 'suspended', 'suspended', message);
    const until = new Date(tx.now.getTime() + PAUSE_MS);
    for (const { id } of await this.connections.ofGrant(tx, grant.id)) await this.connections.pause(tx, id, until);
  }

  /** Tokens came after all. */
  async revived(tx: Tx, grant: Grant): Promise<void> {
    for (const connection of await this.connections.ofGrant(tx, grant.id)) {
      if (connection.state === 'active' || connection.state === 'disconnected') continue;
      await this.set(tx, connection, 'active', undefined);
      await this.problems.closeOfConnection(tx, connection.id, ['suspended', 'access_revoked']);
    }
  }

  private async change(
    tx: Tx,
    grant: Grant,
    from: readonly ConnectionState[],
    state: ConnectionState,
    code: 'access_revoked' | 'suspended',
    message: string,
  ): Promise<void> {
    for (const connection of await this.connections.ofGrant(tx, grant.id)) {
      if (!from.includes(connection.state)) continue;
      await this.set(tx, connection, state, message);
      await this.problems.raise(tx, [{ code, message, connection: connection.id, twin: undefined, detail: {} }]);
    }
  }

  private async set(tx: Tx, { id }: Connection, state: ConnectionState, message: string | undefined): Promise<void> {
    if (!(await this.connections.setState(tx, id, state, message))) return;
    const detail = { state, ...(message !== undefined && { message }) };
    await this.history.append(tx, [{ type: 'connection_changed', cause: { by: 'system' }, connection: id, detail }]);
  }
}
