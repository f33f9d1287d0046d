interface Duty {
  running: boolean;
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
    const duty = this.duties.get(name) ?? { running: false, again: false };
    this.duties.set(name, duty);
    if (duty.running) {
      duty.again = true;
      return;
    }
    duty.running = true;
    try {
      do {
        duty.again = false;
        await work();
      } while (duty.again && !this.stopped);
    } catch (error) {
      this.failed(name, error);
    } finally {
      duty.running = false;
    }
  }

  /** Nothing begins any more; what runs comes to its end. */
  stop(): void {
    this.stopped = true;
  }
}
