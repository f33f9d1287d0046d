import type { Clock } from '../../platform/clock/index.js';

/** How long a caller's leave is taken for granted. */
const TRUSTED_MS = 5_000;

/** One subscriber's place in a feed: gives what there is, sleeps when there is nothing, and can be let go asleep. */
export class Follower<Value> implements AsyncIterableIterator<Value> {
  private readonly waiting: Value[] = [];
  private checkedAt: Date;
  private wake: (() => void) | undefined;
  private roused = true;
  private ended = false;

  constructor(
    private readonly read: () => Promise<readonly Value[]>,
    private readonly check: () => Promise<void>,
    private readonly clock: Clock,
    private readonly over: () => void,
  ) {
    this.checkedAt = clock.now();
  }

  /** There may be something. */
  rouse(): void {
    this.roused = true;
    this.wake?.();
  }

  async next(): Promise<IteratorResult<Value>> {
    try {
      while (!this.ended) {
        await this.checkNowAndThen();
        const value = this.waiting.shift();
        if (value !== undefined) return { done: false, value };
        // What comes while we read rouses us anew.
        this.roused = false;
        this.waiting.push(...(await this.read()));
        if (this.waiting.length === 0) await this.sleep();
      }
    } catch (error) {
      await this.return();
      throw error;
    }
    return DONE;
  }

  async return(): Promise<IteratorResult<Value>> {
    if (!this.ended) {
      this.ended = true;
      this.over();
      this.rouse();
    }
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private async checkNowAndThen(): Promise<void> {
    const now = this.clock.now();
    if (now.getTime() - this.checkedAt.getTime() < TRUSTED_MS) return;
    await this.check();
    this.checkedAt = now;
  }

  private sleep(): Promise<void> {
    if (this.roused || this.ended) return Promise.resolve();
    return new Promise((resolve) => {
      this.wake = () => {
        this.wake = undefined;
        resolve();
      };
    });
  }
}

const DONE = { done: true, value: undefined } as const;

/** What becomes of the values of an iterator; those that become undefined are left out. */
export class Mapped<From, To> implements AsyncIterableIterator<To> {
  constructor(
    private readonly from: AsyncIterableIterator<From>,
    private readonly map: (value: From) => Promise<To | undefined> | To | undefined,
  ) {}

  async next(): Promise<IteratorResult<To>> {
    for (;;) {
      const { done, value } = await this.from.next();
      if (done) return DONE;
      const mapped = await this.map(value);
      if (mapped !== undefined) return { done: false, value: mapped };
    }
  }

  async return(): Promise<IteratorResult<To>> {
    await this.from.return?.();
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
