import { decimal as exact, type Decimal } from '../amounts.ts';
import type { Organisation } from './organisation.ts';
import type { Body } from './shape.ts';

/** What payments and credits do to the documents they are set against (sheets 3.11 and 3.14). */

/** One amount of a credit set against an invoice or bill; kept on both. */
export interface Credit {
  allocation: string;
  resource: string;
  /** The credit note, prepayment or overpayment. */
  id: string;
  amount: string;
  date: string;
}

/** The only ways into and out of PAID. `amount` is negative when a payment or credit is taken back. */
export function settleCharge(
  organisation: Organisation,
  id: string,
  field: 'AmountPaid' | 'AmountCredited',
  amount: Decimal,
  day: string,
  more: Body = {},
): void {
  const fields = { ...organisation.fields('Invoices', id), ...more };
  fields[field] = exact(fields[field]).plus(amount).toFixed();
  const due = exact(fields.Total).minus(exact(fields.AmountPaid)).minus(exact(fields.AmountCredited));
  fields.AmountDue = due.toFixed();
  closeOrOpen(fields, due.isZero(), day);
  organisation.put('Invoices', id, fields, { tell: organisation.switches.paymentTellsInvoice });
}

/** The same for what is owed to the other side: credit notes, prepayments, overpayments. */
export function useCredit(
  organisation: Organisation,
  resource: string,
  id: string,
  amount: Decimal,
  day: string,
  more: Body = {},
): void {
  const fields = { ...organisation.fields(resource, id), ...more };
  fields.AppliedAmount = exact(fields.AppliedAmount).plus(amount).toFixed();
  const left = exact(fields.Total).minus(exact(fields.AppliedAmount));
  fields.RemainingCredit = left.toFixed();
  closeOrOpen(fields, left.isZero(), day);
  organisation.put(resource, id, fields, { tell: organisation.switches.paymentTellsInvoice });
}

function closeOrOpen(fields: Body, isClosed: boolean, day: string): void {
  fields.Status = isClosed ? 'PAID' : 'AUTHORISED';
  if (isClosed) fields.FullyPaidOnDate = day;
  else delete fields.FullyPaidOnDate;
}
