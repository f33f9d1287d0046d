/** Counts calls, so that a test can assert how sparing a client is with them. */

export interface RealmCounts {
  calls: number;
  queries: number;
  mutations: number;
  /** By `query business.invoices` or `mutation invoiceCreate`; a document of several fields counts for each. */
  byEndpoint: Record<string, number>;
  throttled: number;
  concurrencyPeak: number;
}

export class Meter {
  private realms = new Map<string, RealmCounts>();
  tokens = { refreshes: 0, exchanges: 0, revocations: 0 };

  of(realm: string): RealmCounts {
    let counts = this.realms.get(realm);
    if (!counts) {
      counts = { calls: 0, queries: 0, mutations: 0, byEndpoint: {}, throttled: 0, concurrencyPeak: 0 };
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
