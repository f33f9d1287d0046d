import {
  at,
  date,
  finding,
  list,
  ref,
  uncarried,
  wireAt,
  wireObjects,
  type Row,
} from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal, rounded, type Content } from '../../../../domain/contract/index.js';
import type { WaveCompany } from '../wave.company.js';
import {
  amountFinding,
  balanceOf,
  classicFindings,
  currencyFindings,
  described,
  isAnchor,
  NO_LINE_TAX,
  PLACES,
  sided,
  signed,
} from './money-transaction.js';
import { mapping, NO_CUSTOM_FIELDS, NO_LINE_DISCOUNT, words } from './words.js';

const amount: Row<string> = {
  read: (line) => signed(line),
  write: (value, change) => {
    if (value === null) return;
    const said = sided(value);
    change.set('amount', said.amount);
    change.set('balance', said.balance);
  },
  carries: () => [''],
};

/** What a line costs, where it says so by a quantity and a price. */
const priced = (line: Content): Content =>
  isDecimal(line.amount) || !isDecimal(line.unitPrice)
    ? line
    : {
        ...line,
        amount: rounded(exact(line.unitPrice).times(isDecimal(line.quantity) ? line.quantity : '1'), PLACES),
      };

const lines: Row<Content[], WaveCompany> = list<WaveCompany>('lineItems', {
  forms: [
    {
      is: () => true,
      says: () => true,
      start: {},
      table: {
        account: at('accountId', ref('account')),
        description: at('description', words()),
        amount,
        taxRate: NO_LINE_TAX,
        ...NO_LINE_DISCOUNT,
      },
    },
  ],
  identity: () => undefined,
  otherwise: 'must name an account',
  said: (wanted) => wanted.map(priced),
  refuses: (wanted, _, company) =>
    wanted.flatMap((line, index) => [
      ...((line.account ?? null) === null
        ? [finding('required', 'is required: Wave posts what is spent to accounts', `[${index}].account`)]
        : isAnchor(company, line.account)
          ? [finding('one_anchor', 'must not be an account that money is in', `[${index}].account`)]
          : []),
      ...amountFinding(priced(line).amount, `[${index}].amount`),
    ]),
});

/** Money out of an account, sheet 3.5; what comes back makes it a deposit. */
export const expense = mapping(
  'expense',
  {
    contact: uncarried('Wave names nobody on a money transaction.'),

    date: at('date', date()),

    lines,
    taxMode: uncarried('Wave’s money transactions have amounts only; a tax is a line of its own.'),
    currency: uncarried('A money transaction in Wave is in the currency of its account.'),
    exchangeRate: uncarried('Wave takes no rate on money transactions.'),

    paidFromAccount: at('anchor.accountId', ref('account')),
    method: uncarried('Wave’s money transactions have no method.'),

    reference: at('notes', words()),
    memo: at('description', words()),

    custom: NO_CUSTOM_FIELDS,

    total: uncarried('Wave does not show money transactions.'),
  },
  {
    prepare: (content) => described(content, 'Expense'),
    finish: (change) => {
      const whole = balanceOf(wireObjects(change.at('lineItems')));
      change.set('anchor', {
        accountId: wireAt(change.at('anchor'), 'accountId') ?? '',
        amount: exact(whole).abs().toFixed(),
        direction: exact(whole).isNegative() ? 'DEPOSIT' : 'WITHDRAWAL',
      });
    },
    refuses: (content, _, company) => [
      ...classicFindings(company),
      ...(isAnchor(company, content.paidFromAccount)
        ? []
        : [
            finding(
              'anchor',
              'must be an account that money is in: cash and bank, a credit card or a loan',
              'paidFromAccount',
            ),
          ]),
      ...currencyFindings(content, content.paidFromAccount, company),
      ...wholeFindings(content),
    ],
  },
);

const wholeFindings = ({ lines: said }: Content) => {
  const amounts = (Array.isArray(said) ? (said as Content[]) : []).map((line) => priced(line).amount);
  const whole = amounts.filter(isDecimal).reduce((sum, one) => sum.plus(one), exact('0'));
  return whole.isZero() ? [finding('min', 'must not add up to zero: then no money moves', 'lines')] : [];
};
