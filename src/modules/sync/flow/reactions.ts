import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/index.js';
import { ConnectionStore } from '../../auth/index.js';
import { HistoryStore } from '../../history/index.js';
import { ProblemStore, type Release } from '../store/index.js';

/** What a failure means for the connection as a whole, whoever met it: a walk, a poll or a first look. */
@Injectable()
export class Reactions {
  constructor(
    private readonly connections: ConnectionStore,
    private readonly problems: ProblemStore,
    private readonly history: HistoryStore,
  ) {}

  async to(tx: Tx, connection: string, release: Release): Promise<void> {
    const until = new Date(tx.now.getTime() + release.waitMs);
    switch (release.why) {
      case 'rate_limited':
        return this.connections.pause(tx, connection, until);
      case 'suspended':
        await this.connections.pause(tx, connection, until);
        return this.change(tx, connection, 'suspended', 'suspended', release.message);
      case 'access_revoked':
        return this.change(tx, connection, 'needs_reconnect', 'access_revoked', release.message);
      case 'unavailable':
      case 'stale':
      case 'lost_answer':
      case 'create_in_flight':
      case 'overtaken':
      case 'other_kind':
      case 'unreadable':
      case 'superseded':
        return;
    }
  }

  /** The provider answers again after it had suspended the company. */
  async recovered(tx: Tx, connection: string): Promise<void> {
    if (!(await this.connections.setState(tx, connection, 'active', undefined))) return;
    await this.problems.closeOfConnection(tx, connection, ['suspended', 'access_revoked']);
    await this.history.append(tx, [
      { type: 'connection_changed', cause: { by: 'books' }, connection, detail: { state: 'active' } },
    ]);
  }

  private async change(
    tx: Tx,
    connection: string,
    state: 'suspended' | 'needs_reconnect',
    code: 'suspended' | 'access_revoked',
    message = 'the provider no longer accepts the consent',
  ): Promise<void> {
    if (!(await this.connections.setState(tx, connection, state, message))) return;
    await this.problems.raise(tx, [{ code, message, connection, twin: undefined, detail: {} }]);
    await this.history.append(tx, [
      { type: 'connection_changed', cause: { by: 'books' }, connection, detail: { state, message } },
    ]);
  }
}
