import type { ResourceRules } from '../rules.ts';
import { choice, date, flag, group, link, money, needed, number, text, whole } from '../shape.ts';

/** What the file says of itself; only a person at the desktop changes it (sheet 3.2, 6.8). */

export const accountingProperties: ResourceRules = {
  name: 'GeneralLedger/AccountingProperties',
  group: 'setting',
  scope: 'sme-general-ledger',
  fields: {
    ConversionDate: date(),
    CurrentFinancialYear: whole(0),
    LastMonthFinancialYear: whole(1),
  },
  verbs: { create: false, update: false, delete: false },
  pushed: false,
  linkMembers: () => ({}),
};

const salesTerms = {
  PaymentIsDue: text(),
  DiscountDate: whole(0),
  BalanceDueDate: whole(0),
  DiscountForEarlyPayment: number(0),
  MonthlyChargeForLatePayment: number(0),
};

export const preferences: ResourceRules = {
  name: 'Company/Preferences',
  group: 'setting',
  scope: 'sme-company-settings',
  single: true,
  fields: {
    System: group({
      CategoryTracking: choice(['Off', 'OnAndNotRequired', 'OnAndRequired'], 'Off'),
      LockPeriodPriorTo: date(),
      TransactionsCannotBeChangedMustBeReversed: flag(),
      UseAlphaAccountIdentifier: flag(),
    }),
    ReportsAndForms: group({ ReportTaxablePayments: flag() }),
    Sales: group({
      Terms: group({
        ...salesTerms,
        CreditLimit: money(0),
        TaxCode: link('GeneralLedger/TaxCode'),
        FreightTaxCode: link('GeneralLedger/TaxCode'),
        UseCustomerTaxCode: flag(),
        PriceLevel: text(),
      }),
    }),
    Purchases: group({
      Terms: group({
        ...salesTerms,
        CreditLimit: money(0),
        TaxCode: link('GeneralLedger/TaxCode'),
        FreightTaxCode: link('GeneralLedger/TaxCode'),
        UseSupplierTaxCode: flag(),
      }),
    }),
    Banking: group({ UseBankFeeds: flag() }),
    Timesheets: group({ UseTimesheetsFor: text() }),
  },
  verbs: { create: false, update: false, delete: false },
  pushed: false,
  linkMembers: () => ({}),
};

export const company: ResourceRules = {
  name: 'Company',
  group: 'setting',
  scope: 'sme-company-settings',
  single: true,
  fields: {
    CompanyName: needed(text(50)),
    SerialNumber: text(12),
    Address: text(255),
    PhoneNumber: text(25),
    FaxNumber: text(25),
    EmailAddress: text(255),
    ABNOrTFN: text(20),
    ABNBranch: text(11),
    ACN: text(19),
    SalesTaxNumber: text(19),
    PayeeNumber: text(19),
    GSTRegistrationNumber: text(19),
    CompanyRegistrationNumber: text(19),
    ReadOnly: flag(),
  },
  verbs: { create: false, update: false, delete: false },
  pushed: false,
  linkMembers: () => ({}),
};
