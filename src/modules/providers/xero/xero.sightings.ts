import { fingerprint, type Content, type Existence } from '../../../domain/contract/index.js';
import {
  isWireObject,
  parseWire,
  printWire,
  UnreadableWire,
  wireNumber,
  wireObjects,
  type WireObject,
} from '../../../domain/provider/mapping/index.js';
import type { Sighting } from '../../../domain/provider/index.js';
import { company, type CompanyRecord } from './mapping/company.js';
import { paymentTerm, termOf } from './mapping/payment-term.js';
import { optionId } from './mapping/tracking.js';
import { trackingCategory } from './mapping/tracking-category.js';
import type { XeroCompany } from './xero.features.js';
import { existenceOf, type Resource } from './xero.resources.js';
import { instantOf, millisecondsOf, textAt } from './xero.wire.js';

/**
 * Records of the vendor as sightings. `raw` is the record as JSON text, so that no digit of it is lost wherever it is
 * kept meanwhile.
 */

/** Throws UnreadableWire where the record says what it must not. */
export const sightingOf = (resource: Resource, row: WireObject, features: XeroCompany): Sighting => {
  const id = textAt(row, resource.id);
  if (id === undefined) throw new UnreadableWire(resource.id, 'an id');
  const existence = existenceOf(resource, row);
  const content = resource.mapping.read(row, features);
  const mergedInto = textAt(row, 'MergedToContactID');
  const [createdAt, changedAt] = [instantOf(row.CreatedDateUTC), instantOf(row.UpdatedDateUTC)];
  return {
    kind: resource.kind,
    id,
    existence,
    content,
    version: versionOf(resource, row, content, existence),
    raw: printWire(row),
    ...(createdAt && { createdAt }),
    ...(changedAt && { changedAt }),
    ...(mergedInto !== undefined && { mergedInto }),
  };
};

/**
 * The time of the last change is the only version there is, to the millisecond (sheet 5). A few changes do not move it
 * (sheet 4.3); what they change stands beside it. Where there is no time the version is what is seen.
 */
const versionOf = (resource: Resource, row: WireObject, content: Content, existence: Existence): string => {
  const at = millisecondsOf(row.UpdatedDateUTC);
  if (at === undefined) return contentVersion(content, existence);
  const unstamped = UNSTAMPED.flatMap((member) => content[member] ?? []);
  return unstamped.length === 0 ? `${at}` : `${at}+${fingerprint(unstamped).slice(0, 8)}`;
};

const UNSTAMPED = ['dueDate', 'isCustomer', 'isVendor'];

/** Older ones first; what did not move the time has no order. */
export const byTime = (one: string, other: string): number => {
  const [first, second] = [one, other].map((version) => (/^(\d{1,15})(\+|$)/.exec(version) ?? [])[1]);
  return first === undefined || second === undefined ? 0 : Number(first) - Number(second);
};

export const contentVersion = (content: Content, existence: Existence): string =>
  fingerprint({ content, existence }).slice(0, 32);

/** The record as last seen; throws where it is missing. */
export const rawOf = (raw: unknown): WireObject => {
  const record = typeof raw === 'string' ? parseWire(raw) : undefined;
  if (!isWireObject(record)) throw new Error('the record as last seen is missing');
  return record;
};

/** The organisation goes by its tenant, which is its own id, too (sheet 1.5). */
export const companySighting = (tenant: string, record: CompanyRecord, features: XeroCompany): Sighting => {
  const content = company.read(record, features);
  return {
    kind: 'company',
    id: tenant,
    existence: 'present',
    content,
    version: contentVersion(content, 'present'),
    raw: printWire(record),
  };
};

/** Undefined where the id is that of no term. Terms are nothing but their ids, so each one exists. */
export const termSighting = (id: string, features: XeroCompany): Sighting | undefined => {
  const term = termOf(id);
  if (!term) return undefined;
  const record: WireObject = { Term: { Type: term.type, Day: wireNumber(`${term.day}`) } };
  const content = paymentTerm.read(record, features);
  return {
    kind: 'payment_term',
    id,
    existence: 'present',
    content,
    version: contentVersion(content, 'present'),
    raw: printWire(record),
  };
};

/** An option with what its category says of it. */
export const optionRecord = (category: WireObject, option: WireObject): WireObject => ({
  ...option,
  TrackingCategoryID: category.TrackingCategoryID ?? null,
  Dimension: category.Name ?? null,
  CategoryStatus: category.Status ?? null,
});

const OPTION_EXISTENCE: readonly (readonly [status: string, existence: Existence])[] = [
  ['DELETED', 'deleted'],
  ['ARCHIVED', 'archived'],
];

/** An option of a category that is switched off is switched off. */
export const optionSighting = (record: WireObject, features: XeroCompany): Sighting => {
  const [category, option] = [textAt(record, 'TrackingCategoryID'), textAt(record, 'TrackingOptionID')];
  if (category === undefined || option === undefined) throw new UnreadableWire('TrackingOptionID', 'an id');
  const statuses = [record.Status, record.CategoryStatus];
  const existence = OPTION_EXISTENCE.find(([status]) => statuses.includes(status))?.[1] ?? 'present';
  const content = trackingCategory.read(record, features);
  return {
    kind: 'tracking_category',
    id: optionId(category, option),
    existence,
    content,
    version: contentVersion(content, existence),
    raw: printWire(record),
  };
};

export const optionsIn = (categories: readonly WireObject[]): readonly WireObject[] =>
  categories.flatMap((category) => wireObjects(category.Options).map((option) => optionRecord(category, option)));
