import { type Subtype, subtypeFacts } from '../account-types.ts';
import type { Business } from '../business.ts';
import type { Problems } from '../problems.ts';
import type { Account } from '../records.ts';
import { given, isFilled, type Write, type WriteTo } from '../write.ts';

export interface AccountCreateInput {
  subtype: Subtype;
  name: string;
  currency?: string | null;
  description?: string | null;
  displayId?: string | null;
  restrictions?: { canArchive?: boolean | null } | null;
}

export function createAccount({ business, input, problems }: Write<AccountCreateInput>): Account | undefined {
  if (isFilled(problems, 'name', input.name)) refuseTakenName(business, problems, input.name);
  if (subtypeFacts(input.subtype).system === true) {
    problems.add(['subtype'], 'Accounts of this subtype are made by Wave.');
  }
  if (problems.any) return undefined;
  return addAccount(business, input);
}

/** Adds an account without a look at what a client may; how a business gets its chart. */
export function addAccount(business: Business, input: AccountCreateInput): Account {
  const account: Account = {
    ...business.newRow('Account'),
    name: input.name,
    description: input.description ?? null,
    displayId: input.displayId ?? null,
    currency: input.currency ?? business.settings.currency,
    subtype: input.subtype,
    isArchived: false,
    sequence: 1,
    canArchive: subtypeFacts(input.subtype).system !== true && input.restrictions?.canArchive !== false,
  };
  return store(business, account);
}

export interface AccountPatchInput {
  sequence: number;
  name?: string | null;
  description?: string | null;
  displayId?: string | null;
}

/** A compare-and-set on `sequence`. */
export function patchAccount({ business, target, input, problems }: WriteTo<Account, AccountPatchInput>) {
  if (input.sequence !== target.sequence) {
    const words = `The account was changed meanwhile: sequence is ${target.sequence}, not ${input.sequence}.`;
    problems.add(['sequence'], words, 'CONFLICT');
  }
  if (input.name !== undefined && isFilled(problems, 'name', input.name) && input.name !== target.name) {
    refuseTakenName(business, problems, input.name ?? '');
  }
  if (problems.any) return undefined;
  const change = given(input, ['name', 'description', 'displayId']) as Partial<Account>;
  return store(business, { ...target, ...change, sequence: target.sequence + 1, modifiedAt: business.now() });
}

export function archiveAccount({ business, target, problems }: WriteTo<Account, object>): Account | undefined {
  const hasBalance = !business.ledger.balance(target.id).own.isZero();
  if (!target.canArchive) problems.add(['id'], 'This account cannot be archived.');
  else if (hasBalance && business.switches.archiveWithBalance === 'refuse') {
    problems.add(['id'], 'An account with a balance cannot be archived.');
  }
  if (problems.any) return undefined;
  if (target.isArchived) return target;
  return store(business, { ...target, isArchived: true, sequence: target.sequence + 1, modifiedAt: business.now() });
}

function refuseTakenName(business: Business, problems: Problems, name: string): void {
  if (!business.switches.accountNamesUnique) return;
  const isTaken = [...business.accounts.all()].some((account) => account.name.toLowerCase() === name.toLowerCase());
  if (isTaken) problems.add(['name'], `An account named '${name}' already exists.`, 'UNIQUE');
}

function store(business: Business, account: Account): Account {
  business.accounts.put(account);
  business.surroundings.changed();
  return account;
}
