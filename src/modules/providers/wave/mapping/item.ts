import { at, decided, finding, uncarried, wireObjects, type Row } from '../../../../domain/provider/mapping/index.js';
import type { Ref } from '../../../../domain/contract/index.js';
import { digits, mapping, NO_CUSTOM_FIELDS, refTo, words } from './words.js';

/** A product may have several default taxes, of which the contract can say one: where there are more, they stay. */
const saleTaxRate: Row<Ref> = {
  read: ({ defaultSalesTaxes }) => {
    const [tax, ...others] = wireObjects(defaultSalesTaxes);
    return tax && others.length === 0 ? refTo('tax_rate').read(tax, undefined) : undefined;
  },
  write: (value, change) => {
    const taxes = wireObjects(change.at('defaultSalesTaxes'));
    if (value !== null) {
      if (taxes.length !== 1 || taxes[0]!.id !== value.id) change.set('defaultSalesTaxes', [{ id: value.id }]);
    } else if (taxes.length === 1) change.set('defaultSalesTaxes', []);
  },
  carries: () => [''],
};

/** Sheet 3.3, 3.5. There is one price, and what is sold or bought follows from the accounts. */
export const item = mapping(
  'item',
  {
    code: uncarried('Wave’s products have no code.'),
    name: at('name', words()),
    description: at('description', words()),
    type: uncarried('Wave does not tell services from goods, and keeps no stock.'),

    salePrice: decided(at('unitPrice', digits(5))),
    saleAccount: at('incomeAccount', refTo('account')),
    saleTaxRate,

    purchaseCost: uncarried('Wave’s products have one price.'),
    purchaseAccount: at('expenseAccount', refTo('account')),
    purchaseTaxRate: uncarried('Wave’s products have one set of default taxes.'),
    purchaseDescription: uncarried('Wave’s products have one description.'),

    custom: NO_CUSTOM_FIELDS,

    quantityOnHand: uncarried('Wave keeps no stock.'),
  },
  {
    // The vendor insists on a price.
    prepare: (content, before) => (before ? content : { ...content, salePrice: content.salePrice ?? '0' }),
    refuses: ({ salePrice, type }) => [
      ...(salePrice === null ? [finding('required', 'must stay: Wave’s products have a price', 'salePrice')] : []),
      ...(type === 'bundle' ? [finding('not_held', 'must not be a bundle: Wave has none', 'type')] : []),
    ],
  },
);
