import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Duties } from '../../../platform/clock/index.js';
import { told } from '../../../platform/log/index.js';
import { Tenants } from '../access/tenants.js';
import { Journeys } from './connect/journeys.js';
import { KeepAlive } from './vault/keep-alive.js';
import { KeyRotation } from './vault/key-rotation.js';

const MINUTE_MS = 60_000;

/**
 * Looks after consents, keys, tickets and deleted tenants in every worker: the intervals only run in processes that have
 * a schedule. Each tick claims its work in PostgreSQL, so that ten workers do it once (ENGINE G6).
 */
@Injectable()
export class ConsentKeeper implements OnApplicationShutdown {
  private readonly logger = new Logger('keeper');
  // The next tick tries again.
  private readonly duties = new Duties((name, error) => this.logger.warn(`${name}: ${told(error)}`));

  constructor(
    private readonly keepAlive: KeepAlive,
    private readonly keyRotation: KeyRotation,
    private readonly journeys: Journeys,
    private readonly tenants: Tenants,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.duties.stop();
  }

  @Interval(MINUTE_MS / 2)
  keepConsents(): Promise<void> {
    return this.duties.once('keep consents alive', () => this.keepAlive.run());
  }

  @Interval(MINUTE_MS)
  rotateKeys(): Promise<void> {
    return this.duties.once('rotate keys', () => this.keyRotation.run());
  }

  @Interval(MINUTE_MS)
  finishDeleting(): Promise<void> {
    return this.duties.once('delete tenants', () => this.tenants.finishDeleting());
  }

  @Interval(10 * MINUTE_MS)
  sweepTickets(): Promise<void> {
    return this.duties.once('sweep tickets', () => this.journeys.sweep());
  }
}
