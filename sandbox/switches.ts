/**
 * Points at which a vendor's behaviour is uncertain or varies, as a table of names with a default each. A client that is
 * right keeps working whichever way a switch stands.
 */

interface Flag {
  initial: boolean;
  about: string;
}
interface Amount {
  initial: number;
  about: string;
}
interface Choice<T extends string> {
  initial: T;
  of: readonly T[];
  about: string;
}
export type SwitchTable = Readonly<Record<string, Flag | Amount | Choice<string>>>;

export const flag = (initial: boolean, about: string): Flag => ({ initial, about });
export const count = (initial: number, about: string): Amount => ({ initial, about });
export const oneOf = <const T extends string>(of: readonly T[], initial: NoInfer<T>, about: string): Choice<T> => ({
  initial,
  of,
  about,
});

type Widened<T> = T extends boolean ? boolean : T extends number ? number : T;
type ValueOf<S> = S extends Choice<infer T> ? T : S extends { initial: infer I } ? Widened<I> : never;
export type SwitchValues<Table extends SwitchTable> = { -readonly [Name in keyof Table]: ValueOf<Table[Name]> };

export function initialValues<Table extends SwitchTable>(table: Table): SwitchValues<Table> {
  const values = Object.entries(table).map(([name, each]) => [name, each.initial]);
  return Object.fromEntries(values) as SwitchValues<Table>;
}

/** Sets the given switches, all or none; answers what is wrong, in words, or undefined. */
export function setSwitches<Table extends SwitchTable>(
  table: Table,
  values: SwitchValues<Table>,
  wanted: Record<string, unknown>,
): string | undefined {
  for (const [name, value] of Object.entries(wanted)) {
    const known = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!known) return `there is no switch "${name}"; the switches are ${Object.keys(table).join(', ')}`;
    if ('of' in known ? !known.of.includes(value as string) : typeof value !== typeof known.initial) {
      const allowed = 'of' in known ? `one of ${known.of.join(', ')}` : `a ${typeof known.initial}`;
      return `the switch "${name}" must be ${allowed}`;
    }
  }
  Object.assign(values, wanted);
  return undefined;
}

/** Every switch with its value, default and meaning. */
export function describeSwitches<Table extends SwitchTable>(table: Table, values: SwitchValues<Table>): object {
  const described = Object.entries(table).map(([name, { initial, about, ...rest }]) => {
    const value = values[name as keyof Table];
    return [name, { value, default: initial, ...('of' in rest && { allowed: rest.of }), about }];
  });
  return Object.fromEntries(described);
}
