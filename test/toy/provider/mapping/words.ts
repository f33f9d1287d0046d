import { exact, isDecimal, type Content, type KindName, type Ref } from '../../../../src/domain/contract/index.js';
import {
  at,
  decided,
  finding,
  identity,
  list,
  mappingFor,
  ref,
  refused,
  text,
  uncarried,
  UnreadableWire,
  type Codec,
  type Row,
} from '../../../../src/domain/provider/mapping/index.js';

/** What the tables have to know of a company. */
export interface ToyCompany {
  readonly baseCurrency: string | undefined;
}

export const mapping = mappingFor<ToyCompany>();

/** Amounts are texts on this wire. */
export const amount = (): Codec<string> => ({
  read: (wire) => {
    if (!isDecimal(wire)) throw new UnreadableWire('', 'an amount');
    return wire;
  },
  write: (value, before) => (isDecimal(before) && exact(before).equals(value) ? before : exact(value).toFixed()),
});

export const NOT_KEPT = uncarried('The toy keeps no such thing.');

/** One currency only: another one is not booked as if it were this one. */
export const oneCurrency: Row<string, ToyCompany> = {
  read: () => undefined,
  carries: () => [],
  refuses: (value, _, { baseCurrency }) =>
    value === baseCurrency ? [] : [finding('one_currency', `must be ${baseCurrency ?? 'the company’s own'}`)],
  absent: 'The toy keeps one currency.',
};

const has = (value: string): boolean => !exact(value).isZero();
const NO_DISCOUNT = refused(has, 'must be absent: the toy gives no discounts');

export const noDiscount: Row<Content, ToyCompany> = {
  ...refused(
    (value: Content) => [value.percent, value.amount].some((one) => isDecimal(one) && has(one)),
    'must be absent: the toy gives no discounts',
  ),
  carries: () => ['', 'percent', 'amount'],
};

export const lines: Row<Content[], ToyCompany> = list('lines', {
  forms: [
    {
      is: () => true,
      says: () => true,
      start: {},
      table: {
        id: identity(at('key', text())),
        description: at('text', text()),
        quantity: at('qty', amount()),
        unitPrice: at('price', amount()),
        amount: decided(at('amount', amount())),
        discountPercent: NO_DISCOUNT,
        discountAmount: NO_DISCOUNT,
      },
    },
  ],
  identity: ({ id }) => (typeof id === 'string' ? id : undefined),
  otherwise: 'cannot be said',
});

/** What of a receipt or a credit settles which sale. */
export const applied: Row<Content[], ToyCompany> = list('applied', {
  forms: [
    {
      is: () => true,
      says: ({ document }) => (document as Ref).kind === 'invoice',
      start: {},
      table: { document: at('document', ref('invoice')), amount: at('amount', amount()) },
    },
  ],
  identity: ({ document }) => (document ? (document as Ref).id : undefined),
  otherwise: 'must settle an invoice',
});

export const party = at('party', ref('contact'));

export const recordOf = (kind: KindName, id: string): Ref => ({ kind, id });
