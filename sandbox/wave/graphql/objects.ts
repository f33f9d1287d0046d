import { Decimal, sum } from '../../amounts.ts';
import { normalSide, SUBTYPES, subtypeFacts, TYPES, type AccountTypeValue, type Subtype } from '../account-types.ts';
import type { Business } from '../business.ts';
import { country, province } from '../countries.ts';
import { currencyFacts, plain, rounded } from '../currencies.ts';
import { bareId } from '../ids.ts';
import { depositPaymentStatus, depositTotal, estimateStatus } from '../objects/estimates.ts';
import { amountDue, invoiceStatus } from '../objects/invoice-status.ts';
import { rateOn } from '../objects/sales-taxes.ts';
import type {
  Account,
  Address,
  Discount,
  Estimate,
  EstimatePayment,
  Invoice,
  InvoicePayment,
  Line,
  LineTax,
  Nullable,
  Party,
  Product,
  SalesForm,
  SalesTax,
} from '../records.ts';
import type { Context } from './context.ts';

/**
 * How the fields of each type follow from what is kept; fields that are kept under their own name need no entry. A part
 * of a form is handed down together with its form, because its currency and business stand there.
 */

// Sources differ from type to type; the schema says which one each resolver gets.
type Resolver<Source, Arguments = never> = (source: Source, args: Arguments, context: Context) => unknown;
export type FieldTable = Readonly<Record<string, Resolver<never>>>;

interface Amount {
  value: Decimal;
  currency: string;
}

interface PartOf<Form extends SalesForm, Part> {
  form: Form;
  part: Part;
}

const ownerOf = (row: { businessId: string }, { vendor }: Context): Business => {
  const business = vendor.businesses.get(row.businessId);
  if (!business) throw new Error('a row without its business');
  return business;
};

const money = (value: Decimal | string, currency: string): Amount => ({ value: new Decimal(value), currency });

const typeFacts = (value: AccountTypeValue) => {
  const { name, normal } = TYPES[value];
  return { value, name, normalBalanceType: normal };
};

export const accountTypes = () => (Object.keys(TYPES) as AccountTypeValue[]).map(typeFacts);

export const accountSubtype = (value: Subtype) => {
  const { name, type, system } = subtypeFacts(value);
  const isSystem = system === true;
  return { value, name, type: typeFacts(type), archivable: !isSystem, systemCreated: isSystem, description: name };
};

export const accountSubtypes = () => (Object.keys(SUBTYPES) as Subtype[]).map(accountSubtype);

const Money = {
  // Int has 32 bits; what is larger is only in the other fields.
  raw: ({ value, currency }: Amount) => {
    const units = minorUnits(value, currency).toNumber();
    return Math.abs(units) < 2 ** 31 ? units : null;
  },
  minorUnitValue({ value, currency }: Amount, _args: object, { vendor }: Context) {
    const units = minorUnits(value, currency);
    return vendor.switches.minorUnits === 'number' ? units.toNumber() : units.toFixed();
  },
  value({ value, currency }: Amount, _args: object, { vendor }: Context) {
    const text = plain(value, currency);
    if (!vendor.switches.moneySeparators) return text;
    return text.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ','));
  },
  currency: ({ currency }: Amount) => currencyFacts(currency),
};

function minorUnits(value: Decimal, currency: string): Decimal {
  return rounded(value, currency).times(new Decimal(10).pow(currencyFacts(currency).exponent));
}

const Country = {
  currency: (facts: ReturnType<typeof country>) => facts.currency && currencyFacts(facts.currency),
};

const AddressFields = {
  province: ({ provinceCode }: Address) => provinceCode && province(provinceCode),
  country: ({ countryCode }: Address) => countryCode && country(countryCode),
};

const AccountFields = {
  classicId: ({ id }: Account) => bareId(id),
  currency: ({ currency }: Account) => currencyFacts(currency),
  type: ({ subtype }: Account) => typeFacts(subtypeFacts(subtype).type),
  subtype: ({ subtype }: Account) => accountSubtype(subtype),
  normalBalanceType: ({ subtype }: Account) => normalSide(subtype),
  balance: (account: Account, _args: object, context: Context) => {
    const { own } = ownerOf(account, context).ledger.balance(account.id);
    return plain(shown(account, own), account.currency);
  },
  balanceInBusinessCurrency: (account: Account, _args: object, context: Context) => {
    const business = ownerOf(account, context);
    const { amount } = business.ledger.balance(account.id);
    return plain(shown(account, amount), business.settings.currency);
  },
  business: ownBusiness,
};

/** A balance is positive on the side on which its account grows. */
function shown(account: Account, debits: Decimal): Decimal {
  return normalSide(account.subtype) === 'DEBIT' ? debits : debits.negated();
}

function ownBusiness(row: { businessId: string }, _args: object, context: Context): Business {
  return ownerOf(row, context);
}

const PartyFields = {
  currency: ({ currency }: Party) => currencyFacts(currency),
  business: ownBusiness,
};

const Customer = {
  ...PartyFields,
  outstandingAmount: (customer: Party, _args: object, context: Context) => owed(customer, context, () => true),
  overdueAmount: (customer: Party, _args: object, context: Context) => {
    const business = ownerOf(customer, context);
    const today = business.today();
    return owed(customer, context, (invoice) => invoice.dueDate < today);
  },
};

/** What is due of a customer's approved invoices, in the customer's currency. */
function owed(customer: Party, context: Context, counts: (invoice: Invoice) => boolean): Amount {
  const business = ownerOf(customer, context);
  const dues = business.invoices.having('customer', customer.id).flatMap((invoice) => {
    if (invoice.stage === 'DRAFT' || !counts(invoice)) return [];
    if (invoice.currency === customer.currency) return amountDue(invoice);
    const own = amountDue(invoice).times(invoice.exchangeRate);
    return own.div(business.rateOf(customer.currency));
  });
  return money(rounded(sum(dues), customer.currency), customer.currency);
}

const ProductFields = {
  isSold: ({ incomeAccountId }: Product) => incomeAccountId !== null,
  isBought: ({ expenseAccountId }: Product) => expenseAccountId !== null,
  incomeAccount: (product: Product, _args: object, context: Context) =>
    ownerOf(product, context).accounts.get(product.incomeAccountId),
  expenseAccount: (product: Product, _args: object, context: Context) =>
    ownerOf(product, context).accounts.get(product.expenseAccountId),
  defaultSalesTaxes: (product: Product, _args: object, context: Context) => {
    const { salesTaxes } = ownerOf(product, context);
    return product.defaultSalesTaxIds.flatMap((id) => salesTaxes.get(id) ?? []);
  },
  business: ownBusiness,
};

const SalesTaxFields = {
  rate: (tax: SalesTax, args: { for?: string | null }, context: Context) =>
    rateOn(tax, args.for ?? ownerOf(tax, context).today()),
  business: ownBusiness,
};

/** What an invoice and an estimate show alike. */
const FormFields = {
  currency: ({ currency }: SalesForm) => currencyFacts(currency),
  customer: (form: SalesForm, _args: object, context: Context) => ownerOf(form, context).customers.get(form.customerId),
  subtotal: (form: SalesForm) => money(form.subtotal, form.currency),
  discountTotal: (form: SalesForm) => money(form.discountTotal, form.currency),
  taxTotal: (form: SalesForm) => money(form.taxTotal, form.currency),
  total: (form: SalesForm) => money(form.total, form.currency),
  amountPaid: (form: SalesForm) => money(form.amountPaid, form.currency),
  amountDue: (form: SalesForm) => money(amountDue(form), form.currency),
  items: (form: SalesForm) => form.items.map((part) => ({ form, part })),
};

/** A form is printed some time after it changed. */
function pdfUrl(form: SalesForm, kind: FormKind, context: Context): Nullable<string> {
  const isPrinted = context.vendor.clock.now() >= form.modifiedAt + context.vendor.switches.pdfLagMs;
  return isPrinted ? pdfAddress(form, kind, context) : null;
}

function pdfAddress(form: SalesForm, kind: FormKind, context: Context): string {
  return `${viewUrl(form, kind, context)}/pdf`;
}

type FormKind = 'invoices' | 'estimates';

/** Where the customer reads the form: a page of the sandbox. */
function viewUrl(form: SalesForm, kind: FormKind, { base }: Context): string {
  return `${base}/${kind}/${bareId(form.businessId)}/${bareId(form.id)}`;
}

const InvoiceFields = {
  ...FormFields,
  status: (invoice: Invoice, _args: object, context: Context) => invoiceStatus(ownerOf(invoice, context), invoice),
  source: (invoice: Invoice) => invoice.sourceId && { kind: 'NewEstimate', id: invoice.sourceId },
  pdfUrl: (invoice: Invoice, _args: object, context: Context) => pdfUrl(invoice, 'invoices', context),
  viewUrl: (invoice: Invoice, _args: object, context: Context) => viewUrl(invoice, 'invoices', context),
  payments: (invoice: Invoice, _args: object, context: Context) =>
    ownerOf(invoice, context).invoicePayments.having('invoice', invoice.id),
  invoiceReminders: () => [],
  attachments: () => [],
  business: ownBusiness,
};

type LineOf = PartOf<SalesForm, Line>;

const ItemFields = {
  id: ({ part }: LineOf) => part.id,
  description: ({ part }: LineOf) => part.description,
  quantity: ({ part }: LineOf) => part.quantity,
  unitPrice: ({ part }: LineOf) => part.unitPrice,
  subtotal: ({ form, part }: LineOf) => money(part.subtotal, form.currency),
  total: ({ form, part }: LineOf) => money(part.total, form.currency),
  taxes: ({ form, part }: LineOf) => part.taxes.map((tax) => ({ form, part: tax })),
  account: ({ form, part }: LineOf, _args: object, context: Context) =>
    ownerOf(form, context).accounts.get(part.accountId),
  product: ({ form, part }: LineOf, _args: object, context: Context) =>
    ownerOf(form, context).products.get(part.productId),
};

type TaxOf = PartOf<SalesForm, LineTax>;

const ItemTaxFields = {
  amount: ({ form, part }: TaxOf) => money(part.amount, form.currency),
  rate: ({ part }: TaxOf) => part.rate,
  salesTax: ({ form, part }: TaxOf, _args: object, context: Context) =>
    ownerOf(form, context).salesTaxes.get(part.salesTaxId),
};

const InvoicePaymentFields = {
  displayExchangeRate: ({ exchangeRate }: InvoicePayment) => exchangeRate,
  origin: ({ provider }: InvoicePayment) => (provider === null ? 'MANUAL' : 'WAVE_PAYMENTS'),
  state: () => 'COMPLETED',
  transactionType: () => 'PAYMENT',
  paymentProvider: ({ provider }: InvoicePayment) => provider,
  transactionId: ({ providerTransactionId }: InvoicePayment) => providerTransactionId,
  active: () => true,
  businessCurrency: (payment: InvoicePayment, _args: object, context: Context) =>
    currencyFacts(ownerOf(payment, context).settings.currency),
  invoiceCurrency: invoiceCurrencyOf,
  paymentCurrency: invoiceCurrencyOf,
  account: (payment: InvoicePayment, _args: object, context: Context) =>
    ownerOf(payment, context).accounts.get(payment.accountId),
  customer: (payment: InvoicePayment, _args: object, context: Context) => {
    const business = ownerOf(payment, context);
    return business.customers.get(business.invoices.get(payment.invoiceId)?.customerId);
  },
  invoice: (payment: InvoicePayment, _args: object, context: Context) =>
    ownerOf(payment, context).invoices.get(payment.invoiceId),
  paymentDetails: ({ provider }: InvoicePayment) =>
    provider === null ? null : { cardType: 'VISA', lastFour: '4242', cardSource: 'ONLINE' },
};

function invoiceCurrencyOf(payment: InvoicePayment, _args: object, context: Context) {
  const invoice = ownerOf(payment, context).invoices.get(payment.invoiceId);
  return invoice && currencyFacts(invoice.currency);
}

/** An estimate shows its payments, history and attachments only to who asked to embed them. */
export interface EstimateView extends Estimate {
  embed?: { payments: boolean; history: boolean; attachments: boolean };
}

const AREstimate = {
  ...FormFields,
  status: (estimate: Estimate, _args: object, context: Context) => estimateStatus(ownerOf(estimate, context), estimate),
  pdfUrl: (estimate: Estimate, _args: object, context: Context) => pdfUrl(estimate, 'estimates', context),
  viewUrl: (estimate: Estimate, _args: object, context: Context) => viewUrl(estimate, 'estimates', context),
  depositPaymentStatus: (estimate: Estimate) => depositPaymentStatus(estimate),
  depositTotal: (estimate: Estimate) => money(depositTotal(estimate), estimate.currency),
  payments: (estimate: EstimateView, _args: object, context: Context) =>
    estimate.embed?.payments ? ownerOf(estimate, context).estimatePayments.having('estimate', estimate.id) : null,
  history: (estimate: EstimateView) =>
    estimate.embed?.history
      ? estimate.events.map(({ state, name, email, at }) => ({
          entityId: estimate.id,
          entityType: 'ESTIMATE',
          state,
          name,
          email,
          timestamp: at,
        }))
      : null,
  attachments: (estimate: EstimateView) => (estimate.embed?.attachments ? [] : null),
};

/** A printed form is there at once when it was asked for. */
const EstimateGeneratePdfOutput = {
  pdfUrl: ({ pdfUrl: estimate }: { pdfUrl: Nullable<Estimate> }, _args: object, context: Context) =>
    estimate && pdfAddress(estimate, 'estimates', context),
};

const EstimatePaymentFields = {
  origin: () => 'MANUAL',
  state: () => 'COMPLETED',
  transactionType: () => 'PAYMENT',
  active: () => true,
  currency: (payment: EstimatePayment, _args: object, context: Context) => {
    const estimate = ownerOf(payment, context).estimates.get(payment.estimateId);
    return estimate && currencyFacts(estimate.currency);
  },
  estimate: (payment: EstimatePayment, _args: object, context: Context) =>
    ownerOf(payment, context).estimates.get(payment.estimateId),
};

export const OBJECT_FIELDS: Readonly<Record<string, FieldTable>> = {
  Money,
  Country,
  Address: AddressFields,
  Account: AccountFields,
  Customer,
  Vendor: PartyFields,
  Product: ProductFields,
  SalesTax: SalesTaxFields,
  Invoice: InvoiceFields,
  InvoiceItem: { ...ItemFields, price: ItemFields.unitPrice },
  InvoiceItemTax: ItemTaxFields,
  InvoicePayment: InvoicePaymentFields,
  AREstimate,
  EstimateGeneratePdfOutput,
  AREstimateItem: ItemFields,
  AREstimateItemTax: { amount: ItemTaxFields.amount, salesTax: ItemTaxFields.salesTax },
  EstimatePayment: EstimatePaymentFields,
};

/** Which object type stands behind an interface or a union. */
export const TYPES_BEHIND: Readonly<Record<string, (source: never) => string>> = {
  InvoiceSource: ({ kind }: { kind: string }) => kind,
  InvoiceDiscount: ({ discountType }: Discount) =>
    discountType === 'FIXED' ? 'FixedInvoiceDiscount' : 'PercentageInvoiceDiscount',
  EstimateDiscount: ({ discountType }: Discount) =>
    discountType === 'FIXED' ? 'FixedEstimateDiscount' : 'PercentageEstimateDiscount',
};
