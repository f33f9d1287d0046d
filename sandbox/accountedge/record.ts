import type { ResourceRules } from './rules.ts';
import type { Posting } from './ledger.ts';
import type { Members } from './shape.ts';

/** What the gateway remembers about a record beside its members. */
export interface Hidden {
  /** On a document: what each payment, settlement or refund takes up of its total, by UID; amounts signed like the total. */
  applied?: Record<string, Application>;
  /** The next line number; numbers of removed lines are never used again. */
  nextRow?: number;
  /** On an order: the invoice or bill that was made from it. */
  convertedBy?: string;
  /** Cost of the goods that left stock with each line, exact decimals in line order; empty where none did. */
  costs?: string[];
  /** Tax of each line, exact decimals in line order. */
  taxes?: string[];
  freightTax?: string;
  /** What the books need an account for: it cannot be deleted. */
  role?: AccountRole;
}

export interface Application {
  /** Exact decimal. */
  amount: string;
  day: string;
}

export type AccountRole =
  | 'receivable'
  | 'payable'
  | 'undeposited'
  | 'electronic'
  | 'inventory'
  | 'tax'
  | 'freightIncome'
  | 'freightPaid'
  | 'historical'
  | 'retained';

/** One record as it stands; replaced whole on every change. */
export interface Stored {
  readonly rules: ResourceRules;
  /** Of sales and purchases; fixed for life. */
  readonly layout: string | undefined;
  readonly uid: string;
  readonly members: Members;
  readonly hidden: Hidden;
  /** A signed 64-bit number as text, without order. */
  readonly rowVersion: string;
  readonly created: number;
  readonly lastModified: number;
  readonly postings: readonly Posting[];
  /** UIDs of all records it points to. */
  readonly mentions: readonly string[];
  /** How it looks, kept until a name shown in it changes. */
  shown?: { epoch: number; object: Members; text?: string; header?: Members; headerText?: string };
}

export interface Line {
  [member: string]: unknown;
  RowID?: number;
  RowId?: number;
  RowVersion?: string;
  Type?: string | null;
  Total?: number | null;
}

/** The text by which a person would call the resource: its path with the layout. */
export function pathOf(stored: Stored): string {
  return stored.layout === undefined ? stored.rules.name : `${stored.rules.name}/${stored.layout}`;
}
