import type { CompanyFile } from './company-file.ts';
import type { Posting } from './ledger.ts';
import type { Problems } from './problem.ts';
import type { Hidden, Stored } from './record.ts';
import type { Members, Shape } from './shape.ts';
import type { Work } from './work.ts';

/** Whose hand writes: the API with its restrictions, or a person at the desktop. */
export type Origin = 'api' | 'desktop';

/** What the rules of a resource are given: the record being formed, and everything they may look at or touch. */
export interface Draft {
  readonly file: CompanyFile;
  readonly work: Work;
  readonly rules: ResourceRules;
  readonly layout: string | undefined;
  readonly uid: string;
  /** The members as they will be stored; rules complete them in place. */
  readonly members: Members;
  readonly hidden: Hidden;
  /** The record before this write; absent on create. */
  readonly previous: Stored | undefined;
  /** What was sent, cleaned. */
  readonly input: Members;
  readonly origin: Origin;
  readonly warningsAsErrors: boolean;
}

export interface UniqueKey {
  scope: string;
  key: string;
  /** The member that has to be unique. */
  path: string;
}

/** The rules of one resource: a table of its members and abilities, and the few places where it behaves in its own way. */
export interface ResourceRules {
  /** Its path, without a layout: `Sale/Invoice`. */
  name: string;
  group: 'list' | 'transaction' | 'setting';
  /** The scope a token needs for it. */
  scope: string;
  fields: Shape;
  /** Sales and purchases come in layouts with members of their own; `fields` is then what the header-only list shows. */
  layouts?: Readonly<Record<string, Shape>>;
  /** On the header-only list: the member that tells the layout. */
  layoutMember?: string;
  verbs: { create: boolean; update: boolean; delete: boolean };
  /** Whether its changes are pushed; the others are polled (sheet 5). */
  pushed: boolean;
  /** The member with the date that locks and financial years look at. */
  dateMember?: 'Date' | 'DateOccurred';
  /** The member of a document number that is filled in when it is left out, and within which series. */
  numbered?: { member: string; series: string };
  /** Shows as plain object instead of a list. */
  single?: boolean;
  /** The members that stand in links to it, beside UID and URI. */
  linkMembers(members: Members): Members;
  unique?(members: Members, file: CompanyFile): UniqueKey[];
  /** Members that move with balances and quantities, without a change of the record. */
  moving?(stored: Stored, file: CompanyFile): Members;
  /** Defaults from elsewhere, before anything is checked. */
  prepare?(draft: Draft): void;
  /** What is missing or points to the wrong thing. */
  check?(draft: Draft, problems: Problems): void;
  /** Business rules and computed members. */
  settle?(draft: Draft): void;
  /** Changes to other records. */
  effects?(draft: Draft): void;
  /** Refuses a delete, or undoes what the record did to others. */
  release?(draft: Draft): void;
  postings?(
    record: { uid: string; layout: string | undefined; members: Members; hidden: Hidden },
    file: CompanyFile,
  ): Posting[];
}

/** The members of a record with this layout. */
export function shapeOf(rules: ResourceRules, layout: string | undefined): Shape {
  return (layout === undefined ? undefined : rules.layouts?.[layout]) ?? rules.fields;
}

export function isNew(draft: Draft): boolean {
  return draft.previous === undefined;
}
