import {
  at,
  computed,
  date,
  derived,
  inside,
  text,
  uncarried,
  wireAt,
  wireObjects,
  type Wire,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import type { Content } from '../../../../domain/contract/index.js';
import { namesText, type CompanyFeatures } from '../quickbooks.features.js';
import { address, mapping } from './words.js';

/**
 * The company (sheet 3.7): what it is called stands in CompanyInfo, what it can do in Preferences, and the agencies it
 * pays taxes to in a list of their own. The three are read as one record:
 *
 *     { CompanyInfo: {…}, Preferences: {…}, TaxAgencies: […] }
 */
export interface CompanyRecord extends WireObject {
  CompanyInfo: WireObject;
  Preferences: WireObject;
  TaxAgencies: WireObject[];
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const NO_CUSTOM_FIELDS = uncarried('QuickBooks has no custom fields on the company.');

export const company = mapping('company', {
  name: computed(at('CompanyInfo.CompanyName', text())),
  legalName: computed(at('CompanyInfo.LegalName', text())),
  country: computed(at('CompanyInfo.Country', text())),
  baseCurrency: computed(at('Preferences.CurrencyPrefs.HomeCurrency', inside('value', text()))),
  fiscalYearStartMonth: derived(
    (record) => MONTHS.indexOf(String(wireAt(record, 'CompanyInfo.FiscalYearStartMonth'))) + 1 || undefined,
  ),
  taxNumber: uncarried('QuickBooks does not show the tax number of a company.'),
  address: computed(at('CompanyInfo.CompanyAddr', address())),
  email: computed(at('CompanyInfo.Email', inside('Address', text()))),
  phone: computed(at('CompanyInfo.PrimaryPhone', inside('FreeFormNumber', text()))),
  lockDate: computed(at('Preferences.AccountingInfoPrefs.BookCloseDate', date())),
  features: derived<Content, CompanyFeatures>((record) => featuresOf(record)),
  custom: NO_CUSTOM_FIELDS,
});

/** The settings that decide about what may be sent, as texts; {@link companyFeatures} reads them. */
const featuresOf = (record: WireObject): Record<string, string> => {
  const preference = (path: string): Wire | undefined => wireAt(record, `Preferences.${path}`);
  const said = (path: string): string => String(preference(path) === true);
  const texts = {
    country: wireAt(record, 'CompanyInfo.Country'),
    homeCurrency: preference('CurrencyPrefs.HomeCurrency.value'),
    booksClosedUntil: preference('AccountingInfoPrefs.BookCloseDate'),
    plan: wireObjects(wireAt(record, 'CompanyInfo.NameValue')).find(({ Name }) => Name === 'OfferingSku')?.Value,
  };
  const lists = {
    salesFormFields: definitions(preference('SalesFormsPrefs.CustomField')),
    purchaseOrderFields: definitions(preference('VendorAndPurchasesPrefs.POCustomField')),
    taxAgencies: new Map(
      wireObjects(record.TaxAgencies).flatMap(({ DisplayName, Id }) =>
        typeof DisplayName === 'string' && typeof Id === 'string' ? [[DisplayName, Id] as const] : [],
      ),
    ),
  };
  return {
    ...Object.fromEntries(
      Object.entries(texts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
    multicurrency: said('CurrencyPrefs.MultiCurrencyEnabled'),
    classTracking:
      preference('AccountingInfoPrefs.ClassTrackingPerTxnLine') === true
        ? 'line'
        : preference('AccountingInfoPrefs.ClassTrackingPerTxn') === true
          ? 'transaction'
          : 'none',
    departmentTracking: said('AccountingInfoPrefs.TrackDepartments'),
    accountNumbers: said('AccountingInfoPrefs.UseAccountNumbers'),
    salesTax: salesTax(texts.country, preference('TaxPrefs.UsingSalesTax'), preference('TaxPrefs.PartnerTaxEnabled')),
    ownInvoiceNumbers: said('SalesFormsPrefs.CustomTxnNumbers'),
    discounts: said('SalesFormsPrefs.AllowDiscount'),
    serviceDates: said('SalesFormsPrefs.AllowServiceDate'),
    creditsAppliedAutomatically: said('SalesFormsPrefs.AutoApplyCredit'),
    ...Object.fromEntries(
      Object.entries(lists)
        .filter(([, ids]) => ids.size > 0)
        .map(([name, ids]) => [name, namesText(ids)]),
    ),
  };
};

const salesTax = (country: Wire | undefined, used: Wire | undefined, automated: Wire | undefined): string =>
  used !== true ? 'none' : country !== 'US' ? 'global' : automated === true ? 'automated' : 'manual';

/** Definitions of custom text fields, wherever in the preference they stand: the sheet does not tell how they nest. */
const definitions = (preference: Wire | undefined): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const visit = (wire: Wire | undefined): void => {
    for (const one of wireObjects(wire)) {
      const { DefinitionId, Name, Type } = one;
      if (typeof DefinitionId === 'string' && typeof Name === 'string' && (Type ?? 'StringType') === 'StringType') {
        found.set(Name, DefinitionId);
      }
      visit(one.CustomField);
    }
  };
  visit(preference);
  return found;
};
