/** Counts calls and bytes, so that a test can assert how sparing a client is with them (sheet 7). */

export interface RealmCounts {
  calls: number;
  byEndpoint: Record<string, number>;
  throttled: number;
  concurrencyPeak: number;
  /** Bytes of answers that the vendor would charge for. */
  egressBytes: number;
}

export class Meter {
  private realms = new Map<string, RealmCounts>();
  tokens = { refreshes: 0, exchanges: 0, revocations: 0 };

  of(realm: string): RealmCounts {
    let counts = this.realms.get(realm);
    if (!counts) {
      counts = { calls: 0, byEndpoint: {}, throttled: 0, concurrencyPeak: 0, egressBytes: 0 };
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
}
