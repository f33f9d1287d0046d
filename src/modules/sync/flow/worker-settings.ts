/** How much one worker process takes on. */
export class WorkerSettings {
  constructor(
    /** Names this process among the workers. */
    readonly worker: string,
    /** Steps run at once. */
    readonly concurrency: number,
    /** For how many days what only explains the past is kept (CONCORD_RETENTION_DAYS). */
    readonly retentionDays = 90,
  ) {}
}
