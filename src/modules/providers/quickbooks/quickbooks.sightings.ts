import { exact, fingerprint, isDecimal, type Content, type Existence } from '../../../domain/contract/index.js';
import {
  decimal,
  isWireObject,
  parseWire,
  printWire,
  wireAt,
  wireObjects,
  type Wire,
  type WireObject,
} from '../../../domain/provider/mapping/index.js';
import type { Sighting } from '../../../domain/provider/index.js';
import { company, type CompanyRecord } from './mapping/company.js';
import { NOT_TAXABLE, TAXABLE } from './mapping/tax.js';
import { taxRate, type TaxRecord } from './mapping/tax-rate.js';
import { idOf, type Entity } from './quickbooks.entities.js';
import type { CompanyFeatures } from './quickbooks.features.js';
import { idText, type VendorRecord } from './quickbooks.wire.js';

/**
 * Records of the vendor as sightings. `raw` is the record as JSON text, so that no digit of it is lost wherever it is
 * kept meanwhile.
 */

/** Throws UnreadableWire where the record says what it must not. */
export const sightingOf = (entity: Entity, record: VendorRecord, features: CompanyFeatures): Sighting => ({
  kind: entity.kind,
  id: idOf(entity, idText(record.Id)),
  ...(entity.facet && { facet: entity.facet }),
  existence: existenceOf(entity, record),
  content: entity.mapping.read(record, features),
  version: idText(record.SyncToken),
  raw: printWire(record),
  ...instants(record),
});

/** A stub in place of a record: it existed, and does not any more (sheet 4.3). */
export const isDeleted = (record: WireObject): boolean => record.status === 'Deleted';

const existenceOf = (entity: Entity, record: WireObject): Existence => {
  if (isDeleted(record)) return 'deleted';
  if (entity.nature === 'list') return record.Active === false ? 'archived' : 'present';
  return entity.showsVoid && isVoided(record) ? 'voided' : 'present';
};

/** The vendor has no mark for it: amounts are zero, nothing is open, and the note begins with the word (sheet 3.8). */
const isVoided = (record: WireObject): boolean =>
  typeof record.PrivateNote === 'string' &&
  record.PrivateNote.startsWith('Voided') &&
  (record.TotalAmt !== undefined || record.Amount !== undefined) &&
  [record.TotalAmt, record.Amount, record.Balance, record.UnappliedAmt].every(isZero);

const isZero = (wire: Wire | undefined): boolean => {
  if (wire === undefined) return true;
  const value = decimal().read(wire, undefined);
  return isDecimal(value) && exact(value).isZero();
};

const instants = (record: WireObject): Pick<Sighting, 'createdAt' | 'changedAt' | 'changedBy'> => {
  const createdAt = instantOf(wireAt(record, 'MetaData.CreateTime'));
  const changedAt = changedAtOf(record);
  const changedBy = wireAt(record, 'MetaData.LastModifiedByRef.value');
  return {
    ...(createdAt && { createdAt }),
    ...(changedAt && { changedAt }),
    ...(typeof changedBy === 'string' && { changedBy }),
  };
};

export const changedAtOf = (record: WireObject): string | undefined =>
  instantOf(wireAt(record, 'MetaData.LastUpdatedTime'));

/** The vendor's clock speaks in an offset of its own; ours is UTC. */
export const instantOf = (wire: Wire | undefined): string | undefined => {
  const at = typeof wire === 'string' ? Date.parse(wire) : NaN;
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
};

/** What the vendor adds to a record for its own use, and what it computes anew anyway (sheet 9.2 point 6). */
const NOT_SENT = ['domain', 'sparse', 'status', 'time', 'MetaData'];

/** A record as it may be sent back: read-only members that stay are passed over by the vendor. */
export const sendable = (raw: unknown): WireObject => {
  const record = parseWire(typeof raw === 'string' ? raw : JSON.stringify(raw ?? null));
  if (!isWireObject(record)) throw new Error('the record as last seen is missing');
  const kept = Object.fromEntries(Object.entries(record).filter(([member]) => !NOT_SENT.includes(member)));
  return Array.isArray(kept.Line) ? { ...kept, Line: kept.Line.filter(isNoSubtotal).map(withoutNoise) } : kept;
};

const isNoSubtotal = (line: Wire): boolean => !isWireObject(line) || line.DetailType !== 'SubTotalLineDetail';

const withoutNoise = (line: Wire): Wire => {
  if (!isWireObject(line)) return line;
  const { LineEx: _, ...kept } = line;
  return kept;
};

/** What the vendor keeps about taxes, read as a whole: lines refer to codes, codes to rates, rates to agencies. */
export class TaxTables {
  private constructor(
    private readonly codes: ReadonlyMap<string, WireObject>,
    private readonly rates: readonly WireObject[],
    private readonly agencies: readonly WireObject[],
    private readonly features: CompanyFeatures,
  ) {}

  static of(
    codes: readonly WireObject[],
    rates: readonly WireObject[],
    agencies: readonly WireObject[],
    features: CompanyFeatures,
  ): TaxTables {
    const byId = new Map(codes.map((code) => [idText(code.Id), code]));
    // Lines of US companies name these two; whether the list of codes shows them is not told.
    for (const [id, name] of features.country === 'US' ? LINE_CODES : []) {
      if (!byId.has(id)) byId.set(id, { Id: id, Name: name, Active: true });
    }
    return new TaxTables(byId, rates, agencies, features);
  }

  /** Throws UnreadableWire. */
  sighting(id: string): Sighting | undefined {
    const code = this.codes.get(id);
    return code && taxSighting(this.recordOf(code), this.features);
  }

  get ids(): readonly string[] {
    return [...this.codes.keys()];
  }

  private recordOf(code: WireObject): TaxRecord {
    const named = new Set(
      ['SalesTaxRateList', 'PurchaseTaxRateList'].flatMap((list) =>
        wireObjects(wireAt(code, `${list}.TaxRateDetail`)).map((detail) => idText(wireAt(detail, 'TaxRateRef.value'))),
      ),
    );
    const TaxRates = this.rates.filter((rate) => named.has(idText(rate.Id)));
    const agencies = new Set(TaxRates.map((rate) => idText(wireAt(rate, 'AgencyRef.value'))));
    return { TaxCode: code, TaxRates, TaxAgencies: this.agencies.filter((agency) => agencies.has(idText(agency.Id))) };
  }
}

const LINE_CODES = [
  [TAXABLE, 'Taxable'],
  [NOT_TAXABLE, 'Non-taxable'],
] as const;

/** Rates change without any code's version telling, so the version is what is seen (sheet 3.4). */
export const taxSighting = (record: TaxRecord, features: CompanyFeatures): Sighting => {
  const content = taxRate.read(record, features);
  const existence = record.TaxCode.Active === false ? 'archived' : 'present';
  return {
    kind: 'tax_rate',
    id: idText(record.TaxCode.Id),
    existence,
    content,
    version: contentVersion(content, existence),
    raw: printWire(record),
    ...instants(record.TaxCode),
  };
};

/** The company goes by its realm, which is the id in every path; its own `Id` is always 1 (sheet 3.7). */
export const companySighting = (realm: string, record: CompanyRecord, features: CompanyFeatures): Sighting => {
  const content = company.read(record, features);
  return {
    kind: 'company',
    id: realm,
    existence: 'present',
    content,
    version: contentVersion(content, 'present'),
    raw: printWire(record),
    ...instants(record.CompanyInfo),
  };
};

const contentVersion = (content: Content, existence: Existence): string =>
  fingerprint({ content, existence }).slice(0, 32);
