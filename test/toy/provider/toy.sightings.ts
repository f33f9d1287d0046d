import { fingerprint, type Content, type Existence } from '../../../src/domain/contract/index.js';
import {
  isWireNumber,
  isWireObject,
  parseWire,
  printWire,
  UnreadableWire,
  wireNumber,
  type WireObject,
} from '../../../src/domain/provider/mapping/index.js';
import type { Sighting } from '../../../src/domain/provider/index.js';
import { company } from './mapping/company.js';
import { paymentTerm } from './mapping/payment-term.js';
import type { ToyCompany } from './mapping/words.js';
import type { Place } from './toy.places.js';
import { textIn } from './toy.wire.js';

const EXISTENCE: Readonly<Record<string, Existence>> = {
  on: 'present',
  off: 'archived',
  void: 'voided',
  deleted: 'deleted',
};

/** Throws UnreadableWire where the row says what it must not. `raw` is the row's JSON text. */
export const sightingOf = (place: Place, row: WireObject, context: ToyCompany): Sighting => {
  const id = textIn(row, 'id');
  const { rev } = row;
  const existence = EXISTENCE[textIn(row, 'state') ?? ''];
  if (id === undefined) throw new UnreadableWire('id', 'an id');
  if (!isWireNumber(rev)) throw new UnreadableWire('rev', 'a number');
  if (!existence) throw new UnreadableWire('state', 'a known state');
  return {
    kind: place.kind,
    id,
    existence,
    content: place.mapping.read(row, context),
    version: rev.rawJSON,
    raw: printWire(row),
    ...instants(row),
  };
};

const instants = (row: WireObject): Pick<Sighting, 'createdAt' | 'changedAt'> => {
  const [createdAt, changedAt] = [textIn(row, 'created'), textIn(row, 'modified')];
  return { ...(createdAt && { createdAt }), ...(changedAt && { changedAt }) };
};

/** The members that are the vendor's own. */
const OWN = ['id', 'rev', 'state', 'created', 'modified', 'total', 'balance', 'remaining', 'unapplied'];

/** A row as it may be sent back. */
export const sendable = (raw: unknown): WireObject => {
  const row = typeof raw === 'string' ? parseWire(raw) : undefined;
  if (!isWireObject(row)) throw new Error('the record as last seen is missing');
  return Object.fromEntries(Object.entries(row).filter(([member]) => !OWN.includes(member)));
};

export const companySighting = (id: string, row: WireObject, context: ToyCompany): Sighting => {
  const content: Content = company.read(row, context);
  return { kind: 'company', id, existence: 'present', content, version: fingerprint(content), raw: printWire(row) };
};

/** A term of so many days, for nothing else is known of it. */
export const termSighting = (days: number, context: ToyCompany): Sighting => {
  const record: WireObject = { name: `${days} days`, days: wireNumber(`${days}`) };
  return {
    kind: 'payment_term',
    id: `days-${days}`,
    existence: 'present',
    content: paymentTerm.read(record, context),
    version: '1',
    raw: printWire(record),
  };
};
