import { Decimal, sum, zero } from '../amounts.ts';
import type { Business } from './business.ts';
import type { Posting } from './ledger.ts';
import type { EstimatePayment, Invoice, InvoicePayment, SalesForm, Transaction } from './records.ts';

/** What each kind of document does to the accounts. Every list here sums up to zero in the business's currency. */
export const postingsOf = { invoice, invoicePayment, estimatePayment, transaction };

/** A leg in the account's own currency and the business's, given in some currency with its rate to the business's. */
function leg(business: Business, account: string, value: Decimal, currency: string, rate: Decimal): Posting {
  const amount = business.inOwnCurrency(value.times(rate));
  const own = business.accounts.get(account)?.currency === currency ? value : amount;
  return { account, amount, own };
}

/** Closes a list whose parts were rounded one by one, or whose rates differ. */
function rest(account: string, postings: readonly Posting[]): Posting[] {
  const difference = sum(postings.map((posting) => posting.amount)).negated();
  return difference.isZero() ? [] : [{ account, amount: difference, own: difference }];
}

/** Receivables against income by line, sales tax and the discount. A draft posts nothing. */
function invoice(business: Business, form: Invoice): Posting[] {
  if (form.stage === 'DRAFT') return [];
  const rate = new Decimal(form.exchangeRate);
  const post = (account: string, value: Decimal) => leg(business, account, value, form.currency, rate);
  const postings = form.items.map((line) => post(line.accountId, new Decimal(line.subtotal).negated()));
  const taxes = business.systemAccount('SALES_TAX').id;
  const discounts = business.systemAccount('DISCOUNTS').id;
  for (const line of form.items) {
    for (const { amount } of line.taxes) postings.push(post(taxes, new Decimal(amount).negated()));
  }
  if (form.discounts.length > 0) postings.push(post(discounts, new Decimal(form.discountTotal)));
  return [...postings, ...rest(receivable(business), postings)];
}

/** Money in, at the rate of the day, against the receivable at the rate of the invoice; what is between is gain or loss. */
function invoicePayment(business: Business, payment: InvoicePayment): Posting[] {
  const form = business.invoices.get(payment.invoiceId);
  if (!form) return [];
  const value = new Decimal(payment.amount);
  const postings = [
    leg(business, payment.accountId, value, form.currency, new Decimal(payment.exchangeRate)),
    leg(business, receivable(business), value.negated(), form.currency, new Decimal(form.exchangeRate)),
  ];
  return [...postings, ...exchangeDifference(business, postings)];
}

function exchangeDifference(business: Business, postings: readonly Posting[]): Posting[] {
  const isGain = sum(postings.map((posting) => posting.amount)).gt(zero);
  const account = business.systemAccount(isGain ? 'GAIN_ON_FOREIGN_EXCHANGE' : 'LOSS_ON_FOREIGN_EXCHANGE');
  return rest(account.id, postings);
}

/** A deposit is owed to the customer until there is an invoice. */
function estimatePayment(business: Business, payment: EstimatePayment): Posting[] {
  const form: SalesForm | undefined = business.estimates.get(payment.estimateId);
  if (!form) return [];
  const postings = [
    leg(business, payment.paymentAccountId, new Decimal(payment.amount), form.currency, new Decimal(form.exchangeRate)),
  ];
  return [...postings, ...rest(business.systemAccount('CUSTOMER_PREPAYMENTS_AND_CREDITS').id, postings)];
}

/** The anchor, which is implicit in the lines, against them. Amounts are in the currency of the anchor's account. */
function transaction(business: Business, { anchor, lineItems }: Transaction): Posting[] {
  const currency = business.accounts.get(anchor.accountId)?.currency ?? business.settings.currency;
  const rate = business.rateOf(currency);
  const post = (account: string, value: Decimal) => leg(business, account, value, currency, rate);
  const anchored = new Decimal(anchor.amount);
  const postings = [post(anchor.accountId, anchor.direction === 'DEPOSIT' ? anchored : anchored.negated())];
  const taxAccount = business.systemAccount('SALES_TAX').id;
  const isInside = business.switches.transactionTaxes === 'inside';
  for (const line of lineItems) {
    const sign = line.side === 'DEBIT' ? 1 : -1;
    const taxes = sum(line.taxes.map((tax) => new Decimal(tax.amount)));
    const amount = isInside ? new Decimal(line.amount).minus(taxes) : new Decimal(line.amount);
    postings.push(post(line.accountId, amount.times(sign)));
    if (!taxes.isZero()) postings.push(post(taxAccount, taxes.times(sign)));
  }
  // Foreign amounts are rounded leg by leg; the largest leg, the anchor, takes the remainder.
  const [first, ...others] = postings as [Posting, ...Posting[]];
  const difference = sum(postings.map((posting) => posting.amount));
  return [{ ...first, amount: first.amount.minus(difference) }, ...others];
}

function receivable(business: Business): string {
  return business.systemAccount('RECEIVABLE_INVOICES').id;
}
