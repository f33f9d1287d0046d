import { z } from 'zod';
import type { Answer } from '../answer.ts';
import { BadRequest, readControl } from '../control-request.ts';
import { faultRulesBody } from '../fault-rules.ts';
import type { Incoming } from '../incoming.ts';
import { describeSwitches, setSwitches } from '../switches.ts';
import { json, jsonText } from './answer.ts';
import { readStamp, SECOND } from './calendar.ts';
import type { CompanyFile, FileState } from './company-file.ts';
import type { Gateway } from './gateway.ts';
import { FAULT_KINDS } from './misbehaviour.ts';
import { SCOPES } from './oauth/scopes.ts';
import { Refusal } from './problem.ts';
import { pathOf, type Stored } from './record.ts';
import { textOf, withAddresses } from './rendering.ts';
import { resources } from './resources/index.ts';
import { routeOf } from './routes.ts';
import { edit } from './seed/foundation.ts';
import { newFile, seedFiles } from './seed/files.ts';
import { isObject, type Members } from './shape.ts';
import { SWITCHES } from './switches.ts';
import { create, remove } from './writing.ts';

/** Endpoints below `/accountedge/_control` with which tests and demos steer the sandbox. A realm is a company file's id. */

const ENDPOINTS = {
  'GET /': 'this list',
  'POST /faults': 'adds fault rules {rules:[{match, fault, when, ms, retryAfter, times, probability}]}',
  'GET /faults': 'the rules with how often each fired',
  'DELETE /faults': 'removes all rules',
  'POST /webhooks':
    'sets enabled, windowMs, eventsPerDelivery, deadlineMs, duplicate, dropProbability, delayMs, reorder, dropNext, duplicateNext, delayNext',
  'GET /webhooks': 'settings, subscriptions with their sequence, queue length and the last 200 deliveries',
  'POST /webhooks/flush': 'sends what is queued and waits for it',
  'POST /webhooks/forge': 'sends {realm, entity, id, operation} with a wrong signature, answers {status}',
  'POST /webhooks/send': 'signs {body, headers} for {subscription} exactly as given and sends it, answers {status}',
  'POST /tokens':
    '{action: expireAccess | endGrace | rotate | revoke | hardExpire | dropNextRefreshAnswer | setScopes, realm, scopes} and {rotate_after_s, rotate_every_n, grace_s}',
  'GET /tokens': 'how many grants and tokens there are, never their values',
  'POST /clock': 'moves virtual time: {advanceMs} or {now} or {reset: true}',
  'GET /clock': 'virtual time',
  'POST /consent': '{mode: auto | page | deny, realm}: what the authorize page does',
  'GET /stats': 'calls by company file and endpoint, token and webhook counts',
  'DELETE /stats': 'starts counting anew',
  'POST /limits': '{enabled, perSecond, perDay, status: 403 | 429, body: json | text, retryAfter}',
  'GET /limits': 'the limits',
  'POST /switches': '{name: value} for behaviour that is uncertain or varies',
  'GET /switches': 'every switch with value, default and meaning',
  'POST /key': '{active}: whether the API key is accepted',
  'POST /companies': '{flavour: us | au, realmId, name, empty}: makes another company file',
  'GET /companies': 'the company files',
  'POST /preferences/{realm}': '{path: value}, such as System.LockPeriodPriorTo',
  'POST /login': '{realm, user, password}: the login a file wants; user null for none',
  'POST /busy': '{realm, seconds}: somebody has the file for a task of their own',
  'POST /edit': '{realm, id, members}: a person changes a record at the desktop',
  'POST /remove': '{realm, id}: a person deletes a record at the desktop',
  'POST /freeze': '{realm, changes}: so many of the next changes leave LastModified as it was',
  'POST /backup': '{realm}: remembers the file as it stands',
  'POST /restore': '{realm}: puts the file back to its backup, versions and times included',
  'POST /bulk': '{realm, entity, objects}: imports many records by the same rules, all at one moment',
  'GET /dump/{realm}': 'everything in a company file, and what it adds up to',
  'POST /reset': '{seed, empty}: back to the seed data',
};

const faultRules = faultRulesBody(FAULT_KINDS);

const webhookSettings = z
  .strictObject({
    enabled: z.boolean(),
    windowMs: z.number().min(0),
    eventsPerDelivery: z.int().min(1).max(100),
    deadlineMs: z.int().min(1),
    duplicate: z.int().min(0),
    dropProbability: z.number().min(0).max(1),
    delayMs: z.number().min(0),
    reorder: z.boolean(),
    dropNext: z.int().min(0),
    duplicateNext: z.int().min(0),
    delayNext: z.int().min(0),
  })
  .partial();

const forgery = z.strictObject({
  realm: z.string(),
  entity: z.string(),
  id: z.string(),
  operation: z.enum(['Created', 'Updated', 'Deleted']),
});

const exactDelivery = z.strictObject({
  subscription: z.string(),
  body: z.string(),
  headers: z.record(z.string(), z.string()).optional(),
});

const tokenAction = z.strictObject({
  action: z
    .enum(['expireAccess', 'endGrace', 'rotate', 'revoke', 'hardExpire', 'dropNextRefreshAnswer', 'setScopes'])
    .optional(),
  realm: z.string().optional(),
  scopes: z.array(z.enum(SCOPES)).optional(),
  rotate_after_s: z.number().min(0).optional(),
  rotate_every_n: z.int().min(0).optional(),
  grace_s: z.number().min(0).optional(),
});

const clockMove = z.union([
  z.strictObject({ advanceMs: z.number() }),
  z.strictObject({ now: z.union([z.number(), z.string()]) }),
  z.strictObject({ reset: z.literal(true) }),
]);

const consentChange = z.strictObject({ mode: z.enum(['auto', 'page', 'deny']), realm: z.string().optional() });

const limitChange = z
  .strictObject({
    enabled: z.boolean(),
    perSecond: z.int().min(1),
    perDay: z.int().min(0),
    status: z.union([z.literal(403), z.literal(429)]),
    body: z.enum(['json', 'text']),
    retryAfter: z.boolean(),
  })
  .partial();

const companyRequest = z.strictObject({
  flavour: z.enum(['us', 'au']),
  realmId: z.guid().optional(),
  name: z.string().min(1).max(50).optional(),
  empty: z.boolean().optional(),
});

const keyChange = z.strictObject({ active: z.boolean() });
const loginChange = z.strictObject({
  realm: z.string(),
  user: z.string().nullable(),
  password: z.string().default(''),
});
const busyTime = z.strictObject({ realm: z.string(), seconds: z.number().min(0) });
const desktopEdit = z.strictObject({ realm: z.string(), id: z.string(), members: z.record(z.string(), z.unknown()) });
const target = z.strictObject({ realm: z.string(), id: z.string() });
const freeze = z.strictObject({ realm: z.string(), changes: z.int().min(0).default(1) });
const ofFile = z.strictObject({ realm: z.string() });
const bulk = z.strictObject({
  realm: z.string(),
  entity: z.string(),
  objects: z.array(z.record(z.string(), z.unknown())),
});
const reset = z.strictObject({ seed: z.int().optional(), empty: z.boolean().optional() });
const anyValues = z.record(z.string(), z.unknown());

export class Control {
  private readonly gateway: Gateway;
  private readonly seed: { value: number };
  private readonly backups = new Map<string, FileState>();

  constructor(gateway: Gateway, seed: { value: number }) {
    this.gateway = gateway;
    this.seed = seed;
  }

  /** `path` is what follows `/_control`. */
  async answer(request: Incoming, path: string): Promise<Answer> {
    try {
      return await this.route(request, path.replace(/\/$/, '') || '/');
    } catch (error) {
      if (error instanceof BadRequest) return json(400, { error: error.message, field: error.field });
      if (error instanceof Refusal) return json(400, { error: error.message, code: error.first.name });
      throw error;
    }
  }

  private async route(request: Incoming, path: string): Promise<Answer> {
    const { gateway } = this;
    const [, first = '', second = ''] = path.split('/');
    switch (`${request.method} /${first}`) {
      case 'GET /':
        return json(200, { endpoints: ENDPOINTS, faults: FAULT_KINDS });
      case 'POST /faults':
        gateway.misbehaviour.add(readControl(request, faultRules).rules);
        return json(200, { rules: gateway.misbehaviour.list() });
      case 'GET /faults':
        return json(200, { rules: gateway.misbehaviour.list() });
      case 'DELETE /faults':
        gateway.misbehaviour.clear();
        return json(200, { rules: [] });
      case 'POST /webhooks':
        return this.webhooks(request, second);
      case 'GET /webhooks':
        return json(200, gateway.webhooks.status());
      case 'POST /tokens':
        return this.tokens(request);
      case 'GET /tokens':
        return json(200, gateway.grants.counts());
      case 'POST /clock':
        return this.moveClock(request);
      case 'GET /clock':
        return json(200, this.clock());
      case 'POST /consent':
        return this.consent(request);
      case 'GET /stats':
        return json(200, this.stats());
      case 'DELETE /stats':
        gateway.meter.clear();
        gateway.grants.rotations = 0;
        gateway.webhooks.counts = { sent: 0, failed: 0, dropped: 0 };
        return json(200, this.stats());
      case 'POST /limits':
        gateway.throttle.set(readControl(request, limitChange));
        gateway.changed();
        return json(200, gateway.throttle.limits);
      case 'GET /limits':
        return json(200, gateway.throttle.limits);
      case 'POST /switches':
        return this.switch(request);
      case 'GET /switches':
        return json(200, describeSwitches(SWITCHES, gateway.switches));
      case 'POST /key':
        gateway.keyIsActive = readControl(request, keyChange).active;
        return json(200, { active: gateway.keyIsActive });
      case 'POST /companies':
        return this.addCompany(request);
      case 'GET /companies':
        return json(200, { companies: [...gateway.files.values()].map(describe) });
      case 'POST /preferences':
        return this.setPreferences(request, second);
      case 'POST /login': {
        const { realm, user, password } = readControl(request, loginChange);
        this.file(realm).login = user === null ? undefined : { user, password };
        return json(200, { realm, login: user !== null });
      }
      case 'POST /busy': {
        const { realm, seconds } = readControl(request, busyTime);
        this.file(realm).busyUntil = gateway.clock.now() + seconds * SECOND;
        return json(200, { realm, seconds });
      }
      case 'POST /edit': {
        const { realm, id, members } = readControl(request, desktopEdit);
        const file = this.file(realm);
        return this.shown(edit(file, this.record(file, id), merged(this.record(file, id), members)), file);
      }
      case 'POST /remove': {
        const { realm, id } = readControl(request, target);
        const file = this.file(realm);
        const stored = this.record(file, id);
        remove(file, stored.rules, stored.layout, stored.uid, { origin: 'desktop' });
        return json(200, { removed: id, entity: pathOf(stored) });
      }
      case 'POST /freeze': {
        const { realm, changes } = readControl(request, freeze);
        this.file(realm).frozenChanges = changes;
        return json(200, { realm, changes });
      }
      case 'POST /backup': {
        const { realm } = readControl(request, ofFile);
        this.backups.set(realm, structuredClone(this.file(realm).snapshot()));
        return json(200, { realm });
      }
      case 'POST /restore':
        return this.restoreBackup(request);
      case 'POST /bulk':
        return this.importMany(request);
      case 'GET /dump':
        return this.dump(request, this.file(second));
      case 'POST /reset': {
        const { seed, empty } = readControl(request, reset);
        if (seed !== undefined) this.seed.value = seed;
        gateway.clear();
        this.backups.clear();
        seedFiles(gateway, this.seed.value, empty === true);
        gateway.changed();
        return json(200, { companies: [...gateway.files.values()].map(describe), seed: this.seed.value });
      }
      default:
        return json(404, { error: `There is no ${request.method} ${path}`, endpoints: ENDPOINTS });
    }
  }

  private async webhooks(request: Incoming, what: string): Promise<Answer> {
    const { webhooks } = this.gateway;
    switch (what) {
      case '':
        webhooks.settings = { ...webhooks.settings, ...readControl(request, webhookSettings) };
        this.gateway.changed();
        return json(200, webhooks.status());
      case 'flush':
        return json(200, await webhooks.flush());
      case 'forge': {
        const { realm, entity, id, operation } = readControl(request, forgery);
        const file = this.file(realm);
        const [subscription] = file.collection('Webhooks/Subscription').all();
        if (!subscription) throw new BadRequest('realm', `Nobody has subscribed to changes of ${realm}`);
        const body = webhooks.bodyOf(subscription.uid, {
          file: realm,
          topic: routeOf(entity)?.rules?.name ?? entity,
          resource: entity,
          uid: id,
          action: operation,
          rowVersion: file.find(id)?.rowVersion ?? '1',
          lastModified: this.gateway.clock.now(),
        });
        return json(200, { status: await webhooks.sendOnce(subscription.uid, body, {}, 'whsec_of_somebody_else') });
      }
      case 'send': {
        const { subscription, body, headers } = readControl(request, exactDelivery);
        return json(200, { status: await webhooks.sendOnce(subscription, body, headers) });
      }
      default:
        return json(404, { error: `There is no /webhooks/${what}` });
    }
  }

  private tokens(request: Incoming): Answer {
    const { grants } = this.gateway;
    const { action, realm, scopes, ...settings } = readControl(request, tokenAction);
    Object.assign(grants.settings, settings);
    switch (action) {
      case undefined:
        break;
      case 'expireAccess':
        grants.expireAccess(realm);
        break;
      case 'endGrace':
        grants.endGrace(realm);
        break;
      case 'rotate':
        grants.rotateNext(realm);
        break;
      case 'revoke':
        grants.revoke(realm);
        break;
      case 'hardExpire':
        grants.hardExpire(realm);
        break;
      case 'dropNextRefreshAnswer':
        grants.dropNextAnswer(realm);
        break;
      case 'setScopes':
        if (!scopes) throw new BadRequest('scopes', 'scopes says which scopes are left');
        grants.setScopes(realm, scopes);
        break;
    }
    this.gateway.changed();
    return json(200, grants.counts());
  }

  private clock(): object {
    const { clock } = this.gateway;
    return { now: new Date(clock.now()).toISOString(), epochMs: clock.now(), offsetMs: clock.offset };
  }

  private moveClock(request: Incoming): Answer {
    const { clock } = this.gateway;
    const move = readControl(request, clockMove);
    if ('reset' in move) clock.offset = 0;
    else if ('advanceMs' in move) clock.offset += move.advanceMs;
    else {
      const wanted = typeof move.now === 'number' ? move.now : readStamp(move.now.replace(/Z$/, ''));
      if (wanted === undefined) {
        throw new BadRequest('now', 'now has to be an ISO time or milliseconds since the epoch');
      }
      clock.offset += wanted - clock.now();
    }
    this.gateway.changed();
    return json(200, this.clock());
  }

  private consent(request: Incoming): Answer {
    const { mode, realm } = readControl(request, consentChange);
    if (realm !== undefined) this.file(realm);
    this.gateway.consent = { mode, realm };
    this.gateway.changed();
    return json(200, this.gateway.consent);
  }

  private stats(): object {
    const { meter, webhooks, grants } = this.gateway;
    const tokens = { ...meter.tokens, rotations: grants.rotations };
    return { realms: meter.all(), throttled: meter.throttled, tokens, webhooks: webhooks.counts };
  }

  private switch(request: Incoming): Answer {
    const { gateway } = this;
    const wrong = setSwitches(SWITCHES, gateway.switches, readControl(request, anyValues));
    if (wrong !== undefined) throw new BadRequest('switches', wrong);
    for (const file of gateway.files.values()) file.forgetTexts();
    gateway.changed();
    return json(200, describeSwitches(SWITCHES, gateway.switches));
  }

  private addCompany(request: Incoming): Answer {
    const { gateway } = this;
    const { flavour, realmId, name, empty } = readControl(request, companyRequest);
    const uid = (realmId ?? gateway.random.uuid()).toLowerCase();
    if (gateway.files.has(uid)) throw new BadRequest('realmId', `The company file ${uid} exists already`);
    const about = { name: name ?? 'New company', flavour, empty: empty === true, seed: this.seed.value };
    return json(200, describe(newFile(gateway, uid, about)));
  }

  private setPreferences(request: Incoming, realm: string): Answer {
    const file = this.file(realm);
    const stored = file.single('Company/Preferences');
    const members: Members = {};
    for (const [path, value] of Object.entries(readControl(request, anyValues))) {
      const [section = '', name = '', ...more] = path.split('.');
      const group = stored.rules.fields[section];
      const isKnown = group?.kind === 'group' && Object.hasOwn(group.fields, name) && more.length === 0;
      if (!isKnown) throw new BadRequest(path, 'A preference is named like System.LockPeriodPriorTo');
      const current = (members[section] ?? stored.members[section]) as Members;
      members[section] = { ...current, [name]: value };
    }
    return this.shown(edit(file, stored, members), file);
  }

  private restoreBackup(request: Incoming): Answer {
    const { realm } = readControl(request, ofFile);
    const backup = this.backups.get(realm);
    if (!backup) throw new BadRequest('realm', `There is no backup of ${realm}`);
    const file = this.file(realm);
    // Subscriptions are the gateway's own and no part of the file.
    const own = 'Webhooks/Subscription';
    const now = file.snapshot();
    const records = { ...backup.records, [own]: now.records[own] ?? [] };
    const deletions = { ...backup.deletions, [own]: now.deletions[own] ?? [] };
    file.restore(structuredClone({ ...backup, records, deletions }));
    return json(200, { realm });
  }

  private importMany(request: Incoming): Answer {
    const { realm, entity, objects } = readControl(request, bulk);
    const file = this.file(realm);
    const route = routeOf(entity);
    const rules = route?.rules;
    if (!route || !rules?.verbs.create || !route.onList.includes('POST')) {
      throw new BadRequest(
        'entity',
        `Records cannot be made at ${entity}; resources are ${[...resources.keys()].join(', ')}`,
      );
    }
    const created: string[] = [];
    const failed: object[] = [];
    file.atOneMoment(() => {
      for (const [index, body] of objects.entries()) {
        try {
          created.push(create({ file, rules, layout: route.layout, body, origin: 'api' }).uid);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          failed.push({ index, code: error.first.name, detail: error.message });
        }
      }
    });
    return json(200, { created, failed });
  }

  private shown(stored: Stored, file: CompanyFile): Answer {
    return jsonText(200, withAddresses(textOf(stored, file), '', false));
  }

  /** Written as text from the stored texts: a full file is large. */
  private dump(request: Incoming, file: CompanyFile): Answer {
    const address = `${request.base}/accountright/${file.uid}`;
    const byPath = new Map<string, string[]>();
    const deleted: object[] = [];
    for (const collection of file.all()) {
      if (collection.rules.layouts === undefined) byPath.set(collection.rules.name, []);
      for (const stored of collection.all()) {
        const texts = byPath.get(pathOf(stored));
        if (texts) texts.push(textOf(stored, file));
        else byPath.set(pathOf(stored), [textOf(stored, file)]);
      }
      for (const { uid, path, at } of collection.deletions) {
        deleted.push({ entity: path, id: uid, at: new Date(at).toISOString() });
      }
    }
    const entities = [...byPath].map(([path, texts]) => `"${path}":[${texts.join(',')}]`).join(',');
    const ledger = { trialBalance: file.trialBalance(), difference: file.ledger.difference.toString() };
    const body = `{"realmId":"${file.uid}","entities":{${entities}},"deleted":${JSON.stringify(deleted)},"ledger":${JSON.stringify(ledger)}}`;
    return jsonText(200, withAddresses(body, address, true));
  }

  private file(realm: string): CompanyFile {
    const file = this.gateway.files.get(realm.toLowerCase());
    if (!file) {
      const known = [...this.gateway.files.keys()].join(', ');
      throw new BadRequest('realm', `There is no company file ${realm}; there are ${known}`);
    }
    return file;
  }

  private record(file: CompanyFile, id: string): Stored {
    const stored = file.find(id);
    if (!stored) throw new BadRequest('id', `There is no record ${id}`);
    return stored;
  }
}

/** Groups are changed member by member, everything else as a whole. */
function merged(stored: Stored, members: Members): Members {
  const entries = Object.entries(members).map(([name, value]) => {
    const before = stored.members[name];
    const isGroup = isObject(value) && isObject(before) && !('UID' in value);
    return [name, isGroup ? { ...before, ...value } : value];
  });
  return Object.fromEntries(entries) as Members;
}

function describe(file: CompanyFile): object {
  return { realmId: file.uid, name: file.name, country: file.country, homeCurrency: file.currency };
}
