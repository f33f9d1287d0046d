import type { Address, Entity } from './entity.ts';
import type { Draft } from './rules.ts';
import { group, readOnly, text, type GroupField } from './shape.ts';

export const address: GroupField = group({
  Id: readOnly(text(50)),
  Line1: text(500),
  Line2: text(500),
  Line3: text(500),
  Line4: text(500),
  Line5: text(500),
  City: text(255),
  Country: text(255),
  CountryCode: text(255),
  CountrySubDivisionCode: text(255),
  PostalCode: text(30),
  Note: readOnly(text(500)),
  Lat: readOnly(text(50)),
  Long: readOnly(text(50)),
});

export const email = group({ Address: text(100) });
export const phone = group({ FreeFormNumber: text(30) });
export const webAddress = group({ URI: text(1000) });

const STRUCTURE = [
  'Line1',
  'Line2',
  'Line3',
  'Line4',
  'Line5',
  'City',
  'Country',
  'CountrySubDivisionCode',
  'PostalCode',
];

function same(a: Address | undefined, b: Address | undefined): boolean {
  return a !== undefined && b !== undefined && STRUCTURE.every((part) => a[part] === b[part]);
}

/** Numbers the address of a name; it is not geocoded. */
export function settleNameAddress(draft: Draft, field: string): void {
  const given = draft.object[field] as Address | undefined;
  if (!given) return;
  const before = draft.previous?.[field] as Address | undefined;
  const Id = before?.Id ?? draft.company.nextId('addresses');
  draft.object[field] = same(given, before) ? before : { Id, ...given, Lat: 'INVALID', Long: 'INVALID' };
}

/**
 * Addresses on transactions: the name's own address stays structured; one written for this transaction comes back as
 * plain lines beneath the customer's and company's name (sheet 3.0). Sending those lines back changes nothing.
 */
export function settleTransactionAddress(draft: Draft, field: string, party: Entity, partyField: string): void {
  const { object, previous, company } = draft;
  const given = object[field] as Address | undefined;
  const before = previous?.[field] as Address | undefined;
  const own = party[partyField] as Address | undefined;
  if (!given) {
    if (!previous && own) object[field] = own;
    return;
  }
  if (same(given, before)) object[field] = before;
  else if (same(given, own)) object[field] = own;
  else object[field] = { Id: company.nextId('addresses'), ...flattened(given, party) };
}

function flattened(given: Address, party: Entity): Address {
  const region = [given.City, given.CountrySubDivisionCode].filter(Boolean).join(', ');
  const street = [given.Line1, given.Line2, given.Line3, given.Line4, given.Line5].filter((line) => line !== undefined);
  const names = [party.DisplayName, party.CompanyName as string | undefined];
  if (street[0] === party.DisplayName) names.length = 0;
  const below = [[region, given.PostalCode].filter(Boolean).join('  '), given.Country].filter(Boolean).join(' ');
  const lines = [...names, ...street, below].filter((line): line is string => line !== undefined && line !== '');
  const kept = lines.length > 5 ? [...lines.slice(0, 4), lines.slice(4).join(', ')] : lines;
  return Object.fromEntries(kept.map((line, index) => [`Line${index + 1}`, line]));
}
