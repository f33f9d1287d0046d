import { Injectable } from '@nestjs/common';
import {
  type Admission,
  Authenticator,
  Entrance,
  type Principal,
  SupportAccess,
  Tenants,
} from '../../modules/auth/index.js';
import { Clock } from '../../platform/clock/index.js';
import { ApiError } from '../errors/api-error.js';
import { type CallerHeaders, PerRequest, type RequestContext } from './request-context.js';

/** In which a platform-wide key names the tenant that it works for. */
export const TENANT_HEADER = 'x-concord-tenant';

/**
 * Operations that need no tenant. With one (of a bound key, or named by the header) they are about that tenant, and the
 * caller must be able to enter it.
 */
const WITHOUT_TENANT: ReadonlySet<string> = new Set([
  ...['providers', 'health', 'createTenant', 'deleteTenant'],
  ...['apiKeys', 'createApiKey', 'revokeApiKey'],
]);

/** Lets callers into operations, by auth's one table of who may do what; what is not in the table may nobody. */
@Injectable()
export class Admissions {
  private readonly principals = new PerRequest((request) => this.authenticator.principalOf(request.headers));
  private readonly entered = new PerRequest(() => new Map<string, Promise<void>>());

  constructor(
    private readonly authenticator: Authenticator,
    private readonly entrance: Entrance,
    private readonly tenants: Tenants,
    private readonly support: SupportAccess,
    private readonly clock: Clock,
  ) {}

  /** Lets the request in, once for each operation that it names, or throws what the caller is told. */
  enter(request: RequestContext, operation: string): Promise<void> {
    const entered = this.entered.of(request);
    const known = entered.get(operation);
    if (known) return known;
    const entering = this.principals.of(request).then((principal) => this.letIn(request, principal, operation));
    entered.set(operation, entering);
    return entering;
  }

  /** Whether anybody of ours sends these headers. */
  async isKnown(headers: CallerHeaders): Promise<boolean> {
    return (await this.authenticator.principalOf(headers)) !== undefined;
  }

  /**
   * Whether a subscription that was let in before may go on: keys are revoked, tokens and grants end meanwhile. Throws
   * what the caller is told. Unlike entering, it leaves no event, or a follower of the history would hear itself.
   */
  async checkAgain(request: RequestContext, operation: string): Promise<void> {
    const principal = await this.authenticator.principalOf(request.headers);
    if (!principal || !this.entrance.mayDo(principal, operation)) throw new ApiError('UNAUTHENTICATED');
    const { tenant } = request;
    const entitled = principal.role !== 'support' || principal.tenant !== undefined;
    const gone = (await this.tenants.get(tenant)) === undefined;
    if (gone || !(entitled || (await this.isGranted(tenant, principal)))) throw new ApiError('UNKNOWN_TENANT');
  }

  /** For fields that show more than their operation does: whether the caller may do that other operation, too. */
  require(request: RequestContext, operation: string): void {
    if (!this.entrance.mayDo(request.principal, operation)) throw new ApiError('FORBIDDEN');
  }

  private async letIn(request: RequestContext, principal: Principal | undefined, operation: string): Promise<void> {
    if (!principal) throw new ApiError('UNAUTHENTICATED');
    const admission = await this.admission(request, principal, operation);
    if (admission.admitted) return request.admit(principal, admission.tenant);
    switch (admission.why) {
      case 'forbidden':
        throw new ApiError('FORBIDDEN');
      case 'unknown_tenant':
        throw new ApiError('UNKNOWN_TENANT');
      case 'tenant_required':
        if (!WITHOUT_TENANT.has(operation)) throw new ApiError('TENANT_REQUIRED');
        return request.admit(principal, undefined);
    }
  }

  private async isGranted(tenant: string, { actor }: Principal): Promise<boolean> {
    const now = this.clock.now();
    return (await this.support.list(tenant)).some((grant) => grant.actor === actor && grant.until > now);
  }

  private admission(request: RequestContext, principal: Principal, operation: string): Promise<Admission> {
    const named = request.headers[TENANT_HEADER];
    return this.entrance.admit(principal, operation, typeof named === 'string' && named !== '' ? named : undefined);
  }
}
