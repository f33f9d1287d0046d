import {
  at,
  computed,
  derived,
  inside,
  text,
  uncarried,
  wireAt,
  wireObjects,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import type { Content } from '../../../../domain/contract/index.js';
import { CARRIER_NAME, mapText, type WaveCompany } from '../wave.company.js';
import { address, mapping, NO_CUSTOM_FIELDS } from './words.js';

/**
 * The business (sheet 3.3), read as one record with what else decides about writing: the accounts that money is in, and
 * the products that lines can go through.
 *
 *     { Business: {…}, Anchors: [{ id, currency }…], Products: [{ id, name }…] }
 */
export interface CompanyRecord extends WireObject {
  Business: WireObject;
  Anchors: WireObject[];
  Products: WireObject[];
}

export const company = mapping('company', {
  name: computed(at('Business.name', text())),
  legalName: uncarried('Wave has one name for a business.'),
  country: computed(at('Business.address.country', inside('code', text()))),
  baseCurrency: computed(at('Business.currency', inside('code', text()))),
  fiscalYearStartMonth: uncarried('Wave does not tell when the year of a business begins.'),
  taxNumber: uncarried('Wave does not tell the tax number of a business.'),
  address: computed(at('Business.address', address())),
  email: uncarried('Wave does not tell the address for mail of a business.'),
  phone: computed(at('Business.phone', text())),
  lockDate: uncarried('Wave does not tell until when the books are closed.'),
  features: derived<Content, WaveCompany>((record) => featuresOf(record)),
  custom: NO_CUSTOM_FIELDS,
});

const said = (record: WireObject, path: string): string => String(wireAt(record, `Business.${path}`) === true);

const featuresOf = (record: WireObject): Record<string, string> => {
  const texts = {
    homeCurrency: wireAt(record, 'Business.currency.code'),
    timezone: wireAt(record, 'Business.timezone'),
    carrierProduct: wireObjects(record.Products).find(({ name }) => isCarrier(name))?.id,
  };
  return {
    ...Object.fromEntries(
      Object.entries(texts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
    personal: said(record, 'isPersonal'),
    archived: said(record, 'isArchived'),
    classicAccounting: said(record, 'isClassicAccounting'),
    classicInvoicing: said(record, 'isClassicInvoicing'),
    sendsMail: said(record, 'emailSendEnabled'),
    anchorAccounts: mapText(
      new Map(
        wireObjects(record.Anchors).flatMap((account) => {
          const currency = wireAt(account, 'currency.code');
          return typeof account.id === 'string' && typeof currency === 'string'
            ? [[account.id, currency] as const]
            : [];
        }),
      ),
    ),
  };
};

const isCarrier = (name: unknown): boolean =>
  typeof name === 'string' && name.trim().toLowerCase() === CARRIER_NAME.toLowerCase();
