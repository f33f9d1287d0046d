/** Recurring work within a process; the simulation has no such thing. */
export abstract class Timers {
  /** Calls `work` every `ms` milliseconds until the returned function is called. */
  abstract every(ms: number, work: () => void): () => void;
}

export class SystemTimers extends Timers {
  override every(ms: number, work: () => void): () => void {
    const timer = setInterval(work, ms);
    timer.unref();
    return () => clearInterval(timer);
  }
}
