import type { Principal } from '../../modules/auth/index.js';

/** Headers of a request, or connection parameters of a socket; names in lower case. */
export type CallerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What belongs to one request, or to one subscription. */
export class RequestContext {
  private admitted: { readonly principal: Principal; readonly tenant: string | undefined } | undefined;

  constructor(
    readonly headers: CallerHeaders,
    /** Leads from an answer to our log. */
    readonly correlationId: string,
    /** A subscription: it lives for hours, so nothing that was read is remembered. */
    readonly lasting: boolean,
  ) {}

  /** Only known behind the guard. */
  get principal(): Principal {
    return this.entered.principal;
  }

  get actor(): string {
    return this.principal.actor;
  }

  /** For operations that belong to a tenant; the guard has made sure that there is one. */
  get tenant(): string {
    const { tenant } = this.entered;
    if (tenant === undefined) throw new Error('this operation was let in without a tenant');
    return tenant;
  }

  /** For operations that the platform's own people may do without naming a tenant. */
  get tenantIfNamed(): string | undefined {
    return this.entered.tenant;
  }

  /** The caller with no further reach than the tenant that the request names, if it names one. */
  get principalWithin(): Principal {
    return { ...this.principal, tenant: this.tenantIfNamed ?? this.principal.tenant };
  }

  admit(principal: Principal, tenant: string | undefined): void {
    this.admitted = { principal, tenant };
  }

  private get entered(): { readonly principal: Principal; readonly tenant: string | undefined } {
    if (!this.admitted) throw new Error('this request was not let in by the guard');
    return this.admitted;
  }
}

/**
 * Something that is made once for each request, such as its loaders. It never outlives the request, so what one tenant
 * read is never another one's.
 */
export class PerRequest<Value> {
  private readonly values = new WeakMap<RequestContext, Value>();

  constructor(private readonly make: (request: RequestContext) => Value) {}

  of(request: RequestContext): Value {
    let value = this.values.get(request);
    if (value === undefined) {
      value = this.make(request);
      this.values.set(request, value);
    }
    return value;
  }
}
