import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { redirect, type Answer } from '../answer.ts';
import type { CallKind, Disturbance } from '../fault-rules.ts';
import { receive, type Incoming } from '../incoming.ts';
import type { MakeProvider, SandboxProvider } from '../provider.ts';
import { AccountantPages } from './accountant/pages.ts';
import { exception, notFound, plain } from './answer.ts';
import { Api, classify, endpointName, type Call } from './api.ts';
import { Control } from './control.ts';
import { disturbedAnswer, type FaultKind } from './misbehaviour.ts';
import { OAuthEndpoints } from './oauth/endpoints.ts';
import { seedOrganisations } from './seed/organisations.ts';
import { Vendor } from './vendor.ts';

const compress = promisify(gzip);
const MEGABYTE = 1024 * 1024;
const API_BODY_LIMIT = 10.5 * MEGABYTE;
const CONTROL_BODY_LIMIT = 512 * MEGABYTE;
const WORTH_COMPRESSING = 16 * 1024;

/** The same organisations at every start, whatever the seed of faults and tokens. */
const DATA_SEED = 1;

export interface XeroSandbox extends SandboxProvider {
  readonly vendor: Vendor;
}

/** The stand-in for Xero: its API, its identity server, control endpoints, the accountant's pages. */
export const xero = ((options): XeroSandbox => {
  const vendor = new Vendor(options.clock, options.seed);
  const server = new Server(vendor, options.report);
  seedOrganisations(vendor, DATA_SEED, options.empty);
  return {
    name: 'xero',
    title: 'Xero',
    pages: [
      { path: '/accountant', label: 'Play the accountant' },
      { path: '/_control', label: 'Control endpoints' },
      { path: '/.well-known/openid-configuration', label: 'Discovery' },
    ],
    vendor,
    handle: (request, response) => void server.handle(request, response),
    snapshot: () => vendor.snapshot(),
    restore: (state) => vendor.restore(state),
    onChange: (listener) => vendor.onChange(listener),
    close: () => vendor.webhooks.close(),
  };
}) satisfies MakeProvider;

/** Names under which fault rules find the calls of the identity server. */
const IDENTITY_OPERATIONS: Readonly<Record<string, string>> = {
  '/identity/connect/authorize': 'authorize',
  '/connect/token': 'token',
  '/connect/revocation': 'revoke',
  '/.well-known/openid-configuration': 'discovery',
  '/.well-known/openid-configuration/jwks': 'jwks',
};

class Server {
  private readonly vendor: Vendor;
  private readonly report: (error: unknown) => void;
  private readonly api: Api;
  private readonly oauth: OAuthEndpoints;
  private readonly control: Control;
  private readonly accountant: AccountantPages;

  constructor(vendor: Vendor, report: (error: unknown) => void) {
    this.vendor = vendor;
    this.report = report;
    this.api = new Api(vendor);
    this.oauth = new OAuthEndpoints(vendor);
    this.control = new Control(vendor, DATA_SEED);
    this.accountant = new AccountantPages(vendor);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const incoming = await receive(request, (path) =>
        path.startsWith('/_control') ? CONTROL_BODY_LIMIT : API_BODY_LIMIT,
      );
      if (incoming) await this.follow(incoming, request, response);
      else await this.send(plain(413, 'Request Entity Too Large'), request, response);
    } catch (error) {
      this.report(error);
      if (response.headersSent) response.destroy();
      else {
        const message = error instanceof Error ? error.message : 'unknown';
        const answer = exception(500, 'InternalServerException', `An error occurred in the sandbox: ${message}`);
        await this.send({ ...answer, status: 500 }, request, response);
      }
    }
  }

  private async follow(incoming: Incoming, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = classify(incoming);
    if (!call) return void (await this.send(await this.outside(incoming), request, response));
    const { throttle, faults } = this.vendor;
    const tenant = call.realm !== undefined && this.vendor.organisations.has(call.realm) ? call.realm : undefined;
    if (tenant !== undefined) this.count(tenant, call);
    try {
      const answer = await this.api.answer(incoming, call, faults.plan(call));
      const left = tenant === undefined ? {} : throttle.headers(tenant);
      const headers = { 'Xero-Correlation-Id': this.vendor.random.uuid(), ...left, ...answer.headers };
      const bytes = await this.send({ ...answer, headers }, request, response);
      if (tenant !== undefined) this.meter(tenant, call, bytes);
    } finally {
      if (tenant !== undefined) throttle.leave(tenant);
    }
  }

  private count(tenant: string, call: Call): void {
    const counts = this.vendor.meter.of(tenant);
    counts.calls++;
    const name = endpointName(call);
    counts.byEndpoint[name] = (counts.byEndpoint[name] ?? 0) + 1;
    this.vendor.throttle.enter(tenant);
  }

  /** Bytes out are charged for, but not what the organisation says of itself (sheet 7). */
  private meter(tenant: string, call: Call, { body, wire }: { body: number; wire: number }): void {
    const { egressCountsWrites, egressCompressed } = this.vendor.switches;
    if (call.entity === 'Organisation' || (call.method !== 'GET' && !egressCountsWrites)) return;
    this.vendor.meter.of(tenant).egressBytes += egressCompressed ? wire : body;
  }

  /** Everything beside the Accounting API. */
  private async outside(request: Incoming): Promise<Answer> {
    const { path } = request;
    if (path === '/' || path === '') return redirect(`${request.base}/accountant`);
    if (path.startsWith('/_control')) return this.control.answer(request, path.slice('/_control'.length));
    if (path.startsWith('/accountant')) return this.accountant.answer(request);
    const kind: CallKind = {
      method: request.method,
      pathAndQuery: path,
      realm: undefined,
      entity: undefined,
      operation: /^\/connections/i.test(path)
        ? 'connections'
        : (IDENTITY_OPERATIONS[path.replace(/\/$/, '')] ?? 'unknown'),
    };
    return this.disturbed(request, this.vendor.faults.plan(kind));
  }

  private async disturbed(request: Incoming, plan: Disturbance<FaultKind> | undefined): Promise<Answer> {
    const { switches, random } = this.vendor;
    if (plan && plan.delayBefore > 0) await pause(plan.delayBefore);
    const isEdit = (rule: { fault: string } | undefined) => rule?.fault === 'midScanEdit';
    if (plan?.before && !isEdit(plan.before)) return disturbedAnswer(plan.before, undefined, switches, random.uuid());
    const answer = this.oauth.answer(request) ?? notFound(switches);
    if (plan && plan.delayAfter > 0) await pause(plan.delayAfter);
    return plan?.after && !isEdit(plan.after) ? disturbedAnswer(plan.after, answer, switches, random.uuid()) : answer;
  }

  private async send(
    answer: Answer,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<{ body: number; wire: number }> {
    if (answer.cutAfter !== undefined) {
      if (answer.cutAfter > 0) await pause(answer.cutAfter);
      request.socket.destroy();
      return { body: 0, wire: 0 };
    }
    const { switches } = this.vendor;
    const isDated = switches.escapedSlashes && answer.contentType.includes('json');
    const text = isDated ? answer.body.replace(/"\/(Date\([^)]*\))\/"/g, '"\\/$1\\/"') : answer.body;
    const whole = answer.bytes ?? Buffer.from(text, 'utf8');
    const headers: Record<string, string> = { 'Cache-Control': 'private', ...answer.headers };
    if (answer.contentType !== '') headers['Content-Type'] = answer.contentType;
    const accepts = String(request.headers['accept-encoding'] ?? '').includes('gzip');
    let wire = whole;
    if (accepts && switches.compression && whole.length > WORTH_COMPRESSING) {
      wire = await compress(whole, { level: 1 });
      headers['Content-Encoding'] = 'gzip';
    }
    if (answer.status !== 204 && answer.status !== 304) headers['Content-Length'] = String(wire.length);
    response.writeHead(answer.status, headers).end(wire);
    return { body: whole.length, wire: wire.length };
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
