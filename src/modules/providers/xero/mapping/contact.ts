import {
  at,
  computed,
  decided,
  decimal,
  finding,
  keyed,
  text,
  uncarried,
  wireAt,
  wireNumber,
  isWireObject,
  type Row,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import type { Ref } from '../../../../domain/contract/index.js';
import { NO_CUSTOM_FIELDS } from './document.js';
import { termIdOf, termOf } from './payment-term.js';
import { address, mapping, phone, slot } from './words.js';

/** One card for customers and vendors (sheet 3.4). */

/**
 * The vendor sets the roles by the documents that a contact has, so nobody else can say them. One without documents may
 * become either, and is shown as both.
 */
const role = (own: 'IsCustomer' | 'IsSupplier', other: 'IsCustomer' | 'IsSupplier'): Row<boolean> =>
  decided({
    read: (record) => record[own] === true || record[other] !== true,
    write: () => undefined,
    carries: () => [''],
  });

const SIDES = ['Sales', 'Bills'] as const;

const sideOf = (record: WireObject | undefined, side: (typeof SIDES)[number]): string | undefined =>
  termIdOf(wireAt(record, `PaymentTerms.${side}`));

/**
 * A contact has a term for sales and one for bills, and here one. The one for sales counts, else the one for bills; what is
 * said anew is said of those that were the same.
 */
const paymentTerm: Row<Ref> = {
  read: (record) => {
    const id = sideOf(record, 'Sales') ?? sideOf(record, 'Bills');
    return id === undefined ? undefined : { kind: 'payment_term', id };
  },
  write: (value, change) => {
    const shown = sideOf(change.before, 'Sales') ?? sideOf(change.before, 'Bills');
    if (shown === value?.id) return;
    const terms = change.at('PaymentTerms');
    const before: WireObject = isWireObject(terms) ? terms : {};
    const moved = SIDES.filter((side) => [shown, undefined].includes(sideOf(change.before, side)));
    const kept = Object.fromEntries(Object.entries(before).filter(([side]) => !moved.some((one) => one === side)));
    const term = value && termOf(value.id);
    if (value && !term) throw new Error(`${value.id} is no payment term`);
    const wire = term && { Day: wireNumber(`${term.day}`), Type: term.type };
    change.set('PaymentTerms', { ...kept, ...(wire && Object.fromEntries(moved.map((side) => [side, wire]))) });
  },
  carries: () => [''],
  refuses: (value) => (termOf(value.id) ? [] : [finding('reference', 'must be a payment term of Xero')]),
};

export const contact = mapping(
  'contact',
  {
    isCustomer: role('IsCustomer', 'IsSupplier'),
    isVendor: role('IsSupplier', 'IsCustomer'),

    displayName: at('Name', text({ max: 255, without: /[<>]/, called: 'angle brackets' })),
    companyName: uncarried('Xero knows a contact by one name.'),
    firstName: at('FirstName', text({ max: 255 })),
    lastName: at('LastName', text({ max: 255 })),

    email: at('EmailAddress', text({ max: 255 })),
    website: computed(at('Website', text())),
    phones: keyed('type', {
      main: slot('Phones', 'PhoneType', 'DEFAULT', phone()),
      mobile: slot('Phones', 'PhoneType', 'MOBILE', phone()),
      alternate: slot('Phones', 'PhoneType', 'DDI', phone()),
      fax: slot('Phones', 'PhoneType', 'FAX', phone()),
    }),
    addresses: keyed('type', {
      billing: slot('Addresses', 'AddressType', 'POBOX', address()),
      shipping: slot('Addresses', 'AddressType', 'STREET', address()),
    }),

    taxNumber: at('TaxNumber', text({ max: 50 })),
    currency: decided(at('DefaultCurrency', text())),
    paymentTerm,

    notes: uncarried('Xero keeps notes in a history that can only be added to.'),
    custom: NO_CUSTOM_FIELDS,

    balance: computed(at('Balances.AccountsReceivable.Outstanding', decimal())),
  },
  {
    refuses: ({ displayName, email }) => [
      ...(typeof displayName === 'string' && displayName !== displayName.trim()
        ? [finding('trimmed', 'must not begin or end with a space', 'displayName')]
        : []),
      ...(typeof email === 'string' && !/^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/.test(email)
        ? [finding('email', 'must be an e-mail address', 'email')]
        : []),
    ],
  },
);
