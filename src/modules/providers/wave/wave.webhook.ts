import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ChangeNotice, RawDelivery, WebhookDefinition } from '../../../domain/provider/index.js';
import { businessIdFrom, childIdFrom } from './wave.ids.js';
import { parsed, textIn } from './wave.wire.js';

/**
 * Webhooks (sheet 5.2): events in the life of invoices and estimates, for businesses with a paid plan. They name a
 * document to look at, sooner than the next poll would; nothing that they say of it is taken over.
 */
export const webhook: WebhookDefinition = {
  secretSetting: 'WAVE_WEBHOOK_SECRET',
  verify: (delivery, secrets) => verify(delivery, secrets),
  read: (delivery) => read(delivery),
};

/**
 * HMAC-SHA256 in hex: of the body, or of the time that the signature names and the body. Which of the two it is, is not
 * told, so both are known; all secrets are tried, whichever of them fits.
 */
const verify = ({ headers, body }: RawDelivery, secrets: readonly string[]): boolean => {
  const said = headers['x-wave-signature']?.trim() ?? '';
  const [, time, timed] = /^t=(\d{1,14}),\s*v1=([0-9a-fA-F]{64})$/.exec(said) ?? [];
  const signature = Buffer.from((timed ?? said).toLowerCase(), 'utf8');
  return secrets
    .filter((secret) => secret !== '')
    .map((secret) => {
      const hmac = createHmac('sha256', secret);
      if (time !== undefined) hmac.update(`${time}.`);
      return Buffer.from(hmac.update(body).digest('hex'), 'utf8');
    })
    .map((expected) => expected.length === signature.length && timingSafeEqual(expected, signature))
    .includes(true);
};

/** Families of events, by the beginning of their names; those of estimates were never published. */
const FAMILIES = {
  invoice: { kind: 'invoice', type: 'Invoice', id: 'data.invoice_id' },
  estimate: { kind: 'quote', type: 'AREstimate', id: 'data.estimate_id' },
} as const;

const read = ({ body }: RawDelivery): ReturnType<WebhookDefinition['read']> => {
  const payload = parsed(Buffer.from(body).toString('utf8'));
  const [event, business] = [textIn(payload, 'event_type'), textIn(payload, 'business_id')];
  if (event === undefined || business === undefined) {
    return { notices: [], unreadable: 'the delivery names no event or no business' };
  }
  const name = event.split('.')[0]!;
  // What is no event of a document is nothing that is kept here.
  if (name !== 'invoice' && name !== 'estimate') return { notices: [] };
  const family = FAMILIES[name];
  const id = textIn(payload, family.id);
  if (id === undefined) return { notices: [], unreadable: `the event ${event} names no document` };
  const company = businessIdFrom(business);
  const eventId = textIn(payload, 'event_id');
  const notice: ChangeNotice = {
    company,
    candidates: [family.kind],
    id: childIdFrom(company, family.type, id),
    ...(eventId !== undefined && { eventId }),
  };
  return { notices: [notice] };
};
