import { createHmac } from 'node:crypto';
import type { VirtualClock } from '../../clock.ts';
import type { Randomness } from '../../randomness.ts';
import { DAY, HOUR, MINUTE, SECOND, stamp } from '../calendar.ts';
import type { Action, CompanyFile, FileEvent } from '../company-file.ts';
import type { Stored } from '../record.ts';
import type { Switches } from '../switches.ts';
import { Work } from '../work.ts';

export interface WebhookSettings {
  enabled: boolean;
  /** How long events are gathered, and updates of one record merged. */
  windowMs: number;
  eventsPerDelivery: number;
  /** How long a receiver may take. */
  deadlineMs: number;
  /** Extra copies of every delivery. */
  duplicate: number;
  dropProbability: number;
  delayMs: number;
  reorder: boolean;
  /** How many of the next deliveries are lost, doubled, or an hour late. */
  dropNext: number;
  duplicateNext: number;
  delayNext: number;
}

export const initialWebhookSettings = (): WebhookSettings => ({
  enabled: true,
  windowMs: 2 * SECOND,
  eventsPerDelivery: 100,
  deadlineMs: 5 * SECOND,
  duplicate: 0,
  dropProbability: 0,
  delayMs: 0,
  reorder: false,
  dropNext: 0,
  duplicateNext: 0,
  delayNext: 0,
});

/** Waits after failed attempts; after the fifth there is no more (sheet 5.2). */
const RETRIES = [10 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE];
const MOST_ATTEMPTS = RETRIES.length + 1;
/** So long without one success, and the subscription is disabled. */
const PATIENCE = 24 * HOUR;
const OLD_SECRET_LIFETIME = DAY;
const HISTORY = 200;

interface ToldEvent {
  EventId: string;
  Sequence: number;
  Topic: string;
  Resource: string;
  UID: string;
  Action: Action;
  RowVersion: string;
  LastModified: string;
}

/** What the gateway keeps of one subscription beside its record. */
interface Channel {
  uid: string;
  file: string;
  secret: string;
  oldSecret: string | undefined;
  oldSecretEndsAt: number;
  sequence: number;
  gathered: Omit<ToldEvent, 'Sequence'>[];
  windowEndsAt: number;
  /** When the first failure after the last success happened. */
  failingSince: number | undefined;
}

interface Delivery {
  id: string;
  subscription: string;
  events: ToldEvent[];
  attempts: number;
  createdAt: number;
  dueAt: number;
  status: number | 'failed' | 'waiting';
}

export interface WebhooksState {
  settings: WebhookSettings;
  channels: Channel[];
  queue: Delivery[];
}

/**
 * Events on their way to subscribers: gathered for a window, merged, numbered, signed, and tried five times by virtual
 * time. Deliveries do not wait for each other.
 */
export class Webhooks {
  settings: WebhookSettings = initialWebhookSettings();
  counts = { sent: 0, failed: 0, dropped: 0 };
  private readonly clock: VirtualClock;
  private readonly random: Randomness;
  private readonly switches: Switches;
  private readonly files: ReadonlyMap<string, CompanyFile>;
  private channels = new Map<string, Channel>();
  private queue: Delivery[] = [];
  private history: Delivery[] = [];
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<unknown> | undefined;
  private closed = false;

  constructor(clock: VirtualClock, random: Randomness, switches: Switches, files: ReadonlyMap<string, CompanyFile>) {
    this.clock = clock;
    this.random = random;
    this.switches = switches;
    this.files = files;
    clock.onMove(() => this.wake());
  }

  /** Asks a target to send back a nonce; nobody is told of changes who does not. */
  async verify(targetUrl: string): Promise<boolean> {
    const nonce = this.random.letters(32);
    try {
      const response = await fetch(targetUrl, {
        method: 'POST',
        body: JSON.stringify({ Challenge: nonce }),
        redirect: 'manual',
        signal: AbortSignal.timeout(this.settings.deadlineMs),
        headers: { 'content-type': 'application/json', 'x-accountedge-event': 'ping' },
      });
      const answer = (await response.json()) as { Challenge?: unknown } | null;
      return response.status === 200 && answer?.Challenge === nonce;
    } catch {
      // Refused, too slow, or no JSON: all the same.
      return false;
    }
  }

  /** Starts telling a new subscription; answers its secret, which is shown only now. */
  open(file: string, uid: string): string {
    const secret = this.newSecret();
    this.channels.set(uid, {
      uid,
      file,
      secret,
      oldSecret: undefined,
      oldSecretEndsAt: 0,
      sequence: 0,
      gathered: [],
      windowEndsAt: 0,
      failingSince: undefined,
    });
    return secret;
  }

  /** A new secret; the old one signs alongside for a day. */
  rotateSecret(uid: string): string {
    const channel = this.channelOf(uid);
    channel.oldSecret = channel.secret;
    channel.oldSecretEndsAt = this.clock.now() + OLD_SECRET_LIFETIME;
    channel.secret = this.newSecret();
    return channel.secret;
  }

  /** The subscription was changed; made active again, it starts with a clean record. */
  changed(uid: string): void {
    this.channelOf(uid).failingSince = undefined;
  }

  forget(uid: string): void {
    this.channels.delete(uid);
    this.queue = this.queue.filter((delivery) => delivery.subscription !== uid);
  }

  /** Takes note of a change for everybody who subscribed to it. */
  note(event: FileEvent): void {
    if (this.closed || !this.settings.enabled || this.switches.profile === 'myob') return;
    for (const subscription of this.files.get(event.file)?.collection('Webhooks/Subscription').all() ?? []) {
      const { State, Topics } = subscription.members as { State: string; Topics: string[] };
      const channel = this.channels.get(subscription.uid);
      if (channel && State === 'Active' && Topics.includes(event.topic)) this.gather(channel, event);
    }
  }

  /** Sends everything that is queued, without waiting for windows, delays and retry times. */
  async flush(): Promise<{ sent: number; failed: number; waiting: number }> {
    while (this.sending) await this.sending;
    const before = { ...this.counts };
    for (const channel of this.channels.values()) this.closeWindow(channel);
    for (const delivery of this.queue) delivery.dueAt = this.clock.now();
    await this.send();
    return {
      sent: this.counts.sent - before.sent,
      failed: this.counts.failed - before.failed,
      waiting: this.queue.length,
    };
  }

  /** Signs a body for the subscription, or with a wrong secret, and sends it as it is; answers the status, 0 for none. */
  async sendOnce(uid: string, body: string, headers: Record<string, string> = {}, secret?: string): Promise<number> {
    const channel = this.channelOf(uid);
    return this.post(channel, body, {
      'x-accountedge-delivery': this.random.uuid(),
      'x-accountedge-signature': this.signature(channel, body, secret),
      ...headers,
    });
  }

  /** The body in which one event would travel. */
  bodyOf(uid: string, event: FileEvent): string {
    const channel = this.channelOf(uid);
    const told = { ...this.told(event), Sequence: channel.sequence + 1 };
    const delivery = { id: this.random.uuid(), events: [told], attempts: 1 };
    return bodyOf(channel, delivery);
  }

  status(): object {
    return {
      settings: this.settings,
      gathered: [...this.channels.values()].reduce((sum, channel) => sum + channel.gathered.length, 0),
      queue: this.queue.length,
      subscriptions: [...this.channels.values()].map(({ uid, file, sequence, failingSince }) => ({
        uid,
        realm: file,
        sequence,
        failing: failingSince !== undefined,
      })),
      deliveries: this.history.map(({ events, ...delivery }) => ({ ...delivery, events: events.length })),
    };
  }

  clear(): void {
    this.channels = new Map();
    this.queue = [];
    this.history = [];
    this.counts = { sent: 0, failed: 0, dropped: 0 };
    this.settings = initialWebhookSettings();
  }

  snapshot(): WebhooksState {
    return { settings: this.settings, channels: [...this.channels.values()], queue: this.queue };
  }

  restore({ settings, channels, queue }: WebhooksState): void {
    this.settings = { ...initialWebhookSettings(), ...settings };
    this.channels = new Map(channels.map((channel) => [channel.uid, channel]));
    this.queue = queue;
    this.wake();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.sending;
  }

  /** Looks for something to do now, and sets the timer for what is due later. */
  wake(): void {
    if (this.closed || this.sending) return;
    clearTimeout(this.timer);
    const now = this.clock.now();
    for (const channel of this.channels.values()) {
      if (channel.gathered.length > 0 && channel.windowEndsAt <= now) this.closeWindow(channel);
      this.disableIfHopeless(channel, now);
    }
    if (this.queue.some((delivery) => delivery.dueAt <= now)) {
      void this.send();
      return;
    }
    const next = Math.min(...this.instants());
    if (next === Number.POSITIVE_INFINITY) return;
    this.timer = setTimeout(() => this.wake(), Math.min(Math.max(next - now, 0), HOUR));
    this.timer.unref();
  }

  private *instants(): Generator<number> {
    for (const { dueAt } of this.queue) yield dueAt;
    for (const { gathered, windowEndsAt, failingSince } of this.channels.values()) {
      if (gathered.length > 0) yield windowEndsAt;
      if (failingSince !== undefined) yield failingSince + PATIENCE;
    }
  }

  private gather(channel: Channel, event: FileEvent): void {
    const told = this.told(event);
    const known = channel.gathered.find((each) => each.UID === told.UID && each.Action !== 'Deleted');
    if (known && told.Action === 'Updated') {
      known.RowVersion = told.RowVersion;
      known.LastModified = told.LastModified;
      return;
    }
    if (channel.gathered.length === 0) channel.windowEndsAt = this.clock.now() + this.settings.windowMs;
    channel.gathered.push(told);
    if (channel.gathered.length === 1) this.wake();
  }

  private told(event: FileEvent): Omit<ToldEvent, 'Sequence'> {
    const { topic, resource, uid, action, rowVersion, lastModified } = event;
    return {
      EventId: this.random.uuid(),
      Topic: topic,
      Resource: resource,
      UID: uid,
      Action: action,
      RowVersion: rowVersion,
      LastModified: stamp(lastModified + this.switches.lastModifiedOffsetMinutes * MINUTE),
    };
  }

  /** Numbers what was gathered and queues it; numbers of what gets lost here are lost with it. */
  private closeWindow(channel: Channel): void {
    const { settings } = this;
    const numbered = channel.gathered.map(({ EventId, ...event }) => ({
      EventId,
      Sequence: ++channel.sequence,
      ...event,
    }));
    channel.gathered = [];
    const events = settings.reorder ? this.random.shuffled(numbered) : numbered;
    for (let at = 0; at < events.length; at += settings.eventsPerDelivery) {
      this.enqueue(channel, events.slice(at, at + settings.eventsPerDelivery));
    }
    if (settings.reorder) this.queue = this.random.shuffled(this.queue);
  }

  private enqueue(channel: Channel, events: ToldEvent[]): void {
    const { settings } = this;
    if (this.takeNext('dropNext') || this.random.chance(settings.dropProbability)) {
      this.counts.dropped++;
      return;
    }
    const now = this.clock.now();
    const copies = settings.duplicate + (this.takeNext('duplicateNext') ? 1 : 0);
    const delay = settings.delayMs + (this.takeNext('delayNext') ? HOUR : 0);
    const id = this.random.uuid();
    for (let copy = 0; copy <= copies; copy++) {
      this.queue.push({
        id,
        subscription: channel.uid,
        events,
        attempts: 0,
        createdAt: now,
        dueAt: now + delay,
        status: 'waiting',
      });
    }
  }

  private takeNext(name: 'dropNext' | 'duplicateNext' | 'delayNext'): boolean {
    if (this.settings[name] === 0) return false;
    this.settings[name]--;
    return true;
  }

  private async send(): Promise<void> {
    this.sending = this.sendDue();
    await this.sending;
    this.sending = undefined;
    this.wake();
  }

  private async sendDue(): Promise<void> {
    for (;;) {
      const now = this.clock.now();
      const due = this.queue.filter((delivery) => delivery.dueAt <= now);
      if (due.length === 0 || this.closed) return;
      // One receiver gets one request at a time; receivers do not wait for each other.
      const bySubscription = Map.groupBy(due, (delivery) => delivery.subscription);
      await Promise.all([...bySubscription.values()].map((deliveries) => this.sendInTurn(deliveries)));
    }
  }

  private async sendInTurn(deliveries: readonly Delivery[]): Promise<void> {
    for (const delivery of deliveries) {
      const channel = this.channels.get(delivery.subscription);
      const isActive = channel && this.recordOf(channel)?.members.State === 'Active';
      if (isActive && !this.closed) await this.attempt(channel, delivery);
      else this.queue = this.queue.filter((each) => each !== delivery);
    }
  }

  private async attempt(channel: Channel, delivery: Delivery): Promise<void> {
    if (delivery.attempts === 0) {
      this.history.push(delivery);
      if (this.history.length > HISTORY) this.history.shift();
    }
    delivery.attempts++;
    const body = bodyOf(channel, delivery);
    const status = await this.post(channel, body, {
      'x-accountedge-delivery': delivery.id,
      'x-accountedge-signature': this.signature(channel, body),
    });
    const now = this.clock.now();
    delivery.status = status === 0 ? 'failed' : status;
    if (status >= 200 && status < 300) {
      this.counts.sent++;
      channel.failingSince = undefined;
      this.queue = this.queue.filter((each) => each !== delivery);
      return;
    }
    this.counts.failed++;
    channel.failingSince ??= now;
    if (delivery.attempts < MOST_ATTEMPTS) delivery.dueAt = now + (RETRIES[delivery.attempts - 1] as number);
    else {
      this.counts.dropped++;
      this.queue = this.queue.filter((each) => each !== delivery);
    }
    this.disableIfHopeless(channel, now);
  }

  private disableIfHopeless(channel: Channel, now: number): void {
    if (channel.failingSince === undefined || now < channel.failingSince + PATIENCE) return;
    channel.failingSince = undefined;
    const file = this.files.get(channel.file);
    if (!file || !this.recordOf(channel)) return;
    const work = new Work(file);
    work.edit(channel.uid).members.State = 'Disabled';
    work.commit();
    this.queue = this.queue.filter((delivery) => delivery.subscription !== channel.uid);
    channel.gathered = [];
  }

  private async post(channel: Channel, body: string, headers: Record<string, string>): Promise<number> {
    const target = this.recordOf(channel)?.members.TargetUrl;
    if (typeof target !== 'string') return 0;
    try {
      const response = await fetch(target, {
        method: 'POST',
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(this.settings.deadlineMs),
        headers: { 'content-type': 'application/json', 'x-accountedge-event': 'change', ...headers },
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      // Refused, reset or too slow: all the same to the sender.
      return 0;
    }
  }

  private signature(channel: Channel, body: string, secret = channel.secret): string {
    const time = Math.floor(this.clock.now() / SECOND);
    const isOldGood = channel.oldSecret !== undefined && this.clock.now() < channel.oldSecretEndsAt;
    const secrets = isOldGood ? [secret, channel.oldSecret as string] : [secret];
    return [`t=${time}`, ...secrets.map((each) => `v1=${signatureOf(each, time, body)}`)].join(',');
  }

  private recordOf(channel: Channel): Stored | undefined {
    return this.files.get(channel.file)?.find(channel.uid, 'Webhooks/Subscription');
  }

  private channelOf(uid: string): Channel {
    const channel = this.channels.get(uid);
    if (!channel) throw new Error(`There is no subscription ${uid}`);
    return channel;
  }

  private newSecret(): string {
    return `whsec_${this.random.letters(32)}`;
  }
}

/** HMAC-SHA256 over `t.body`, lower-case hex (sheet 5.2). */
export function signatureOf(secret: string, time: number, body: string): string {
  return createHmac('sha256', secret).update(`${time}.${body}`, 'utf8').digest('hex');
}

function bodyOf(channel: Channel, { id, events, attempts }: Pick<Delivery, 'id' | 'events' | 'attempts'>): string {
  return JSON.stringify({
    DeliveryId: id,
    SubscriptionId: channel.uid,
    CompanyFileId: channel.file,
    Attempt: attempts,
    Events: events,
  });
}
