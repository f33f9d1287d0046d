import {
  at,
  decimal,
  finding,
  wireAt,
  wireNumber,
  wireObjects,
  type Row,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal, type Content, type KindName, type Ref } from '../../../../domain/contract/index.js';
import type { XeroCompany } from '../xero.features.js';
import { textAt } from '../xero.wire.js';

/** What of a credit settles which document (sheet 3.11), and the one document that a payment settles (sheet 3.14). */

/** Several allocations to one document are one to the contract. */
export const allocations = (kind: KindName): Row<Content[], XeroCompany> => ({
  read: (record) => {
    const amounts = new Map<string, string>();
    for (const one of wireObjects(record.Allocations)) {
      const id = textAt(one, 'Invoice.InvoiceID');
      const amount = at('Amount', decimal()).read(one, undefined);
      if (id === undefined || amount === undefined || one.IsDeleted === true) continue;
      amounts.set(
        id,
        exact(amounts.get(id) ?? '0')
          .plus(amount)
          .toFixed(),
      );
    }
    return amounts.size === 0 ? undefined : [...amounts].map(([id, amount]) => ({ document: { kind, id }, amount }));
  },
  /** They are made by calls of their own, which the drafting of calls takes from here. */
  write: (value, change) => {
    const wanted = (value ?? []).map(({ document, amount }) => ({
      id: (document as Ref).id,
      amount: amount as string,
    }));
    const before = wireObjects(change.at('Allocations')).filter(({ IsDeleted }) => IsDeleted !== true);
    const stays = (one: WireObject): boolean =>
      wanted.some(({ id, amount }) => id === textAt(one, 'Invoice.InvoiceID') && sumFor(before, id).equals(amount));
    const kept = before.filter(stays);
    const added = wanted
      .filter(({ id }) => !kept.some((one) => textAt(one, 'Invoice.InvoiceID') === id))
      .map(({ id, amount }): WireObject => ({
        Amount: wireNumber(exact(amount).toFixed()),
        Invoice: { InvoiceID: id },
      }));
    if (added.length > 0 || kept.length < before.length) change.set('Allocations', [...kept, ...added]);
  },
  carries: () => ['', 'document', 'amount'],
  refuses: (value) =>
    value.flatMap(({ amount }, index) =>
      isDecimal(amount) && (!exact(amount).isPositive() || exact(amount).isZero() || exact(amount).decimalPlaces() > 2)
        ? [finding('amount', 'must be more than nothing, in whole cents', `[${index}].amount`)]
        : [],
    ),
});

const sumFor = (wires: readonly WireObject[], id: string) =>
  wires
    .filter((one) => textAt(one, 'Invoice.InvoiceID') === id)
    .reduce((total, one) => total.plus(at('Amount', decimal()).read(one, undefined) ?? '0'), exact('0'));

/** A payment settles one document, whole (sheet 3.14). */
export const allocation = (kind: 'invoice' | 'bill'): Row<Content[], XeroCompany> => ({
  read: (record) => {
    const id = textAt(wireAt(record, 'Invoice'), 'InvoiceID');
    const amount = at('Amount', decimal()).read(record, undefined);
    return id === undefined || amount === undefined ? undefined : [{ document: { kind, id }, amount }];
  },
  write: (value, change) => {
    const [only] = value ?? [];
    const id = only && (only.document as Ref).id;
    if (id !== undefined && textAt(change.at('Invoice'), 'InvoiceID') !== id) change.set('Invoice', { InvoiceID: id });
  },
  carries: () => ['', 'document', 'amount'],
  refuses: (value) =>
    value.flatMap(({ document }, index) =>
      (document as Ref).kind === kind
        ? []
        : [finding('not_held', `must be an ${kind}: credits are allocated on the credit`, `[${index}]`)],
    ),
});

/** A payment that is none of exactly one document cannot be said to this vendor. */
export const paymentFindings = ({ allocations: parts, amount }: Content) => {
  const all = (Array.isArray(parts) ? parts : []) as Content[];
  if (all.length !== 1) {
    return [finding('one_document', 'must settle exactly one document: Xero knows no other payments', 'allocations')];
  }
  return [
    ...(isDecimal(amount) && isDecimal(all[0]!.amount) && !exact(amount).equals(all[0]!.amount)
      ? [finding('whole_amount', 'must settle it with its whole amount', 'allocations')]
      : []),
    ...(isDecimal(amount) &&
    (!exact(amount).isPositive() || exact(amount).isZero() || exact(amount).decimalPlaces() > 2)
      ? [finding('amount', 'must be more than nothing, in whole cents', 'amount')]
      : []),
  ];
};
