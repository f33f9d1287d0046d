import { createHmac } from 'node:crypto';
import type { VirtualClock } from '../clock.ts';
import type { Randomness } from '../randomness.ts';
import { bareId } from './ids.ts';
import type { Switches } from './switches.ts';
import { WEBHOOK_EVENTS, type Happening, type WebhookEvent } from './webhook-events.ts';

export interface WebhookSettings {
  url: string | null;
  verifierToken: string;
  /** The check-boxes of the portal. */
  events: readonly WebhookEvent[];
  enabled: boolean;
  /** Extra copies of every delivery. */
  duplicate: number;
  dropProbability: number;
  delayMs: number;
  /** Deliveries leave in random order when several are due. */
  reorder: boolean;
}

export function initialWebhookSettings(): WebhookSettings {
  return {
    url: null,
    verifierToken: 'sandbox-verifier',
    events: WEBHOOK_EVENTS,
    enabled: true,
    duplicate: 0,
    dropProbability: 0,
    delayMs: 0,
    reorder: false,
  };
}

interface Delivery {
  number: number;
  eventId: string;
  eventType: string;
  body: string;
  createdAt: number;
  dueAt: number;
  attempts: number;
  status: number | 'failed' | 'waiting';
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Waits after failed attempts; after the last one a delivery is given up. The vendor publishes no schedule. */
const RETRIES = [10 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR];
const DEADLINE = 10 * SECOND;
const HISTORY = 200;

/**
 * Deliveries on their way to the application's one endpoint: one event each, signed, tried again by virtual time with the
 * same event id. One that fails does not hold up the others.
 */
export class Webhooks {
  settings: WebhookSettings = initialWebhookSettings();
  counts = { sent: 0, failed: 0, skipped: 0 };
  private readonly clock: VirtualClock;
  private readonly random: Randomness;
  private readonly switches: Switches;
  /** Whether a business may be told of: its plan, and a grant with the scope. Nothing skipped is ever made up for. */
  private readonly mayTell: (businessId: string, scope: string) => boolean;
  private readonly queue = new Set<Delivery>();
  private history: Delivery[] = [];
  private numbers = 0;
  private timer: NodeJS.Timeout | undefined;
  /** When the timer looks again. */
  private wakesAt = Number.POSITIVE_INFINITY;
  private sending: Promise<void> | undefined;
  private closed = false;

  constructor(
    clock: VirtualClock,
    random: Randomness,
    switches: Switches,
    mayTell: (businessId: string, scope: string) => boolean,
  ) {
    this.clock = clock;
    this.random = random;
    this.switches = switches;
    this.mayTell = mayTell;
    clock.onMove(() => this.wake());
  }

  note(happening: Happening): void {
    const { url, enabled, events, duplicate, dropProbability, delayMs } = this.settings;
    if (this.closed || url === null || !enabled || !events.includes(happening.type)) return;
    if (!this.mayTell(happening.businessId, `${happening.type.split('.')[0]}:read`)) {
      this.counts.skipped++;
      return;
    }
    const eventId = this.random.uuid();
    const body = this.bodyOf(happening, eventId);
    const now = this.clock.now();
    for (let copy = 0; copy <= duplicate; copy++) {
      if (this.random.chance(dropProbability)) continue;
      const number = ++this.numbers;
      const dueAt = now + delayMs;
      this.queue.add({
        number,
        eventId,
        eventType: happening.type,
        body,
        createdAt: now,
        dueAt,
        attempts: 0,
        status: 'waiting',
      });
    }
    if (now + delayMs < this.wakesAt) this.wake();
  }

  /** Sends everything that is queued, without waiting for delays and retry times. */
  async flush(): Promise<{ sent: number; failed: number; waiting: number }> {
    while (this.sending) await this.sending;
    const before = { ...this.counts };
    for (const delivery of this.queue) delivery.dueAt = this.clock.now();
    await this.send();
    return {
      sent: this.counts.sent - before.sent,
      failed: this.counts.failed - before.failed,
      waiting: this.queue.size,
    };
  }

  /** Sends a body as it is, signed with the true key or a wrong one; answers the receiver's status, 0 for none. */
  async sendOnce(
    body: string,
    headers: Record<string, string> = {},
    key = this.settings.verifierToken,
  ): Promise<number> {
    if (this.settings.url === null) return 0;
    try {
      const response = await fetch(this.settings.url, {
        method: 'POST',
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(DEADLINE),
        headers: { 'content-type': 'application/json', 'x-wave-signature': this.signature(body, key), ...headers },
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      // Refused, reset or too slow: all the same to the sender.
      return 0;
    }
  }

  /** The body in which a happening travels (sheet 5.2). */
  bodyOf(happening: Happening, eventId = this.random.uuid()): string {
    const [family] = happening.type.split('.');
    const id = (encoded: string) => (this.switches.webhookIds === 'bare' ? bareId(encoded) : encoded);
    return JSON.stringify({
      event_id: eventId,
      event_type: happening.type,
      business_id: id(happening.businessId),
      data: {
        [`${family}_id`]: id(happening.id),
        customer_id: id(happening.customerId),
        currency_code: happening.currency,
        total: happening.total,
        amount_paid: happening.amountPaid,
        amount_due: happening.amountDue,
        due_date: happening.dueDate,
      },
    });
  }

  status(): object {
    return {
      settings: { ...this.settings, verifierToken: '(set)' },
      queue: this.queue.size,
      counts: this.counts,
      deliveries: this.history.map(({ body: _body, ...delivery }) => delivery),
    };
  }

  clear(): void {
    this.queue.clear();
    this.history = [];
    this.counts = { sent: 0, failed: 0, skipped: 0 };
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    this.queue.clear();
    await this.sending;
  }

  /** Looks for something to send now, and sets the timer for what is due later. */
  wake(): void {
    if (this.closed || this.sending) return;
    clearTimeout(this.timer);
    this.wakesAt = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.queue) this.wakesAt = Math.min(this.wakesAt, dueAt);
    if (this.wakesAt === Number.POSITIVE_INFINITY) return;
    const wait = this.wakesAt - this.clock.now();
    // What is due leaves after the answer that caused it.
    this.timer = setTimeout(() => void this.send(), Math.min(Math.max(wait, 0), HOUR));
    this.timer.unref();
  }

  private async send(): Promise<void> {
    if (this.sending) return this.sending;
    this.sending = this.sendDue();
    await this.sending;
    this.sending = undefined;
    this.wake();
  }

  private async sendDue(): Promise<void> {
    const now = this.clock.now();
    const due = [...this.queue].filter((delivery) => delivery.dueAt <= now);
    for (const delivery of this.settings.reorder ? this.random.shuffled(due) : due) {
      if (this.closed) return;
      await this.attempt(delivery);
    }
  }

  private async attempt(delivery: Delivery): Promise<void> {
    if (delivery.attempts === 0) {
      this.history.push(delivery);
      if (this.history.length > HISTORY) this.history.shift();
    }
    delivery.attempts++;
    const status = await this.sendOnce(delivery.body);
    delivery.status = status === 0 ? 'failed' : status;
    const isTaken = status >= 200 && status < 300;
    if (isTaken) this.counts.sent++;
    else this.counts.failed++;
    const wait = RETRIES[delivery.attempts - 1];
    if (isTaken || wait === undefined) this.queue.delete(delivery);
    else delivery.dueAt = this.clock.now() + wait;
  }

  private signature(body: string, key: string): string {
    if (this.switches.webhookSignature === 'hex') return hmac(key, body);
    const seconds = Math.floor(this.clock.now() / 1000);
    return `t=${seconds},v1=${hmac(key, `${seconds}.${body}`)}`;
  }
}

function hmac(key: string, text: string): string {
  return createHmac('sha256', key).update(text, 'utf8').digest('hex');
}
