import type { Company } from '../company.ts';
import type { Entity } from '../entity.ts';
import { renameBranch, settleActivity, settleHierarchy, uniqueName } from '../naming.ts';
import { defineEntity, gives, isNew, type Draft } from '../rules.ts';
import { choice, date, decimal, flag, group, label, list, readOnly, reference, text, whole } from '../shape.ts';
import { faults } from '../vendor-fault.ts';

const CREATABLE = ['Service', 'NonInventory', 'Inventory', 'Category'];
const INVENTORY_ONLY = ['TrackQtyOnHand', 'QtyOnHand', 'InvStartDate', 'AssetAccountRef', 'ReorderPoint'];

export const item = defineEntity({
  name: 'Item',
  group: 'list',
  webhook: 'CUDM',
  filters: ['Name', 'FullyQualifiedName', 'Type', 'Sku', 'UnitPrice', 'PurchaseCost', 'QtyOnHand', 'SubItem', 'Level'],
  required: ['Name', 'Type'],
  fields: {
    Name: label(100),
    Description: text(4000),
    Active: flag(),
    SubItem: flag(),
    ParentRef: reference('Item'),
    Level: readOnly(whole(0, 5)),
    FullyQualifiedName: readOnly(text(600)),
    Taxable: flag(),
    SalesTaxIncluded: flag(),
    UnitPrice: decimal(7, undefined, 99_999_999_999),
    Type: choice(
      ...CREATABLE,
      ...['Group', 'Assembly', 'Fixed Asset', 'Other Charge', 'Payment', 'Subtotal', 'Discount', 'Tax'],
      ...['Tax Group', 'Bundle'],
    ),
    IncomeAccountRef: reference('Account'),
    PurchaseDesc: text(1000),
    PurchaseTaxIncluded: flag(),
    PurchaseCost: decimal(7, undefined, 99_999_999_999),
    ExpenseAccountRef: reference('Account'),
    AssetAccountRef: reference('Account'),
    TrackQtyOnHand: flag(),
    QtyOnHand: decimal(),
    InvStartDate: date(),
    ReorderPoint: decimal(),
    SalesTaxCodeRef: reference('TaxCode'),
    PurchaseTaxCodeRef: reference('TaxCode'),
    TaxClassificationRef: reference(),
    ClassRef: reference('Class'),
    PrefVendorRef: reference('Vendor'),
    Sku: text(100),
    ItemGroupDetail: readOnly(group({ ItemGroupLine: list(group({ ItemRef: reference('Item'), Qty: decimal() })) })),
  },
  unique: (object) => uniqueName('item', object.Name),
  prepare(draft) {
    const { object, previous, input } = draft;
    if (isNew(draft) && !CREATABLE.includes(String(object.Type))) {
      throw faults.business(`Items of type ${String(object.Type)} cannot be created.`, 'Type');
    }
    if (object.Type !== 'Inventory') {
      for (const field of INVENTORY_ONLY) {
        // What an earlier read returned may come back; TrackQtyOnHand false says nothing.
        if (input[field] !== undefined && input[field] !== false) throw faults.property(field);
      }
      object.TrackQtyOnHand = object.Type === 'Category' ? undefined : false;
    }
    if (object.Type === 'Category' && object.Active === false) throw faults.business('A category cannot be inactive.');
    if (previous && previous.Type !== object.Type && [previous.Type, object.Type].includes('Inventory')) {
      throw faults.business('The type of an inventory item cannot be changed.', 'Type');
    }
    settleActivity(draft);
    settleHierarchy(draft, {
      nameField: 'Name',
      childFlag: 'SubItem',
      levels: 5,
      accepts: (parent, child) => parent.Type === 'Category' || parent.Type === child.Type,
    });
  },
  settle(draft) {
    const { object, company } = draft;
    if (object.Type === 'Inventory') settleInventory(draft);
    if (object.Type === 'Service' && !object.IncomeAccountRef) throw faults.missing('IncomeAccountRef');
    if (object.Type === 'NonInventory' && !object.IncomeAccountRef && !object.ExpenseAccountRef) {
      throw faults.missing('IncomeAccountRef');
    }
    if (object.Type !== 'Category' && object.Type !== 'Group') {
      object.UnitPrice ??= 0;
      object.PurchaseCost ??= 0;
      if (company.isUnitedStates) object.Taxable ??= false;
    }
  },
  effects(draft) {
    renameBranch(draft, 'Name');
  },
});

function settleInventory(draft: Draft): void {
  const { object, previous, company } = draft;
  if (!company.prefers('ProductAndServicesPrefs.QuantityOnHand')) throw faults.featureOff('inventory is switched off');
  for (const field of ['IncomeAccountRef', 'ExpenseAccountRef', 'AssetAccountRef', 'QtyOnHand', 'InvStartDate']) {
    if (object[field] === undefined && !(previous && ['QtyOnHand', 'InvStartDate'].includes(field))) {
      throw faults.missing(field);
    }
  }
  if (previous?.TrackQtyOnHand === true && object.TrackQtyOnHand === false) {
    throw faults.business('An item that tracks its quantity has to go on doing so.', 'TrackQtyOnHand');
  }
  if (!previous && object.TrackQtyOnHand !== true) throw faults.missing('TrackQtyOnHand');
  object.TrackQtyOnHand = true;
  requireSubtype(company, object, 'IncomeAccountRef', (account) => account.AccountSubType === 'SalesOfProductIncome');
  requireSubtype(company, object, 'ExpenseAccountRef', (account) => account.AccountType === 'Cost of Goods Sold');
  requireSubtype(company, object, 'AssetAccountRef', (account) => account.AccountSubType === 'Inventory');
  if (!previous) return;
  const changesQuantity = gives(draft, 'QtyOnHand') && object.QtyOnHand !== previous.QtyOnHand;
  if (changesQuantity && company.switches.quantityOnUpdate === 'reject') {
    throw faults.business('The quantity on hand changes through inventory adjustments.', 'QtyOnHand');
  }
  object.QtyOnHand = previous.QtyOnHand;
  object.InvStartDate = previous.InvStartDate;
}

function requireSubtype(company: Company, object: Entity, field: string, fits: (account: Entity) => boolean): void {
  const id = (object[field] as { value: string }).value;
  const account = company.object('Account', id);
  if (!account || !fits(account)) throw faults.business(`${field} is not an account of the needed type.`, field);
}
