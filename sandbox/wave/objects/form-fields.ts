import type { Appearance } from '../records.ts';

/** The fields of a form that are only carried. */

const TEXTS = [
  'title',
  'subhead',
  'poNumber',
  'memo',
  'footer',
  'itemTitle',
  'unitTitle',
  'priceTitle',
  'amountTitle',
] as const;

const FLAGS = [
  'hideName',
  'hideDescription',
  'hideUnit',
  'hidePrice',
  'hideAmount',
  'disableAmexPayments',
  'disableCreditCardPayments',
  'disableBankPayments',
  'requireTermsOfServiceAgreement',
] as const;

export type AppearanceInput = Partial<
  Record<(typeof TEXTS)[number], string | null> & Record<(typeof FLAGS)[number], boolean | null>
>;

/** What a form carries after an input; on a patch null clears a text, and what is not mentioned stays. */
export function appearance(input: AppearanceInput, before: Appearance | undefined, title: string): Appearance {
  const defaults: Partial<Record<string, string>> = {
    title,
    itemTitle: 'Items',
    unitTitle: 'Quantity',
    priceTitle: 'Price',
    amountTitle: 'Amount',
  };
  const texts = TEXTS.map((name) => [name, input[name] === undefined ? (before?.[name] ?? null) : input[name]]);
  const flags = FLAGS.map((name) => [name, input[name] ?? before?.[name] ?? false]);
  const carried = Object.fromEntries([...texts, ...flags]) as Record<string, unknown>;
  if (!before) {
    for (const [name, value] of Object.entries(defaults)) carried[name] ??= value;
  }
  return carried as unknown as Appearance;
}

/** A copy of what a form carries. */
export function appearanceOf(form: Appearance): Appearance {
  return Object.fromEntries([...TEXTS, ...FLAGS].map((name) => [name, form[name]])) as unknown as Appearance;
}
