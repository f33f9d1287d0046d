import {
  at,
  decided,
  finding,
  inside,
  isWireNumber,
  isWireObject,
  mappingFor,
  object,
  ref,
  refused,
  text,
  uncarried,
  UnreadableWire,
  wireAt,
  type Codec,
  type Row,
  type Wire,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import {
  exact,
  isDecimal,
  type Content,
  type KindName,
  type Ref,
  type Value,
} from '../../../../domain/contract/index.js';
import type { Finding } from '../../../../domain/provider/write.js';
import type { WaveCompany } from '../wave.company.js';

/** The words in which this vendor says things everywhere: texts, amounts, references, addresses (sheet 2.4, 3.5). */

export const mapping = mappingFor<WaveCompany>();

/** A text; that there is none any more is said by null. */
export const words = (): Codec<string> => {
  const { read, write } = text();
  return { read, write };
};

/** Digits as a text, which is how this vendor sends decimals; a number is read as well. */
export const digits = (places: number): Codec<string> => ({
  read: (wire) => {
    const said = isWireNumber(wire) ? wire.rawJSON : wire;
    if (isDecimal(said)) return said;
    if (isWireNumber(wire)) return exact(wire.rawJSON).toFixed();
    throw new UnreadableWire('', 'a decimal');
  },
  write: (value, before) => (isSame(before, value) ? before! : exact(value).toFixed()),
  refuses: (value) =>
    exact(value).decimalPlaces() > places
      ? [finding('scale', `must have at most ${places} digits after the point: Wave rounds the others away`)]
      : [],
});

const isSame = (before: Wire | undefined, value: string): boolean => {
  const said = isWireNumber(before) ? before.rawJSON : before;
  return isDecimal(said) && exact(said).equals(value);
};

/** `{"id": "QnVz…"}`. */
export const refTo = (kind: KindName, list?: string): Codec<Ref> => inside('id', ref(kind, list));

/** `{"code": "USD"}`. */
export const code = (): Codec<string> => inside('code', words());

/**
 * An amount of money: whole minor units beside a text for people that may have separators (sheet 2.4). The minor units
 * are relied upon where they come with the digits that the currency has.
 */
const readMoney = (wire: Wire): string | undefined => {
  if (!isWireObject(wire)) throw new UnreadableWire('', 'an amount of money');
  const exponent = wireAt(wire, 'currency.exponent');
  const minor = [wire.minorUnitValue, wire.raw]
    .map((one) => (isWireNumber(one) ? one.rawJSON : one))
    .find((one) => typeof one === 'string' && /^-?\d{1,18}(\.0+)?$/.test(one));
  if (typeof minor === 'string' && isWireNumber(exponent) && /^\d$/.test(exponent.rawJSON)) {
    const places = Number(exponent.rawJSON);
    return exact(minor.replace(/\..*$/, ''))
      .dividedBy(10 ** places)
      .toFixed(places);
  }
  const value = typeof wire.value === 'string' ? wire.value.replaceAll(',', '') : undefined;
  return isDecimal(value) ? value : undefined;
};

/** What the vendor computes is shown and never said. */
export const money = (path: string): Row<string> => ({
  read: (record) => moneyAt(record, path),
  carries: () => [],
});

export const moneyAt = (record: WireObject, path: string): string | undefined => {
  const wire = wireAt(record, path);
  if (wire === undefined) return undefined;
  try {
    return readMoney(wire);
  } catch (problem) {
    throw problem instanceof UnreadableWire ? problem.within(path) : problem;
  }
};

/** Said once, where a record is made; `[ref:…]` at the end of a text that customers do not see. */
const MARK = /\s*\[ref:([^\]]*)\]\s*$/;

export const withMark = (said: Wire | undefined, marker: string): string =>
  [typeof said === 'string' ? said : '', `[ref:${marker}]`].filter(Boolean).join('\n');

export const markIn = (wire: Wire | undefined): string | undefined =>
  typeof wire === 'string' ? MARK.exec(wire)?.[1] : undefined;

/** A text that may end with our mark, which is no part of what it says and stays where it is. */
export const marked = (): Codec<string> => ({
  read: (wire, context) => {
    const said = text().read(wire, context);
    return said?.replace(MARK, '') || undefined;
  },
  write: (value, before) => {
    const marker = markIn(before);
    return marker === undefined ? value : withMark(value, marker);
  },
  blank: (before) => {
    const marker = markIn(before);
    return marker === undefined ? undefined : withMark('', marker);
  },
});

const countryCode: Codec<string> = {
  ...inside('code', words()),
  refuses: (value) =>
    /^[A-Z]{2}$/.test(value)
      ? []
      : [finding('country_code', 'must be the two letters of a country (ISO 3166), such as US')],
};

const SHORT = /^[A-Z0-9]{1,3}$/;
const LONG = /^[A-Z]{2}-[A-Z0-9]{1,3}$/;

/**
 * A province goes by its code with the country's before it, `US-NC` (sheet 3.5). Beside its own country it is shown
 * without, as the other books have it.
 */
const region: Row<string> = {
  read: (address) => {
    const [province, country] = [wireAt(address, 'province.code'), wireAt(address, 'country.code')];
    if (typeof province !== 'string' || province === '') return undefined;
    return typeof country === 'string' && province.startsWith(`${country}-`)
      ? province.slice(country.length + 1)
      : province;
  },
  write: (value, change) => {
    if (value === null) return change.clear('province');
    const country = change.at('country.code');
    const full = SHORT.test(value) && typeof country === 'string' ? `${country}-${value}` : value;
    if (wireAt(change.at('province'), 'code') !== full) change.set('province', { code: full });
  },
  carries: () => [''],
  refuses: (value) =>
    SHORT.test(value) || LONG.test(value)
      ? []
      : [finding('province_code', 'must be the code of a province (ISO 3166-2), such as NC or US-NC')],
};

export const address = (): Codec<Content, WaveCompany> =>
  object<WaveCompany>({
    line1: at('addressLine1', words()),
    line2: at('addressLine2', words()),
    city: at('city', words()),
    // Before the region, which is said with the country's code.
    country: at('country', countryCode),
    region,
    postalCode: at('postalCode', words()),
  });

/** A region without its country cannot be told apart from those of others. */
export const placelessRegions = (addresses: readonly Content[]): Finding[] =>
  addresses.flatMap(({ region: said, country }, index) =>
    typeof said === 'string' && SHORT.test(said) && typeof country !== 'string'
      ? [
          finding(
            'required',
            'is required beside a region: Wave names regions by country',
            `addresses[${index}].country`,
          ),
        ]
      : [],
  );

export const NO_CUSTOM_FIELDS = uncarried('Wave has no custom fields.');

/** What the vendor chooses where nothing is said; that there is none any more cannot be said, so it is passed over. */
export const kept = <T extends Value>(row: Row<T, WaveCompany>): Row<T, WaveCompany> =>
  decided({
    ...row,
    write: (value, change, company) => {
      if (value !== null) row.write!(value, change, company);
    },
  });

const isSome = (value: string): boolean => !exact(value).isZero();

/** Leaving a line's discount out would make the line cost more. */
export const NO_LINE_DISCOUNT: Record<'discountPercent' | 'discountAmount', Row<string>> = {
  discountPercent: refused(isSome, 'must be absent: Wave gives discounts on the whole document only'),
  discountAmount: refused(isSome, 'must be absent: Wave gives discounts on the whole document only'),
};
