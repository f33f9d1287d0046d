import { address, email, phone, webAddress } from '../addresses.ts';
import { uniqueName } from '../naming.ts';
import { defineEntity } from '../rules.ts';
import { choice, date, decimal, flag, free, group, list, readOnly, reference, text } from '../shape.ts';
import { faults } from '../vendor-fault.ts';

/** The one CompanyInfo object; its Id is "1" although the path names the realm (sheet 3.7). */
export const companyInfo = defineEntity({
  name: 'CompanyInfo',
  group: 'company',
  verbs: { create: false, update: true, delete: false },
  required: ['CompanyName', 'CompanyAddr'],
  filters: ['CompanyName'],
  fields: {
    CompanyName: text(1024),
    LegalName: text(1024),
    CompanyAddr: address,
    CustomerCommunicationAddr: address,
    LegalAddr: address,
    CustomerCommunicationEmailAddr: email,
    PrimaryPhone: phone,
    CompanyStartDate: readOnly(date()),
    EmployerId: text(50),
    FiscalYearStartMonth: text(20),
    Country: text(255),
    Email: email,
    WebAddr: webAddress,
    SupportedLanguages: text(100),
    DefaultTimeZone: readOnly(text(100)),
    NameValue: readOnly(free()),
  },
});

/** Settings by section; what the API may not change is switched by a person in the product (sheet 3.7). */
export const preferences = defineEntity({
  name: 'Preferences',
  group: 'company',
  webhook: 'U',
  verbs: { create: false, update: true, delete: false },
  fields: {
    AccountingInfoPrefs: group({
      FirstMonthOfFiscalYear: readOnly(text(20)),
      UseAccountNumbers: readOnly(flag()),
      TaxYearMonth: readOnly(text(20)),
      ClassTrackingPerTxn: flag(),
      ClassTrackingPerTxnLine: flag(),
      TrackDepartments: flag(),
      DepartmentTerminology: text(50),
      CustomerTerminology: text(50),
      BookCloseDate: readOnly(date()),
      TaxForm: readOnly(text(50)),
    }),
    ProductAndServicesPrefs: group({
      ForSales: flag(),
      ForPurchase: flag(),
      QuantityWithPriceAndRate: flag(),
      QuantityOnHand: flag(),
    }),
    SalesFormsPrefs: group({
      CustomField: readOnly(free()),
      CustomTxnNumbers: flag(),
      AllowDeposit: flag(),
      AllowDiscount: flag(),
      AllowEstimates: flag(),
      AllowServiceDate: flag(),
      AllowShipping: flag(),
      AutoApplyCredit: readOnly(flag()),
      DefaultTerms: reference('Term'),
      DefaultCustomerMessage: text(1000),
      DefaultDiscountAccount: text(50),
      DefaultShippingAccount: text(50),
      ETransactionEnabledStatus: text(50),
      ETransactionPaymentEnabled: flag(),
      ETransactionAttachPDF: flag(),
      EmailCopyToCompany: flag(),
      SalesEmailCc: email,
      SalesEmailBcc: email,
      UsingProgressInvoicing: readOnly(flag()),
      UsingPriceLevels: readOnly(flag()),
    }),
    VendorAndPurchasesPrefs: group({
      TrackingByCustomer: flag(),
      BillableExpenseTracking: flag(),
      DefaultTerms: reference('Term'),
      DefaultMarkup: decimal(),
      DefaultMarkupAccount: reference('Account'),
      POCustomField: readOnly(free()),
      TPAREnabled: readOnly(flag()),
    }),
    TimeTrackingPrefs: readOnly(free()),
    TaxPrefs: group({
      UsingSalesTax: readOnly(flag()),
      PartnerTaxEnabled: readOnly(flag()),
      TaxGroupCodeRef: readOnly(reference('TaxCode')),
    }),
    CurrencyPrefs: readOnly(group({ MultiCurrencyEnabled: flag(), HomeCurrency: reference('Currency') })),
    ReportPrefs: readOnly(free()),
    EmailMessagesPrefs: readOnly(free()),
    OtherPrefs: group({ NameValue: list(group({ Name: text(200), Value: text(1000) })) }),
  },
  settle({ object, previous, sparse }) {
    // Sections hold both what a client may set and what it may not; a full update clears only the former.
    for (const [section, settings] of Object.entries(previous ?? {})) {
      if (typeof settings !== 'object' || settings === null || section === 'MetaData') continue;
      const fields = preferences.fields[section];
      if (fields?.kind !== 'group') continue;
      const kept = Object.fromEntries(
        Object.entries(settings).filter(([name]) => sparse || fields.fields[name]?.mode === 'read'),
      );
      object[section] = { ...kept, ...(object[section] as object | undefined) };
    }
    const accounting = object.AccountingInfoPrefs as Record<string, unknown>;
    if (accounting.ClassTrackingPerTxn === true && accounting.ClassTrackingPerTxnLine === true) {
      throw faults.business('Classes are tracked per transaction or per line, not both.', 'ClassTrackingPerTxn');
    }
  },
});

/** Foreign currencies the company uses beside its home currency. */
export const companyCurrency = defineEntity({
  name: 'CompanyCurrency',
  group: 'list',
  webhook: 'CU',
  webhookName: 'Currency',
  filters: ['Code', 'Name'],
  required: ['Code'],
  fields: { Name: text(100), Code: text(3), Active: flag(), CustomField: readOnly(free()) },
  unique: (object) => uniqueName('currency', object.Code as string | undefined),
  settle({ object }) {
    object.Active ??= true;
    object.Name ??= String(object.Code);
  },
});

export const attachable = defineEntity({
  name: 'Attachable',
  group: 'other',
  verbs: { create: true, update: true, delete: true },
  filters: [
    'FileName',
    'Note',
    'Category',
    'ContentType',
    'AttachableRef.EntityRef.Type',
    'AttachableRef.EntityRef.value',
  ],
  fields: {
    FileName: text(1000),
    Note: text(2000),
    Category: choice('Contact Photo', 'Document', 'Image', 'Receipt', 'Signature', 'Sound', 'Other'),
    ContentType: text(100),
    PlaceName: text(2000),
    Tag: text(2000),
    Size: readOnly(decimal()),
    FileAccessUri: readOnly(text(2000)),
    TempDownloadUri: readOnly(text(2000)),
    ThumbnailFileAccessUri: readOnly(text(2000)),
    Lat: text(50),
    Long: text(50),
    AttachableRef: list(
      group({
        EntityRef: reference(),
        IncludeOnSend: flag(),
        LineInfo: text(50),
        NoRefOnly: flag(),
        Inactive: flag(),
        CustomField: readOnly(free()),
      }),
    ),
  },
  settle({ object, company }) {
    if (object.Note === undefined && object.FileName === undefined) throw faults.missing('Note');
    for (const { EntityRef } of (object.AttachableRef ?? []) as { EntityRef?: { value: string; type?: string } }[]) {
      if (!EntityRef) continue;
      const collection = [...company.all()].find(
        (each) => each.rules.name.toLowerCase() === EntityRef.type?.toLowerCase(),
      );
      if (!collection?.get(EntityRef.value)) throw faults.reference('AttachableRef.EntityRef');
    }
  },
});
