/** Stored objects in the vendor's own JSON shape, and what the sandbox remembers about them beside that shape. */

export interface Reference {
  value: string;
  name?: string;
  type?: string;
}

export interface LinkedTxn {
  TxnId: string;
  TxnType: string;
  TxnLineId?: string;
}

export interface Line {
  [detail: string]: unknown;
  Id?: string;
  LineNum?: number;
  Description?: string;
  Amount?: number;
  DetailType: string;
  LinkedTxn?: LinkedTxn[];
}

export interface Address {
  [part: string]: unknown;
  Id?: string;
  Line1?: string;
  Line2?: string;
  Line3?: string;
  Line4?: string;
  Line5?: string;
  City?: string;
  Country?: string;
  CountrySubDivisionCode?: string;
  PostalCode?: string;
}

export interface TaxDetail {
  TxnTaxCodeRef?: Reference;
  TotalTax?: number;
  TaxLine?: Line[];
  TaxReviewStatus?: string;
}

/** One object of any entity. Only fields that rules read or compute are named; the rest is carried as it came. */
export interface Entity {
  [field: string]: unknown;
  Id: string;
  SyncToken: string;
  MetaData: { CreateTime: string; LastUpdatedTime: string; LastModifiedByRef?: Reference };
  Active?: boolean;
  Name?: string;
  DisplayName?: string;
  FullyQualifiedName?: string;
  ParentRef?: Reference;
  CustomerRef?: Reference;
  VendorRef?: Reference;
  CurrencyRef?: Reference;
  ExchangeRate?: number;
  TxnDate?: string;
  DueDate?: string;
  DocNumber?: string;
  PrivateNote?: string;
  SalesTermRef?: Reference;
  GlobalTaxCalculation?: string;
  TxnTaxDetail?: TaxDetail;
  Line?: Line[];
  LinkedTxn?: LinkedTxn[];
  TotalAmt?: number;
  Balance?: number;
}

export interface Hidden {
  /** The next line id; ids of removed lines are never used again. */
  nextLine?: number;
  /** On a charge or credit: how much of it each payment settles, exact decimal by payment id. */
  applied?: Record<string, string>;
  /** Links that other transactions made to this one. */
  linkedBy?: LinkedTxn[];
  depositedIn?: string;
  voided?: boolean;
  /** The tax stands as the client gave it, not as computed. */
  taxGiven?: boolean;
  /** Accounts the company cannot work without: neither deactivated nor retyped. */
  system?: boolean;
  /** An opening balance posted when the name or account was made, exact decimal. */
  opening?: string;
  /** The status an estimate had before an invoice was made from it. */
  statusBeforeInvoice?: string;
  /** On a purchase order: the line ids each bill covers. */
  billed?: Record<string, string[]>;
}

/** A person who edits the books; the name appears in MetaData and in stale-object faults. */
export interface User {
  id: string;
  name: string;
}

export type ChangeOperation = 'Create' | 'Update' | 'Delete' | 'Void' | 'Merge' | 'Emailed';

/** Something that happened to one object, as webhooks tell it. */
export interface CompanyEvent {
  realm: string;
  entity: string;
  id: string;
  operation: ChangeOperation;
  at: number;
  deletedId?: string;
}
