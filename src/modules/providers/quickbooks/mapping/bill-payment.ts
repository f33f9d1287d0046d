import { at, date, decided, decimal, text, wireAt, type Row } from '../../../../domain/provider/mapping/index.js';
import type { Ref } from '../../../../domain/contract/index.js';
import { allocations } from './allocations.js';
import { currency, exchangeRate, NO_CUSTOM_FIELDS } from './document.js';
import { mapping, refTo } from './words.js';

const bankAccount = at('CheckPayment.BankAccountRef', refTo('account'));
const cardAccount = at('CreditCardPayment.CCAccountRef', refTo('account'));

const isCard = (record: { PayType?: unknown }): boolean => record.PayType === 'CreditCard';

/** The account stands in another place for each of the two ways to pay. */
const paidFromAccount: Row<Ref> = {
  ...bankAccount,
  read: (record, context) => (isCard(record) ? cardAccount : bankAccount).read(record, context),
  write: (value, change, context) => {
    const card = change.at('PayType') === 'CreditCard';
    (card ? cardAccount : bankAccount).write!(value, change, context);
    change.clear(card ? 'CheckPayment' : 'CreditCardPayment');
  },
};

/** The vendor knows a card and everything else. */
const method: Row<'cash' | 'check' | 'card' | 'transfer' | 'other'> = decided({
  read: (record) => (isCard(record) ? 'card' : wireAt(record, 'PayType') === 'Check' ? 'check' : undefined),
  write: (value, change) => change.set('PayType', value === 'card' ? 'CreditCard' : 'Check'),
  carries: () => [''],
});

/** Sheet 3.14. */
export const billPayment = mapping(
  'bill_payment',
  {
    contact: at('VendorRef', refTo('contact', 'Vendor')),

    date: at('TxnDate', date()),

    amount: at('TotalAmt', decimal()),
    currency,
    exchangeRate,
    allocations: allocations({ Bill: 'bill', VendorCredit: 'vendor_credit' }),

    method,
    paidFromAccount,

    reference: at('DocNumber', text({ max: 21 })),
    memo: at('PrivateNote', text({ max: 4000 })),

    custom: NO_CUSTOM_FIELDS,
  },
  {
    // The vendor must be told how it was paid.
    prepare: (content, before) => (before ? content : { ...content, method: content.method ?? 'check' }),
  },
);
