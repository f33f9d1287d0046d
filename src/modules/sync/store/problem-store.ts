import type { Tx } from '../../../platform/database/index.js';

/** Something that a person must see to: the provider's refusal in its words, an unreadable delivery, a dead connection. */
export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly connection: string | undefined;
  readonly twin: string | undefined;
  readonly detail: Readonly<Record<string, unknown>>;
}

export const PROBLEM_CODES = [
  'refused_by_provider',
  'refused_before_sending',
  'outcome_unknown',
  'unreadable_record',
  'unreadable_delivery',
  'access_revoked',
  'suspended',
  'waits_in_a_circle',
  'engine_error',
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

export abstract class ProblemStore {
  /**
   * Opens problems, one for each subject and code; a repeated one is counted and says its newest words. Returns those
   * newly opened.
   */
  abstract raise(tx: Tx, problems: readonly Problem[]): Promise<Problem[]>;
  /** Closes the open problems of these twins, except those with a code in `but`; returns the twins of which any closed. */
  abstract closeOfTwins(tx: Tx, twins: readonly string[], but?: readonly ProblemCode[]): Promise<string[]>;
  /** Closes the connection's own open problems with these codes, not those of its records. */
  abstract closeOfConnection(tx: Tx, connection: string, codes: readonly ProblemCode[]): Promise<void>;
}
