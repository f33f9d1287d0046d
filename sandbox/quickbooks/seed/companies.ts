import { DAY } from '../calendar.ts';
import type { Company, Flavour } from '../company.ts';
import { Randomness } from '../../randomness.ts';
import type { Vendor } from '../vendor.ts';
import { layFoundation } from './foundation.ts';
import { recordTrade } from './trade.ts';

/** The companies every sandbox starts with. The first one is what automatic consent connects. */
export const SEED_COMPANIES: readonly { realmId: string; flavour: Flavour; name: string; invoices: number }[] = [
  { realmId: '9341450000000001', flavour: 'us', name: "Fern & Foster's Landscaping", invoices: 1040 },
  { realmId: '9341450000000002', flavour: 'us-ast', name: 'Puget Garden Supply', invoices: 140 },
  { realmId: '9341450000000003', flavour: 'uk', name: 'Kirkgate Design Ltd', invoices: 140 },
];

const INVOICES_OF_A_NEW_COMPANY = 60;
const HISTORY_DAYS = 720;

export interface NewCompany {
  name?: string;
  /** Only what the vendor itself sets up: accounts, terms, taxes, two items. */
  empty: boolean;
  seed: number;
  invoices?: number;
}

/** Makes a company with or without a past. The same seed makes the same company, ending today. */
export function newCompany(vendor: Vendor, realmId: string, flavour: Flavour, wanted: NewCompany): Company {
  const company = vendor.addCompany(realmId, flavour);
  const now = vendor.clock.now();
  const name = wanted.name ?? SEED_COMPANIES.find((each) => each.flavour === flavour)?.name ?? 'New company';
  company.recordHistory((at) => {
    at(now - HISTORY_DAYS * DAY);
    layFoundation(company, name);
    if (wanted.empty) return;
    const random = new Randomness(wanted.seed ^ Number(BigInt(realmId) & 0xffffffffn));
    recordTrade(company, {
      at,
      now,
      days: HISTORY_DAYS,
      random,
      invoices: wanted.invoices ?? INVOICES_OF_A_NEW_COMPANY,
    });
  });
  return company;
}

export function seedCompanies(vendor: Vendor, seed: number, empty: boolean): void {
  for (const { realmId, flavour, name, invoices } of SEED_COMPANIES) {
    newCompany(vendor, realmId, flavour, { name, empty, seed, invoices });
  }
}
