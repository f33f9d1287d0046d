import type { Business } from '../business.ts';
import type { Grant } from '../oauth/grants.ts';
import { covers } from '../oauth/scopes.ts';
import type { Vendor } from '../vendor.ts';
import { failure, notFound } from './failure.ts';

/** What resolvers know of the call they answer. */
export interface Context {
  vendor: Vendor;
  /** Undefined when the token is missing, unknown, expired or revoked. */
  grant: Grant | undefined;
  /** Where the sandbox is reached from outside. */
  base: string;
  /** Set when a field was beyond the scopes of the token. */
  lackedScope: boolean;
}

/** Refuses who is nobody. Documents are checked first, so this is the last of the vendor's checks (sheet 2.1). */
export function authenticated({ grant }: Context): Grant {
  if (!grant) throw failure('UNAUTHENTICATED', 'Authentication is missing, expired or revoked.');
  return grant;
}

export function requireScopes(context: Context, scopes: readonly string[]): void {
  const grant = authenticated(context);
  const missing = grant.isFullAccess ? undefined : scopes.find((scope) => !covers(grant.scopes, scope));
  if (missing === undefined) return;
  context.lackedScope = true;
  throw failure('FORBIDDEN', `The token lacks the scope ${missing}.`);
}

/** The businesses a token reaches, the person's default one first. */
export function reachable(context: Context): Business[] {
  const { businesses } = authenticated(context);
  const all = [...context.vendor.businesses.values()];
  return businesses ? all.filter((business) => businesses.includes(business.id)) : all;
}

/** A business that the token reaches; what is not there and what is not allowed look alike. */
export function businessFor(context: Context, id: string): Business {
  const { businesses } = authenticated(context);
  const business = context.vendor.businesses.get(id);
  if (!business || (businesses && !businesses.includes(id))) throw notFound('Business', id);
  business.noteOverdue();
  return business;
}
