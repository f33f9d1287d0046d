/** Counts calls, so that a test can assert how sparing a client is with them. */

export interface RealmCounts {
  calls: number;
  byEndpoint: Record<string, number>;
  notModified: number;
  refused: number;
}

export class Meter {
  tokens = { exchanges: 0, refreshes: 0, refusedRefreshes: 0 };
  /** Calls turned away before anybody looked which file they were for. */
  throttled = 0;
  private realms = new Map<string, RealmCounts>();

  of(realm: string): RealmCounts {
    let counts = this.realms.get(realm);
    if (!counts) {
      counts = { calls: 0, byEndpoint: {}, notModified: 0, refused: 0 };
      this.realms.set(realm, counts);
    }
    return counts;
  }

  all(): Record<string, RealmCounts> {
    return Object.fromEntries(this.realms);
  }

  clear(): void {
    this.realms = new Map();
    this.tokens = { exchanges: 0, refreshes: 0, refusedRefreshes: 0 };
    this.throttled = 0;
  }
}
