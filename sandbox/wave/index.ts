import type { IncomingMessage, ServerResponse } from 'node:http';
import { redirect, type Answer } from '../answer.ts';
import type { CallKind } from '../fault-rules.ts';
import { receive, type Incoming } from '../incoming.ts';
import type { MakeProvider, SandboxProvider } from '../provider.ts';
import { AccountantPages } from './accountant/pages.ts';
import { gateway } from './answer.ts';
import { Control } from './control.ts';
import { CustomerPages } from './customer-pages.ts';
import { bearerOf, GraphQLEndpoint, type Call } from './graphql/endpoint.ts';
import { businessIdIn } from './ids.ts';
import { disturbedAnswer, throttled, type Asked } from './misbehaviour.ts';
import { oauthOperation, OAuthEndpoints } from './oauth/endpoints.ts';
import { seedBusinesses } from './seed/businesses.ts';
import { Vendor } from './vendor.ts';

const MEGABYTE = 1024 * 1024;
const BODY_LIMIT = 10 * MEGABYTE;
const CONTROL_BODY_LIMIT = 512 * MEGABYTE;
const ENDPOINT = '/graphql/public';

/** The same businesses at every start, whatever the seed of faults and tokens. */
const DATA_SEED = 1;

export interface WaveSandbox extends SandboxProvider {
  readonly vendor: Vendor;
}

/** The stand-in for Wave: its GraphQL API, its authorisation server, control endpoints, the accountant's pages. */
export const wave = ((options): WaveSandbox => {
  const vendor = new Vendor(options.clock, options.seed);
  const server = new Server(vendor, options.report);
  seedBusinesses(vendor, DATA_SEED, options.empty);
  return {
    name: 'wave',
    title: 'Wave',
    pages: [
      { path: '/accountant', label: 'Play the accountant' },
      { path: '/_control', label: 'Control endpoints' },
    ],
    vendor,
    handle: (request, response) => void server.handle(request, response),
    snapshot: () => vendor.snapshot(),
    restore: (state) => vendor.restore(state),
    onChange: (listener) => vendor.onChange(listener),
    close: () => vendor.webhooks.close(),
  };
}) satisfies MakeProvider;

/** What leaves, and whether only half of it does. */
interface Outcome {
  answer: Answer;
  isHalf?: boolean;
}

class Server {
  private readonly vendor: Vendor;
  private readonly report: (error: unknown) => void;
  private readonly endpoint: GraphQLEndpoint;
  private readonly oauth: OAuthEndpoints;
  private readonly control: Control;
  private readonly accountant: AccountantPages;
  private readonly customer: CustomerPages;

  constructor(vendor: Vendor, report: (error: unknown) => void) {
    this.vendor = vendor;
    this.report = report;
    this.endpoint = new GraphQLEndpoint(vendor, report);
    this.oauth = new OAuthEndpoints(vendor);
    this.control = new Control(vendor, this.endpoint.schema, { value: DATA_SEED });
    this.accountant = new AccountantPages(vendor);
    this.customer = new CustomerPages(vendor);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = bearerOf(request);
    const peak = token === undefined ? 0 : this.vendor.throttle.enter(token);
    if (token !== undefined) response.once('close', () => this.vendor.throttle.leave(token));
    try {
      const incoming = await receive(request, (path) =>
        path.startsWith('/_control') ? CONTROL_BODY_LIMIT : BODY_LIMIT,
      );
      const outcome = incoming
        ? await this.outcome(incoming, token, peak)
        : { answer: gateway(413, '413 Payload Too Large') };
      await this.send(outcome, request, response);
    } catch (error) {
      this.report(error);
      if (response.headersSent) response.destroy();
      else await this.send({ answer: gateway(500, '500 Internal Server Error') }, request, response);
    }
  }

  private async outcome(request: Incoming, token: string | undefined, peak: number): Promise<Outcome> {
    const { path } = request;
    if (path === '/' || path === '') return { answer: redirect(`${request.base}/accountant`) };
    if (path.startsWith('/_control')) {
      return { answer: await this.control.answer(request, path.slice('/_control'.length)) };
    }
    if (path.startsWith('/accountant')) return { answer: this.accountant.answer(request) };
    if (path === ENDPOINT || path === `${ENDPOINT}/`) return this.api(request, token, peak);
    const operation = oauthOperation(path);
    if (operation === undefined) return { answer: this.customer.answer(request) ?? gateway(404, '404 Not Found') };
    const kind = { method: request.method, pathAndQuery: path, realm: undefined, entity: undefined, operation };
    return this.disturbed(kind, { fields: [], errorId: () => this.vendor.random.uuid() }, () => {
      return this.oauth.answer(request) ?? gateway(404, '404 Not Found');
    });
  }

  private async api(request: Incoming, token: string | undefined, peak: number): Promise<Outcome> {
    const { vendor } = this;
    const call = this.endpoint.understand(request);
    const realm = this.realmOf(request, token);
    const asked: Asked = { fields: call.answered, errorId: () => vendor.random.uuid() };
    const counts = this.count(call, realm, peak);
    const wait = token === undefined ? undefined : vendor.throttle.refuse(token);
    if (wait !== undefined) {
      counts.throttled++;
      const { retryAfter, body } = vendor.throttle.limits;
      return { answer: throttled(body, retryAfter ? wait : undefined, asked) };
    }
    const kind: CallKind = {
      method: request.method,
      // Rules find a call by the fields it asks for.
      pathAndQuery: [request.path, ...call.asked].join(' '),
      realm,
      entity: call.entity,
      operation: call.name,
    };
    return this.disturbed(kind, asked, () => this.endpoint.answer(request, call));
  }

  /** The one business of the token, or else the first one that the request names. */
  private realmOf(request: Incoming, token: string | undefined): string | undefined {
    const granted = token === undefined ? undefined : this.vendor.grants.check(token)?.businesses;
    return granted?.length === 1 ? granted[0] : (businessIdIn(request.body) ?? granted?.[0]);
  }

  private count(call: Call, realm: string | undefined, peak: number) {
    const counts = this.vendor.meter.of(realm ?? 'none');
    counts.calls++;
    counts.concurrencyPeak = Math.max(counts.concurrencyPeak, peak);
    if (call.name === 'query') counts.queries++;
    else counts.mutations++;
    for (const asked of call.asked) counts.byEndpoint[asked] = (counts.byEndpoint[asked] ?? 0) + 1;
    return counts;
  }

  /** Does the work, with whatever was put in its way before or after it. */
  private async disturbed(kind: CallKind, asked: Asked, work: () => Answer): Promise<Outcome> {
    const { faults, throttle } = this.vendor;
    const plan = faults.plan(kind);
    if (!plan) return { answer: work() };
    if (plan.delayBefore > 0) await pause(plan.delayBefore);
    const { before, after } = plan;
    if (before && before.fault !== 'half') return { answer: disturbedAnswer(before, asked, throttle.limits) };
    const answer = work();
    if (plan.delayAfter > 0) await pause(plan.delayAfter);
    if (before?.fault === 'half' || after?.fault === 'half') return { answer, isHalf: true };
    return { answer: after ? disturbedAnswer(after, asked, throttle.limits) : answer };
  }

  private async send({ answer, isHalf }: Outcome, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (answer.cutAfter !== undefined) {
      if (answer.cutAfter > 0) await pause(answer.cutAfter);
      request.socket.destroy();
      return;
    }
    const length = Buffer.byteLength(answer.body);
    response.writeHead(answer.status, {
      'Content-Type': answer.contentType,
      'Cache-Control': 'no-store',
      ...answer.headers,
      'Content-Length': String(length),
    });
    if (isHalf !== true) {
      response.end(answer.body);
      return;
    }
    const half = Buffer.from(answer.body).subarray(0, Math.floor(length / 2));
    response.write(half, () => request.socket.destroy());
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
