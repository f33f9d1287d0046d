/**
 * Ids in the vendor's form (sheet 2.3): base64 of `Business:<uuid>`, `User:<uuid>` and, for everything inside a business,
 * `Business:<uuid>;<Type>:<number>`. The text of a business id is as long as a whole number of base64 groups, so the id of
 * a child starts with the id of its business.
 */

export type ChildType =
  | 'Account'
  | 'AREstimate'
  | 'Customer'
  | 'EstimatePayment'
  | 'Invoice'
  | 'InvoicePayment'
  | 'Product'
  | 'SalesTax'
  | 'Transaction'
  | 'Vendor';

export function businessId(uuid: string): string {
  return encoded(`Business:${uuid}`);
}

export function userId(uuid: string): string {
  return encoded(`User:${uuid}`);
}

export function childId(uuid: string, type: ChildType, number: number): string {
  return encoded(`Business:${uuid};${type}:${number}`);
}

/** What an id names, without its type: the uuid of a business, the number of anything else. */
export function bareId(id: string): string {
  const text = Buffer.from(id, 'base64').toString('utf8');
  return text.slice(text.lastIndexOf(':') + 1);
}

const BUSINESS_ID = /QnVzaW5lc3M6[A-Za-z0-9+/]{48}/;

/** The first business id in a text, also where it is the beginning of a child's id. */
export function businessIdIn(text: string): string | undefined {
  return BUSINESS_ID.exec(text)?.[0];
}

function encoded(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
