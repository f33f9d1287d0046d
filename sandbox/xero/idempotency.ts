import type { Answer } from '../answer.ts';
import type { Clock } from '../clock.ts';
import { MINUTE } from './calendar.ts';

const LIFETIME = 6 * MINUTE;

interface Known {
  at: number;
  /** Method, address and body. */
  request: string;
  answer: Answer | undefined;
}

export type Recall =
  | { kind: 'new'; settle(answer: Answer): void; abandon(error: unknown): void }
  | { kind: 'same'; answer: Promise<Answer> }
  | { kind: 'different' };

/**
 * What was answered under each Idempotency-Key of the app, for six minutes from the first call: failures as well, and
 * whoever comes while the first is still at work waits for its answer (sheet 5).
 */
export class Idempotency {
  private known = new Map<string, Known>();
  private readonly waiting = new Map<string, Promise<Answer>>();
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  recall(key: string, request: string): Recall {
    this.forgetOld();
    const before = this.known.get(key);
    if (before && before.request !== request) return { kind: 'different' };
    if (before?.answer) return { kind: 'same', answer: Promise.resolve(before.answer) };
    const pending = this.waiting.get(key);
    if (before && pending) return { kind: 'same', answer: pending };
    const known: Known = { at: this.clock.now(), request, answer: undefined };
    this.known.set(key, known);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    // Nobody may be waiting.
    promise.catch(() => undefined);
    this.waiting.set(key, promise);
    return {
      kind: 'new',
      settle: (answer) => {
        known.answer = answer;
        this.waiting.delete(key);
        resolve(answer);
      },
      abandon: (error) => {
        this.known.delete(key);
        this.waiting.delete(key);
        reject(error);
      },
    };
  }

  private forgetOld(): void {
    const now = this.clock.now();
    for (const [key, { at }] of this.known) {
      // In order of first use, so the first that is young ends the sweep.
      if (now < at + LIFETIME) break;
      if (!this.waiting.has(key)) this.known.delete(key);
    }
  }

  clear(): void {
    this.known.clear();
  }

  snapshot(): [string, Known][] {
    return [...this.known].filter(([, { answer }]) => answer !== undefined);
  }

  restore(entries: [string, Known][]): void {
    this.known = new Map(entries);
  }
}
