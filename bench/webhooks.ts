import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';

const VERIFIER_TOKEN = 'sandbox-verifier';

/** What QuickBooks tells of a change. */
export interface ChangeEvent {
  realm: string;
  entity: string;
  id: string;
  operation: 'Create' | 'Update';
  /** When the record was changed last, as QuickBooks says it. */
  at: string;
}

/** A delivery in QuickBooks' older format, signed; all of its events are of one company. */
export interface Delivery {
  body: string;
  signature: string;
}

/** Deliveries are made and signed here, so that the sandbox's own gathering of events is no part of what is measured. */
export const deliveryOf = (events: readonly ChangeEvent[]): Delivery => {
  const entities = events.map(({ entity, id, operation, at }) => ({ name: entity, id, operation, lastUpdated: at }));
  const body = JSON.stringify({ eventNotifications: [{ realmId: events[0]!.realm, dataChangeEvent: { entities } }] });
  return { body, signature: createHmac('sha256', VERIFIER_TOKEN).update(body).digest('base64') };
};

/** Where deliveries go; `connections` is how many are under way at once. */
export class Endpoint {
  private readonly url: string;
  private readonly agent: Agent;

  constructor(concordUrl: string, connections: number) {
    this.url = `${concordUrl.replace('localhost', '127.0.0.1')}/webhooks/quickbooks`;
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Resolves when it is accepted, with the milliseconds that took. Throws an Error for every other answer. */
  deliver({ body, signature }: Delivery): Promise<number> {
    return new Promise((resolve, reject) => {
      const began = performance.now();
      const post = request(this.url, {
        method: 'POST',
        agent: this.agent,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'intuit-signature': signature,
        },
      });
      post.once('error', reject);
      post.once('response', (response) => {
        response.resume();
        response.once('end', () => {
          const ms = performance.now() - began;
          if (response.statusCode === 200) resolve(ms);
          else reject(new Error(`the webhook was answered ${response.statusCode}`));
        });
      });
      post.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
