import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Caller } from './concord.js';

export interface Told {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

/** A subscriber as a frontend is one: what it was told so far, and how its subscription ended. */
export class Subscriber {
  readonly told: Told[] = [];
  ended: { readonly how: 'complete' } | { readonly how: 'error'; readonly error: unknown } | undefined;
  stop: () => void = () => undefined;

  /** The codes of the errors with which it ended or that it was told. */
  get codes(): readonly string[] {
    const own = this.told.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.code));
    const last = this.ended?.how === 'error' && Array.isArray(this.ended.error) ? this.ended.error : [];
    return [...own, ...last.map((error: { extensions?: { code?: string } }) => error.extensions?.code ?? 'none')];
  }
}

export class Following {
  private readonly client: Client;

  constructor(url: string, { key, tenant }: Caller) {
    this.client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      lazy: false,
      retryAttempts: 0,
      onNonLazyError: () => undefined,
      connectionParams: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(tenant !== undefined && { 'x-concord-tenant': tenant }),
      },
    });
  }

  subscribe(query: string, variables: Record<string, unknown> = {}): Subscriber {
    const subscriber = new Subscriber();
    subscriber.stop = this.client.subscribe<Record<string, unknown>>(
      { query, variables },
      {
        next: (value) => void subscriber.told.push(value as unknown as Told),
        error: (error) => {
          subscriber.ended = { how: 'error', error };
        },
        complete: () => {
          subscriber.ended ??= { how: 'complete' };
        },
      },
    );
    return subscriber;
  }

  async close(): Promise<void> {
    await this.client.dispose();
  }
}
