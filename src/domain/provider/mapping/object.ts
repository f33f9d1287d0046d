import type { Content } from '../../contract/content.js';
import { Change } from './change.js';
import type { Codec } from './codec.js';
import { carriedPaths, findingsOf, readTable, writeTable, type Table } from './row.js';
import { isWireObject, UnreadableWire, type Wire } from './wire.js';

/**
 * An object of the contract, such as an address, by a table of its members. It is said whole: members of the contract
 * that it does not mention are cleared, members of the vendor's that the table does not know survive.
 */
export const object = <C>(table: Table<C>): Codec<Content, C> => {
  const changed = (value: Content, before: Wire | undefined, context: C): Change => {
    const change = new Change(isWireObject(before) ? before : undefined);
    const whole = Object.fromEntries(Object.keys(table).map((name) => [name, value[name] ?? null]));
    writeTable(table, whole, change, context);
    return change;
  };
  return {
    read: (wire, context) => {
      if (!isWireObject(wire)) throw new UnreadableWire('', 'an object');
      const content = readTable(table, wire, context);
      return Object.keys(content).length === 0 ? undefined : content;
    },
    write: (value, before, context) => changed(value, before, context).whole(),
    blank: (before, context) => {
      const change = changed({}, before, context);
      return change.drops.size === 0 ? change.whole() : undefined;
    },
    refuses: (value, context) => findingsOf(table, value, undefined, context),
    members: (context) => carriedPaths(table, context),
  };
};
