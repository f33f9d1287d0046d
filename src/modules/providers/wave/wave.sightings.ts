import { fingerprint, type Content, type Existence } from '../../../domain/contract/index.js';
import {
  isWireNumber,
  isWireObject,
  parseWire,
  printWire,
  UnreadableWire,
  wireAt,
  type WireObject,
} from '../../../domain/provider/mapping/index.js';
import type { ProviderFailure, Sighting } from '../../../domain/provider/index.js';
import { company, type CompanyRecord } from './mapping/company.js';
import type { WaveCompany } from './wave.company.js';
import { idOf, type Resource } from './wave.resources.js';
import { textIn, type VendorRecord } from './wave.wire.js';

/**
 * Records of the vendor as sightings. `raw` is the record as JSON text, so that no digit of it is lost wherever it is
 * kept meanwhile.
 */

/** Throws UnreadableWire where the record says what it must not. */
export const sightingOf = (resource: Resource, record: VendorRecord, business: WaveCompany): Sighting => {
  const content = resource.mapping.read(record, business);
  const existence = existenceOf(record);
  return {
    kind: resource.kind,
    id: idOf(resource, record.id),
    ...(resource.facet && { facet: resource.facet }),
    existence,
    content,
    version: resource.one === 'account' ? accountVersion(record, content) : timedVersion(record, content, existence),
    raw: printWire(record),
    ...instants(record),
  };
};

export type Seen = { readonly sighting: Sighting } | { readonly failure: ProviderFailure };

/** A record as a sighting; what cannot be read is said and never taken for something else. */
export const see = (resource: Resource, record: VendorRecord, business: WaveCompany): Seen => {
  try {
    return { sighting: sightingOf(resource, record, business) };
  } catch (problem) {
    if (!(problem instanceof UnreadableWire)) throw problem;
    return { failure: { is: 'unreadable', message: `Wave shows a record of ${resource.one} with ${problem.message}` } };
  }
};

const existenceOf = ({ isArchived, status }: WireObject): Existence =>
  status === 'DELETED' ? 'deleted' : isArchived === true ? 'archived' : 'present';

/**
 * The time of the last change tells one version from the next, but for changes within one tick of the vendor's clock,
 * and for payments, of which it is not told whether they change their invoice's time (sheet 9.4). So what the record says
 * is part of its version. What a contact owes at the moment is not: it moves without the contact.
 */
const timedVersion = (record: WireObject, { balance, ...content }: Content, existence: Existence): string => {
  const told = textIn(record, 'status') === undefined ? content : { ...content, balance: balance ?? null };
  return `${textIn(record, 'modifiedAt') ?? ''}~${fingerprint({ told, existence }).slice(0, 12)}`;
};

/**
 * Accounts have no times, and a number that rises with each change. Switching one off answers nothing, so the version of
 * an account that is off is what it says.
 */
export const accountVersion = (record: WireObject, { balance: _, ...content }: Content): string => {
  if (record.isArchived === true) return `archived~${fingerprint(content).slice(0, 12)}`;
  const { sequence } = record;
  if (!isWireNumber(sequence)) throw new UnreadableWire('sequence', 'a number');
  return sequence.rawJSON;
};

/** Negative when the first version is the older one; zero where that cannot be said. */
export const compareTimes = (one: string, other: string): number => {
  const [first, second] = [one, other].map((version) => Date.parse(version.split('~')[0]!));
  return Number.isNaN(first) || Number.isNaN(second) ? 0 : first! - second!;
};

export const compareSequences = (one: string, other: string): number =>
  [one, other].every((version) => /^\d{1,9}$/.test(version)) ? Number(one) - Number(other) : 0;

const instants = (record: WireObject): Pick<Sighting, 'createdAt' | 'changedAt'> => {
  const [createdAt, changedAt] = ['createdAt', 'modifiedAt'].map((member) => instantOf(textIn(record, member)));
  return { ...(createdAt && { createdAt }), ...(changedAt && { changedAt }) };
};

export const instantOf = (text: string | undefined): string | undefined => {
  const at = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
};

/** The record as last seen. */
export const recordIn = (raw: unknown): VendorRecord => {
  const record = typeof raw === 'string' ? parseWire(raw) : undefined;
  if (!isWireObject(record) || typeof record.id !== 'string') throw new Error('the record as last seen is missing');
  return record as VendorRecord;
};

export const companySighting = (id: string, record: CompanyRecord, business: WaveCompany): Sighting => {
  const content = company.read(record, business);
  const changedAt = instantOf(textIn(wireAt(record, 'Business'), 'modifiedAt'));
  const createdAt = instantOf(textIn(wireAt(record, 'Business'), 'createdAt'));
  return {
    kind: 'company',
    id,
    existence: 'present',
    content,
    version: fingerprint(content).slice(0, 32),
    raw: printWire(record),
    ...(createdAt && { createdAt }),
    ...(changedAt && { changedAt }),
  };
};
