import type { ResourceRules } from '../rules.ts';
import { choice, flag, link, money, needed, number, text, type Members } from '../shape.ts';

const TAX_TYPES = [
  'Consolidated',
  'ImportDuty',
  'SalesTax',
  'GST_VAT',
  'InputTaxed',
  'QST',
  'LuxuryCarTax',
  'WithholdingsTax',
  'NoABN_TFN',
  'ECPurchVAT',
  'ECSalesVAT',
];

export const taxCode: ResourceRules = {
  name: 'GeneralLedger/TaxCode',
  group: 'list',
  scope: 'sme-general-ledger',
  fields: {
    Code: needed(text('taxCodeLength')),
    Description: text(),
    Type: needed(choice(TAX_TYPES)),
    Rate: number(),
    IsRateNegative: flag(),
    TaxCollectedAccount: link('GeneralLedger/Account'),
    TaxPaidAccount: link('GeneralLedger/Account'),
    WithholdingCreditAccount: link('GeneralLedger/Account'),
    WithholdingPayableAccount: link('GeneralLedger/Account'),
    ImportDutyPayableAccount: link('GeneralLedger/Account'),
    LinkedSupplier: link('Contact/Supplier'),
    LuxuryCarTaxThreshold: money(0),
  },
  verbs: { create: true, update: true, delete: true },
  pushed: false,
  linkMembers: ({ Code }) => ({ Code }),
  unique: ({ Code }) => [{ scope: 'tax', key: String(Code).toUpperCase(), path: 'Code' }],
  prepare({ members, file }) {
    members.Rate ??= 0;
    const payable: Members = { UID: file.account('tax') };
    members.TaxCollectedAccount ??= payable;
    members.TaxPaidAccount ??= payable;
  },
};

export const currency: ResourceRules = {
  name: 'GeneralLedger/Currency',
  group: 'list',
  scope: 'sme-general-ledger',
  fields: { Code: needed(text(3)), CurrencyName: text(30), CurrencyRate: number(0) },
  verbs: { create: false, update: false, delete: false },
  pushed: false,
  linkMembers: ({ Code, CurrencyName }) => ({ Code, CurrencyName }),
};
