import type { OpenedWalk } from '../store/index.js';

/**
 * Where walks are handed to workers. Only a hint: whatever is lost here is found again in Postgres (DESIGN, "The queue
 * is only a hint").
 */
export abstract class FlowQueue {
  /** Adds the flow of a walk; adding one that is there already changes nothing. */
  abstract add(walks: readonly OpenedWalk[]): Promise<void>;
}
