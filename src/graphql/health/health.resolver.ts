import { Context, Query, Resolver } from '@nestjs/graphql';
import { RequestContext } from '../request/request-context.js';
import { HealthQueries } from './health-queries.js';
import { Health } from './health.types.js';

@Resolver()
export class HealthResolver {
  constructor(private readonly queries: HealthQueries) {}

  @Query(() => Health, { description: 'Whether the engine keeps up. /healthz and /readyz answer probes.' })
  health(@Context() { tenantIfNamed }: RequestContext): Promise<Health> {
    return tenantIfNamed === undefined ? this.queries.ofPlatform() : this.queries.ofTenant(tenantIfNamed);
  }
}
