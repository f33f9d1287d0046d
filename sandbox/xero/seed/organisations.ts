import { Randomness } from '../../randomness.ts';
import { DAY } from '../calendar.ts';
import type { Flavour, Organisation } from '../organisation.ts';
import type { Vendor } from '../vendor.ts';
import { create, layFoundation } from './foundation.ts';
import { recordTrade } from './trade.ts';

/** The organisations every sandbox starts with. The first one is what automatic consent connects. */
export const SEED_ORGANISATIONS: readonly { tenantId: string; flavour: Flavour; name: string; invoices: number }[] = [
  { tenantId: 'c0ffee00-0001-4000-8000-000000000001', flavour: 'nz', name: 'Demo Company (NZ)', invoices: 260 },
  { tenantId: 'c0ffee00-0002-4000-8000-000000000002', flavour: 'us', name: 'Harbour & Hill Studio', invoices: 120 },
  { tenantId: 'c0ffee00-0003-4000-8000-000000000003', flavour: 'uk', name: 'Kirkgate Prints Ltd', invoices: 0 },
];

const INVOICES_OF_A_NEW_ORGANISATION = 60;
const HISTORY_DAYS = 720;
/** When the vendor's own demo data says it was last touched. */
const LONG_AGO = Date.UTC(2010, 2, 9, 21, 30);

export interface NewOrganisation {
  name?: string;
  /** Only what every organisation starts with: accounts, taxes, tracking, items. */
  empty: boolean;
  seed: number;
  invoices?: number;
}

/** Makes an organisation with or without a past. The same seed makes the same one, ending today. */
export function newOrganisation(
  vendor: Vendor,
  tenantId: string,
  flavour: Flavour,
  wanted: NewOrganisation,
): Organisation {
  const organisation = vendor.addOrganisation(tenantId, flavour);
  const now = vendor.clock.now();
  const name = wanted.name ?? SEED_ORGANISATIONS.find((each) => each.flavour === flavour)?.name ?? 'New organisation';
  const invoices = wanted.invoices ?? INVOICES_OF_A_NEW_ORGANISATION;
  organisation.recordHistory((at) => {
    at(LONG_AGO);
    layFoundation(organisation, name);
    if (wanted.empty || invoices === 0) return;
    // Some rows carry a stamp years older than everything around them (sheet 2.3).
    create(organisation, 'Contacts', { Name: 'Old Friends of the House', EmailAddress: 'hello@customer.example' });
    at(now - HISTORY_DAYS * DAY);
    const random = new Randomness(wanted.seed ^ Number.parseInt(tenantId.slice(0, 8), 16));
    recordTrade(organisation, { at, now, days: HISTORY_DAYS, random, invoices });
  });
  return organisation;
}

export function seedOrganisations(vendor: Vendor, seed: number, empty: boolean): void {
  for (const { tenantId, flavour, name, invoices } of SEED_ORGANISATIONS) {
    newOrganisation(vendor, tenantId, flavour, { name, empty, seed, invoices });
  }
}
