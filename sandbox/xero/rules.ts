import type { Organisation } from './organisation.ts';
import type { Problems } from './refusals.ts';
import { list, readOnly, text, type Body, type Shape, type View } from './shape.ts';
import type { Stored } from './collection.ts';
import type { WebhookCategory } from './webhooks.ts';

/** One element of a write, and everything that the rules of its resource may look at or touch. */
export interface Draft {
  readonly organisation: Organisation;
  readonly rules: ResourceRules;
  /** The object as it will be stored; rules complete it in place. */
  readonly fields: Body;
  /** What the request says, read by the resource's shape. */
  readonly input: Body;
  readonly previous: Stored | undefined;
  readonly problems: Problems;
  readonly warnings: string[];
  readonly unitDecimals: 2 | 4;
  /** Nothing but fields that leave UpdatedDateUTC alone was changed. */
  silent: boolean;
}

/** What is asked of a list (sheet 4), with names in lower case. */
export type Params = ReadonlyMap<string, string>;

export interface ListRules {
  /** `page` and `pageSize` are understood; `always` pages without being asked. */
  paging: 'none' | 'offered' | 'always';
  /** By last change; `creation` where the vendor knows no other time. */
  modifiedSince: boolean | 'creation';
  where: boolean;
  /** Fields with comma-separated lists of values, by the parameter's lower-case name. */
  csv?: Readonly<Record<string, string>>;
  /** Fields compared with one value each, by the parameter's lower-case name. */
  equals?: Readonly<Record<string, string>>;
  /** Day fields with a from and to parameter. */
  ranges?: Readonly<Record<string, string>>;
  search?: readonly string[];
  /** Parameters that force paging. */
  pagingForcedBy?: readonly string[];
  summary?: boolean;
  /** Fields that are backed by an index at the vendor (sheet 4.4). */
  optimised?: readonly string[];
  /** False hides an object from a list asked with these parameters. */
  shows?(fields: Body, params: Params, organisation: Organisation): boolean;
}

/** The rules of one resource: a table of its fields and abilities, and the few functions for what is its own. */
export interface ResourceRules {
  name: string;
  /** What one of them is called, as in XML. */
  singular: string;
  idField: string;
  /** Any of these scopes opens the resource, or its `.read` twin for reading. */
  scopes: readonly string[];
  shape: Shape;
  /** How many elements a PUT or POST takes; absent where the verb does not exist. */
  put?: 'one' | 'many';
  post?: 'one' | 'many';
  /** The verbs that understand summarizeErrors. */
  summarizes: readonly ('PUT' | 'POST')[];
  /** Announces errors in `HasErrors` or in `HasValidationErrors`. */
  errorFlag: 'HasErrors' | 'HasValidationErrors';
  list: ListRules;
  attachments: boolean;
  notes: boolean;
  pdf: boolean;
  webhook?: WebhookCategory;
  /** What a webhook shows in `data`. */
  webhookData?(fields: Body): object;
  /** Keys by which objects are found without a scan. */
  indexes: Readonly<Record<string, (fields: Body) => string | undefined>>;
  /** Finds by what may stand in the path or in the element besides the id: numbers and codes. */
  findByKey?(organisation: Organisation, key: string): Stored | undefined;
  /** The object that a POST without an id means by natural key (sheet 5). */
  natural?(organisation: Organisation, input: Body): Stored | undefined;
  /** Business rules and computed fields. */
  settle(draft: Draft): void;
  /** Changes to other objects, and what follows from a status. The object is stored by now. */
  effects?(draft: Draft, stored: Stored): void;
  /** The DELETE verb. Answers the object to show; undefined for 204. */
  remove?(organisation: Organisation, stored: Stored): Stored | undefined;
  /** Members shown where another object embeds this one in a list. */
  outline(fields: Body, view: View): string;
}

type Declaration = Partial<ResourceRules> &
  Pick<ResourceRules, 'name' | 'singular' | 'idField' | 'scopes' | 'shape' | 'settle'>;

export function defineResource(declaration: Declaration): ResourceRules {
  const { idField } = declaration;
  return {
    summarizes: ['PUT', 'POST'],
    errorFlag: 'HasErrors',
    attachments: false,
    notes: false,
    pdf: false,
    indexes: {},
    outline: (fields) => `"${idField}":${JSON.stringify(fields[idField])}`,
    ...declaration,
    list: { paging: 'none', modifiedSince: true, where: true, ...declaration.list },
  };
}

export const validationErrors = readOnly(list({ Message: text(4000) }));

/** True when the object is made now, so that defaults apply. */
export function isNew(draft: Draft): boolean {
  return draft.previous === undefined;
}

/** True when the request mentions the field. */
export function gives(draft: Draft, field: string): boolean {
  return Object.hasOwn(draft.input, field);
}

export function refuse(draft: Draft, message: string): void {
  if (!draft.problems.element.includes(message)) draft.problems.element.push(message);
}
