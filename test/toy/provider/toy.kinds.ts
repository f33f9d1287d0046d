import { KIND_NAMES, type KindName } from '../../../src/domain/contract/index.js';
import type { AbsentKind, KindDefinition, Operation, Recovery } from '../../../src/domain/provider/index.js';
import { company } from './mapping/company.js';
import { paymentTerm } from './mapping/payment-term.js';
import type { Places } from './toy.places.js';

const KEY_WINDOW_MS = 1_800_000;

const NO_DRAFTS = 'The toy has no drafts.';
const NO_VOID = 'The toy voids sales only.';
const COMES_ALONG = 'Accounts come with the company.';
const DERIVED = 'A term is nothing but the days that contacts have.';

/** What can be done with each kind, depending on how awkward the toy is. */
export const kindsOf = (places: Places): Readonly<Record<KindName, KindDefinition | AbsentKind>> => {
  const { traits } = places;
  const recovery: Recovery = {
    ...(!traits.keyless && { keyWindowMs: KEY_WINDOW_MS }),
    lookUp: 'by a mark that nobody is shown',
    settleMs: 1000,
  };
  const byRev = (one: string, other: string): number => Number(one) - Number(other);
  const read: Pick<KindDefinition, 'guardsVersions' | 'recovery'> = { guardsVersions: !traits.unguarded, recovery };
  const kept = (
    kind: KindName,
    operations: readonly Operation[],
    impossible: KindDefinition['impossible'],
    more: Partial<KindDefinition> = {},
  ): KindDefinition => {
    const { mapping } = places.of(kind);
    return {
      ...read,
      operations,
      impossible,
      noticedBy: traits.pollOnly ? 'poll' : 'webhook',
      carries: () => mapping.carries({ baseCurrency: undefined }),
      decides: mapping.decides,
      compareVersions: byRev,
      ...more,
    };
  };
  const open = { states: ['open'] };
  const held: Partial<Record<KindName, KindDefinition>> = {
    company: {
      ...read,
      operations: [],
      impossible: { update: 'The company is changed by its people.' },
      noticedBy: 'poll',
      carries: () => company.carries({ baseCurrency: undefined }),
      decides: [],
    },
    account: kept(
      'account',
      [],
      { create: COMES_ALONG, update: COMES_ALONG, delete: COMES_ALONG, archive: COMES_ALONG },
      { noticedBy: 'poll' },
    ),
    contact: kept(
      'contact',
      ['create', 'update', 'archive', 'restore'],
      { delete: 'Contacts are switched off.' },
      { noticedBy: 'poll' },
    ),
    invoice: kept('invoice', ['create', 'update', 'delete', 'void'], { draft: NO_DRAFTS }, open),
    bill: kept('bill', ['create', 'update', 'delete'], { void: NO_VOID, draft: NO_DRAFTS }, open),
    credit_note: kept('credit_note', ['create', 'update', 'delete'], { void: NO_VOID, draft: NO_DRAFTS }, open),
    payment: traits.replaces
      ? kept('payment', ['create', 'delete', 'replace'], { update: 'Receipts are replaced.', void: NO_VOID })
      : kept('payment', ['create', 'update', 'delete'], { void: NO_VOID }),
    expense: kept(
      'expense',
      ['create'],
      { update: 'Spendings are entered once.', delete: 'Spendings are entered once.', void: NO_VOID },
      traits.writeOnly
        ? {
            noticedBy: 'none',
            unreadable: 'Spendings are taken and never shown.',
            guardsVersions: false,
            recovery: { ...recovery, lookUp: 'cannot be looked for: spendings are never shown', untraceable: true },
          }
        : {},
    ),
    ...(traits.derivesTerms && {
      payment_term: {
        ...read,
        operations: [],
        impossible: { create: DERIVED, update: DERIVED, delete: DERIVED, archive: DERIVED },
        noticedBy: 'poll' as const,
        carries: () => paymentTerm.carries({ baseCurrency: undefined }),
        decides: [],
      },
    }),
  };
  return Object.fromEntries(
    KIND_NAMES.map((kind) => [kind, held[kind] ?? { absent: 'The toy keeps no such thing.' }]),
  ) as Record<KindName, KindDefinition | AbsentKind>;
};
