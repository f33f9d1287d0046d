import { at, finding, inside, ref, text, uncarried } from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal, type Content } from '../../../../domain/contract/index.js';
import {
  contact,
  documentTraits,
  exchangeRate,
  NO_CUSTOM_FIELDS,
  NO_MEMO,
  ownCurrency,
  taxMode,
  total,
} from './document.js';
import { lines, priced } from './lines.js';
import { day, mapping } from './words.js';

/** BankTransactions of the type SPEND (sheet 3.15). */
export const expense = mapping(
  'expense',
  {
    contact,

    date: at('Date', day()),

    lines: lines('none'),
    taxMode,
    currency: ownCurrency('CurrencyCode'),
    exchangeRate,

    paidFromAccount: at('BankAccount', inside('AccountID', ref('account'))),
    method: uncarried('Xero does not keep how money was spent.'),

    reference: at('Reference', text({ max: 255 })),
    memo: NO_MEMO,

    custom: NO_CUSTOM_FIELDS,

    total,
  },
  {
    decides: documentTraits.decides,
    finish: documentTraits.finish,
    refuses: ({ contact: whom, lines: said }, before) => [
      ...(whom === null || (whom === undefined && !before)
        ? [finding('required', 'is required: Xero must know whom the money went to', 'contact')]
        : []),
      ...(Array.isArray(said) ? spendingFindings(said as Content[]) : []),
    ],
  },
);

/** Money spent is positive on the whole, and each line is of something (sheet 3.15). */
const spendingFindings = (said: readonly Content[]) => {
  const whole = said.map((line) => priced(line, undefined));
  const odd = whole.flatMap(({ quantity, unitPrice }, index) => [
    ...(isDecimal(quantity) && !exact(quantity).greaterThan(0)
      ? [finding('min', 'must be more than nothing', `lines[${index}].quantity`)]
      : []),
    ...(isDecimal(unitPrice) && exact(unitPrice).isZero()
      ? [finding('min', 'must not be nothing', `lines[${index}].unitPrice`)]
      : []),
    ...(typeof said[index]!.account === 'object' || said[index]!.item || said[index]!.id || !isDecimal(unitPrice)
      ? []
      : [finding('required', 'is required on a line that costs something', `lines[${index}].account`)]),
  ]);
  const spent = whole.reduce(
    (sum, { quantity, unitPrice }) =>
      isDecimal(unitPrice) ? sum.plus(exact(unitPrice).times(isDecimal(quantity) ? quantity : '1')) : sum,
    exact('0'),
  );
  return odd.length > 0 || spent.greaterThan(0)
    ? odd
    : [finding('positive', 'must be more than nothing in total: Xero keeps money that came back as received', 'lines')];
};
