import {
  at,
  computed,
  date,
  decimal,
  derived,
  finding,
  identity,
  list,
  text,
  wireAt,
  wireObjects,
  when,
  type Codec,
  type ElementForm,
  type Row,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import { sum, type Content, type Ref } from '../../../../domain/contract/index.js';
import type { CompanyFeatures } from '../quickbooks.features.js';
import { amountFindings, isDetail, isWords, NO_LINE_DISCOUNT, priced } from './pricing.js';
import { headerFindings, HEADER_CLASS, HEADER_DEPARTMENT, sayHeader, tracking, withHeader } from './tracking.js';
import { salesTaxCode, sayTax, taxFindings, withTax } from './tax.js';
import { refTo, serviceDates } from './words.js';

/** Lines of invoices, credit memos and estimates (sheet 3.8 "Line types"). */

const DETAIL = 'SalesItemLineDetail';
const HEADER = [HEADER_CLASS, HEADER_DEPARTMENT];

/** Shipping and gratuity stand where an item would and are no items; such a line keeps what it has. */
const SPECIAL_ITEMS = ['SHIPPING_ITEM_ID', 'GRATUITY_ITEM_ID'];

const itemRef = (): Codec<Ref> => {
  const reference = refTo('item');
  return {
    ...reference,
    read: (wire, context) =>
      SPECIAL_ITEMS.includes(String(wireAt(wire, 'value'))) ? undefined : reference.read(wire, context),
  };
};

const itemLine: ElementForm<CompanyFeatures> = {
  is: isDetail(DETAIL),
  says: (line) => !isWords(line),
  start: { DetailType: DETAIL },
  table: {
    id: identity(at('Id', text())),
    item: at(`${DETAIL}.ItemRef`, itemRef()),
    description: at('Description', text({ max: 4000 })),
    quantity: at(`${DETAIL}.Qty`, decimal()),
    unitPrice: at(`${DETAIL}.UnitPrice`, decimal()),
    amount: at('Amount', decimal()),
    taxRate: salesTaxCode(`${DETAIL}.TaxCodeRef`),
    serviceDate: when(serviceDates, at(`${DETAIL}.ServiceDate`, date())),
    tracking: tracking(DETAIL, HEADER),
    ...NO_LINE_DISCOUNT,
  },
};

/** A line of words, which costs nothing. */
const textLine: ElementForm<CompanyFeatures> = {
  is: isDetail('DescriptionOnly'),
  says: isWords,
  start: { DetailType: 'DescriptionOnly', DescriptionLineDetail: {} },
  table: {
    id: identity(at('Id', text())),
    description: at('Description', text({ max: 4000 })),
    serviceDate: when(serviceDates, at('DescriptionLineDetail.ServiceDate', date())),
  },
};

const componentsTotal = (line: WireObject): string | undefined => {
  const amounts = wireObjects(wireAt(line, 'GroupLineDetail.Line')).map(
    (component) => amount.read(component, undefined) ?? '0',
  );
  return amounts.length === 0 ? undefined : sum(amounts);
};

const amount = at('Amount', decimal());

/** A bundle with its components. The contract cannot say the components, so such a line is shown and never rewritten. */
const bundleLine: ElementForm<CompanyFeatures> = {
  is: isDetail('GroupLineDetail'),
  says: () => false,
  table: {
    id: identity(at('Id', text())),
    item: computed(at('GroupLineDetail.GroupItemRef', refTo('item'))),
    description: computed(at('Description', text())),
    quantity: computed(at('GroupLineDetail.Quantity', decimal())),
    amount: derived((line) => amount.read(line, undefined) ?? componentsTotal(line)),
  },
};

export const salesLines: Row<Content[], CompanyFeatures> = list('Line', {
  forms: [itemLine, textLine, bundleLine],
  identity: ({ id }) => (typeof id === 'string' ? id : undefined),
  noise: isDetail('SubTotalLineDetail'),
  otherwise: 'must name an item, or be a text alone',
  shown: (line, wire, record, company) =>
    withHeader(withTax(line, wire, record, DETAIL, company), record, HEADER, company),
  said: (lines, before, change, company) => {
    sayHeader(lines, HEADER, change, company);
    return sayTax(lines, change, company).map((line) => priced(line, before(line)));
  },
  refuses: (lines, before, company) => [
    ...amountFindings(lines, before, () => true),
    ...itemFindings(lines, before),
    ...taxFindings(lines, company),
    ...headerFindings(lines, HEADER, company),
  ],
});

/** Without an item the vendor ignores a line's amount, or puts an item of its own there (sheet 3.8, uncertain). */
const itemFindings = (lines: readonly Content[], before: (line: Content) => Content | undefined) =>
  lines.flatMap((line, index) => {
    const old = before(line);
    const hadNone = old !== undefined && !isWords(old) && (old.item ?? null) === null;
    return isWords(line) || (line.item ?? null) !== null || hadNone
      ? []
      : [finding('required', 'is required: QuickBooks posts what is sold through items', `[${index}].item`)];
  });

/** Sum of the lines before discount and tax, as the vendor shows it. */
export const salesSubtotal: Row<string> = derived((record) => {
  const line = wireObjects(record.Line).find(isDetail('SubTotalLineDetail'));
  return line && amount.read(line, undefined);
});
