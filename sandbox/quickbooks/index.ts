import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { redirect, type Answer } from '../answer.ts';
import type { CallKind } from '../fault-rules.ts';
import { receive, type Incoming } from '../incoming.ts';
import type { MakeProvider, SandboxProvider } from '../provider.ts';
import { AccountantPages } from './accountant/pages.ts';
import { faultAnswer, gatewayFault, html } from './answer.ts';
import { Api, classify, UnsupportedMediaType } from './api.ts';
import { Control } from './control.ts';
import { disturbedAnswer, type FaultRule } from './misbehaviour.ts';
import { OAuthEndpoints } from './oauth/endpoints.ts';
import { seedCompanies } from './seed/companies.ts';
import { VendorFault } from './vendor-fault.ts';
import { Vendor } from './vendor.ts';

const compress = promisify(gzip);
const MEGABYTE = 1024 * 1024;
const API_BODY_LIMIT = 10 * MEGABYTE;
const CONTROL_BODY_LIMIT = 512 * MEGABYTE;
const WORTH_COMPRESSING = 16 * 1024;

/** The same companies at every start, whatever the seed of faults and tokens. */
const DATA_SEED = 1;

export interface QuickbooksSandbox extends SandboxProvider {
  readonly vendor: Vendor;
}

/** The stand-in for QuickBooks Online: its API, its authorisation server, control endpoints, the accountant's pages. */
export const quickbooks = ((options): QuickbooksSandbox => {
  const vendor = new Vendor(options.clock, options.seed);
  const server = new Server(vendor, options.report);
  seedCompanies(vendor, DATA_SEED, options.empty);
  return {
    name: 'quickbooks',
    title: 'QuickBooks Online',
    pages: [
      { path: '/accountant', label: 'Play the accountant' },
      { path: '/_control', label: 'Control endpoints' },
      { path: '/.well-known/openid_sandbox_configuration', label: 'Discovery' },
    ],
    vendor,
    handle: (request, response) => void server.handle(request, response),
    snapshot: () => vendor.snapshot(),
    restore: (state) => vendor.restore(state),
    onChange: (listener) => vendor.onChange(listener),
    close: () => vendor.webhooks.close(),
  };
}) satisfies MakeProvider;

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
    this.control = new Control(vendor, { value: DATA_SEED });
    this.accountant = new AccountantPages(vendor);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const incoming = await receive(request, bodyLimit);
      const answer = incoming ? await this.answer(incoming) : gatewayProblem(413, 'RequestEntityTooLarge', this.vendor);
      await this.send(answer, request, response);
    } catch (error) {
      this.report(error);
      if (response.headersSent) response.destroy();
      else {
        const fault = new VendorFault(
          10000,
          `System Failure Error: ${error instanceof Error ? error.message : 'unknown'}`,
        );
        await this.send(faultAnswer(fault, this.vendor.time()), request, response);
      }
    }
  }

  private async answer(request: Incoming): Promise<Answer> {
    const { path } = request;
    if (path === '/' || path === '') return redirect(`${request.base}/accountant`);
    if (path.startsWith('/_control')) return this.control.answer(request, path.slice('/_control'.length));
    if (path.startsWith('/accountant')) return this.accountant.answer(request);
    const call = classify(request);
    const kind: CallKind = call ?? {
      method: request.method,
      pathAndQuery: request.path,
      realm: undefined,
      entity: undefined,
      operation: OAUTH_OPERATIONS[path.replace(/\/$/, '')] ?? 'unknown',
    };
    const { throttle } = this.vendor;
    if (call) throttle.enter(call.realm);
    try {
      return await this.disturbed(kind, () => (call ? this.api.answer(request, call) : this.oauth.answer(request)));
    } finally {
      if (call) throttle.leave(call.realm);
    }
  }

  /** Does the work, with whatever was put in its way before or after it. */
  private async disturbed(kind: CallKind, work: () => Answer | undefined): Promise<Answer> {
    const plan = this.vendor.misbehaviour.plan(kind);
    if (!plan) return this.guarded(work);
    if (plan.delayBefore > 0) await pause(plan.delayBefore);
    if (plan.before) return this.inPlace(plan.before);
    const answer = this.guarded(work);
    if (plan.delayAfter > 0) await pause(plan.delayAfter);
    return plan.after ? this.inPlace(plan.after) : answer;
  }

  private guarded(work: () => Answer | undefined): Answer {
    try {
      return work() ?? html(404, '404 Not Found');
    } catch (error) {
      if (error instanceof UnsupportedMediaType) return gatewayProblem(415, 'UnsupportedMediaType', this.vendor);
      throw error;
    }
  }

  private inPlace(rule: FaultRule): Answer {
    const { vendor } = this;
    return disturbedAnswer(rule, {
      now: vendor.clock.now(),
      time: vendor.time(),
      throttleBody: vendor.throttle.limits.body,
      companyStatusHttp: Number(vendor.switches.companyStatusHttp),
    });
  }

  private async send(answer: Answer, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (answer.cutAfter !== undefined) {
      if (answer.cutAfter > 0) await pause(answer.cutAfter);
      request.socket.destroy();
      return;
    }
    const headers: Record<string, string> = {
      'Content-Type': answer.contentType,
      intuit_tid: `1-${this.vendor.random.uuid()}`,
      'QBO-Version': '1972.118',
      'Cache-Control': 'no-cache, no-store',
      ...answer.headers,
    };
    const accepts = String(request.headers['accept-encoding'] ?? '').includes('gzip');
    let body: string | Buffer = answer.body;
    if (accepts && this.vendor.switches.gzip && body.length > WORTH_COMPRESSING) {
      body = await compress(body, { level: 1 });
      headers['Content-Encoding'] = 'gzip';
    }
    headers['Content-Length'] = String(Buffer.byteLength(body));
    response.writeHead(answer.status, headers).end(body);
  }
}

/** Names under which fault rules find the calls of the authorisation server. */
const OAUTH_OPERATIONS: Readonly<Record<string, string>> = {
  '/connect/oauth2': 'authorize',
  '/oauth2/v1/tokens/bearer': 'token',
  '/v2/oauth2/tokens/revoke': 'revoke',
  '/v1/openid_connect/userinfo': 'userinfo',
  '/op/v1/jwks': 'jwks',
  '/.well-known/openid_configuration': 'discovery',
  '/.well-known/openid_sandbox_configuration': 'discovery',
};

function bodyLimit(path: string): number {
  return path.startsWith('/_control') ? CONTROL_BODY_LIMIT : API_BODY_LIMIT;
}

function gatewayProblem(status: number, name: string, vendor: Vendor): Answer {
  const message = `message=${name}; errorCode=00${status}0; statusCode=${status}`;
  return gatewayFault(status, 'SERVICE', { message, detail: null, code: String(status) }, vendor.clock.now());
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
