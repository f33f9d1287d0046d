import { Decimal, decimal as exact, sum, zero } from '../amounts.ts';
import type { Body } from './shape.ts';

/** Which side of the books a document is open on, and whether it is a charge or a credit. */
const SIDES: Readonly<Record<string, { side: Side; sign: 1 | -1 }>> = {
  ACCREC: { side: 'receivable', sign: 1 },
  ACCPAY: { side: 'payable', sign: 1 },
  ACCRECCREDIT: { side: 'receivable', sign: -1 },
  ACCPAYCREDIT: { side: 'payable', sign: -1 },
};

export type Side = 'receivable' | 'payable';

interface Open {
  outstanding: Decimal;
  /** What is due by day, for what is overdue depends on when one looks. */
  due: Map<string, Decimal>;
}

/**
 * What is open at each contact in base currency, moved by the difference whenever a document changes: a contact may have
 * any number of documents, and shows its balances in each of them.
 */
export class Balances {
  private readonly contacts = new Map<string, Record<Side, Open>>();

  replace(before: Body | undefined, after: Body | undefined): void {
    if (before) this.add(before, -1);
    if (after) this.add(after, 1);
  }

  of(contact: string, side: Side, today: string): { outstanding: Decimal; overdue: Decimal } {
    const open = this.contacts.get(contact)?.[side];
    if (!open) return { outstanding: zero, overdue: zero };
    const late = [...open.due].filter(([day]) => day < today).map(([, amount]) => amount);
    return { outstanding: open.outstanding, overdue: sum(late) };
  }

  private add(fields: Body, direction: 1 | -1): void {
    const place = SIDES[String(fields.Type)];
    if (!place || fields.Status !== 'AUTHORISED' || typeof fields.contact !== 'string') return;
    const isCharge = place.sign === 1;
    const rate = exact(fields.CurrencyRate);
    const own = exact(isCharge ? fields.AmountDue : fields.RemainingCredit).times(direction);
    const amount = rate.isZero() ? own : own.dividedBy(rate);
    const open = this.openAt(fields.contact, place.side);
    open.outstanding = open.outstanding.plus(amount.times(place.sign));
    if (!isCharge || typeof fields.DueDate !== 'string') return;
    const left = (open.due.get(fields.DueDate) ?? zero).plus(amount);
    if (left.isZero()) open.due.delete(fields.DueDate);
    else open.due.set(fields.DueDate, left);
  }

  private openAt(contact: string, side: Side): Open {
    let sides = this.contacts.get(contact);
    if (!sides) {
      const nothing = (): Open => ({ outstanding: new Decimal(0), due: new Map() });
      this.contacts.set(contact, (sides = { receivable: nothing(), payable: nothing() }));
    }
    return sides[side];
  }
}
