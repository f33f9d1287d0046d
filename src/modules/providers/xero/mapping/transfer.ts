import { at, decimal, finding, inside, ref, text, uncarried } from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal } from '../../../../domain/contract/index.js';
import { NO_CUSTOM_FIELDS } from './document.js';
import { day, mapping } from './words.js';

/** Sheet 3.17. A transfer is never changed: another one takes its place. */
export const transfer = mapping(
  'transfer',
  {
    date: at('Date', day()),

    fromAccount: at('FromBankAccount', inside('AccountID', ref('account'))),
    toAccount: at('ToBankAccount', inside('AccountID', ref('account'))),
    amount: at('Amount', decimal()),
    currency: uncarried('Xero keeps a transfer in the currency of its accounts.'),
    exchangeRate: uncarried('Whether programs can transfer between two currencies is not told reliably.'),

    memo: at('Reference', text({ max: 255 })),

    custom: NO_CUSTOM_FIELDS,
  },
  {
    refuses: ({ amount }) =>
      isDecimal(amount) && (!exact(amount).greaterThan(0) || exact(amount).decimalPlaces() > 2)
        ? [finding('amount', 'must be more than nothing, in whole cents', 'amount')]
        : [],
  },
);
