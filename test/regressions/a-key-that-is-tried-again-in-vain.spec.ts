import type { ProviderExchange } from '../../src/domain/provider/index.js';
import { Stage } from '../simulation/stage.js';

/**
 * The answer to a create is lost, though it was carried out. The identical call is sent again while the provider's key
 * is trusted, and this time the provider is too busy to look at it: that says nothing about the first time.
 */
test.each<[string, ProviderExchange]>([
  ['has had too many calls', { status: 429, headers: {}, body: '' }],
  ['is down', { status: 503, headers: {}, body: '' }],
  ['cannot be reached', { unanswered: 'not_sent', message: 'connection refused' }],
])('a create whose answer was lost is not made twice because the provider %s afterwards', async (_, busy) => {
  const stage = new Stage({ traceable: false, keyWindowMs: 60_000 });
  const { world } = stage;
  const contact = { kind: 'contact', id: 'ana' } as const;
  await stage.push('contact', 'ana', { displayName: 'Ana', isCustomer: true });
  await stage.rest();
  const exchange = world.exchange.bind(world);
  let writes = 0;
  world.exchange = async (request) => {
    if (request.path !== '/write' || ++writes > 2) return exchange(request);
    if (writes === 2) return busy;
    await exchange(request);
    return { unanswered: 'maybe_sent', message: 'connection reset' };
  };
  const lines = [{ description: 'Design', amount: '10.00' }];
  await stage.push('invoice', 'i1', { contact, issueDate: '2026-03-02', state: 'open', lines });
  await stage.rest({ deaf: true });
  expect(writes).toBeGreaterThan(2);
  expect(stage.inBooks('invoice')).toHaveLength(1);
  expect(world.conflicts.all()).toEqual([]);
});
