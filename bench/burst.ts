import { percentile, rounded } from './figures.ts';
import type { Measurement } from './measurement.ts';
import { deliveryOf, Endpoint } from './webhooks.ts';

const EVENTS = 10_000;
const CONNECTIONS = 32;
const AIM_MS = 100;

/** Ten thousand deliveries of one event each, as fast as they are accepted, while what they tell of is walked. */
export const burst: Measurement = {
  name: 'burst',
  says: 'webhook acknowledgement under a burst of 10,000 events',
  run: async (stage) => {
    const { url } = await stage.concord();
    await stage.quiet();
    const at = new Date().toISOString();
    const deliveries = Array.from({ length: EVENTS }, (_, number) => {
      const { realm, invoices } = stage.companies[number % stage.companies.length]!;
      const { Id } = invoices[Math.floor(number / stage.companies.length) % invoices.length]!;
      return deliveryOf([{ realm, entity: 'Invoice', id: Id, operation: 'Update', at }]);
    });
    const counted = async (): Promise<number> => {
      const { rows } = await stage.database.query<{ count: number }>('select count(*)::int as count from delivery');
      return rows[0]!.count;
    };
    const before = await counted();
    const endpoint = new Endpoint(url, CONNECTIONS);
    const began = performance.now();
    const times: number[] = [];
    const waiting = deliveries.values();
    const connection = async (): Promise<void> => {
      for (const delivery of waiting) times.push(await endpoint.deliver(delivery));
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, connection));
    const seconds = (performance.now() - began) / 1000;
    endpoint.close();
    const stored = (await counted()) - before;
    if (stored !== EVENTS) throw new Error(`${EVENTS} deliveries were accepted, and ${stored} were stored`);
    await stage.quiet();
    const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
    return {
      rows: [
        {
          what: `Webhook acknowledgement, ${rounded(EVENTS).toLocaleString('en')} deliveries over ${CONNECTIONS} connections`,
          measured: `p50 ${rounded(p50)} ms, p99 ${rounded(p99)} ms (${rounded(EVENTS / seconds)} a second)`,
          aim: { says: `p99 ≤ ${AIM_MS} ms`, reached: p99 <= AIM_MS },
        },
      ],
      figures: {
        acknowledgementP50Ms: rounded(p50, 1),
        acknowledgementP99Ms: rounded(p99, 1),
        deliveriesPerSecond: rounded(EVENTS / seconds),
      },
    };
  },
};
