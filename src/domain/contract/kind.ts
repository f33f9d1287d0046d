import { dictionary, type Field, type Fields, type ObjectOf } from './field.js';
import type { KindName } from './kind-names.js';

export type Groups = Readonly<Record<string, Fields>>;

export interface KindDeclaration<G extends Groups = Groups, C extends Fields = Fields> {
  readonly kind: KindName;
  /** Reference kinds are only created in the books where a customer switched that on (ENGINE C6). */
  readonly nature: 'company' | 'reference' | 'document';
  /** One sentence for the documentation and the schema. */
  readonly says: string;
  /** Fields that move together, group by group. */
  readonly groups: G;
  /** The provider's own results. */
  readonly computed: C;
  /** Fields by which people recognise the record; a create whose natural key is taken goes to review (ENGINE C4). */
  readonly naturalKeys: readonly (readonly string[])[];
  /** The date that the go-live date is compared with. */
  readonly dated?: string;
  /** Rules over several fields. */
  readonly rules?: readonly KindRule[];
}

/** A rule over the whole content: the path it complains about, its name, and whether it holds. */
export interface KindRule {
  readonly path: string;
  readonly rule: string;
  readonly message: string;
  holds(content: Readonly<Record<string, unknown>>): boolean;
}

/** Every kind can carry the provider's named custom fields. */
const custom = { custom: { custom: dictionary() } } as const;

export const defineKind = <const G extends Groups, const C extends Fields = Record<never, Field>>(
  declaration: Omit<KindDeclaration<G, C>, 'computed' | 'naturalKeys'> & {
    computed?: C;
    naturalKeys?: readonly (readonly string[])[];
  },
): KindDeclaration<G & typeof custom, C> => ({
  ...declaration,
  groups: { ...declaration.groups, ...custom },
  computed: Object.fromEntries(
    Object.entries(declaration.computed ?? {}).map(([name, field]) => [name, { ...field, readOnly: true }]),
  ) as unknown as C,
  naturalKeys: declaration.naturalKeys ?? [],
});

type Intersect<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void ? I : never;
/** The TypeScript shape of a kind's content, from its declaration. */
export type ContentOf<D> =
  D extends KindDeclaration<infer G, infer C>
    ? Intersect<{ [N in keyof G]: ObjectOf<G[N]> }[keyof G]> & ObjectOf<C>
    : never;
