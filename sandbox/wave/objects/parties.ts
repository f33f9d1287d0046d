import type { Business } from '../business.ts';
import type { Problems } from '../problems.ts';
import type { Address, Party, ShippingDetails } from '../records.ts';
import { given, isFilled, type Write, type WriteTo } from '../write.ts';
import { readAddress, type AddressInput } from './addresses.ts';

const TEXTS = [
  'firstName',
  'lastName',
  'displayId',
  'email',
  'mobile',
  'phone',
  'fax',
  'tollFree',
  'website',
  'internalNotes',
] as const;

interface ShippingInput {
  name?: string | null;
  address?: AddressInput | null;
  phone?: string | null;
  instructions?: string | null;
}

export type PartyInput = Partial<Record<(typeof TEXTS)[number] | 'currency', string | null>> & {
  name?: string | null;
  address?: AddressInput | null;
  shippingDetails?: ShippingInput | null;
};

export function createCustomer({ business, input, problems }: Write<PartyInput>): Party | undefined {
  if (isFilled(problems, 'name', input.name)) refuseTakenName(business, problems, input.name ?? '');
  const party = newParty(business, input, problems);
  if (problems.any) return undefined;
  return store(business, 'customers', { ...business.newRow('Customer'), ...party });
}

/** Vendors come from the product's own pages; the API has no mutation for them. */
export function createVendor({ business, input, problems }: Write<PartyInput>): Party | undefined {
  isFilled(problems, 'name', input.name);
  const party = newParty(business, input, problems);
  if (problems.any) return undefined;
  return store(business, 'vendors', { ...business.newRow('Vendor'), ...party });
}

export function patchCustomer(write: WriteTo<Party, PartyInput>): Party | undefined {
  const { business, target, input, problems } = write;
  const changed = patched(write);
  if (problems.any || !changed) return undefined;
  if (typeof input.name === 'string' && input.name !== target.name) refuseTakenName(business, problems, input.name);
  return problems.any ? undefined : store(business, 'customers', changed);
}

/** As a person does it in the product. */
export function patchVendor(write: WriteTo<Party, PartyInput & { isArchived?: boolean }>): Party | undefined {
  const changed = patched(write);
  if (write.problems.any || !changed) return undefined;
  const isArchived = write.input.isArchived ?? write.target.isArchived;
  return store(write.business, 'vendors', { ...changed, isArchived });
}

/** A customer with sales forms stays, archived, because the forms are of somebody. */
export function deleteCustomer({ business, target, problems }: WriteTo<Party, object>): Party | undefined {
  const isUsed =
    business.invoices.having('customer', target.id).length > 0 ||
    business.estimates.having('customer', target.id).length > 0;
  if (isUsed && business.switches.customerWithInvoices === 'refuse') {
    problems.add(['id'], 'A customer with invoices or estimates cannot be deleted.');
    return undefined;
  }
  if (isUsed) return store(business, 'customers', { ...target, isArchived: true, modifiedAt: business.now() });
  business.remove(business.customers, target.id);
  return target;
}

function newParty(business: Business, input: PartyInput, problems: Problems) {
  const texts = Object.fromEntries(TEXTS.map((name) => [name, input[name] ?? null]));
  return {
    ...(texts as Record<(typeof TEXTS)[number], string | null>),
    name: input.name ?? '',
    currency: input.currency ?? business.settings.currency,
    address: input.address ? (readAddress(input.address, problems.below(['address'])) ?? null) : null,
    shippingDetails: input.shippingDetails ? readShipping(input.shippingDetails, problems) : null,
    isArchived: false,
  };
}

function patched({ business, target, input, problems }: WriteTo<Party, PartyInput>): Party | undefined {
  if (input.name !== undefined) isFilled(problems, 'name', input.name);
  const isMerged = business.switches.addressPatch === 'merge';
  const change = given(input, [...TEXTS, 'name']) as Partial<Party>;
  if (input.currency) change.currency = input.currency;
  if (input.address !== undefined) change.address = replaced(input.address, problems, isMerged ? target.address : null);
  if (input.shippingDetails !== undefined) {
    const before = isMerged ? target.shippingDetails : null;
    change.shippingDetails = input.shippingDetails ? readShipping(input.shippingDetails, problems, before) : null;
  }
  return problems.any ? undefined : { ...target, ...change, modifiedAt: business.now() };
}

function replaced(input: AddressInput | null, problems: Problems, before: Address | null): Address | null {
  return input === null ? null : (readAddress(input, problems.below(['address']), before) ?? null);
}

function readShipping(input: ShippingInput, problems: Problems, before?: ShippingDetails | null): ShippingDetails {
  const inner = problems.below(['shippingDetails']);
  const address = input.address === undefined ? (before?.address ?? null) : replaced(input.address, inner, null);
  const text = (name: 'name' | 'phone' | 'instructions') =>
    input[name] === undefined ? (before?.[name] ?? null) : input[name];
  return { name: text('name'), phone: text('phone'), instructions: text('instructions'), address };
}

function refuseTakenName(business: Business, problems: Problems, name: string): void {
  if (business.switches.customerNamesUnique && business.customers.having('name', name).length > 0) {
    problems.add(['name'], `A customer named '${name}' already exists.`, 'UNIQUE');
  }
}

function store(business: Business, list: 'customers' | 'vendors', party: Party): Party {
  business[list].put(party);
  business.surroundings.changed();
  return party;
}
