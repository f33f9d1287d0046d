import type { ProviderDefinition } from '../../../domain/provider/index.js';
import { WaveAdapter } from './wave.adapter.js';
import { isTokenRefused, requestIdOf } from './wave.failures.js';
import { kinds } from './wave.kinds.js';
import { baseUrl, oauth, settings } from './wave.oauth.js';
import { webhook } from './wave.webhook.js';

const MINUTE_MS = 60_000;

/** Wave, by its public GraphQL API (README.md). */
export const wave: ProviderDefinition = {
  name: 'wave',
  title: 'Wave',
  settings,
  baseUrl,
  oauth,
  webhook,
  kinds,
  streams: [
    {
      name: 'books',
      kinds: ['contact', 'item', 'tax_rate', 'quote', 'invoice', 'payment'],
      everyMs: 5 * MINUTE_MS,
      says: 'What changed in all lists that know the time of a change, in one request, and how many records each has.',
    },
    {
      name: 'accounts',
      kinds: ['account'],
      everyMs: 30 * MINUTE_MS,
      says: 'All accounts, which have no time of change and are compared by their sequence.',
    },
    {
      name: 'company',
      kinds: ['company'],
      everyMs: 60 * MINUTE_MS,
      says: 'The business, the accounts that money is in, and the product that lines without one go through.',
    },
  ],
  // The vendor publishes none; these are what clients keep to, a little below (sheet 2.6).
  limits: [
    { name: 'minute', scope: 'connection', drawnBy: 'all', allows: { calls: 54, perMs: MINUTE_MS } },
    { name: 'concurrent', scope: 'connection', drawnBy: 'all', allows: { concurrent: 2 } },
  ],
  requestId: requestIdOf,
  tokenRefused: isTokenRefused,
  connect: (session) => new WaveAdapter(session),
};
