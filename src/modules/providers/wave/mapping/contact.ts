import {
  at,
  constant,
  keyed,
  text,
  uncarried,
  type Codec,
  type Row,
} from '../../../../domain/provider/mapping/index.js';
import type { Content } from '../../../../domain/contract/index.js';
import type { Mapping } from '../../../../domain/provider/mapping/index.js';
import type { WaveCompany } from '../wave.company.js';
import { address, code, kept, mapping, marked, money, NO_CUSTOM_FIELDS, placelessRegions, words } from './words.js';

/** The two cards of a contact (sheet 3.3): customers, and vendors that nobody but a person in Wave can make or change. */

/** A number stands in a member of its own, without anything around it. */
const phone = (): Codec<Content> => ({
  read: (wire, context) => {
    const number = text().read(wire, context);
    return number === undefined ? undefined : { number };
  },
  write: ({ number }) => (typeof number === 'string' ? number : ''),
  members: () => ['number'],
});

/** Which card it is says which role it stands for; the roles themselves are told by the cards that there are. */
const role = (): Row<boolean> => ({ ...constant(true, 'must be true on the card of that role'), carries: () => [] });
const OTHER_CARD = uncarried('Each role has a card of its own.');

const naming = {
  displayName: at('name', words()),
  companyName: uncarried('Wave has one name for a contact, and the first and last name of a person there.'),
  firstName: at('firstName', words()),
  lastName: at('lastName', words()),
};

const reach = {
  email: at('email', words()),
  website: at('website', words()),
  phones: keyed('type', {
    main: at('phone', phone()),
    mobile: at('mobile', phone()),
    alternate: at('tollFree', phone()),
    fax: at('fax', phone()),
  }),
  addresses: keyed('type', {
    billing: at('address', address()),
    shipping: at('shippingDetails.address', address()),
  }),
};

const terms = {
  taxNumber: uncarried('Wave keeps no tax numbers of contacts.'),
  // Without one a customer gets that of the business.
  currency: kept(at('currency', code())),
  paymentTerm: uncarried('Wave has no payment terms in its API; only the due date of an invoice is visible.'),
};

const traits = {
  // A region is shown without the code of its own country, however it was said.
  decides: ['addresses.region'],
  refuses: ({ addresses }: Content) => (Array.isArray(addresses) ? placelessRegions(addresses as Content[]) : []),
};

export const customer: Mapping<WaveCompany> = mapping(
  'contact',
  {
    isCustomer: role(),
    isVendor: OTHER_CARD,
    ...naming,
    ...reach,
    ...terms,
    notes: at('internalNotes', marked()),
    custom: NO_CUSTOM_FIELDS,
    balance: money('outstandingAmount'),
  },
  traits,
);

export const vendor: Mapping<WaveCompany> = mapping(
  'contact',
  {
    isCustomer: OTHER_CARD,
    isVendor: role(),
    ...naming,
    ...reach,
    ...terms,
    notes: at('internalNotes', marked()),
    custom: NO_CUSTOM_FIELDS,
    balance: uncarried('Wave shows no balance of a vendor.'),
  },
  traits,
);
