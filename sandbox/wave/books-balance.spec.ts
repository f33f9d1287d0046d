import fc from 'fast-check';
import { Decimal, sum } from '../amounts.ts';
import type { Business } from './business.ts';
import { compute, draftsOf } from './objects/form-lines.ts';
import { createPayment, deletePayment, patchPayment } from './objects/invoice-payments.ts';
import { invoiceStatus } from './objects/invoice-status.ts';
import { approveInvoice, createInvoice, deleteInvoice, patchInvoice } from './objects/invoices.ts';
import { createTransaction } from './objects/money-transactions.ts';
import { createCustomer } from './objects/parties.ts';
import { createProduct } from './objects/products.ts';
import { createSalesTax } from './objects/sales-taxes.ts';
import { Problems } from './problems.ts';
import type { Account, Invoice, Party, Product, SalesTax } from './records.ts';
import { newBusiness } from './seed/businesses.ts';
import { steppingClock } from './test-client.ts';
import { Vendor } from './vendor.ts';

/**
 * Whatever is created, changed, paid and deleted, and in whatever order: an invoice adds up, what is paid of it is what
 * its payments say, receivables are what is due, and debits equal credits.
 */

type Step =
  | { do: 'invoice' | 'change'; pick: number; cents: number; taxed: boolean; discount: number; foreign: boolean }
  | { do: 'pay' | 'repay'; pick: number; share: number; rate: number }
  | { do: 'approve' | 'unpay' | 'delete'; pick: number }
  | { do: 'spend'; cents: number; isDeposit: boolean };

const pick = fc.nat(12);
const cents = fc.integer({ min: 1, max: 5_000_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('invoice', 'change'),
      pick,
      cents,
      taxed: fc.boolean(),
      discount: fc.constantFrom(0, 0, 5, 33),
      foreign: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('pay', 'repay'),
      pick,
      share: fc.integer({ min: 1, max: 120 }),
      rate: fc.integer({ min: 90, max: 110 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('approve', 'unpay', 'delete'), pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('spend' as const), cents, isDeposit: fc.boolean() }) },
);

class Books {
  private readonly business: Business;
  private readonly customer: Party;
  private readonly product: Product;
  private readonly taxes: SalesTax[];
  private transactions = 0;

  constructor() {
    const vendor = new Vendor(steppingClock(), 1);
    this.business = newBusiness(vendor, '11111111-2222-4333-8444-555555555555', 'us', { empty: true, seed: 1 });
    const { business } = this;
    const made = <T>(rule: (problems: Problems) => T | undefined): T => rule(new Problems()) as T;
    this.customer = made((problems) => createCustomer({ business, problems, input: { name: 'A' } }));
    const incomeAccountId = this.account('Sales').id;
    const product = { name: 'P', unitPrice: new Decimal(1), incomeAccountId };
    this.product = made((problems) => createProduct({ business, problems, input: product }));
    this.taxes = [false, true].map((isCompound, index) =>
      made((problems) => {
        const input = { name: 'T', abbreviation: `T${index}`, rate: new Decimal('0.08875'), isCompound };
        return createSalesTax({ business, problems, input });
      }),
    );
  }

  private account(name: string): Account {
    return [...this.business.accounts.all()].find((account) => account.name === name) as Account;
  }

  private chosen<T>(rows: Iterable<T>, place: number): T | undefined {
    const all = [...rows];
    return all[place % Math.max(1, all.length)];
  }

  /** Does a step; what the rules refuse is refused, and must leave no trace. */
  follow(each: Step): void {
    const { business } = this;
    const problems = new Problems();
    const before = JSON.stringify([business.snapshot().rows, business.ledger.balance(this.account('Checking').id)]);
    const isDone = this.perform(each, problems);
    if (isDone) return;
    expect(JSON.stringify([business.snapshot().rows, business.ledger.balance(this.account('Checking').id)])).toBe(
      before,
    );
  }

  private perform(each: Step, problems: Problems): boolean {
    const { business } = this;
    switch (each.do) {
      case 'invoice': {
        const input = {
          customerId: this.customer.id,
          ...this.form(each),
          status: each.pick % 3 ? 'SAVED' : 'DRAFT',
        } as const;
        return createInvoice({ business, problems, input }) !== undefined;
      }
      case 'change': {
        const target = this.chosen(business.invoices.all(), each.pick);
        if (!target) return false;
        const { items, discounts } = this.form(each);
        return patchInvoice({ business, target, problems, input: { items, discounts } }) !== undefined;
      }
      case 'approve': {
        const target = this.chosen(business.invoices.all(), each.pick);
        return target !== undefined && approveInvoice({ business, target, problems, input: {} }) !== undefined;
      }
      case 'pay': {
        const target = this.chosen(business.invoices.all(), each.pick);
        if (!target) return false;
        const amount = new Decimal(target.total).times(each.share).div(100);
        const isHome = target.currency === 'USD';
        const exchangeRate = isHome ? new Decimal(1) : new Decimal(target.exchangeRate).times(each.rate).div(100);
        const input = {
          paymentAccountId: this.account('Checking').id,
          amount,
          paymentDate: business.today(),
          paymentMethod: 'CASH',
          exchangeRate,
        };
        return createPayment({ business, target, problems, input }) !== undefined;
      }
      case 'repay': {
        const target = this.chosen(business.invoicePayments.all(), each.pick);
        if (!target) return false;
        const amount = new Decimal(target.amount).times(each.share).div(100);
        return patchPayment({ business, target, problems, input: { amount } }) !== undefined;
      }
      case 'unpay': {
        const target = this.chosen(business.invoicePayments.all(), each.pick);
        return target !== undefined && deletePayment({ business, target, problems, input: {} }) !== undefined;
      }
      case 'delete': {
        const target = this.chosen(business.invoices.all(), each.pick);
        return target !== undefined && deleteInvoice({ business, target, problems, input: {} }) !== undefined;
      }
      case 'spend':
        return this.spend(new Decimal(each.cents).div(100), each.isDeposit, problems);
    }
  }

  private spend(amount: Decimal, isDeposit: boolean, problems: Problems): boolean {
    const { business } = this;
    const account = this.account(isDeposit ? 'Sales' : 'Office Supplies');
    const input = {
      externalId: `t-${++this.transactions}`,
      date: business.today(),
      description: 'x',
      anchor: {
        accountId: this.account('Checking').id,
        amount,
        direction: isDeposit ? ('DEPOSIT' as const) : ('WITHDRAWAL' as const),
      },
      lineItems: [{ accountId: account.id, amount, balance: 'INCREASE' as const }],
    };
    return createTransaction({ business, problems, input }) !== undefined;
  }

  private form(each: Extract<Step, { do: 'invoice' | 'change' }>) {
    const taxes = each.taxed ? this.taxes.map((tax) => ({ salesTaxId: tax.id })) : [];
    const price = new Decimal(each.cents).div(300);
    return {
      currency: each.foreign ? 'EUR' : 'USD',
      items: [
        { productId: this.product.id, quantity: new Decimal('1.5'), unitPrice: price, taxes },
        { productId: this.product.id, quantity: new Decimal(each.pick), unitPrice: new Decimal('0.335'), taxes },
      ],
      discounts:
        each.discount === 0 ? [] : [{ discountType: 'PERCENTAGE' as const, percentage: new Decimal(each.discount) }],
    };
  }

  check(): void {
    const { business } = this;
    expect(business.ledger.difference.toString()).toBe('0');
    let owedAtHome = new Decimal(0);
    for (const invoice of business.invoices.all()) {
      const { subtotal, discountTotal, taxTotal, total, items, amountPaid } = invoice;
      expect(new Decimal(subtotal).minus(discountTotal).plus(taxTotal).eq(total)).toBe(true);
      expect(sum(items.map((item) => new Decimal(item.subtotal))).eq(subtotal)).toBe(true);
      const again = compute(business, this.draftOf(invoice), new Problems());
      expect(again.total).toBe(total);
      const payments = business.invoicePayments.having('invoice', invoice.id);
      const paid = sum(payments.map((payment) => new Decimal(payment.amount)));
      expect(paid.eq(amountPaid)).toBe(true);
      this.checkStatus(invoice, new Decimal(total).minus(paid), payments.length > 0);
      if (invoice.stage !== 'DRAFT' && invoice.currency === 'USD') owedAtHome = owedAtHome.plus(total).minus(paid);
    }
    const foreign = [...business.invoices.all()].some((invoice) => invoice.currency !== 'USD');
    const receivable = business.ledger.balance(business.systemAccount('RECEIVABLE_INVOICES').id).amount;
    if (!foreign) expect(receivable.toFixed(2)).toBe(owedAtHome.toFixed(2));
  }

  private draftOf(invoice: Invoice) {
    const lines = draftsOf(this.business, invoice.items);
    return { currency: invoice.currency, day: invoice.invoiceDate, lines, discount: invoice.discounts[0] };
  }

  private checkStatus(invoice: Invoice, due: Decimal, hasPayments: boolean): void {
    const status = invoiceStatus(this.business, invoice);
    if (invoice.stage === 'DRAFT') expect([status, hasPayments]).toEqual(['DRAFT', false]);
    else if (!hasPayments) expect(status).toBe('SAVED');
    else expect(status).toBe(due.isZero() ? 'PAID' : due.isNegative() ? 'OVERPAID' : 'PARTIAL');
  }
}

describe('the books stay balanced', () => {
  it('through random histories of a business', () => {
    // A failure prints its seed; FC_SEED replays it, FC_RUNS makes it longer.
    const seed = Number(process.env.FC_SEED ?? 20_260_310);
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), (steps) => {
        const books = new Books();
        for (const each of steps) {
          books.follow(each);
          books.check();
        }
      }),
      { numRuns: Number(process.env.FC_RUNS ?? 100), seed },
    );
  });
});
