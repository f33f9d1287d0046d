import type { Decimal } from '../amounts.ts';
import type { Company } from './company.ts';
import type { Entity, Hidden, User } from './entity.ts';
import { choice, free, readOnly, text, type Body, type Shape } from './shape.ts';
import type { VendorFault } from './vendor-fault.ts';
import type { Work } from './work.ts';

/** What an entity's write rules are given: the object being formed, and everything they may look at or touch. */
export interface Draft {
  readonly company: Company;
  readonly work: Work;
  readonly rules: EntityRules;
  /** The object as it will be stored; rules complete it in place. */
  readonly object: Entity;
  readonly hidden: Hidden;
  /** The stored object before this write; absent on create. */
  readonly previous: Entity | undefined;
  /** The cleaned request body. */
  readonly input: Body;
  readonly sparse: boolean;
  /** Flags of the `include` query parameter. */
  readonly include: ReadonlySet<string>;
  readonly user: User;
}

export interface UniqueKey {
  /** Objects of several entities may share one scope, as customers, vendors and employees do. */
  scope: string;
  key: string;
  fault: () => VendorFault;
}

/** One leg of a posting: debits positive, in the transaction's currency; `rate` is home units per unit of it. */
export interface Posting {
  account: string;
  amount: Decimal;
  rate: Decimal;
  /** `Customer:58` or `Vendor:41` on receivable and payable accounts. */
  party?: string;
}

/**
 * How a void is asked for: its own operation, an update with `include=void`, or only by a person in the product itself.
 */
export type VoidForm = 'operation' | 'include' | 'person';

/** The rules of one entity: a table of its fields and abilities, and the few places where it behaves in its own way. */
export interface EntityRules {
  name: string;
  path: string;
  group: 'list' | 'transaction' | 'company' | 'tax' | 'other';
  /** Objects that share a sequence share one series of ids. */
  sequence: string;
  fields: Shape;
  /** Fields without which a create or full update is refused (2020). */
  required: readonly string[];
  /** Properties accepted in WHERE and ORDERBY beside Id, MetaData and Active. */
  filters: readonly string[];
  verbs: { create: boolean; update: boolean; delete: boolean; void?: VoidForm; send?: boolean };
  /** Webhook operations by letter: Create, Update, Delete, Merge, Void, Emailed. */
  webhook: string;
  /** The entity's name in webhooks where it is not its own. */
  webhookName?: string;
  changeData: boolean;
  /** Deactivated objects get " (deleted)" behind this field, which frees the name. */
  suffixed?: 'DisplayName' | 'Name';
  unique?(object: Entity, company: Company): UniqueKey[];
  /** Defaults, derived names, numbers: what duplicate checks look at. */
  prepare?(draft: Draft): void;
  /** Business rules and computed fields. */
  settle?(draft: Draft): void;
  /** Changes to other objects. The object has its id by now. */
  effects?(draft: Draft): void;
  /** What the vendor does by itself right after the object was made. */
  follow?(company: Company, object: Entity): void;
  /** Refuses, or undoes the effects, before a delete. */
  release?(draft: Draft): void;
  /** Turns `object` into its voided form. */
  void?(draft: Draft): void;
  postings?(object: Entity, hidden: Hidden, company: Company): Posting[];
}

type Declaration = Partial<EntityRules> & Pick<EntityRules, 'name' | 'group' | 'fields'>;

const EVERY_OBJECT: Shape = {
  domain: readOnly(text(10)),
  sparse: readOnly(free()),
  Id: readOnly(text(50)),
  SyncToken: readOnly(text(20)),
  MetaData: readOnly(free()),
  status: readOnly(choice('Deleted')),
  time: readOnly(text(50)),
};

export function defineEntity(declaration: Declaration): EntityRules {
  return {
    path: declaration.name.toLowerCase(),
    sequence: declaration.group === 'transaction' ? 'transactions' : declaration.name,
    required: [],
    filters: [],
    verbs: { create: true, update: true, delete: declaration.group === 'transaction' },
    webhook: '',
    changeData: true,
    ...declaration,
    fields: { ...EVERY_OBJECT, ...declaration.fields },
  };
}

/** True when the request mentions the field, even to blank it. */
export function gives(draft: Draft, field: string): boolean {
  return Object.hasOwn(draft.input, field);
}

/** True when the object is made now, so that defaults apply. */
export function isNew(draft: Draft): boolean {
  return draft.previous === undefined;
}
