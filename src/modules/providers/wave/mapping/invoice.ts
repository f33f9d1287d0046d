import { at, date, decided, finding, uncarried, type WireObject } from '../../../../domain/provider/mapping/index.js';
import { paidState, salesFields, salesTraits } from './sales-document.js';
import { kept, mapping, money, words } from './words.js';

type State = 'draft' | 'submitted' | 'open';

export const isDraft = ({ status }: WireObject): boolean => status === 'DRAFT';

/** Every status but one is of an invoice that counts; there may be more of them tomorrow (sheet 7 point 26). */
const state = decided<State, unknown>({
  read: (record) => (typeof record.status !== 'string' ? undefined : isDraft(record) ? 'draft' : 'open'),
  write: (value, change) => {
    if (!change.before) change.set('status', value === 'draft' ? 'DRAFT' : 'SAVED');
    else if (value === 'open' && isDraft(change.before)) change.set('status', 'SAVED');
  },
  carries: () => [''],
  refuses: (value, before) =>
    value === 'submitted'
      ? [finding('choice', 'must be draft or open')]
      : value === 'draft' && before && !isDraft(before)
        ? [finding('choice', 'must stay open: what Wave has approved is no draft any more')]
        : [],
});

/** Sheet 3.5. */
export const invoice = mapping(
  'invoice',
  {
    ...salesFields,

    issueDate: at('invoiceDate', date()),
    dueDate: kept(at('dueDate', date())),
    paymentTerm: uncarried('Wave has no payment terms in its API; only the due date of an invoice is visible.'),

    number: kept(at('invoiceNumber', words())),

    state,

    balance: money('amountDue'),
    paidState,
  },
  {
    ...salesTraits,
    prepare: (content, before, company) => {
      const prepared = salesTraits.prepare(content, before, company);
      // An invoice that is not said to be a draft counts, and can be paid.
      return before ? prepared : { ...prepared, state: prepared.state ?? 'open' };
    },
  },
);
