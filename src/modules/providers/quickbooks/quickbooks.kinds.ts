import type { KindName } from '../../../domain/contract/index.js';
import type { FacetDefinition, KindDefinition, Operation, Recovery } from '../../../domain/provider/index.js';
import type { Mapping } from '../../../domain/provider/mapping/index.js';
import { company } from './mapping/company.js';
import { taxRate } from './mapping/tax-rate.js';
import { entitiesOf, entityNamed, vendorIdOf } from './quickbooks.entities.js';
import { companyFeatures, type CompanyFeatures } from './quickbooks.features.js';

/** What can be done with each kind here, and why the rest is impossible (sheet 0). */

/** How long a write may be invisible to queries; they trail by seconds (sheet 8 point 33). */
const SETTLE_MS = 60_000;

/** How long the vendor remembers a key is not told; not relied upon beyond a day (sheet 5.1). */
const KEY_WINDOW_MS = 20 * 3_600_000;

const BY_NAME: Recovery = {
  lookUp: 'by its name, which the vendor gives once only, among the records made since the write was sent',
  settleMs: SETTLE_MS,
};

const BY_CONTENT: Recovery = {
  keyWindowMs: KEY_WINDOW_MS,
  lookUp: 'among the records made since the write was sent, by its number and by what it says',
  settleMs: SETTLE_MS,
};

const NEVER_DELETED = 'QuickBooks never deletes a record of this list; it is switched off.';
const NO_DRAFTS = 'QuickBooks has no drafts: what it has is posted.';
const NO_VOID = 'QuickBooks voids these for people only, not for programs.';

type Impossible = KindDefinition['impossible'];

const noticed = (
  kind: KindName,
  operations: readonly Operation[],
  impossible: Impossible,
  states?: readonly string[],
): KindDefinition => {
  const entities = entitiesOf(kind);
  const mappings = entities.map(({ mapping }) => mapping);
  return {
    operations,
    impossible,
    noticedBy: 'webhook',
    carries: carriesOf(mappings),
    decides: [...new Set(mappings.flatMap(({ decides }) => decides))],
    ...(states && { states }),
    compareVersions: byCount,
    guardsVersions: true,
    recovery: entities[0]!.nature === 'list' ? BY_NAME : BY_CONTENT,
  };
};

/** What either of two cards can hold, the kind can hold. */
const carriesOf =
  (mappings: readonly Mapping<CompanyFeatures>[]) =>
  (features: Readonly<Record<string, string>>): ReadonlySet<string> =>
    new Set(mappings.flatMap((mapping) => [...mapping.carries(companyFeatures(features, features.homeCurrency))]));

/** Versions count the modifications of a record (sheet 2.2). */
const byCount = (one: string, other: string): number => {
  if (![one, other].every((version) => /^\d+$/.test(version))) return 0;
  const [first, second] = [BigInt(one), BigInt(other)];
  return first < second ? -1 : first > second ? 1 : 0;
};

const polled = (
  mapping: Mapping<CompanyFeatures>,
  operations: readonly Operation[],
  impossible: Impossible,
): KindDefinition => ({
  operations,
  impossible,
  noticedBy: 'poll',
  carries: carriesOf([mapping]),
  decides: mapping.decides,
  guardsVersions: true,
  recovery: BY_NAME,
});

const facet = (name: 'customer' | 'vendor', flag: string, lacks: readonly string[]): FacetDefinition => {
  const entity = entityNamed(name === 'customer' ? 'Customer' : 'Vendor')!;
  return { name, flag, owns: (id) => vendorIdOf(entity, id) !== undefined, ...(lacks.length > 0 && { lacks }) };
};

const LIST: readonly Operation[] = ['create', 'update', 'archive', 'restore'];
const TRANSACTION: readonly Operation[] = ['create', 'update', 'delete'];

export const kinds: Readonly<Record<KindName, KindDefinition>> = {
  company: polled(company, [], {
    create: 'A company is made in QuickBooks.',
    update: 'The company is read only.',
  }),
  account: noticed('account', LIST, { delete: NEVER_DELETED }),
  tax_rate: polled(taxRate, ['create'], {
    update: 'QuickBooks offers no way to change a tax code or its rates.',
    delete: NEVER_DELETED,
    archive: 'QuickBooks offers no way to switch a tax code off.',
  }),
  tracking_category: noticed('tracking_category', LIST, { delete: NEVER_DELETED }),
  payment_term: noticed('payment_term', LIST, { delete: NEVER_DELETED }),
  contact: {
    ...noticed('contact', LIST, { delete: NEVER_DELETED }),
    facets: [facet('customer', 'isCustomer', []), facet('vendor', 'isVendor', ['addresses.shipping', 'notes'])],
  },
  item: noticed('item', LIST, { delete: NEVER_DELETED }),
  quote: noticed('quote', TRANSACTION, { void: 'A quote posts nothing; it is closed or deleted.', draft: NO_DRAFTS }, [
    'sent',
    'accepted',
    'declined',
    'closed',
  ]),
  purchase_order: noticed(
    'purchase_order',
    TRANSACTION,
    { void: 'A purchase order posts nothing; it is closed or deleted.', draft: NO_DRAFTS },
    ['open', 'closed'],
  ),
  invoice: noticed('invoice', [...TRANSACTION, 'void'], { draft: NO_DRAFTS }, ['open']),
  credit_note: noticed('credit_note', TRANSACTION, { void: NO_VOID, draft: NO_DRAFTS }, ['open']),
  bill: noticed('bill', TRANSACTION, { void: NO_VOID, draft: NO_DRAFTS }, ['open']),
  vendor_credit: noticed('vendor_credit', TRANSACTION, { void: NO_VOID, draft: NO_DRAFTS }, ['open']),
  payment: noticed('payment', [...TRANSACTION, 'void'], {}),
  bill_payment: noticed('bill_payment', [...TRANSACTION, 'void'], {}),
  expense: noticed('expense', TRANSACTION, { void: NO_VOID }),
  journal_entry: noticed('journal_entry', TRANSACTION, { void: NO_VOID }),
  transfer: noticed('transfer', TRANSACTION, { void: NO_VOID }),
};
