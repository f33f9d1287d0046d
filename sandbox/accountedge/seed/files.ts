import { Randomness } from '../../randomness.ts';
import { DAY, utcDay } from '../calendar.ts';
import type { CompanyFile } from '../company-file.ts';
import type { Gateway } from '../gateway.ts';
import { layFoundation, type Flavour } from './foundation.ts';
import { recordTrade } from './trade.ts';

interface SeedFile {
  uid: string;
  name: string;
  flavour: Flavour;
  invoices: number;
  /** The day the books start, when it is not two years ago. */
  conversion?: string;
}

/** The files every sandbox starts with. The first one is what automatic consent connects. */
export const SEED_FILES: readonly SeedFile[] = [
  {
    uid: '3f2a9c70-6f0e-4c55-9a8e-1d2b3c4d5e6f',
    name: 'Widgets Inc',
    flavour: 'us',
    invoices: 130,
    conversion: '2026-01-01',
  },
  { uid: '7be41d02-93c8-4f6a-8d15-6a0c2e9b7f34', name: 'Harbour Tools Pty Ltd', flavour: 'au', invoices: 110 },
  { uid: 'c58f0a96-2d7b-4e31-b0a4-95d3f81c6e27', name: 'Blank Canvas LLC', flavour: 'us', invoices: 0 },
];

const ABOUT: Readonly<Record<Flavour, { country: string; currency: string }>> = {
  us: { country: 'US', currency: 'USD' },
  au: { country: 'AU', currency: 'AUD' },
};
const INVOICES_OF_A_NEW_FILE = 40;
const HISTORY_DAYS = 720;

export interface NewFile {
  name: string;
  flavour: Flavour;
  /** Only what the program itself sets up, and nobody to trade with. */
  empty: boolean;
  seed: number;
  invoices?: number;
  conversion?: string;
}

/** Makes a company file with or without a past. The same seed makes the same file, ending today. */
export function newFile(gateway: Gateway, uid: string, wanted: NewFile): CompanyFile {
  const file = gateway.addFile(uid, { name: wanted.name, ...ABOUT[wanted.flavour] });
  const now = gateway.clock.now();
  const earliest = now - HISTORY_DAYS * DAY;
  const conversion = wanted.conversion === undefined ? earliest : Date.parse(`${wanted.conversion}T00:00:00Z`);
  const start = Math.min(Math.max(earliest, conversion), now);
  const invoices = wanted.invoices ?? INVOICES_OF_A_NEW_FILE;
  file.recordHistory((at) => {
    at(start);
    layFoundation(file, wanted.flavour, wanted.conversion ?? utcDay(start));
    if (wanted.empty || invoices === 0) return;
    const random = new Randomness(wanted.seed ^ Number.parseInt(uid.slice(0, 8), 16));
    recordTrade(file, wanted.flavour, { at, start, now, random, invoices });
  });
  return file;
}

export function seedFiles(gateway: Gateway, seed: number, empty: boolean): void {
  for (const { uid, ...about } of SEED_FILES) newFile(gateway, uid, { ...about, empty, seed });
}
