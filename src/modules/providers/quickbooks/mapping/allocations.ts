import {
  at,
  decimal,
  list,
  wireAt,
  wireObjects,
  type ElementForm,
  type Row,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import type { Content, KindName, Ref } from '../../../../domain/contract/index.js';

/**
 * What a payment settles: lines that each link one transaction (sheet 3.11, 3.14). Links to transactions that are no
 * kind of ours, such as journal entries, stay where they are.
 */
export const allocations = (kinds: Readonly<Record<string, KindName>>): Row<Content[]> => {
  const form = ([type, kind]: [string, KindName]): ElementForm => ({
    is: (line) => linkOf(line)?.TxnType === type && wireObjects(line.LinkedTxn).length === 1,
    says: ({ document }) => (document as Ref | undefined)?.kind === kind,
    start: { LinkedTxn: [{ TxnType: type }] },
    table: {
      document: {
        read: (line) => {
          const id = linkOf(line)?.TxnId;
          return typeof id === 'string' ? { kind, id } : undefined;
        },
        write: (value, change) => {
          const link = linkOf(change.whole());
          if (value !== null && link?.TxnId !== (value as Ref).id) {
            change.set('LinkedTxn', [{ TxnId: (value as Ref).id, TxnType: type }]);
          }
        },
        carries: () => [''],
      },
      amount: at('Amount', decimal()),
    },
  });
  return list('Line', {
    forms: Object.entries(kinds).map(form),
    identity: ({ document }) => (document ? `${(document as Ref).kind}:${(document as Ref).id}` : undefined),
    otherwise: `must settle one of ${Object.values(kinds).join(', ')}`,
  });
};

const linkOf = (line: WireObject): WireObject | undefined => wireObjects(wireAt(line, 'LinkedTxn'))[0];
