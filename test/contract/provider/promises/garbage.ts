import fc from 'fast-check';

/** A JSON text with one of its values replaced or left out; the text itself where it is no JSON. */
export const laidOverJson = (text: string): fc.Arbitrary<string> => {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch {
    return fc.constant(text);
  }
  const paths = pathsIn(whole, []);
  const strange = fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    'x',
    0,
    -1,
    1e300,
    true,
    [],
    {},
    [null],
    { a: { b: 1 } },
    '2026-99-99',
  );
  return fc
    .tuple(fc.constantFrom(...paths), strange)
    .map(([path, value]) => JSON.stringify(replaced(whole, path, value)) ?? '');
};

type Path = readonly (string | number)[];

const pathsIn = (value: unknown, path: Path): Path[] => [
  path,
  ...(value !== null && typeof value === 'object'
    ? Object.entries(value).flatMap(([name, member]) => pathsIn(member, [...path, name]))
    : []),
];

const replaced = (value: unknown, [first, ...rest]: Path, by: unknown): unknown => {
  if (first === undefined) return by;
  if (Array.isArray(value))
    return value.map((one: unknown, at) => (`${at}` === `${first}` ? replaced(one, rest, by) : one));
  const object = value as Record<string, unknown>;
  return { ...object, [first]: replaced(object[first], rest, by) };
};
