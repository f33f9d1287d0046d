import type { Clock } from '../clock.ts';
import type { Answer } from '../answer.ts';

interface Remembered {
  at: number;
  request: string;
  answer: Answer;
}

/**
 * What was answered to each `requestid` of a company. The same id gets the same answer again and changes nothing
 * (sheet 5.1).
 */
export class RequestMemory {
  private remembered = new Map<string, Remembered>();
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  recall(realm: string, requestId: string, lifetimeHours: number): Remembered | undefined {
    const key = `${realm}/${requestId}`;
    const known = this.remembered.get(key);
    if (!known) return undefined;
    if (this.clock.now() - known.at < lifetimeHours * 3_600_000) return known;
    this.remembered.delete(key);
    return undefined;
  }

  remember(realm: string, requestId: string, request: string, answer: Answer): void {
    this.remembered.set(`${realm}/${requestId}`, { at: this.clock.now(), request, answer });
  }

  clear(): void {
    this.remembered.clear();
  }

  snapshot(): [string, Remembered][] {
    return [...this.remembered];
  }

  restore(entries: [string, Remembered][]): void {
    this.remembered = new Map(entries);
  }
}
