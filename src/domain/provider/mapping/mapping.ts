import type { Content } from '../../contract/content.js';
import type { KindName } from '../../contract/kind-names.js';
import type { KindContent } from '../../contract/kinds.js';
import type { Ref } from '../../contract/ref.js';
import type { Finding } from '../write.js';
import { Change } from './change.js';
import { carriedPaths, findingsOf, readTable, writeTable, type Row, type Table } from './row.js';
import type { WireObject } from './wire.js';

/** A vendor's record of one kind as a lens: what it says in the contract's words, and how to say something to it. */
export interface Mapping<C = unknown> {
  readonly kind: KindName;
  /** Throws UnreadableWire where the record says what it must not. */
  read(record: WireObject, context: C): Content;
  /**
   * What a write has to say: to create without `before`, else only what differs from it. Absent fields are not touched,
   * null clears. Throws where a value cannot be said at all, which {@link Mapping.refuses} tells beforehand.
   */
  write(content: Content, before: WireObject | undefined, context: C): Change;
  /** Contract paths that can be read and written for this company: `memo`, `lines.description`. */
  carries(context: C): ReadonlySet<string>;
  /** What the vendor is certain to refuse of a content. */
  refuses(content: Content, before: WireObject | undefined, context: C): readonly Finding[];
  /** Fields that the vendor may choose or reshape by itself (ENGINE A1). */
  readonly decides: readonly string[];
  /** Fields for which the vendor has no place, and why. */
  readonly absent: Readonly<Record<string, string>>;
}

/** The contract's lists and objects are contents to a table; everything else keeps its type. */
type Said<T> = T extends Ref ? Ref : T extends readonly unknown[] ? Content[] : T extends object ? Content : T;

/** A row for every field of the kind: the compiler holds the list. */
export type KindTable<K extends KindName, C> = {
  readonly [F in keyof KindContent<K>]-?: Row<Said<NonNullable<KindContent<K>[F]>>, C>;
};

export interface MappingTraits<C> {
  /** Paths inside lists and objects that the vendor may choose or reshape, besides the rows marked as decided. */
  readonly decides?: readonly string[];
  /** Completes a content before it is said or judged, by what follows from its other fields. */
  prepare?(content: Content, before: WireObject | undefined, context: C): Content;
  /** Says what follows from the change as a whole, such as that a stale tax has to go. */
  finish?(change: Change, context: C): void;
  /** What the vendor is certain to refuse of several fields together. */
  refuses?(content: Content, before: WireObject | undefined, context: C): readonly Finding[];
}

/** For a vendor whose tables must know `C` of a company: `const mapping = mappingFor<Company>()`. */
export const mappingFor =
  <C>() =>
  <K extends KindName>(kind: K, rows: KindTable<K, C>, traits: MappingTraits<C> = {}): Mapping<C> => {
    const table = rows as unknown as Table<C>;
    return {
      kind,
      read: (record, context) => readTable(table, record, context),
      write: (content, before, context) => {
        const change = new Change(before);
        writeTable(table, traits.prepare?.(content, before, context) ?? content, change, context);
        traits.finish?.(change, context);
        return change;
      },
      carries: (context) => new Set(carriedPaths(table, context)),
      refuses: (content, before, context) => {
        const prepared = traits.prepare?.(content, before, context) ?? content;
        return [
          ...findingsOf(table, prepared, before, context),
          ...(traits.refuses?.(prepared, before, context) ?? []),
        ];
      },
      decides: [
        ...Object.entries(table)
          .filter(([, row]) => row.decided)
          .map(([name]) => name),
        ...(traits.decides ?? []),
      ],
      absent: Object.fromEntries(
        Object.entries(table).flatMap(([name, row]) => (row.absent === undefined ? [] : [[name, row.absent]])),
      ),
    };
  };
