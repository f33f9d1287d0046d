import type { KindName } from '../../../domain/contract/index.js';
import type {
  AbsentKind,
  FacetDefinition,
  KindDefinition,
  Operation,
  Recovery,
} from '../../../domain/provider/index.js';
import type { Mapping } from '../../../domain/provider/mapping/index.js';
import { company } from './mapping/company.js';
import { waveCompany, type WaveCompany } from './wave.company.js';
import { withoutList } from './wave.ids.js';
import { resourceOf, resourcesOf, UNSHOWN } from './wave.resources.js';
import { compareSequences, compareTimes } from './wave.sightings.js';

/** What can be done with each kind here, and why the rest is impossible (sheet 3.6, 4). */

/** Nothing is told of a delay between a write and what lists show of it. */
const SETTLE_MS = 60_000;

/** How long the vendor remembers an externalId is not told; a repeat of it is refused or ignored (sheet 6). */
const KEY_WINDOW_MS = 20 * 3_600_000;

const found = (lookUp: string): Recovery => ({ lookUp, settleMs: SETTLE_MS });

const NEVER_DELETED = 'Wave’s API never deletes such a record; it is archived.';
const NO_VOID = 'Wave has no voiding; what should not be is deleted.';
const NOT_IN_API = 'Wave’s API has nothing of the sort.';
const ONCE = 'Wave takes a money transaction once and never shows it again.';

const held = (
  kind: KindName,
  operations: readonly Operation[],
  impossible: KindDefinition['impossible'],
  recovery: Recovery,
  states?: readonly string[],
): KindDefinition => {
  const mappings = resourcesOf(kind).map(({ mapping }) => mapping);
  return {
    operations,
    impossible,
    noticedBy: 'poll',
    carries: carriesOf(mappings),
    decides: [...new Set(mappings.flatMap(({ decides }) => decides))],
    ...(states && { states }),
    compareVersions: kind === 'account' ? compareSequences : compareTimes,
    guardsVersions: false,
    recovery,
  };
};

/** What either of two cards can hold, the kind can hold. */
const carriesOf =
  (mappings: readonly Mapping<WaveCompany>[]) =>
  (features: Readonly<Record<string, string>>): ReadonlySet<string> =>
    new Set(mappings.flatMap((mapping) => [...mapping.carries(waveCompany('', features, undefined))]));

/** Taken and never shown: what was sent is what the books are held to say. */
const unshown = (kind: 'expense' | 'journal_entry'): KindDefinition => {
  const mapping = UNSHOWN[kind]!;
  return {
    operations: ['create'],
    impossible: { update: ONCE, delete: ONCE, void: ONCE },
    noticedBy: 'none',
    carries: carriesOf([mapping]),
    decides: mapping.decides,
    unreadable: 'Wave takes money transactions and does not show them to programs.',
    guardsVersions: false,
    recovery: {
      keyWindowMs: KEY_WINDOW_MS,
      lookUp: 'cannot be looked for: it is sent again under the same externalId, which Wave posts once',
      untraceable: true,
      settleMs: 0,
    },
  };
};

const absent = (absence: string): AbsentKind => ({ absent: absence });

const facet = (name: 'customer' | 'vendor', flag: string, more: Partial<FacetDefinition> = {}): FacetDefinition => {
  const { list } = resourceOf('contact', undefined, name)!;
  return { name, flag, owns: (id) => withoutList(list, id) !== undefined, ...more };
};

const LIST: readonly Operation[] = ['create', 'update', 'archive'];
const RECORD: readonly Operation[] = ['create', 'update', 'delete'];

export const kinds: Readonly<Record<KindName, KindDefinition | AbsentKind>> = {
  company: {
    operations: [],
    impossible: { create: 'A business is made in Wave.', update: 'The business is read only.' },
    noticedBy: 'poll',
    carries: carriesOf([company]),
    decides: company.decides,
    guardsVersions: false,
    recovery: found('nothing is written to the business'),
  },
  account: held(
    'account',
    LIST,
    { delete: NEVER_DELETED, restore: 'Wave’s API does not bring an archived account back.' },
    found('among all accounts, by what it says'),
  ),
  tax_rate: held(
    'tax_rate',
    LIST,
    { delete: NEVER_DELETED, restore: 'Wave’s API does not bring an archived tax back.' },
    found('by its abbreviation, which Wave gives once only'),
  ),
  tracking_category: absent('Wave has no tracking of lines by classes, departments or jobs.'),
  payment_term: absent('Wave has no payment terms in its API; only the due date of an invoice is visible.'),
  contact: {
    ...held(
      'contact',
      RECORD,
      {},
      found('among the customers made since, by a mark in the notes that customers do not see'),
    ),
    facets: [facet('customer', 'isCustomer'), facet('vendor', 'isVendor', { operations: [] })],
  },
  item: held(
    'item',
    LIST,
    { delete: NEVER_DELETED, restore: 'Wave’s API does not bring an archived product back.' },
    found('among the products made since the write was sent, by what it says'),
  ),
  quote: held(
    'quote',
    RECORD,
    { void: 'An estimate posts nothing; it is deleted.' },
    found('by its number, or among the estimates made since the write was sent, by what it says'),
    ['draft', 'sent', 'accepted', 'declined', 'closed'],
  ),
  purchase_order: absent('Wave has no purchase orders; the number of one is a text on an invoice.'),
  invoice: held(
    'invoice',
    RECORD,
    { void: NO_VOID },
    found('by its number, or among the invoices made since the write was sent, by what it says'),
    ['draft', 'open'],
  ),
  credit_note: absent('Wave has no credit notes in its API, and a negative invoice is none.'),
  bill: absent(`${NOT_IN_API} Bills are entered in Wave.`),
  vendor_credit: absent(`${NOT_IN_API} What a vendor owes is entered in Wave.`),
  payment: held(
    'payment',
    RECORD,
    { void: NO_VOID },
    found('among the payments of its invoice, by a mark in the memo'),
  ),
  bill_payment: absent(`${NOT_IN_API} Payments of bills are entered in Wave.`),
  expense: unshown('expense'),
  journal_entry: unshown('journal_entry'),
  transfer: absent('Wave’s money transactions take one account that money is in, and a transfer has two.'),
};
