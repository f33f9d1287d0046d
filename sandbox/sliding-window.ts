/** The instants of the last calls, at most `size` of them, oldest first to be overwritten. */
export class SlidingWindow {
  private readonly instants: Float64Array;
  private next = 0;

  constructor(size: number) {
    this.instants = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  }

  get size(): number {
    return this.instants.length;
  }

  /** Milliseconds until another call fits into `length`; zero when it fits now. */
  waitFor(length: number, now: number): number {
    const oldest = this.instants[this.next] as number;
    return oldest <= now - length || oldest > now ? 0 : oldest + length - now;
  }

  add(now: number): void {
    this.instants[this.next] = now;
    this.next = (this.next + 1) % this.size;
  }
}
