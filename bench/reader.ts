import type { Company } from './company.ts';
import { pause } from './figures.ts';

/** How often a reader of `changes` looks while something is on its way; half of that is in every figure. */
export const LOOK_MS = 20;
const PATIENCE_MS = 60_000;

interface Awaited {
  began: number;
  seen: (ms: number) => void;
  failed: (error: unknown) => void;
}

/** Somebody outside who follows the feed of one tenant for as long as something is to come. */
export class Reader {
  private readonly company: Company;
  private readonly lookMs: number;
  private readonly awaited = new Map<string, Awaited>();
  private cursor: string | null;
  private looking = false;

  private constructor(company: Company, cursor: string | null, lookMs: number) {
    this.company = company;
    this.cursor = cursor;
    this.lookMs = lookMs;
  }

  static async of(company: Company, lookMs = LOOK_MS): Promise<Reader> {
    return new Reader(company, await company.shop.newest(), lookMs);
  }

  /** The milliseconds from now until the feed tells of an invoice with this memo. */
  sees(memo: string): Promise<number> {
    return new Promise((seen, failed) => {
      this.awaited.set(memo, { began: performance.now(), seen, failed });
      if (!this.looking) void this.look();
    });
  }

  private async look(): Promise<void> {
    this.looking = true;
    try {
      while (this.awaited.size > 0) {
        for (const { cursor, content } of await this.company.shop.changesAfter(this.cursor)) {
          this.cursor = cursor;
          this.found(String(content?.memo));
        }
        this.giveUpOnTheOld();
        if (this.awaited.size > 0) await pause(this.lookMs);
      }
    } catch (error) {
      for (const { failed } of this.awaited.values()) failed(error);
      this.awaited.clear();
    } finally {
      this.looking = false;
    }
  }

  private found(memo: string): void {
    const awaited = this.awaited.get(memo);
    awaited?.seen(performance.now() - awaited.began);
    this.awaited.delete(memo);
  }

  private giveUpOnTheOld(): void {
    for (const [memo, { began }] of this.awaited) {
      if (performance.now() - began > PATIENCE_MS) throw new Error(`the feed never told of "${memo}"`);
    }
  }
}
