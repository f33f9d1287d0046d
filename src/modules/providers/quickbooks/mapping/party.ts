import {
  finding,
  UnreadableWire,
  wireAt,
  isWireObject,
  type Codec,
} from '../../../../domain/provider/mapping/index.js';
import type { Ref } from '../../../../domain/contract/index.js';

/**
 * A customer, a vendor or an employee, told apart by a type (sheet 3.16, 3.17, 8 point 31). `type` and `id` are where
 * the two stand. Employees are no contacts: they are left where they are.
 */
export const party = (type = 'type', id = 'value'): Codec<Ref> => ({
  read: (wire) => {
    if (!isWireObject(wire)) throw new UnreadableWire('', 'an object');
    const [list, value] = [wireAt(wire, type), wireAt(wire, id)];
    return (list === 'Customer' || list === 'Vendor') && typeof value === 'string'
      ? { kind: 'contact', id: `${list}:${value}` }
      : undefined;
  },
  write: ({ id: contact }, before) => {
    const [, list, value] = CARD.exec(contact) ?? [];
    if (list === undefined || value === undefined) throw new Error(`${contact} is no customer and no vendor`);
    if (isWireObject(before) && wireAt(before, type) === list && wireAt(before, id) === value) return before;
    const [outer, inner] = id.split('.') as [string, string?];
    return { [type]: list, [outer]: inner === undefined ? value : { [inner]: value } };
  },
  refuses: ({ id: contact }) =>
    CARD.test(contact) ? [] : [finding('reference', 'must refer to a record of Customer or Vendor')],
});

const CARD = /^(Customer|Vendor):(.+)$/;
