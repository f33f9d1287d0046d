import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RawDelivery } from '../../../../src/domain/provider/index.js';

/** An endpoint that takes webhooks and keeps them as they came. */
export interface Receiver {
  readonly url: string;
  readonly deliveries: RawDelivery[];
  close(): Promise<void>;
}

export const startReceiver = async (): Promise<Receiver> => {
  const deliveries: RawDelivery[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      deliveries.push({ headers, body: new Uint8Array(Buffer.concat(chunks)) });
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    deliveries,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
