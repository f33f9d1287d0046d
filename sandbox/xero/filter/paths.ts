import { Decimal } from '../../amounts.ts';
import { midnight } from '../calendar.ts';
import { QueryRefused } from '../refusals.ts';
import { resources } from '../resources/index.ts';
import type { Body, Field, Shape, View } from '../shape.ts';

/** What a filter or an order sees of an object: texts, decimals, instants, truths, or nothing. */
export type Value = string | Decimal | number | boolean | undefined;
export type ValueKind = 'text' | 'decimal' | 'instant' | 'flag';

export interface Path {
  /** In the vendor's own spelling, such as `Contact.ContactID`. */
  name: string;
  kind: ValueKind;
  get(fields: Body, view: View): Value;
}

/** Finds the field that a dotted path names, in any letter case. Lists cannot be looked into. */
export function pathOf(shape: Shape, names: readonly string[], summary: boolean): Path {
  const [wanted = '', ...rest] = names;
  const name = Object.keys(shape).find((each) => each.toLowerCase() === wanted.toLowerCase());
  const field = name === undefined ? undefined : shape[name];
  if (name === undefined || !field || (summary && field.detail)) throw noField(wanted);
  const held = (fields: Body, view: View) => (field.derive ? field.derive(fields, view) : fields[name]);
  if (rest.length > 0) {
    const inner = innerOf(field);
    if (!inner) throw noField(names.join('.'));
    const path = pathOf(inner.shape, rest, false);
    return {
      name: `${name}.${path.name}`,
      kind: path.kind,
      get: (fields, view) => {
        const holder = inner.holder(fields, view, held);
        return holder && path.get(holder, view);
      },
    };
  }
  return { name, ...leafOf(field, held, wanted) };
}

type Held = (fields: Body, view: View) => unknown;

function innerOf(
  field: Field,
): { shape: Shape; holder(fields: Body, view: View, held: Held): Body | undefined } | undefined {
  if (field.kind === 'group') {
    return { shape: field.fields, holder: (fields, view, held) => held(fields, view) as Body | undefined };
  }
  const rules = field.kind === 'embedded' ? resources.get(field.resources[0] ?? '') : undefined;
  if (field.kind !== 'embedded' || !rules) return undefined;
  return {
    shape: rules.shape,
    holder: (fields, { organisation }) => {
      const target = field.target(fields);
      return target && organisation.fields(target.resource, target.id);
    },
  };
}

function leafOf(field: Field, held: Held, wanted: string): Pick<Path, 'kind' | 'get'> {
  switch (field.kind) {
    case 'text':
    case 'choice':
    case 'guid':
      return { kind: 'text', get: (fields, view) => held(fields, view) as string | undefined };
    case 'flag':
      return { kind: 'flag', get: (fields, view) => held(fields, view) as boolean | undefined };
    case 'decimal':
    case 'whole':
      return {
        kind: 'decimal',
        get: (fields, view) => {
          const value = held(fields, view);
          return value === undefined ? undefined : new Decimal(value as string);
        },
      };
    case 'day':
      return {
        kind: 'instant',
        get: (fields, view) => {
          const day = held(fields, view);
          return day === undefined ? undefined : midnight(day as string);
        },
      };
    case 'instant':
      return { kind: 'instant', get: (fields, view) => held(fields, view) as number | undefined };
    case 'group':
    case 'list':
    case 'embedded':
      throw noField(wanted);
  }
}

function noField(name: string): QueryRefused {
  return new QueryRefused(`No property or field '${name}' exists in the type`);
}
