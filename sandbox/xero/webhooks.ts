import { createHmac } from 'node:crypto';
import type { VirtualClock } from '../clock.ts';
import type { Randomness } from '../randomness.ts';
import { DAY, HOUR, MINUTE, SECOND } from './calendar.ts';
import type { OrganisationEvent } from './organisation.ts';
import type { Switches } from './switches.ts';

export const CATEGORIES = ['CONTACT', 'INVOICE', 'CREDITNOTE', 'PREPAYMENT', 'OVERPAYMENT', 'SUBSCRIPTION'] as const;
export type WebhookCategory = (typeof CATEGORIES)[number];

export interface WebhookSettings {
  url: string | null;
  /** The signing key. */
  verifierToken: string;
  enabled: boolean;
  /** Ask for the intent to receive before anything is sent. */
  intent: boolean;
  categories: readonly WebhookCategory[];
  /** How long events are gathered into one delivery. */
  windowMs: number;
  /** Extra copies of every delivery. */
  duplicate: number;
  dropProbability: number;
  delayMs: number;
  reorder: boolean;
  /** Events of several tenants share a delivery. */
  mixRealms: boolean;
}

export function initialWebhookSettings(): WebhookSettings {
  return {
    url: null,
    verifierToken: 'sandbox-verifier',
    enabled: true,
    intent: true,
    categories: [...CATEGORIES],
    windowMs: 200,
    duplicate: 0,
    dropProbability: 0,
    delayMs: 0,
    reorder: false,
    mixRealms: true,
  };
}

interface Delivery {
  number: number;
  body: string;
  createdAt: number;
  dueAt: number;
  events: number;
  attempts: number;
  status: number | 'failed' | 'waiting';
}

/** Whether the endpoint may be sent events (sheet 6). */
interface Subscription {
  status: 'none' | 'intentToReceiveRequired' | 'ok' | 'disabled';
  problem: string | null;
  /** Since when nothing was acknowledged. */
  failingSince: number | null;
}

export interface WebhooksState {
  settings: WebhookSettings;
  subscription: Subscription;
  sequence: number;
  queue: Delivery[];
}

const DEADLINE = 5 * SECOND;
const STEADY = 15 * MINUTE;
const GIVES_UP_AFTER = DAY;
const KEPT_FOR = 31 * DAY;
const MOST_EVENTS_PER_DELIVERY = 100;
const LAST_SEQUENCE = 2_147_483_647;
const HISTORY = 200;

/** Events the vendor tells of, by the resource they happen to. */
const CATEGORY_OF: Readonly<Record<string, WebhookCategory>> = {
  Contacts: 'CONTACT',
  Invoices: 'INVOICE',
  CreditNotes: 'CREDITNOTE',
  Prepayments: 'PREPAYMENT',
  Overpayments: 'OVERPAYMENT',
};

export function categoryOf(resource: string): WebhookCategory | undefined {
  return CATEGORY_OF[resource];
}

/**
 * The one subscription of the app: events of all tenants, numbered without gaps, gathered for a window, signed and sent
 * in order, tried again for a day and kept for a month (sheet 6).
 */
export class Webhooks {
  settings: WebhookSettings = initialWebhookSettings();
  counts = { sent: 0, failed: 0 };
  private readonly clock: VirtualClock;
  private readonly random: Randomness;
  private readonly switches: Switches;
  private readonly isConnected: (realm: string) => boolean;
  private subscription: Subscription = { status: 'none', problem: null, failingSince: null };
  private sequence = 0;
  private gathered: OrganisationEvent[] = [];
  private windowEnds = 0;
  private queue: Delivery[] = [];
  private history: Delivery[] = [];
  private numbers = 0;
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<unknown> | undefined;
  private closed = false;

  constructor(clock: VirtualClock, random: Randomness, switches: Switches, isConnected: (realm: string) => boolean) {
    this.clock = clock;
    this.random = random;
    this.switches = switches;
    this.isConnected = isConnected;
    clock.onMove(() => this.wake());
  }

  /** Changes settings. Another address, another key, or switching on again asks for the intent to receive. */
  async set(changes: Partial<WebhookSettings>): Promise<void> {
    const before = this.settings;
    this.settings = { ...before, ...changes };
    const { url, verifierToken, enabled } = this.settings;
    if (url === null) this.subscription = { status: 'none', problem: null, failingSince: null };
    else if (!enabled) this.subscription = { status: 'disabled', problem: null, failingSince: null };
    else {
      const isSame = url === before.url && verifierToken === before.verifierToken && before.enabled;
      if (!isSame || this.subscription.status !== 'ok') await this.validate();
    }
    this.wake();
  }

  /** Posts good and bad signatures; all good ones have to get 200 without a body, all bad ones 401. */
  async validate(): Promise<void> {
    if (this.settings.url === null) return;
    this.settings = { ...this.settings, enabled: true };
    const problem = this.settings.intent ? await this.intentProblem() : undefined;
    this.subscription = {
      status: problem === undefined ? 'ok' : 'intentToReceiveRequired',
      problem: problem ?? null,
      failingSince: null,
    };
    for (const delivery of this.queue) {
      delivery.attempts = 0;
      delivery.dueAt = this.clock.now();
    }
    this.wake();
  }

  private async intentProblem(): Promise<string | undefined> {
    for (const isGood of this.random.shuffled([true, true, false, false])) {
      const body = bodyOf([], 0, 0, this.random.letters(20).toUpperCase());
      const good = signature(body, this.settings.verifierToken);
      const at = this.random.integer(0, good.length - 3);
      const bad = `${good.slice(0, at)}${good[at] === '/' ? '+' : '/'}${good.slice(at + 1)}`;
      const answer = await this.post(body, { 'x-xero-signature': isGood ? good : bad });
      if (answer.status === 0) return 'Response not 200';
      if (isGood && answer.status !== 200) return 'Response not 200';
      if (!isGood && answer.status !== 401) return 'Response to incorrectly signed payload not 401';
      if (answer.hasBody) return 'Response contains a body';
      if (answer.hasCookies) return 'Response contains cookies';
    }
    return undefined;
  }

  /** Takes note of a change, if this kind of change is told at all and somebody subscribed. */
  note(event: OrganisationEvent): void {
    const category = categoryOf(event.resource);
    if (this.closed || this.settings.url === null || category === undefined) return;
    if (!this.settings.categories.includes(category) || !this.isConnected(event.realm)) return;
    if (this.gathered.length === 0) this.windowEnds = this.clock.now() + this.settings.windowMs;
    this.gathered.push(event);
    if (this.gathered.length === 1) this.wake();
  }

  /** Sends everything that is queued, without waiting for windows, delays and retry times. */
  async flush(): Promise<{ sent: number; failed: number; waiting: number }> {
    while (this.sending) await this.sending;
    const before = { ...this.counts };
    this.closeWindow();
    for (const delivery of this.queue) delivery.dueAt = this.clock.now();
    await this.send();
    return {
      sent: this.counts.sent - before.sent,
      failed: this.counts.failed - before.failed,
      waiting: this.queue.length,
    };
  }

  /** Sends a body as it is, signed with the true key or a wrong one; answers the receiver's status, 0 for none. */
  async sendOnce(
    body: string,
    headers: Record<string, string> = {},
    key = this.settings.verifierToken,
  ): Promise<number> {
    return (await this.post(body, { 'x-xero-signature': signature(body, key), ...headers })).status;
  }

  /** The body these events would travel in, with the next numbers. */
  bodyFor(events: readonly OrganisationEvent[]): string {
    const first = this.sequence + 1;
    return bodyOf(events, first, first + events.length - 1, this.random.letters(20).toUpperCase());
  }

  status(): object {
    return {
      settings: { ...this.settings, verifierToken: '(set)' },
      subscription: this.subscription,
      sequence: this.sequence,
      gathered: this.gathered.length,
      queue: this.queue.length,
      deliveries: this.history.map(({ body: _body, ...delivery }) => delivery),
    };
  }

  clear(): void {
    this.gathered = [];
    this.queue = [];
    this.history = [];
    this.counts = { sent: 0, failed: 0 };
  }

  reset(): void {
    this.clear();
    this.settings = initialWebhookSettings();
    this.subscription = { status: 'none', problem: null, failingSince: null };
    this.sequence = 0;
  }

  snapshot(): WebhooksState {
    return { settings: this.settings, subscription: this.subscription, sequence: this.sequence, queue: this.queue };
  }

  restore(state: WebhooksState): void {
    this.settings = { ...initialWebhookSettings(), ...state.settings };
    this.subscription = state.subscription;
    this.sequence = state.sequence;
    this.queue = state.queue;
    this.wake();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.sending;
  }

  /** Looks for something to send now, and sets the timer for what is due later. */
  private wake(): void {
    if (this.closed || this.sending) return;
    clearTimeout(this.timer);
    const now = this.clock.now();
    if (this.gathered.length > 0 && this.windowEnds <= now) this.closeWindow();
    const isOpen = this.subscription.status === 'ok';
    const due = isOpen ? (this.queue[0]?.dueAt ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    if (due <= now) {
      void this.send();
      return;
    }
    const next = Math.min(due, this.gathered.length > 0 ? this.windowEnds : Number.POSITIVE_INFINITY);
    if (next === Number.POSITIVE_INFINITY) return;
    this.timer = setTimeout(() => this.wake(), Math.min(next - now, HOUR));
    this.timer.unref();
  }

  private async send(): Promise<void> {
    this.sending = this.sendDue();
    await this.sending;
    this.sending = undefined;
    this.wake();
  }

  private closeWindow(): void {
    const events = this.settings.reorder ? this.random.shuffled(this.gathered) : this.gathered;
    this.gathered = [];
    for (const bundle of bundles(events, this.settings.mixRealms)) {
      const body = this.bodyFor(bundle);
      this.sequence = this.sequence + bundle.length > LAST_SEQUENCE ? 0 : this.sequence + bundle.length;
      for (let copy = 0; copy <= this.settings.duplicate; copy++) {
        // What is dropped leaves a gap in the numbers.
        if (this.random.chance(this.settings.dropProbability)) continue;
        const now = this.clock.now();
        this.queue.push({
          number: ++this.numbers,
          body,
          createdAt: now,
          dueAt: now + this.settings.delayMs,
          events: bundle.length,
          attempts: 0,
          status: 'waiting',
        });
      }
    }
    if (this.settings.reorder) this.queue = this.random.shuffled(this.queue);
  }

  private async sendDue(): Promise<void> {
    while (!this.closed && this.subscription.status === 'ok') {
      const head = this.queue[0];
      const now = this.clock.now();
      if (!head || head.dueAt > now) return;
      if (now >= head.createdAt + KEPT_FOR) {
        this.queue.shift();
        continue;
      }
      if (head.attempts === 0) {
        this.history.push(head);
        if (this.history.length > HISTORY) this.history.shift();
      }
      head.attempts++;
      const status = await this.sendOnce(head.body);
      head.status = status === 0 ? 'failed' : status;
      if (status >= 200 && status < 300) {
        this.counts.sent++;
        this.subscription.failingSince = null;
        this.queue = this.queue.filter((delivery) => delivery !== head);
        continue;
      }
      this.counts.failed++;
      head.dueAt = this.clock.now() + this.waitAfter(head.attempts);
      this.subscription.failingSince ??= now;
      if (this.clock.now() >= this.subscription.failingSince + GIVES_UP_AFTER) {
        const problem = 'No delivery was acknowledged for 24 hours';
        this.subscription = { status: 'disabled', problem, failingSince: null };
        this.settings = { ...this.settings, enabled: false };
      }
    }
  }

  /** At once, then every quarter of an hour; or ever more slowly. */
  private waitAfter(attempts: number): number {
    if (attempts === 1) return 0;
    return this.switches.webhookRetries === 'steady' ? STEADY : STEADY * 2 ** Math.min(attempts - 2, 5);
  }

  private async post(
    body: string,
    headers: Record<string, string>,
  ): Promise<{ status: number; hasBody: boolean; hasCookies: boolean }> {
    const { url } = this.settings;
    if (url === null) return { status: 0, hasBody: false, hasCookies: false };
    try {
      const response = await fetch(url, {
        method: 'POST',
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(DEADLINE),
        headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Xero-Webhooks', ...headers },
      });
      const content = await response.arrayBuffer();
      return {
        status: response.status,
        hasBody: content.byteLength > 0,
        hasCookies: response.headers.has('set-cookie'),
      };
    } catch {
      // Refused, reset or too slow: all the same to the sender.
      return { status: 0, hasBody: false, hasCookies: false };
    }
  }
}

function signature(body: string, key: string): string {
  return createHmac('sha256', key).update(body, 'utf8').digest('base64');
}

/** With the vendor's irregular spaces: who parses and writes it again gets another signature. */
function bodyOf(events: readonly OrganisationEvent[], first: number, last: number, entropy: string): string {
  const entries = events.map(({ realm, resource, id, type, at, data }) =>
    JSON.stringify({
      ...(data && { data }),
      resourceUrl: `https://api.xero.com/api.xro/2.0/${resource}/${id}`,
      resourceId: id,
      tenantId: realm,
      tenantType: 'ORGANISATION',
      eventCategory: categoryOf(resource),
      eventType: type,
      eventDateUtc: new Date(at).toISOString().slice(0, 23),
    }),
  );
  return `{"events":[${entries.join(',')}],"firstEventSequence": ${first},"lastEventSequence": ${last}, "entropy": "${entropy}"}`;
}

function bundles(events: readonly OrganisationEvent[], mixRealms: boolean): OrganisationEvent[][] {
  const groups = mixRealms ? [[...events]] : [...Map.groupBy(events, (event) => event.realm).values()];
  return groups.flatMap((group) => {
    const parts: OrganisationEvent[][] = [];
    for (let at = 0; at < group.length; at += MOST_EVENTS_PER_DELIVERY) {
      parts.push(group.slice(at, at + MOST_EVENTS_PER_DELIVERY));
    }
    return parts;
  });
}
