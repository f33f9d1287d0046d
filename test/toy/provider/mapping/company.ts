import { at, computed, derived, isWireObject, text, wireAt } from '../../../../src/domain/provider/mapping/index.js';
import type { Content } from '../../../../src/domain/contract/index.js';
import { mapping, NOT_KEPT, type ToyCompany } from './words.js';

export const company = mapping('company', {
  name: computed(at('name', text())),
  legalName: NOT_KEPT,
  country: NOT_KEPT,
  baseCurrency: computed(at('currency', text())),
  fiscalYearStartMonth: NOT_KEPT,
  taxNumber: NOT_KEPT,
  address: NOT_KEPT,
  email: NOT_KEPT,
  phone: NOT_KEPT,
  lockDate: NOT_KEPT,
  features: derived<Content, ToyCompany>((record) => {
    const features = wireAt(record, 'features');
    return Object.fromEntries(
      Object.entries(isWireObject(features) ? features : {}).filter(([, value]) => typeof value === 'string'),
    ) as Content;
  }),
  custom: NOT_KEPT,
});
