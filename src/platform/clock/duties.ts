interface Duty {
  running: Promise<void> | undefined;
  again: boolean;
}

/** A process's recurring duties: one run of each at a time; being called during a run asks for one more after it. */
export class Duties {
  private readonly duties = new Map<string, Duty>();
  private stopped = false;

  /** `failed` is told of what a run threw; the next call tries again. */
  constructor(private readonly failed: (name: string, error: unknown) => void) {}

  async once(name: string, work: () => Promise<unknown>): Promise<void> {
    if (this.stopped) return;
    const duty = this.duties.get(name) ?? { running: undefined, again: false };
    this.duties.set(name, duty);
    if (duty.running) {
      duty.again = true;
      return;
    }
    duty.running = this.run(name, duty, work).finally(() => (duty.running = undefined));
    await duty.running;
  }

  /**
   * Nothing begins any more; settles when what runs has come to its end, or after a while: what is cut off is begun anew
   * by the next process, and no failure of it is told.
   */
  async stop(patienceMs = 3_000): Promise<void> {
    this.stopped = true;
    let impatience: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => (impatience = setTimeout(resolve, patienceMs)));
    await Promise.race([Promise.all([...this.duties.values()].map(({ running }) => running)), enough]);
    clearTimeout(impatience);
  }

  private async run(name: string, duty: Duty, work: () => Promise<unknown>): Promise<void> {
    try {
      do {
        duty.again = false;
        await work();
      } while (duty.again && !this.stopped);
    } catch (error) {
      if (!this.stopped) this.failed(name, error);
    }
  }
}
