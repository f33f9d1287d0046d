import { at, date, decimal, text, uncarried } from '../../../../domain/provider/mapping/index.js';
import { NO_CUSTOM_FIELDS, ownCurrency } from './document.js';
import { mapping, refTo } from './words.js';

/** Sheet 3.18. */
export const transfer = mapping('transfer', {
  date: at('TxnDate', date()),

  fromAccount: at('FromAccountRef', refTo('account')),
  toAccount: at('ToAccountRef', refTo('account')),
  amount: at('Amount', decimal()),
  currency: ownCurrency,
  exchangeRate: uncarried('QuickBooks takes the rate of a transfer from its accounts.'),

  memo: at('PrivateNote', text({ max: 4000 })),

  custom: NO_CUSTOM_FIELDS,
});
