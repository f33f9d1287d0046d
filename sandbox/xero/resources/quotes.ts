import { settleContact, settleCurrency, nextNumber } from '../documents.ts';
import { checkTotals, formLines, lineShape, totalsOf, type LineAmountTypes } from '../lines.ts';
import { defineResource, refuse, type Draft } from '../rules.ts';
import {
  choice,
  day,
  decimal,
  derived,
  flag,
  fromPage,
  guid,
  instant,
  list,
  money,
  readOnly,
  shownAs,
  text,
  type ChoiceField,
} from '../shape.ts';
import { contactField } from './invoices.ts';

/** Offers to customers; the vendor does not link the invoice that comes of one (sheet 3.12). */

const STATUSES = ['DRAFT', 'SENT', 'ACCEPTED', 'DECLINED', 'INVOICED', 'DELETED'];

const TRANSITIONS: Readonly<Record<string, readonly string[]>> = {
  '': ['DRAFT', 'SENT'],
  DRAFT: ['DRAFT', 'SENT', 'DELETED'],
  SENT: ['SENT', 'ACCEPTED', 'DECLINED', 'DELETED'],
  DECLINED: ['DECLINED', 'SENT', 'DELETED'],
  ACCEPTED: ['ACCEPTED', 'INVOICED', 'SENT', 'DELETED'],
  INVOICED: ['INVOICED', 'SENT', 'DELETED'],
  DELETED: [],
};

const lineTypes: ChoiceField = { ...choice('EXCLUSIVE', 'INCLUSIVE', 'NOTAX'), anyCase: true };
const TYPES: Readonly<Record<string, LineAmountTypes>> = {
  EXCLUSIVE: 'Exclusive',
  INCLUSIVE: 'Inclusive',
  NOTAX: 'NoTax',
};

export const quotes = defineResource({
  name: 'Quotes',
  singular: 'Quote',
  idField: 'QuoteID',
  scopes: ['accounting.invoices'],
  put: 'many',
  post: 'many',
  attachments: true,
  notes: true,
  pdf: true,
  shape: {
    QuoteID: guid(),
    QuoteNumber: text(255),
    Reference: text(255),
    Terms: text(4000),
    Contact: contactField,
    // What unpaged lists show of lines is uncertain, and so a switch.
    LineItems: shownAs(list(lineShape(4)), (fields, { level, organisation }) =>
      level === 'list' && !organisation.switches.quoteLinesUnpaged ? undefined : fields.LineItems,
    ),
    Date: day('DateString', false),
    ExpiryDate: day('ExpiryDateString', false),
    Status: choice(...STATUSES),
    CurrencyRate: decimal(10),
    CurrencyCode: text(3),
    SubTotal: money(),
    TotalTax: money(),
    Total: money(),
    TotalDiscountAmount: derived(money(), (fields) => fields.TotalDiscount ?? '0'),
    Title: text(100),
    Summary: text(3000),
    BrandingThemeID: fromPage(guid()),
    UpdatedDateUTC: readOnly(instant(undefined, false)),
    LineAmountTypes: lineTypes,
    HasErrors: { ...derived(flag(), () => undefined), mode: 'read' },
  },
  list: {
    paging: 'offered',
    modifiedSince: true,
    where: false,
    equals: { status: 'Status', contactid: 'Contact.ContactID', quotenumber: 'QuoteNumber' },
    ranges: { date: 'Date', expirydate: 'ExpiryDate' },
    shows: (fields, params, { switches }) =>
      fields.Status !== 'DELETED' || switches.deletedListed || params.get('status') === 'DELETED',
  },
  indexes: {
    number: (fields) => (fields.Status === 'DELETED' ? undefined : String(fields.QuoteNumber).toLowerCase()),
    'Contact.ContactID': (fields) => fields.contact as string,
  },
  settle,
});

function settle(draft: Draft): void {
  const { organisation, fields, input, previous } = draft;
  fields.Status ??= 'DRAFT';
  const from = String(previous?.fields.Status ?? '');
  if (!TRANSITIONS[from]?.includes(String(fields.Status))) {
    refuse(draft, `A quote cannot go from ${from === '' ? 'new' : from} to ${String(fields.Status)}.`);
    return;
  }
  settleContact(draft, { makes: false });
  if (fields.Date === undefined) refuse(draft, 'Date must be specified.');
  settleCurrency(draft);
  settleNumber(draft);
  fields.LineAmountTypes ??= 'EXCLUSIVE';
  const types = TYPES[String(fields.LineAmountTypes)] as LineAmountTypes;
  const lines = formLines(draft, {
    types,
    direction: 'sale',
    strict: false,
    discounts: true,
    taxFromAccount: false,
    trackingById: true,
    unitDecimals: 4,
    exactTax: false,
  });
  if (lines.length === 0) refuse(draft, 'One or more line items must be specified');
  if (lines.some((line) => (line.Description ?? '') === '')) refuse(draft, 'Every line needs a Description.');
  fields.LineItems = lines;
  const totals = totalsOf(organisation, lines, types);
  Object.assign(fields, totals);
  checkTotals(draft);
  const isOpen = from === '' || from === 'DRAFT' || from === 'SENT';
  const CLOSED_EDITS = ['QuoteID', 'Status', 'Contact', 'Date'];
  const changes = Object.keys(input).filter(
    (name) => !CLOSED_EDITS.includes(name) && JSON.stringify(fields[name]) !== JSON.stringify(previous?.fields[name]),
  );
  if (!isOpen && (changes.length > 0 || fields.Date !== previous?.fields.Date)) {
    refuse(draft, `A quote that is ${from} cannot be edited.`);
  }
}

function settleNumber(draft: Draft): void {
  const { organisation, fields, previous } = draft;
  if (fields.QuoteNumber === undefined || fields.QuoteNumber === '') {
    fields.QuoteNumber = previous?.fields.QuoteNumber ?? nextNumber(organisation, 'Quotes', 'QU', 1);
  }
  const holders = organisation.collection('Quotes').lookUp('number', String(fields.QuoteNumber).toLowerCase());
  if ([...holders].some((id) => id !== previous?.id)) refuse(draft, 'Quote number must be unique.');
}
