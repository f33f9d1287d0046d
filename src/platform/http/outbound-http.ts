import * as http from 'node:http';
import * as https from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Histogram } from 'prom-client';
import type { Metrics } from '../metrics/index.js';
import { isPrivateAddress, publicLookup } from './addresses.js';

/** One HTTP request to a provider: its API, its token endpoint, its revocation. */
export interface OutboundRequest {
  /** The provider's name and a short name for the request, for the metrics; no ids. */
  readonly provider: string;
  readonly label: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  /** The origins that belong to the provider; the request goes to none but these. */
  readonly origins: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  /** The exact text to send, as UTF-8. */
  readonly body?: string;
  /** 30 seconds if absent. */
  readonly deadlineMs?: number;
}

export interface OutboundResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Nobody answered: `not_sent` if the request cannot have been executed, `maybe_sent` if nobody can tell. */
export interface OutboundSilence {
  readonly unanswered: 'not_sent' | 'maybe_sent';
  readonly message: string;
}

export interface OutboundExchange {
  readonly answer: OutboundResponse | OutboundSilence;
  /** How long it took, waiting for the deadline included. */
  readonly ms: number;
}

export interface OutboundOptions {
  /** `refused` in production; the sandbox lives on loopback and needs `allowed`. */
  readonly privateAddresses: 'allowed' | 'refused';
  readonly metrics: Metrics;
  /** How names are resolved, if not by the system. */
  readonly lookup?: LookupFunction;
}

export const DEADLINE_MS = 30_000;
/** Answers larger than this are cut off and count as unanswered, unpacked size counted. */
export const LARGEST_ANSWER = 25 * 1024 * 1024;
/** An idle connection is given up before a server's usual patience ends, so that few requests meet a closing one. */
const IDLE_MS = 15_000;
const SOCKETS_PER_HOST = 64;

/**
 * The only way out to providers. It never follows a redirect, reaches none but the origins it is told, and returns
 * whatever came back: it throws for nothing that a provider does or fails to do.
 */
export class OutboundHttp {
  private readonly plain: http.Agent;
  private readonly secure: https.Agent;
  private readonly durations: Histogram<'provider' | 'label' | 'status'>;

  constructor(private readonly options: OutboundOptions) {
    const lookup = options.privateAddresses === 'refused' ? publicLookup(options.lookup) : options.lookup;
    const pooling = { keepAlive: true, timeout: IDLE_MS, maxSockets: SOCKETS_PER_HOST, ...(lookup && { lookup }) };
    this.plain = new http.Agent(pooling);
    this.secure = new https.Agent({ ...pooling, minVersion: 'TLSv1.2' });
    this.durations = options.metrics.histogram(
      'concord_provider_request_seconds',
      'Requests to providers, by what came back.',
      ['provider', 'label', 'status'],
      [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    );
  }

  async send(request: OutboundRequest): Promise<OutboundExchange> {
    const began = performance.now();
    const answer = this.refusal(request) ?? (await this.attempt(request));
    const ms = Math.round(performance.now() - began);
    const status = 'status' in answer ? `${Math.floor(answer.status / 100)}xx` : answer.unanswered;
    this.durations.observe({ provider: request.provider, label: request.label, status }, ms / 1000);
    return { answer, ms };
  }

  /** Ends idle connections; requests under way are answered. */
  close(): void {
    this.plain.destroy();
    this.secure.destroy();
  }

  private refusal({ url, origins, provider }: OutboundRequest): OutboundSilence | undefined {
    const target = URL.canParse(url) ? new URL(url) : undefined;
    if (!target || !/^https?:$/.test(target.protocol) || !origins.includes(target.origin)) {
      return { unanswered: 'not_sent', message: `the request does not go to a host of ${provider}` };
    }
    // A name is checked when it is resolved; an address is not resolved.
    const host = target.hostname.replace(/^\[|\]$/g, '');
    return this.options.privateAddresses === 'refused' && isIP(host) !== 0 && isPrivateAddress(host)
      ? { unanswered: 'not_sent', message: `${host} is a private address` }
      : undefined;
  }

  private async attempt(request: OutboundRequest): Promise<OutboundResponse | OutboundSilence> {
    const first = await this.once(request);
    // A server may close an idle connection just as we use it again; a read is simply made once more.
    return first.again && request.method === 'GET' ? (await this.once(request)).answer : first.answer;
  }

  private once({ url, method, headers, body, deadlineMs = DEADLINE_MS }: OutboundRequest): Promise<Attempt> {
    return new Promise((resolve) => {
      const secure = url.startsWith('https:');
      const request = (secure ? https : http).request(url, {
        method,
        headers: { 'user-agent': 'Concord', 'accept-encoding': 'gzip', ...headers },
        agent: secure ? this.secure : this.plain,
      });
      let onTheWire = false;
      const end = (answer: OutboundResponse | OutboundSilence, again = false): void => {
        clearTimeout(deadline);
        resolve({ answer, again });
      };
      const silence = (message: string, again = false): void => {
        end({ unanswered: onTheWire ? 'maybe_sent' : 'not_sent', message }, again);
        request.destroy();
      };
      const deadline = setTimeout(() => silence(`no answer within ${deadlineMs / 1000} s`), deadlineMs);

      request.once('socket', (socket: Socket) => {
        if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', () => (onTheWire = true));
        else onTheWire = !socket.destroyed;
      });
      request.once('error', (error) => silence(inWords(error), request.reusedSocket));
      request.once('response', (response) => {
        read(response).then(
          (text) => end({ status: response.statusCode ?? 0, headers: flat(response.headers), body: text }),
          (error: Error) => silence(inWords(error)),
        );
      });
      request.end(body);
    });
  }
}

interface Attempt {
  readonly answer: OutboundResponse | OutboundSilence;
  /** It failed on a connection that had idled before. */
  readonly again: boolean;
}

class TooLarge extends Error {}

const read = async (response: http.IncomingMessage): Promise<string> => {
  const packed = response.headers['content-encoding'] === 'gzip';
  const stream: Readable = packed ? response.pipe(createGunzip()) : response;
  // A pipe does not carry errors on.
  if (packed) response.once('error', (error) => stream.destroy(error));
  if (packed) response.once('aborted', () => stream.destroy(new Error('cut off')));
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_ANSWER) throw new TooLarge();
    chunks.push(chunk);
  }
  if (!response.complete) throw new Error('cut off');
  return Buffer.concat(chunks).toString('utf8');
};

const flat = (headers: http.IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'the host was not found',
  EAI_AGAIN: 'the host could not be looked up',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
};

/** For people, without addresses or anything of the request. */
const inWords = (error: Error): string => {
  if (error instanceof TooLarge) return 'the answer is larger than 25 MB';
  if (error.name === 'PrivateAddressError') return error.message;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code === undefined) return 'the connection was cut before the answer was complete';
  return WORDS[code] ?? `the connection failed (${code})`;
};
