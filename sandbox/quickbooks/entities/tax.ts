import type { Company } from '../company.ts';
import type { Entity, User } from '../entity.ts';
import { uniqueName } from '../naming.ts';
import { defineEntity, type EntityRules } from '../rules.ts';
import {
  choice,
  decimal,
  flag,
  free,
  group,
  list,
  Problems,
  readBody,
  readOnly,
  reference,
  text,
  type Body,
  type Shape,
} from '../shape.ts';
import { faults } from '../vendor-fault.ts';
import { Work } from '../work.ts';

/** Rates, codes and agencies (sheet 3.4). The API reads them; only the tax service and the vendor itself write them. */
const rateList = readOnly(
  group({
    TaxRateDetail: list(
      group({
        TaxRateRef: reference('TaxRate'),
        TaxTypeApplicable: choice('TaxOnAmount', 'TaxOnAmountPlusTax', 'TaxOnTax'),
        TaxOrder: decimal(),
      }),
    ),
  }),
);

const never = { create: false, update: false, delete: false };

export const taxRate = defineEntity({
  name: 'TaxRate',
  group: 'tax',
  verbs: never,
  changeData: false,
  filters: ['Name'],
  fields: readOnlyFields({
    Name: text(100),
    Description: text(100),
    Active: flag(),
    RateValue: decimal(),
    AgencyRef: reference('TaxAgency'),
    TaxReturnLineRef: reference(),
    EffectiveTaxRate: free(),
    SpecialTaxType: text(50),
    DisplayType: text(50),
    OriginalTaxRate: text(50),
  }),
  unique: (object) => uniqueName('tax rate', object.Name),
});

export const taxCode = defineEntity({
  name: 'TaxCode',
  group: 'tax',
  verbs: never,
  changeData: false,
  filters: ['Name'],
  fields: readOnlyFields({
    Name: text(100),
    Description: text(100),
    Active: flag(),
    Hidden: flag(),
    Taxable: flag(),
    TaxGroup: flag(),
    TaxCodeConfigType: text(50),
    SalesTaxRateList: rateList,
    PurchaseTaxRateList: rateList,
  }),
  unique: (object) => uniqueName('tax code', object.Name),
});

export const taxAgency = defineEntity({
  name: 'TaxAgency',
  group: 'tax',
  webhook: 'CU',
  verbs: { create: true, update: false, delete: false },
  changeData: false,
  filters: ['DisplayName'],
  required: ['DisplayName'],
  fields: {
    DisplayName: text(100),
    ...readOnlyFields({
      TaxTrackedOnSales: flag(),
      TaxTrackedOnPurchases: flag(),
      TaxRegistrationNumber: text(100),
      LastFileDate: text(50),
      TaxAgencyConfig: text(50),
    }),
  },
  unique: (object) => uniqueName('tax agency', object.DisplayName),
  settle({ object }) {
    object.TaxTrackedOnSales = true;
    object.TaxTrackedOnPurchases = false;
    object.TaxAgencyConfig = 'USER_DEFINED';
  },
});

function readOnlyFields(shape: Shape): Shape {
  return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, readOnly(field)]));
}

const serviceRequest: Shape = {
  TaxCode: text(100),
  TaxCodeId: readOnly(text(50)),
  TaxRateDetails: list(
    group({
      TaxRateName: text(100),
      TaxRateId: text(50),
      RateValue: decimal(7, 0, 100),
      TaxAgencyId: text(50),
      TaxApplicableOn: choice('Sales', 'Purchase', 'Other'),
    }),
  ),
};

interface RateDetail {
  TaxRateName?: string;
  TaxRateId?: string;
  RateValue?: number;
  TaxAgencyId?: string;
  TaxApplicableOn?: string;
}

/** `POST /taxservice/taxcode`: makes a code and its new rates in one go; answers flat, without an entity envelope. */
export function createTaxCode(company: Company, body: Body, user: User): Body {
  if (company.prefers('TaxPrefs.PartnerTaxEnabled')) {
    throw faults.featureOff('tax codes are kept by automated sales tax');
  }
  const problems = new Problems();
  const reading = { creating: true, sparse: false, nullClears: false, highestCharacter: 0xffff };
  const input = readBody(serviceRequest, body, reading, problems);
  const details = (input.TaxRateDetails ?? []) as RateDetail[];
  if (input.TaxCode === undefined) problems.add(2, faults.missing('TaxCode'));
  if (details.length === 0) problems.add(2, faults.missing('TaxRateDetails'));
  for (const detail of details) {
    if (detail.TaxRateId !== undefined) continue;
    for (const field of ['TaxRateName', 'RateValue', 'TaxAgencyId'] as const) {
      if (detail[field] === undefined) problems.add(2, faults.missing(field));
    }
  }
  problems.throwFirst();

  const name = String(input.TaxCode);
  if (company.holderOf('tax code', name.toLowerCase()) !== undefined) throw faults.duplicateListName('tax code');
  for (const detail of details) {
    if (detail.TaxRateId !== undefined) {
      if (!company.object('TaxRate', detail.TaxRateId)) throw faults.reference('TaxRateId');
    } else {
      if (!company.object('TaxAgency', detail.TaxAgencyId)) throw faults.reference('TaxAgencyId');
      const taken = company.holderOf('tax rate', String(detail.TaxRateName).toLowerCase());
      if (taken !== undefined) throw faults.duplicateListName('tax rate');
    }
  }

  const work = new Work(company, user);
  const sales: string[] = [];
  const purchases: string[] = [];
  for (const detail of details) {
    detail.TaxRateId ??= saveRate(work, company, {
      name: String(detail.TaxRateName),
      percent: detail.RateValue ?? 0,
      agency: String(detail.TaxAgencyId),
    });
    (detail.TaxApplicableOn === 'Purchase' ? purchases : sales).push(detail.TaxRateId);
  }
  const id = saveCode(work, company, { name, sales, purchases });
  work.commit();
  return {
    TaxCode: name,
    TaxCodeId: id,
    TaxRateDetails: details.map((detail) => ({
      ...detail,
      ...(detail.RateValue !== undefined && { RateValue: String(detail.RateValue) }),
    })),
  };
}

/** A rate as the vendor keeps it; answers its id. */
export function saveRate(
  work: Work,
  company: Company,
  rate: { name: string; percent: number; agency: string; special?: string },
): string {
  const rules = company.collection('TaxRate').rules;
  const id = company.nextId(rules.sequence);
  const object: Partial<Entity> = {
    Id: id,
    Name: rate.name,
    Description: rate.name,
    Active: true,
    RateValue: rate.percent,
    AgencyRef: { value: rate.agency },
    EffectiveTaxRate: [{ RateValue: rate.percent, EffectiveDate: '2010-01-01T00:00:00-08:00' }],
    SpecialTaxType: rate.special ?? (rate.percent === 0 ? 'ZERO_RATE' : 'NONE'),
    DisplayType: 'ReadOnly',
  };
  work.save(rules, object as Entity, {}, undefined, 'Create');
  return id;
}

/** A code over rates for sales and purchases; answers its id. */
export function saveCode(
  work: Work,
  company: Company,
  code: { id?: string; name: string; description?: string; sales: string[]; purchases: string[]; taxable?: boolean },
): string {
  const rules: EntityRules = company.collection('TaxCode').rules;
  const id = code.id ?? company.nextId(rules.sequence);
  const rates = (ids: string[]) => ({
    TaxRateDetail: ids.map((rate, index) => ({
      TaxRateRef: { value: rate },
      TaxTypeApplicable: 'TaxOnAmount',
      TaxOrder: index,
    })),
  });
  const object: Partial<Entity> = {
    Id: id,
    Name: code.name,
    Description: code.description ?? code.name,
    Active: true,
    Hidden: false,
    Taxable: code.taxable ?? true,
    TaxGroup: code.id === undefined,
    TaxCodeConfigType: code.id === undefined ? 'USER_DEFINED' : 'SYSTEM_GENERATED',
    SalesTaxRateList: rates(code.sales),
    PurchaseTaxRateList: rates(code.purchases),
  };
  work.save(rules, object as Entity, {}, undefined, 'Create');
  return id;
}
