import { Decimal, zero } from '../amounts.ts';
import { VirtualClock, type Clock } from '../clock.ts';
import type { Randomness } from '../randomness.ts';
import type { Subtype } from './account-types.ts';
import { dayIn } from './calendar.ts';
import { Collection, type Deletion } from './collection.ts';
import { rounded, vendorRate } from './currencies.ts';
import { businessId, childId, type ChildType } from './ids.ts';
import { Ledger, type Posting } from './ledger.ts';
import { NumberSeries } from './numbering.ts';
import { postingsOf } from './postings.ts';
import type {
  Account,
  Address,
  Estimate,
  EstimatePayment,
  Invoice,
  InvoicePayment,
  Party,
  Product,
  SalesTax,
  Transaction,
} from './records.ts';
import type { Switches } from './switches.ts';
import type { Happening } from './webhook-events.ts';

export type Plan = 'starter' | 'pro' | 'advisor';

/** What a person sets in the product and the API only shows, or does not show at all. */
export interface BusinessSettings {
  name: string;
  currency: string;
  timezone: string;
  plan: Plan;
  /** Days from the invoice date to the due date when none is given. */
  termsDays: number;
  isPersonal: boolean;
  isClassicAccounting: boolean;
  isClassicInvoicing: boolean;
  isArchived: boolean;
  emailSendEnabled: boolean;
  organizationalType: string;
  type: string;
  subtype: string;
  address: Address;
  phone: string | null;
  website: string | null;
}

/** What every business of one sandbox shares. */
export interface Surroundings {
  clock: Clock;
  random: Randomness;
  switches: Switches;
  emit(happening: Happening): void;
  changed(): void;
}

/** A mail that would have been sent. */
export interface OutgoingMail {
  about: string;
  id: string;
  to: readonly string[];
  subject: string | null;
  at: number;
}

export interface BusinessState {
  uuid: string;
  settings: BusinessSettings;
  createdAt: number;
  modifiedAt: number;
  lastNumber: number;
  outbox: OutgoingMail[];
  rows: Record<string, unknown[]>;
  deletions: Record<string, Deletion[]>;
}

const FIRST_NUMBER = 30_000_000;

/** One business: its settings, everything it keeps, balances, and the one series of numbers in its ids. */
export class Business {
  readonly uuid: string;
  readonly id: string;
  readonly surroundings: Surroundings;
  readonly ledger = new Ledger();
  readonly accounts = new Collection<Account>({ subtype: (row) => row.subtype });
  readonly customers = new Collection<Party>({ email: (row) => row.email ?? undefined, name: (row) => row.name });
  readonly vendors = new Collection<Party>({ email: (row) => row.email ?? undefined, name: (row) => row.name });
  readonly products = new Collection<Product>();
  readonly salesTaxes = new Collection<SalesTax>({ abbreviation: (row) => row.abbreviation });
  readonly invoices = new Collection<Invoice>({
    customer: (row) => row.customerId,
    source: (row) => row.sourceId ?? undefined,
    number: (row) => row.invoiceNumber,
  });
  readonly invoicePayments = new Collection<InvoicePayment>({ invoice: (row) => row.invoiceId });
  readonly estimates = new Collection<Estimate>({
    customer: (row) => row.customerId,
    number: (row) => row.estimateNumber,
  });
  readonly estimatePayments = new Collection<EstimatePayment>({ estimate: (row) => row.estimateId });
  readonly transactions = new Collection<Transaction>({ externalId: (row) => row.externalId });
  readonly invoiceNumbers = new NumberSeries(() => [...this.invoices.all()].map((row) => row.invoiceNumber));
  readonly estimateNumbers = new NumberSeries(() => [...this.estimates.all()].map((row) => row.estimateNumber));
  settings: BusinessSettings;
  createdAt: number;
  modifiedAt: number;
  outbox: OutgoingMail[] = [];
  private clock: Clock;
  private lastNumber = FIRST_NUMBER;
  private isSilent = false;
  /** Invoices by due date that may become overdue, and the day up to which that was looked at. */
  private readonly due = new Map<string, Set<string>>();
  private overdueTo = '';

  constructor(uuid: string, settings: BusinessSettings, surroundings: Surroundings) {
    this.uuid = uuid;
    this.id = businessId(uuid);
    this.settings = settings;
    this.surroundings = surroundings;
    this.clock = surroundings.clock;
    this.createdAt = this.now();
    this.modifiedAt = this.createdAt;
  }

  /** Everything kept, by the name it has in dumps. */
  get kept() {
    return {
      Account: this.accounts,
      Customer: this.customers,
      Vendor: this.vendors,
      Product: this.products,
      SalesTax: this.salesTaxes,
      Invoice: this.invoices,
      InvoicePayment: this.invoicePayments,
      Estimate: this.estimates,
      EstimatePayment: this.estimatePayments,
      Transaction: this.transactions,
    };
  }

  get switches(): Switches {
    return this.surroundings.switches;
  }

  /** The instant a change made now carries. */
  now(): number {
    const now = this.clock.now();
    return this.switches.timestamps === 'seconds' ? Math.floor(now / 1000) * 1000 : now;
  }

  today(): string {
    return dayIn(this.settings.timezone, this.clock.now());
  }

  /** Runs `fill` with the business's clock under its control and without telling anybody: how it gets its past. */
  recordHistory(fill: (at: (instant: number) => void) => void): void {
    const past = new VirtualClock({ now: () => 0 });
    past.offset = this.surroundings.clock.now();
    this.clock = past;
    this.isSilent = true;
    try {
      fill((instant) => {
        past.offset = instant;
      });
      this.noteOverdue();
    } finally {
      this.clock = this.surroundings.clock;
      this.isSilent = false;
    }
  }

  /** Id, place and times of a row that is made now. */
  newRow(type: ChildType): { id: string; number: number; businessId: string; createdAt: number; modifiedAt: number } {
    const number = ++this.lastNumber;
    const now = this.now();
    return { id: childId(this.uuid, type, number), number, businessId: this.id, createdAt: now, modifiedAt: now };
  }

  /** The next number in this business's ids, for what has an id but is no row. */
  nextNumber(): number {
    return ++this.lastNumber;
  }

  /** Sets what a person sets in the product. */
  changeSettings(change: Partial<BusinessSettings>): void {
    this.settings = { ...this.settings, ...change };
    this.modifiedAt = this.now();
    this.surroundings.changed();
  }

  /** The oldest account of a subtype that is in use, in the given currency where that matters. */
  accountOf(subtype: Subtype, currency?: string): Account | undefined {
    return this.accounts
      .having('subtype', subtype)
      .find((account) => !account.isArchived && (currency === undefined || account.currency === currency));
  }

  /** An account that every business has. */
  systemAccount(subtype: Subtype): Account {
    const account = this.accounts.having('subtype', subtype)[0];
    if (!account) throw new Error(`the business has no ${subtype} account`);
    return account;
  }

  /** What one unit of a currency is worth in the business's own, by the vendor's rates. */
  rateOf(currency: string): Decimal {
    return vendorRate(currency, this.settings.currency);
  }

  inOwnCurrency(value: Decimal): Decimal {
    return rounded(value, this.settings.currency);
  }

  putInvoice(invoice: Invoice): void {
    const before = this.invoices.get(invoice.id);
    if (before && before.invoiceNumber !== invoice.invoiceNumber) this.invoiceNumbers.freed();
    this.invoiceNumbers.took(invoice.invoiceNumber);
    this.invoices.put(invoice);
    const ids = this.due.get(invoice.dueDate);
    if (ids) ids.add(invoice.id);
    else this.due.set(invoice.dueDate, new Set([invoice.id]));
    if (invoice.dueDate < this.overdueTo) this.overdueTo = '';
    this.post(invoice.id, postingsOf.invoice(this, invoice));
    // What a payment clears depends on the rate of its invoice.
    for (const payment of this.invoicePayments.having('invoice', invoice.id)) {
      this.post(payment.id, postingsOf.invoicePayment(this, payment));
    }
    this.surroundings.changed();
  }

  putEstimate(estimate: Estimate): void {
    const before = this.estimates.get(estimate.id);
    if (before && before.estimateNumber !== estimate.estimateNumber) this.estimateNumbers.freed();
    this.estimateNumbers.took(estimate.estimateNumber);
    this.estimates.put(estimate);
    this.surroundings.changed();
  }

  putInvoicePayment(payment: InvoicePayment): void {
    this.invoicePayments.put(payment);
    this.post(payment.id, postingsOf.invoicePayment(this, payment));
    this.surroundings.changed();
  }

  putEstimatePayment(payment: EstimatePayment): void {
    this.estimatePayments.put(payment);
    this.post(payment.id, postingsOf.estimatePayment(this, payment));
    this.surroundings.changed();
  }

  putTransaction(transaction: Transaction): void {
    this.transactions.put(transaction);
    this.post(transaction.id, postingsOf.transaction(this, transaction));
    this.surroundings.changed();
  }

  remove(collection: { remove(id: string, at: number): void }, id: string): void {
    collection.remove(id, this.now());
    this.invoiceNumbers.freed();
    this.estimateNumbers.freed();
    this.post(id, []);
    this.surroundings.changed();
  }

  private post(source: string, postings: readonly Posting[]): void {
    for (const id of this.ledger.set(source, postings)) {
      const account = this.accounts.get(id);
      if (account && this.switches.postingsRaiseSequence && !this.isSilent) {
        this.accounts.put({ ...account, sequence: account.sequence + 1 });
      }
    }
  }

  emit(happening: Omit<Happening, 'businessId' | 'at'>): void {
    if (this.isSilent) return;
    this.surroundings.emit({ ...happening, businessId: this.id, at: this.surroundings.clock.now() });
  }

  /** Tells of invoices whose due date has passed since this was last looked at. */
  noteOverdue(): void {
    const today = this.today();
    if (this.overdueTo === today) return;
    this.overdueTo = today;
    for (const [day, ids] of this.due) {
      if (day >= today) continue;
      this.due.delete(day);
      for (const id of ids) this.tellOverdue(id, day);
    }
  }

  private tellOverdue(id: string, day: string): void {
    const invoice = this.invoices.get(id);
    if (!invoice || invoice.dueDate !== day || invoice.stage === 'DRAFT' || invoice.overdueTold) return;
    const amountDue = new Decimal(invoice.total).minus(invoice.amountPaid);
    if (amountDue.lte(zero)) return;
    const touched = this.switches.overdueTouchesInvoice ? { modifiedAt: this.now() } : {};
    this.invoices.put({ ...invoice, overdueTold: true, ...touched });
    this.emit({
      type: 'invoice.overdue',
      id,
      customerId: invoice.customerId,
      currency: invoice.currency,
      total: invoice.total,
      amountPaid: invoice.amountPaid,
      amountDue: amountDue.toFixed(),
      dueDate: invoice.dueDate,
    });
    this.surroundings.changed();
  }

  snapshot(): BusinessState {
    const kept = Object.entries(this.kept);
    return {
      uuid: this.uuid,
      settings: this.settings,
      createdAt: this.createdAt,
      modifiedAt: this.modifiedAt,
      lastNumber: this.lastNumber,
      outbox: this.outbox,
      rows: Object.fromEntries(kept.map(([name, collection]) => [name, [...collection.all()]])),
      deletions: Object.fromEntries(kept.map(([name, collection]) => [name, collection.deletions])),
    };
  }

  restore(state: BusinessState): void {
    this.createdAt = state.createdAt;
    this.modifiedAt = state.modifiedAt;
    this.lastNumber = state.lastNumber;
    this.outbox = state.outbox;
    for (const [name, collection] of Object.entries(this.kept)) {
      collection.deletions.push(...(state.deletions[name] ?? []));
    }
    // Balances follow from the documents, so accounts and lists come first.
    for (const [name, rows] of Object.entries(state.rows)) for (const row of rows) this.place(name, row as never);
  }

  private place(name: string, row: never): void {
    switch (name) {
      case 'Invoice':
        return this.putInvoice(row);
      case 'Estimate':
        return this.putEstimate(row);
      case 'InvoicePayment':
        return this.putInvoicePayment(row);
      case 'EstimatePayment':
        return this.putEstimatePayment(row);
      case 'Transaction':
        return this.putTransaction(row);
      default:
        return this.kept[name as keyof typeof this.kept].put(row);
    }
  }
}
