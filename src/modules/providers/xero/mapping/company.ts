import {
  at,
  computed,
  derived,
  isWireNumber,
  text,
  uncarried,
  wireAt,
  wireObjects,
  type Wire,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import type { Content } from '../../../../domain/contract/index.js';
import { namesText, type XeroCompany } from '../xero.features.js';
import { textAt, textOf } from '../xero.wire.js';
import { address, day, mapping, phone, slot } from './words.js';

/**
 * The organisation (sheet 3.9), with what it may do, and with the codes and names by which other records refer to its
 * accounts, items and tracking categories. The five are read as one record:
 *
 *     { Organisation: {…}, Actions: […], Accounts: […], Items: […], TrackingCategories: […] }
 */
export interface CompanyRecord extends WireObject {
  Organisation: WireObject;
  Actions: WireObject[];
  /** Of these three only ids, codes and names. */
  Accounts: WireObject[];
  Items: WireObject[];
  TrackingCategories: WireObject[];
}

const inOrganisation = (record: WireObject): WireObject => record.Organisation as WireObject;

const street = slot('Addresses', 'AddressType', 'STREET', address());
const postal = slot('Addresses', 'AddressType', 'POBOX', address());
const office = ['OFFICE', 'DEFAULT'].map((type) => slot('Phones', 'PhoneType', type, phone()));

/** Nothing dated on or before either of two days can be changed; the later one counts (sheet 5). */
const closedUntil = (record: WireObject, company: XeroCompany): string | undefined =>
  ['PeriodLockDate', 'EndOfYearLockDate']
    .map((member) => at(`Organisation.${member}`, day()).read(record, company))
    .filter((date) => date !== undefined)
    .sort()
    .at(-1);

export const company = mapping('company', {
  name: computed(at('Organisation.Name', text())),
  legalName: computed(at('Organisation.LegalName', text())),
  country: computed(at('Organisation.CountryCode', text())),
  baseCurrency: computed(at('Organisation.BaseCurrency', text())),
  fiscalYearStartMonth: derived((record) => {
    const end = wireAt(record, 'Organisation.FinancialYearEndMonth');
    return isWireNumber(end) ? (Number(end.rawJSON) % 12) + 1 : undefined;
  }),
  taxNumber: computed(at('Organisation.TaxNumber', text())),
  address: derived<Content, XeroCompany>(
    (record, said) => street.read(inOrganisation(record), said) ?? postal.read(inOrganisation(record), said),
  ),
  email: uncarried('Xero does not show an address of the organisation.'),
  phone: derived<string, XeroCompany>(
    (record, said) =>
      office.map((row) => row.read(inOrganisation(record), said)?.number).find((number) => number !== undefined) as
        string | undefined,
  ),
  lockDate: derived(closedUntil),
  features: derived<Content, XeroCompany>((record, said) => featuresOf(record, said)),
  custom: uncarried('Xero has no custom fields.'),
});

/** The settings that decide about what may be sent, as texts; {@link companyFeatures} reads them. */
const featuresOf = (record: WireObject, said: XeroCompany): Record<string, string> => {
  const texts: Readonly<Record<string, string | undefined>> = {
    country: textAt(record, 'Organisation.CountryCode'),
    homeCurrency: textAt(record, 'Organisation.BaseCurrency'),
    timezone: textAt(record, 'Organisation.Timezone'),
    plan: textAt(record, 'Organisation.Class'),
    booksClosedUntil: closedUntil(record, said),
  };
  const lists = {
    accountCodes: namesBy(record.Accounts, 'AccountID', 'Code'),
    itemCodes: namesBy(record.Items, 'ItemID', 'Code'),
    trackingCategories: namesBy(record.TrackingCategories, 'Name', 'TrackingCategoryID'),
  };
  return {
    ...Object.fromEntries(
      Object.entries(texts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
    multicurrency: String(isAllowed(record, 'UseMulticurrency')),
    ...Object.fromEntries(
      Object.entries(lists)
        .filter(([, named]) => named.size > 0)
        .map(([name, named]) => [name, namesText(named)]),
    ),
  };
};

const isAllowed = (record: WireObject, action: string): boolean =>
  wireObjects(record.Actions).some(({ Name, Status }) => Name === action && Status === 'ALLOWED');

/** Sorted, so that the same list in another order is no change. */
const namesBy = (list: Wire | undefined, key: string, value: string): ReadonlyMap<string, string> =>
  new Map(
    wireObjects(list)
      .flatMap((one): [string, string][] => {
        const [name, said] = [textOf(one[key]), textOf(one[value])];
        return name === undefined || said === undefined ? [] : [[name, said]];
      })
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
