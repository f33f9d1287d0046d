import { pacificStampWithMilliseconds } from './calendar.ts';
import { VirtualClock, type Clock } from '../clock.ts';
import { Company, type CompanyState, type Flavour, type Surroundings } from './company.ts';
import { entities } from './entities/index.ts';
import type { CompanyEvent, User } from './entity.ts';
import { Meter } from './meter.ts';
import type { FaultKind } from './misbehaviour.ts';
import { Grants, type GrantsState } from './oauth/grants.ts';
import { FaultRules } from '../fault-rules.ts';
import { Randomness } from '../randomness.ts';
import { RequestMemory } from './request-memory.ts';
import { initialSwitches, type Switches } from './switches.ts';
import { initialLimits, Throttle, type Limits } from './throttle.ts';
import { initialWebhookSettings, Webhooks, type WebhookSettings } from './webhooks.ts';

export interface Consent {
  mode: 'auto' | 'page' | 'deny';
  realm: string | undefined;
}

interface VendorState {
  companies: CompanyState[];
  grants: GrantsState;
  requests: ReturnType<RequestMemory['snapshot']>;
  webhooks: WebhookSettings;
  switches: Switches;
  limits: Limits;
  consent: Consent;
  clockOffset: number;
  random: number;
}

/** The one registered app. */
export const CLIENT = { id: 'sandbox-client', secret: 'sandbox-secret' };

/** Whose edits arrive through the API: the person who connected the company. */
export const CONNECTED_USER: User = { id: '9130000000000001', name: 'Company Admin' };

/** Everything the stand-in keeps: companies, grants, and all that can be set about how it behaves. */
export class Vendor {
  readonly clock: VirtualClock;
  readonly random: Randomness;
  readonly switches: Switches = initialSwitches();
  readonly companies = new Map<string, Company>();
  readonly grants: Grants;
  readonly meter = new Meter();
  readonly throttle: Throttle;
  readonly misbehaviour: FaultRules<FaultKind>;
  readonly requests: RequestMemory;
  readonly webhooks: Webhooks;
  consent: Consent = { mode: 'page', realm: undefined };
  private readonly listeners: (() => void)[] = [];
  private readonly surroundings: Surroundings;

  constructor(clock: Clock, seed: number) {
    this.clock = new VirtualClock(clock);
    this.random = new Randomness(seed);
    this.grants = new Grants(this.clock, this.random, () => this.switches.refreshMinimumIntervalMs);
    this.throttle = new Throttle(this.clock, this.meter);
    this.misbehaviour = new FaultRules(this.random);
    this.requests = new RequestMemory(this.clock);
    this.webhooks = new Webhooks(
      this.clock,
      this.random,
      (realm) => !this.switches.webhooksNeedGrant || this.grants.isConnected(realm),
    );
    this.surroundings = {
      entities,
      clock: this.clock,
      random: this.random,
      switches: this.switches,
      emit: (event: CompanyEvent) => this.webhooks.note(event),
      changed: () => this.changed(),
    };
  }

  /** The `time` of response envelopes. */
  time(): string {
    return pacificStampWithMilliseconds(this.clock.now());
  }

  addCompany(realmId: string, flavour: Flavour): Company {
    const company = new Company(realmId, flavour, this.surroundings);
    this.companies.set(realmId, company);
    this.changed();
    return company;
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  changed(): void {
    for (const listener of this.listeners) listener();
  }

  /** Forgets everything that was set or happened; companies are the caller's to make anew. */
  clear(): void {
    this.companies.clear();
    this.meter.clear();
    this.misbehaviour.clear();
    this.requests.clear();
    this.webhooks.clear();
    this.webhooks.settings = initialWebhookSettings();
    this.grants.restore({
      grants: [],
      accessTokens: [],
      codes: [],
      settings: { rotation: 'daily', graceHours: 0 },
    });
    Object.assign(this.switches, initialSwitches());
    this.throttle.set(initialLimits());
    this.consent = { mode: 'page', realm: undefined };
    this.clock.offset = 0;
  }

  snapshot(): VendorState {
    return {
      companies: [...this.companies.values()].map((company) => company.snapshot()),
      grants: this.grants.snapshot(),
      requests: this.requests.snapshot(),
      webhooks: this.webhooks.settings,
      switches: this.switches,
      limits: this.throttle.limits,
      consent: this.consent,
      clockOffset: this.clock.offset,
      random: this.random.position,
    };
  }

  restore(saved: unknown): void {
    const state = saved as VendorState;
    this.clock.offset = state.clockOffset;
    this.random.position = state.random;
    Object.assign(this.switches, state.switches);
    this.throttle.set(state.limits);
    this.consent = state.consent;
    this.webhooks.settings = { ...initialWebhookSettings(), ...state.webhooks };
    this.requests.restore(state.requests);
    this.grants.restore(state.grants);
    this.companies.clear();
    for (const company of state.companies) this.addCompany(company.realmId, company.flavour).restore(company);
  }
}
