import { Decimal, sum, zero } from '../../amounts.ts';
import { ANCHORS, normalSide, type Side } from '../account-types.ts';
import type { Business } from '../business.ts';
import type { Problems } from '../problems.ts';
import type { Account, Transaction, TransactionLine } from '../records.ts';
import { unknownReference } from '../references.ts';
import type { Write } from '../write.ts';

export interface TransactionInput {
  externalId: string;
  date: string;
  description: string;
  notes?: string | null;
  anchor: { accountId: string; amount: Decimal; direction: 'DEPOSIT' | 'WITHDRAWAL' };
  lineItems: TransactionLineInput[];
}

interface TransactionLineInput {
  accountId: string;
  amount: Decimal;
  balance: 'CREDIT' | 'DEBIT' | 'DECREASE' | 'INCREASE';
  customerId?: string | null;
  description?: string | null;
  taxes?: { salesTaxId: string; amount: Decimal }[] | null;
}

/** A checked transaction, or the one that has its externalId already. */
type Checked = { wanted: Omit<Transaction, keyof ReturnType<Business['newRow']>> } | { there: Transaction };

export function createTransaction({ business, input, problems }: Write<TransactionInput>): Transaction | undefined {
  if (refusedAsClassic(business, problems)) return undefined;
  const checked = check(business, input, problems, new Set());
  return checked && !problems.any ? post(business, checked) : undefined;
}

/** All or nothing, unless the switch says that the good ones go through. */
export function createTransactions({
  business,
  input,
  problems,
}: Write<{ transactions: TransactionInput[] }>): (Transaction | null)[] | undefined {
  if (refusedAsClassic(business, problems)) return undefined;
  if (input.transactions.length === 0) problems.required(['transactions']);
  const seen = new Set<string>();
  const checked = input.transactions.map((each, index) => {
    const own = problems.below(['transactions', index]);
    const before = problems.list.length;
    const result = check(business, each, own, seen);
    return problems.list.length === before ? result : undefined;
  });
  if (problems.any && business.switches.bulkCreate === 'whole') return undefined;
  return checked.map((each) => (each ? post(business, each) : null));
}

/** The legacy mutation: money in, its lines and fees, amounts as floats, taxes by abbreviation. */
export interface DepositTransactionInput {
  externalId: string;
  date: string;
  description: string;
  notes?: string | null;
  origin: 'MANUAL' | 'ZAPIER';
  deposit: { accountId: string; amount: number };
  lineItems: {
    accountId: string;
    amount: number;
    customerId?: string | null;
    taxes: { abbreviation: string; amount: number }[];
  }[];
  fees?: { accountId: string; amount: number }[] | null;
}

export function createDepositTransaction({ business, input, problems }: Write<DepositTransactionInput>) {
  if (refusedAsClassic(business, problems)) return undefined;
  const value = (amount: number) => new Decimal(String(amount));
  const lines = input.lineItems.map((line, index): TransactionLineInput => {
    const taxes = line.taxes.flatMap(({ abbreviation, amount }, place) => {
      const [tax] = business.salesTaxes.having('abbreviation', abbreviation);
      if (!tax)
        problems.add(['lineItems', index, 'taxes', place], `There is no sales tax '${abbreviation}'.`, 'NOT_FOUND');
      return tax ? { salesTaxId: tax.id, amount: value(amount) } : [];
    });
    return {
      accountId: line.accountId,
      amount: value(line.amount),
      balance: 'CREDIT',
      customerId: line.customerId,
      taxes,
    };
  });
  const fees = (input.fees ?? []).map((fee): TransactionLineInput => ({
    accountId: fee.accountId,
    amount: value(fee.amount),
    balance: 'DEBIT',
  }));
  const checked = check(
    business,
    {
      ...input,
      anchor: { accountId: input.deposit.accountId, amount: value(input.deposit.amount), direction: 'DEPOSIT' },
      lineItems: [...lines, ...fees],
    },
    problems,
    new Set(),
    input.origin,
  );
  return checked && !problems.any ? post(business, checked) : undefined;
}

function post(business: Business, checked: Checked): Transaction {
  if ('there' in checked) return checked.there;
  const transaction = { ...business.newRow('Transaction'), ...checked.wanted };
  business.putTransaction(transaction);
  return transaction;
}

/** The rules of sheet 3.5, in the order in which the vendor was seen to apply them. */
function check(
  business: Business,
  input: TransactionInput,
  problems: Problems,
  seen: Set<string>,
  origin: Transaction['origin'] = 'API',
): Checked | undefined {
  const [there] = business.transactions.having('externalId', input.externalId);
  const isRepeat = there !== undefined || seen.has(input.externalId);
  if (isRepeat && (business.switches.duplicateExternalId === 'refuse' || !there)) {
    problems.add(['externalId'], `A transaction with the externalId '${input.externalId}' already exists.`, 'UNIQUE');
    return undefined;
  }
  if (there) return { there };
  seen.add(input.externalId);
  const before = problems.list.length;
  if (input.externalId.trim() === '') problems.required(['externalId']);
  const anchorProblems = problems.below(['anchor']);
  const anchorAccount = accountOf(business, input.anchor.accountId, anchorProblems);
  if (anchorAccount && !isAnchor(business, anchorAccount)) {
    anchorProblems.add(['accountId'], 'The account cannot be the anchor of a transaction.');
  }
  checkAmount(input.anchor.amount, anchorProblems);
  const lines = input.lineItems.flatMap(
    (line, index) => readLine(business, line, problems.below(['lineItems', index])) ?? [],
  );
  if (input.lineItems.length === 0) problems.required(['lineItems']);
  const hasOtherAnchor = lines.some(({ accountId }) => {
    const account = business.accounts.get(accountId);
    return account !== undefined && isAnchor(business, account);
  });
  if (hasOtherAnchor) problems.add(null, 'This value is invalid. MULTIPLE_POSSIBLE_ANCHORS', 'UNKNOWN');
  // Others of the same bulk may be wrong; that is no business of this one.
  if (problems.list.length > before) return undefined;
  checkBalance(business, input, lines, problems);
  const { externalId, date, description, notes, anchor } = input;
  return {
    wanted: {
      externalId,
      date,
      description,
      notes: notes ?? null,
      origin,
      anchor: { ...anchor, amount: anchor.amount.toFixed(2) },
      lineItems: lines,
    },
  };
}

function readLine(business: Business, line: TransactionLineInput, problems: Problems): TransactionLine | undefined {
  const account = accountOf(business, line.accountId, problems);
  checkAmount(line.amount, problems);
  if (line.customerId && !business.customers.get(line.customerId)) {
    unknownReference(business, problems, ['customerId'], 'Customer', line.customerId);
  }
  const taxes = (line.taxes ?? []).map(({ salesTaxId, amount }, index) => {
    if (!business.salesTaxes.get(salesTaxId)) {
      unknownReference(business, problems, ['taxes', index, 'salesTaxId'], 'SalesTax', salesTaxId);
    }
    checkAmount(amount, problems.below(['taxes', index]));
    return { salesTaxId, amount: amount.toFixed(2) };
  });
  if (!account) return undefined;
  return {
    accountId: account.id,
    amount: line.amount.toFixed(2),
    side: sideOf(account, line.balance),
    customerId: line.customerId ?? null,
    description: line.description ?? null,
    taxes,
  };
}

/** DEBIT and CREDIT say it; INCREASE and DECREASE depend on what the account is. */
function sideOf(account: Account, balance: TransactionLineInput['balance']): Side {
  if (balance === 'DEBIT' || balance === 'CREDIT') return balance;
  const normal = normalSide(account.subtype);
  if (balance === 'INCREASE') return normal;
  return normal === 'DEBIT' ? 'CREDIT' : 'DEBIT';
}

/** The anchor is implicit on its own side; the lines have to make up for it exactly, and not all from that same side. */
function checkBalance(
  business: Business,
  { anchor }: TransactionInput,
  lines: readonly TransactionLine[],
  problems: Problems,
): void {
  const anchorSide: Side = anchor.direction === 'DEPOSIT' ? 'DEBIT' : 'CREDIT';
  if (lines.every((line) => line.side === anchorSide)) {
    problems.add(['lineItems'], 'Transaction must have at least one debit and credit line item.');
    return;
  }
  const isInside = business.switches.transactionTaxes === 'inside';
  const signed = lines.map((line) => {
    const taxes = isInside ? zero : sum(line.taxes.map((tax) => new Decimal(tax.amount)));
    return new Decimal(line.amount).plus(taxes).times(line.side === anchorSide ? -1 : 1);
  });
  if (!sum(signed).eq(anchor.amount)) {
    problems.add(
      ['lineItems'],
      `The line items make ${sum(signed).toFixed(2)}, the anchor ${anchor.amount.toFixed(2)}.`,
    );
  }
}

function checkAmount(amount: Decimal, problems: Problems): void {
  if (!amount.gt(zero)) problems.add(['amount'], 'The amount has to be positive.');
  if (amount.decimalPlaces() > 2) problems.add(['amount'], 'Ensure that there are no more than 2 decimal places.');
}

function accountOf(business: Business, id: string, problems: Problems): Account | undefined {
  const account = business.accounts.get(id);
  if (!account) unknownReference(business, problems, ['accountId'], 'Account', id);
  else if (account.isArchived) problems.add(['accountId'], 'The account is archived.');
  return account;
}

function isAnchor(business: Business, { subtype }: Account): boolean {
  if (subtype === 'DUE_TO_YOU_AND_OTHER_OWNERS') return business.switches.ownersAccountAnchors;
  return ANCHORS.includes(subtype);
}

function refusedAsClassic(business: Business, problems: Problems): boolean {
  if (business.settings.isClassicAccounting) problems.add(['businessId'], 'This business uses classic accounting.');
  return business.settings.isClassicAccounting;
}
