import { VirtualClock, type Clock } from '../clock.ts';
import { FaultRules } from '../fault-rules.ts';
import { Randomness } from '../randomness.ts';
import { CompanyFile, type FileState, type Surroundings } from './company-file.ts';
import { Meter } from './meter.ts';
import type { FaultKind } from './misbehaviour.ts';
import { Grants, initialRotation, type GrantsState } from './oauth/grants.ts';
import { resources } from './resources/index.ts';
import { initialSwitches, type Switches } from './switches.ts';
import { initialLimits, Throttle, type Limits } from './throttle.ts';
import { Webhooks, type WebhooksState } from './webhooks/webhooks.ts';

export interface Consent {
  mode: 'auto' | 'page' | 'deny';
  realm: string | undefined;
}

interface GatewayState {
  files: FileState[];
  grants: GrantsState;
  webhooks: WebhooksState;
  switches: Switches;
  limits: Limits;
  consent: Consent;
  keyIsActive: boolean;
  clockOffset: number;
  random: number;
}

/** The one registered app; its id is the API key. */
export const CLIENT = { id: 'sandbox-client', secret: 'sandbox-secret' };

/** The person who connects and whose rights a token has. */
export const CONSENTING_USER = { uid: '0d6c1f3e-51a7-4a7c-9a53-2f4d7b1c9e10', username: 'owner@example.com' };

/** Everything the stand-in keeps: company files, grants, subscriptions, and all that can be set about how it behaves. */
export class Gateway {
  readonly clock: VirtualClock;
  readonly random: Randomness;
  readonly switches: Switches = initialSwitches();
  readonly files = new Map<string, CompanyFile>();
  readonly grants: Grants;
  readonly meter = new Meter();
  readonly throttle: Throttle;
  readonly misbehaviour: FaultRules<FaultKind>;
  readonly webhooks: Webhooks;
  consent: Consent = { mode: 'page', realm: undefined };
  /** Whether the developer's key is accepted. */
  keyIsActive = true;
  private readonly listeners: (() => void)[] = [];
  private readonly surroundings: Surroundings;

  constructor(clock: Clock, seed: number) {
    this.clock = new VirtualClock(clock);
    this.random = new Randomness(seed);
    this.grants = new Grants(this.clock, this.random, () => this.switches.refreshTokenDays);
    this.throttle = new Throttle(this.clock);
    this.misbehaviour = new FaultRules(this.random);
    this.webhooks = new Webhooks(this.clock, this.random, this.switches, this.files);
    this.surroundings = {
      resources,
      clock: this.clock,
      switches: this.switches,
      emit: (event) => this.webhooks.note(event),
      changed: () => this.changed(),
    };
  }

  addFile(uid: string, about: { name: string; country: string; currency: string }): CompanyFile {
    const file = new CompanyFile(uid, about, this.surroundings);
    this.files.set(uid, file);
    return file;
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  changed(): void {
    for (const listener of this.listeners) listener();
  }

  /** Forgets everything that was set or happened; company files are the caller's to make anew. */
  clear(): void {
    this.files.clear();
    this.meter.clear();
    this.misbehaviour.clear();
    this.webhooks.clear();
    this.grants.restore({ grants: [], accessTokens: [], codes: [], settings: initialRotation() });
    this.grants.rotations = 0;
    Object.assign(this.switches, initialSwitches());
    this.throttle.set(initialLimits());
    this.throttle.clear();
    this.consent = { mode: 'page', realm: undefined };
    this.keyIsActive = true;
    this.clock.offset = 0;
  }

  snapshot(): GatewayState {
    return {
      files: [...this.files.values()].map((file) => file.snapshot()),
      grants: this.grants.snapshot(),
      webhooks: this.webhooks.snapshot(),
      switches: this.switches,
      limits: this.throttle.limits,
      consent: this.consent,
      keyIsActive: this.keyIsActive,
      clockOffset: this.clock.offset,
      random: this.random.position,
    };
  }

  restore(saved: unknown): void {
    const state = saved as GatewayState;
    this.clock.offset = state.clockOffset;
    this.random.position = state.random;
    Object.assign(this.switches, state.switches);
    this.throttle.set(state.limits);
    this.consent = state.consent;
    this.keyIsActive = state.keyIsActive;
    this.grants.restore(state.grants);
    this.files.clear();
    for (const file of state.files) this.addFile(file.uid, file).restore(file);
    this.webhooks.restore(state.webhooks);
  }
}
