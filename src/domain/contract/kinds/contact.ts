import { amount, currencyCode, flag, ref, text } from '../field.js';
import { defineKind } from '../kind.js';
import { addresses, phones } from './document.js';

export const contact = defineKind({
  kind: 'contact',
  nature: 'reference',
  says: 'A customer, a vendor, or both.',
  groups: {
    role: { isCustomer: flag(), isVendor: flag() },
    naming: {
      displayName: text(500, { required: true }),
      companyName: text(255),
      firstName: text(255),
      lastName: text(255),
    },
    reach: { email: text(500), phones: phones(), website: text(1000) },
    addresses: { addresses: addresses() },
    terms: { taxNumber: text(50), currency: currencyCode(), paymentTerm: ref('payment_term') },
    notes: { notes: text(4000) },
  },
  computed: { balance: amount() },
  naturalKeys: [['displayName']],
  rules: [
    {
      path: 'isCustomer',
      rule: 'some_role',
      message: 'a contact is a customer, a vendor, or both',
      holds: (content) => content.isCustomer === true || content.isVendor === true,
    },
  ],
});
