import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, LookupFunction, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import {
  isPrivateAddress,
  LARGEST_ANSWER,
  OutboundHttp,
  type OutboundOptions,
  type OutboundRequest,
} from '../../src/platform/http/index.js';
import { Metrics } from '../../src/platform/metrics/index.js';

const servers: Server[] = [];
const clients: OutboundHttp[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const serve = async (listener: RequestListener, options: { keepAliveTimeout?: number } = {}): Promise<string> => {
  const server = createServer(options, listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const client = (options: Partial<OutboundOptions> = {}): OutboundHttp => {
  const made = new OutboundHttp({ privateAddresses: 'allowed', metrics: new Metrics(), ...options });
  clients.push(made);
  return made;
};

const get = (url: string, more: Partial<OutboundRequest> = {}): OutboundRequest => ({
  provider: 'stub',
  label: 'read thing',
  method: 'GET',
  url,
  origins: [new URL(url).origin],
  headers: {},
  ...more,
});
const post = (url: string, more: Partial<OutboundRequest> = {}): OutboundRequest =>
  get(url, { method: 'POST', body: '{}', ...more });

test.each([200, 204, 400, 401, 429, 500, 503])('status %i comes back as it is', async (status) => {
  const url = await serve((_request, response) => response.writeHead(status, { 'x-a': '1' }).end());
  expect((await client().send(get(url))).answer).toMatchObject({ status, headers: { 'x-a': '1' }, body: '' });
});

test('the body goes out as the very bytes that were given', async () => {
  const seen: string[] = [];
  const url = await serve((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => seen.push(text));
    request.on('end', () => response.end('ok'));
  });
  await client().send(post(url, { body: '{"a":0.10,"b":"ü€"}' }));
  expect(seen.join('')).toBe('{"a":0.10,"b":"ü€"}');
});

test('a redirect is an answer and is not followed', async () => {
  let visits = 0;
  const elsewhere = await serve((_request, response) => {
    visits += 1;
    response.end();
  });
  const url = await serve((_request, response) => response.writeHead(302, { location: elsewhere }).end());
  const { answer } = await client().send(get(url, { origins: [url, elsewhere] }));
  expect(answer).toMatchObject({ status: 302 });
  expect(visits).toBe(0);
});

test('a host that is not the provider’s own is not called', async () => {
  let visits = 0;
  const url = await serve((_request, response) => {
    visits += 1;
    response.end();
  });
  for (const request of [
    get(url, { origins: ['https://api.example.com'] }),
    get('file:///etc/passwd', { origins: ['null'] }),
    get(`${url.replace('http://', 'http://api.example.com@')}`, { origins: ['http://api.example.com'] }),
  ]) {
    expect((await client().send(request)).answer).toMatchObject({ unanswered: 'not_sent' });
  }
  expect(visits).toBe(0);
});

test('a refused connection was not sent', async () => {
  const url = await serve((_request, response) => response.end());
  const [server] = servers.splice(0);
  await new Promise((resolve) => server!.close(resolve));
  expect((await client().send(post(url))).answer).toEqual({
    unanswered: 'not_sent',
    message: 'the connection was refused',
  });
});

test('a name that cannot be looked up in time was not sent', async () => {
  const never: LookupFunction = () => undefined;
  const { answer } = await client({ lookup: never }).send(post('http://api.example.com/', { deadlineMs: 50 }));
  expect(answer).toEqual({ unanswered: 'not_sent', message: 'no answer within 0.05 s' });
});

test('a connection cut after the request began may have been sent', async () => {
  const url = await serve((request) => request.socket.destroy());
  expect((await client().send(post(url))).answer).toMatchObject({ unanswered: 'maybe_sent' });
});

test('an answer that breaks off in its middle is no answer', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half');
    setTimeout(() => response.destroy(), 10);
  });
  expect((await client().send(post(url))).answer).toMatchObject({ unanswered: 'maybe_sent' });
});

test('an answer that does not come in time may have been executed', async () => {
  const url = await serve(() => undefined);
  const { answer, ms } = await client().send(post(url, { deadlineMs: 80 }));
  expect(answer).toEqual({ unanswered: 'maybe_sent', message: 'no answer within 0.08 s' });
  expect(ms).toBeGreaterThanOrEqual(75);
});

test('the deadline holds for an answer that trickles, too', async () => {
  const url = await serve((_request, response) => {
    const trickle = setInterval(() => response.write('.'), 10);
    response.once('close', () => clearInterval(trickle));
  });
  expect((await client().send(get(url, { deadlineMs: 100 }))).answer).toMatchObject({ unanswered: 'maybe_sent' });
});

test('a packed answer is unpacked, and a bomb is cut off', async () => {
  const url = await serve((request, response) => {
    const body = request.url === '/bomb' ? Buffer.alloc(LARGEST_ANSWER + 1) : Buffer.from('{"ü":1}');
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body));
  });
  expect((await client().send(get(`${url}/`))).answer).toMatchObject({ status: 200, body: '{"ü":1}' });
  expect((await client().send(get(`${url}/bomb`))).answer).toEqual({
    unanswered: 'maybe_sent',
    message: 'the answer is larger than 25 MB',
  });
});

test('a packed answer that is damaged or cut is no answer', async () => {
  const packed = gzipSync(Buffer.from('x'.repeat(5_000)));
  const url = await serve((request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length });
    if (request.url === '/damaged') return response.end(Buffer.alloc(packed.length, 1));
    response.write(packed.subarray(0, 20));
    setTimeout(() => response.destroy(), 10);
  });
  expect((await client().send(get(`${url}/damaged`))).answer).toMatchObject({ unanswered: 'maybe_sent' });
  expect((await client().send(get(`${url}/cut`))).answer).toMatchObject({ unanswered: 'maybe_sent' });
});

test('an endless answer is cut off at 25 MB', async () => {
  const chunk = 'x'.repeat(1_000_000);
  const url = await serve((_request, response) => {
    const pump = (): void => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', pump);
    };
    pump();
  });
  expect((await client().send(get(url))).answer).toMatchObject({ message: 'the answer is larger than 25 MB' });
});

test('connections are kept and used again', async () => {
  const sockets = new Set<Socket>();
  const url = await serve((request, response) => {
    sockets.add(request.socket);
    response.end('ok');
  });
  const http = client();
  for (let call = 0; call < 5; call++) await http.send(get(url));
  expect(sockets.size).toBe(1);
});

test('a read that met a closing connection is made once more; a write is not', async () => {
  let calls = 0;
  const url = await serve((request, response) => {
    calls += 1;
    // Every second request on a connection finds it closed.
    if (calls % 2 === 0) request.socket.destroy();
    else response.end('ok');
  });
  const http = client();
  await http.send(get(url));
  expect((await http.send(get(url))).answer).toMatchObject({ status: 200 });
  expect(calls).toBe(3);
  expect((await http.send(post(url))).answer).toMatchObject({ unanswered: 'maybe_sent' });
  expect(calls).toBe(4);
});

describe('where private addresses are refused', () => {
  const resolving = (...addresses: string[]): LookupFunction => {
    return (_host, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  };

  test('an address is refused as it stands', async () => {
    let visits = 0;
    const url = await serve((_request, response) => {
      visits += 1;
      response.end();
    });
    const { answer } = await client({ privateAddresses: 'refused' }).send(get(url));
    expect(answer).toEqual({ unanswered: 'not_sent', message: '127.0.0.1 is a private address' });
    expect(visits).toBe(0);
  });

  test.each([[['127.0.0.1']], [['::1']], [['93.184.215.14', '10.0.0.1']], [[]]])(
    'a name that leads to %j is refused',
    async (addresses) => {
      const http = client({ privateAddresses: 'refused', lookup: resolving(...addresses) });
      const { answer } = await http.send(get('http://api.example.com/'));
      expect(answer).toEqual({ unanswered: 'not_sent', message: 'api.example.com leads to a private address' });
    },
  );

  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.1.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:a00:1',
    '64:ff9b::a00:1',
    'fd00::1',
    'fe80::1',
    'ff02::1',
    'not-an-address',
  ])('%s is private', (address) => expect(isPrivateAddress(address)).toBe(true));

  test.each(['8.8.8.8', '172.32.0.1', '93.184.215.14', '2606:4700::6810:85e5', '::ffff:8.8.8.8'])(
    '%s is public',
    (address) => expect(isPrivateAddress(address)).toBe(false),
  );
});

test('requests are counted by provider, label and class of status, and by nothing else', async () => {
  const metrics = new Metrics();
  const url = await serve((_request, response) => response.writeHead(429).end());
  await client({ metrics }).send(get(`${url}/company/4620816365/secret?token=abc`));
  const text = await metrics.registry.metrics();
  expect(text).toContain('concord_provider_request_seconds_count{provider="stub",label="read thing",status="4xx"} 1');
  expect(text).not.toMatch(/4620816365|secret|abc|127\.0\.0\.1/);
});
