import { Randomness } from '../../randomness.ts';
import type { Business, BusinessSettings } from '../business.ts';
import { DAY } from '../calendar.ts';
import { addAccount } from '../objects/accounts.ts';
import type { Vendor } from '../vendor.ts';
import { CHART } from './chart-of-accounts.ts';
import { recordLists, recordTrade } from './trade.ts';

export type Flavour = 'us' | 'ca';

/** The businesses every sandbox starts with. The first one is the person's default and what automatic consent connects. */
export const SEED_BUSINESSES: readonly { uuid: string; flavour: Flavour; name: string; invoices: number }[] = [
  { uuid: '3f6d1c52-8a4e-4b7d-9c01-5e2a7f000001', flavour: 'us', name: "Larkspur & Lane's Studio", invoices: 260 },
  { uuid: '3f6d1c52-8a4e-4b7d-9c01-5e2a7f000002', flavour: 'ca', name: 'Northern Loom Textiles Inc.', invoices: 160 },
  { uuid: '3f6d1c52-8a4e-4b7d-9c01-5e2a7f000003', flavour: 'us', name: 'Fresh Start Bakery LLC', invoices: 0 },
];

const INVOICES_OF_A_NEW_BUSINESS = 60;
const HISTORY_DAYS = 730;

const SETTINGS: Readonly<Record<Flavour, BusinessSettings>> = {
  us: {
    name: 'New business',
    currency: 'USD',
    timezone: 'America/New_York',
    plan: 'pro',
    termsDays: 30,
    isPersonal: false,
    isClassicAccounting: false,
    isClassicInvoicing: false,
    isArchived: false,
    emailSendEnabled: true,
    organizationalType: 'CORPORATION',
    type: 'CONSULTANTS_PROFESSIONALS',
    subtype: 'CONSULTANTS_PROFESSIONALS__OTHER',
    address: {
      addressLine1: '88 Mercer Street',
      addressLine2: null,
      city: 'New York',
      provinceCode: 'US-NY',
      countryCode: 'US',
      postalCode: '10012',
    },
    phone: '212-555-0134',
    website: null,
  },
  ca: {
    name: 'New business',
    currency: 'CAD',
    timezone: 'America/Toronto',
    plan: 'pro',
    termsDays: 14,
    isPersonal: false,
    isClassicAccounting: false,
    isClassicInvoicing: false,
    isArchived: false,
    emailSendEnabled: true,
    organizationalType: 'CORPORATION',
    type: 'PRODUCT_PROVIDER',
    subtype: 'PRODUCT_PROVIDER__MANUFACTURER',
    address: {
      addressLine1: '12 Spadina Avenue',
      addressLine2: 'Unit 4',
      city: 'Toronto',
      provinceCode: 'CA-ON',
      countryCode: 'CA',
      postalCode: 'M5V 2J4',
    },
    phone: '416-555-0190',
    website: null,
  },
};

export interface NewBusiness {
  name?: string;
  /** Only what the vendor itself sets up: the accounts. */
  empty: boolean;
  seed: number;
  invoices?: number;
}

/** Makes a business with or without a past. The same seed makes the same business, ending today. */
export function newBusiness(vendor: Vendor, uuid: string, flavour: Flavour, wanted: NewBusiness): Business {
  const settings = { ...SETTINGS[flavour], name: wanted.name ?? SETTINGS[flavour].name };
  const business = vendor.addBusiness(uuid, settings);
  const now = vendor.clock.now();
  business.recordHistory((at) => {
    at(now - HISTORY_DAYS * DAY);
    business.createdAt = business.now();
    business.modifiedAt = business.createdAt;
    layFoundation(business, flavour);
    const invoices = wanted.invoices ?? INVOICES_OF_A_NEW_BUSINESS;
    if (wanted.empty || invoices === 0) return;
    const random = new Randomness(wanted.seed ^ Number.parseInt(uuid.slice(-8), 16));
    const stock = recordLists(business, flavour, random);
    recordTrade(business, stock, { at, now, days: HISTORY_DAYS, random, invoices });
  });
  return business;
}

function layFoundation(business: Business, flavour: Flavour): void {
  for (const [subtype, name, displayId] of CHART) addAccount(business, { subtype, name, displayId });
  if (flavour === 'ca') {
    addAccount(business, { subtype: 'CASH_AND_BANK', name: 'US Dollar Account', currency: 'USD', displayId: '1030' });
  }
}

export function seedBusinesses(vendor: Vendor, seed: number, empty: boolean): void {
  for (const { uuid, flavour, name, invoices } of SEED_BUSINESSES) {
    newBusiness(vendor, uuid, flavour, { name, empty, seed, invoices });
  }
}
