import { Decimal, zero } from '../amounts.ts';

/** One leg of what a document does to the accounts; debits are positive. */
export interface Posting {
  account: string;
  /** In the currency of the business. */
  amount: Decimal;
  /** In the account's own currency. */
  own: Decimal;
}

/** The balances of all accounts of a business, moved by the difference whenever a document's postings change. */
export class Ledger {
  private readonly bySource = new Map<string, readonly Posting[]>();
  private readonly balances = new Map<string, { amount: Decimal; own: Decimal }>();
  private outOfBalance: Decimal = zero;

  /** Debits less credits of one account. */
  balance(account: string): { amount: Decimal; own: Decimal } {
    return this.balances.get(account) ?? { amount: zero, own: zero };
  }

  /** Debits less credits over everything. Anything but zero is a broken rule. */
  get difference(): Decimal {
    return this.outOfBalance;
  }

  postingsOf(source: string): readonly Posting[] {
    return this.bySource.get(source) ?? [];
  }

  /** What a document posts from now on; answers the accounts whose balance moved. */
  set(source: string, postings: readonly Posting[]): Set<string> {
    const moved = new Set<string>();
    for (const { account, amount, own } of this.postingsOf(source)) {
      this.move(account, amount.negated(), own.negated());
      moved.add(account);
    }
    for (const { account, amount, own } of postings) {
      this.move(account, amount, own);
      moved.add(account);
    }
    if (postings.length === 0) this.bySource.delete(source);
    else this.bySource.set(source, postings);
    return moved;
  }

  clear(): void {
    this.bySource.clear();
    this.balances.clear();
    this.outOfBalance = zero;
  }

  private move(account: string, amount: Decimal, own: Decimal): void {
    const before = this.balance(account);
    this.balances.set(account, { amount: before.amount.plus(amount), own: before.own.plus(own) });
    this.outOfBalance = this.outOfBalance.plus(amount);
  }
}
