import { decimal, sum, zero, type Decimal } from '../../amounts.ts';
import type { CompanyFile } from '../company-file.ts';
import { credit, debit, type Posting } from '../ledger.ts';
import { refusal, type Problems } from '../problem.ts';
import type { Hidden, Line } from '../record.ts';
import type { Draft, ResourceRules } from '../rules.ts';
import {
  choice,
  date,
  flag,
  link,
  money,
  needed,
  readOnly,
  rows,
  text,
  whole,
  type Link,
  type Members,
  type Shape,
} from '../shape.ts';
import { taxOf } from '../totals.ts';
import { CARDS, DELIVERY } from './cards.ts';
import { taxAccount } from './documents.ts';
import { checkMoneyAccount } from './settlements.ts';

/** Money that is spent, received and moved without an invoice or bill (sheet 6.16, 6.18, 6.20). */

const account = () => link('GeneralLedger/Account');

const lineShape: Shape = {
  Account: needed(account()),
  Job: link('GeneralLedger/Job'),
  TaxCode: link('GeneralLedger/TaxCode'),
  Amount: needed(money()),
  Memo: text('memoLength'),
  UnitCount: whole(),
};

const shared: Shape = {
  Date: needed(date()),
  IsTaxInclusive: flag(true),
  TotalTax: readOnly(money()),
  Memo: text('memoLength'),
  Lines: needed(rows('RowID', lineShape)),
  Category: link('GeneralLedger/Category'),
};

export const spendMoney: ResourceRules = {
  name: 'Banking/SpendMoneyTxn',
  group: 'transaction',
  scope: 'sme-banking',
  fields: {
    PayFrom: choice(['Account', 'ElectronicPayments'], 'Account'),
    Account: account(),
    Contact: link(...CARDS),
    PayeeAddress: text(255),
    StatementParticulars: text(255),
    PaymentNumber: text('documentNumberLength'),
    AmountPaid: readOnly(money()),
    ...shared,
    ChequePrinted: flag(),
    DeliveryStatus: choice(DELIVERY, 'Print'),
  },
  verbs: { create: true, update: true, delete: true },
  pushed: false,
  dateMember: 'Date',
  numbered: { member: 'PaymentNumber', series: 'spend money' },
  linkMembers: ({ PaymentNumber }) => ({ Number: PaymentNumber }),
  check: (draft, problems) => check(draft, 'PayFrom', problems),
  settle: ({ members, hidden, file }) => (members.AmountPaid = total(members, hidden, file)),
  postings: ({ members, hidden }, file) =>
    moneyPostings(members, hidden, file, {
      account: members.PayFrom === 'ElectronicPayments' ? file.account('electronic') : uidOf(members.Account),
      tax: 'TaxPaidAccount',
      isSpent: true,
    }),
};

export const receiveMoney: ResourceRules = {
  name: 'Banking/ReceiveMoneyTxn',
  group: 'transaction',
  scope: 'sme-banking',
  fields: {
    DepositTo: choice(['Account', 'UndepositedFunds'], 'Account'),
    Account: account(),
    Contact: link(...CARDS),
    ReceiptNumber: text('documentNumberLength'),
    AmountReceived: readOnly(money()),
    PaymentMethod: text(30),
    ...shared,
  },
  verbs: { create: true, update: true, delete: true },
  pushed: false,
  dateMember: 'Date',
  numbered: { member: 'ReceiptNumber', series: 'receive money' },
  linkMembers: ({ ReceiptNumber }) => ({ Number: ReceiptNumber }),
  check: (draft, problems) => check(draft, 'DepositTo', problems),
  settle: ({ members, hidden, file }) => (members.AmountReceived = total(members, hidden, file)),
  postings: ({ members, hidden }, file) =>
    moneyPostings(members, hidden, file, {
      account: members.DepositTo === 'UndepositedFunds' ? file.account('undeposited') : uidOf(members.Account),
      tax: 'TaxCollectedAccount',
      isSpent: false,
    }),
};

export const transferMoney: ResourceRules = {
  name: 'Banking/TransferMoneyTxn',
  group: 'transaction',
  scope: 'sme-banking',
  fields: {
    FromAccount: needed(account()),
    ToAccount: needed(account()),
    TransferNumber: text('documentNumberLength'),
    Date: needed(date()),
    Amount: needed(money(0)),
    Memo: text('memoLength'),
    Category: link('GeneralLedger/Category'),
  },
  verbs: { create: true, update: true, delete: true },
  pushed: false,
  dateMember: 'Date',
  numbered: { member: 'TransferNumber', series: 'transfer' },
  linkMembers: ({ TransferNumber }) => ({ Number: TransferNumber }),
  check({ members, file }, problems) {
    if (uidOf(members.FromAccount) === uidOf(members.ToAccount)) {
      throw refusal('TransferBetweenSameAccount', 'ToAccount');
    }
    for (const name of ['FromAccount', 'ToAccount']) {
      const { Type, Classification } = file.linked(members[name]) ?? {};
      const isControl = Type === 'AccountReceivable' || Type === 'AccountsPayable';
      const isBalanceSheet = ['Asset', 'Liability', 'Equity'].includes(String(Classification));
      if (isControl || !isBalanceSheet) problems.add('IncorrectAccountType', name);
    }
  },
  postings({ members }) {
    const amount = decimal(members.Amount);
    return amount.isZero() ? [] : [credit(uidOf(members.FromAccount), amount), debit(uidOf(members.ToAccount), amount)];
  },
};

function check(draft: Draft, where: 'PayFrom' | 'DepositTo', problems: Problems): void {
  const { members, file } = draft;
  const lines = members.Lines as Line[];
  if (lines.length === 0) problems.add('Required', 'Lines');
  if (members[where] === 'Account') {
    if (members.Account === null) problems.add('Required', 'Account');
    checkMoneyAccount(draft, where === 'PayFrom' ? 'out' : 'in', problems);
  }
  for (const [index, line] of lines.entries()) {
    const type = file.linked(line.Account)?.Type;
    if (type === 'AccountReceivable' || type === 'AccountsPayable') {
      problems.add('IncorrectAccountType', `Lines[${index}].Account`);
    }
  }
}

/** Lines, and the tax on them where it is not inside. */
function total(members: Members, hidden: Hidden, file: CompanyFile): number {
  const isInclusive = members.IsTaxInclusive === true;
  const lines = members.Lines as Line[];
  const taxes = lines.map((line) => taxOf(decimal(line.Amount), line.TaxCode, isInclusive, file));
  hidden.taxes = taxes.map((tax) => tax.toString());
  members.TotalTax = sum(taxes).toNumber();
  return sum(lines.map((line) => decimal(line.Amount)))
    .plus(isInclusive ? zero : sum(taxes))
    .toNumber();
}

interface Movement {
  account: string;
  tax: 'TaxPaidAccount' | 'TaxCollectedAccount';
  isSpent: boolean;
}

function moneyPostings(
  members: Members,
  hidden: Hidden,
  file: CompanyFile,
  { account, tax, isSpent }: Movement,
): Posting[] {
  const isInclusive = members.IsTaxInclusive === true;
  const [out, into] = isSpent ? [credit, debit] : [debit, credit];
  const postings = [out(account, decimal(isSpent ? members.AmountPaid : members.AmountReceived))];
  for (const [index, line] of (members.Lines as Line[]).entries()) {
    const taxed: Decimal = decimal(hidden.taxes?.[index]);
    const amount = decimal(line.Amount);
    postings.push(into(uidOf(line.Account), isInclusive ? amount.minus(taxed) : amount));
    postings.push(into(taxAccount(line.TaxCode, tax, file), taxed));
  }
  return postings.filter(({ amount }) => !amount.isZero());
}

function uidOf(link: unknown): string {
  return (link as Link | null | undefined)?.UID ?? '';
}
