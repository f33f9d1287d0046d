import {
  at,
  choice,
  decided,
  decimal,
  finding,
  wireAt,
  when,
  type Change,
  type Row,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import type { Content, Ref } from '../../../../domain/contract/index.js';
import type { Finding } from '../../../../domain/provider/write.js';
import type { CompanyFeatures } from '../quickbooks.features.js';
import { isWords } from './pricing.js';
import { refTo } from './words.js';

/**
 * Who is taxed by what (sheet 3.4, 3.8 "Tax", 8 points 16 and 17).
 *
 * In the US a line says only TAX or NON, and the document names the one real code; the contract has a code on each
 * line. So a TAX line is shown with the document's code, and a real code is said as TAX plus that code. With automated
 * sales tax the vendor picks the code, and nothing but TAX or NON is said. Elsewhere each line has its code.
 */

/** The two codes that lines of US companies may use. */
export const TAXABLE = 'TAX';
export const NOT_TAXABLE = 'NON';

const isLineCode = (id: string): boolean => id === TAXABLE || id === NOT_TAXABLE;
const isUS = (salesTax: CompanyFeatures['salesTax']): boolean => salesTax === 'manual' || salesTax === 'automated';

const taxRate = (id: string): Ref => ({ kind: 'tax_rate', id });

/**
 * The code of a line. Where a line says none, the vendor chooses one, and a source that never spoke of tax must not
 * change who is taxed; so saying nothing keeps what the line has.
 */
export const salesTaxCode = (path: string): Row<Ref, CompanyFeatures> =>
  decided(when(({ salesTax }: CompanyFeatures) => salesTax !== 'none', at(path, refTo('tax_rate'))));

/** US sales tax is a tax on sales: what is bought there names no code. */
export const purchaseTaxCode = (path: string): Row<Ref, CompanyFeatures> =>
  decided(when(({ salesTax }: CompanyFeatures) => salesTax === 'global', at(path, refTo('tax_rate'))));

const mode = at(
  'GlobalTaxCalculation',
  choice({ exclusive: 'TaxExcluded', inclusive: 'TaxInclusive', none: 'NotApplicable' }),
);

/**
 * Whether amounts hold the tax. How the vendor takes amounts that do is uncertain (sheet 8 point 17), and a guess would
 * be wrong by the whole tax; so such documents are read and never written.
 */
export const taxMode: Row<'exclusive' | 'inclusive' | 'none', CompanyFeatures> = decided({
  ...mode,
  write: (value, change, company: CompanyFeatures) => {
    if (company.salesTax === 'global') mode.write!(value, change, company);
  },
  carries: ({ salesTax }: CompanyFeatures) => (salesTax === 'none' ? [] : ['']),
  refuses: (value, _, { salesTax }: CompanyFeatures) =>
    value === 'inclusive' && salesTax !== 'none'
      ? [finding('tax_inclusive', 'must be exclusive or none: amounts that include tax are read but not written')]
      : [],
});

const documentCode = (record: WireObject | undefined): string | undefined => {
  const code = wireAt(record, 'TxnTaxDetail.TxnTaxCodeRef.value');
  return typeof code === 'string' ? code : undefined;
};

/** A line with its code and its amount as the contract means them; `detail` is the member with the line's details. */
export const withTax = (
  line: Content,
  wire: WireObject,
  record: WireObject,
  detail: string,
  { salesTax }: CompanyFeatures,
): Content => {
  const code = salesTax === 'manual' ? documentCode(record) : undefined;
  const gross =
    record.GlobalTaxCalculation === 'TaxInclusive'
      ? at(`${detail}.TaxInclusiveAmt`, decimal()).read(wire, undefined)
      : undefined;
  return {
    ...line,
    ...(code !== undefined && codeOf(line) === TAXABLE && { taxRate: taxRate(code) }),
    ...(gross !== undefined && { amount: gross }),
  };
};

const codeOf = (line: Content): string | undefined => (line.taxRate as Ref | undefined)?.id;

/** Lines with the codes that lines may have; in the US the one real code goes on the document. */
export const sayTax = (
  lines: readonly Content[],
  change: Change,
  { salesTax }: CompanyFeatures,
): readonly Content[] => {
  if (!isUS(salesTax)) return lines;
  const [code] = realCodes(lines);
  if (code && salesTax === 'manual' && code.id !== documentCode(change.before)) {
    change.set('TxnTaxDetail', { TxnTaxCodeRef: { value: code.id } });
  }
  return lines.map((line) => {
    const said = codeOf(line);
    return said === undefined || isLineCode(said) ? line : { ...line, taxRate: taxRate(TAXABLE) };
  });
};

const realCodes = (lines: readonly Content[]): { id: string; index: number }[] =>
  [...lines.entries()].flatMap(([index, line]) => {
    const id = codeOf(line);
    return id === undefined || isLineCode(id) ? [] : [{ id, index }];
  });

export const taxFindings = (lines: readonly Content[], { salesTax }: CompanyFeatures): Finding[] => {
  if (salesTax !== 'manual') return [];
  const codes = realCodes(lines);
  return codes
    .filter(({ id }) => id !== codes[0]!.id)
    .slice(0, 1)
    .map(({ index }) =>
      finding('one_for_document', 'must be the same on all taxed lines of the document', `[${index}].taxRate`),
    );
};

/** A document on which nothing is taxed says so on each line; otherwise the vendor would tax what it sees as taxable. */
export const untaxed = (content: Content, { salesTax }: CompanyFeatures): Content =>
  isUS(salesTax) && content.taxMode === 'none' && Array.isArray(content.lines)
    ? {
        ...content,
        lines: (content.lines as Content[]).map((line) =>
          isWords(line) || codeOf(line) !== undefined ? line : { ...line, taxRate: taxRate(NOT_TAXABLE) },
        ),
      }
    : content;

/**
 * When the lines move, the tax that the vendor computed for the old ones must go, or it stays as it was. A document
 * code is said alone, so that the vendor computes from it; without one, leaving the detail out of a whole write is the
 * only way to have it computed anew.
 */
export const dropStaleTax = (change: Change, { salesTax }: CompanyFeatures): void => {
  const moved = Object.hasOwn(change.sets, 'Line') || Object.hasOwn(change.sets, 'GlobalTaxCalculation');
  if (!change.before || !moved || salesTax === 'none') return;
  const code = documentCode(change.sets) ?? documentCode(change.before);
  if (salesTax === 'manual' && code !== undefined) change.set('TxnTaxDetail', { TxnTaxCodeRef: { value: code } });
  else change.clear('TxnTaxDetail');
};

/**
 * A whole record on its way back. With automated tax, a total that is said counts as an override of what the vendor
 * computes (sheet 3.8); so it is left out, unless a person did override it.
 */
export const withoutComputedTax = (record: WireObject, { salesTax }: CompanyFeatures): WireObject => {
  const overridden = [record, record.TxnTaxDetail].some((one) => wireAt(one, 'TaxReviewStatus') === 'AST_TAX_OVERRIDE');
  if (salesTax !== 'automated' || overridden) return record;
  const { TxnTaxDetail: _, ...kept } = record;
  return kept;
};
