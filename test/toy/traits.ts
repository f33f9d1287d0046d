/**
 * What makes the toy awkward, each trait by itself. All of them occur at real accounting products, and the engine and
 * the contract have to cope with every one.
 */
export interface ToyTraits {
  /** Invoices and bills are one resource, and what tells of a change does not say which of the two it is. */
  readonly indistinct: boolean;
  /** One consent reaches all companies of the person who gives it. */
  readonly severalCompanies: boolean;
  /** Expenses can be entered and never be read back. */
  readonly writeOnly: boolean;
  /** Payments never change: another one takes the place of the old. */
  readonly replaces: boolean;
  /** Payment terms are nothing of their own: they follow from the days that contacts have. */
  readonly derivesTerms: boolean;
  /** Nobody tells of changes; they are asked for. */
  readonly pollOnly: boolean;
  /** A credit is made by one call and applied to invoices by another one. */
  readonly severalCalls: boolean;
  /** New tokens come along with ordinary answers, and nothing announces it. */
  readonly rotatesTokens: boolean;
  /** There is no idempotency key: a lost create is found by its mark only. */
  readonly keyless: boolean;
  /** A write to an old version is taken like any other. */
  readonly unguarded: boolean;
}

export const TRAITS = [
  'indistinct',
  'severalCompanies',
  'writeOnly',
  'replaces',
  'derivesTerms',
  'pollOnly',
  'severalCalls',
  'rotatesTokens',
  'keyless',
  'unguarded',
] as const satisfies readonly (keyof ToyTraits)[];

const every = (value: boolean): ToyTraits =>
  Object.fromEntries(TRAITS.map((trait) => [trait, value])) as unknown as ToyTraits;

export const AWKWARD = every(true);
export const PLAIN = every(false);
