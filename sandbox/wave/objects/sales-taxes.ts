import type { Decimal } from '../../amounts.ts';
import type { Business } from '../business.ts';
import type { Problems } from '../problems.ts';
import type { DatedRate, SalesTax } from '../records.ts';
import { given, isFilled, type Write, type WriteTo } from '../write.ts';

const LONGEST_ABBREVIATION = 10;

export interface SalesTaxCreateInput {
  name: string;
  abbreviation: string;
  rate: Decimal;
  description?: string | null;
  taxNumber?: string | null;
  showTaxNumberOnInvoices?: boolean | null;
  isCompound?: boolean | null;
  isRecoverable?: boolean | null;
}

export function createSalesTax({ business, input, problems }: Write<SalesTaxCreateInput>): SalesTax | undefined {
  isFilled(problems, 'name', input.name);
  checkAbbreviation(business, problems, input.abbreviation);
  checkRate(problems, ['rate'], input.rate);
  if (problems.any) return undefined;
  return store(business, {
    ...business.newRow('SalesTax'),
    name: input.name,
    abbreviation: input.abbreviation,
    description: input.description ?? null,
    taxNumber: input.taxNumber ?? null,
    showTaxNumberOnInvoices: input.showTaxNumberOnInvoices ?? false,
    isCompound: input.isCompound ?? false,
    isRecoverable: input.isRecoverable ?? false,
    rates: [{ effective: business.today(), rate: written(input.rate) }],
    isArchived: false,
  });
}

interface DatedRateInput {
  effective: string;
  rate: Decimal;
}

export interface SalesTaxPatchInput {
  name?: string | null;
  abbreviation?: string | null;
  description?: string | null;
  taxNumber?: string | null;
  showTaxNumberOnInvoices?: boolean | null;
  rates?: DatedRateInput[] | null;
}

export function patchSalesTax({ business, target, input, problems }: WriteTo<SalesTax, SalesTaxPatchInput>) {
  if (input.name !== undefined) isFilled(problems, 'name', input.name);
  if (input.abbreviation !== undefined) checkAbbreviation(business, problems, input.abbreviation, target);
  const rates = withRates(business, target, input.rates ?? [], problems.below(['rates']));
  if (problems.any) return undefined;
  const change = given(input, ['name', 'abbreviation', 'description', 'taxNumber']) as Partial<SalesTax>;
  const showTaxNumberOnInvoices = input.showTaxNumberOnInvoices ?? target.showTaxNumberOnInvoices;
  return store(business, { ...target, ...change, showTaxNumberOnInvoices, rates, modifiedAt: business.now() });
}

/** The older way to give a tax another rate from a day on. */
export function addRate({ business, target, input, problems }: WriteTo<SalesTax, DatedRateInput>) {
  const rates = withRates(business, target, [input], problems);
  return problems.any ? undefined : store(business, { ...target, rates, modifiedAt: business.now() });
}

export function archiveSalesTax({ business, target }: WriteTo<SalesTax, object>): SalesTax {
  return store(business, { ...target, isArchived: true, modifiedAt: business.now() });
}

/** The rate in force on a day; the first one also before its time. */
export function rateOn(tax: SalesTax, day: string): string {
  const inForce = tax.rates.findLast((dated) => dated.effective <= day) ?? tax.rates[0];
  return inForce?.rate ?? '0';
}

/** Dated entries are added; one that is there is not edited, at most replaced whole. */
function withRates(
  business: Business,
  tax: SalesTax,
  added: readonly DatedRateInput[],
  problems: Problems,
): DatedRate[] {
  const rates = new Map(tax.rates.map(({ effective, rate }) => [effective, rate]));
  added.forEach(({ effective, rate }, index) => {
    checkRate(problems, [index, 'rate'], rate);
    const there = rates.get(effective);
    if (there !== undefined && there !== written(rate) && business.switches.sameDayRate === 'refuse') {
      problems.add([index, 'effective'], `A rate effective ${effective} already exists.`, 'UNIQUE');
    }
    rates.set(effective, written(rate));
  });
  return [...rates]
    .map(([effective, rate]) => ({ effective, rate }))
    .sort((a, b) => (a.effective < b.effective ? -1 : 1));
}

function checkAbbreviation(
  business: Business,
  problems: Problems,
  abbreviation: string | null | undefined,
  target?: SalesTax,
): void {
  if (!isFilled(problems, 'abbreviation', abbreviation) || typeof abbreviation !== 'string') return;
  if (abbreviation.length > LONGEST_ABBREVIATION) {
    problems.add(['abbreviation'], `Ensure this field has no more than ${LONGEST_ABBREVIATION} characters.`);
  }
  const [holder] = business.salesTaxes.having('abbreviation', abbreviation);
  if (holder && holder.id !== target?.id) {
    problems.add(['abbreviation'], `A sales tax with the abbreviation '${abbreviation}' already exists.`, 'UNIQUE');
  }
}

function checkRate(problems: Problems, path: readonly (string | number)[], rate: Decimal): void {
  if (rate.isNegative() && !rate.isZero()) problems.add(path, 'A rate cannot be negative.');
}

/** Six places, half away from zero (sheet 2.4). */
function written(rate: Decimal): string {
  return rate.toDecimalPlaces(6).toFixed();
}

function store(business: Business, tax: SalesTax): SalesTax {
  business.salesTaxes.put(tax);
  business.surroundings.changed();
  return tax;
}
