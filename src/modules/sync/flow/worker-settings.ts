/** How much one worker process takes on. */
export class WorkerSettings {
  constructor(
    /** Names this process among the workers. */
    readonly worker: string,
    /** Steps run at once. */
    readonly concurrency: number,
  ) {}
}
