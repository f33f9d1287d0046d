import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { redirect, type Answer } from '../answer.ts';
import type { CallKind } from '../fault-rules.ts';
import { receive, type Incoming } from '../incoming.ts';
import type { MakeProvider, SandboxProvider } from '../provider.ts';
import { AccountantPages } from './accountant/pages.ts';
import { problem } from './answer.ts';
import { Api, classify, endpointName, type Admission, type Call } from './api.ts';
import { Control } from './control.ts';
import { Gateway } from './gateway.ts';
import { disturbedAnswer, type FaultKind } from './misbehaviour.ts';
import { OAuthEndpoints, operationOf } from './oauth/endpoints.ts';
import { seedFiles } from './seed/files.ts';

const compress = promisify(gzip);
const MEGABYTE = 1024 * 1024;
const API_BODY_LIMIT = 10 * MEGABYTE;
const CONTROL_BODY_LIMIT = 512 * MEGABYTE;
const WORTH_COMPRESSING = 512;

/** The same company files at every start, whatever the seed of faults and tokens. */
const DATA_SEED = 1;

export interface AccountEdgeSandbox extends SandboxProvider {
  readonly gateway: Gateway;
}

/** The stand-in for the AccountEdge gateway: its API, its authorisation server, control endpoints, the accountant's pages. */
export const accountedge = ((options): AccountEdgeSandbox => {
  const gateway = new Gateway(options.clock, options.seed);
  const server = new Server(gateway, options.report);
  seedFiles(gateway, DATA_SEED, options.empty);
  return {
    name: 'accountedge',
    title: 'AccountEdge gateway',
    pages: [
      { path: '/accountant', label: 'Play the accountant' },
      { path: '/_control', label: 'Control endpoints' },
    ],
    gateway,
    handle: (request, response) => void server.handle(request, response),
    snapshot: () => gateway.snapshot(),
    restore: (state) => gateway.restore(state),
    onChange: (listener) => gateway.onChange(listener),
    close: () => gateway.webhooks.close(),
  };
}) satisfies MakeProvider;

class Server {
  private readonly gateway: Gateway;
  private readonly report: (error: unknown) => void;
  private readonly api: Api;
  private readonly oauth: OAuthEndpoints;
  private readonly control: Control;
  private readonly accountant: AccountantPages;

  constructor(gateway: Gateway, report: (error: unknown) => void) {
    this.gateway = gateway;
    this.report = report;
    this.api = new Api(gateway);
    this.oauth = new OAuthEndpoints(gateway);
    this.control = new Control(gateway, { value: DATA_SEED });
    this.accountant = new AccountantPages(gateway);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    try {
      const incoming = await receive(request, bodyLimit);
      const answer = incoming ? await this.answer(incoming) : problem('FieldTooLong', '(body)', 413);
      await this.send(answer, request, response, started);
    } catch (error) {
      this.report(error);
      if (response.headersSent) response.destroy();
      else await this.send(problem('InternalError'), request, response, started);
    }
  }

  private answer(request: Incoming): Promise<Answer> | Answer {
    const { path } = request;
    if (path === '/' || path === '') return redirect(`${request.base}/accountant`);
    if (path.startsWith('/_control')) return this.control.answer(request, path.slice('/_control'.length));
    if (path.startsWith('/accountant')) return this.accountant.answer(request);
    const call = classify(request);
    return call ? this.apiAnswer(request, call) : this.oauthAnswer(request);
  }

  /** Refused or served, disturbed or not, an answer to a good token tells of a newer one. */
  private async apiAnswer(request: Incoming, call: Call): Promise<Answer> {
    const plan = this.gateway.misbehaviour.plan(call);
    if (plan && plan.delayBefore > 0) await pause(plan.delayBefore);
    this.count(call);
    // Limits are looked at before tokens, so what stands for them tells of no newer token either.
    if (plan?.before && EARLY_FAULTS.includes(plan.before.fault)) return disturbedAnswer(plan.before);
    const admission = this.api.admit(request);
    if ('status' in admission) return admission;
    let answer = plan?.before ? disturbedAnswer(plan.before) : await this.api.answer(request, call, admission);
    if (plan && plan.delayAfter > 0) await pause(plan.delayAfter);
    if (plan?.after) answer = disturbedAnswer(plan.after);
    return this.withRotation(answer, admission);
  }

  private withRotation(answer: Answer, { token }: Admission): Answer {
    if (answer.status === 401 || this.gateway.switches.profile === 'myob') return answer;
    const minted = this.gateway.grants.rotation(token);
    if (!minted) return answer;
    this.gateway.changed();
    const headers = {
      'X-AccountEdge-Access-Token': minted.token,
      'X-AccountEdge-Token-Expires-In': String(minted.secondsLeft),
      'X-AccountEdge-Token-Generation': String(minted.generation),
      'Cache-Control': 'no-store',
    };
    return { ...answer, headers: { ...answer.headers, ...headers } };
  }

  private count(call: Call): void {
    const counts = this.gateway.meter.of(call.realm ?? 'none');
    counts.calls++;
    const name = endpointName(call);
    counts.byEndpoint[name] = (counts.byEndpoint[name] ?? 0) + 1;
  }

  private async oauthAnswer(request: Incoming): Promise<Answer> {
    const call: CallKind = {
      method: request.method,
      pathAndQuery: request.path,
      realm: undefined,
      entity: undefined,
      operation: operationOf(request.path),
    };
    const plan = this.gateway.misbehaviour.plan(call);
    if (plan && plan.delayBefore > 0) await pause(plan.delayBefore);
    if (plan?.before) return disturbedAnswer(plan.before);
    const answer = this.oauth.answer(request) ?? problem('ResourceNotFound');
    if (plan && plan.delayAfter > 0) await pause(plan.delayAfter);
    return plan?.after ? disturbedAnswer(plan.after) : answer;
  }

  private async send(
    answer: Answer,
    request: IncomingMessage,
    response: ServerResponse,
    started: number,
  ): Promise<void> {
    if (answer.cutAfter !== undefined) {
      if (answer.cutAfter > 0) await pause(answer.cutAfter);
      request.socket.destroy();
      return;
    }
    const headers: Record<string, string> = {
      'x-myobapi-requestid': this.gateway.random.uuid(),
      'x-myobapi-elapsed': String(Math.round(performance.now() - started)),
      ...(answer.contentType !== '' && { 'Content-Type': answer.contentType }),
      ...answer.headers,
    };
    const accepts = String(request.headers['accept-encoding'] ?? '').includes('gzip');
    let body: string | Buffer = answer.body;
    if (accepts && this.gateway.switches.gzip && body.length > WORTH_COMPRESSING) {
      body = await compress(body, { level: 1 });
      headers['Content-Encoding'] = 'gzip';
    }
    if (answer.status !== 304) headers['Content-Length'] = String(Buffer.byteLength(body));
    response.writeHead(answer.status, headers).end(body);
  }
}

const EARLY_FAULTS: readonly FaultKind[] = ['429', 'rateLimit', 'html403'];

function bodyLimit(path: string): number {
  return path.startsWith('/_control') ? CONTROL_BODY_LIMIT : API_BODY_LIMIT;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
