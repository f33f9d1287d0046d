import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as afterMicrotasks } from 'node:timers/promises';
import type { Seeded } from './seeded.js';

/** A strand of work that runs until its next checkpoint and then waits to be chosen. */
interface Task {
  readonly name: string;
  readonly owner: string;
  resume: (() => void) | undefined;
  parkedAt: string;
  ended: boolean;
}

/**
 * Decides who runs next. Every transaction and every exchange with the books is a checkpoint, so a seed fixes the
 * interleaving of all tasks; a killed task is simply never chosen again, wherever it stood.
 */
export class Scheduler {
  private readonly current = new AsyncLocalStorage<Task>();
  private tasks: Task[] = [];
  readonly trace: string[] = [];

  constructor(private readonly random: Seeded) {}

  /** Parks the running task; outside of any task it does nothing. */
  readonly checkpoint = async (what: string): Promise<void> => {
    const task = this.current.getStore();
    if (!task) return;
    task.parkedAt = what;
    await new Promise<void>((resolve) => {
      task.resume = resolve;
    });
  };

  /** Starts a task; it stands at its first checkpoint once this is awaited. */
  spawn(owner: string, name: string, work: () => Promise<void>): void {
    const task: Task = { name, owner, resume: undefined, parkedAt: 'start', ended: false };
    this.tasks.push(task);
    void this.current.run(task, async () => {
      await this.checkpoint('start');
      try {
        await work();
      } finally {
        task.ended = true;
      }
    });
  }

  /** Ends everything that an owner was doing, at the checkpoint where it stands. */
  kill(owner: string): number {
    const killed = this.tasks.filter((task) => task.owner === owner && !task.ended);
    for (const task of killed) task.ended = true;
    this.tasks = this.tasks.filter((task) => !task.ended);
    return killed.length;
  }

  /** Lets one task go on to its next checkpoint; false when none is waiting. */
  async step(): Promise<boolean> {
    await afterMicrotasks();
    this.tasks = this.tasks.filter((task) => !task.ended);
    const waiting = this.tasks.filter((task) => task.resume !== undefined);
    if (waiting.length === 0) return false;
    const task = this.random.pick(waiting);
    this.trace.push(`${task.owner}/${task.name}@${task.parkedAt}`);
    const { resume } = task;
    task.resume = undefined;
    resume!();
    await afterMicrotasks();
    return true;
  }

  get idle(): boolean {
    return this.tasks.every((task) => task.ended);
  }
}
