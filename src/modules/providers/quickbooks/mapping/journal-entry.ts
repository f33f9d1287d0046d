import {
  at,
  choice,
  date,
  decimal,
  identity,
  list,
  text,
  type ElementForm,
} from '../../../../domain/provider/mapping/index.js';
import type { CompanyFeatures } from '../quickbooks.features.js';
import { currency, exchangeRate, NO_CUSTOM_FIELDS, notNegative } from './document.js';
import { party } from './party.js';
import { isDetail } from './pricing.js';
import { dropStaleTax } from './tax.js';
import { tracking } from './tracking.js';
import { mapping, refTo } from './words.js';

const DETAIL = 'JournalEntryLineDetail';

/**
 * The tax code of a line survives and is not written: it wants to be told whether it is a tax on sales or on purchases,
 * which the contract does not know.
 */
const entryLine: ElementForm<CompanyFeatures> = {
  is: isDetail(DETAIL),
  says: () => true,
  start: { DetailType: DETAIL },
  table: {
    id: identity(at('Id', text())),
    description: at('Description', text({ max: 4000 })),
    amount: at('Amount', decimal()),
    side: at(`${DETAIL}.PostingType`, choice({ debit: 'Debit', credit: 'Credit' })),
    account: at(`${DETAIL}.AccountRef`, refTo('account')),
    contact: at(`${DETAIL}.Entity`, party('Type', 'EntityRef.value')),
    tracking: tracking(DETAIL, [], true),
  },
};

/** Sheet 3.17. The vendor's total is always zero; what an entry is worth follows from its lines. */
export const journalEntry = mapping(
  'journal_entry',
  {
    date: at('TxnDate', date()),

    lines: list<CompanyFeatures>('Line', {
      forms: [entryLine],
      identity: ({ id }) => (typeof id === 'string' ? id : undefined),
      otherwise: 'must be a debit or a credit',
      refuses: (lines) => lines.flatMap(({ amount }, index) => notNegative(`[${index}].amount`, amount)),
    }),
    currency,
    exchangeRate,

    number: at('DocNumber', text({ max: 21 })),
    memo: at('PrivateNote', text({ max: 4000 })),

    custom: NO_CUSTOM_FIELDS,
  },
  { finish: dropStaleTax },
);
