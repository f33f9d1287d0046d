import { decimal as exact } from '../../amounts.ts';
import type { Stored } from '../collection.ts';
import type { Organisation } from '../organisation.ts';
import { refused } from '../refusals.ts';
import { defineResource, isNew, refuse, type Draft } from '../rules.ts';
import {
  decimal,
  derived,
  flag,
  group,
  guid,
  instant,
  readOnly,
  shownAs,
  text,
  type Body,
  type View,
} from '../shape.ts';

/** What is sold and bought (sheet 3.5). */

const codeOf = (member: string) => (holder: Body, view: View) =>
  view.organisation.fields('Accounts', holder[member])?.Code;

export const items = defineResource({
  name: 'Items',
  singular: 'Item',
  idField: 'ItemID',
  scopes: ['accounting.settings', 'accounting.invoices'],
  put: 'many',
  post: 'many',
  errorFlag: 'HasValidationErrors',
  notes: true,
  shape: {
    ItemID: guid(),
    Code: text(30),
    Description: text(4000),
    PurchaseDescription: text(4000),
    UpdatedDateUTC: readOnly(instant(undefined, 'whenRead')),
    PurchaseDetails: group({
      UnitPrice: decimal('unit'),
      AccountCode: shownAs(text(10), codeOf('account')),
      COGSAccountCode: shownAs(text(10), codeOf('cogsAccount')),
      TaxType: text(50),
    }),
    SalesDetails: group({
      UnitPrice: decimal('unit'),
      AccountCode: shownAs(text(10), codeOf('account')),
      TaxType: text(50),
    }),
    Name: text(50),
    InventoryAssetAccountCode: shownAs(text(10), codeOf('inventoryAccount')),
    IsTrackedAsInventory: derived(flag(), (fields) => fields.inventoryAccount !== undefined),
    QuantityOnHand: derived(decimal(4), (fields) => (fields.inventoryAccount === undefined ? undefined : '0')),
    TotalCostPool: derived(decimal(2), (fields) => (fields.inventoryAccount === undefined ? undefined : '0')),
    QuantityOnBackOrder: derived(decimal(4), (fields) => (fields.inventoryAccount === undefined ? undefined : '0')),
    QuantityAvailable: derived(decimal(4), (fields) => (fields.inventoryAccount === undefined ? undefined : '0')),
    IsSold: flag(),
    IsPurchased: flag(),
  },
  indexes: { code: (fields) => String(fields.Code).toLowerCase() },
  findByKey: (organisation, key) =>
    organisation.switches.itemByCode ? organisation.collection('Items').first('code', key.toLowerCase()) : undefined,
  natural: (organisation, input) =>
    organisation
      .collection('Items')
      .first('code', typeof input.Code === 'string' ? input.Code.toLowerCase() : undefined),
  settle,
  remove,
});

function settle(draft: Draft): void {
  const { organisation, fields, input, previous } = draft;
  const code = typeof fields.Code === 'string' ? fields.Code.trim() : '';
  if (code === '') refuse(draft, 'Price List Item Code must be specified.');
  const holder = organisation.collection('Items').first('code', code.toLowerCase());
  if (holder && holder.id !== previous?.id) refuse(draft, `Price List Item with Code '${code}' already exists`);
  if (isNew(draft)) {
    fields.IsSold ??= true;
    fields.IsPurchased ??= true;
  }
  fields.SalesDetails = settleDetails(draft, 'SalesDetails', fields.IsSold === true);
  fields.PurchaseDetails = settleDetails(draft, 'PurchaseDetails', fields.IsPurchased === true);
  if (fields.IsPurchased !== true) delete fields.PurchaseDescription;
  const asset = input.InventoryAssetAccountCode;
  if (typeof asset === 'string' && asset !== '') {
    const account = organisation.collection('Accounts').first('code', asset.toLowerCase());
    if (account?.fields.Type !== 'INVENTORY') refuse(draft, `Account code '${asset}' is not an inventory account.`);
    else fields.inventoryAccount = account.id;
    if ((fields.PurchaseDetails as Body).cogsAccount === undefined) {
      refuse(draft, 'A tracked item needs a COGSAccountCode.');
    }
  }
  delete fields.InventoryAssetAccountCode;
}

function settleDetails(draft: Draft, name: string, applies: boolean): Body {
  if (!applies) return {};
  const { organisation, input, previous } = draft;
  const sent = (input[name] ?? {}) as Body;
  const { AccountCode, COGSAccountCode, ...rest } = sent;
  const details: Body = { ...(previous?.fields[name] as Body | undefined), ...rest };
  for (const [code, member] of [
    [AccountCode, 'account'],
    [COGSAccountCode, 'cogsAccount'],
  ] as const) {
    if (code === undefined) continue;
    const account = organisation.collection('Accounts').first('code', String(code).toLowerCase());
    if (code === '') delete details[member];
    else if (!account || account.fields.Status !== 'ACTIVE')
      refuse(draft, `Account code '${String(code)}' is not valid.`);
    else details[member] = account.id;
  }
  if (details.UnitPrice !== undefined) {
    details.UnitPrice = exact(details.UnitPrice).toDecimalPlaces(draft.unitDecimals).toFixed();
  }
  if (details.TaxType === '') delete details.TaxType;
  if (details.TaxType !== undefined && organisation.fields('TaxRates', details.TaxType)?.Status !== 'ACTIVE') {
    refuse(draft, `The TaxType code '${String(details.TaxType)}' does not exist.`);
  }
  return details;
}

/** Items go for good; only tracked ones that were used stay. */
function remove(organisation: Organisation, stored: Stored): undefined {
  const isUsed = () =>
    [...organisation.all()].some((collection) =>
      [...collection.all()].some(({ fields }) =>
        ((fields.LineItems ?? []) as Body[]).some((line) => line.item === stored.id),
      ),
    );
  if (stored.fields.inventoryAccount !== undefined && isUsed())
    throw refused('The item has been used and cannot be deleted.');
  organisation.remove('Items', stored.id);
  return undefined;
}
