import { at, computed, date, decided, decimal, text } from '../../../../domain/provider/mapping/index.js';
import { allocations } from './allocations.js';
import { currency, exchangeRate, NO_CUSTOM_FIELDS, notNegative } from './document.js';
import { mapping, refTo } from './words.js';

/** Sheet 3.11; a payment of zero joins credits to invoices. */
export const payment = mapping(
  'payment',
  {
    contact: at('CustomerRef', refTo('contact', 'Customer')),

    date: at('TxnDate', date()),

    amount: at('TotalAmt', decimal()),
    currency,
    exchangeRate,
    allocations: allocations({ Invoice: 'invoice', CreditMemo: 'credit_note' }),

    depositAccount: decided(at('DepositToAccountRef', refTo('account'))),
    method: {
      // The vendor wants the id of an entry of its list of methods, of which the contract knows the names only.
      ...computed(at('PaymentMethodRef.name', text())),
      absent: 'QuickBooks names payment methods by a list of its own; the name is shown and not written.',
    },

    reference: at('PaymentRefNum', text({ max: 21 })),
    memo: at('PrivateNote', text({ max: 4000 })),

    custom: NO_CUSTOM_FIELDS,

    unapplied: computed(at('UnappliedAmt', decimal())),
  },
  { refuses: ({ amount }) => notNegative('amount', amount) },
);
