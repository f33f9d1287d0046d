import { KIND_NAMES, type KindName } from '../../../src/domain/contract/index.js';
import { isAbsent, type KindDefinition, type ProviderDefinition } from '../../../src/domain/provider/index.js';

/**
 * What is expected of each provider and kind, from the fact sheets: r read, c create, u update, d delete, v void,
 * a archive and restore, `replace` an update by delete and create. The providers' definitions have to say the same.
 */
export type AbilityColumn = Readonly<Record<KindName, string>>;

const column = (kinds: AbilityColumn): AbilityColumn => kinds;

export const ABILITIES: Readonly<Record<string, AbilityColumn>> = {
  quickbooks: column({
    company: 'r',
    account: 'r c u a',
    contact: 'r c u a',
    item: 'r c u a',
    tax_rate: 'r c',
    tracking_category: 'r c u a',
    payment_term: 'r c u a',
    invoice: 'r c u d v',
    credit_note: 'r c u d',
    quote: 'r c u d',
    payment: 'r c u d v',
    bill: 'r c u d',
    vendor_credit: 'r c u d',
    bill_payment: 'r c u d v',
    purchase_order: 'r c u d',
    expense: 'r c u d',
    journal_entry: 'r c u d',
    transfer: 'r c u d',
  }),
  xero: column({
    company: 'r',
    account: 'r c u a d',
    contact: 'r c u a',
    item: 'r c u d',
    tax_rate: 'r c u d',
    tracking_category: 'r c u a d',
    payment_term: 'r',
    invoice: 'r c u v d',
    credit_note: 'r c u v d',
    quote: 'r c u d',
    payment: 'r c d replace',
    bill: 'r c u v d',
    vendor_credit: 'r c u v d',
    bill_payment: 'r c d replace',
    purchase_order: 'r c u d',
    expense: 'r c u d',
    journal_entry: 'r c u v d',
    transfer: 'r c d replace',
  }),
  wave: column({
    company: 'r',
    account: 'r c u a',
    contact: 'r c u d',
    item: 'r c u a',
    tax_rate: 'r c u a',
    tracking_category: 'absent',
    payment_term: 'absent',
    invoice: 'r c u d',
    credit_note: 'absent',
    quote: 'r c u d',
    payment: 'r c u d',
    bill: 'absent',
    vendor_credit: 'absent',
    bill_payment: 'absent',
    purchase_order: 'absent',
    expense: 'c',
    journal_entry: 'c',
    transfer: 'absent',
  }),
  accountedge: column({
    company: 'r',
    account: 'r c u d a',
    contact: 'r c u d a',
    item: 'r c u d a',
    tax_rate: 'r c u d',
    tracking_category: 'r c u d',
    payment_term: 'r',
    invoice: 'r c u d',
    credit_note: 'r c u d',
    quote: 'r c u d',
    payment: 'r c d replace',
    bill: 'r c u d',
    vendor_credit: 'r c u d',
    bill_payment: 'r c d replace',
    purchase_order: 'r c u d',
    expense: 'r c u d',
    journal_entry: 'r c u d',
    transfer: 'r c u d',
  }),
};

const LETTERS: Readonly<Record<KindDefinition['operations'][number], string>> = {
  create: 'c',
  update: 'u',
  delete: 'd',
  void: 'v',
  archive: 'a',
  restore: 'a',
  replace: 'replace',
};

/** The words of a cell in one order, so that cells can be compared. */
export const inOrder = (cell: string): string => [...new Set(cell.split(' '))].sort().join(' ');

/** What a definition says, in the table's words. */
export const declaredAbilities = ({ kinds }: ProviderDefinition): Record<KindName, string> =>
  Object.fromEntries(
    KIND_NAMES.map((kind) => {
      const definition = kinds[kind];
      if (isAbsent(definition)) return [kind, 'absent'];
      const reads = definition.unreadable === undefined ? ['r'] : [];
      return [kind, inOrder([...reads, ...definition.operations.map((operation) => LETTERS[operation])].join(' '))];
    }),
  ) as Record<KindName, string>;
