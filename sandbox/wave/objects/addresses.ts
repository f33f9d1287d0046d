import { province } from '../countries.ts';
import type { Problems } from '../problems.ts';
import type { Address } from '../records.ts';

export type AddressInput = Partial<Record<keyof Address, string | null>>;

const PARTS = ['addressLine1', 'addressLine2', 'city', 'provinceCode', 'countryCode', 'postalCode'] as const;

/** The address as it is kept; an object of nothing but nulls is refused (sheet 3.5). */
export function readAddress(input: AddressInput, problems: Problems, before?: Address | null): Address | undefined {
  if (PARTS.every((part) => (input[part] ?? null) === null)) {
    problems.add([], 'An address needs at least one part.');
    return undefined;
  }
  const parts = PARTS.map((part) => [part, input[part] === undefined ? (before?.[part] ?? null) : input[part]]);
  const address = Object.fromEntries(parts) as Address;
  const { provinceCode, countryCode } = address;
  if (provinceCode === null) return address;
  if (!province(provinceCode)) problems.add(['provinceCode'], `'${provinceCode}' is not a province.`);
  else if (countryCode !== null && !provinceCode.startsWith(`${countryCode}-`)) {
    problems.add(['provinceCode'], `'${provinceCode}' is not a province of ${countryCode}.`);
  }
  return { ...address, countryCode: countryCode ?? provinceCode.slice(0, 2) };
}
