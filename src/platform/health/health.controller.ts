import { Controller, Get, Header, ServiceUnavailableException } from '@nestjs/common';
import { Database } from '../database/index.js';
import { Metrics } from '../metrics/index.js';

/** For those who run Concord: whether this process lives, whether it can work, and what it counted. */
@Controller()
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly metrics: Metrics,
  ) {}

  /** The process answers; restarting it helps when it does not. */
  @Get('healthz')
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** The database can be reached under both roles; restarting does not help when it cannot. */
  @Get('readyz')
  async ready(): Promise<{ status: 'ok' }> {
    try {
      await this.database.ping();
    } catch {
      throw new ServiceUnavailableException({ status: 'no database' });
    }
    return { status: 'ok' };
  }

  /** Numbers only: labels come from small fixed sets, and nothing of a tenant is in them. */
  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4')
  counted(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
