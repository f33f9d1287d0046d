import {
  at,
  choice,
  computed,
  decided,
  decimal,
  derived,
  finding,
  inside,
  ref,
  refused,
  text,
  uncarried,
  wireNumber,
  wireObjects,
  when,
  type Change,
  type Codec,
  type Row,
  type Wire,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal, type Content } from '../../../../domain/contract/index.js';
import type { Finding } from '../../../../domain/provider/write.js';
import type { XeroCompany } from '../xero.features.js';
import { tidyLines } from './lines.js';
import { day, severalCurrencies } from './words.js';

/** What the documents of this vendor have in common (sheet 3.1, 3.10). */

export const NO_CUSTOM_FIELDS = uncarried('Xero has no custom fields.');
export const NO_MEMO = uncarried('Xero keeps no note on this document that customers do not see.');
export const NO_MESSAGE = uncarried('Xero keeps no message on this document.');
export const NO_ADDRESS = uncarried('Xero takes the addresses of a document from its contact.');
export const NO_TERM = uncarried('Xero keeps the term with the contact; a document has a due date only.');

/** Nothing but the id: whatever else stood there would be written over the contact itself (sheet 3.1). */
export const contact = at('Contact', inside('ContactID', ref('contact')));

const currencyCode = at('CurrencyCode', text());

/**
 * Carried also where the organisation keeps one currency, and refused there if it is another one: an amount in euros must
 * not be booked as dollars. Once a document is there its currency stays.
 */
export const currency: Row<string, XeroCompany> = decided({
  ...currencyCode,
  write: (value, change, company: XeroCompany) => {
    if (value !== null && company.multicurrency) currencyCode.write!(value, change, company);
  },
  refuses: (value, _, company: XeroCompany) =>
    company.multicurrency || company.baseCurrency === undefined || value === company.baseCurrency
      ? []
      : [finding('feature_off', `must be ${company.baseCurrency}: the organisation keeps one currency`)],
});

/** The vendor takes it from the account or document that the record names; nobody else may say another one. */
export const ownCurrency = (path: string): Row<string, XeroCompany> =>
  decided({ ...at(path, text()), write: () => undefined });

/** Digits of a rate that survive being turned round and back in the vendor's ten places. */
const RATE_DIGITS = 8;

/**
 * The vendor tells foreign units for one of its own, and the contract its own units for a foreign one (sheet 3.1). Lists
 * of payments show zero, which is none (sheet 3.14).
 */
const rate = (): Codec<string> => {
  const turned = (wire: Wire): string | undefined => {
    const foreign = exact(decimal().read(wire, undefined)!);
    return foreign.isZero() ? undefined : exact('1').dividedBy(foreign).toSignificantDigits(RATE_DIGITS).toFixed();
  };
  return {
    read: turned,
    write: (value, before) =>
      before !== undefined && turned(before) === value
        ? before
        : wireNumber(exact('1').dividedBy(value).toDecimalPlaces(10).toFixed()),
    refuses: (value) => (exact(value).isZero() ? [finding('min', 'must not be zero')] : []),
  };
};

export const exchangeRate: Row<string, XeroCompany> = decided(when(severalCurrencies, at('CurrencyRate', rate())));

/** Quotes shout (sheet 3.1). */
export const taxMode: Row<'exclusive' | 'inclusive' | 'none', XeroCompany> = decided(
  at(
    'LineAmountTypes',
    choice({
      exclusive: ['Exclusive', 'EXCLUSIVE'],
      inclusive: ['Inclusive', 'INCLUSIVE'],
      none: ['NoTax', 'NOTAX'],
    }),
  ),
);

const has = ({ percent, amount }: Content): boolean =>
  [percent, amount].some((value) => isDecimal(value) && !exact(value).isZero());

export const NO_DISCOUNT: Row<Content> = refused(has, 'must be absent: Xero gives discounts on lines only');

/** A document that is settled is still what it was; voided and deleted ones are told by their existence. */
export const state: Row<'draft' | 'submitted' | 'open', XeroCompany> = at(
  'Status',
  choice({ draft: 'DRAFT', submitted: 'SUBMITTED', open: ['AUTHORISED', 'PAID'] }),
);

export const subtotal = computed(at('SubTotal', decimal()));
export const taxTotal = computed(at('TotalTax', decimal()));
export const total = computed(at('Total', decimal()));

const amountAt = (record: WireObject, member: string): string | undefined => {
  const wire = record[member];
  return wire === undefined || wire === null ? undefined : decimal().read(wire, undefined);
};

/** What is open of a document: an invoice tells it as due, a credit note as remaining. */
const openPart = (record: WireObject): string | undefined =>
  amountAt(record, 'AmountDue') ?? amountAt(record, 'RemainingCredit');

export const balance: Row<string> = derived((record) => openPart(record));

export const remaining: Row<string> = computed(at('RemainingCredit', decimal()));

export const paidState: Row<'unpaid' | 'partial' | 'paid'> = derived((record) => {
  const [whole, open] = [amountAt(record, 'Total'), openPart(record)];
  if (whole === undefined || open === undefined || exact(whole).isZero()) return undefined;
  if (exact(open).isZero()) return 'paid';
  return exact(open).lessThan(whole) ? 'partial' : 'unpaid';
});

/** Paths inside lines that the vendor fills where nothing is said (sheet 3.1). */
export const LINES_DECIDED = [
  'lines.quantity',
  'lines.unitPrice',
  'lines.account',
  'lines.taxRate',
  'lines.description',
] as const;

/** A new document of which no state is said is an ordinary one; left out, the vendor would make a draft of it. */
export const withState = (content: Content, before: WireObject | undefined): Content =>
  before || (content.state ?? null) !== null ? content : { ...content, state: 'open' };

/** Approving wants a due date, which the vendor does not work out for programs (sheet 3.8, 3.10). */
export const withDueDate = (content: Content, before: WireObject | undefined): Content =>
  before || (content.dueDate ?? null) !== null ? content : { ...content, dueDate: content.issueDate ?? null };

/** How the parts of a document with lines hang together. */
export const documentTraits = {
  decides: LINES_DECIDED,
  prepare: (content: Content, before: WireObject | undefined): Content => withState(content, before),
  finish: (change: Change, company: XeroCompany): void => tidyLines(change, company),
  refuses: (content: Content, before: WireObject | undefined): readonly Finding[] => [
    ...backwards(content, before),
    ...settledFindings(content, before),
    ...codingFindings(content, before),
  ],
};

/** What is approved never becomes a draft again (sheet 3.10). */
const backwards = ({ state: wanted }: Content, before: WireObject | undefined): Finding[] =>
  before &&
  (before.Status === 'AUTHORISED' || before.Status === 'PAID') &&
  (wanted === 'draft' || wanted === 'submitted')
    ? [finding('state_change', 'must stay open: Xero takes no approval back', 'state')]
    : [];

const isSettled = (before: WireObject): boolean =>
  ['AmountPaid', 'AmountCredited'].some((member) => {
    const amount = amountAt(before, member);
    return amount !== undefined && !exact(amount).isZero();
  }) || wireObjects(before.Allocations).length > 0;

/** The day of a document that something has been settled with stays (sheet 3.10); what else does, the vendor says. */
const settledFindings = ({ issueDate }: Content, before: WireObject | undefined): Finding[] =>
  before && isSettled(before) && typeof issueDate === 'string' && issueDate !== issued.read(before, undefined)
    ? [finding('has_payments', 'must stay: payments or credits are allocated to it', 'issueDate')]
    : [];

const issued = at('Date', day());

/** An approved document wants every line that costs something booked somewhere; items bring an account (sheet 3.10). */
const codingFindings = ({ lines, state: said }: Content, before: WireObject | undefined): Finding[] => {
  const posts =
    said === 'open' || ((said ?? null) === null && (before?.Status === 'AUTHORISED' || before?.Status === 'PAID'));
  if (!posts || !Array.isArray(lines)) return [];
  return (lines as Content[]).flatMap((line, index) => {
    const costs = ['quantity', 'unitPrice', 'amount'].some((name) => (line[name] ?? null) !== null);
    const booked = (line.account ?? null) !== null || (line.item ?? null) !== null || (line.id ?? null) !== null;
    return costs && !booked
      ? [finding('required', 'is required on a line of an approved document', `lines[${index}].account`)]
      : [];
  });
};
