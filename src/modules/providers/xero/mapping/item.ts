import {
  at,
  computed,
  decided,
  decimal,
  finding,
  ref,
  text,
  wireAt,
  type Change,
  type Codec,
  type Row,
  type Wire,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal, type Ref } from '../../../../domain/contract/index.js';
import type { XeroCompany } from '../xero.features.js';
import { NO_CUSTOM_FIELDS } from './document.js';
import { accountCode, mapping } from './words.js';

/** Sheet 3.5. */

/** Stock is told by its accounts; services and other goods are one to this vendor. */
const type = decided<'service' | 'non_inventory' | 'inventory' | 'bundle', XeroCompany>({
  read: ({ IsTrackedAsInventory }) => (IsTrackedAsInventory === true ? 'inventory' : 'service'),
  write: () => undefined,
  carries: () => [''],
  refuses: (value, before) =>
    value === 'bundle'
      ? [finding('not_held', 'must not be bundle: Xero has none')]
      : value === 'inventory' && before?.IsTrackedAsInventory !== true
        ? [finding('not_held', 'must be made in Xero, with its stock account')]
        : [],
});

const price = (): Codec<string> => decimal();

/** Stock that is bought goes by another member than other goods. */
const purchaseAccountMember = (record: WireObject | undefined): string =>
  record?.IsTrackedAsInventory === true ? 'COGSAccountCode' : 'AccountCode';

/** A row of the details of sales or purchases, which are an object of their own. */
const within = (
  details: 'SalesDetails' | 'PurchaseDetails',
  memberOf: (record: WireObject | undefined) => string,
): Row<Ref, XeroCompany> => {
  const rowFor = (record: WireObject | undefined): Row<Ref, XeroCompany> => accountCode(memberOf(record));
  const inner = (record: WireObject | undefined): WireObject => (wireAt(record, details) ?? {}) as WireObject;
  return {
    read: (record, company) => rowFor(record).read(inner(record), company),
    write: (value, change: Change, company) => {
      const shown = change.before && rowFor(change.before).read(inner(change.before), company);
      if (shown?.id === value?.id) return;
      const path = `${details}.${memberOf(change.before)}`;
      const code = value && company.accounts.codeOf(value.id);
      if (value && code === undefined) throw new Error(`account ${value.id} has no code`);
      if (code) change.set(path, code);
      else change.clear(path, '');
    },
    carries: () => [''],
    refuses: (value, before, company) => rowFor(before).refuses!(value, inner(before), company),
  };
};

export const item = mapping(
  'item',
  {
    code: at('Code', text({ max: 30 })),
    name: at('Name', text({ max: 50 })),
    description: at('Description', text({ max: 4000 })),
    type,

    salePrice: at('SalesDetails.UnitPrice', price()),
    saleAccount: within('SalesDetails', () => 'AccountCode'),
    saleTaxRate: decided(at('SalesDetails.TaxType', ref('tax_rate'))),

    purchaseCost: at('PurchaseDetails.UnitPrice', price()),
    purchaseAccount: within('PurchaseDetails', purchaseAccountMember),
    purchaseTaxRate: decided(at('PurchaseDetails.TaxType', ref('tax_rate'))),
    purchaseDescription: at('PurchaseDescription', text({ max: 4000 })),

    custom: NO_CUSTOM_FIELDS,

    quantityOnHand: computed(at('QuantityOnHand', decimal())),
  },
  {
    refuses: (content, before) => [
      ...(typeof content.code === 'string' || (before && content.code === undefined)
        ? []
        : [finding('required', 'is required: Xero knows items by their codes', 'code')]),
      ...['salePrice', 'purchaseCost'].flatMap((name) => {
        const value = content[name];
        return isDecimal(value) && exact(value).decimalPlaces() > 4
          ? [finding('places', 'must have at most four places', name)]
          : [];
      }),
      ...notSold(content, before),
    ],
  },
);

/** An item that is not sold has no details of sales, and saying it is sold again is a person's business. */
const notSold = (content: Readonly<Record<string, unknown>>, before: WireObject | undefined) => {
  const off = (flag: Wire | undefined): boolean => flag === false;
  return [
    ...(off(before?.IsSold) ? ['salePrice', 'saleAccount', 'saleTaxRate'] : []),
    ...(off(before?.IsPurchased) ? ['purchaseCost', 'purchaseAccount', 'purchaseTaxRate'] : []),
  ]
    .filter((name) => (content[name] ?? null) !== null)
    .map((name) => finding('not_held', 'must be absent: in Xero the item is switched off for this', name));
};
