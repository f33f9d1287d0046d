import { isSettled, markContact } from '../documents.ts';
import { folded } from '../folding.ts';
import { lineShape } from '../lines.ts';
import { defineResource } from '../rules.ts';
import type { Credit } from '../settlement.ts';
import {
  absentBelow,
  choice,
  day,
  decimal,
  derived,
  embedded,
  flag,
  fromPage,
  guid,
  inDetail,
  instant,
  list,
  money,
  readOnly,
  text,
  type Body,
  type View,
} from '../shape.ts';
import { settleDue, settleTradeDocument } from '../trade.ts';

/** Invoices (ACCREC) and bills (ACCPAY) (sheet 3.10). */

export const contactField = embedded(['Contacts'], ({ contact }) =>
  typeof contact === 'string' ? { resource: 'Contacts', id: contact } : undefined,
);

const payment = {
  PaymentID: guid(),
  Date: day(),
  Amount: money(),
  Reference: text(255),
  CurrencyRate: decimal(10),
  HasAccount: flag(),
  HasValidationErrors: flag(),
};

const credit = (idField: string, numberField?: string) => ({
  [idField]: guid(),
  ...(numberField !== undefined && { [numberField]: text(255) }),
  ID: guid(),
  AppliedAmount: money(),
  Date: day('DateString'),
  Total: money(),
  LineItems: list({}),
  HasErrors: flag(),
});

/** What paid a document, oldest first. */
export function paymentsOf(resource: string, idField: string) {
  return (fields: Body, { organisation }: View): Body[] => {
    const ids = organisation.collection('Payments').lookUp('target', `${resource}/${String(fields[idField])}`);
    return [...ids].flatMap((id) => {
      const found = organisation.fields('Payments', id);
      if (!found) return [];
      const namesBatch = found.BatchPaymentID !== undefined && organisation.switches.batchIdInInvoicePayments;
      return [
        { ...found, PaymentID: namesBatch ? found.BatchPaymentID : id, HasAccount: true, HasValidationErrors: false },
      ];
    });
  };
}

function creditsOf(resource: string, idField: string, numberField?: string) {
  return (fields: Body, { organisation }: View): Body[] =>
    ((fields.credits ?? []) as Credit[])
      .filter((each) => each.resource === resource)
      .map((each) => {
        const note = organisation.fields(resource, each.id);
        return {
          [idField]: each.id,
          ...(numberField !== undefined && { [numberField]: note?.[numberField] }),
          ID: each.id,
          AppliedAmount: each.amount,
          Date: each.date,
          Total: note?.Total,
          HasErrors: false,
        };
      });
}

const holds = (key: unknown) => (typeof key === 'string' && key !== '' ? folded(key) : undefined);

export const invoices = defineResource({
  name: 'Invoices',
  singular: 'Invoice',
  idField: 'InvoiceID',
  scopes: ['accounting.invoices'],
  put: 'many',
  post: 'many',
  attachments: true,
  notes: true,
  pdf: true,
  webhook: 'INVOICE',
  shape: {
    Type: choice('ACCREC', 'ACCPAY'),
    InvoiceID: guid(),
    InvoiceNumber: text(255),
    Reference: text(255),
    Payments: absentBelow(inDetail(derived(list(payment), paymentsOf('Invoices', 'InvoiceID')))),
    CreditNotes: derived(
      list(credit('CreditNoteID', 'CreditNoteNumber')),
      creditsOf('CreditNotes', 'CreditNoteID', 'CreditNoteNumber'),
    ),
    Prepayments: derived(list(credit('PrepaymentID')), creditsOf('Prepayments', 'PrepaymentID')),
    Overpayments: derived(list(credit('OverpaymentID')), creditsOf('Overpayments', 'OverpaymentID')),
    AmountDue: readOnly(money()),
    AmountPaid: readOnly(money()),
    AmountCredited: readOnly(money()),
    CurrencyRate: decimal(10),
    SentToContact: flag(),
    IsDiscounted: derived(flag(), (fields) => fields.TotalDiscount !== undefined),
    HasAttachments: inDetail(
      derived(flag(), (fields, { organisation }) =>
        organisation.attachments.has(`Invoices/${String(fields.InvoiceID)}`),
      ),
    ),
    HasErrors: derived(flag(), () => false),
    Contact: contactField,
    Date: day('DateString'),
    DueDate: day('DueDateString'),
    BrandingThemeID: guid(),
    Url: text(2000),
    Status: choice('DRAFT', 'SUBMITTED', 'AUTHORISED', 'PAID', 'VOIDED', 'DELETED'),
    LineAmountTypes: choice('Exclusive', 'Inclusive', 'NoTax'),
    LineItems: inDetail(fromPage(list(lineShape('unit')))),
    SubTotal: money(),
    TotalTax: money(),
    Total: money(),
    TotalDiscount: readOnly(money()),
    UpdatedDateUTC: readOnly(instant('UpdatedDateUTCString')),
    CurrencyCode: text(3),
    FullyPaidOnDate: readOnly(day()),
    ExpectedPaymentDate: day(),
    PlannedPaymentDate: day(),
  },
  list: {
    paging: 'offered',
    modifiedSince: true,
    where: true,
    csv: { ids: 'InvoiceID', invoicenumbers: 'InvoiceNumber', contactids: 'Contact.ContactID', statuses: 'Status' },
    search: ['InvoiceNumber', 'Reference'],
    summary: true,
    pagingForcedBy: ['statuses', 'summaryonly'],
    optimised: [
      'Status',
      'Type',
      'Contact.ContactID',
      'Contact.Name',
      'Contact.ContactNumber',
      'Reference',
      'InvoiceNumber',
      'InvoiceID',
      'Date',
      'DueDate',
      'AmountDue',
      'AmountPaid',
      'UpdatedDateUTC',
    ],
    shows: (fields, params) => params.get('createdbymyapp')?.toLowerCase() !== 'true' || fields.createdByApp === true,
  },
  indexes: {
    number: (fields) =>
      fields.Type === 'ACCREC' && fields.Status !== 'DELETED' ? holds(fields.InvoiceNumber) : undefined,
    InvoiceNumber: (fields) => holds(fields.InvoiceNumber),
    Reference: (fields) => holds(fields.Reference),
    'Contact.ContactID': (fields) => fields.contact as string,
  },
  findByKey(organisation, key) {
    const collection = organisation.collection('Invoices');
    return collection.first('number', folded(key)) ?? collection.first('InvoiceNumber', folded(key));
  },
  natural(organisation, input) {
    if (input.Type === 'ACCPAY') return undefined;
    return organisation.collection('Invoices').first('number', holds(input.InvoiceNumber));
  },
  settle(draft) {
    settleTradeDocument(draft, {
      outgoing: 'ACCREC',
      numberField: 'InvoiceNumber',
      prefix: 'INV',
      discounts: true,
      settled: isSettled,
    });
    settleDue(draft);
  },
  effects({ organisation, previous }, { fields }) {
    if (!previous) markContact(organisation, fields.contact, fields.Type === 'ACCREC' ? 'IsCustomer' : 'IsSupplier');
  },
  outline(fields, { organisation }) {
    const contact = organisation.find('Contacts', fields.contact)?.fields;
    const number = fields.InvoiceNumber === undefined ? '' : `"InvoiceNumber":${JSON.stringify(fields.InvoiceNumber)},`;
    return (
      `"Type":${JSON.stringify(fields.Type)},"InvoiceID":${JSON.stringify(fields.InvoiceID)},${number}"Payments":[],` +
      `"CreditNotes":[],"Prepayments":[],"Overpayments":[],"IsDiscounted":false,"HasErrors":false,` +
      `"Contact":{"ContactID":${JSON.stringify(fields.contact)},"Name":${JSON.stringify(contact?.Name)},"Addresses":[],` +
      `"Phones":[],"ContactGroups":[],"ContactPersons":[],"HasValidationErrors":false},"LineItems":[],` +
      `"CurrencyCode":${JSON.stringify(fields.CurrencyCode)}`
    );
  },
});
