import { Decimal, zero } from '../amounts.ts';
import type { Posting } from './rules.ts';

/**
 * The balances of accounts and names, moved by the difference of postings whenever a transaction changes. An account's
 * own currency is the home currency unless it was opened in another one, and then it only sees postings in that one.
 */
export class Ledger {
  private readonly accounts = new Map<string, Decimal>();
  private readonly parties = new Map<string, Decimal>();
  private readonly isForeign: (account: string) => boolean;
  private outOfBalance: Decimal = zero;
  private touchedAccounts = new Set<string>();
  private touchedParties = new Set<string>();

  constructor(isForeign: (account: string) => boolean) {
    this.isForeign = isForeign;
  }

  /** Debits positive, in the account's own currency. */
  account(id: string): Decimal {
    return this.accounts.get(id) ?? zero;
  }

  /** What the name owes (customers) or is owed as a negative number (vendors), in the name's currency. */
  party(key: string): Decimal {
    return this.parties.get(key) ?? zero;
  }

  /** Debits less credits over everything posted, in home currency. Anything but zero is a broken rule. */
  get difference(): Decimal {
    return this.outOfBalance;
  }

  replace(before: readonly Posting[], after: readonly Posting[]): void {
    for (const posting of before) this.post(posting, posting.amount.negated());
    for (const posting of after) this.post(posting, posting.amount);
  }

  touchAccount(id: string): void {
    this.touchedAccounts.add(id);
  }

  touchParty(key: string): void {
    this.touchedParties.add(key);
  }

  /** The accounts and names whose balance moved since the last call. */
  takeTouched(): { accounts: Set<string>; parties: Set<string> } {
    const touched = { accounts: this.touchedAccounts, parties: this.touchedParties };
    this.touchedAccounts = new Set();
    this.touchedParties = new Set();
    return touched;
  }

  private post(posting: Posting, amount: Decimal): void {
    const home = amount.times(posting.rate);
    const own = this.isForeign(posting.account) ? amount : home;
    this.accounts.set(posting.account, this.account(posting.account).plus(own));
    this.touchedAccounts.add(posting.account);
    this.outOfBalance = this.outOfBalance.plus(home);
    if (posting.party !== undefined) {
      this.parties.set(posting.party, this.party(posting.party).plus(amount));
      this.touchedParties.add(posting.party);
    }
  }
}

/** A leg of a posting with debits positive. */
export function debit(account: string, amount: Decimal, rate: Decimal = new Decimal(1), party?: string): Posting {
  return { account, amount, rate, party };
}

export function credit(account: string, amount: Decimal, rate: Decimal = new Decimal(1), party?: string): Posting {
  return { account, amount: amount.negated(), rate, party };
}
