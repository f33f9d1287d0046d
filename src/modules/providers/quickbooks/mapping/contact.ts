import {
  at,
  computed,
  constant,
  decimal,
  inside,
  keyed,
  object,
  onCreate,
  text,
  uncarried,
  type Codec,
  type Row,
} from '../../../../domain/provider/mapping/index.js';
import type { Content } from '../../../../domain/contract/index.js';
import { currency, NO_CUSTOM_FIELDS } from './document.js';
import { address, mapping, markedName, name, refTo } from './words.js';

/** The two cards of a contact (sheet 3.2): one name may stand on one card only, employees' included. */

const phone = (): Codec<Content> => object({ number: at('FreeFormNumber', text({ max: 30 })) });

const naming = {
  displayName: markedName('DisplayName', name(500)),
  companyName: at('CompanyName', text({ max: 100 })),
  firstName: at('GivenName', text({ max: 100 })),
  lastName: at('FamilyName', text({ max: 100 })),
};

const reach = {
  email: at('PrimaryEmailAddr', inside('Address', text({ max: 100 }))),
  website: at('WebAddr', inside('URI', text({ max: 1000 }))),
  phones: keyed('type', {
    main: at('PrimaryPhone', phone()),
    mobile: at('Mobile', phone()),
    alternate: at('AlternatePhone', phone()),
    fax: at('Fax', phone()),
  }),
};

/** Whole numbers of tax are never shown, so what was written could not be compared with what is read. */
const MASKED = uncarried('QuickBooks shows only the last digits of a tax number.');

/** Which card it is says which role it stands for; the roles themselves are told by the cards that there are. */
const role = (): Row<boolean> => ({ ...constant(true, 'must be true on the card of that role'), carries: () => [] });
const OTHER_CARD = uncarried('Each role has a card of its own.');

export const customer = mapping('contact', {
  isCustomer: role(),
  isVendor: OTHER_CARD,

  ...naming,
  ...reach,
  addresses: keyed('type', { billing: at('BillAddr', address()), shipping: at('ShipAddr', address()) }),

  taxNumber: MASKED,
  currency: onCreate(currency),
  paymentTerm: at('SalesTermRef', refTo('payment_term')),

  notes: at('Notes', text({ max: 2000 })),
  custom: NO_CUSTOM_FIELDS,

  balance: computed(at('Balance', decimal())),
});

/** A vendor has no shipping address, which stays with the customer's card; whether it keeps notes is uncertain. */
export const vendor = mapping('contact', {
  isCustomer: OTHER_CARD,
  isVendor: role(),

  ...naming,
  ...reach,
  addresses: keyed('type', { billing: at('BillAddr', address()) }, ['shipping']),

  taxNumber: MASKED,
  currency: onCreate(currency),
  paymentTerm: at('TermRef', refTo('payment_term')),

  notes: uncarried('Whether QuickBooks keeps notes on vendors is not documented reliably.'),
  custom: NO_CUSTOM_FIELDS,

  balance: computed(at('Balance', decimal())),
});
