import { createHash } from 'node:crypto';
import type { Answer } from '../answer.ts';
import type { CallKind } from '../fault-rules.ts';
import { header, parsedBody, type Incoming } from '../incoming.ts';
import { empty, json, jsonText, problem, refused } from './answer.ts';
import { SECOND } from './calendar.ts';
import type { CompanyFile } from './company-file.ts';
import { CLIENT, type Gateway } from './gateway.ts';
import type { Grant } from './oauth/grants.ts';
import { covers } from './oauth/scopes.ts';
import { refusal, Refusal } from './problem.ts';
import { pageOf } from './query/listing.ts';
import type { Stored } from './record.ts';
import { addressOf, textOf, withAddresses } from './rendering.ts';
import { PUSHED } from './resources/index.ts';
import { allRoutes, routeOf, type Method, type Route } from './routes.ts';
import { GUID, isObject, type Members } from './shape.ts';
import { create, rehearse, remove, replace, unknownRecord } from './writing.ts';

/** A call to `/accountright/…` taken apart, without touching anything. */
export interface Call extends CallKind {
  /** Below `/accountright`. */
  place: 'files' | 'info' | 'file' | 'currentUser' | 'dataScopes' | 'resource' | 'rotateSecret' | 'unknown';
  route: Route | undefined;
  uid: string | undefined;
}

export function classify(request: Incoming): Call | undefined {
  const match = /^\/accountright(?:\/(.*?))?\/*$/i.exec(request.path);
  if (!match) return undefined;
  const [realm, ...rest] = (match[1] ?? '').split('/').filter((part) => part !== '');
  const { place, route, uid } = placeOf(realm, rest);
  const query = request.params.toString();
  return {
    method: request.method,
    pathAndQuery: query === '' ? request.path : `${request.path}?${query}`,
    realm: place === 'files' || place === 'info' ? undefined : realm?.toLowerCase(),
    entity: route?.path,
    operation: operationOf(request.method, place, uid),
    place,
    route,
    uid,
  };
}

function placeOf(realm: string | undefined, rest: string[]): Pick<Call, 'place' | 'route' | 'uid'> {
  const nowhere = { route: undefined, uid: undefined };
  if (realm === undefined) return { place: 'files', ...nowhere };
  if (realm.toLowerCase() === 'info' && rest.length === 0) return { place: 'info', ...nowhere };
  const path = rest.join('/').toLowerCase();
  if (path === '') return { place: 'file', ...nowhere };
  if (path === 'currentuser') return { place: 'currentUser', ...nowhere };
  if (path === 'datascopes') return { place: 'dataScopes', ...nowhere };
  const whole = routeOf(path);
  if (whole) return { place: 'resource', route: whole, uid: undefined };
  const last = rest.at(-1) ?? '';
  const above = routeOf(rest.slice(0, -1).join('/'));
  if (above && !above.isSingle && GUID.test(last)) return { place: 'resource', route: above, uid: last.toLowerCase() };
  const secret = /^(webhooks\/subscription)\/([0-9a-f-]{36})\/rotatesecret$/.exec(path);
  if (secret) return { place: 'rotateSecret', route: routeOf(secret[1] as string), uid: secret[2] };
  return { place: 'unknown', ...nowhere };
}

function operationOf(method: string, place: Call['place'], uid: string | undefined): string {
  if (place !== 'resource') return place;
  if (method === 'GET') return uid === undefined ? 'list' : 'read';
  return { POST: 'create', PUT: 'update', DELETE: 'delete' }[method] ?? 'unknown';
}

/** How a call shows in the counts, such as `GET list Sale/Invoice`. */
export function endpointName({ method, operation, entity }: CallKind): string {
  return [method, operation, entity].filter((part) => part !== undefined).join(' ');
}

/** A token that was found good, with the grant behind it. */
export interface Admission {
  token: string;
  grant: Grant;
}

/** Answers API calls in the gateway's order of checks (sheet 4.9): key, rate, token, scope, file, route, method, the rest. */
export class Api {
  private readonly gateway: Gateway;

  constructor(gateway: Gateway) {
    this.gateway = gateway;
  }

  /** Key, rate and token; none of these refusals tells of a newer token (sheet 2.3). */
  admit(request: Incoming): Admission | Answer {
    const { gateway } = this;
    const key = header(request, 'x-myobapi-key');
    if (key !== CLIENT.id || !gateway.keyIsActive) return problem('DeveloperInactive', 'Header: x-myobapi-key');
    const tooMany = gateway.throttle.refuse(key);
    if (tooMany) {
      gateway.meter.throttled++;
      return tooMany;
    }
    const [scheme, token = ''] = header(request, 'authorization').split(' ');
    const grant = scheme?.toLowerCase() === 'bearer' ? gateway.grants.check(token) : undefined;
    return grant && grant.clientId === key ? { token, grant } : problem('OAuthTokenIsInvalid');
  }

  /** What is done for an admitted call. */
  async answer(request: Incoming, call: Call, { grant }: Admission): Promise<Answer> {
    const { switches, meter } = this.gateway;
    try {
      return await this.perform(request, call, grant);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (call.realm !== undefined) meter.of(call.realm).refused++;
      const answer = refused(error, switches.accessDeniedBody);
      return error.first.name === 'CompanyFileBusy' ? { ...answer, headers: this.busyHeaders(call) } : answer;
    }
  }

  private async perform(request: Incoming, call: Call, grant: Grant): Promise<Answer> {
    const { switches } = this.gateway;
    this.requireScope(call, grant);
    if (call.realm === undefined) return this.global(request, call, grant);
    const file = this.fileOf(request, call, grant);
    const version = header(request, 'x-myobapi-version');
    if (version !== '' && version.toLowerCase() !== 'v2') throw refusal('InvalidQuery', 'x-myobapi-version');
    const isHidden = switches.profile === 'myob' && call.route?.path === 'Webhooks/Subscription';
    if (call.place === 'unknown' || isHidden) {
      throw refusal(switches.quirk_401_unknown_path ? 'OAuthTokenIsInvalid' : 'ResourceNotFound');
    }
    if (call.place === 'resource') return this.resource(request, call, file, grant);
    if (call.place === 'rotateSecret') return this.rotateSecret(request, call, file);
    requireMethod(request, ['GET']);
    const address = this.addressOf(request, file);
    if (call.place === 'currentUser') return this.get(request, JSON.stringify(userAccess(address, grant)));
    if (call.place === 'dataScopes') return this.get(request, JSON.stringify({ Scopes: grant.scopes }));
    const Resources = allRoutes().map(({ path }) => `${address}/${path}/`);
    return this.get(request, JSON.stringify({ CompanyFile: this.describe(request, file), Resources }));
  }

  /** A token without the scope is answered like a bad one (sheet 2.4). */
  private requireScope({ route, place }: Call, { scopes }: Grant): void {
    const wanted = route?.scopes ?? (FILE_PLACES.includes(place) ? ['sme-company-file'] : []);
    if (wanted.length > 0 && !wanted.some((scope) => covers(scopes, scope))) throw refusal('OAuthTokenIsInvalid');
  }

  private fileOf(request: Incoming, call: Call, grant: Grant): CompanyFile {
    const file = this.gateway.files.get(call.realm ?? '');
    if (!file || grant.realm !== file.uid) throw refusal('AccessDenied');
    if (this.gateway.clock.now() < file.busyUntil) throw refusal('CompanyFileBusy');
    if (!hasLogin(request, file)) throw refusal('CompanyFileLoginInvalid', 'Header: x-myobapi-cftoken');
    return file;
  }

  private busyHeaders({ realm }: Call): Record<string, string> {
    const left = (this.gateway.files.get(realm ?? '')?.busyUntil ?? 0) - this.gateway.clock.now();
    return { 'Retry-After': String(Math.max(1, Math.ceil(left / SECOND))) };
  }

  private global(request: Incoming, call: Call, grant: Grant): Answer {
    requireMethod(request, ['GET']);
    const { switches, files } = this.gateway;
    if (call.place === 'info') return this.get(request, JSON.stringify(this.info()));
    const file = files.get(grant.realm);
    const shown = file && !switches.quirk_empty_company_list ? [this.describe(request, file)] : [];
    return this.get(request, JSON.stringify(switches.quirk_list_wrapped_items ? { items: shown } : shown));
  }

  /** Build, resources, and what makes it a gateway and not the cloud API (sheet 3.3). */
  private info(): object {
    const { switches } = this.gateway;
    const Resources = allRoutes().map(({ path }) => ({
      ResourcePath: path,
      Version: 'v2',
      FromProductVersion: '2013.3',
      ToProductVersion: 'LATEST',
      MinimumProductLevel: 'Basic',
    }));
    if (switches.profile === 'myob') return { Build: '2026.11.1', Resources };
    return {
      Build: 'gw-1.0.0',
      Resources,
      Gateway: {
        Name: 'AccountEdge Gateway',
        ContractVersion: 1,
        TokenRotation: true,
        WebhookTopics: PUSHED,
        Capabilities: {
          TransactionUpdate: switches.transactionUpdate,
          TransactionDelete: switches.transactionDelete,
          TransferNative: switches.transferNative,
        },
      },
    };
  }

  private describe(request: Incoming, file: CompanyFile): object {
    return {
      Id: file.uid,
      Name: file.name,
      LibraryPath: `${file.name.replaceAll(/[^A-Za-z0-9]+/g, '')}.myo`,
      ProductVersion: '2026.1',
      ProductLevel: { Code: 30, Name: 'Plus' },
      Uri: this.addressOf(request, file),
      LauncherId: null,
      SerialNumber: '61XXXXXXXXXX',
      Country: file.country,
      UIAccessFlags: 0,
      Subscription: null,
    };
  }

  /** Where a company file is reached; another host of the same gateway when files live in regions. */
  private addressOf(request: Incoming, file: CompanyFile): string {
    const base = new URL(request.base);
    if (this.gateway.switches.regionalUri) base.hostname = base.hostname === 'localhost' ? '127.0.0.1' : 'localhost';
    return `${base.toString().replace(/\/$/, '')}/accountright/${file.uid}`;
  }

  private async resource(request: Incoming, call: Call, file: CompanyFile, grant: Grant): Promise<Answer> {
    const route = call.route as Route;
    const { uid } = call;
    requireMethod(request, uid === undefined ? route.onList : route.onItem);
    this.requireCapability(request.method, route);
    if (request.method === 'GET') return this.read(request, call, route, file, grant);
    const { rules, layout } = route as Required<Pick<Route, 'rules'>> & Route;
    const address = this.addressOf(request, file);
    if (request.method === 'DELETE') {
      remove(file, rules, layout, uid as string, { ifMatch: this.ifMatch(request), origin: 'api' });
      if (route.path === 'Webhooks/Subscription') this.gateway.webhooks.forget(uid as string);
      return empty(200);
    }
    const body = readBody(request);
    const write = {
      file,
      rules,
      layout,
      body,
      origin: 'api' as const,
      warningsAsErrors: request.params.get('warningsAsErrors')?.toLowerCase() === 'true',
    };
    if (route.path === 'Webhooks/Subscription') return this.subscribe(request, write, uid, address);
    const stored = uid === undefined ? create(write) : replace(write, uid);
    return this.written(request, stored, file, address, uid === undefined ? 201 : 200);
  }

  private requireCapability(method: string, { rules }: Route): void {
    if (rules?.group !== 'transaction') return;
    const { transactionUpdate, transactionDelete } = this.gateway.switches;
    if ((method === 'PUT' && !transactionUpdate) || (method === 'DELETE' && !transactionDelete)) {
      throw refusal('OperationNotSupportedByFile');
    }
  }

  private ifMatch(request: Incoming): string | undefined {
    const { switches } = this.gateway;
    const sent = header(request, 'if-match').trim();
    if (sent === '' || sent === '*' || !switches.deleteIfMatch || switches.profile === 'myob') return undefined;
    return sent.replace(/^W\//, '').replaceAll('"', '');
  }

  private read(request: Incoming, { uid }: Call, route: Route, file: CompanyFile, grant: Grant): Answer {
    const listed = route.listed(file, grant.scopes);
    const address = this.addressOf(request, file);
    const finish = (text: string) =>
      this.get(
        request,
        withAddresses(text, address, request.params.get('generateUris')?.toLowerCase() !== 'false'),
        file,
      );
    if (route.isSingle) return finish(route.text(file.single(route.path), file));
    if (uid !== undefined) {
      const stored = listed.find?.(uid);
      if (!stored) throw route.rules ? unknownRecord(file, route.rules, uid) : refusal('ResourceNotFound', 'UID');
      return finish(route.text(stored, file));
    }
    const { records, total, next } = pageOf(listed, request.params, file);
    const items = records.map((stored) => route.text(stored, file)).join(',');
    const home = this.gateway.switches.foreignNextPage ? `https://ar1.example.net/accountright/${file.uid}` : address;
    const link = next === undefined ? null : `${home}/${route.path}?${next}`;
    const count = this.gateway.switches.listCount ? total : null;
    return finish(`{"Items":[${items}],"NextPageLink":${JSON.stringify(link)},"Count":${count}}`);
  }

  /** A representation with its ETag, or the news that there is no news (sheet 4.4). */
  private get(request: Incoming, text: string, file?: CompanyFile): Answer {
    const etag = `"${createHash('sha1').update(text).digest().readInt32BE(0)}"`;
    const known = header(request, 'if-none-match')
      .split(',')
      .map((each) => each.trim());
    const headers = { ETag: etag };
    if (known.includes(etag) || known.includes('*')) {
      if (file) this.gateway.meter.of(file.uid).notModified++;
      return { ...empty(304), headers };
    }
    return { ...jsonText(200, text), headers };
  }

  private written(request: Incoming, stored: Stored, file: CompanyFile, address: string, status: number): Answer {
    const headers = { Location: addressOf(stored, address) };
    if (request.params.get('returnBody')?.toLowerCase() !== 'true') return { ...empty(status), headers };
    const withUris = request.params.get('generateUris')?.toLowerCase() !== 'false';
    return { ...jsonText(status, withAddresses(textOf(stored, file), address, withUris)), headers };
  }

  /** A subscription counts once its target has answered the challenge; its secret is shown only now (sheet 5.1). */
  private async subscribe(
    request: Incoming,
    write: Parameters<typeof create>[0],
    uid: string | undefined,
    address: string,
  ): Promise<Answer> {
    const { webhooks } = this.gateway;
    const { file, rules, body } = write;
    const before = uid === undefined ? undefined : file.find(uid, rules.name);
    // Everything that can be refused at once is refused before anybody is called.
    const isSame = before !== undefined && body.TargetUrl === before.members.TargetUrl;
    if (!isSame) {
      rehearse(write, uid);
      if (!(await webhooks.verify(String(body.TargetUrl)))) throw refusal('CallbackVerificationFailed', 'TargetUrl');
    }
    if (uid !== undefined) {
      const stored = replace(write, uid);
      webhooks.changed(uid);
      return this.written(request, stored, file, address, 200);
    }
    const stored = create(write);
    const Secret = webhooks.open(file.uid, stored.uid);
    const shown = JSON.parse(withAddresses(textOf(stored, file), address, true)) as Members;
    return { ...json(201, { ...shown, Secret }), headers: { Location: addressOf(stored, address) } };
  }

  private rotateSecret(request: Incoming, { uid }: Call, file: CompanyFile): Answer {
    requireMethod(request, ['POST']);
    const stored = file.find(uid, 'Webhooks/Subscription');
    if (!stored) throw refusal('ResourceNotFound', 'UID');
    return json(200, { Secret: this.gateway.webhooks.rotateSecret(stored.uid) });
  }
}

const FILE_PLACES: readonly string[] = ['file', 'currentUser', 'dataScopes'];

function requireMethod(request: Incoming, allowed: readonly Method[]): void {
  if (!allowed.includes(request.method as Method)) throw refusal('MethodNotAllowed', request.method);
}

function readBody(request: Incoming): Members {
  const body = parsedBody(request);
  if (!isObject(body)) throw refusal('SerializationError', '(body)');
  return body;
}

/** A file without login wants no header; an empty one is not the same as none (sheet 2.2). */
function hasLogin(request: Incoming, { login }: CompanyFile): boolean {
  const sent = request.headers['x-myobapi-cftoken'];
  if (sent === undefined) return login === undefined;
  const expected = login ?? { user: 'Administrator', password: '' };
  return String(sent) === Buffer.from(`${expected.user}:${expected.password}`, 'utf8').toString('base64');
}

/** What the connected person may do where, for a preflight. */
function userAccess(address: string, { scopes }: Grant): object {
  const reachable = allRoutes().filter((route) => route.scopes.some((scope) => covers(scopes, scope)));
  return {
    UserAccess: reachable.map(({ path, onList, onItem }) => ({
      ResourcePath: `${address}/${path}/`,
      Access: [...new Set([...onList, ...onItem])],
    })),
  };
}
