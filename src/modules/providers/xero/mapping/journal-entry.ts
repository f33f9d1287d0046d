import {
  at,
  decided,
  decimal,
  finding,
  list,
  ref,
  text,
  uncarried,
  wireNumber,
  wireObjects,
  type Change,
  type ElementForm,
  type Row,
} from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal, type Content } from '../../../../domain/contract/index.js';
import type { XeroCompany } from '../xero.features.js';
import { NO_CUSTOM_FIELDS } from './document.js';
import { tracking } from './tracking.js';
import { accountCode, day, mapping } from './words.js';

/** Sheet 3.16. */

const signed = at('LineAmount', decimal());

/** Debits are positive there and credits negative; here each has a side. Nothing is a debit of nothing. */
const side: Row<'debit' | 'credit'> = {
  read: (line) => {
    const amount = signed.read(line, undefined);
    return amount === undefined ? undefined : exact(amount).lessThan(0) ? 'credit' : 'debit';
  },
  write: (value, change) => {
    const amount = signed.read(change.whole(), undefined);
    if (amount === undefined) return;
    const size = exact(amount).abs();
    change.set('LineAmount', wireNumber((value === 'credit' ? size.negated() : size).toFixed()));
  },
  carries: () => [''],
};

const amount: Row<string> = {
  read: (line) => {
    const said = signed.read(line, undefined);
    return said === undefined ? undefined : exact(said).abs().toFixed();
  },
  write: (value, change) => {
    if (value !== null) change.set('LineAmount', wireNumber(exact(value).abs().toFixed()));
  },
  carries: () => [''],
};

/** Lines have no ids: a change says them all anew. */
const entryLine: ElementForm<XeroCompany> = {
  is: () => true,
  says: () => true,
  start: {},
  table: {
    // The size before the side, which gives it its sign.
    amount,
    side,
    account: accountCode('AccountCode', 'AccountID'),
    description: at('Description', text({ max: 4000 })),
    taxRate: decided(at('TaxType', ref('tax_rate'))),
    tracking,
  },
};

const lines: Row<Content[], XeroCompany> = list('JournalLines', {
  forms: [entryLine],
  identity: () => undefined,
  otherwise: 'must be a debit or a credit',
  refuses: (said) => [
    ...(said.length < 2 ? [finding('min_items', 'must be at least two')] : []),
    ...said.flatMap((line, index) => [
      ...(isDecimal(line.amount) && exact(line.amount).isNegative()
        ? [finding('min', 'must not be negative', `[${index}].amount`)]
        : []),
      ...(isDecimal(line.amount) && exact(line.amount).decimalPlaces() > 2
        ? [finding('places', 'must be whole cents', `[${index}].amount`)]
        : []),
    ]),
  ],
});

/** Journals are kept in the organisation's own currency: an amount in another one must not be booked as this one. */
const homeCurrency: Row<string, XeroCompany> = decided({
  read: (_, { baseCurrency }) => baseCurrency,
  write: () => undefined,
  carries: () => [''],
  refuses: (value, _, { baseCurrency }) =>
    baseCurrency === undefined || value === baseCurrency
      ? []
      : [finding('not_held', `must be ${baseCurrency}: Xero keeps journals in the organisation’s own currency`)],
});

const ONLY_SHOWN = ['AccountID', 'TaxAmount', 'IsBlank', 'ValidationErrors'];

const tidy = (change: Change, { accounts }: XeroCompany): void => {
  if (!Array.isArray(change.sets.JournalLines)) return;
  change.sets.JournalLines = wireObjects(change.sets.JournalLines).map((line) => {
    const code = typeof line.AccountID === 'string' ? accounts.codeOf(line.AccountID) : undefined;
    const kept = Object.fromEntries(Object.entries(line).filter(([member]) => !ONLY_SHOWN.includes(member)));
    return { ...kept, ...(code !== undefined && { AccountCode: code }) };
  });
};

export const journalEntry = mapping(
  'journal_entry',
  {
    date: at('Date', day()),

    lines: writtenWhole(lines),
    currency: homeCurrency,
    exchangeRate: uncarried('Xero keeps journals in the organisation’s own currency.'),

    number: uncarried('Xero gives journals no number that programs can say.'),
    // Something must be said.
    memo: decided(at('Narration', text({ max: 4000 }))),

    custom: NO_CUSTOM_FIELDS,
  },
  {
    prepare: (content, before) =>
      before || typeof content.memo === 'string' ? content : { ...content, memo: content.number ?? 'Journal' },
    finish: tidy,
    refuses: ({ memo }, before) =>
      before && memo === null ? [finding('required', 'is required: Xero wants a narration', 'memo')] : [],
  },
);

/** Lines without ids that say what stands there already are not said again: saying them would make new ones. */
function writtenWhole(row: Row<Content[], XeroCompany>): Row<Content[], XeroCompany> {
  const shown = (said: readonly Content[] | undefined): string =>
    JSON.stringify((said ?? []).map((line) => Object.entries(line).map(normalMember).sort()));
  return {
    ...row,
    write: (value, change, company) => {
      const before = change.before && row.read(change.before, company);
      if (!before || shown(before) !== shown(value ?? [])) row.write!(value, change, company);
    },
  };
}

const normalMember = ([name, value]: [string, Content[string]]): string =>
  `${name}=${isDecimal(value) ? exact(value).toFixed() : JSON.stringify(value)}`;
