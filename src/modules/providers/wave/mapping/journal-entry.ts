import {
  at,
  date,
  finding,
  isWireObject,
  uncarried,
  wireObjects,
  type Row,
  type Wire,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import { exact, type Content, type Ref } from '../../../../domain/contract/index.js';
import type { Finding } from '../../../../domain/provider/write.js';
import type { WaveCompany } from '../wave.company.js';
import { withList, withoutList } from '../wave.ids.js';
import { amountFinding, classicFindings, currencyFindings, described, isAnchor } from './money-transaction.js';
import { mapping, NO_CUSTOM_FIELDS, words } from './words.js';

const anchorsOf = (lines: readonly Content[], company: WaveCompany): Content[] =>
  lines.filter(({ account }) => isAnchor(company, account));

const customerOf = ({ contact }: Content): string | undefined =>
  (contact ?? null) === null ? undefined : withoutList('Customer', (contact as Ref).id);

const text = (wire: Wire | undefined): string => (typeof wire === 'string' ? wire : '');

const lineOf = (wire: WireObject): Content => ({
  account: { kind: 'account', id: text(wire.accountId) },
  side: wire.balance === 'CREDIT' ? 'credit' : 'debit',
  amount: text(wire.amount),
  ...(typeof wire.description === 'string' && { description: wire.description }),
  ...(typeof wire.customerId === 'string' && {
    contact: { kind: 'contact', id: withList('Customer', wire.customerId) },
  }),
});

/** One line is the anchor, which stands apart: a debit of it is a deposit, a credit a withdrawal. */
const lines: Row<Content[], WaveCompany> = {
  read: ({ anchor, lineItems }) => {
    if (!isWireObject(anchor)) return undefined;
    return [
      {
        account: { kind: 'account', id: text(anchor.accountId) },
        side: anchor.direction === 'DEPOSIT' ? 'debit' : 'credit',
        amount: text(anchor.amount),
      },
      ...wireObjects(lineItems).map(lineOf),
    ];
  },
  write: (value, change, company) => {
    const [anchor] = anchorsOf(value ?? [], company);
    if (!value || !anchor) return;
    change.set('anchor', {
      accountId: (anchor.account as Ref).id,
      amount: exact(anchor.amount as string).toFixed(),
      direction: anchor.side === 'debit' ? 'DEPOSIT' : 'WITHDRAWAL',
    });
    change.set(
      'lineItems',
      value
        .filter((line) => line !== anchor)
        .map((line) => {
          const customer = customerOf(line);
          return {
            accountId: (line.account as Ref).id,
            amount: exact(line.amount as string).toFixed(),
            balance: line.side === 'credit' ? 'CREDIT' : 'DEBIT',
            ...(typeof line.description === 'string' && { description: line.description }),
            ...(customer !== undefined && { customerId: customer }),
          };
        }),
    );
  },
  carries: () => ['', 'account', 'side', 'amount', 'description', 'contact', 'taxRate'],
  refuses: (value, _, company) => {
    const anchors = anchorsOf(value, company);
    return [
      ...(anchors.length === 1
        ? []
        : [
            finding(
              'one_anchor',
              `must have one line of an account that money is in, and has ${anchors.length}: Wave has no other entries in its API`,
            ),
          ]),
      ...value.flatMap((line, index) => lineFindings(line, index, anchors.includes(line))),
    ];
  },
};

const lineFindings = (line: Content, index: number, isTheAnchor: boolean): Finding[] => [
  ...amountFinding(line.amount, `[${index}].amount`),
  ...(exact((line.amount ?? '0') as string).isNegative()
    ? [finding('min', 'must not be negative: the side says it', `[${index}].amount`)]
    : []),
  ...((line.taxRate ?? null) === null
    ? []
    : [finding('not_held', 'must be absent: a tax in Wave is a line of its own', `[${index}].taxRate`)]),
  ...((line.contact ?? null) !== null && (isTheAnchor || customerOf(line) === undefined)
    ? [finding('not_held', 'must be a customer, and not on the account that money is in', `[${index}].contact`)]
    : []),
  ...(isTheAnchor && typeof line.description === 'string'
    ? [finding('not_held', 'must be absent on the account that money is in', `[${index}].description`)]
    : []),
];

/** Sheet 3.5: only an entry with exactly one account that money is in can be held. */
export const journalEntry = mapping(
  'journal_entry',
  {
    date: at('date', date()),

    lines,
    currency: uncarried('A money transaction in Wave is in the currency of its account.'),
    exchangeRate: uncarried('Wave takes no rate on money transactions.'),

    number: at('notes', words()),
    memo: at('description', words()),

    custom: NO_CUSTOM_FIELDS,
  },
  {
    prepare: (content) => described(content, 'Journal entry'),
    refuses: (content, _, company) => [
      ...classicFindings(company),
      ...(Array.isArray(content.lines)
        ? currencyFindings(content, anchorsOf(content.lines as Content[], company)[0]?.account, company)
        : []),
    ],
  },
);
