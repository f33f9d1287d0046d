/** What a consent may cover (sheet 2.1). */
export const SCOPES = [
  'sme-company-file',
  'sme-company-settings',
  'sme-general-ledger',
  'sme-sales',
  'sme-purchases',
  'sme-banking',
  'sme-inventory',
  'sme-contacts-customer',
  'sme-contacts-supplier',
  'sme-contacts-employee',
  'sme-contacts-personal',
  'sme-timebilling',
  'sme-payroll',
] as const;

/** The scope of keys from before granular ones; it stands for all. */
export const LEGACY_SCOPE = 'CompanyFile';

export function covers(scopes: readonly string[], wanted: string): boolean {
  return scopes.includes(wanted) || scopes.includes(LEGACY_SCOPE);
}
