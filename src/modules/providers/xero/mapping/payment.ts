import {
  at,
  decimal,
  derived,
  finding,
  inside,
  ref,
  text,
  uncarried,
  type Row,
} from '../../../../domain/provider/mapping/index.js';
import { exact, type Content, type Ref } from '../../../../domain/contract/index.js';
import type { XeroCompany } from '../xero.features.js';
import { textAt } from '../xero.wire.js';
import { allocation, paymentFindings } from './allocations.js';
import { exchangeRate, NO_CUSTOM_FIELDS, NO_MEMO, ownCurrency } from './document.js';
import { day, mapping } from './words.js';

/** Sheet 3.14. A payment is never changed: another one takes its place. */

/** Whoever's document it settles; nobody else can say it. */
const contact: Row<Ref, XeroCompany> = {
  read: (record) => {
    const id = textAt(record, 'Invoice.Contact.ContactID');
    return id === undefined ? undefined : { kind: 'contact', id };
  },
  write: () => undefined,
  carries: () => [],
};

const common = {
  contact,
  date: at('Date', day()),
  amount: at('Amount', decimal()),
  currency: ownCurrency('Invoice.CurrencyCode'),
  exchangeRate,
  reference: at('Reference', text({ max: 255 })),
  memo: NO_MEMO,
  custom: NO_CUSTOM_FIELDS,
};

const account = at('Account', inside('AccountID', ref('account')));

const accountFindings = (content: Content, name: string) =>
  (content[name] ?? null) === null ? [finding('required', 'is required: Xero must know the account', name)] : [];

export const payment = mapping(
  'payment',
  {
    ...common,
    allocations: allocation('invoice'),
    depositAccount: account,
    method: uncarried('Xero does not keep how a payment was made.'),
    unapplied: derived(() => exact('0').toFixed()),
  },
  { refuses: (content) => [...paymentFindings(content), ...accountFindings(content, 'depositAccount')] },
);

export const billPayment = mapping(
  'bill_payment',
  {
    ...common,
    allocations: allocation('bill'),
    paidFromAccount: account,
    method: uncarried('Xero does not keep how a payment was made.'),
  },
  { refuses: paymentFindings },
);
