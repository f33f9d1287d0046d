/** Counts calls, so that a test can assert how sparing a client is with them (sheet 7.3). */

export interface RealmCounts {
  calls: number;
  /** Data in: free. */
  core: number;
  /** Data out: metered. */
  corePlus: number;
  byEndpoint: Record<string, number>;
  throttled: number;
  concurrencyPeak: number;
}

export class Meter {
  private realms = new Map<string, RealmCounts>();
  tokens = { refreshes: 0, exchanges: 0, revocations: 0 };
  /** Reads of all companies together in the current calendar month; unlike the counts it outlives a reset. */
  private month = '';
  private monthlyReads = 0;

  of(realm: string): RealmCounts {
    let counts = this.realms.get(realm);
    if (!counts) {
      counts = { calls: 0, core: 0, corePlus: 0, byEndpoint: {}, throttled: 0, concurrencyPeak: 0 };
      this.realms.set(realm, counts);
    }
    return counts;
  }

  all(): Record<string, RealmCounts> {
    return Object.fromEntries(this.realms);
  }

  clear(): void {
    this.realms = new Map();
    this.tokens = { refreshes: 0, exchanges: 0, revocations: 0 };
  }

  readsThisMonth(month: string): number {
    return month === this.month ? this.monthlyReads : 0;
  }

  addReads(month: string, reads: number): void {
    if (month !== this.month) {
      this.month = month;
      this.monthlyReads = 0;
    }
    this.monthlyReads += reads;
  }
}
