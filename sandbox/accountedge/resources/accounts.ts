import { decimal, type Decimal } from '../../amounts.ts';
import type { CompanyFile } from '../company-file.ts';
import { credit, debit } from '../ledger.ts';
import { refusal } from '../problem.ts';
import type { Draft, ResourceRules } from '../rules.ts';
import { choice, flag, group, link, money, needed, readOnly, text, whole } from '../shape.ts';

/** Type, with the class it belongs to and the first digit of its account numbers (sheet 1, 6.1). */
export const ACCOUNT_TYPES = {
  Bank: ['Asset', 1],
  AccountReceivable: ['Asset', 1],
  OtherCurrentAsset: ['Asset', 1],
  FixedAsset: ['Asset', 1],
  OtherAsset: ['Asset', 1],
  CreditCard: ['Liability', 2],
  AccountsPayable: ['Liability', 2],
  OtherCurrentLiability: ['Liability', 2],
  LongTermLiability: ['Liability', 2],
  OtherLiability: ['Liability', 2],
  Equity: ['Equity', 3],
  Income: ['Income', 4],
  CostOfSales: ['CostOfSales', 5],
  Expense: ['Expense', 6],
  OtherIncome: ['OtherIncome', 8],
  OtherExpense: ['OtherExpense', 9],
} as const satisfies Record<string, readonly [classification: string, digit: number]>;
export type AccountType = keyof typeof ACCOUNT_TYPES;

const DEBIT_CLASSES: readonly string[] = ['Asset', 'CostOfSales', 'Expense', 'OtherExpense'];
const DEEPEST_LEVEL = 4;

/** A balance with the sign a person expects: positive is usual. */
function naturally(classification: unknown, balance: Decimal): number {
  return (DEBIT_CLASSES.includes(String(classification)) ? balance : balance.negated()).toDecimalPlaces(2).toNumber();
}

export const account: ResourceRules = {
  name: 'GeneralLedger/Account',
  group: 'list',
  scope: 'sme-general-ledger',
  fields: {
    Name: needed(text(30)),
    DisplayID: readOnly(text(6)),
    Classification: readOnly(text()),
    Type: needed(choice(Object.keys(ACCOUNT_TYPES))),
    Number: needed(text(4)),
    Description: text(),
    ParentAccount: readOnly(link('GeneralLedger/Account')),
    IsActive: flag(true),
    TaxCode: link('GeneralLedger/TaxCode'),
    Level: readOnly(whole()),
    OpeningBalance: money(),
    CurrentBalance: readOnly(money()),
    IsHeader: flag(),
    BankingDetails: group({
      BSBNumber: text(20),
      BankAccountNumber: text(30),
      BankAccountName: text(50),
      CompanyTradingName: text(50),
      BankCode: text(10),
    }),
    ForeignCurrency: link('GeneralLedger/Currency'),
  },
  verbs: { create: true, update: true, delete: true },
  pushed: false,
  linkMembers: ({ Name, DisplayID }) => ({ Name, DisplayID }),
  unique: ({ DisplayID }) => [{ scope: 'account', key: String(DisplayID), path: 'DisplayID' }],
  moving: ({ uid, members }, file) => ({
    CurrentBalance: naturally(members.Classification, file.ledger.account(uid)),
  }),
  check({ members, file }, problems) {
    if (members.IsHeader !== true && members.TaxCode === null && file.collection('GeneralLedger/TaxCode').size > 0) {
      problems.add('Required', 'TaxCode');
    }
    if (!/^\d{4}$/.test(String(members.Number))) problems.add('SerializationError', 'Number');
  },
  prepare(draft) {
    const { members } = draft;
    const [classification, digit] = ACCOUNT_TYPES[members.Type as AccountType];
    members.Classification = classification;
    members.DisplayID = `${digit}-${String(members.Number)}`;
    members.OpeningBalance ??= 0;
    placeInTree(draft);
  },
  settle(draft) {
    const { file, previous, uid, members } = draft;
    const changesUse =
      previous && (previous.members.Type !== members.Type || members.IsHeader !== previous.members.IsHeader);
    const isBusy = previous?.hidden.role !== undefined || file.isUsed(uid);
    if (changesUse && isBusy)
      throw refusal('RecordInUse', members.Type === previous.members.Type ? 'IsHeader' : 'Type');
  },
  release({ file, uid, hidden }) {
    if (hidden.role !== undefined || file.isUsed(uid)) throw refusal('RecordInUse', 'UID');
  },
  postings({ uid, members, hidden }, file) {
    const opening = decimal(members.OpeningBalance);
    if (opening.isZero() || hidden.role === 'historical') return [];
    const amount = DEBIT_CLASSES.includes(String(members.Classification)) ? opening : opening.negated();
    return [debit(uid, amount), credit(file.account('historical'), amount)];
  },
};

/** Below the nearest header account of its class with a lower number (sheet 6.1: the parent is read-only). */
function placeInTree({ file, members, uid }: Draft): void {
  const headers = [...file.collection('GeneralLedger/Account').all()]
    .filter(
      (each) =>
        each.uid !== uid &&
        each.members.IsHeader === true &&
        each.members.Classification === members.Classification &&
        Number(each.members.Level) < DEEPEST_LEVEL &&
        String(each.members.Number) < String(members.Number),
    )
    .sort((a, b) => (String(a.members.Number) < String(b.members.Number) ? 1 : -1));
  const parent = headers[0];
  members.ParentAccount = parent ? { UID: parent.uid } : null;
  members.Level = parent ? Number(parent.members.Level) + 1 : 1;
}

export function typeOf(file: CompanyFile, link: unknown): AccountType | undefined {
  return file.linked(link)?.Type as AccountType | undefined;
}
