import type { Role } from './principal.js';

const EVERYBODY = ['app', 'connect', 'finance', 'support'] as const;
const READERS = ['app', 'finance', 'support'] as const;

/**
 * Who may do what, by the names of the API's operations; `admin` may do everything that stands here. What does not stand
 * here may nobody.
 */
const TABLE = {
  // Queries.
  providers: EVERYBODY,
  tenant: EVERYBODY,
  connections: EVERYBODY,
  connection: EVERYBODY,
  records: READERS,
  record: READERS,
  recordHistory: READERS,
  conflicts: READERS,
  conflict: READERS,
  policies: READERS,
  walks: READERS,
  walk: READERS,
  runs: READERS,
  run: READERS,
  problems: READERS,
  changes: ['app'],
  health: ['app'],
  apiKeys: [],
  supportGrants: [],

  // Mutations.
  createTenant: [],
  deleteTenant: [],
  createApiKey: [],
  revokeApiKey: [],
  grantSupport: [],
  endSupport: [],
  createBrowserToken: ['app'],
  beginConnection: ['app', 'connect'],
  reconnect: ['app', 'connect'],
  disconnect: ['connect'],
  setGoLive: ['connect', 'finance'],
  setCreates: ['connect', 'finance'],
  upsertRecords: ['app'],
  deleteRecord: ['app'],
  syncNow: ['app', 'connect', 'finance'],
  setPolicy: ['finance'],
  clearPolicy: ['finance'],
  setGranularity: ['finance'],
  decideConflict: ['finance'],
  decideConflicts: ['finance'],
  linkRecords: ['finance'],
  unlinkRecords: ['finance'],
  approveMatches: ['finance'],
  startBackfill: ['app', 'finance'],
  pauseRun: ['app', 'finance'],
  resumeRun: ['app', 'finance'],
  cancelRun: ['app', 'finance'],

  // Subscriptions.
  conflictRaised: READERS,
  recordChanged: READERS,
  runProgress: READERS,
  connectionChanged: EVERYBODY,
} as const satisfies Record<string, readonly Exclude<Role, 'admin'>[]>;

export type Operation = keyof typeof TABLE;

export const OPERATIONS_OF_ROLES: Readonly<Record<Operation, readonly Role[]>> = TABLE;

/** Whether a role may do an operation. A name that is not in the table belongs to nobody. */
export const mayDo = (role: Role, operation: string): boolean => {
  const roles: readonly Role[] | undefined = Object.hasOwn(TABLE, operation)
    ? OPERATIONS_OF_ROLES[operation as Operation]
    : undefined;
  return roles !== undefined && (role === 'admin' || roles.includes(role));
};
