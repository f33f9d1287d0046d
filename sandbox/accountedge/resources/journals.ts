import { decimal, sum } from '../../amounts.ts';
import { credit, debit } from '../ledger.ts';
import { refusal } from '../problem.ts';
import type { Line } from '../record.ts';
import type { ResourceRules } from '../rules.ts';
import { choice, date, flag, link, money, needed, rows, text, whole, type Link } from '../shape.ts';
import { taxOf } from '../totals.ts';

/** General journals (sheet 6.17); mind `DateOccurred` and `RowId`. */
export const generalJournal: ResourceRules = {
  name: 'GeneralLedger/GeneralJournal',
  group: 'transaction',
  scope: 'sme-general-ledger',
  fields: {
    DisplayID: text('documentNumberLength'),
    DateOccurred: needed(date()),
    IsTaxInclusive: flag(),
    Memo: text('memoLength'),
    GSTReportingMethod: needed(choice(['Sale', 'Purchase'])),
    IsYearEndAdjustment: flag(),
    Category: link('GeneralLedger/Category'),
    Lines: needed(
      rows('RowId', {
        Account: needed(link('GeneralLedger/Account')),
        Job: link('GeneralLedger/Job'),
        Memo: text('memoLength'),
        TaxCode: link('GeneralLedger/TaxCode'),
        Amount: needed(money(0)),
        IsCredit: flag(),
        TaxAmount: money(),
        IsOverriddenTaxAmount: flag(),
        UnitCount: whole(),
      }),
    ),
  },
  verbs: { create: true, update: true, delete: true },
  pushed: false,
  dateMember: 'DateOccurred',
  numbered: { member: 'DisplayID', series: 'journal' },
  linkMembers: ({ DisplayID }) => ({ DisplayID }),
  check({ members }, problems) {
    if ((members.Lines as Line[]).length === 0) problems.add('Required', 'Lines');
  },
  settle({ members, file }) {
    const lines = members.Lines as Line[];
    const side = (isCredit: boolean) =>
      sum(lines.filter((line) => (line.IsCredit === true) === isCredit).map((line) => decimal(line.Amount)));
    if (!side(true).equals(side(false))) throw refusal('JournalNotBalanced', 'Lines');
    for (const line of lines) {
      if (line.IsOverriddenTaxAmount === true && line.TaxAmount !== null) continue;
      const tax = taxOf(decimal(line.Amount), line.TaxCode, members.IsTaxInclusive === true, file);
      line.TaxAmount = tax.toNumber();
    }
  },
  postings: ({ members }) =>
    (members.Lines as Line[])
      .filter((line) => line.Amount !== 0)
      .map((line) => (line.IsCredit === true ? credit : debit)((line.Account as Link).UID, decimal(line.Amount))),
};
