import { decimal, zero } from '../../amounts.ts';
import type { CompanyFile } from '../company-file.ts';
import { refusal } from '../problem.ts';
import type { ResourceRules } from '../rules.ts';
import { choice, flag, group, link, list, money, number, needed, readOnly, text, type Members } from '../shape.ts';

const account = () => link('GeneralLedger/Account');
const custom = () => group({ Label: readOnly(text()), Value: text(30) });

/** Items that are bought, sold, inventoried, in any combination (sheet 6.3). */
export const item: ResourceRules = {
  name: 'Inventory/Item',
  group: 'list',
  scope: 'sme-inventory',
  fields: {
    Number: needed(text('itemTextLength')),
    Name: text('itemTextLength'),
    IsActive: flag(true),
    Description: text(255),
    UseDescription: flag(),
    CustomList1: custom(),
    CustomList2: custom(),
    CustomList3: custom(),
    CustomField1: custom(),
    CustomField2: custom(),
    CustomField3: custom(),
    QuantityOnHand: readOnly(number()),
    QuantityCommitted: readOnly(number()),
    QuantityOnOrder: readOnly(number()),
    QuantityAvailable: readOnly(number()),
    AverageCost: readOnly(number()),
    CurrentValue: readOnly(money()),
    BaseSellingPrice: readOnly(number()),
    IsBought: flag(),
    IsSold: flag(),
    IsInventoried: flag(),
    ExpenseAccount: account(),
    CostOfSalesAccount: account(),
    IncomeAccount: account(),
    AssetAccount: account(),
    BuyingDetails: group({
      LastPurchasePrice: readOnly(number()),
      StandardCost: number(0),
      StandardCostTaxInclusive: flag(),
      BuyingUnitOfMeasure: text(5),
      ItemsPerBuyingUnit: number(0),
      TaxCode: link('GeneralLedger/TaxCode'),
      RestockingInformation: group({
        MinNumberForRestockingAlert: number(0),
        Supplier: link('Contact/Supplier'),
        SupplierItemNumber: text(30),
        DefaultOrderQuantity: number(0),
      }),
    }),
    SellingDetails: group({
      BaseSellingPrice: number(0),
      SellingUnitOfMeasure: text(5),
      ItemsPerSellingUnit: number(0),
      TaxCode: link('GeneralLedger/TaxCode'),
      IsTaxInclusive: flag(),
      CalculateSalesTaxOn: choice(['ActualSellingPrice', 'BaseSellingPrice', 'LevelA'], 'ActualSellingPrice'),
      PriceMatrixURI: readOnly(text()),
    }),
    LocationDetails: readOnly(list({})),
    DefaultSellLocation: readOnly(text()),
    DefaultReceiveLocation: readOnly(text()),
  },
  verbs: { create: true, update: true, delete: true },
  pushed: true,
  linkMembers: ({ Number, Name }) => ({ Number, Name }),
  unique: ({ Number }) => [{ scope: 'item', key: String(Number).toUpperCase(), path: 'Number' }],
  moving: ({ uid }, file) => stockMembers(uid, file),
  prepare({ members }) {
    members.Name ??= members.Number;
    const { SellingDetails, BuyingDetails } = members as {
      SellingDetails: Members | null;
      BuyingDetails: Members | null;
    };
    if (SellingDetails) {
      SellingDetails.BaseSellingPrice ??= 0;
      SellingDetails.ItemsPerSellingUnit ??= 1;
    }
    if (BuyingDetails) {
      BuyingDetails.StandardCost ??= 0;
      BuyingDetails.ItemsPerBuyingUnit ??= 1;
    }
    members.BaseSellingPrice = SellingDetails?.BaseSellingPrice ?? 0;
  },
  check({ members, file }, problems) {
    const { IsBought, IsSold, IsInventoried } = members;
    const need = (name: string, isNeeded: boolean) => {
      if (isNeeded && members[name] === null) problems.add('Required', name);
    };
    need('IncomeAccount', IsSold === true);
    need('ExpenseAccount', IsBought === true && IsInventoried !== true);
    need('CostOfSalesAccount', IsInventoried === true);
    need('AssetAccount', IsInventoried === true);
    const taxOf = (name: string) => (members[name] as Members | null)?.TaxCode ?? null;
    if (IsSold === true && taxOf('SellingDetails') === null) problems.add('Required', 'SellingDetails.TaxCode');
    if (IsBought === true && taxOf('BuyingDetails') === null) problems.add('Required', 'BuyingDetails.TaxCode');
    for (const name of ['IncomeAccount', 'ExpenseAccount', 'CostOfSalesAccount', 'AssetAccount']) {
      const target = file.linked(members[name]);
      const isControl = target?.Type === 'AccountReceivable' || target?.Type === 'AccountsPayable';
      const isNoAsset = name === 'AssetAccount' && target && target.Classification !== 'Asset';
      if (target && (isControl || isNoAsset)) problems.add('IncorrectAccountType', name);
      else if (target?.IsHeader === true) problems.add('AccountHeaderNotAllowed', name);
    }
  },
  settle({ members, file, uid, previous }) {
    const stopsStock = previous?.members.IsInventoried === true && members.IsInventoried !== true;
    if (stopsStock && !file.ledger.stock(uid).quantity.isZero()) throw refusal('ItemWithInventory', 'IsInventoried');
  },
  release({ file, uid }) {
    if (!file.ledger.stock(uid).quantity.isZero()) throw refusal('ItemWithInventory', 'UID');
    if (!file.isUsed(uid)) return;
    throw refusal(isSold(file, uid) ? 'ItemLinkedToSales' : 'RecordInUse', 'UID');
  },
};

function isSold(file: CompanyFile, uid: string): boolean {
  for (const name of ['Sale/Invoice', 'Sale/Quote', 'Sale/Order']) {
    for (const stored of file.collection(name).all()) if (stored.mentions.includes(uid)) return true;
  }
  return false;
}

function stockMembers(uid: string, file: CompanyFile): Members {
  const { quantity, value } = file.ledger.stock(uid);
  return {
    QuantityOnHand: quantity.toNumber(),
    QuantityCommitted: 0,
    QuantityOnOrder: 0,
    QuantityAvailable: quantity.toNumber(),
    AverageCost: averageCost(file, uid).toDecimalPlaces(6).toNumber(),
    CurrentValue: value.toDecimalPlaces(2).toNumber(),
  };
}

/** What one piece in stock has cost on average; nothing when there is none. */
export function averageCost(file: CompanyFile, uid: string) {
  const { quantity, value } = file.ledger.stock(uid);
  return quantity.greaterThan(0) ? decimal(value.dividedBy(quantity).toFixed(10)) : zero;
}
