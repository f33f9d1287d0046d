import {
  at,
  date,
  decided,
  derived,
  finding,
  uncarried,
  wireAt,
  type Row,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal, type Content, type Ref } from '../../../../domain/contract/index.js';
import type { Finding } from '../../../../domain/provider/write.js';
import type { WaveCompany } from '../wave.company.js';
import { digits, kept, mapping, marked, NO_CUSTOM_FIELDS, refTo } from './words.js';

/** The invoice's own customer pays; nobody else can be named. */
const contact: Row<Ref> = decided({
  read: (record) => {
    const customer = wireAt(record, 'customer');
    return customer === undefined ? undefined : refTo('contact', 'Customer').read(customer, undefined);
  },
  write: () => undefined,
  carries: () => [''],
});

/** A payment is of the invoice's currency. */
const currency: Row<string> = decided({
  read: (record) => {
    const said = wireAt(record, 'invoiceCurrency.code');
    return typeof said === 'string' ? said : undefined;
  },
  write: () => undefined,
  carries: () => [''],
});

const amount = at('amount', digits(2));

const invoiceOf = (record: WireObject | undefined): string | undefined => {
  const id = wireAt(record, 'invoice.id');
  return typeof id === 'string' ? id : undefined;
};

/** One payment settles one invoice, whole (sheet 3.5). */
const allocations: Row<Content[], WaveCompany> = {
  read: (record, company) => {
    const [id, whole] = [invoiceOf(record), amount.read(record, company)];
    return id === undefined || whole === undefined ? undefined : [{ document: { kind: 'invoice', id }, amount: whole }];
  },
  write: (value, change) => {
    const id = (value?.[0]?.document as Ref | undefined)?.id;
    if (id !== undefined && !change.before) change.set('invoice', { id });
  },
  carries: () => ['', 'document', 'amount'],
  refuses: (value, before) => {
    const [only, ...others] = value;
    if (!only || others.length > 0)
      return [finding('one_invoice', 'must be one: a payment in Wave settles one invoice')];
    const { kind, id } = only.document as Ref;
    if (kind !== 'invoice') return [finding('reference', 'must be an invoice', '[0].document')];
    const now = invoiceOf(before);
    return now !== undefined && now !== id
      ? [finding('immutable', 'must stay the invoice that the payment was recorded on', '[0].document')]
      : [];
  },
};

const METHODS = ['BANK_TRANSFER', 'CASH', 'CHEQUE', 'CREDIT_CARD', 'OTHER', 'PAYPAL', 'UNSPECIFIED'] as const;

/** What people call the vendor's methods besides their own names. */
const CALLED: Readonly<Record<string, (typeof METHODS)[number]>> = {
  CHECK: 'CHEQUE',
  CARD: 'CREDIT_CARD',
  TRANSFER: 'BANK_TRANSFER',
  BANK: 'BANK_TRANSFER',
};

const wordOf = (method: string): string =>
  method
    .trim()
    .toUpperCase()
    .replaceAll(/[\s-]+/g, '_');

/**
 * The contract's method is any text and the vendor has a list. The nearest of the list is said where a payment is made,
 * and afterwards it is only shown: nobody's words are replaced by ours.
 */
const method: Row<string> = {
  read: ({ paymentMethod }) =>
    typeof paymentMethod !== 'string' || paymentMethod === 'UNSPECIFIED'
      ? undefined
      : paymentMethod.toLowerCase().replaceAll('_', ' '),
  write: (value, change) => {
    if (change.before || value === null) return;
    const word = wordOf(value);
    change.set('paymentMethod', METHODS.find((one) => one === word) ?? CALLED[word] ?? 'OTHER');
  },
  carries: () => [],
  absent: 'Wave names payment methods by a list of its own; the nearest is said once and then only shown.',
};

/** What a customer paid through the vendor itself is the vendor's to change (sheet 3.5). */
export const isProvidersOwn = (record: WireObject | undefined): boolean =>
  [record?.paymentProvider, record?.transactionId].some((said) => typeof said === 'string' && said !== '');

/** The vendor wants a rate even where both currencies are the same; where they are not, none is made up. */
const withRate = (content: Content, before: WireObject | undefined, { baseCurrency }: WaveCompany): Content =>
  before || isDecimal(content.exchangeRate) || !isOwnCurrency(content, baseCurrency)
    ? content
    : { ...content, exchangeRate: '1' };

const isOwnCurrency = ({ currency: said }: Content, baseCurrency: string | undefined): boolean =>
  (said ?? null) === null || said === baseCurrency;

/** InvoicePayment, sheet 3.5. */
export const payment = mapping(
  'payment',
  {
    contact,

    date: at('paymentDate', date()),

    amount,
    currency,
    exchangeRate: kept(at('exchangeRate', digits(10))),
    allocations,

    depositAccount: at('account', refTo('account')),
    method,

    reference: uncarried('Wave’s payments have no second number.'),
    memo: at('memo', marked()),

    custom: NO_CUSTOM_FIELDS,

    unapplied: derived(() => '0'),
  },
  {
    prepare: withRate,
    finish: (change) => {
      if (!change.before && change.at('paymentMethod') === undefined) change.set('paymentMethod', 'UNSPECIFIED');
    },
    refuses: (content, before) => [
      ...(isProvidersOwn(before)
        ? [finding('read_only', 'must stay: the customer paid through Wave, and Wave keeps such payments', 'amount')]
        : []),
      ...required(content, before),
      ...amountFindings(content, before),
      ...(!before && content.exchangeRate === undefined && (content.currency ?? null) !== null
        ? [finding('required', 'is required for another currency than the business’s own', 'exchangeRate')]
        : []),
    ],
  },
);

const required = (content: Content, before: WireObject | undefined): Finding[] =>
  (['allocations', 'depositAccount'] as const).flatMap((name) =>
    content[name] === null || (!before && content[name] === undefined)
      ? [finding('required', 'is required: Wave records a payment on one invoice and into one account', name)]
      : [],
  );

/** What is paid is what settles the invoice. */
const amountFindings = ({ amount: whole, allocations: parts }: Content, before: WireObject | undefined): Finding[] => {
  const said = isDecimal(whole) ? whole : before && amount.read(before, undefined);
  if (said === undefined) return [];
  if (exact(said).lessThanOrEqualTo(0)) return [finding('min', 'must be more than zero', 'amount')];
  const [only] = Array.isArray(parts) ? (parts as Content[]) : [];
  return isDecimal(only?.amount) && !exact(only.amount).equals(said)
    ? [
        finding(
          'whole_amount',
          'must be the amount of the payment, all of which settles the invoice',
          'allocations[0].amount',
        ),
      ]
    : [];
};
