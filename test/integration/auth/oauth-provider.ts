import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Every token begins like this, so that a search can tell whether one has leaked. */
export const CANARY = 'canary-token-';

/** What goes wrong with the next request to the token endpoint; `after` means after new tokens were issued. */
export type TokenFault =
  | 'cut_before'
  | 'cut_after'
  | 'status_500'
  | 'status_503_after'
  | 'not_json'
  | 'lapsed'
  | 'invalid_client'
  | 'hang_after';

interface Consent {
  readonly companies: readonly string[];
  accessToken: string;
  refreshToken: string;
  /** Refresh tokens that were replaced, and are still taken if the provider is kind. */
  readonly former: string[];
  revoked: boolean;
}

interface Code {
  readonly redirectUri: string;
  readonly challenge: string | undefined;
  readonly companies: readonly string[];
}

export interface TokenCall {
  readonly grantType: string;
  readonly authorization: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly form: URLSearchParams;
}

/** A small real OAuth provider with an API, over HTTP, that can be told to misbehave. */
export class OAuthProvider {
  /** `each`: every refresh gives a new refresh token. `never`: it is repeated. */
  rotation: 'each' | 'never' = 'each';
  /** Whether replaced refresh tokens are still taken: without grace, using one ends the consent. */
  grace = true;
  accessSeconds = 3600;
  refreshSeconds: number | undefined = 100 * 86_400;
  grantSeconds: number | undefined;
  /** Members that its answers leave out. */
  readonly omits = new Set<string>();
  consent: { companies: readonly string[]; deny?: boolean; error?: string } = { companies: ['company-1'] };
  /** Tokens that the API sends along with its next answer, as it rotates them silently. */
  rotatesSilently = false;
  revocationStatus = 200;
  readonly faults: TokenFault[] = [];
  readonly tokenCalls: TokenCall[] = [];
  readonly apiCalls: { readonly path: string; readonly token: string; readonly status: number }[] = [];
  readonly revocations: string[] = [];
  readonly authorizations: URLSearchParams[] = [];
  /** Called before a request to the token endpoint is looked at, and before one to the API is. */
  beforeToken: () => Promise<void> = () => Promise.resolve();
  beforeApi: () => Promise<void> = () => Promise.resolve();
  private readonly consents: Consent[] = [];
  private readonly codes = new Map<string, Code>();
  private readonly hanging = new Set<ServerResponse>();

  private constructor(readonly url: string) {}

  static async start(): Promise<OAuthProvider & { stop(): Promise<void> }> {
    const started: { provider?: OAuthProvider } = {};
    const server = createServer((request, response) => {
      started.provider!.handle(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const provider = new OAuthProvider(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    started.provider = provider;
    return Object.assign(provider, {
      stop: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    });
  }

  /** A consent as if somebody had just given it. */
  grant(companies: readonly string[] = ['company-1']): Record<string, unknown> {
    const consent = { companies, accessToken: token(), refreshToken: token(), former: [], revoked: false };
    this.consents.push(consent);
    return this.tokens(consent);
  }

  revokeEverything(): void {
    for (const consent of this.consents) consent.revoked = true;
  }

  /** The access tokens of all consents are no longer good; the refresh tokens are. */
  expireAccess(): void {
    for (const consent of this.consents) consent.accessToken = 'expired';
  }

  get refreshes(): number {
    return this.tokenCalls.filter(({ grantType }) => grantType === 'refresh_token').length;
  }

  accepts(accessToken: string): boolean {
    return this.consents.some((consent) => !consent.revoked && consent.accessToken === accessToken);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.url);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /authorize':
        return this.authorize(url.searchParams, response);
      case 'POST /token':
        return this.token(request, new URLSearchParams(body), response);
      case 'POST /revoke': {
        const given = (JSON.parse(body) as { token: string }).token;
        this.revocations.push(given);
        const consent = this.consents.find((one) => one.refreshToken === given || one.accessToken === given);
        if (consent && this.revocationStatus === 200) consent.revoked = true;
        return send(response, this.revocationStatus, {});
      }
      default:
        return this.api(request, url, response);
    }
  }

  private authorize(params: URLSearchParams, response: ServerResponse): void {
    this.authorizations.push(params);
    const back = new URL(params.get('redirect_uri')!);
    const state = params.get('state');
    if (state !== null) back.searchParams.set('state', state);
    const { companies, deny, error } = this.consent;
    if (deny || error) back.searchParams.set('error', error ?? 'access_denied');
    else {
      const code = randomBytes(12).toString('hex');
      const challenge = params.get('code_challenge') ?? undefined;
      this.codes.set(code, { redirectUri: params.get('redirect_uri')!, challenge, companies });
      back.searchParams.set('code', code);
      back.searchParams.set('company', companies.join(','));
    }
    response.writeHead(302, { location: back.href }).end();
  }

  private async token(request: IncomingMessage, form: URLSearchParams, response: ServerResponse): Promise<void> {
    const { headers } = request;
    const grantType = form.get('grant_type') ?? '';
    this.tokenCalls.push({ grantType, authorization: headers.authorization, headers, form });
    await this.beforeToken();
    const fault = this.faults.shift();
    if (fault === 'cut_before') return void request.socket.destroy();
    if (fault === 'status_500') return send(response, 500, { error: 'server_error' });
    if (fault === 'lapsed') return send(response, 403, { error: 'plan_lapsed' });
    if (fault === 'invalid_client') return send(response, 401, { error: 'invalid_client' });
    const issued = grantType === 'refresh_token' ? this.refresh(form) : this.exchange(form);
    if (fault === 'cut_after') return void request.socket.destroy();
    if (fault === 'hang_after') return void this.hanging.add(response);
    if (fault === 'status_503_after') return send(response, 503, { error: 'server_error' });
    if (fault === 'not_json') return void response.writeHead(200).end(`<html>${JSON.stringify(issued)}</html>`);
    return issued ? send(response, 200, issued) : send(response, 400, { error: 'invalid_grant' });
  }

  private exchange(form: URLSearchParams): Record<string, unknown> | undefined {
    const code = this.codes.get(form.get('code') ?? '');
    this.codes.delete(form.get('code') ?? '');
    if (!code || code.redirectUri !== form.get('redirect_uri')) return undefined;
    const verifier = form.get('code_verifier');
    if (code.challenge && (!verifier || sha256(verifier) !== code.challenge)) return undefined;
    return this.grant(code.companies);
  }

  private refresh(form: URLSearchParams): Record<string, unknown> | undefined {
    const given = form.get('refresh_token') ?? '';
    const consent = this.consents.find((one) => one.refreshToken === given || one.former.includes(given));
    if (!consent || consent.revoked) return undefined;
    if (consent.refreshToken !== given && !this.grace) {
      consent.revoked = true;
      return undefined;
    }
    consent.accessToken = token();
    if (this.rotation === 'each') {
      consent.former.push(consent.refreshToken);
      consent.refreshToken = token();
    }
    return this.tokens(consent);
  }

  private async api(request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
    await this.beforeApi();
    const given = (request.headers.authorization ?? '').replace('Bearer ', '');
    const consent = this.consents.find((one) => !one.revoked && one.accessToken === given);
    const status = consent ? 200 : 401;
    this.apiCalls.push({ path: url.pathname, token: given, status });
    if (!consent) return send(response, status, {});
    const headers: Record<string, string> = { 'x-request-id': `request-${this.apiCalls.length}` };
    if (this.rotatesSilently) {
      this.rotatesSilently = false;
      consent.accessToken = token();
      consent.former.push(consent.refreshToken);
      consent.refreshToken = token();
      headers['x-new-tokens'] = JSON.stringify(this.tokens(consent));
    }
    return send(response, status, { path: url.pathname, query: url.search }, headers);
  }

  private tokens({ accessToken, refreshToken }: Consent): Record<string, unknown> {
    const answer = {
      access_token: accessToken,
      refresh_token: refreshToken,
      expires_in: this.accessSeconds,
      refresh_expires_in: this.refreshSeconds,
      grant_expires_in: this.grantSeconds,
    };
    return Object.fromEntries(Object.entries(answer).filter(([name]) => !this.omits.has(name)));
  }
}

const send = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void =>
  void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

const token = (): string => `${CANARY}${randomBytes(16).toString('hex')}`;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
