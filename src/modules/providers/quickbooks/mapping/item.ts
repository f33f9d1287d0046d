import {
  at,
  choice,
  computed,
  decided,
  decimal,
  finding,
  onCreate,
  text,
  when,
  type Change,
  type Row,
} from '../../../../domain/provider/mapping/index.js';
import type { Ref } from '../../../../domain/contract/index.js';
import type { CompanyFeatures } from '../quickbooks.features.js';
import { NO_CUSTOM_FIELDS } from './document.js';
import { NOT_TAXABLE, TAXABLE } from './tax.js';
import { globalTax, mapping, markedName, name, refTo } from './words.js';

const globalCode = at('SalesTaxCodeRef', refTo('tax_rate'));

/** In the US an item is taxable or not (sheet 3.3), also where nothing is said of it; elsewhere it has a code. */
const saleTaxRate: Row<Ref, CompanyFeatures> = decided({
  ...when(globalTax, globalCode),
  read: (record, company) => {
    if (company.salesTax === 'global') return globalCode.read(record, company);
    if (company.salesTax !== 'manual' || typeof record.Taxable !== 'boolean') return undefined;
    return { kind: 'tax_rate', id: record.Taxable ? TAXABLE : NOT_TAXABLE };
  },
  write: (value, change: Change, company) => {
    if (company.salesTax === 'global') globalCode.write!(value, change, company);
    else if (company.salesTax === 'manual' && value) change.set('Taxable', value.id !== NOT_TAXABLE);
  },
  carries: ({ salesTax }) => (salesTax === 'global' || salesTax === 'manual' ? [''] : []),
});

/** Sheet 3.3. Categories are no items, and bundles are only read. */
export const item = mapping(
  'item',
  {
    code: at('Sku', text({ max: 100 })),
    name: markedName('Name', name(100)),
    description: at('Description', text({ max: 4000 })),
    type: onCreate(
      at(
        'Type',
        choice({ service: 'Service', non_inventory: 'NonInventory', inventory: 'Inventory', bundle: 'Group' }),
      ),
    ),

    // An item without a price may be shown with one of zero.
    salePrice: decided(at('UnitPrice', decimal({ max: '99999999999' }))),
    saleAccount: at('IncomeAccountRef', refTo('account')),
    saleTaxRate,

    purchaseCost: decided(at('PurchaseCost', decimal({ max: '99999999999' }))),
    purchaseAccount: at('ExpenseAccountRef', refTo('account')),
    purchaseTaxRate: when(globalTax, at('PurchaseTaxCodeRef', refTo('tax_rate'))),
    purchaseDescription: at('PurchaseDesc', text({ max: 1000 })),

    custom: NO_CUSTOM_FIELDS,

    quantityOnHand: computed(at('QtyOnHand', decimal())),
  },
  {
    refuses: ({ type, saleAccount }, before) => {
      if (before) {
        if (before.Type === 'Group')
          return [finding('read_only', 'must stay as it is: bundles are changed in QuickBooks only', 'type')];
        return [
          ...(type === null ? [finding('required', 'is required: QuickBooks needs the type of an item', 'type')] : []),
          ...(saleAccount === null && before.Type === 'Service'
            ? [finding('required', 'is required for a service', 'saleAccount')]
            : []),
        ];
      }
      if (type === 'inventory') {
        return [finding('not_held', 'must be made in QuickBooks, with its stock account and opening stock', 'type')];
      }
      if (type !== 'service' && type !== 'non_inventory') {
        return [finding('required', 'must be service or non_inventory for a new item', 'type')];
      }
      return type === 'service' && !saleAccount
        ? [finding('required', 'is required for a service', 'saleAccount')]
        : [];
    },
  },
);
