import { z } from 'zod';
import type { Answer } from '../answer.ts';
import { BadRequest, readControl as read } from '../control-request.ts';
import { faultRulesBody } from '../fault-rules.ts';
import type { Incoming } from '../incoming.ts';
import { describeSwitches, setSwitches } from '../switches.ts';
import { json } from './answer.ts';
import { readInstant } from './calendar.ts';
import type { Company } from './company.ts';
import { entities } from './entities/index.ts';
import { mergeObjects, MERGEABLE } from './merging.ts';
import { FAULT_KINDS } from './misbehaviour.ts';
import { newCompany, seedCompanies } from './seed/companies.ts';
import { SWITCHES } from './switches.ts';
import { CONNECTED_USER, type Vendor } from './vendor.ts';
import { VendorFault } from './vendor-fault.ts';
import { Work } from './work.ts';
import { makeVoid, save } from './writing.ts';

/** Endpoints below `/quickbooks/_control` with which tests and demos steer the sandbox. */

const ENDPOINTS = {
  'GET /': 'this list',
  'POST /faults': 'adds fault rules {rules:[{match, fault, when, ms, retryAfter, times, probability}]}',
  'GET /faults': 'the rules with how often each fired',
  'DELETE /faults': 'removes all rules',
  'POST /webhooks':
    'sets url, verifierToken, format, enabled, windowMs, duplicate, dropProbability, delayMs, reorder, omitData, mixRealms',
  'GET /webhooks': 'settings, queue length and the last 200 deliveries',
  'POST /webhooks/flush': 'sends what is queued and waits for it',
  'POST /webhooks/forge': 'sends {realm, entity, id, operation} with a wrong signature, answers {status}',
  'POST /webhooks/send': 'signs and sends {body, headers} exactly as given, answers {status}',
  'POST /tokens':
    '{action: expireAccess | revoke | rotate | hardExpire | dropNextRefreshAnswer, realm} and {rotation: daily | eachUse, graceHours: 0 | 24}',
  'GET /tokens': 'how many grants and tokens there are, never their values',
  'POST /clock': 'moves virtual time: {advanceMs} or {now} or {reset: true}',
  'GET /clock': 'virtual time',
  'POST /consent': '{mode: auto | page | deny, realm}: what the authorize page does',
  'GET /stats': 'calls by company and endpoint, token and webhook counts',
  'DELETE /stats': 'starts counting anew',
  'POST /limits':
    '{enabled, perMinute, perSecond, batchPerMinute, concurrent, body: xml | json, retryAfter, monthlyReadQuota}',
  'GET /limits': 'the limits',
  'POST /switches': '{name: value} for behaviour on which the vendor is uncertain',
  'GET /switches': 'every switch with value, default and meaning',
  'POST /companies': '{flavour: us | us-ast | uk, realmId, name, empty}: makes another company',
  'GET /companies': 'the companies',
  'POST /preferences/{realm}': '{path: value}, read-only preferences included',
  'POST /merge': '{realm, entity, winner, loser}: what only a person can do',
  'POST /void': '{realm, entity, id}: voids what the API cannot void',
  'POST /deposit': '{realm, payment}: puts a payment into a bank deposit',
  'POST /bulk': '{realm, entity, objects}: creates many objects by the same rules',
  'GET /dump/{realm}': 'everything in a company, inactive and deleted objects included',
  'POST /reset': '{seed, empty}: back to the seed data',
};

const faultRules = faultRulesBody(FAULT_KINDS);

const webhookSettings = z
  .strictObject({
    url: z.url().nullable(),
    verifierToken: z.string().min(1),
    format: z.enum(['legacy', 'cloudevents']),
    enabled: z.boolean(),
    windowMs: z.number().min(0),
    duplicate: z.int().min(0),
    dropProbability: z.number().min(0).max(1),
    delayMs: z.number().min(0),
    reorder: z.boolean(),
    omitData: z.boolean(),
    mixRealms: z.boolean(),
  })
  .partial();

const forgery = z.strictObject({
  realm: z.string(),
  entity: z.string(),
  id: z.string(),
  operation: z.enum(['Create', 'Update', 'Delete', 'Void', 'Merge', 'Emailed']),
});

const exactDelivery = z.strictObject({
  body: z.string(),
  headers: z.record(z.string(), z.string()).optional(),
});

const tokenAction = z.strictObject({
  action: z.enum(['expireAccess', 'revoke', 'rotate', 'hardExpire', 'dropNextRefreshAnswer']).optional(),
  realm: z.string().optional(),
  rotation: z.enum(['daily', 'eachUse']).optional(),
  graceHours: z.union([z.literal(0), z.literal(24)]).optional(),
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
    perMinute: z.int().min(1),
    perSecond: z.int().min(1),
    batchPerMinute: z.int().min(1),
    concurrent: z.int().min(1).nullable(),
    body: z.enum(['xml', 'json']),
    retryAfter: z.boolean(),
    monthlyReadQuota: z.int().min(0).nullable(),
  })
  .partial();

const companyRequest = z.strictObject({
  flavour: z.enum(['us', 'us-ast', 'uk']),
  realmId: z.string().regex(/^\d+$/).optional(),
  name: z.string().min(1).optional(),
  empty: z.boolean().optional(),
});

const merge = z.strictObject({
  realm: z.string(),
  entity: z.enum(MERGEABLE),
  winner: z.string(),
  loser: z.string(),
});

const target = z.strictObject({ realm: z.string(), entity: z.string(), id: z.string() });
const depositRequest = z.strictObject({ realm: z.string(), payment: z.string() });
const bulk = z.strictObject({
  realm: z.string(),
  entity: z.string(),
  objects: z.array(z.record(z.string(), z.unknown())),
});
const reset = z.strictObject({ seed: z.int().optional(), empty: z.boolean().optional() });
const anyValues = z.record(z.string(), z.unknown());

export class Control {
  private readonly vendor: Vendor;
  private readonly seed: { value: number };

  constructor(vendor: Vendor, seed: { value: number }) {
    this.vendor = vendor;
    this.seed = seed;
  }

  /** `path` is what follows `/_control`. */
  async answer(request: Incoming, path: string): Promise<Answer> {
    try {
      return await this.route(request, path.replace(/\/$/, '') || '/');
    } catch (error) {
      if (error instanceof BadRequest) return json(400, { error: error.message, field: error.field });
      if (error instanceof VendorFault) return json(400, { error: error.detail, code: error.code });
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
        vendor.misbehaviour.add(read(request, faultRules).rules);
        return json(200, { rules: vendor.misbehaviour.list() });
      case 'GET /faults':
        return json(200, { rules: vendor.misbehaviour.list() });
      case 'DELETE /faults':
        vendor.misbehaviour.clear();
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
      case 'POST /consent':
        return this.consent(request);
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
      case 'POST /switches':
        return this.switch(request);
      case 'GET /switches':
        return json(200, describeSwitches(SWITCHES, vendor.switches));
      case 'POST /companies':
        return this.addCompany(request);
      case 'GET /companies':
        return json(200, { companies: [...vendor.companies.values()].map(describe) });
      case 'POST /preferences':
        return this.setPreferences(request, second);
      case 'POST /merge': {
        const { realm, entity, winner, loser } = read(request, merge);
        mergeObjects(this.company(realm), entity, winner, loser, CONNECTED_USER);
        return json(200, { merged: true, winner, loser });
      }
      case 'POST /void':
        return this.voidByPerson(request);
      case 'POST /deposit':
        return this.deposit(request);
      case 'POST /bulk':
        return this.createMany(request);
      case 'GET /dump':
        return dump(this.company(second));
      case 'POST /reset': {
        const { seed, empty } = read(request, reset);
        this.reset(seed, empty === true);
        return json(200, { companies: [...vendor.companies.values()].map(describe), seed: this.seed.value });
      }
      default:
        return json(404, { error: `There is no ${request.method} ${path}`, endpoints: ENDPOINTS });
    }
  }

  /** Back to the seed data; nothing that was set before remains. */
  reset(seed: number | undefined, empty: boolean): void {
    const { vendor } = this;
    if (seed !== undefined) this.seed.value = seed;
    vendor.clear();
    seedCompanies(vendor, this.seed.value, empty);
    vendor.changed();
  }

  private async webhooks(request: Incoming, what: string): Promise<Answer> {
    const { webhooks } = this.vendor;
    switch (what) {
      case '':
        webhooks.settings = { ...webhooks.settings, ...read(request, webhookSettings) };
        this.vendor.changed();
        return json(200, webhooks.status());
      case 'flush':
        return json(200, await webhooks.flush());
      case 'forge': {
        const { realm, entity, id, operation } = read(request, forgery);
        const body = webhooks.bodyOf([{ realm, entity, id, operation, at: this.vendor.clock.now() }]);
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
    const { action, realm, rotation, graceHours } = read(request, tokenAction);
    grants.settings = {
      rotation: rotation ?? grants.settings.rotation,
      graceHours: graceHours ?? grants.settings.graceHours,
    };
    if (action === 'expireAccess') grants.expireAccess(realm);
    if (action === 'revoke') grants.disconnect(realm);
    if (action === 'rotate') grants.rotateNext(realm);
    if (action === 'hardExpire') grants.hardExpire(realm);
    if (action === 'dropNextRefreshAnswer') grants.dropNextAnswer(realm);
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

  private consent(request: Incoming): Answer {
    const { mode, realm } = read(request, consentChange);
    if (realm !== undefined) this.company(realm);
    this.vendor.consent = { mode, realm };
    this.vendor.changed();
    return json(200, this.vendor.consent);
  }

  private stats(): object {
    const { meter, webhooks } = this.vendor;
    return { realms: meter.all(), tokens: meter.tokens, webhooks: webhooks.counts };
  }

  private switch(request: Incoming): Answer {
    const { vendor } = this;
    const problem = setSwitches(SWITCHES, vendor.switches, read(request, anyValues));
    if (problem !== undefined) throw new BadRequest('switches', problem);
    vendor.changed();
    return json(200, describeSwitches(SWITCHES, vendor.switches));
  }

  private addCompany(request: Incoming): Answer {
    const { vendor } = this;
    const { flavour, realmId, name, empty } = read(request, companyRequest);
    if (realmId !== undefined && vendor.companies.has(realmId)) {
      throw new BadRequest('realmId', `The company ${realmId} exists already`);
    }
    let id = realmId;
    for (let next = 9_341_450_000_000_101n; id === undefined; next++) {
      if (!vendor.companies.has(String(next))) id = String(next);
    }
    const company = newCompany(vendor, id, flavour, { name, empty: empty === true, seed: this.seed.value });
    return json(200, describe(company));
  }

  private setPreferences(request: Incoming, realm: string): Answer {
    const company = this.company(realm);
    const work = new Work(company, CONNECTED_USER);
    const { object } = work.edit('Preferences', '1');
    for (const [path, value] of Object.entries(read(request, anyValues))) {
      const [section, name, ...more] = path.split('.');
      const field = section === undefined ? undefined : entities.get('Preferences')?.fields[section];
      const known =
        field?.kind === 'group' && name !== undefined && Object.hasOwn(field.fields, name) && more.length === 0;
      if (!known || section === undefined) {
        throw new BadRequest(path, 'A preference is named like AccountingInfoPrefs.BookCloseDate');
      }
      object[section] = { ...(object[section] as object), [name]: value ?? undefined };
    }
    work.commit();
    return json(200, company.object('Preferences', '1'));
  }

  private voidByPerson(request: Incoming): Answer {
    const { realm, entity, id } = read(request, target);
    const company = this.company(realm);
    const rules = ruleOf(entity);
    const SyncToken = company.object(entity, id)?.SyncToken;
    makeVoid({ company, rules, body: { Id: id, SyncToken }, user: CONNECTED_USER });
    return json(200, company.object(entity, id));
  }

  private deposit(request: Incoming): Answer {
    const { realm, payment } = read(request, depositRequest);
    const company = this.company(realm);
    const bank = company.accountOfSubtype('Checking');
    const stored = save({
      company,
      rules: ruleOf('Deposit'),
      body: {
        DepositToAccountRef: { value: bank?.Id },
        Line: [{ DetailType: 'DepositLineDetail', LinkedTxn: [{ TxnId: payment, TxnType: 'Payment' }] }],
      },
      user: CONNECTED_USER,
    });
    return json(200, stored.object);
  }

  private createMany(request: Incoming): Answer {
    const { realm, entity, objects } = read(request, bulk);
    const company = this.company(realm);
    const rules = ruleOf(entity);
    const created: string[] = [];
    const failed: object[] = [];
    objects.forEach((body, index) => {
      try {
        created.push(save({ company, rules, body, user: CONNECTED_USER }).object.Id);
      } catch (error) {
        if (!(error instanceof VendorFault)) throw error;
        failed.push({ index, code: error.code, detail: error.detail });
      }
    });
    return json(200, { created, failed });
  }

  private company(realm: string): Company {
    const company = this.vendor.companies.get(realm);
    if (!company) {
      throw new BadRequest(
        'realm',
        `There is no company ${realm}; there are ${[...this.vendor.companies.keys()].join(', ')}`,
      );
    }
    return company;
  }
}

function ruleOf(entity: string) {
  const rules = entities.get(entity);
  if (!rules)
    throw new BadRequest('entity', `There is no entity ${entity}; there are ${[...entities.keys()].join(', ')}`);
  return rules;
}

function describe(company: Company): object {
  return {
    realmId: company.realmId,
    flavour: company.flavour,
    name: company.object('CompanyInfo', '1')?.CompanyName,
    homeCurrency: company.homeCurrency,
  };
}

/** Written as text from the stored texts: a full company is large. */
function dump(company: Company): Answer {
  const deleted: object[] = [];
  const parts: string[] = [];
  for (const collection of company.all()) {
    const { name } = collection.rules;
    const objects = [...collection.all()].map((stored) => company.textOf(stored));
    parts.push(`"${name}":[${objects.join(',')}]`);
    for (const { id, at } of collection.deletions) deleted.push({ entity: name, id, at: new Date(at).toISOString() });
  }
  const body = `{"realmId":"${company.realmId}","entities":{${parts.join(',')}},"deleted":${JSON.stringify(deleted)}}`;
  return { ...json(200, {}), body };
}
