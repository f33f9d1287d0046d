import { isWireObject } from '../../../src/domain/provider/mapping/index.js';
import { isAbsent, type ProviderDefinition } from '../../../src/domain/provider/index.js';
import type { ToyTraits } from '../traits.js';
import { ToyAdapter } from './toy.adapter.js';
import { isTokenRefused } from './toy.failures.js';
import { kindsOf } from './toy.kinds.js';
import { oauth, settings, tokensIn } from './toy.oauth.js';
import { Places } from './toy.places.js';
import { webhookFor } from './toy.webhook.js';
import { parsed } from './toy.wire.js';

const MINUTE_MS = 60_000;

/** A small accounting product with as many awkward traits as one likes (README.md). */
export const toyProvider = (traits: ToyTraits): ProviderDefinition => {
  const places = new Places(traits);
  const kinds = kindsOf(places);
  return {
    name: 'toy',
    title: 'Toy Books',
    settings,
    baseUrl: ({ TOY_URL }) => `${TOY_URL}/v1`,
    oauth,
    ...(!traits.pollOnly && { webhook: webhookFor(places) }),
    kinds,
    ...(traits.indistinct && { indistinctKinds: [['invoice', 'bill']] }),
    streams: [
      {
        name: 'books',
        kinds: (['invoice', 'bill', 'credit_note', 'payment', 'expense'] as const).filter((kind) => {
          const ability = kinds[kind];
          return !isAbsent(ability) && ability.unreadable === undefined;
        }),
        everyMs: MINUTE_MS,
        says: 'What happened to transactions, by name.',
      },
      {
        name: 'people',
        kinds: ['account', 'contact', ...(traits.derivesTerms ? (['payment_term'] as const) : [])],
        everyMs: MINUTE_MS,
        says: 'Contacts and accounts as they are, and the terms that contacts have.',
      },
      { name: 'company', kinds: ['company'], everyMs: 60 * MINUTE_MS, says: 'The company’s own name.' },
    ],
    limits: [{ name: 'second', scope: 'connection', drawnBy: 'all', allows: { calls: 50, perMs: 1000 } }],
    requestId: ({ headers }) => headers['x-toy-request'],
    tokenRefused: isTokenRefused,
    ...(traits.rotatesTokens && {
      rotatedTokens: ({ headers }) => {
        const tokens = parsed(headers['x-toy-tokens'] ?? '');
        return isWireObject(tokens) ? tokensIn(tokens) : undefined;
      },
    }),
    connect: (session) => new ToyAdapter(session, places),
  };
};
