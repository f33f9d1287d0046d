import type { ProviderDefinition } from '../../../domain/provider/index.js';
import { XeroAdapter } from './xero.adapter.js';
import { streams } from './xero.changes.js';
import { isTokenRefused } from './xero.failures.js';
import { kinds } from './xero.kinds.js';
import { baseUrl, oauth, settings } from './xero.oauth.js';
import { webhook } from './xero.webhook.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Xero, by its Accounting API (README.md). */
export const xero: ProviderDefinition = {
  name: 'xero',
  title: 'Xero',
  settings,
  baseUrl,
  oauth,
  webhook,
  kinds,
  indistinctKinds: [
    ['invoice', 'bill'],
    ['credit_note', 'vendor_credit'],
  ],
  streams,
  // Some of what the vendor allows is left to people and other apps (sheet 7); what it says itself counts in any case.
  limits: [
    { name: 'minute', scope: 'connection', drawnBy: 'all', allows: { calls: 54, perMs: MINUTE_MS } },
    { name: 'day', scope: 'connection', drawnBy: 'all', allows: { calls: 4_800, perMs: DAY_MS } },
    { name: 'concurrent', scope: 'connection', drawnBy: 'all', allows: { concurrent: 4 } },
    { name: 'application', scope: 'application', drawnBy: 'all', allows: { calls: 9_000, perMs: MINUTE_MS } },
  ],
  requestId: ({ headers }) => headers['xero-correlation-id'],
  tokenRefused: isTokenRefused,
  connect: (session) => new XeroAdapter(session),
};
