import { subtypeFacts } from '../account-types.ts';
import type { Business } from '../business.ts';
import type { Collection, Row } from '../collection.ts';
import { currencyFacts } from '../currencies.ts';
import { depositPaymentStatus, estimateStatus } from '../objects/estimates.ts';
import { amountDue, invoiceStatus } from '../objects/invoice-status.ts';
import type { Account, Estimate, Invoice, Party, Product, SalesForm, SalesTax } from '../records.ts';
import { Decimal } from '../../amounts.ts';
import { requireScopes, type Context } from './context.ts';
import { failure, notFound } from './failure.ts';
import { BY_CREATION, pageOf, rowsOf, type ChangeArguments, type Order, type PageArguments } from './listing.ts';
import type { EstimateView, FieldTable } from './objects.ts';

/** What hangs off `business()`: its own facts, lists, and single rows by id. Each needs its own scope (sheet 1.3). */

type ListArguments = PageArguments & ChangeArguments;

const lower = (text: string) => text.toLowerCase();

const partyOrder: Order<Party> = { keys: { ...BY_CREATION.keys, NAME: (row) => lower(row.name) } };
const productOrder: Order<Product> = { keys: { ...BY_CREATION.keys, NAME: (row) => lower(row.name) } };

function formKeys(business: Business): Order<SalesForm>['keys'] {
  return {
    ...BY_CREATION.keys,
    AMOUNT_DUE: amountDue,
    AMOUNT_PAID: (row) => new Decimal(row.amountPaid),
    CUSTOMER_NAME: (row) => lower(business.customers.get(row.customerId)?.name ?? ''),
    DUE_AT: (row) => row.dueDate,
    TOTAL: (row) => new Decimal(row.total),
  };
}

const invoiceOrder = (business: Business): Order<Invoice> => ({
  keys: {
    ...formKeys(business),
    INVOICE_DATE: (row) => row.invoiceDate,
    INVOICE_NUMBER: (row) => row.invoiceNumber.padStart(20, '0'),
    STATUS: (row) => invoiceStatus(business, row),
  },
  // A status follows the day, a customer may be renamed.
  volatile: ['STATUS', 'CUSTOMER_NAME'],
});

const estimateOrder = (business: Business): Order<Estimate> => ({
  keys: {
    ...formKeys(business),
    ESTIMATE_DATE: (row) => row.estimateDate,
    ESTIMATE_NUMBER: (row) => row.estimateNumber.padStart(20, '0'),
    STATUS: (row) => estimateStatus(business, row),
  },
  volatile: ['STATUS', 'CUSTOMER_NAME'],
});

/** All tests that were asked for, or undefined when there are none. */
function every<T>(...tests: (false | null | undefined | ((row: T) => boolean))[]): ((row: T) => boolean) | undefined {
  const asked = tests.filter((test): test is (row: T) => boolean => typeof test === 'function');
  return asked.length === 0 ? undefined : (row) => asked.every((test) => test(row));
}

const isGiven = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined;

function page<T extends Row>(business: Business, rows: readonly T[], args: PageArguments) {
  return pageOf(rows, args, business.switches.pageSizeOverLimit);
}

function single<T extends Row>(business: Business, collection: Collection<T>, type: string, id: string): T | null {
  const row = collection.get(id);
  if (row) return row;
  if (business.switches.missingChild === 'null') return null;
  throw notFound(type, id);
}

interface PartyArguments extends ListArguments {
  sort?: string[];
  email?: string | null;
}

function parties(list: 'customers' | 'vendors') {
  return (business: Business, args: PartyArguments) => {
    const rows = rowsOf(business, {
      collection: business[list],
      order: partyOrder,
      sort: args.sort ?? [],
      change: args,
      filter: undefined,
      among: isGiven(args.email) ? business[list].having('email', args.email) : undefined,
    });
    return page(business, rows, args);
  };
}

interface ProductArguments extends ListArguments {
  sort: string[];
  isSold?: boolean | null;
  isBought?: boolean | null;
  isArchived?: boolean | null;
}

function products(business: Business, args: ProductArguments) {
  const filter = every<Product>(
    isGiven(args.isSold) && ((row) => (row.incomeAccountId !== null) === args.isSold),
    isGiven(args.isBought) && ((row) => (row.expenseAccountId !== null) === args.isBought),
    isGiven(args.isArchived) && ((row) => row.isArchived === args.isArchived),
  );
  const { sort } = args;
  return page(
    business,
    rowsOf(business, { collection: business.products, order: productOrder, sort, change: args, filter }),
    args,
  );
}

function salesTaxes(business: Business, args: ListArguments & { isArchived?: boolean | null }) {
  const filter = every<SalesTax>(isGiven(args.isArchived) && ((row) => row.isArchived === args.isArchived));
  return page(
    business,
    rowsOf(business, { collection: business.salesTaxes, order: BY_CREATION, sort: [], change: args, filter }),
    args,
  );
}

interface AccountArguments extends PageArguments {
  types?: string[] | null;
  subtypes?: string[] | null;
  excludedSubtypes?: string[] | null;
  isArchived?: boolean | null;
}

function accounts(business: Business, args: AccountArguments) {
  const { types, subtypes, excludedSubtypes, isArchived } = args;
  const filter = every<Account>(
    isGiven(types) && ((row) => types.includes(subtypeFacts(row.subtype).type)),
    isGiven(subtypes) && ((row) => subtypes.includes(row.subtype)),
    isGiven(excludedSubtypes) && ((row) => !excludedSubtypes.includes(row.subtype)),
    isGiven(isArchived) && ((row) => row.isArchived === isArchived),
  );
  return page(
    business,
    rowsOf(business, { collection: business.accounts, order: BY_CREATION, sort: [], change: {}, filter }),
    args,
  );
}

interface FormArguments extends ListArguments {
  status?: string | null;
  customerId?: string | null;
  currency?: string | null;
  amountDue?: Decimal | null;
}

interface InvoiceArguments extends FormArguments {
  sort: string[];
  sourceId?: string | null;
  invoiceDateStart?: string | null;
  invoiceDateEnd?: string | null;
  invoiceNumber?: string | null;
}

function invoices(business: Business, args: InvoiceArguments) {
  refuseClassic(business);
  const { status, currency, invoiceNumber, invoiceDateStart: start, invoiceDateEnd: end } = args;
  const today = business.today();
  const filter = every<Invoice>(
    isGiven(status) && ((row) => invoiceStatus(business, row, today) === status),
    isGiven(args.customerId) && ((row) => row.customerId === args.customerId),
    isGiven(args.sourceId) && ((row) => row.sourceId === args.sourceId),
    isGiven(currency) && ((row) => row.currency === currency),
    isGiven(args.amountDue) && ((row) => amountDue(row).eq(args.amountDue as Decimal)),
    isGiven(start) && ((row) => row.invoiceDate >= start),
    isGiven(end) && ((row) => row.invoiceDate <= end),
    isGiven(invoiceNumber) && ((row) => row.invoiceNumber.includes(invoiceNumber)),
  );
  const among = isGiven(args.customerId)
    ? business.invoices.having('customer', args.customerId)
    : isGiven(args.sourceId)
      ? business.invoices.having('source', args.sourceId)
      : undefined;
  const rows = rowsOf(business, {
    collection: business.invoices,
    order: invoiceOrder(business),
    sort: args.sort,
    change: args,
    filter,
    among,
  });
  return page(business, rows, args);
}

interface EstimateArguments extends FormArguments {
  sort: string;
  estimateDateStart?: string | null;
  estimateDateEnd?: string | null;
  estimateNumber?: string | null;
}

function estimates(business: Business, args: EstimateArguments) {
  refuseClassic(business);
  const { status, currency, estimateNumber, estimateDateStart: start, estimateDateEnd: end } = args;
  const filter = every<Estimate>(
    isGiven(status) && ((row) => hasListStatus(business, row, status)),
    isGiven(args.customerId) && ((row) => row.customerId === args.customerId),
    isGiven(currency) && ((row) => row.currency === currency),
    isGiven(args.amountDue) && ((row) => amountDue(row).eq(args.amountDue as Decimal)),
    isGiven(start) && ((row) => row.estimateDate >= start),
    isGiven(end) && ((row) => row.estimateDate <= end),
    isGiven(estimateNumber) && ((row) => row.estimateNumber.includes(estimateNumber)),
  );
  const rows = rowsOf(business, {
    collection: business.estimates,
    order: estimateOrder(business),
    sort: [args.sort],
    change: args,
    filter,
    among: isGiven(args.customerId) ? business.estimates.having('customer', args.customerId) : undefined,
  });
  return page(business, rows, args);
}

/** The list's filter knows more words than a status has: ACTIVE, and how far the deposit is paid. */
function hasListStatus(business: Business, estimate: Estimate, wanted: string): boolean {
  if (wanted === 'PAID' || wanted === 'PARTIAL' || wanted === 'UNPAID')
    return depositPaymentStatus(estimate) === wanted;
  const status = estimateStatus(business, estimate);
  if (wanted === 'ACTIVE') return ['APPROVED', 'SENT', 'VIEWED', 'ACCEPTED'].includes(status);
  return status === wanted;
}

interface EstimateEmbeds {
  id: string;
  embedAttachments?: boolean | null;
  embedHistory?: boolean | null;
  embedDepositPayments?: boolean | null;
}

function estimate(business: Business, args: EstimateEmbeds): EstimateView | null {
  refuseClassic(business);
  const row = single(business, business.estimates, 'AREstimate', args.id);
  const embed = {
    payments: args.embedDepositPayments === true,
    history: args.embedHistory === true,
    attachments: args.embedAttachments === true,
  };
  return row && { ...row, embed };
}

function refuseClassic(business: Business): void {
  if (business.settings.isClassicInvoicing) {
    throw failure('BAD_USER_INPUT', 'This business uses classic invoicing, which this API does not reach.');
  }
}

interface ById {
  id: string;
}

/** A field that needs a scope of its own. */
const scoped =
  <Args>(scope: string, resolve: (business: Business, args: Args) => unknown) =>
  (business: Business, args: Args, context: Context) => {
    requireScopes(context, [scope]);
    return resolve(business, args);
  };

const own = (business: Business) => business.settings;

const named = (value: string) => {
  const words = value.split('__').at(-1) ?? value;
  const name = words.split('_').map((word) => word.charAt(0) + word.slice(1).toLowerCase());
  return { value, name: name.join(' ') };
};

const APPEARANCE = { accentColor: '#1C6BBA', logoUrl: null };

export const BUSINESS_FIELDS: FieldTable = {
  name: (business: Business) => own(business).name,
  isPersonal: (business: Business) => own(business).isPersonal,
  organizationalType: (business: Business) => own(business).organizationalType,
  type: (business: Business) => named(own(business).type),
  subtype: (business: Business) => named(own(business).subtype),
  currency: (business: Business) => currencyFacts(own(business).currency),
  timezone: (business: Business) => own(business).timezone,
  address: (business: Business) => own(business).address,
  phone: (business: Business) => own(business).phone,
  website: (business: Business) => own(business).website,
  isClassicAccounting: (business: Business) => own(business).isClassicAccounting,
  isClassicInvoicing: (business: Business) => own(business).isClassicInvoicing,
  isArchived: (business: Business) => own(business).isArchived,
  emailSendEnabled: (business: Business) => own(business).emailSendEnabled,
  accentColor: () => APPEARANCE.accentColor,
  invoiceEstimateSettings: () => ({ generalSettings: APPEARANCE }),
  customers: scoped('customer:read', parties('customers')),
  customer: scoped('customer:read', (b, { id }: ById) => single(b, b.customers, 'Customer', id)),
  vendors: scoped('vendor:read', parties('vendors')),
  vendor: scoped('vendor:read', (b, { id }: ById) => single(b, b.vendors, 'Vendor', id)),
  products: scoped('product:read', products),
  product: scoped('product:read', (b, { id }: ById) => single(b, b.products, 'Product', id)),
  salesTaxes: scoped('sales_tax:read', salesTaxes),
  salesTax: scoped('sales_tax:read', (b, { id }: ById) => single(b, b.salesTaxes, 'SalesTax', id)),
  accounts: scoped('account:read', accounts),
  account: scoped('account:read', (b, { id }: ById) => single(b, b.accounts, 'Account', id)),
  invoices: scoped('invoice:read', invoices),
  invoice: scoped('invoice:read', (b, { id }: ById) => {
    refuseClassic(b);
    return single(b, b.invoices, 'Invoice', id);
  }),
  invoicePayment: scoped('invoice:read', (b, { id }: ById) => single(b, b.invoicePayments, 'InvoicePayment', id)),
  estimates: scoped('estimate:read', estimates),
  estimate: scoped('estimate:read', estimate),
  estimatePayment: scoped('estimate:read', (b, { id }: ById) => single(b, b.estimatePayments, 'EstimatePayment', id)),
};
