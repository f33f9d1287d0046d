import { at, date, decided, finding } from '../../../../domain/provider/mapping/index.js';
import { salesFields, salesTraits } from './sales-document.js';
import { kept, mapping, words } from './words.js';

type State = 'draft' | 'sent' | 'accepted' | 'declined' | 'closed';

const STATES: Readonly<Record<string, State>> = {
  DRAFT: 'draft',
  // Approved is the first status that a customer may see.
  APPROVED: 'sent',
  SENT: 'sent',
  VIEWED: 'sent',
  ACCEPTED: 'accepted',
  REJECTED: 'declined',
  EXPIRED: 'closed',
  CONVERTED: 'closed',
};

/** What each state is entered through; the others are the customer's and the calendar's to say. */
const ENTERED: Readonly<Partial<Record<State, string>>> = { draft: 'DRAFT', sent: 'APPROVED', accepted: 'ACCEPTED' };

const stateOf = (status: unknown): State | undefined => (typeof status === 'string' ? STATES[status] : undefined);

/** How far on the way to acceptance: nothing leads back. */
const ORDER: readonly (State | undefined)[] = ['draft', 'sent', 'accepted'];

/** A status that nobody knows says nothing. */
const state = decided<State, unknown>({
  read: ({ status }) => stateOf(status),
  write: (value, change) => {
    if (value === null || stateOf(change.at('status')) === value) return;
    if (ENTERED[value] !== undefined) change.set('status', ENTERED[value]);
  },
  carries: () => [''],
  refuses: (value, before) => {
    const now = stateOf(before?.status ?? 'DRAFT');
    if (value === now) return [];
    if (ENTERED[value] === undefined)
      return [finding('choice', `must not become ${value}: only the customer and the calendar say so in Wave`)];
    return ORDER.indexOf(value) > ORDER.indexOf(now) && ORDER.includes(now)
      ? []
      : [finding('choice', `must stay ${now ?? 'as it is'}: an estimate in Wave does not go back`)];
  },
});

/** AREstimate, sheet 3.5. */
export const quote = mapping(
  'quote',
  {
    ...salesFields,

    issueDate: at('estimateDate', date()),
    expiryDate: kept(at('dueDate', date())),

    number: kept(at('estimateNumber', words())),

    state,
  },
  {
    ...salesTraits,
    prepare: (content, before, company) => {
      const prepared = salesTraits.prepare(content, before, company);
      return before ? prepared : { ...prepared, state: prepared.state ?? 'draft' };
    },
  },
);
