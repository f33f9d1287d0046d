import { at, decided, finding, uncarried, type Codec, type Row } from '../../../../domain/provider/mapping/index.js';
import { exact, type Content } from '../../../../domain/contract/index.js';
import type { Finding } from '../../../../domain/provider/write.js';
import { digits, mapping, NO_CUSTOM_FIELDS, words } from './words.js';

/** A rate is a fraction of six places there (0.13 is 13 percent), and a percentage of four here (sheet 2.4). */
const percentage = (): Codec<string> => {
  const fraction = digits(6);
  return {
    read: (wire, context) => {
      const said = fraction.read(wire, context);
      return said === undefined ? undefined : exact(said).times(100).toFixed();
    },
    write: (value, before, context) => fraction.write(exact(value).dividedBy(100).toFixed(), before, context),
    refuses: (value, context) =>
      (fraction.refuses!(exact(value).dividedBy(100).toFixed(), context).length > 0
        ? [finding('scale', 'must have at most 4 digits after the point')]
        : []) satisfies Finding[],
  };
};

const rateOf = at('rate', percentage());

/**
 * A rate changes from a day on and old invoices keep the one they had; the contract names no day, so a new rate is a
 * matter for a person in Wave.
 */
const rate: Row<string> = {
  ...rateOf,
  write: (value, change, context) => {
    if (!change.before) rateOf.write!(value, change, context);
  },
  refuses: (value, before, context) => {
    const now = before && rateOf.read(before, context);
    return now !== undefined && !exact(now).equals(value)
      ? [finding('immutable', 'must stay: Wave changes a rate from a day on, which is said in Wave')]
      : rateOf.refuses!(value, before, context);
  },
};

/** The longest abbreviation (sheet 3.3). */
const LONGEST = 10;

/** The vendor wants an abbreviation that no other tax of the business has; without one it follows from the name. */
const abbreviated = (content: Content): Content =>
  typeof content.code === 'string' || typeof content.name !== 'string'
    ? content
    : { ...content, code: [...content.name.trim()].slice(0, LONGEST).join('').trim() };

/** SalesTax, sheet 3.3 and 3.5. */
export const taxRate = mapping(
  'tax_rate',
  {
    name: at('name', words()),
    code: decided(at('abbreviation', words())),

    rate,
    components: uncarried('Wave’s taxes have no parts; a line may name several taxes.'),
    agency: uncarried('Wave names no agency of a tax.'),
    appliesTo: uncarried('Wave’s taxes go for sales and purchases alike.'),

    custom: NO_CUSTOM_FIELDS,
  },
  {
    prepare: (content, before) => (before ? content : abbreviated(content)),
    refuses: ({ code, rate: wanted }, before) => [
      ...(typeof code === 'string' && [...code].length > LONGEST
        ? [finding('max_length', `must have at most ${LONGEST} characters`, 'code')]
        : []),
      ...(code === null ? [finding('required', 'must stay: Wave’s taxes have an abbreviation', 'code')] : []),
      ...((before ? wanted === null : typeof wanted !== 'string')
        ? [finding('required', 'is required: Wave needs the rate of a tax', 'rate')]
        : []),
    ],
  },
);
