import { zero, type Decimal } from '../amounts.ts';

/** One leg of a posting, debits positive, in the file's own currency. */
export interface Posting {
  account: string;
  amount: Decimal;
  /** UID of the card on receivable and payable accounts. */
  card?: string;
  /** UID of an item whose stock moves, and by how much. */
  item?: string;
  quantity?: Decimal;
}

export interface Stock {
  quantity: Decimal;
  value: Decimal;
}

/** Balances of accounts, cards and stock, moved by the difference of postings whenever a transaction changes. */
export class Ledger {
  private readonly accounts = new Map<string, Decimal>();
  private readonly cards = new Map<string, Decimal>();
  private readonly stocks = new Map<string, Stock>();
  private outOfBalance: Decimal = zero;

  /** Debits less credits of the account. */
  account(uid: string): Decimal {
    return this.accounts.get(uid) ?? zero;
  }

  /** What a customer owes, or a supplier is owed as a negative number. */
  card(uid: string): Decimal {
    return this.cards.get(uid) ?? zero;
  }

  stock(item: string): Stock {
    return this.stocks.get(item) ?? { quantity: zero, value: zero };
  }

  /** Debits less credits over everything. Anything but zero is a broken rule. */
  get difference(): Decimal {
    return this.outOfBalance;
  }

  /** Every account that was ever posted to, with its balance. */
  balances(): [uid: string, balance: Decimal][] {
    return [...this.accounts];
  }

  replace(before: readonly Posting[], after: readonly Posting[]): void {
    for (const posting of before) this.post(posting, -1);
    for (const posting of after) this.post(posting, 1);
  }

  private post({ account, amount, card, item, quantity }: Posting, sign: 1 | -1): void {
    const signed = amount.times(sign);
    this.accounts.set(account, this.account(account).plus(signed));
    this.outOfBalance = this.outOfBalance.plus(signed);
    if (card !== undefined) this.cards.set(card, this.card(card).plus(signed));
    if (item !== undefined) {
      const stock = this.stock(item);
      this.stocks.set(item, {
        quantity: stock.quantity.plus((quantity ?? zero).times(sign)),
        value: stock.value.plus(signed),
      });
    }
  }
}

export function debit(account: string, amount: Decimal, card?: string): Posting {
  return { account, amount, card };
}

export function credit(account: string, amount: Decimal, card?: string): Posting {
  return { account, amount: amount.negated(), card };
}
