import {
  at,
  decided,
  decimal,
  derived,
  finding,
  text,
  uncarried,
  wireAt,
  wireObjects,
  type Row,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal, type Content } from '../../../../domain/contract/index.js';
import type { Finding } from '../../../../domain/provider/write.js';
import type { CompanyFeatures } from '../quickbooks.features.js';
import { NO_CUSTOM_FIELDS } from './document.js';
import { mapping } from './words.js';

/**
 * What a line is taxed by is a TaxCode, which adds up TaxRates, which belong to a TaxAgency (sheet 3.4). The three are
 * read as one record:
 *
 *     { TaxCode: {…}, TaxRates: [those it adds up], TaxAgencies: [theirs] }
 *
 * A new one is made by the tax service, which words it differently: {@link taxServiceRequest}.
 */
export interface TaxRecord extends WireObject {
  TaxCode: WireObject;
  TaxRates: WireObject[];
  TaxAgencies: WireObject[];
}

const details = (record: WireObject, use: 'Sales' | 'Purchase'): WireObject[] =>
  wireObjects(wireAt(record, `TaxCode.${use}TaxRateList.TaxRateDetail`));

/** A code for sales and for purchases adds up the same rates; where it does not, what is sold counts. */
const countedDetails = (record: WireObject): WireObject[] => {
  const sales = details(record, 'Sales');
  return sales.length > 0 ? sales : details(record, 'Purchase');
};

const byId = (list: WireObject['x'] | undefined, id: unknown): WireObject | undefined =>
  wireObjects(list).find((one) => one.Id === id);

interface Component {
  readonly name: string;
  readonly rate: string;
  readonly applies: unknown;
  readonly order: number;
}

/** The rate today: where a rate has none of its own, the one that has not ended. */
const rateOf = (rate: WireObject): string | undefined => {
  const value = at('RateValue', decimal()).read(rate, undefined);
  const lasting = wireObjects(rate.EffectiveTaxRate).find((one) => one.EndDate === undefined);
  return value ?? (lasting && at('RateValue', decimal()).read(lasting, undefined));
};

/** The parts of a code in the order in which they are added; undefined where one of them has no rate (sheet 3.4). */
const componentsOf = (record: WireObject): Component[] | undefined => {
  const components = countedDetails(record).map((detail) => {
    const rate = byId(record.TaxRates, wireAt(detail, 'TaxRateRef.value'));
    const value = rate && rateOf(rate);
    return rate && value !== undefined && typeof rate.Name === 'string'
      ? {
          name: rate.Name,
          rate: value,
          applies: detail.TaxTypeApplicable,
          order: Number(at('TaxOrder', decimal()).read(detail, undefined) ?? '0'),
        }
      : undefined;
  });
  return components.every((one) => one !== undefined)
    ? components.sort((one, other) => one.order - other.order)
    : undefined;
};

/** Percent of the amount that all parts come to, those upon tax included. */
const effective = (components: readonly Component[]): string =>
  components
    .reduce((total, { rate, applies }) => {
      const upon = applies === 'TaxOnTax' ? total : applies === 'TaxOnAmountPlusTax' ? total.plus(100) : exact('100');
      return total.plus(upon.times(rate).dividedBy(100));
    }, exact('0'))
    .toFixed();

/** Said when the record is made, by the tax service; there is no way to change it. */
const made = <R extends Row<never> | Row>(row: R, members: readonly string[] = []): R =>
  ({ ...row, write: () => undefined, carries: () => ['', ...members] }) as R;

export const taxRate = mapping(
  'tax_rate',
  {
    name: made(at('TaxCode.Name', text({ max: 100 }))),
    code: uncarried('QuickBooks tells tax codes by their names.'),

    rate: decided(
      made(
        derived((record) => {
          const components = componentsOf(record);
          return components && components.length > 0 ? effective(components) : undefined;
        }),
      ),
    ),
    components: decided(
      made(
        derived<Content[], CompanyFeatures>((record) => {
          const components = componentsOf(record) ?? [];
          return components.length === 0
            ? undefined
            : components.map(({ name, rate, applies }) => ({
                name,
                rate,
                ...((applies === 'TaxOnAmountPlusTax' || applies === 'TaxOnTax') && { compound: true }),
              }));
        }),
        ['name', 'rate', 'compound'],
      ),
    ),
    agency: decided(
      made(
        derived<string, CompanyFeatures>((record) => {
          const [detail] = countedDetails(record);
          const rate = byId(record.TaxRates, wireAt(detail, 'TaxRateRef.value'));
          const name = byId(record.TaxAgencies, wireAt(rate, 'AgencyRef.value'))?.DisplayName;
          return typeof name === 'string' ? name : undefined;
        }),
      ),
    ),
    appliesTo: decided(
      made(
        derived<'sales' | 'purchases' | 'both', CompanyFeatures>((record) => {
          const [sales, purchases] = [details(record, 'Sales').length > 0, details(record, 'Purchase').length > 0];
          return sales && purchases ? 'both' : sales ? 'sales' : purchases ? 'purchases' : undefined;
        }),
      ),
    ),

    custom: NO_CUSTOM_FIELDS,
  },
  { refuses: (content, before, company) => (before ? [] : unmakeable(content, company)) },
);

/** Documented as the longest name of a rate; that longer ones work is uncertain. */
const LONGEST_RATE_NAME = 10;

const unmakeable = (content: Content, { salesTax, taxAgencies }: CompanyFeatures): Finding[] => {
  const components = (content.components ?? []) as Content[];
  const { agency, rate, appliesTo } = content;
  const complaints: (Finding | false)[] = [
    (salesTax === 'automated' || salesTax === 'none') &&
      finding('feature_off', 'must be set up in QuickBooks: this company does not keep rates of its own', 'name'),
    components.length === 0 && !isDecimal(rate) && finding('required', 'is required', 'rate'),
    appliesTo === 'both' && finding('choice', 'must be sales or purchases for a new rate', 'appliesTo'),
    typeof agency === 'string' && !taxAgencies.has(agency)
      ? finding('reference', 'must be a tax agency that the company has', 'agency')
      : typeof agency !== 'string' && taxAgencies.size !== 1
        ? finding('required', 'is required: the company has several tax agencies, or none', 'agency')
        : false,
    components.length > 0 &&
      isDecimal(rate) &&
      components.every((component) => isDecimal(component.rate)) &&
      !exact(rate).equals(totalOf(components)) &&
      finding('sum', 'must be the sum of the components', 'rate'),
  ];
  return [
    ...complaints.filter((one) => one !== false),
    ...components.flatMap(({ name, compound }, index) => [
      ...(typeof name === 'string' && name.length > LONGEST_RATE_NAME
        ? [finding('max_length', `must have at most ${LONGEST_RATE_NAME} characters`, `components[${index}].name`)]
        : []),
      ...(compound === true
        ? [finding('not_held', 'must be set up in QuickBooks: a tax upon a tax', `components[${index}].compound`)]
        : []),
    ]),
  ];
};

const totalOf = (components: readonly Content[]): string =>
  components.reduce((total, { rate }) => total.plus(rate as string), exact('0')).toFixed();

/** What the tax service is asked to make: a code and its rates at once. */
export const taxServiceRequest = (content: Content, { taxAgencies }: CompanyFeatures): WireObject => {
  const name = content.name as string;
  const components = (content.components ?? []) as Content[];
  const [onlyAgency] = taxAgencies.values();
  const TaxAgencyId = (typeof content.agency === 'string' ? taxAgencies.get(content.agency) : onlyAgency) ?? '';
  const rates = components.length > 0 ? components : [{ name: name.slice(0, LONGEST_RATE_NAME), rate: content.rate! }];
  return {
    TaxCode: name,
    TaxRateDetails: rates.map((one) => ({
      TaxRateName: one.name as string,
      RateValue: exact(one.rate as string).toFixed(),
      TaxAgencyId,
      TaxApplicableOn: content.appliesTo === 'purchases' ? 'Purchase' : 'Sales',
    })),
  };
};

/** The tax service's answer as the record that a reading would show; undefined where it names no code. */
export const taxServiceRecord = (answer: WireObject, { taxAgencies }: CompanyFeatures): TaxRecord | undefined => {
  const { TaxCodeId, TaxCode } = answer;
  if (typeof TaxCodeId !== 'string' || typeof TaxCode !== 'string') return undefined;
  const made = wireObjects(answer.TaxRateDetails);
  const list = (use: 'Sales' | 'Purchase') => ({
    TaxRateDetail: made
      .filter(({ TaxApplicableOn }) => (TaxApplicableOn === 'Purchase') === (use === 'Purchase'))
      .map(({ TaxRateId }) => ({ TaxRateRef: { value: TaxRateId! }, TaxTypeApplicable: 'TaxOnAmount' })),
  });
  return {
    TaxCode: {
      Id: TaxCodeId,
      Name: TaxCode,
      Active: true,
      SalesTaxRateList: list('Sales'),
      PurchaseTaxRateList: list('Purchase'),
    },
    TaxRates: made.map(({ TaxRateId, TaxRateName, RateValue, TaxAgencyId }) => ({
      Id: TaxRateId!,
      Name: TaxRateName!,
      RateValue: RateValue!,
      AgencyRef: { value: TaxAgencyId! },
    })),
    TaxAgencies: [...taxAgencies].map(([DisplayName, Id]) => ({ Id, DisplayName })),
  };
};
