import {
  at,
  finding,
  flag,
  isWireNumber,
  keyed,
  object,
  text,
  UnreadableWire,
  wireNumber,
  type Codec,
} from '../../../../src/domain/provider/mapping/index.js';
import type { Ref } from '../../../../src/domain/contract/index.js';
import { mapping, NOT_KEPT, oneCurrency, recordOf } from './words.js';

export const daysOf = (id: string): number | undefined => {
  const [, days] = /^days-(\d{1,3})$/.exec(id) ?? [];
  return days === undefined ? undefined : Number(days);
};

/** A term is nothing but the days that a contact has. */
const term = (): Codec<Ref> => ({
  read: (wire) => {
    if (!isWireNumber(wire) || !/^\d{1,3}$/.test(wire.rawJSON)) throw new UnreadableWire('', 'a number of days');
    return recordOf('payment_term', `days-${wire.rawJSON}`);
  },
  write: ({ id }) => wireNumber(`${daysOf(id) ?? 0}`),
  refuses: ({ id }) => (daysOf(id) === undefined ? [finding('reference', 'must be a number of days')] : []),
});

export const contact = (derivesTerms: boolean) =>
  mapping('contact', {
    isCustomer: at('customer', flag()),
    isVendor: at('vendor', flag()),
    displayName: at('name', text({ max: 80 })),
    companyName: NOT_KEPT,
    firstName: NOT_KEPT,
    lastName: NOT_KEPT,
    email: at('email', text()),
    website: NOT_KEPT,
    phones: keyed('type', { main: at('phone', object({ number: at('digits', text()) })) }),
    addresses: NOT_KEPT,
    taxNumber: NOT_KEPT,
    currency: oneCurrency,
    paymentTerm: derivesTerms ? at('days', term()) : NOT_KEPT,
    notes: at('note', text()),
    custom: NOT_KEPT,
    balance: NOT_KEPT,
  });
