import type { Company } from './company.ts';
import { tracksClassesPerLine, tracksClassesPerTxn, tracksDepartments } from './entities/lists.ts';
import type { Draft } from './rules.ts';
import { faults } from './vendor-fault.ts';

/** Drops a value of a feature that is switched off, or refuses it where the company is that strict (sheet 3.0). */
export function requireFeature(company: Company, isOn: boolean, holder: Record<string, unknown>, field: string): void {
  if (isOn || holder[field] === undefined) return;
  if (company.switches.featureOff === '5030') throw faults.featureOff(`${field} needs a feature that is switched off`);
  holder[field] = undefined;
}

/** Classes and departments on the header. */
export function settleHeaderTracking({ object, company }: Draft): void {
  requireFeature(company, tracksClassesPerTxn(company), object, 'ClassRef');
  requireFeature(company, tracksDepartments(company), object, 'DepartmentRef');
}

/** The class on a line. */
export function settleLineTracking(company: Company, detail: Record<string, unknown>): void {
  requireFeature(company, tracksClassesPerLine(company), detail, 'ClassRef');
}
