import type { Content } from './content.js';
import type { Ref } from './ref.js';
import type { KindName } from './kind-names.js';

/**
 * The vocabulary in which kinds are declared. A field says once what a value is; validation, normal form, comparison,
 * version casts, GraphQL and the documentation are derived from that declaration.
 */
export type Shape =
  | { readonly is: 'text'; readonly max: number; readonly pattern?: RegExp; readonly like?: string }
  | {
      readonly is: 'decimal';
      readonly min?: string;
      readonly max?: string;
      readonly scale: number;
      /** Zero says the same as nothing at all. */
      readonly zeroIsNone?: true;
    }
  | { readonly is: 'whole'; readonly min: number; readonly max: number }
  | { readonly is: 'date' }
  | { readonly is: 'flag' }
  | { readonly is: 'choice'; readonly of: readonly string[] }
  | { readonly is: 'ref'; readonly to: readonly KindName[]; readonly role?: ContactRole }
  | { readonly is: 'object'; readonly fields: Fields }
  | {
      readonly is: 'list';
      readonly fields: Fields;
      readonly key: string | undefined;
      readonly most: number;
      readonly derive: Derive | undefined;
    }
  | { readonly is: 'dictionary'; readonly most: number; readonly max: number };

/** Completes an element by what follows from its other members, so that two ways to say one thing compare as equal. */
export type Derive = (element: Content, document: Content) => Content;

/** In which capacity a document names a contact; providers that keep two cards for one contact pick the card by it. */
export type ContactRole = 'customer' | 'vendor';

export interface Field<T = unknown> {
  readonly shape: Shape;
  /** Must be present for the record to exist at all. */
  readonly required: boolean;
  /** The provider's own result: shown and stored, never counted as an edit, refused from callers. */
  readonly readOnly: boolean;
  /** The contract version that introduced the field. */
  readonly since: number;
  /** Carries the TypeScript type of the value; never present at run time. */
  readonly type?: T;
}

export type Fields = Readonly<Record<string, Field>>;

export interface FieldOptions {
  readonly required?: boolean;
  readonly since?: number;
}

interface DecimalOptions extends FieldOptions {
  readonly min?: string;
  readonly max?: string;
  readonly zeroIsNone?: true;
}

const field = <T>(shape: Shape, options: FieldOptions = {}): Field<T> => ({
  shape,
  required: options.required ?? false,
  readOnly: false,
  since: options.since ?? 1,
});

/** Unicode text of at most `max` characters, the widest any provider takes. */
export const text = (max: number, options?: FieldOptions): Field<string> => field({ is: 'text', max }, options);

/** Text of a fixed form, described in words for the error message. */
export const formatted = (pattern: RegExp, like: string, options?: FieldOptions): Field<string> =>
  field({ is: 'text', max: 2000, pattern, like }, options);

/** ISO 4217 code. */
export const currencyCode = (options?: FieldOptions): Field<string> =>
  formatted(/^[A-Z]{3}$/, 'a three-letter ISO 4217 code such as USD', options);

/** Exact decimal as a string. Fifteen digits before the point and ten after it are the widest any provider keeps. */
export const decimal = (options: DecimalOptions = {}): Field<string> =>
  field(
    {
      is: 'decimal',
      scale: 10,
      ...(options.min !== undefined && { min: options.min }),
      ...(options.max !== undefined && { max: options.max }),
      ...(options.zeroIsNone && { zeroIsNone: true }),
    },
    options,
  );

/** Amount in the document's currency. */
export const amount = (options?: DecimalOptions): Field<string> => decimal(options);

/** Percentage between 0 and 100. */
export const percent = (options?: DecimalOptions): Field<string> => decimal({ ...options, min: '0', max: '100' });

/** Home units for one foreign unit; never invented by Concord. */
export const exchangeRate = (options?: FieldOptions): Field<string> => decimal({ ...options, min: '0' });

export const whole = (min: number, max: number, options?: FieldOptions): Field<number> =>
  field({ is: 'whole', min, max }, options);

/** `YYYY-MM-DD`, without a zone. */
export const date = (options?: FieldOptions): Field<string> => field({ is: 'date' }, options);

export const flag = (options?: FieldOptions): Field<boolean> => field({ is: 'flag' }, options);

export const choice = <const T extends string>(of: readonly T[], options?: FieldOptions): Field<T> =>
  field({ is: 'choice', of }, options);

/** A reference in the side's own ids; translated through twins when it moves to the other side. */
export const ref = (
  to: KindName | readonly KindName[],
  options: FieldOptions & { role?: ContactRole } = {},
): Field<Ref> =>
  field(
    {
      is: 'ref',
      to: typeof to === 'string' ? [to] : to,
      ...(options.role !== undefined && { role: options.role }),
    },
    options,
  );

export const object = <const F extends Fields>(fields: F, options?: FieldOptions): Field<ObjectOf<F>> =>
  field({ is: 'object', fields }, options);

/**
 * A list of objects. `key` names the member that identifies an element at its side (a line's id, an address's type).
 * Order never carries meaning: a re-ordered list is not an edit (ENGINE A3).
 */
export const list = <const F extends Fields>(
  fields: F,
  options: FieldOptions & { key?: keyof F & string; most?: number; derive?: Derive } = {},
): Field<ObjectOf<F>[]> =>
  field({ is: 'list', fields, key: options.key, most: options.most ?? 100, derive: options.derive }, options);

/** Named texts, such as a provider's custom fields. */
export const dictionary = (options?: FieldOptions): Field<Record<string, string>> =>
  field({ is: 'dictionary', most: 100, max: 1000 }, options);

/** Marks a field as the provider's own result. */
export const computed = <T>(of: Field<T>): Field<T> => ({ ...of, readOnly: true });

export type ValueOf<F> = F extends Field<infer T> ? T : never;
/** Absent means not mentioned; null means cleared on purpose. */
export type ObjectOf<F extends Fields> = { [Name in keyof F]?: ValueOf<F[Name]> | null };
