import { VirtualClock, type Clock } from '../clock.ts';
import { FaultRules } from '../fault-rules.ts';
import { Randomness } from '../randomness.ts';
import { initialValues } from '../switches.ts';
import { Business, type BusinessSettings, type BusinessState, type Surroundings } from './business.ts';
import { businessId, userId } from './ids.ts';
import { Meter } from './meter.ts';
import type { FaultKind } from './misbehaviour.ts';
import { Grants, type GrantsState } from './oauth/grants.ts';
import { SWITCHES, type Switches } from './switches.ts';
import { initialLimits, Throttle, type Limits } from './throttle.ts';
import { initialWebhookSettings, Webhooks, type WebhookSettings } from './webhooks.ts';

export interface Consent {
  mode: 'auto' | 'page' | 'deny';
  /** The businesses that automatic consent connects. */
  realms: string[] | undefined;
}

interface VendorState {
  businesses: BusinessState[];
  grants: GrantsState;
  webhooks: WebhookSettings;
  switches: Switches;
  limits: Limits;
  consent: Consent;
  clockOffset: number;
  random: number;
}

/** The one registered application. */
export const CLIENT = { id: 'sandbox-client', secret: 'sandbox-secret', name: 'Sandbox application' };

/** The one person, who owns every business. */
export const PERSON = {
  id: userId('6c1d9a30-5b7e-4f0c-8a11-2f60c3a9d001'),
  defaultEmail: 'owner@business.example',
  firstName: 'Robin',
  lastName: 'Owner',
};

/** Everything the stand-in keeps: businesses, grants, and all that can be set about how it behaves. */
export class Vendor {
  readonly clock: VirtualClock;
  readonly random: Randomness;
  readonly switches: Switches = initialValues(SWITCHES);
  /** By id; the first one is the person's default business. */
  readonly businesses = new Map<string, Business>();
  readonly grants: Grants;
  readonly meter = new Meter();
  readonly throttle: Throttle;
  readonly faults: FaultRules<FaultKind>;
  readonly webhooks: Webhooks;
  consent: Consent = { mode: 'page', realms: undefined };
  private readonly listeners: (() => void)[] = [];
  private readonly surroundings: Surroundings;

  constructor(clock: Clock, seed: number) {
    this.clock = new VirtualClock(clock);
    this.random = new Randomness(seed);
    this.grants = new Grants(this.clock, this.random, this.switches, (id) => this.isEntitled(id));
    this.throttle = new Throttle(this.clock);
    this.faults = new FaultRules(this.random);
    this.webhooks = new Webhooks(this.clock, this.random, this.switches, (id, scope) => {
      const isPro = this.businesses.get(id)?.settings.plan === 'pro';
      return isPro && (!this.switches.webhooksNeedGrant || this.grants.isGranted(id, scope));
    });
    this.surroundings = {
      clock: this.clock,
      random: this.random,
      switches: this.switches,
      emit: (happening) => this.webhooks.note(happening),
      changed: () => this.changed(),
    };
    this.clock.onMove(() => this.noteOverdue());
  }

  /** Whether the plan of a business lets applications be authorised (sheet 0, fact 8). */
  isEntitled(id: string): boolean {
    const plan = this.businesses.get(id)?.settings.plan;
    return plan === 'pro' || plan === 'advisor';
  }

  addBusiness(uuid: string, settings: BusinessSettings): Business {
    const business = new Business(uuid, settings, this.surroundings);
    this.businesses.set(business.id, business);
    this.changed();
    return business;
  }

  /** By id or bare uuid, as people name it to the control endpoints. */
  find(name: string): Business | undefined {
    return this.businesses.get(name) ?? this.businesses.get(businessId(name));
  }

  noteOverdue(): void {
    for (const business of this.businesses.values()) business.noteOverdue();
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  changed(): void {
    for (const listener of this.listeners) listener();
  }

  /** Forgets everything that was set or happened; businesses are the caller's to make anew. */
  clear(): void {
    this.businesses.clear();
    this.meter.clear();
    this.faults.clear();
    this.webhooks.clear();
    this.webhooks.settings = initialWebhookSettings();
    this.grants.restore({ grants: [], oldRefreshTokens: [], codes: [] });
    Object.assign(this.switches, initialValues(SWITCHES));
    this.throttle.set(initialLimits());
    this.consent = { mode: 'page', realms: undefined };
    this.clock.offset = 0;
  }

  snapshot(): VendorState {
    return {
      businesses: [...this.businesses.values()].map((business) => business.snapshot()),
      grants: this.grants.snapshot(),
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
    this.businesses.clear();
    this.clock.offset = state.clockOffset;
    this.random.position = state.random;
    Object.assign(this.switches, state.switches);
    this.throttle.set(state.limits);
    this.consent = state.consent;
    this.webhooks.settings = { ...initialWebhookSettings(), ...state.webhooks };
    this.grants.restore(state.grants);
    for (const business of state.businesses) this.addBusiness(business.uuid, business.settings).restore(business);
  }
}
