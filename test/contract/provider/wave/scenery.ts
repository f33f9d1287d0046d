import type { WaveApi, WaveRow } from './wave-api.js';

/** Records that made-up contents can refer to, by the vendor's ids. */
export interface Scenery {
  readonly accounts: readonly WaveRow[];
  /** With the currency of each. */
  readonly customers: readonly Customer[];
  readonly products: readonly string[];
  readonly taxes: readonly string[];
  readonly homeCurrency: string;
}

export interface Customer {
  readonly id: string;
  readonly currency: string;
}

/** What a business needs before anything can be entered; `foreign` is another currency that it works in. */
export const prepare = async (api: WaveApi, foreign: string | undefined): Promise<Scenery> => {
  const { settings, entities } = await api.dump();
  const accounts = entities.Account ?? [];
  const homeCurrency = String(settings.currency);
  const scenery = { accounts };
  const currencies = [homeCurrency, ...(foreign === undefined ? [] : [foreign]), homeCurrency];
  const customers: Customer[] = [];
  for (const [at, currency] of currencies.entries()) {
    const name = `Customer ${at + 1} of the trial`;
    const input = { businessId: api.business, name, currency };
    customers.push({ id: await api.mutate('customerCreate', input, 'customer'), currency });
  }
  const taxes: string[] = [];
  for (const [at, rate] of ['0.0725', '0.05'].entries()) {
    const input = { businessId: api.business, name: `Tax ${at + 1} of the trial`, abbreviation: `TRIAL${at}`, rate };
    taxes.push(await api.mutate('salesTaxCreate', input, 'salesTax'));
  }
  const products: string[] = [];
  for (const [at, defaultSalesTaxIds] of [[], [taxes[0]!]].entries()) {
    const input = {
      businessId: api.business,
      name: `Product ${at + 1} of the trial`,
      description: 'As it is called on its own',
      unitPrice: '50',
      incomeAccountId: accountsOf(scenery, 'INCOME')[0],
      defaultSalesTaxIds,
    };
    products.push(await api.mutate('productCreate', input, 'product'));
  }
  return { accounts, customers, products, taxes, homeCurrency };
};

export const accountsOf = ({ accounts }: Pick<Scenery, 'accounts'>, ...subtypes: string[]): string[] =>
  accounts.filter(({ subtype }) => subtypes.includes(String(subtype))).map(({ id }) => id);
