/** Which scopes there are and what opens what (sheet 1.4). */

const OIDC = ['openid', 'profile', 'email', 'offline_access'];

/** Granular scopes by the broad one they replace. */
const BROAD: Readonly<Record<string, string>> = {
  'accounting.invoices': 'accounting.transactions',
  'accounting.payments': 'accounting.transactions',
  'accounting.banktransactions': 'accounting.transactions',
  'accounting.manualjournals': 'accounting.transactions',
};

const WRITABLE = [...Object.keys(BROAD), 'accounting.settings', 'accounting.contacts', 'accounting.attachments'];

const GRANULAR_REPORTS = [
  'aged',
  'balancesheet',
  'banksummary',
  'budgetsummary',
  'executivesummary',
  'profitandloss',
  'trialbalance',
  'taxreports',
  'tenninetynine',
].map((report) => `accounting.reports.${report}.read`);

const GRANULAR = [
  ...WRITABLE,
  ...WRITABLE.map((scope) => `${scope}.read`),
  ...GRANULAR_REPORTS,
  'accounting.budgets.read',
  'accounting.journals.read',
  'app.connections',
];
const BROAD_SCOPES = ['accounting.transactions', 'accounting.transactions.read', 'accounting.reports.read'];

export const SUPPORTED = [...OIDC, ...GRANULAR, ...BROAD_SCOPES];

export function scopesIn(text: string | null): string[] {
  return (text ?? '').split(/[\s,]+/).filter((scope) => scope !== '');
}

export function isKnownScope(scope: string, appScopes: 'granular' | 'any'): boolean {
  return OIDC.includes(scope) || GRANULAR.includes(scope) || (appScopes === 'any' && BROAD_SCOPES.includes(scope));
}

/** Scopes of the API gather over the consents of a person; those of the sign-in are asked for anew each time. */
export function isApiScope(scope: string): boolean {
  return !OIDC.includes(scope);
}

/** True when any of the scopes opens what is asked for; reading needs less. */
export function opens(granted: readonly string[], anyOf: readonly string[], isRead: boolean): boolean {
  return anyOf.some((scope) => {
    const names = [scope, BROAD[scope]].filter((name) => name !== undefined);
    return names.some((name) => granted.includes(name) || (isRead && granted.includes(`${name}.read`)));
  });
}
