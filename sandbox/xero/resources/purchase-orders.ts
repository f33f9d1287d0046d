import { markContact, nextNumber, settleContact, settleCurrency } from '../documents.ts';
import { checkTotals, formLines, lineShape, refuseLine, totalsOf, type LineAmountTypes } from '../lines.ts';
import { defineResource, refuse, type Draft } from '../rules.ts';
import {
  choice,
  day,
  decimal,
  derived,
  flag,
  guid,
  instant,
  list,
  money,
  readOnly,
  text,
  type Body,
} from '../shape.ts';
import { contactField } from './invoices.ts';

/** Orders to suppliers (sheet 3.13). */

const FORWARD = ['DRAFT', 'SUBMITTED', 'AUTHORISED', 'BILLED'];
const BAD_CHANGE = 'PurchaseOrder status change is invalid';
const IS_DELETED = 'Deleted PurchaseOrders cannot be updated';

export const purchaseOrders = defineResource({
  name: 'PurchaseOrders',
  singular: 'PurchaseOrder',
  idField: 'PurchaseOrderID',
  scopes: ['accounting.invoices'],
  put: 'many',
  post: 'many',
  attachments: true,
  notes: true,
  pdf: true,
  shape: {
    PurchaseOrderID: guid(),
    PurchaseOrderNumber: text(255),
    Date: day('DateString'),
    DeliveryDate: day('DeliveryDateString'),
    ExpectedArrivalDate: day('ExpectedArrivalDateString'),
    DeliveryAddress: text(500),
    AttentionTo: text(255),
    Telephone: text(50),
    DeliveryInstructions: text(500),
    HasErrors: derived(flag(), () => false),
    IsDiscounted: derived(flag(), (fields) => fields.TotalDiscount !== undefined),
    Reference: text(255),
    Type: derived(text(20), () => 'PURCHASEORDER'),
    CurrencyRate: decimal(10),
    CurrencyCode: text(3),
    Contact: contactField,
    BrandingThemeID: guid(),
    Status: choice(...FORWARD, 'DELETED'),
    LineAmountTypes: choice('Exclusive', 'Inclusive', 'NoTax'),
    LineItems: list(lineShape(4)),
    SubTotal: money(),
    TotalTax: money(),
    Total: money(),
    TotalDiscount: readOnly(money()),
    SentToContact: flag(),
    UpdatedDateUTC: readOnly(instant()),
    HasAttachments: derived(flag(), (fields, { organisation }) =>
      organisation.attachments.has(`PurchaseOrders/${String(fields.PurchaseOrderID)}`),
    ),
  },
  list: {
    paging: 'always',
    modifiedSince: true,
    where: false,
    equals: { status: 'Status' },
    ranges: { date: 'Date' },
    shows: (fields, params, { switches }) =>
      fields.Status !== 'DELETED' || switches.deletedListed || params.get('status') === 'DELETED',
  },
  indexes: {
    number: (fields) => String(fields.PurchaseOrderNumber).toLowerCase(),
    'Contact.ContactID': (fields) => fields.contact as string,
  },
  findByKey: (organisation, key) => organisation.collection('PurchaseOrders').first('number', key.toLowerCase()),
  natural: (organisation, input) =>
    typeof input.PurchaseOrderNumber === 'string'
      ? organisation.collection('PurchaseOrders').first('number', input.PurchaseOrderNumber.toLowerCase())
      : undefined,
  settle,
  effects({ organisation, previous }, { fields }) {
    if (!previous) markContact(organisation, fields.contact, 'IsSupplier');
  },
});

function settle(draft: Draft): void {
  const { organisation, fields, input, previous } = draft;
  fields.Status ??= 'DRAFT';
  if (previous?.fields.Status === 'DELETED') {
    refuse(draft, BAD_CHANGE);
    refuse(draft, IS_DELETED);
    return;
  }
  settleNumber(draft);
  const goesBack = FORWARD.indexOf(String(fields.Status)) < FORWARD.indexOf(String(previous?.fields.Status));
  if (previous && fields.Status !== 'DELETED' && goesBack && organisation.switches.orderStatusBackward === 'refused') {
    refuse(draft, BAD_CHANGE);
  }
  if (!previous && fields.Status === 'DELETED') refuse(draft, BAD_CHANGE);
  settleContact(draft, { makes: false });
  fields.Date ??= organisation.today();
  settleCurrency(draft);
  fields.LineAmountTypes ??= 'Exclusive';
  const types = fields.LineAmountTypes as LineAmountTypes;
  ((input.LineItems ?? []) as Body[]).forEach((line, index) => {
    const lacksPrice = line.Quantity !== undefined && line.UnitAmount === undefined && line.ItemCode === undefined;
    if (lacksPrice && line.LineItemID === undefined) refuseLine(draft, index, 'Quantity requires UnitAmount.');
  });
  const lines = formLines(draft, {
    types,
    direction: 'purchase',
    strict: false,
    discounts: true,
    taxFromAccount: true,
    trackingById: false,
    unitDecimals: 4,
    exactTax: false,
  });
  if (lines.length === 0 && fields.Status !== 'DELETED') refuse(draft, 'One or more line items must be specified');
  fields.LineItems = lines;
  const totals = totalsOf(organisation, lines, types);
  Object.assign(fields, totals);
  if (totals.TotalDiscount === undefined) delete fields.TotalDiscount;
  checkTotals(draft);
  if (input.SentToContact === true && !['AUTHORISED', 'BILLED'].includes(String(fields.Status))) {
    fields.SentToContact = previous?.fields.SentToContact ?? false;
    draft.warnings.push('Only AUTHORISED and BILLED purchase orders may have SentToContact updated.');
  }
  fields.SentToContact ??= false;
}

function settleNumber(draft: Draft): void {
  const { organisation, fields, previous } = draft;
  if (fields.PurchaseOrderNumber === undefined || fields.PurchaseOrderNumber === '') {
    fields.PurchaseOrderNumber =
      previous?.fields.PurchaseOrderNumber ?? nextNumber(organisation, 'PurchaseOrders', 'PO', 1);
    return;
  }
  const number = String(fields.PurchaseOrderNumber).toLowerCase();
  const holder = organisation.collection('PurchaseOrders').first('number', number);
  if (!holder || holder.id === previous?.id) return;
  if (holder.fields.Status === 'DELETED') {
    refuse(draft, BAD_CHANGE);
    refuse(draft, IS_DELETED);
  } else refuse(draft, 'Order number must be unique');
}
