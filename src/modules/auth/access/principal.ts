/**
 * `app`: the SaaS backend. `connect`: a person who connects accounts. `finance`: a person who decides conflicts and sets
 * policies. `support`: a person who reads. `admin`: keys, tenants, everything.
 */
export const ROLES = ['app', 'connect', 'finance', 'support', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who is calling, as far as a key or a token tells. */
export interface Principal {
  /** The tenant that it is bound to; undefined for one that works across the platform and names its tenant. */
  readonly tenant: string | undefined;
  readonly role: Role;
  /** As the history names it: `key:3f…`, `finance:ana@example.com`. */
  readonly actor: string;
  readonly via: 'bootstrap_key' | 'api_key' | 'browser_token';
}
