/**
 * What of a company's settings decides about what may be sent to it (sheet 3.7, 9.2 point 15). Kept as texts in the
 * `features` of the company record, so that the tables and the drafting of calls stay pure.
 */
export interface CompanyFeatures {
  /** As the company says it, such as `US`. */
  readonly country: string;
  readonly baseCurrency: string | undefined;
  readonly multicurrency: boolean;
  /** Where a transaction carries its class. */
  readonly classes: 'none' | 'line' | 'transaction';
  readonly departments: boolean;
  /**
   * Who says what is taxed: `manual` a code on the document and TAX or NON on its lines (US), `automated` the vendor
   * (US, AST), `global` a code on each line (elsewhere), `none` nobody.
   */
  readonly salesTax: 'none' | 'manual' | 'automated' | 'global';
  readonly discounts: boolean;
  readonly serviceDates: boolean;
  readonly accountNumbers: boolean;
  /** Transactions dated on or before this day can no longer be changed. */
  readonly closedUntil: string | undefined;
  /** Definition ids of the custom fields by name, on sales forms and on purchase orders. */
  readonly salesFields: ReadonlyMap<string, string>;
  readonly orderFields: ReadonlyMap<string, string>;
  /** Ids of the tax agencies by name. */
  readonly taxAgencies: ReadonlyMap<string, string>;
}

const TAX_MODELS = ['none', 'manual', 'automated', 'global'] as const;
const CLASS_PLACES = ['none', 'line', 'transaction'] as const;

/** Reads a company's features; whatever is not known counts as switched off, so nothing is sent that might be refused. */
export const companyFeatures = (
  features: Readonly<Record<string, string>>,
  baseCurrency: string | undefined,
): CompanyFeatures => ({
  country: features.country ?? '',
  baseCurrency: baseCurrency ?? features.homeCurrency,
  multicurrency: features.multicurrency === 'true',
  classes: CLASS_PLACES.find((place) => place === features.classTracking) ?? 'none',
  departments: features.departmentTracking === 'true',
  salesTax: TAX_MODELS.find((model) => model === features.salesTax) ?? 'none',
  discounts: features.discounts === 'true',
  serviceDates: features.serviceDates === 'true',
  accountNumbers: features.accountNumbers === 'true',
  closedUntil: features.booksClosedUntil,
  salesFields: names(features.salesFormFields),
  orderFields: names(features.purchaseOrderFields),
  taxAgencies: names(features.taxAgencies),
});

/** Ids by name as one text. */
export const namesText = (ids: ReadonlyMap<string, string>): string => JSON.stringify(Object.fromEntries(ids));

const names = (text: string | undefined): ReadonlyMap<string, string> => {
  if (text === undefined) return new Map();
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return new Map();
  }
};
