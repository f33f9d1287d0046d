import type { Content, Value } from './content.js';
import type { ContactRole, Fields } from './field.js';
import type { KindName } from './kind-names.js';
import { fieldsOf } from './kinds.js';
import type { Ref } from './ref.js';

export interface Reference {
  readonly ref: Ref;
  readonly role: ContactRole | undefined;
}

/** Every reference that a content makes, in lines and allocations too. */
export const referencesIn = (kind: KindName, content: Content): Reference[] => collect(fieldsOf(kind), content);

const collect = (fields: Fields, content: Content): Reference[] =>
  Object.entries(content).flatMap(([name, value]) => {
    const shape = Object.hasOwn(fields, name) ? fields[name]!.shape : undefined;
    if (value === null || shape === undefined) return [];
    if (shape.is === 'ref') return [{ ref: value as Ref, role: shape.role }];
    if (shape.is === 'object') return collect(shape.fields, value as Content);
    if (shape.is === 'list') return (value as Value[]).flatMap((element) => collect(shape.fields, element as Content));
    return [];
  });
