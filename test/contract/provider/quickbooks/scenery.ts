import type { Body, IntuitApi, IntuitRecord } from './intuit-api.js';

/** Records that made-up contents can refer to, by the vendor's ids. */
export interface Scenery {
  readonly accounts: readonly IntuitRecord[];
  /** With the currency of each. */
  readonly customers: readonly Party[];
  readonly vendors: readonly Party[];
  readonly items: readonly string[];
  readonly classes: readonly string[];
  readonly departments: readonly string[];
  readonly terms: readonly string[];
  /** Codes that lines may name. */
  readonly taxCodes: readonly string[];
  readonly taxAgency: string;
  readonly homeCurrency: string;
}

export interface Party {
  readonly id: string;
  readonly currency: string;
}

/** What a company needs before anything can be entered. */
export const prepare = async (api: IntuitApi): Promise<Scenery> => {
  const start = await api.dump();
  const preferences = start.Preferences![0] as unknown as Preferences;
  const homeCurrency = preferences.CurrencyPrefs.HomeCurrency.value;
  const currencies = preferences.CurrencyPrefs.MultiCurrencyEnabled ? [homeCurrency, 'EUR', 'USD'] : [homeCurrency];
  const accounts = start.Account!;
  const accountOf = (type: string, subtype?: string) =>
    ref(accounts.find((one) => one.AccountType === type && (subtype === undefined || one.AccountSubType === subtype))!);
  const make = async (entity: string, bodies: readonly Body[]): Promise<string[]> => {
    const ids: string[] = [];
    for (const body of bodies) ids.push((await api.save(entity, body)).Id);
    return ids;
  };
  const parties = async (entity: string): Promise<Party[]> => {
    const wanted = [...currencies, homeCurrency];
    const ids = await make(
      entity,
      wanted.map((currency, at) => ({
        DisplayName: `${entity} ${at + 1} of the trial`,
        ...(currency !== homeCurrency && { CurrencyRef: { value: currency } }),
        ...(at === 0 && {
          BillAddr: { Line1: '4 Mill Rd', City: 'Salem', CountrySubDivisionCode: 'OR', PostalCode: '97301' },
        }),
      })),
    );
    return ids.map((id, at) => ({ id, currency: wanted[at]! }));
  };
  const customers = await parties('Customer');
  const vendors = await parties('Vendor');
  const items = await make('Item', [
    {
      Name: 'Design of the trial',
      Type: 'Service',
      IncomeAccountRef: accountOf('Income'),
      ExpenseAccountRef: accountOf('Expense'),
    },
    {
      Name: 'Gravel of the trial',
      Type: 'NonInventory',
      IncomeAccountRef: accountOf('Income'),
      ExpenseAccountRef: accountOf('Cost of Goods Sold'),
    },
  ]);
  return {
    accounts,
    customers,
    vendors,
    items,
    classes: await make('Class', [{ Name: 'North of the trial' }, { Name: 'South of the trial' }]),
    departments: await make('Department', [{ Name: 'Shop of the trial' }, { Name: 'Office of the trial' }]),
    terms: start.Term!.map(({ Id }) => Id),
    taxCodes: start.TaxCode!.filter(({ Name }) => !/RC|Out of state/.test(String(Name))).map(({ Id }) => Id),
    taxAgency: String(start.TaxAgency![0]!.DisplayName),
    homeCurrency,
  };
};

interface Preferences {
  readonly CurrencyPrefs: { readonly HomeCurrency: { readonly value: string }; readonly MultiCurrencyEnabled: boolean };
}

const ref = ({ Id }: IntuitRecord): Body => ({ value: Id });

export const accountsOf = ({ accounts }: Pick<Scenery, 'accounts'>, ...types: string[]): string[] =>
  accounts.filter(({ AccountType }) => types.includes(String(AccountType))).map(({ Id }) => Id);
