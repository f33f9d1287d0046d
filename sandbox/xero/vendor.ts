import type { Answer } from '../answer.ts';
import { VirtualClock, type Clock } from '../clock.ts';
import { FaultRules } from '../fault-rules.ts';
import { Randomness } from '../randomness.ts';
import { expiryText, problem } from './answer.ts';
import { Idempotency } from './idempotency.ts';
import { Meter } from './meter.ts';
import type { FaultKind } from './misbehaviour.ts';
import { emptyGrants, Grants, type GrantsState, type TokenCheck, type TokenSet } from './oauth/grants.ts';
import { PEOPLE, USUAL_PERSON, type Person } from './oauth/people.ts';
import { signedToken } from './oauth/signing.ts';
import { Organisation, type Flavour, type OrganisationState, type Surroundings } from './organisation.ts';
import { resources } from './resources/index.ts';
import { initialSwitches, type Switches } from './switches.ts';
import { initialLimits, Throttle, type Limits } from './throttle.ts';
import { Webhooks, type WebhooksState } from './webhooks.ts';

export interface Consent {
  mode: 'auto' | 'page' | 'deny';
  realm: string | undefined;
  /** Who consents, by e-mail address. */
  person: string | undefined;
}

interface VendorState {
  organisations: OrganisationState[];
  grants: GrantsState;
  idempotency: ReturnType<Idempotency['snapshot']>;
  webhooks: WebhooksState;
  switches: Switches;
  limits: Limits;
  consent: Consent;
  clockOffset: number;
  random: number;
}

export interface Client {
  id: string;
  /** An app for desktops and phones has none, and needs PKCE. */
  secret: string | undefined;
}

export const CLIENTS: readonly Client[] = [
  { id: 'sandbox-client', secret: 'sandbox-secret' },
  { id: 'sandbox-native', secret: undefined },
];

/** Everything the stand-in keeps: organisations, grants, and all that can be set about how it behaves. */
export class Vendor {
  readonly clock: VirtualClock;
  readonly random: Randomness;
  readonly switches: Switches = initialSwitches();
  readonly organisations = new Map<string, Organisation>();
  readonly grants: Grants;
  readonly meter = new Meter();
  readonly throttle: Throttle;
  readonly faults: FaultRules<FaultKind>;
  readonly idempotency: Idempotency;
  readonly webhooks: Webhooks;
  consent: Consent = { mode: 'page', realm: undefined, person: undefined };
  /** Where the sandbox was last reached: what its tokens name as their issuer. */
  issuer = 'http://127.0.0.1/xero';
  private readonly listeners: (() => void)[] = [];
  private readonly surroundings: Surroundings;

  constructor(clock: Clock, seed: number) {
    this.clock = new VirtualClock(clock);
    this.random = new Randomness(seed);
    this.grants = new Grants(this.clock, this.random, this.switches, (set, expiresAt) =>
      this.accessToken(set, expiresAt),
    );
    this.throttle = new Throttle(this.clock, this.meter, this.switches);
    this.faults = new FaultRules(this.random);
    this.idempotency = new Idempotency(this.clock);
    this.webhooks = new Webhooks(this.clock, this.random, this.switches, (realm) => this.grants.isConnected(realm));
    this.surroundings = {
      resources,
      clock: this.clock,
      switches: this.switches,
      emit: (event) => this.webhooks.note(event),
      changed: () => this.changed(),
    };
  }

  addOrganisation(tenantId: string, flavour: Flavour): Organisation {
    const organisation = new Organisation(tenantId, flavour, this.surroundings);
    this.organisations.set(tenantId, organisation);
    this.changed();
    return organisation;
  }

  personOf({ person }: TokenSet): Person {
    return PEOPLE.find(({ id }) => id === person) ?? USUAL_PERSON;
  }

  private accessToken(set: TokenSet, expiresAt: number): string {
    const now = Math.floor(this.clock.now() / 1000);
    return signedToken({
      nbf: now,
      exp: Math.floor(expiresAt / 1000),
      iss: this.issuer,
      aud: `${this.issuer}/resources`,
      client_id: set.clientId,
      ...(set.person !== '' && { sub: set.person.replaceAll('-', ''), xero_userid: set.person }),
      auth_time: Math.floor(set.authorisedAt / 1000),
      global_session_id: set.id.replaceAll('-', ''),
      sid: set.id.replaceAll('-', ''),
      jti: this.random.uuid().replaceAll('-', ''),
      authentication_event_id: set.authEventId,
      scope: set.scopes,
      amr: ['pwd', 'mfa'],
    });
  }

  /** The answer to a token that opens nothing (sheet 1.6). */
  unauthorised(check: Exclude<TokenCheck, { set: TokenSet }>): Answer {
    const detail =
      check.refused === 'expired'
        ? `TokenExpired: token expired at ${expiryText(check.at)}`
        : 'AuthenticationUnsuccessful';
    return problem(401, detail, this.random.uuid(), this.switches);
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  changed(): void {
    for (const listener of this.listeners) listener();
  }

  /** Forgets everything that was set or happened; organisations are the caller's to make anew. */
  clear(): void {
    this.organisations.clear();
    this.meter.clear();
    this.faults.clear();
    this.idempotency.clear();
    this.webhooks.reset();
    this.grants.restore(emptyGrants());
    Object.assign(this.switches, initialSwitches());
    this.throttle.set(initialLimits());
    this.consent = { mode: 'page', realm: undefined, person: undefined };
    this.clock.offset = 0;
  }

  snapshot(): VendorState {
    return {
      organisations: [...this.organisations.values()].map((organisation) => organisation.snapshot()),
      grants: this.grants.snapshot(),
      idempotency: this.idempotency.snapshot(),
      webhooks: this.webhooks.snapshot(),
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
    this.idempotency.restore(state.idempotency);
    this.grants.restore(state.grants);
    this.organisations.clear();
    for (const each of state.organisations) this.addOrganisation(each.tenantId, each.flavour).restore(each);
    this.webhooks.restore(state.webhooks);
  }
}
