import type { Subtype } from './account-types.ts';
import type { Row } from './collection.ts';

/** What a business keeps, field names as on the wire. Amounts are exact decimal strings in the document's currency. */

export type Nullable<T> = T | null;

interface Owned extends Row {
  /** Id of the business. */
  readonly businessId: string;
}

export interface Account extends Owned {
  name: string;
  description: Nullable<string>;
  displayId: Nullable<string>;
  currency: string;
  subtype: Subtype;
  isArchived: boolean;
  sequence: number;
  canArchive: boolean;
}

export interface Address {
  addressLine1: Nullable<string>;
  addressLine2: Nullable<string>;
  city: Nullable<string>;
  provinceCode: Nullable<string>;
  countryCode: Nullable<string>;
  postalCode: Nullable<string>;
}

export interface ShippingDetails {
  name: Nullable<string>;
  address: Nullable<Address>;
  phone: Nullable<string>;
  instructions: Nullable<string>;
}

/** A customer or a vendor. */
export interface Party extends Owned {
  name: string;
  firstName: Nullable<string>;
  lastName: Nullable<string>;
  displayId: Nullable<string>;
  email: Nullable<string>;
  mobile: Nullable<string>;
  phone: Nullable<string>;
  fax: Nullable<string>;
  tollFree: Nullable<string>;
  website: Nullable<string>;
  internalNotes: Nullable<string>;
  currency: string;
  address: Nullable<Address>;
  shippingDetails: Nullable<ShippingDetails>;
  isArchived: boolean;
}

export interface Product extends Owned {
  name: string;
  description: Nullable<string>;
  unitPrice: string;
  incomeAccountId: Nullable<string>;
  expenseAccountId: Nullable<string>;
  defaultSalesTaxIds: string[];
  isArchived: boolean;
}

export interface DatedRate {
  effective: string;
  /** A fraction: 0.13 is 13 percent. */
  rate: string;
}

export interface SalesTax extends Owned {
  name: string;
  abbreviation: string;
  description: Nullable<string>;
  taxNumber: Nullable<string>;
  showTaxNumberOnInvoices: boolean;
  isCompound: boolean;
  isRecoverable: boolean;
  /** Oldest first. */
  rates: DatedRate[];
  isArchived: boolean;
}

export interface LineTax {
  salesTaxId: string;
  rate: string;
  amount: string;
}

export interface Line {
  id: string;
  productId: string;
  accountId: string;
  description: Nullable<string>;
  quantity: string;
  unitPrice: string;
  taxes: LineTax[];
  subtotal: string;
  total: string;
}

export interface Discount {
  discountType: 'FIXED' | 'PERCENTAGE';
  name: Nullable<string>;
  amount: Nullable<string>;
  percentage: Nullable<string>;
  createdAt: number;
  modifiedAt: number;
}

/** How a form looks; carried, never computed with. */
export interface Appearance {
  title: Nullable<string>;
  subhead: Nullable<string>;
  poNumber: Nullable<string>;
  memo: Nullable<string>;
  footer: Nullable<string>;
  itemTitle: Nullable<string>;
  unitTitle: Nullable<string>;
  priceTitle: Nullable<string>;
  amountTitle: Nullable<string>;
  hideName: boolean;
  hideDescription: boolean;
  hideUnit: boolean;
  hidePrice: boolean;
  hideAmount: boolean;
  disableAmexPayments: boolean;
  disableCreditCardPayments: boolean;
  disableBankPayments: boolean;
  requireTermsOfServiceAgreement: boolean;
}

/** What an invoice and an estimate have in common. */
export interface SalesForm extends Owned, Appearance {
  customerId: string;
  currency: string;
  /** From the form's currency to the currency of the business. */
  exchangeRate: string;
  dueDate: string;
  items: Line[];
  discounts: Discount[];
  subtotal: string;
  discountTotal: string;
  taxTotal: string;
  total: string;
  amountPaid: string;
  lastSentAt: Nullable<number>;
  lastSentVia: Nullable<string>;
  lastViewedAt: Nullable<number>;
}

/** How far an invoice has come without looking at money or dates; what is shown follows from this and those. */
export type InvoiceStage = 'DRAFT' | 'SAVED' | 'SENT' | 'VIEWED';

export type InvoiceStatus =
  'DRAFT' | 'OVERDUE' | 'OVERPAID' | 'PAID' | 'PARTIAL' | 'SAVED' | 'SENT' | 'UNPAID' | 'VIEWED';

export interface Invoice extends SalesForm {
  stage: InvoiceStage;
  invoiceNumber: string;
  invoiceDate: string;
  /** The estimate it was made from. */
  sourceId: Nullable<string>;
  /** Payments were recorded, even if none is left. */
  wasPaid: boolean;
  /** That it is overdue was told already. */
  overdueTold: boolean;
}

export interface InvoicePayment extends Owned {
  invoiceId: string;
  accountId: string;
  amount: string;
  paymentDate: string;
  paymentMethod: string;
  exchangeRate: string;
  memo: Nullable<string>;
  /** Made by the vendor's own card processing, not by hand. */
  provider: Nullable<string>;
  providerTransactionId: Nullable<string>;
  accountingTransactionId: string;
}

export type EstimateStage = 'ACCEPTED' | 'APPROVED' | 'CONVERTED' | 'DRAFT' | 'REJECTED' | 'SENT' | 'VIEWED';
export type EstimateStatus = EstimateStage | 'EXPIRED';

export interface EstimateEvent {
  state: string;
  name: Nullable<string>;
  email: Nullable<string>;
  at: number;
}

export interface Estimate extends SalesForm {
  stage: EstimateStage;
  estimateNumber: string;
  estimateDate: string;
  depositStatus: 'DISABLED' | 'ENABLED_MANDATORY' | 'ENABLED_OPTIONAL';
  depositUnit: 'AMOUNT' | 'PERCENTAGE';
  depositValue: Nullable<string>;
  events: EstimateEvent[];
  /** The stage before a person accepted or refused it. */
  stageBeforeAnswer: Nullable<EstimateStage>;
}

export interface EstimatePayment extends Owned {
  estimateId: string;
  paymentAccountId: string;
  amount: string;
  paymentDate: string;
  paymentMethod: string;
  memo: Nullable<string>;
}

export interface TransactionLine {
  accountId: string;
  amount: string;
  side: 'DEBIT' | 'CREDIT';
  customerId: Nullable<string>;
  description: Nullable<string>;
  taxes: { salesTaxId: string; amount: string }[];
}

/** A money transaction: kept for balances and for who asks the control endpoints, never readable through the API. */
export interface Transaction extends Owned {
  externalId: string;
  date: string;
  description: string;
  notes: Nullable<string>;
  origin: 'API' | 'MANUAL' | 'ZAPIER';
  anchor: { accountId: string; amount: string; direction: 'DEPOSIT' | 'WITHDRAWAL' };
  lineItems: TransactionLine[];
}
