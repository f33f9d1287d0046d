import type { KindName } from '../../../src/domain/contract/index.js';
import type { Mapping, WireObject } from '../../../src/domain/provider/mapping/index.js';
import type { ToyTraits } from '../traits.js';
import { account } from './mapping/account.js';
import { contact } from './mapping/contact.js';
import { bill, creditNote, invoice } from './mapping/documents.js';
import { expense } from './mapping/expense.js';
import { payment } from './mapping/payment.js';
import type { ToyCompany } from './mapping/words.js';

/** Where a kind is kept. */
export interface Place {
  readonly kind: KindName;
  readonly resource: string;
  /** What tells the kind, where a resource holds several. */
  readonly type?: string;
  readonly mapping: Mapping<ToyCompany>;
}

/** Which kind stands where. Payment terms stand nowhere: they are read from contacts. */
export class Places {
  readonly all: readonly Place[];

  constructor(readonly traits: ToyTraits) {
    this.all = [
      { kind: 'account', resource: 'accounts', mapping: account },
      { kind: 'contact', resource: 'contacts', mapping: contact(traits.derivesTerms) },
      { kind: 'invoice', resource: 'documents', type: 'sale', mapping: invoice },
      { kind: 'bill', resource: 'documents', type: 'purchase', mapping: bill },
      { kind: 'credit_note', resource: 'credits', mapping: creditNote },
      { kind: 'payment', resource: 'receipts', mapping: payment },
      { kind: 'expense', resource: 'spendings', mapping: expense },
    ];
  }

  find(kind: KindName): Place | undefined {
    return this.all.find((place) => place.kind === kind);
  }

  of(kind: KindName): Place {
    const place = this.find(kind);
    if (!place) throw new Error(`the toy keeps no ${kind}`);
    return place;
  }

  /** Kinds that a record of this resource may be, where its type is told or not. */
  heldIn(resource: string, type: string | undefined): readonly KindName[] {
    return this.all
      .filter((place) => place.resource === resource && (type === undefined || (place.type ?? type) === type))
      .filter(({ kind }) => kind !== 'expense' || !this.traits.writeOnly)
      .map(({ kind }) => kind);
  }

  /** Where a record of this resource belongs. */
  ofRow(resource: string, row: WireObject): Place | undefined {
    return this.all.find((place) => place.resource === resource && (place.type ?? row.type) === row.type);
  }
}
