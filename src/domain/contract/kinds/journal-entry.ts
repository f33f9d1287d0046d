import { amount, choice, date, list, ref, text } from '../field.js';
import { exact, isDecimal } from '../decimal.js';
import { defineKind } from '../kind.js';
import { currency, tracking } from './document.js';

interface JournalLine {
  readonly side?: unknown;
  readonly amount?: unknown;
}

export const journalEntry = defineKind({
  kind: 'journal_entry',
  nature: 'document',
  says: 'Debits and credits that balance.',
  groups: {
    dates: { date: date({ required: true }) },
    money: {
      lines: list(
        {
          id: text(100),
          account: ref('account', { required: true }),
          side: choice(['debit', 'credit'], { required: true }),
          amount: amount({ required: true }),
          description: text(4000),
          contact: ref('contact'),
          taxRate: ref('tax_rate'),
          tracking: tracking(),
        },
        { key: 'id', most: 10_000, required: true },
      ),
      ...currency,
    },
    text: { number: text(50), memo: text(4000) },
  },
  naturalKeys: [['number']],
  dated: 'date',
  rules: [
    {
      path: 'lines',
      rule: 'balanced',
      message: 'the debits must equal the credits',
      holds: ({ lines }) =>
        !Array.isArray(lines) ||
        (lines as readonly JournalLine[])
          .reduce(
            (sum, line) =>
              !isDecimal(line.amount) ? sum : line.side === 'debit' ? sum.plus(line.amount) : sum.minus(line.amount),
            exact('0'),
          )
          .isZero(),
    },
  ],
});
