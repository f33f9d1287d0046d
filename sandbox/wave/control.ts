import { coerceInputValue, type GraphQLInputType, type GraphQLSchema } from 'graphql';
import { z } from 'zod';
import { Decimal } from '../amounts.ts';
import type { Answer } from '../answer.ts';
import { BadRequest, readControl } from '../control-request.ts';
import { faultRulesBody } from '../fault-rules.ts';
import type { Incoming } from '../incoming.ts';
import { describeSwitches, setSwitches } from '../switches.ts';
import { json } from './answer.ts';
import type { Business } from './business.ts';
import { readInstant } from './calendar.ts';
import { MUTATIONS } from './graphql/mutations.ts';
import { rejectEstimate, acceptEstimate, viewEstimate } from './objects/estimates.ts';
import { addPayment } from './objects/invoice-payments.ts';
import { amountDue } from './objects/invoice-status.ts';
import { viewInvoice } from './objects/invoices.ts';
import { createVendor, patchVendor, type PartyInput } from './objects/parties.ts';
import { FAULT_KINDS } from './misbehaviour.ts';
import { Problems } from './problems.ts';
import { newBusiness, seedBusinesses } from './seed/businesses.ts';
import { SWITCHES } from './switches.ts';
import type { Vendor } from './vendor.ts';
import { WEBHOOK_EVENTS } from './webhook-events.ts';

/** Endpoints below `/wave/_control` with which tests and demos steer the sandbox. `realm` is the id or uuid of a business. */

const ENDPOINTS = {
  'GET /': 'this list',
  'POST /faults': 'adds fault rules {rules:[{match, fault, when, ms, retryAfter, times, probability}]}',
  'GET /faults': 'the rules with how often each fired',
  'DELETE /faults': 'removes all rules',
  'POST /webhooks': 'sets url, verifierToken, events, enabled, duplicate, dropProbability, delayMs, reorder',
  'GET /webhooks': 'settings, queue length and the last 200 deliveries',
  'POST /webhooks/flush': 'sends what is queued and waits for it',
  'POST /webhooks/forge': 'sends {realm, id, event} with a wrong signature, answers {status}',
  'POST /webhooks/send': 'signs and sends {body, headers} exactly as given, answers {status}',
  'POST /tokens': '{action: expireAccess | revoke | dropNextRefreshAnswer, realm}',
  'POST /tokens/full-access': 'makes a full-access token, answers {access_token}',
  'GET /tokens': 'how many grants and tokens there are, never their values',
  'POST /clock': 'moves virtual time: {advanceMs} or {now} or {reset: true}',
  'GET /clock': 'virtual time',
  'POST /consent': '{mode: auto | page | deny, realm, realms}: what the authorize page does, and for which businesses',
  'GET /stats': 'calls by business and field, token and webhook counts',
  'DELETE /stats': 'starts counting anew',
  'POST /limits': '{enabled, concurrent, perMinute, retryAfter, body: graphql | html}',
  'GET /limits': 'the limits',
  'POST /switches': '{name: value} for behaviour on which the vendor is uncertain',
  'GET /switches': 'every switch with value, default and meaning',
  'POST /companies': '{flavour: us | ca, uuid, name, empty}: makes another business',
  'GET /companies': 'the businesses',
  'POST /business/{realm}':
    '{plan, termsDays, name, timezone, isPersonal, isClassicAccounting, isClassicInvoicing, isArchived, emailSendEnabled}',
  'POST /vendors': '{realm, vendor} makes one, {realm, id, vendor} changes it: what only a person can do',
  'POST /view': '{realm, id}: the customer opens an invoice or estimate',
  'POST /decide': '{realm, id, decision: accept | reject}: the customer answers an estimate',
  'POST /card-payment': '{realm, id, amount}: the customer pays an invoice by card through the vendor',
  'GET /outbox/{realm}': 'mails that would have been sent',
  'POST /bulk': '{realm, entity, objects}: creates many objects by the same rules',
  'GET /dump/{realm}': 'everything in a business, money transactions and archived rows included, and what was deleted',
  'POST /reset': '{seed, empty}: back to the seed data',
};

const webhookSettings = z
  .strictObject({
    url: z.url().nullable(),
    verifierToken: z.string().min(1),
    events: z.array(z.enum(WEBHOOK_EVENTS)),
    enabled: z.boolean(),
    duplicate: z.int().min(0),
    dropProbability: z.number().min(0).max(1),
    delayMs: z.number().min(0),
    reorder: z.boolean(),
  })
  .partial();

const forgery = z.strictObject({ realm: z.string(), id: z.string(), event: z.enum(WEBHOOK_EVENTS) });
const exactDelivery = z.strictObject({ body: z.string(), headers: z.record(z.string(), z.string()).optional() });
const tokenAction = z.strictObject({
  action: z.enum(['expireAccess', 'revoke', 'dropNextRefreshAnswer']),
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
  realms: z.array(z.string()).min(1).optional(),
});
const limitChange = z
  .strictObject({
    enabled: z.boolean(),
    concurrent: z.int().min(1).nullable(),
    perMinute: z.int().min(1).nullable(),
    retryAfter: z.boolean(),
    body: z.enum(['graphql', 'html']),
  })
  .partial();
const companyRequest = z.strictObject({
  flavour: z.enum(['us', 'ca']),
  uuid: z.uuid().optional(),
  name: z.string().min(1).optional(),
  empty: z.boolean().optional(),
});
const businessChange = z
  .strictObject({
    name: z.string().min(1),
    plan: z.enum(['starter', 'pro', 'advisor']),
    termsDays: z.int().min(0),
    timezone: z.string().refine(isTimezone, 'has to be a time zone such as America/Toronto'),
    isPersonal: z.boolean(),
    isClassicAccounting: z.boolean(),
    isClassicInvoicing: z.boolean(),
    isArchived: z.boolean(),
    emailSendEnabled: z.boolean(),
  })
  .partial();
const vendorRequest = z.strictObject({
  realm: z.string(),
  id: z.string().optional(),
  vendor: z.record(z.string(), z.unknown()),
});
const target = z.strictObject({ realm: z.string(), id: z.string() });
const decision = z.strictObject({ realm: z.string(), id: z.string(), decision: z.enum(['accept', 'reject']) });
const cardPayment = z.strictObject({
  realm: z.string(),
  id: z.string(),
  amount: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .optional(),
});
const bulk = z.strictObject({
  realm: z.string(),
  entity: z.string(),
  objects: z.array(z.record(z.string(), z.unknown())),
});
const reset = z.strictObject({ seed: z.int().optional(), empty: z.boolean().optional() });
const anyValues = z.record(z.string(), z.unknown());

/** The mutation by whose rules each kind of object is made. */
const CREATORS: Readonly<Record<string, string>> = {
  Account: 'accountCreate',
  Customer: 'customerCreate',
  Product: 'productCreate',
  SalesTax: 'salesTaxCreate',
  Invoice: 'invoiceCreate',
  InvoicePayment: 'invoicePaymentCreateManual',
  Estimate: 'estimateCreate',
  EstimatePayment: 'estimateDepositPaymentCreateManual',
  Transaction: 'moneyTransactionCreate',
};

export class Control {
  private readonly vendor: Vendor;
  private readonly schema: GraphQLSchema;
  private readonly seed: { value: number };

  constructor(vendor: Vendor, schema: GraphQLSchema, seed: { value: number }) {
    this.vendor = vendor;
    this.schema = schema;
    this.seed = seed;
  }

  /** `path` is what follows `/_control`. */
  async answer(request: Incoming, path: string): Promise<Answer> {
    try {
      return await this.route(request, path.replace(/\/$/, '') || '/');
    } catch (error) {
      if (error instanceof BadRequest) return json(400, { error: error.message, field: error.field });
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
        vendor.faults.add(readControl(request, faultRulesBody(FAULT_KINDS)).rules);
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
        return this.tokens(request, second);
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
        vendor.webhooks.counts = { sent: 0, failed: 0, skipped: 0 };
        return json(200, this.stats());
      case 'POST /limits':
        vendor.throttle.set(readControl(request, limitChange));
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
        return json(200, { companies: [...vendor.businesses.values()].map(describe) });
      case 'POST /business': {
        const business = this.business(second);
        business.changeSettings(readControl(request, businessChange));
        return json(200, describe(business));
      }
      case 'POST /vendors':
        return this.saveVendor(request);
      case 'POST /view':
        return this.view(request);
      case 'POST /decide':
        return this.decide(request);
      case 'POST /card-payment':
        return this.payByCard(request);
      case 'GET /outbox':
        return json(200, { mails: this.business(second).outbox });
      case 'POST /bulk':
        return this.createMany(request);
      case 'GET /dump':
        return json(200, dump(this.business(second)));
      case 'POST /reset': {
        const { seed, empty } = readControl(request, reset);
        this.reset(seed, empty === true);
        return json(200, { companies: [...vendor.businesses.values()].map(describe), seed: this.seed.value });
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
    seedBusinesses(vendor, this.seed.value, empty);
    vendor.changed();
  }

  private async webhooks(request: Incoming, what: string): Promise<Answer> {
    const { webhooks } = this.vendor;
    switch (what) {
      case '':
        webhooks.settings = { ...webhooks.settings, ...readControl(request, webhookSettings) };
        this.vendor.changed();
        return json(200, webhooks.status());
      case 'flush':
        return json(200, await webhooks.flush());
      case 'forge': {
        const { realm, id, event } = readControl(request, forgery);
        const body = this.forgedBody(this.business(realm), id, event);
        return json(200, { status: await webhooks.sendOnce(body, {}, `not ${webhooks.settings.verifierToken}`) });
      }
      case 'send': {
        const { body, headers } = readControl(request, exactDelivery);
        return json(200, { status: await webhooks.sendOnce(body, headers) });
      }
      default:
        return json(404, { error: `There is no /webhooks/${what}` });
    }
  }

  private forgedBody(business: Business, id: string, type: (typeof WEBHOOK_EVENTS)[number]): string {
    const form = business.invoices.get(id) ?? business.estimates.get(id);
    return this.vendor.webhooks.bodyOf({
      type,
      businessId: business.id,
      id,
      customerId: form?.customerId ?? '',
      currency: form?.currency ?? business.settings.currency,
      total: form?.total ?? '0',
      amountPaid: form?.amountPaid ?? '0',
      amountDue: form ? amountDue(form).toFixed() : '0',
      dueDate: form?.dueDate ?? business.today(),
      at: this.vendor.clock.now(),
    });
  }

  private tokens(request: Incoming, what: string): Answer {
    const { grants } = this.vendor;
    if (what === 'full-access') {
      const { accessToken } = grants.issueFullAccess();
      this.vendor.changed();
      return json(200, { access_token: accessToken });
    }
    if (what !== '') return json(404, { error: `There is no /tokens/${what}` });
    const { action, realm } = readControl(request, tokenAction);
    const business = realm === undefined ? undefined : this.business(realm).id;
    if (action === 'expireAccess') grants.expireAccess(business);
    if (action === 'revoke') grants.end(business);
    if (action === 'dropNextRefreshAnswer') grants.dropNextAnswer(business);
    this.vendor.changed();
    return json(200, grants.counts());
  }

  private clock(): object {
    const { clock } = this.vendor;
    return { now: new Date(clock.now()).toISOString(), epochMs: clock.now(), offsetMs: clock.offset };
  }

  private moveClock(request: Incoming): Answer {
    const { clock } = this.vendor;
    const move = readControl(request, clockMove);
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
    const { mode, realm, realms } = readControl(request, consentChange);
    const named = realms ?? (realm === undefined ? undefined : [realm]);
    this.vendor.consent = { mode, realms: named?.map((name) => this.business(name).id) };
    this.vendor.changed();
    return json(200, this.vendor.consent);
  }

  private stats(): object {
    const { meter, webhooks } = this.vendor;
    return { realms: meter.all(), tokens: meter.tokens, webhooks: webhooks.counts };
  }

  private switch(request: Incoming): Answer {
    const { switches } = this.vendor;
    const problem = setSwitches(SWITCHES, switches, readControl(request, anyValues));
    if (problem !== undefined) throw new BadRequest('switches', problem);
    this.vendor.changed();
    return json(200, describeSwitches(SWITCHES, switches));
  }

  private addCompany(request: Incoming): Answer {
    const { vendor } = this;
    const { flavour, uuid, name, empty } = readControl(request, companyRequest);
    if (uuid !== undefined && vendor.find(uuid)) throw new BadRequest('uuid', `The business ${uuid} exists already`);
    const business = newBusiness(vendor, uuid ?? vendor.random.uuid(), flavour, {
      name,
      empty: empty === true,
      seed: this.seed.value,
    });
    return json(200, describe(business));
  }

  private saveVendor(request: Incoming): Answer {
    const { realm, id, vendor } = readControl(request, vendorRequest);
    const business = this.business(realm);
    const { isArchived, ...fields } = vendor;
    const problems = new Problems(['vendor']);
    const before = id === undefined ? undefined : business.vendors.get(id);
    if (id !== undefined && !before) throw new BadRequest('id', `There is no vendor ${id}`);
    const filler = before ? { id: before.id } : { businessId: business.id };
    const type = before ? 'CustomerPatchInput' : 'CustomerCreateInput';
    const input = this.coerced(type, { ...filler, ...fields }, 'vendor') as PartyInput;
    const saved = before
      ? patchVendor({ business, target: before, input: { ...input, isArchived: flagOf(isArchived) }, problems })
      : createVendor({ business, input, problems });
    if (!saved) throw new BadRequest('vendor', problems.list[0]?.message ?? 'refused');
    return json(200, saved);
  }

  private view(request: Incoming): Answer {
    const { realm, id } = readControl(request, target);
    const business = this.business(realm);
    const invoice = business.invoices.get(id);
    const estimate = business.estimates.get(id);
    if (invoice) return json(200, viewInvoice(business, invoice));
    if (estimate) return json(200, viewEstimate(business, estimate));
    throw new BadRequest('id', `There is no invoice or estimate ${id}`);
  }

  private decide(request: Incoming): Answer {
    const { realm, id, decision: word } = readControl(request, decision);
    const business = this.business(realm);
    const estimate = business.estimates.get(id);
    if (!estimate) throw new BadRequest('id', `There is no estimate ${id}`);
    const problems = new Problems();
    const write = { business, target: estimate, input: {}, problems };
    const answered = word === 'accept' ? acceptEstimate(write) : rejectEstimate(write);
    if (!answered) throw new BadRequest('id', problems.list[0]?.message ?? 'refused');
    return json(200, answered);
  }

  private payByCard(request: Incoming): Answer {
    const { realm, id, amount } = readControl(request, cardPayment);
    const business = this.business(realm);
    const invoice = business.invoices.get(id);
    const account = business.accountOf('CASH_AND_BANK', business.settings.currency);
    if (!invoice || invoice.stage === 'DRAFT') throw new BadRequest('id', `There is no approved invoice ${id}`);
    if (!account) throw new BadRequest('realm', 'The business has no bank account');
    const payment = addPayment(
      business,
      invoice,
      {
        paymentAccountId: account.id,
        amount: amount === undefined ? amountDue(invoice) : new Decimal(amount),
        paymentDate: business.today(),
        paymentMethod: 'CREDIT_CARD',
        exchangeRate: new Decimal(invoice.exchangeRate),
      },
      { provider: 'WAVE', providerTransactionId: this.vendor.random.uuid() },
    );
    return json(200, payment);
  }

  private createMany(request: Incoming): Answer {
    const { realm, entity, objects } = readControl(request, bulk);
    const business = this.business(realm);
    const mutation = Object.hasOwn(CREATORS, entity) ? (CREATORS[entity] as string) : undefined;
    if (mutation === undefined) {
      throw new BadRequest('entity', `There is no ${entity}; there are ${Object.keys(CREATORS).join(', ')}`);
    }
    const created: string[] = [];
    const failed: object[] = [];
    const context = { vendor: this.vendor, grant: OWNER, base: request.base, lackedScope: false };
    objects.forEach((each, index) => {
      const problems = new Problems();
      const filled = takesBusiness(this.schema, mutation) ? { businessId: business.id, ...each } : each;
      const input = this.coerced(inputNameOf(this.schema, mutation), filled, `objects.${index}`);
      const row = MUTATIONS[mutation]?.run(context, input, problems) as { id: string } | undefined;
      if (problems.any || !row) failed.push({ index, ...problems.list[0] });
      else created.push(row.id);
    });
    return json(200, { created, failed });
  }

  /** JSON read the way a variable of this type would be. */
  private coerced(type: string, value: unknown, field: string): Record<string, unknown> {
    const result: unknown = coerceInputValue(value, this.schema.getType(type) as GraphQLInputType, (path, _, error) => {
      throw new BadRequest([field, ...path].join('.'), error.message);
    });
    return result as Record<string, unknown>;
  }

  private business(name: string): Business {
    const business = this.vendor.find(name);
    if (!business) {
      const names = [...this.vendor.businesses.values()].map((each) => each.uuid);
      throw new BadRequest('realm', `There is no business ${name}; there are ${names.join(', ')}`);
    }
    return business;
  }
}

/** Whose rules a control request goes by: the person's own, in all businesses. */
const OWNER = {
  number: 0,
  businesses: undefined,
  scopes: [],
  isFullAccess: true,
  accessToken: '',
  expiresAt: Number.MAX_SAFE_INTEGER,
  refreshToken: undefined,
  lastUsedAt: 0,
  ended: false,
  dropNextAnswer: false,
};

function inputNameOf(schema: GraphQLSchema, mutation: string): string {
  const [argument] = schema.getMutationType()?.getFields()[mutation]?.args ?? [];
  return String(argument?.type).replace('!', '');
}

function takesBusiness(schema: GraphQLSchema, mutation: string): boolean {
  const type = schema.getType(inputNameOf(schema, mutation));
  return type !== undefined && 'getFields' in type && 'businessId' in type.getFields();
}

function flagOf(value: unknown): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  throw new BadRequest('vendor.isArchived', 'isArchived has to be true or false');
}

function isTimezone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

function describe({ id, uuid, settings }: Business): object {
  const { name, currency, plan } = settings;
  return { realmId: id, uuid, name, homeCurrency: currency, plan };
}

function dump(business: Business): object {
  const entities: Record<string, unknown[]> = {};
  const deleted: object[] = [];
  for (const [entity, collection] of Object.entries(business.kept)) {
    entities[entity] = [...collection.all()];
    for (const { id, at } of collection.deletions) deleted.push({ entity, id, at: new Date(at).toISOString() });
  }
  return { realmId: business.id, settings: business.settings, entities, deleted };
}
