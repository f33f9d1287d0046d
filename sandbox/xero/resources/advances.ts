import { lineShape } from '../lines.ts';
import { defineResource, type ResourceRules } from '../rules.ts';
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
  text,
  type Body,
} from '../shape.ts';
import { allocationShape, shownAllocations } from './credit-notes.ts';
import { contactField, paymentsOf } from './invoices.ts';

/** Prepayments and overpayments: made through bank transactions, read and set against documents here. */

function advance(name: 'Prepayment' | 'Overpayment', category: 'PREPAYMENT' | 'OVERPAYMENT'): ResourceRules {
  const idField = `${name}ID`;
  return defineResource({
    name: `${name}s`,
    singular: name,
    idField,
    scopes: ['accounting.payments'],
    notes: true,
    webhook: category,
    webhookData: ({ Type, Status }) => ({ Type, Status }),
    shape: {
      [idField]: guid(),
      ID: derived(guid(), (fields) => fields[idField]),
      Type: choice(),
      CurrencyRate: decimal(10),
      RemainingCredit: money(),
      Allocations: derived(list(allocationShape), shownAllocations),
      Payments: derived(list({ PaymentID: guid(), Date: day(), Amount: money() }), paymentsOf(`${name}s`, idField)),
      HasAttachments: derived(flag(), () => false),
      Contact: contactField,
      Date: day('DateString'),
      Status: choice(),
      LineAmountTypes: choice(),
      LineItems: fromPage(list(lineShape('unit'))),
      SubTotal: money(),
      TotalTax: money(),
      Total: money(),
      UpdatedDateUTC: readOnly(instant('UpdatedDateUTCString')),
      CurrencyCode: text(3),
      FullyPaidOnDate: day(),
    },
    list: { paging: 'offered', modifiedSince: true, where: true },
    indexes: { 'Contact.ContactID': (fields: Body) => fields.contact as string },
    settle: () => undefined,
  });
}

export const prepayments = advance('Prepayment', 'PREPAYMENT');
export const overpayments = advance('Overpayment', 'OVERPAYMENT');
