import { currencyCode, date, dictionary, text, whole } from '../field.js';
import { defineKind } from '../kind.js';
import { address } from './document.js';

export const company = defineKind({
  kind: 'company',
  nature: 'company',
  says: 'The company whose books are connected: read, never written.',
  groups: {},
  computed: {
    name: text(1024),
    legalName: text(1024),
    country: text(100),
    baseCurrency: currencyCode(),
    fiscalYearStartMonth: whole(1, 12),
    taxNumber: text(100),
    address: address(),
    email: text(500),
    phone: text(50),
    lockDate: date(),
    features: dictionary(),
  },
});
