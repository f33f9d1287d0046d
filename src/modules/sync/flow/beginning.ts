import type { Tx } from '../../../platform/database/index.js';
import type { Attempt } from '../store/index.js';

/**
 * Opens an attempt at a step together with the step's first work: one transaction, which holds the walk for as long as it
 * lasts. A step that is one transaction leaves nothing behind when it dies; whatever comes later in a longer one is
 * fenced by the attempt (ENGINE E1). Throws NothingToDo.
 */
export type Begin = <T>(work: (tx: Tx, attempt: Attempt) => Promise<T>) => Promise<T>;

/** The walk is over, is another tenant's, or is past the step. */
export class NothingToDo extends Error {
  constructor() {
    super('there is nothing to do at this step');
    this.name = 'NothingToDo';
  }
}
