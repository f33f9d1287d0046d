import type { KindName } from '../../../domain/contract/index.js';
import type { KindDefinition, Operation, Recovery } from '../../../domain/provider/index.js';
import type { Mapping } from '../../../domain/provider/mapping/index.js';
import { company } from './mapping/company.js';
import { paymentTerm } from './mapping/payment-term.js';
import { trackingCategory } from './mapping/tracking-category.js';
import { companyFeatures, type XeroCompany } from './xero.features.js';
import { resourceOf } from './xero.resources.js';
import { byTime } from './xero.sightings.js';

/** What can be done with each kind here, and why the rest is impossible (sheet 3.0). */

/** The vendor remembers a key for six minutes from the first call; one of them is left to clocks and lines (sheet 5). */
const KEY_WINDOW_MS = 5 * 60_000;

/** Nothing is told of writes that lists show late; a slow answer is given this long. */
const SETTLE_MS = 60_000;

const BY_NAME: Recovery = {
  keyWindowMs: KEY_WINDOW_MS,
  lookUp: 'by its name or code, which the vendor gives once only',
  settleMs: SETTLE_MS,
};

const BY_CONTENT: Recovery = {
  keyWindowMs: KEY_WINDOW_MS,
  lookUp: 'among the records modified since the write was sent, by its number and by what it says',
  settleMs: SETTLE_MS,
};

type Impossible = KindDefinition['impossible'];

const kept = (
  kind: KindName,
  mapping: Mapping<XeroCompany>,
  operations: readonly Operation[],
  impossible: Impossible,
  more: Partial<KindDefinition> = {},
): KindDefinition => ({
  operations,
  impossible,
  noticedBy: 'poll',
  carries: (features) => mapping.carries(companyFeatures(features, features.homeCurrency)),
  decides: mapping.decides,
  // Nothing in a write can name a version: the last writer wins (sheet 5).
  guardsVersions: false,
  recovery: ['account', 'tax_rate', 'tracking_category', 'contact', 'item'].includes(kind) ? BY_NAME : BY_CONTENT,
  ...more,
});

const record = (
  kind: KindName,
  operations: readonly Operation[],
  impossible: Impossible,
  more: Partial<KindDefinition> = {},
): KindDefinition => kept(kind, resourceOf(kind)!.mapping, operations, impossible, more);

const stamped = { compareVersions: byTime };
const hooked = { ...stamped, noticedBy: 'webhook' } as const;

const NO_RETURN = 'Xero refuses to bring back what was archived; its people can.';
const TERMS = 'A term is what stands on a contact or on the organisation, and no record of its own.';
const NO_VOID = 'Xero deletes these and does not void them.';
const UNCHANGED = 'Xero never changes it: another one takes its place.';

const DOCUMENT: readonly Operation[] = ['create', 'update', 'void', 'delete'];
const PLAIN: readonly Operation[] = ['create', 'update', 'delete'];
const REPLACED: readonly Operation[] = ['create', 'delete', 'replace'];

const APPROVED = ['draft', 'submitted', 'open'];

export const kinds: Readonly<Record<KindName, KindDefinition>> = {
  company: kept('company', company, [], { create: 'A company is made in Xero.', update: 'The company is read only.' }),
  account: record('account', ['create', 'update', 'archive', 'delete'], { restore: NO_RETURN }, stamped),
  tax_rate: record('tax_rate', PLAIN, { archive: 'Xero deletes tax rates and does not switch them off.' }),
  tracking_category: kept('tracking_category', trackingCategory, ['create', 'update', 'archive', 'delete'], {
    restore: NO_RETURN,
  }),
  payment_term: kept('payment_term', paymentTerm, [], {
    create: TERMS,
    update: TERMS,
    delete: TERMS,
    archive: TERMS,
  }),
  contact: record(
    'contact',
    ['create', 'update', 'archive'],
    { delete: 'Xero never deletes a contact; it is archived.', restore: NO_RETURN },
    hooked,
  ),
  item: record('item', PLAIN, { archive: 'Xero has no way to switch an item off.' }, stamped),
  quote: record(
    'quote',
    PLAIN,
    { void: 'A quote posts nothing; it is deleted.' },
    {
      ...stamped,
      states: ['draft', 'sent', 'accepted', 'declined', 'closed'],
    },
  ),
  purchase_order: record(
    'purchase_order',
    PLAIN,
    { void: 'A purchase order posts nothing; it is deleted.' },
    {
      ...stamped,
      states: ['draft', 'submitted', 'open', 'billed'],
    },
  ),
  invoice: record('invoice', DOCUMENT, {}, { ...hooked, states: APPROVED }),
  credit_note: record('credit_note', DOCUMENT, {}, { ...hooked, states: APPROVED }),
  bill: record('bill', DOCUMENT, {}, { ...hooked, states: APPROVED }),
  vendor_credit: record('vendor_credit', DOCUMENT, {}, { ...hooked, states: APPROVED }),
  payment: record('payment', REPLACED, { update: UNCHANGED, void: NO_VOID }, stamped),
  bill_payment: record('bill_payment', REPLACED, { update: UNCHANGED, void: NO_VOID }, stamped),
  expense: record('expense', PLAIN, { void: NO_VOID }, stamped),
  journal_entry: record('journal_entry', DOCUMENT, { draft: 'Drafts of journals are not shown.' }, stamped),
  transfer: record('transfer', REPLACED, { update: UNCHANGED, void: NO_VOID }),
};
