import { z } from 'zod';
import type { Answer } from '../answer.ts';
import { BadRequest, readControl as read } from '../control-request.ts';
import { faultRulesBody } from '../fault-rules.ts';
import type { Incoming } from '../incoming.ts';
import { describeSwitches, setSwitches } from '../switches.ts';
import { json } from './answer.ts';
import { isDay, readInstant } from './calendar.ts';
import { FAULT_KINDS } from './misbehaviour.ts';
import { mergeContacts } from './merging.ts';
import { PEOPLE } from './oauth/people.ts';
import type { Organisation } from './organisation.ts';
import { ElementRefused, RequestRefused } from './refusals.ts';
import { membersOf } from './rendering.ts';
import { resources } from './resources/index.ts';
import { organisationShape } from './resources/settings.ts';
import type { ResourceRules } from './rules.ts';
import { newOrganisation, seedOrganisations } from './seed/organisations.ts';
import { isGuid, type View } from './shape.ts';
import { SWITCHES } from './switches.ts';
import { TIERS } from './throttle.ts';
import type { Vendor } from './vendor.ts';
import { CATEGORIES } from './webhooks.ts';
import { save } from './writing.ts';

/** Endpoints below `/xero/_control` with which tests and demos steer the sandbox. A realm is a tenant id. */

const ENDPOINTS = {
  'GET /': 'this list',
  'POST /faults': 'adds fault rules {rules:[{match, fault, when, ms, retryAfter, times, probability}]}',
  'GET /faults': 'the rules with how often each fired',
  'DELETE /faults': 'removes all rules',
  'POST /webhooks':
    'sets url, verifierToken, enabled, intent, categories, windowMs, duplicate, dropProbability, delayMs, reorder, mixRealms; a new url or key asks for the intent to receive',
  'GET /webhooks': 'settings, state of the subscription, queue length and the last 200 deliveries',
  'POST /webhooks/validate': 'asks for the intent to receive again, and replays what waits',
  'POST /webhooks/flush': 'sends what is queued and waits for it',
  'POST /webhooks/forge': 'sends {realm, entity, id, operation} with a wrong signature, answers {status}',
  'POST /webhooks/send': 'signs and sends {body, headers} exactly as given, answers {status}',
  'POST /tokens': '{action: expireAccess | revoke | revokeAll | hardExpire | endGrace | dropNextRefreshAnswer, realm}',
  'GET /tokens': 'how many grants, tokens and connections there are, never their values',
  'POST /clock': 'moves virtual time: {advanceMs} or {now} or {reset: true}',
  'GET /clock': 'virtual time',
  'POST /consent': '{mode: auto | page | deny, realm, person}: what the authorize page does, and who is signed in',
  'GET /stats': 'calls and bytes by organisation and endpoint, token and webhook counts',
  'DELETE /stats': 'starts counting anew',
  'POST /limits': '{enabled, concurrent, perMinute, perDay, appPerMinute, tier, rapidSync}',
  'GET /limits': 'the limits',
  'POST /switches': '{name: value} for behaviour on which the vendor is uncertain',
  'GET /switches': 'every switch with value, default and meaning',
  'POST /companies': '{flavour: nz | us | uk, realmId, name, empty}: makes another organisation',
  'GET /companies': 'the organisations',
  'POST /preferences/{realm}': '{field: value} of the organisation, lock dates and plan included; null unsets',
  'POST /merge': '{realm, entity: Contacts, winner, loser}: what only a person can do',
  'POST /restore': '{realm, entity: Contacts | Accounts, id}: a person brings back what was archived',
  'POST /reconcile':
    '{realm, entity: Payments | BankTransactions | BatchPayments, id}: a person matches it with the bank',
  'POST /bulk': '{realm, entity, objects}: makes or changes many objects by the same rules, as a person does',
  'GET /dump/{realm}': 'everything in an organisation, archived and deleted objects included',
  'POST /reset': '{seed, empty}: back to the seed data',
};

const faultRules = faultRulesBody(FAULT_KINDS);

const webhookSettings = z
  .strictObject({
    url: z.url().nullable(),
    verifierToken: z.string().min(1),
    enabled: z.boolean(),
    intent: z.boolean(),
    categories: z.array(z.enum(CATEGORIES)),
    windowMs: z.number().min(0),
    duplicate: z.int().min(0),
    dropProbability: z.number().min(0).max(1),
    delayMs: z.number().min(0),
    reorder: z.boolean(),
    mixRealms: z.boolean(),
  })
  .partial();

const forgery = z.strictObject({
  realm: z.string(),
  entity: z.string(),
  id: z.string(),
  operation: z.enum(['Create', 'Update']),
});

const exactDelivery = z.strictObject({
  body: z.string(),
  headers: z.record(z.string(), z.string()).optional(),
});

const tokenAction = z.strictObject({
  action: z.enum(['expireAccess', 'revoke', 'revokeAll', 'hardExpire', 'endGrace', 'dropNextRefreshAnswer']),
  realm: z.string().optional(),
});

const clockMove = z.union([
  z.strictObject({ advanceMs: z.number() }),
  z.strictObject({ now: z.union([z.number(), z.string()]) }),
  z.strictObject({ reset: z.literal(true) }),
]);

const consentChange = z.strictObject({
  mode: z.enum(['auto', 'page', 'deny']),
  realm: z.string().optional(),
  person: z.enum(PEOPLE.map(({ email }) => email)).optional(),
});

const limitChange = z
  .strictObject({
    enabled: z.boolean(),
    concurrent: z.int().min(1),
    perMinute: z.int().min(1),
    perDay: z.int().min(1).nullable(),
    appPerMinute: z.int().min(1),
    tier: z.enum(TIERS),
    rapidSync: z.boolean(),
  })
  .partial();

const companyRequest = z.strictObject({
  flavour: z.enum(['nz', 'us', 'uk']),
  realmId: z.string().refine(isGuid, 'has to be a GUID').optional(),
  name: z.string().min(1).optional(),
  empty: z.boolean().optional(),
});

const merge = z.strictObject({
  realm: z.string(),
  entity: z.literal('Contacts'),
  winner: z.string(),
  loser: z.string(),
});
const restoring = z.strictObject({ realm: z.string(), entity: z.enum(['Contacts', 'Accounts']), id: z.string() });
const reconciling = z.strictObject({
  realm: z.string(),
  entity: z.enum(['Payments', 'BankTransactions', 'BatchPayments']),
  id: z.string(),
});
const bulk = z.strictObject({
  realm: z.string(),
  entity: z.string(),
  objects: z.array(z.record(z.string(), z.unknown())),
});
const reset = z.strictObject({ seed: z.int().optional(), empty: z.boolean().optional() });
const anyValues = z.record(z.string(), z.unknown());

export class Control {
  private readonly vendor: Vendor;
  private seed: number;

  constructor(vendor: Vendor, seed: number) {
    this.vendor = vendor;
    this.seed = seed;
  }

  /** `path` is what follows `/_control`. */
  async answer(request: Incoming, path: string): Promise<Answer> {
    try {
      return await this.route(request, path.replace(/\/$/, '') || '/');
    } catch (error) {
      if (error instanceof BadRequest) return json(400, { error: error.message, field: error.field });
      if (error instanceof ElementRefused || error instanceof RequestRefused)
        return json(400, { error: error.message });
      throw error;
    }
  }

  private async route(request: Incoming, path: string): Promise<Answer> {
    const { vendor } = this;
    const [, first = '', second = ''] = path.split('/');
    switch (`${request.method} /${first}`) {
      case 'GET /':
        return json(200, { endpoints: ENDPOINTS, faults: FAULT_KINDS });
      case 'POST /faults':
        vendor.faults.add(read(request, faultRules).rules);
        return json(200, { rules: vendor.faults.list() });
      case 'GET /faults':
        return json(200, { rules: vendor.faults.list() });
      case 'DELETE /faults':
        vendor.faults.clear();
        return json(200, { rules: [] });
      case 'POST /webhooks':
        return this.webhooks(request, second);
      case 'GET /webhooks':
        return json(200, vendor.webhooks.status());
      case 'POST /tokens':
        return this.tokens(request);
      case 'GET /tokens':
        return json(200, vendor.grants.counts());
      case 'POST /clock':
        return this.moveClock(request);
      case 'GET /clock':
        return json(200, this.clock());
      case 'POST /consent': {
        const { mode, realm, person } = read(request, consentChange);
        if (realm !== undefined) this.organisation(realm);
        vendor.consent = { mode, realm, person };
        vendor.changed();
        return json(200, vendor.consent);
      }
      case 'GET /stats':
        return json(200, this.stats());
      case 'DELETE /stats':
        vendor.meter.clear();
        vendor.webhooks.counts = { sent: 0, failed: 0 };
        return json(200, this.stats());
      case 'POST /limits':
        vendor.throttle.set(read(request, limitChange));
        vendor.changed();
        return json(200, vendor.throttle.limits);
      case 'GET /limits':
        return json(200, vendor.throttle.limits);
      case 'POST /switches': {
        const problem = setSwitches(SWITCHES, vendor.switches, read(request, anyValues));
        if (problem !== undefined) throw new BadRequest('switches', problem);
        vendor.changed();
        return json(200, describeSwitches(SWITCHES, vendor.switches));
      }
      case 'GET /switches':
        return json(200, describeSwitches(SWITCHES, vendor.switches));
      case 'POST /companies':
        return this.addCompany(request);
      case 'GET /companies':
        return json(200, { companies: [...vendor.organisations.values()].map(describe) });
      case 'POST /preferences':
        return this.setPreferences(request, second);
      case 'POST /merge': {
        const { realm, winner, loser } = read(request, merge);
        mergeContacts(this.organisation(realm), winner, loser);
        return json(200, { merged: true, winner, loser });
      }
      case 'POST /restore':
        return this.restore(request);
      case 'POST /reconcile': {
        const { realm, entity, id } = read(request, reconciling);
        return this.change(realm, entity, id, { IsReconciled: true });
      }
      case 'POST /bulk':
        return this.writeMany(request);
      case 'GET /dump':
        return dump(this.organisation(second));
      case 'POST /reset': {
        const { seed, empty } = read(request, reset);
        if (seed !== undefined) this.seed = seed;
        vendor.clear();
        seedOrganisations(vendor, this.seed, empty === true);
        vendor.changed();
        return json(200, { companies: [...vendor.organisations.values()].map(describe), seed: this.seed });
      }
      default:
        return json(404, { error: `There is no ${request.method} ${path}`, endpoints: ENDPOINTS });
    }
  }

  private async webhooks(request: Incoming, what: string): Promise<Answer> {
    const { webhooks } = this.vendor;
    switch (what) {
      case '':
        await webhooks.set(read(request, webhookSettings));
        this.vendor.changed();
        return json(200, webhooks.status());
      case 'validate':
        await webhooks.validate();
        this.vendor.changed();
        return json(200, webhooks.status());
      case 'flush':
        return json(200, await webhooks.flush());
      case 'forge': {
        const { realm, entity, id, operation } = read(request, forgery);
        const type = operation === 'Create' ? 'CREATE' : 'UPDATE';
        const body = webhooks.bodyFor([{ realm, resource: entity, id, type, at: this.vendor.clock.now() }]);
        const status = await webhooks.sendOnce(body, {}, `not ${webhooks.settings.verifierToken}`);
        return json(200, { status });
      }
      case 'send': {
        const { body, headers } = read(request, exactDelivery);
        return json(200, { status: await webhooks.sendOnce(body, headers) });
      }
      default:
        return json(404, { error: `There is no /webhooks/${what}` });
    }
  }

  private tokens(request: Incoming): Answer {
    const { grants } = this.vendor;
    const { action, realm } = read(request, tokenAction);
    if (realm !== undefined) this.organisation(realm);
    switch (action) {
      case 'expireAccess':
        grants.expireAccess(realm);
        break;
      case 'revoke':
        grants.disconnectTenant(realm);
        break;
      case 'revokeAll':
        grants.revokeAll(realm);
        break;
      case 'hardExpire':
        grants.expireRefresh(realm);
        break;
      case 'endGrace':
        grants.endGrace(realm);
        break;
      case 'dropNextRefreshAnswer':
        grants.dropNextAnswer(realm);
    }
    this.vendor.changed();
    return json(200, grants.counts());
  }

  private clock(): object {
    const { clock } = this.vendor;
    return { now: new Date(clock.now()).toISOString(), epochMs: clock.now(), offsetMs: clock.offset };
  }

  private moveClock(request: Incoming): Answer {
    const { clock } = this.vendor;
    const move = read(request, clockMove);
    if ('reset' in move) clock.offset = 0;
    else if ('advanceMs' in move) clock.offset += move.advanceMs;
    else {
      const wanted = typeof move.now === 'number' ? move.now : readInstant(move.now);
      if (wanted === undefined)
        throw new BadRequest('now', 'now has to be an ISO time or milliseconds since the epoch');
      clock.offset += wanted - clock.now();
    }
    this.vendor.changed();
    return json(200, this.clock());
  }

  private stats(): object {
    const { meter, webhooks } = this.vendor;
    return { realms: meter.all(), tokens: meter.tokens, webhooks: webhooks.counts };
  }

  private addCompany(request: Incoming): Answer {
    const { vendor } = this;
    const { flavour, realmId, name, empty } = read(request, companyRequest);
    if (realmId !== undefined && vendor.organisations.has(realmId)) {
      throw new BadRequest('realmId', `The organisation ${realmId} exists already`);
    }
    const id = realmId ?? vendor.random.uuid();
    return json(200, describe(newOrganisation(vendor, id, flavour, { name, empty: empty === true, seed: this.seed })));
  }

  private setPreferences(request: Incoming, realm: string): Answer {
    const organisation = this.organisation(realm);
    const wanted = read(request, anyValues);
    for (const [name, value] of Object.entries(wanted)) {
      const isOwn = name === 'multiCurrency' && typeof value === 'boolean';
      if (!isOwn && !Object.hasOwn(organisationShape, name)) {
        const allowed = ['multiCurrency', ...Object.keys(organisationShape)].join(', ');
        throw new BadRequest(name, `${name}: allowed are ${allowed}`);
      }
      const isLock = name === 'PeriodLockDate' || name === 'EndOfYearLockDate';
      if (isLock && value !== null && !(typeof value === 'string' && isDay(value))) {
        throw new BadRequest(name, `${name} has to be a day such as 2026-03-31`);
      }
    }
    for (const [name, value] of Object.entries(wanted)) {
      if (value === null) delete organisation.settings[name];
      else organisation.settings[name] = value;
    }
    this.vendor.changed();
    return json(200, organisation.settings);
  }

  private restore(request: Incoming): Answer {
    const { realm, entity, id } = read(request, restoring);
    return this.change(realm, entity, id, { [entity === 'Contacts' ? 'ContactStatus' : 'Status']: 'ACTIVE' });
  }

  private change(realm: string, entity: string, id: string, changes: Record<string, unknown>): Answer {
    const organisation = this.organisation(realm);
    if (!organisation.find(entity, id)) throw new BadRequest('id', `There is no ${entity} ${id}`);
    return json(200, organisation.transaction(() => organisation.patch(entity, id, changes)).fields);
  }

  private writeMany(request: Incoming): Answer {
    const { realm, entity, objects } = read(request, bulk);
    const organisation = this.organisation(realm);
    const rules = ruleOf(entity);
    const created: string[] = [];
    const failed: object[] = [];
    objects.forEach((element, index) => {
      try {
        created.push(save({ organisation, rules, verb: 'POST', byApp: false }, element).id);
      } catch (error) {
        if (!(error instanceof ElementRefused)) throw error;
        failed.push({ index, detail: error.message });
      }
    });
    return json(200, { created, failed });
  }

  private organisation(realm: string): Organisation {
    const organisation = this.vendor.organisations.get(realm);
    if (!organisation) {
      const known = [...this.vendor.organisations.keys()].join(', ');
      throw new BadRequest('realm', `There is no organisation ${realm}; there are ${known}`);
    }
    return organisation;
  }
}

function ruleOf(entity: string): ResourceRules {
  const rules = resources.get(entity);
  if (!rules)
    throw new BadRequest('entity', `There is no entity ${entity}; there are ${[...resources.keys()].join(', ')}`);
  return rules;
}

function describe({ tenantId, flavour, settings }: Organisation): object {
  return { realmId: tenantId, flavour, name: settings.Name, homeCurrency: settings.BaseCurrency };
}

function dump(organisation: Organisation): Answer {
  const view: View = { organisation, level: 'single', unitDecimals: 4, summary: false, written: false };
  const parts = [...organisation.all()].map((collection) => {
    const objects = [...collection.all()].map(({ rules, fields }) => `{${membersOf(rules.shape, fields, view)}}`);
    return `"${collection.rules.name}":[${objects.join(',')}]`;
  });
  const body = `{"realmId":"${organisation.tenantId}","entities":{${parts.join(',')}}}`;
  return { ...json(200, {}), body };
}
