import { decimal as exact } from '../../amounts.ts';
import { markContact } from '../documents.ts';
import { folded } from '../folding.ts';
import { lineShape } from '../lines.ts';
import { defineResource } from '../rules.ts';
import {
  choice,
  day,
  decimal,
  derived,
  flag,
  fromPage,
  group,
  guid,
  instant,
  list,
  money,
  readOnly,
  text,
  type Body,
  type View,
} from '../shape.ts';
import { settleTradeDocument } from '../trade.ts';
import { contactField, paymentsOf } from './invoices.ts';

/** Credit notes to customers (ACCRECCREDIT) and from suppliers (ACCPAYCREDIT) (sheet 3.11). */

export const allocationShape = {
  AllocationID: guid(),
  Amount: money(),
  Date: day(),
  Invoice: group({ InvoiceID: guid(), InvoiceNumber: text(255), HasErrors: flag() }),
  IsDeleted: flag(),
};

/** How an allocation is kept on the credit it uses. */
export interface Allocation {
  AllocationID: string;
  Amount: string;
  Date: string;
  invoice: string;
}

export function shownAllocations(fields: Body, { organisation }: View): Body[] {
  return ((fields.Allocations ?? []) as Allocation[]).map((each) => ({
    ...each,
    Invoice: {
      InvoiceID: each.invoice,
      InvoiceNumber: organisation.fields('Invoices', each.invoice)?.InvoiceNumber,
      HasErrors: false,
    },
    IsDeleted: false,
  }));
}

const holds = (key: unknown) => (typeof key === 'string' && key !== '' ? folded(key) : undefined);

export const creditNotes = defineResource({
  name: 'CreditNotes',
  singular: 'CreditNote',
  idField: 'CreditNoteID',
  scopes: ['accounting.invoices'],
  put: 'many',
  post: 'many',
  attachments: true,
  notes: true,
  pdf: true,
  webhook: 'CREDITNOTE',
  webhookData: ({ Type, Status }) => ({ Type, Status }),
  shape: {
    CreditNoteID: guid(),
    CreditNoteNumber: text(255),
    ID: derived(guid(), (fields) => fields.CreditNoteID),
    Payments: derived(
      list({ PaymentID: guid(), Date: day(), Amount: money(), Reference: text(255), HasAccount: flag() }),
      paymentsOf('CreditNotes', 'CreditNoteID'),
    ),
    HasErrors: derived(flag(), () => false),
    CurrencyRate: decimal(10),
    Type: choice('ACCRECCREDIT', 'ACCPAYCREDIT'),
    Reference: text(255),
    SentToContact: flag(),
    RemainingCredit: readOnly(money()),
    Allocations: derived(list(allocationShape), shownAllocations),
    HasAttachments: derived(flag(), (fields, { organisation }) =>
      organisation.attachments.has(`CreditNotes/${String(fields.CreditNoteID)}`),
    ),
    Contact: contactField,
    Date: day('DateString'),
    DueDate: day('DueDateString'),
    BrandingThemeID: guid(),
    Status: choice('DRAFT', 'SUBMITTED', 'AUTHORISED', 'PAID', 'VOIDED', 'DELETED'),
    LineAmountTypes: choice('Exclusive', 'Inclusive', 'NoTax'),
    LineItems: fromPage(list(lineShape('unit'))),
    SubTotal: money(),
    TotalTax: money(),
    Total: money(),
    UpdatedDateUTC: readOnly(instant('UpdatedDateUTCString')),
    CurrencyCode: text(3),
    FullyPaidOnDate: readOnly(day()),
  },
  list: {
    paging: 'offered',
    modifiedSince: true,
    where: true,
    optimised: [
      'Status',
      'Type',
      'Date',
      'Reference',
      'Contact.ContactID',
      'Contact.Name',
      'CreditNoteID',
      'UpdatedDateUTC',
    ],
  },
  indexes: {
    number: (fields) =>
      fields.Type === 'ACCRECCREDIT' && fields.Status !== 'DELETED' ? holds(fields.CreditNoteNumber) : undefined,
    CreditNoteNumber: (fields) => holds(fields.CreditNoteNumber),
    'Contact.ContactID': (fields) => fields.contact as string,
  },
  findByKey(organisation, key) {
    const collection = organisation.collection('CreditNotes');
    return collection.first('number', folded(key)) ?? collection.first('CreditNoteNumber', folded(key));
  },
  settle(draft) {
    settleTradeDocument(draft, {
      outgoing: 'ACCRECCREDIT',
      numberField: 'CreditNoteNumber',
      prefix: 'CN',
      discounts: false,
      settled: (fields) => !exact(fields.AppliedAmount).isZero(),
    });
    const { fields } = draft;
    if (fields.Status === 'VOIDED' || fields.Status === 'DELETED') return;
    fields.AppliedAmount ??= '0';
    fields.RemainingCredit = exact(fields.Total).minus(exact(fields.AppliedAmount)).toFixed();
  },
  effects({ organisation, previous }, { fields }) {
    const flagName = fields.Type === 'ACCRECCREDIT' ? 'IsCustomer' : 'IsSupplier';
    if (!previous) markContact(organisation, fields.contact, flagName);
  },
});
