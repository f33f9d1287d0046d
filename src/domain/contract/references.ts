import type { Content, Value } from './content.js';
import type { ContactRole, Fields } from './field.js';
import type { KindName } from './kind-names.js';
import { fieldsOf } from './kinds.js';
import type { Ref } from './ref.js';

export interface Reference {
  readonly ref: Ref;
  readonly role: ContactRole | undefined;
  /** Where it stands, such as `lines[2].item`. */
  readonly path: string;
}

/** Every reference that a content makes, in lines and allocations too. */
export const referencesIn = (kind: KindName, content: Content): Reference[] => collect(fieldsOf(kind), content, '');

const collect = (fields: Fields, content: Content, within: string): Reference[] =>
  Object.entries(content).flatMap(([name, value]) => {
    const shape = Object.hasOwn(fields, name) ? fields[name]!.shape : undefined;
    if (value === null || shape === undefined) return [];
    const path = `${within}${name}`;
    if (shape.is === 'ref') return [{ ref: value as Ref, role: shape.role, path }];
    if (shape.is === 'object') return collect(shape.fields, value as Content, `${path}.`);
    if (shape.is === 'list') {
      return (value as Value[]).flatMap((element, index) =>
        collect(shape.fields, element as Content, `${path}[${index}].`),
      );
    }
    return [];
  });

/** Whether a record of kind `from` has any place for a reference to kind `to`. */
export const mayRefer = (from: KindName, to: KindName): boolean => refers(fieldsOf(from), to);

const refers = (fields: Fields, to: KindName): boolean =>
  Object.values(fields).some(({ shape }) => {
    if (shape.is === 'ref') return shape.to.includes(to);
    return (shape.is === 'object' || shape.is === 'list') && refers(shape.fields, to);
  });
