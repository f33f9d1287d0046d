import { otherSide, type Meeting, type Side } from '../../../domain/comparison/index.js';
import { type Content, fieldOf, KINDS, type Ref, type Value } from '../../../domain/contract/index.js';

/**
 * The keys by which people would recognise a record that is about to be created at `side`, in that side's refs; null
 * for a part that the record does not have. A key that refers to something which is not there yet is left out: nothing
 * over there can carry it.
 */
export const naturalKeysIn = (meeting: Meeting, side: Side): readonly Content[] => {
  const from = otherSide(side);
  const source = meeting[from]?.content ?? {};
  const translated = (name: string): Value | undefined => {
    const value = source[name] ?? null;
    const shape = fieldOf(meeting.kind, name)?.shape;
    if (value === null || shape?.is !== 'ref') return value;
    const twin = meeting.refs.twinOf(from, value as Ref, shape.role);
    return twin === undefined ? undefined : meeting.refs.refAt(side, twin);
  };
  return KINDS[meeting.kind].naturalKeys.flatMap((names) => {
    const values = names.map((name) => [name, translated(name)] as const);
    const [leading] = values[0]!.slice(1);
    const known = leading !== null && values.every(([, value]) => value !== undefined);
    return known ? [Object.fromEntries(values) as Content] : [];
  });
};
