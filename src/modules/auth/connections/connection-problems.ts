import type { Tx } from '../../../platform/database/index.js';

/** What a person must see to about a connection as a whole. */
export interface ConnectionProblem {
  readonly code: 'access_revoked' | 'suspended';
  readonly message: string;
  readonly connection: string;
  readonly twin: undefined;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Where such problems are kept: the store of all problems satisfies this. */
export abstract class ConnectionProblems {
  /** One for each connection and code; a repeated one is counted. */
  abstract raise(tx: Tx, problems: readonly ConnectionProblem[]): Promise<unknown>;
  abstract closeOfConnection(tx: Tx, connection: string, codes: readonly ConnectionProblem['code'][]): Promise<void>;
}
