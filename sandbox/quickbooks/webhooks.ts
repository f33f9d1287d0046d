import { createHmac } from 'node:crypto';
import type { VirtualClock } from '../clock.ts';
import { entities } from './entities/index.ts';
import type { ChangeOperation, CompanyEvent } from './entity.ts';
import type { Randomness } from '../randomness.ts';

export interface WebhookSettings {
  url: string | null;
  verifierToken: string;
  format: 'legacy' | 'cloudevents';
  enabled: boolean;
  /** How long events are gathered into one delivery. */
  windowMs: number;
  /** Extra copies of every delivery. */
  duplicate: number;
  dropProbability: number;
  delayMs: number;
  reorder: boolean;
  /** CloudEvents without `data` and `datacontenttype`, which happens. */
  omitData: boolean;
  mixRealms: boolean;
}

export function initialWebhookSettings(): WebhookSettings {
  return {
    url: null,
    verifierToken: 'sandbox-verifier',
    format: 'legacy',
    enabled: true,
    windowMs: 200,
    duplicate: 0,
    dropProbability: 0,
    delayMs: 0,
    reorder: false,
    omitData: false,
    mixRealms: false,
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

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Waits after failed attempts; the last one repeats (sheet 6.2). */
const RETRIES = [10 * SECOND, 20 * SECOND, 30 * SECOND, 5 * MINUTE, 20 * MINUTE, 2 * HOUR, 4 * HOUR, 6 * HOUR];
const DEADLINE = 3 * SECOND;
const MOST_EVENTS_PER_DELIVERY = 250;
const HISTORY = 200;

const LETTERS: Record<ChangeOperation, string> = {
  Create: 'C',
  Update: 'U',
  Delete: 'D',
  Merge: 'M',
  Void: 'V',
  Emailed: 'E',
};

const VERBS: Record<ChangeOperation, string> = {
  Create: 'created',
  Update: 'updated',
  Delete: 'deleted',
  Merge: 'merged',
  Void: 'voided',
  Emailed: 'emailed',
};

/**
 * Events on their way to the one endpoint of the app: gathered for a window, signed, sent in order, tried again on the
 * vendor's schedule by virtual time. A delivery that is not acknowledged holds up all later ones.
 */
export class Webhooks {
  settings: WebhookSettings = initialWebhookSettings();
  counts = { sent: 0, failed: 0 };
  private readonly clock: VirtualClock;
  private readonly random: Randomness;
  private readonly isConnected: (realm: string) => boolean;
  private gathered: CompanyEvent[] = [];
  private windowEnds = 0;
  private queue: Delivery[] = [];
  private history: Delivery[] = [];
  private numbers = 0;
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<unknown> | undefined;
  private closed = false;

  constructor(clock: VirtualClock, random: Randomness, isConnected: (realm: string) => boolean) {
    this.clock = clock;
    this.random = random;
    this.isConnected = isConnected;
    clock.onMove(() => this.wake());
  }

  /** Takes note of a change, if this kind of change is told at all and somebody listens. */
  note(event: CompanyEvent): void {
    const rules = entities.get(event.entity);
    if (this.closed || this.settings.url === null || !this.settings.enabled) return;
    if (!rules?.webhook.includes(LETTERS[event.operation]) || !this.isConnected(event.realm)) return;
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
    return this.post(body, { 'intuit-signature': signature(body, key), ...headers });
  }

  /** The body one event would travel in. */
  bodyOf(events: readonly CompanyEvent[]): string {
    return this.settings.format === 'legacy' ? legacyBody(events) : this.cloudEventsBody(events);
  }

  status(): object {
    return {
      settings: { ...this.settings, verifierToken: '(set)' },
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

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    this.clear();
    await this.sending;
  }

  /** Looks for something to send now, and sets the timer for what is due later. */
  wake(): void {
    if (this.closed || this.sending) return;
    clearTimeout(this.timer);
    const now = this.clock.now();
    if (this.gathered.length > 0 && this.windowEnds <= now) this.closeWindow();
    const due = this.queue.length > 0 ? (this.queue[0] as Delivery).dueAt : Number.POSITIVE_INFINITY;
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
      const body = this.bodyOf(bundle);
      for (let copy = 0; copy <= this.settings.duplicate; copy++) {
        if (this.random.chance(this.settings.dropProbability)) continue;
        const now = this.clock.now();
        const dueAt = now + this.settings.delayMs;
        this.queue.push({
          number: ++this.numbers,
          body,
          createdAt: now,
          dueAt,
          events: bundle.length,
          attempts: 0,
          status: 'waiting',
        });
      }
    }
    if (this.settings.reorder) this.queue = this.random.shuffled(this.queue);
  }

  private async sendDue(): Promise<void> {
    while (!this.closed) {
      const head = this.queue[0];
      if (!head || head.dueAt > this.clock.now()) return;
      if (head.attempts === 0) {
        this.history.push(head);
        if (this.history.length > HISTORY) this.history.shift();
      }
      head.attempts++;
      const status = await this.sendOnce(head.body);
      head.status = status === 0 ? 'failed' : status;
      if (status >= 200 && status < 300) {
        this.counts.sent++;
        this.queue = this.queue.filter((delivery) => delivery !== head);
      } else {
        this.counts.failed++;
        head.dueAt = this.clock.now() + (RETRIES[Math.min(head.attempts, RETRIES.length) - 1] as number);
      }
    }
  }

  private async post(body: string, headers: Record<string, string>): Promise<number> {
    if (this.settings.url === null) return 0;
    const legacy = this.settings.format === 'legacy';
    try {
      const response = await fetch(this.settings.url, {
        method: 'POST',
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(DEADLINE),
        headers: {
          'content-type': legacy ? 'application/json' : 'application/cloudevents+json',
          'user-agent': 'intuit_notification_server/1.0',
          'intuit-t-id': this.random.uuid(),
          'intuit-created-time': new Date(this.clock.now()).toISOString(),
          'intuit-notification-schema-version': legacy ? '0.1' : '1.0',
          ...headers,
        },
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      // Refused, reset or too slow: all the same to the sender.
      return 0;
    }
  }

  private cloudEventsBody(events: readonly CompanyEvent[]): string {
    const { omitData } = this.settings;
    const source = `intuit.${Buffer.from('sandbox-source').toString('base64')}`;
    return JSON.stringify(
      events.map((event, index) => ({
        specversion: '1.0',
        id: this.random.uuid(),
        source,
        type: `qbo.${nameOf(event).toLowerCase()}.${VERBS[event.operation]}.v1`,
        ...(!omitData && { datacontenttype: 'application/json' }),
        // The precision varies between seconds and nanoseconds.
        time: new Date(event.at).toISOString().replace(/\.(\d{3})Z$/, index % 2 === 0 ? '.$1000000Z' : 'Z'),
        intuitentityid: event.id,
        intuitaccountid: event.realm,
        ...(event.deletedId !== undefined ? { data: { deletedid: event.deletedId } } : !omitData && { data: {} }),
      })),
    );
  }
}

function signature(body: string, key: string): string {
  return createHmac('sha256', key).update(body, 'utf8').digest('base64');
}

function nameOf(event: CompanyEvent): string {
  return entities.get(event.entity)?.webhookName ?? event.entity;
}

function legacyBody(events: readonly CompanyEvent[]): string {
  const byRealm = Map.groupBy(events, (event) => event.realm);
  return JSON.stringify({
    eventNotifications: [...byRealm].map(([realmId, own]) => ({
      realmId,
      dataChangeEvent: {
        entities: own.map((event) => ({
          name: nameOf(event),
          id: event.id,
          operation: event.operation,
          lastUpdated: `${new Date(event.at).toISOString().slice(0, 19)}.000Z`,
          ...(event.deletedId !== undefined && { deletedId: event.deletedId }),
        })),
      },
    })),
  });
}

/** One realm per request unless realms may mix, and never more events than a receiver can be expected to take. */
function bundles(events: readonly CompanyEvent[], mixRealms: boolean): CompanyEvent[][] {
  const groups = mixRealms ? [[...events]] : [...Map.groupBy(events, (event) => event.realm).values()];
  return groups.flatMap((group) => {
    const parts: CompanyEvent[][] = [];
    for (let at = 0; at < group.length; at += MOST_EVENTS_PER_DELIVERY) {
      parts.push(group.slice(at, at + MOST_EVENTS_PER_DELIVERY));
    }
    return parts;
  });
}
