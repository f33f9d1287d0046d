import {
  at,
  decimal,
  finding,
  mappingFor,
  object,
  text,
  UnreadableWire,
  wireNumber,
  wireObjects,
  type Change,
  type Codec,
  type Row,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import type { Content, KindName, Ref } from '../../../../domain/contract/index.js';
import type { Codes, XeroCompany } from '../xero.features.js';
import { millisecondsOf, textAt } from '../xero.wire.js';

/** The words in which this vendor says things everywhere: days, codes, slots of addresses (sheet 2.3, 3.1, 3.4). */

export const mapping = mappingFor<XeroCompany>();

/**
 * A day: midnight UTC of the organisation's own date, so its UTC parts are the date and no zone may shift it (sheet 2.3).
 * That there is none any more cannot be said.
 */
export const day = (): Codec<string> => {
  const read = (wire: unknown): string => {
    const at = typeof wire === 'string' ? millisecondsOf(wire) : undefined;
    if (at === undefined || Math.abs(at) > LAST_DAY) throw new UnreadableWire('', 'a date');
    return new Date(at).toISOString().slice(0, 10);
  };
  return {
    read,
    write: (value, before) => (before !== undefined && read(before) === value ? before : value),
  };
};

/** The end of the year 9999. */
const LAST_DAY = 253_402_300_799_999;

/** A decimal of which zero says that there is none. */
export const decimalOrZero = (): Codec<string> => ({ ...decimal(), blank: () => wireNumber('0') });

/**
 * A record that lines and prices name by its code. Its id is read where the vendor shows it, and else looked up; what is
 * written is the code that the record has now.
 */
export const byCode = (
  kind: KindName,
  member: string,
  idPath: string | undefined,
  codes: (company: XeroCompany) => Codes,
): Row<Ref, XeroCompany> => {
  const idIn = (record: WireObject, company: XeroCompany): string | undefined => {
    const shown = idPath === undefined ? undefined : textAt(record, idPath);
    const code = textAt(record, member);
    // An id beside no code is left over from a line that names nothing any more.
    return code === undefined ? undefined : (shown ?? codes(company).idOf(code));
  };
  return {
    read: (record, company) => {
      const id = idIn(record, company);
      if (id === undefined && textAt(record, member) !== undefined) {
        throw new UnreadableWire(member, `the code of a known ${kind}`);
      }
      return id === undefined ? undefined : { kind, id };
    },
    write: (value, change, company) => {
      if (value === null) {
        change.clear(member, '');
        return;
      }
      if (change.before && idIn(change.before, company) === value.id) return;
      const code = codes(company).codeOf(value.id);
      if (code === undefined) throw new Error(`${kind} ${value.id} has no code`);
      change.set(member, code);
      // What the line showed of the old one is not true of the new one.
      if (idPath !== undefined) change.set(idPath, value.id);
    },
    carries: () => [''],
    refuses: (value, before, company) =>
      codes(company).codeOf(value.id) !== undefined || (before && idIn(before, company) === value.id)
        ? []
        : [finding('no_code', `must be of a known code: Xero names it by that`)],
  };
};

export const accountCode = (member: string, idPath?: string): Row<Ref, XeroCompany> =>
  byCode('account', member, idPath, ({ accounts }) => accounts);

export const itemCode = (member: string, idPath?: string): Row<Ref, XeroCompany> =>
  byCode('item', member, idPath, ({ items }) => items);

/** One of the vendor's slots in a list, told apart by a member: the postal address, the mobile phone. */
export const slot = (
  list: string,
  key: string,
  name: string,
  codec: Codec<Content, XeroCompany>,
): Row<Content, XeroCompany> => {
  const find = (record: WireObject | undefined): WireObject | undefined =>
    wireObjects(record?.[list]).find((one) => one[key] === name);
  return {
    read: (record, company) => {
      const wire = find(record);
      return wire && codec.read(wire, company);
    },
    write: (value, change: Change, company) => {
      const slots = wireObjects(change.at(list));
      const before = slots.find((one) => one[key] === name);
      if (value === null && (!before || codec.read(before, company) === undefined)) return;
      const wire = value === null ? codec.blank!(before!, company)! : codec.write(value, before, company);
      const said = { ...(wire as WireObject), [key]: name };
      change.set(list, before ? slots.map((one) => (one === before ? said : one)) : [...slots, said]);
    },
    carries: (company) => ['', ...(codec.members?.(company) ?? [])],
    ...(codec.refuses && {
      refuses: (value: Content, _: unknown, company: XeroCompany) => codec.refuses!(value, company),
    }),
  };
};

/** Lines three and four as one: the vendor has one more than the contract. */
const lastLines: Row<string> = {
  ...at('AddressLine3', text({ max: 500 })),
  read: (address) => joined(address),
  write: (value, change) => {
    if (change.before && joined(change.before) === (value ?? undefined)) return;
    const [AddressLine3 = '', ...rest] = (value ?? '').split('\n');
    for (const [member, line] of Object.entries({ AddressLine3, AddressLine4: rest.join(' ') })) {
      if (line === '') change.clear(member, '');
      else change.set(member, line);
    }
  },
};

const joined = ({ AddressLine3, AddressLine4 }: WireObject): string | undefined =>
  [AddressLine3, AddressLine4]
    .map((line) => (typeof line === 'string' ? line : ''))
    .join('\n')
    .replace(/\n+$/, '') || undefined;

export const address = (): Codec<Content> =>
  object({
    line1: at('AddressLine1', text({ max: 500 })),
    line2: at('AddressLine2', text({ max: 500 })),
    line3: lastLines,
    city: at('City', text({ max: 255 })),
    region: at('Region', text({ max: 255 })),
    postalCode: at('PostalCode', text({ max: 50 })),
    country: at('Country', text({ max: 50 })),
  });

/** A number that the vendor may keep in three parts; one that is said anew is said in one. */
const phoneNumber: Row<string> = {
  ...at('PhoneNumber', text({ max: 50 })),
  read: (phone) => spoken(phone),
  write: (value, change) => {
    if (change.before && spoken(change.before) === (value ?? undefined)) return;
    change.clear('PhoneCountryCode', '');
    change.clear('PhoneAreaCode', '');
    if (value === null) change.clear('PhoneNumber', '');
    else change.set('PhoneNumber', value);
  },
};

const spoken = ({ PhoneCountryCode, PhoneAreaCode, PhoneNumber }: WireObject): string | undefined =>
  [PhoneCountryCode, PhoneAreaCode, PhoneNumber]
    .filter((part) => typeof part === 'string' && part.trim() !== '')
    .join(' ') || undefined;

export const phone = (): Codec<Content> => object({ number: phoneNumber });

export const severalCurrencies = (company: XeroCompany): boolean => company.multicurrency;
