import type { Tx } from '../../../platform/database/index.js';
import type { Problem, ProblemCode } from './problem-store.js';

/** A problem as people look at it, open or not. */
export interface ProblemView extends Problem {
  readonly id: string;
  readonly open: boolean;
  /** How often it was met. */
  readonly times: number;
  readonly raisedAt: Date;
  readonly lastAt: Date;
  readonly closedAt: Date | undefined;
}

export interface ProblemFilter {
  readonly open?: boolean;
  readonly connection?: string;
  readonly codes?: readonly ProblemCode[];
}

/** What people read of problems. */
export abstract class ProblemViews {
  /** The newest first; those before the given place in that order. */
  abstract page(
    tx: Tx,
    filter: ProblemFilter,
    first: number,
    before: { readonly raisedAt: Date; readonly id: string } | undefined,
  ): Promise<ProblemView[]>;
  abstract openOfTwins(tx: Tx, twins: readonly string[]): Promise<ProblemView[]>;
  /** Open problems by connection. */
  abstract openByConnection(tx: Tx): Promise<ReadonlyMap<string, number>>;
}
