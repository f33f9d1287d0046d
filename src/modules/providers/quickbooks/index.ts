import type { ProviderDefinition } from '../../../domain/provider/index.js';
import { QuickBooksAdapter } from './quickbooks.adapter.js';
import { BATCH_LIMIT } from './quickbooks.client.js';
import { ENTITIES } from './quickbooks.entities.js';
import { isTokenRefused } from './quickbooks.failures.js';
import { kinds } from './quickbooks.kinds.js';
import { baseUrl, oauth, settings } from './quickbooks.oauth.js';
import { webhook } from './quickbooks.webhook.js';

const HOUR_MS = 3_600_000;

/** QuickBooks Online, by its Accounting API (README.md). */
export const quickbooks: ProviderDefinition = {
  name: 'quickbooks',
  title: 'QuickBooks Online',
  settings,
  baseUrl,
  oauth,
  webhook,
  kinds,
  streams: [
    {
      name: 'changes',
      kinds: [...new Set(ENTITIES.map(({ kind }) => kind))],
      everyMs: HOUR_MS,
      says: 'Change data capture over all entities at once: one read, and the safety net under the webhooks.',
    },
    {
      name: 'taxes',
      kinds: ['tax_rate'],
      everyMs: 6 * HOUR_MS,
      says: 'Tax codes, rates and agencies, which neither webhooks nor change data capture tell of.',
    },
    {
      name: 'company',
      kinds: ['company'],
      everyMs: 6 * HOUR_MS,
      says: 'The company’s name, settings and closing date.',
    },
  ],
  // Four fifths to nine tenths of what the vendor allows (sheet 7.1): people and other apps call, too.
  limits: [
    { name: 'second', scope: 'connection', drawnBy: 'all', allows: { calls: 8, perMs: 1000 } },
    { name: 'minute', scope: 'connection', drawnBy: 'all', allows: { calls: 450, perMs: 60_000 } },
    { name: BATCH_LIMIT, scope: 'connection', drawnBy: 'named', allows: { calls: 36, perMs: 60_000 } },
    { name: 'concurrent', scope: 'connection', drawnBy: 'all', allows: { concurrent: 8 } },
  ],
  requestId: ({ headers }) => headers.intuit_tid,
  tokenRefused: isTokenRefused,
  connect: (session) => new QuickBooksAdapter(session),
};
