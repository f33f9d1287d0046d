import { BATCH } from '../store/index.js';

/** How much one worker process takes on. */
export class WorkerSettings {
  constructor(
    /** Names this process among the workers. */
    readonly worker: string,
    /** Steps run at once. */
    readonly concurrency: number,
    /** For how many days what only explains the past is kept (CONCORD_RETENTION_DAYS). */
    readonly retentionDays = 90,
    /** Records that a walk takes at most (CONCORD_BATCH). */
    readonly batch = BATCH,
  ) {}
}
