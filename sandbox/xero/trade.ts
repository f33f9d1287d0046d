import { decimal as exact } from '../amounts.ts';
import { dueByTerms, nextNumber, settleContact, settleCurrency, settleDate } from './documents.ts';
import { checkTotals, formLines, totalsOf, type Line, type LineAmountTypes } from './lines.ts';
import { isNew, refuse, type Draft } from './rules.ts';
import type { Body } from './shape.ts';

/** Invoices, bills and the credit notes of both: one status machine, one way of counting (sheets 3.10 and 3.11). */

export interface TradeDocument {
  /** The type whose numbers are unique and given by the vendor; the other type is ours to receive. */
  outgoing: string;
  numberField: string;
  prefix: string;
  discounts: boolean;
  /** Whether something is set against it. */
  settled(fields: Body): boolean;
}

const BAD_STATUS = 'Invoice not of valid status for modification';
const HAS_PAYMENTS = 'This document cannot be edited as it has a payment or credit note allocated to it.';
const VOID_WITH_PAYMENTS =
  'The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it.';
const PRINTABLE = /^[\x20-\x7e]*$/;

/** From which status the API may lead to which. PAID is entered and left by payments alone. */
const TRANSITIONS: Readonly<Record<string, readonly string[]>> = {
  '': ['DRAFT', 'SUBMITTED', 'AUTHORISED'],
  DRAFT: ['DRAFT', 'SUBMITTED', 'AUTHORISED', 'DELETED'],
  SUBMITTED: ['SUBMITTED', 'DRAFT', 'AUTHORISED', 'DELETED'],
  AUTHORISED: ['AUTHORISED', 'VOIDED'],
  PAID: ['PAID'],
  VOIDED: [],
  DELETED: [],
};

export function settleTradeDocument(draft: Draft, document: TradeDocument): void {
  const { fields, input, previous } = draft;
  fields.Status ??= 'DRAFT';
  if (!previous && input.Type === undefined) refuse(draft, 'A Type must be specified for this type of transaction.');
  if (previous && input.Type !== undefined && input.Type !== previous.fields.Type) {
    refuse(draft, 'The Type of a document cannot be changed.');
  }
  if (!settleStatus(draft, document)) return;
  if (fields.Status === 'VOIDED' || fields.Status === 'DELETED') {
    settleDate(draft);
    // Nothing else of the request counts.
    const kept = { ...previous?.fields, Status: fields.Status, AmountDue: '0', RemainingCredit: '0' };
    for (const name of Object.keys(fields)) delete fields[name];
    Object.assign(fields, kept);
    return;
  }
  settleContact(draft, { makes: true });
  settleDate(draft);
  settleCurrency(draft);
  settleNumber(draft, document);
  fields.LineAmountTypes ??= 'Exclusive';
  settleDueDate(draft, document);
  settleContents(draft, document);
  settleMarks(draft, document);
  if (previous && document.settled(previous.fields)) checkPaidEdit(draft);
}

/** False when the status alone forbids the write. */
function settleStatus(draft: Draft, document: TradeDocument): boolean {
  const { fields, previous } = draft;
  const from = String(previous?.fields.Status ?? '');
  const to = String(fields.Status);
  if (previous && to === 'VOIDED' && document.settled(previous.fields)) {
    refuse(draft, VOID_WITH_PAYMENTS);
    return false;
  }
  if (TRANSITIONS[from]?.includes(to)) return true;
  if (previous && document.settled(previous.fields)) refuse(draft, HAS_PAYMENTS);
  refuse(draft, BAD_STATUS);
  return false;
}

function isApproved(fields: Body): boolean {
  return fields.Status === 'AUTHORISED' || fields.Status === 'PAID';
}

function settleNumber(draft: Draft, { outgoing, numberField, prefix }: TradeDocument): void {
  const { organisation, rules, fields, previous } = draft;
  const isOutgoing = fields.Type === outgoing;
  if (!isOutgoing) {
    delete fields.Reference;
    return;
  }
  if (fields[numberField] === undefined || fields[numberField] === '') {
    fields[numberField] = previous?.fields[numberField] ?? nextNumber(organisation, rules.name, prefix, 1);
    return;
  }
  const number = String(fields[numberField]);
  if (!PRINTABLE.test(number)) refuse(draft, `${numberField} may hold printable characters only.`);
  const holders = organisation.collection(rules.name).lookUp('number', number.toLowerCase());
  if ([...holders].some((id) => id !== previous?.id)) {
    refuse(draft, numberField === 'InvoiceNumber' ? 'Invoice # must be unique.' : 'Credit note # must be unique.');
  }
}

function settleDueDate(draft: Draft, { outgoing }: TradeDocument): void {
  const { organisation, fields, previous, rules } = draft;
  if (rules.name !== 'Invoices' || !isApproved(fields) || fields.DueDate !== undefined) return;
  const { dueDateOnApproval } = organisation.switches;
  const date = String(fields.Date);
  if (dueDateOnApproval === 'required') {
    // What was approved while the rule was laxer stays as it is.
    if (!previous || !isApproved(previous.fields))
      refuse(draft, 'Due Date must be specified for an approved document.');
    return;
  }
  const terms = organisation.fields('Contacts', fields.contact)?.PaymentTerms;
  const byTerms = dueByTerms(terms, fields.Type === outgoing ? 'Sales' : 'Bills', date);
  fields.DueDate = dueDateOnApproval === 'terms' ? (byTerms ?? date) : date;
}

function settleContents(draft: Draft, document: TradeDocument): void {
  const { organisation, fields, input, previous } = draft;
  const isOutgoing = fields.Type === document.outgoing;
  const strict = isApproved(fields);
  const sent = input.LineItems as Body[] | undefined;
  const lines = formLines(draft, {
    types: fields.LineAmountTypes as LineAmountTypes,
    direction: isOutgoing ? 'sale' : 'purchase',
    strict,
    discounts: document.discounts && isOutgoing,
    taxFromAccount: true,
    trackingById: false,
    unitDecimals: draft.unitDecimals,
    exactTax: false,
  });
  const refusesEmpty = strict || (sent !== undefined && organisation.switches.emptyLinesOnDraft === 'refused');
  if (lines.length === 0 && refusesEmpty) refuse(draft, 'One or more line items must be specified');
  fields.LineItems = lines;
  const totals = totalsOf(organisation, lines, fields.LineAmountTypes as LineAmountTypes);
  Object.assign(fields, totals);
  if (totals.TotalDiscount === undefined) delete fields.TotalDiscount;
  checkTotals(draft);
  if (strict && exact(fields.Total).isNegative()) refuse(draft, 'The total of the document cannot be negative.');
  const contact = organisation.fields('Contacts', fields.contact);
  const approves = strict && (!previous || !isApproved(previous.fields));
  if (approves && contact && contact.ContactStatus !== 'ACTIVE')
    refuse(draft, 'The contact of this document is archived.');
  if (approves) countApproval(draft, isOutgoing);
}

/** The legacy Early plan lets a company approve twenty invoices and five bills a month (sheet 5). */
function countApproval(draft: Draft, isOutgoing: boolean): void {
  const { organisation, rules } = draft;
  if (organisation.settings.Class !== 'EARLY' || rules.name !== 'Invoices') return;
  const month = organisation.today().slice(0, 7);
  const count = organisation.next(`approved ${isOutgoing ? 'sales' : 'bills'} ${month}`, 1);
  if (count > (isOutgoing ? 20 : 5)) refuse(draft, 'You have reached the limit of invoices you can approve');
}

function settleMarks(draft: Draft, { outgoing }: TradeDocument): void {
  const { fields, input } = draft;
  if (isNew(draft)) fields.SentToContact ??= false;
  if (input.SentToContact === true && !isApproved(fields)) {
    fields.SentToContact = draft.previous?.fields.SentToContact ?? false;
    draft.warnings.push('Only AUTHORISED invoices may have SentToContact updated.');
  }
  if (typeof input.Url === 'string' && /xero/i.test(input.Url)) refuse(draft, 'The Url cannot contain "xero".');
  if (fields.Type === outgoing) delete fields.PlannedPaymentDate;
  else delete fields.ExpectedPaymentDate;
}

/** The parts of a document that stay as they are once anything was paid (sheet 3.10). */
function lockedPart(fields: Body): string {
  const { Type, Date, CurrencyCode, CurrencyRate, LineAmountTypes, Status, ExpectedPaymentDate } = fields;
  const contact = exact(fields.AmountCredited).isZero() ? undefined : fields.contact;
  const lines = [...(fields.LineItems as Line[])]
    .sort((a, b) => (a.LineItemID < b.LineItemID ? -1 : 1))
    .map(({ Description: _text, account: _account, tracking: _tracking, ...rest }) => sortedEntries(rest));
  const rate = exact(CurrencyRate).toFixed();
  return JSON.stringify({
    Type,
    Date,
    CurrencyCode,
    rate,
    LineAmountTypes,
    Status,
    ExpectedPaymentDate,
    contact,
    lines,
  });
}

function sortedEntries(value: Body): [string, unknown][] {
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}

function checkPaidEdit(draft: Draft): void {
  const before = draft.previous?.fields as Body;
  if (lockedPart(draft.fields) !== lockedPart(before)) {
    refuse(draft, HAS_PAYMENTS);
    refuse(draft, BAD_STATUS);
    return;
  }
  // Some changes of part-paid documents leave their time stamp alone (sheet 4.3).
  const touched = Object.keys(draft.input).filter((name) => name !== draft.rules.idField && isChanged(draft, name));
  draft.silent = touched.length > 0 && touched.every((name) => name === 'DueDate' || name === 'SentToContact');
}

function isChanged({ fields, previous }: Draft, name: string): boolean {
  if (name === 'Contact') return fields.contact !== previous?.fields.contact;
  return JSON.stringify(fields[name]) !== JSON.stringify(previous?.fields[name]);
}

/** Keeps the counted amounts of a document in step with its lines. */
export function settleDue(draft: Draft): void {
  const { fields } = draft;
  if (fields.Status === 'VOIDED' || fields.Status === 'DELETED') return;
  fields.AmountPaid ??= '0';
  fields.AmountCredited ??= '0';
  const due = exact(fields.Total).minus(exact(fields.AmountPaid)).minus(exact(fields.AmountCredited));
  fields.AmountDue = due.toFixed();
}
