import { finding, refused, type Row, type WireObject } from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal, type Content, type Ref } from '../../../../domain/contract/index.js';
import type { Finding } from '../../../../domain/provider/write.js';
import type { WaveCompany } from '../wave.company.js';

/**
 * Money transactions (sheet 3.5, 7 points 19 to 23): one account that money is in as the anchor, and on the other side
 * lines of accounts that none is in. They are taken and never shown again, so their tables speak of what is sent.
 */

/** Amounts have two places and no sign. */
export const PLACES = 2;

export const isAnchor = ({ anchors }: WaveCompany, account: unknown): boolean =>
  anchors.has((account as Ref | null | undefined)?.id ?? '');

/** The lines' debits less their credits. */
export const balanceOf = (lines: readonly WireObject[]): string =>
  lines
    .reduce(
      (sum, { amount, balance }) =>
        !isDecimal(amount) ? sum : balance === 'CREDIT' ? sum.minus(amount) : sum.plus(amount),
      exact('0'),
    )
    .toFixed();

/** A debit or a credit of an amount with a sign. */
export const sided = (amount: string): { amount: string; balance: 'DEBIT' | 'CREDIT' } => ({
  amount: exact(amount).abs().toFixed(),
  balance: exact(amount).isNegative() ? 'CREDIT' : 'DEBIT',
});

export const signed = ({ amount, balance }: WireObject): string | undefined =>
  !isDecimal(amount) ? undefined : balance === 'CREDIT' ? exact('0').minus(amount).toFixed() : amount;

/** A tax beside a line would need its amount, which the contract does not say; so it goes on a line of its own. */
export const NO_LINE_TAX: Row<Ref> = refused(
  () => true,
  'must be absent: the tax of a money transaction in Wave is a line of its own, to the account of sales tax',
);

export const amountFinding = (amount: unknown, path: string): Finding[] => {
  if (!isDecimal(amount)) return [finding('required', 'is required', path)];
  if (exact(amount).isZero()) return [finding('min', 'must not be zero', path)];
  return exact(amount).decimalPlaces() > PLACES
    ? [finding('scale', `must have at most ${PLACES} digits after the point`, path)]
    : [];
};

/** The transaction is of its anchor's currency, and no rate can be said. */
export const currencyFindings = (
  { currency }: Content,
  anchor: unknown,
  { anchors, baseCurrency }: WaveCompany,
): Finding[] => {
  const own = anchors.get((anchor as Ref | null | undefined)?.id ?? '');
  const wanted = typeof currency === 'string' ? currency : baseCurrency;
  return own === undefined || wanted === undefined || own === wanted
    ? []
    : [finding('one_currency', `must be ${own}, the currency of the account that the money is in`, 'currency')];
};

export const classicFindings = ({ classicAccounting }: WaveCompany): Finding[] =>
  classicAccounting
    ? [finding('feature_off', 'cannot be held: this business is in Wave’s old books, which have no API', 'lines')]
    : [];

/** The vendor wants some words for a transaction. */
export const described = (content: Content, otherwise: string): Content => ({
  ...content,
  memo: typeof content.memo === 'string' && content.memo.trim() !== '' ? content.memo : otherwise,
});
