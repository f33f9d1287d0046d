/** Tells the time in milliseconds since the epoch. */
export interface Clock {
  now(): number;
}

/**
 * The time as the sandboxed vendor sees it: real time plus an offset that a control endpoint moves.
 * Listeners are told of every jump, because timers armed for the old time would be late.
 */
export class VirtualClock implements Clock {
  private readonly base: Clock;
  private readonly listeners: (() => void)[] = [];
  private shift = 0;

  constructor(base: Clock = { now: () => Date.now() }) {
    this.base = base;
  }

  now(): number {
    return this.base.now() + this.shift;
  }

  /** Milliseconds by which virtual time is ahead of the base clock. */
  get offset(): number {
    return this.shift;
  }

  set offset(milliseconds: number) {
    this.shift = milliseconds;
    for (const listener of this.listeners) listener();
  }

  onMove(listener: () => void): void {
    this.listeners.push(listener);
  }
}
