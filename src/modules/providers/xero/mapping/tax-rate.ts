import {
  at,
  computed,
  decided,
  decimal,
  derived,
  finding,
  flag,
  list,
  text,
  uncarried,
  wireObjects,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal, type Content } from '../../../../domain/contract/index.js';
import { NO_CUSTOM_FIELDS } from './document.js';
import { mapping } from './words.js';

/** Sheet 3.6. A rate has no id: lines name its TaxType, which is its id here. */

/** Countries whose tax returns want to know what a rate stands for, which a program cannot say for them. */
const REPORTING = ['AU', 'NZ', 'GB', 'UK'];

/** Rates that people or programs made; all others are the vendor's own and stay what they are. */
export const isOwnRate = (taxType: string): boolean => /^TAX\d{3,}$/.test(taxType);

const appliesTo = ({
  CanApplyToRevenue,
  CanApplyToExpenses,
}: WireObject): 'sales' | 'purchases' | 'both' | undefined =>
  CanApplyToRevenue === true
    ? CanApplyToExpenses === true
      ? 'both'
      : 'sales'
    : CanApplyToExpenses === true
      ? 'purchases'
      : undefined;

const withComponents = (content: Content, before: WireObject | undefined): Content =>
  before || Array.isArray(content.components) || !isDecimal(content.rate)
    ? content
    : { ...content, components: [{ name: content.name ?? 'Tax', rate: content.rate }] };

export const taxRate = mapping(
  'tax_rate',
  {
    name: at('Name', text({ max: 50 })),
    code: computed(at('TaxType', text())),

    // It follows from the components.
    rate: decided({
      ...at('EffectiveRate', decimal()),
      write: () => undefined,
    }),
    components: decided(
      list('TaxComponents', {
        forms: [
          {
            is: () => true,
            says: () => true,
            start: {},
            table: {
              name: at('Name', text()),
              rate: at('Rate', decimal()),
              compound: at('IsCompound', flag()),
            },
          },
        ],
        // The vendor gives them no ids: what has the same name is the same component.
        identity: ({ name }) => (typeof name === 'string' ? name : undefined),
        otherwise: 'must be a component',
      }),
    ),
    agency: uncarried('Xero knows no agencies.'),
    appliesTo: decided({ ...derived(appliesTo), carries: () => [''] }),

    custom: NO_CUSTOM_FIELDS,
  },
  {
    prepare: withComponents,
    refuses: ({ components, rate }, before, { country }) => {
      if (before && !isOwnRate(String(before.TaxType))) {
        return [finding('read_only', 'must stay: it is one of Xero’s own rates')];
      }
      if (!before && REPORTING.includes(country)) {
        return [finding('not_held', 'must be made in Xero, which needs to know its place in the tax return')];
      }
      return [
        ...(before || (Array.isArray(components) && components.length > 0)
          ? []
          : [finding('required', 'is required', 'components')]),
        ...(isDecimal(rate) && before && components === undefined && !sameRate(rate, before)
          ? [finding('follows', 'must be said by its components', 'rate')]
          : []),
        ...((components ?? []) as Content[]).flatMap((one, index) =>
          isDecimal(one.rate) && exact(one.rate).decimalPlaces() > 4
            ? [finding('places', 'must have at most four places', `components[${index}].rate`)]
            : [],
        ),
        ...(((components ?? []) as Content[]).filter(({ compound }) => compound === true).length > 1
          ? [finding('one_compound', 'must have one compound part at most', 'components')]
          : []),
      ];
    },
  },
);

const sameRate = (rate: string, before: WireObject): boolean => {
  const shown = at('EffectiveRate', decimal()).read(before, undefined);
  return shown !== undefined && exact(shown).equals(rate);
};

/** What of a rate may be sent back: nothing else is taken from anybody. */
export const sentComponents = (record: WireObject): WireObject[] =>
  wireObjects(record.TaxComponents).map(
    ({ Name, Rate, IsCompound, IsNonRecoverable }) =>
      Object.fromEntries(
        Object.entries({ Name, Rate, IsCompound, IsNonRecoverable }).filter(([, value]) => value !== undefined),
      ) as WireObject,
  );
