import {
  isWireObject,
  wireAt,
  wireObjects,
  type Change,
  type Wire,
  type WireObject,
} from '../../../domain/provider/mapping/index.js';

/**
 * What is said to this vendor has other names than what it shows (sheet 3.5, 7 point 5): a reference is an id beside the
 * record, an address has codes, a line names its product. The tables speak of what is shown; here it becomes an input.
 */

/** The members of a mutation's input that say a change; null clears, and what is not spoken of is left out. */
export const inputOf = (change: Change): WireObject => {
  const isNew = change.before === undefined;
  const input: WireObject = {};
  for (const [member, wire] of Object.entries(change.sets)) {
    const [name, said] = sayingOf(member, wire, isNew);
    if (said !== null || !isNew) input[name] = said;
  }
  for (const path of change.drops) {
    if (!path.includes('.')) input[NAMES[path] ?? path] = null;
  }
  return input;
};

const NAMES: Readonly<Record<string, string>> = {
  customer: 'customerId',
  invoice: 'invoiceId',
  account: 'paymentAccountId',
  incomeAccount: 'incomeAccountId',
  expenseAccount: 'expenseAccountId',
  defaultSalesTaxes: 'defaultSalesTaxIds',
};

const sayingOf = (member: string, wire: Wire, isNew: boolean): readonly [name: string, said: Wire] => {
  const name = NAMES[member] ?? member;
  switch (member) {
    case 'customer':
    case 'invoice':
    case 'account':
    case 'incomeAccount':
    case 'expenseAccount':
      return [name, wireAt(wire, 'id') ?? null];
    case 'defaultSalesTaxes':
      return [name, wireObjects(wire).map(({ id }) => id ?? null)];
    case 'currency':
      return [name, wireAt(wire, 'code') ?? null];
    case 'subtype':
      return [name, wireAt(wire, 'value') ?? null];
    case 'address':
      return [name, addressInput(wire, isNew)];
    case 'shippingDetails':
      return [name, shippingInput(wire, isNew)];
    case 'items':
      return [name, lineInputs(wire)];
    case 'discounts':
      return [name, wireObjects(wire).map(discountInput)];
    default:
      return [name, wire];
  }
};

/**
 * Whether a patch replaces an address or fills it up is not told, so it is said whole, with null for what is not there.
 * One that says nothing at all is refused, and is said as null.
 */
const addressInput = (wire: Wire | undefined, isNew: boolean): Wire => {
  if (!isWireObject(wire)) return null;
  return some(
    {
      addressLine1: wire.addressLine1 ?? null,
      addressLine2: wire.addressLine2 ?? null,
      city: wire.city ?? null,
      provinceCode: wireAt(wire, 'province.code') ?? null,
      countryCode: wireAt(wire, 'country.code') ?? null,
      postalCode: wire.postalCode ?? null,
    },
    isNew,
  );
};

const shippingInput = (wire: Wire, isNew: boolean): Wire =>
  !isWireObject(wire)
    ? null
    : some(
        {
          name: wire.name ?? null,
          phone: wire.phone ?? null,
          instructions: wire.instructions ?? null,
          address: addressInput(wire.address, isNew),
        },
        isNew,
      );

const some = (object: WireObject, isNew: boolean): Wire => {
  const said = Object.entries(object).filter(([, value]) => value !== null);
  if (said.length === 0) return null;
  return isNew ? Object.fromEntries(said) : object;
};

/** Lines are always said whole, with their taxes even where there is none (sheet 7 point 7). */
export const lineInputs = (wire: Wire | undefined): WireObject[] =>
  wireObjects(wire).map((line) => ({
    productId: wireAt(line, 'product.id') ?? null,
    // Left out, the product's own description would be taken.
    description: line.description ?? '',
    quantity: line.quantity ?? null,
    unitPrice: line.unitPrice ?? null,
    taxes: wireObjects(line.taxes).map((tax) => ({ salesTaxId: wireAt(tax, 'salesTax.id') ?? null })),
  }));

const discountInput = ({ name, amount, percentage }: WireObject): WireObject => ({
  ...(typeof name === 'string' && { name }),
  ...((percentage ?? null) === null
    ? { discountType: 'FIXED', amount: amount ?? null }
    : { discountType: 'PERCENTAGE', percentage: percentage! }),
});
