import type { Company } from './company.ts';
import type { Entity } from './entity.ts';
import { gives, isNew, type Draft } from './rules.ts';
import { faults } from './vendor-fault.ts';

export const SALES_FORMS = ['Invoice', 'CreditMemo', 'Estimate', 'SalesReceipt', 'RefundReceipt'];

/**
 * Sales forms (sheet 3.8): with custom numbering the caller numbers them and duplicates are refused; with automatic
 * numbering a sent number is stored, but does not move the counter and is not checked.
 */
export function numberSalesForm(draft: Draft): void {
  const { company, object, rules } = draft;
  if (company.prefers('SalesFormsPrefs.CustomTxnNumbers')) {
    const types = company.switches.documentNumberScope === 'family' ? SALES_FORMS : [rules.name];
    refuseDuplicate(draft, types);
    return;
  }
  numberAutomatically(draft, 'sales', 1001);
  if (!isNew(draft) && object.DocNumber === undefined && !gives(draft, 'DocNumber')) {
    object.DocNumber = draft.previous?.DocNumber;
  }
}

/** Purchase orders and vendor credits are numbered by the vendor unless the company asked to number them itself. */
export function numberPurchaseForm(draft: Draft): void {
  const { company, rules } = draft;
  if (company.otherPreference('VendorAndPurchasesPrefs.UseCustomTxnNumbers')) refuseDuplicate(draft, [rules.name]);
  else if (rules.name === 'PurchaseOrder') numberAutomatically(draft, rules.name, 1001);
}

function numberAutomatically(draft: Draft, series: string, first: number): void {
  const { company, object } = draft;
  if (!isNew(draft)) return;
  if (object.DocNumber === undefined || company.switches.autoNumberReplacesSent) {
    object.DocNumber = company.nextNumber(series, first);
  }
}

/** Refuses a number that another form of the given types has, unless the request allows duplicates. */
export function refuseDuplicate(draft: Draft, types: readonly string[], among?: (other: Entity) => boolean): void {
  const { company, object, previous, include } = draft;
  const number = object.DocNumber;
  if (number === undefined || include.has('allowduplicatedocnum')) return;
  if (previous?.DocNumber === number) return;
  for (const type of types) {
    const other = holderOfNumber(company, type, number, (each) => each.Id !== object.Id && (!among || among(each)));
    if (other) throw faults.duplicateNumber(number, type, other.Id);
  }
}

function holderOfNumber(
  company: Company,
  type: string,
  number: string,
  counts: (other: Entity) => boolean,
): Entity | undefined {
  for (const id of company.collection(type).lookUp('DocNumber', number) ?? []) {
    const other = company.object(type, id);
    if (other && counts(other)) return other;
  }
  return undefined;
}
