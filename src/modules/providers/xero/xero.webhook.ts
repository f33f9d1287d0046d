import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KindName } from '../../../domain/contract/index.js';
import { wireAt, type Wire } from '../../../domain/provider/mapping/index.js';
import type { ChangeNotice, RawDelivery, WebhookDefinition } from '../../../domain/provider/index.js';
import { isGuid, instantOf, parsed, textAt } from './xero.wire.js';

/**
 * Webhooks (sheet 6). One address hears of all organisations. An event names a record that may have changed; what it says
 * was done is not relied upon. The intent to receive is a delivery without events: it is answered like any other, by 401
 * where the signature is wrong.
 */
export const webhook: WebhookDefinition = {
  secretSetting: 'XERO_WEBHOOK_SECRET',
  verify: (delivery, secrets) => verify(delivery, secrets),
  read: (delivery) => read(delivery),
};

/** HMAC-SHA256 over the raw bytes, in base64; all secrets are tried, whichever of them fits. */
const verify = ({ headers, body }: RawDelivery, secrets: readonly string[]): boolean => {
  const signature = Buffer.from(headers['x-xero-signature'] ?? '', 'utf8');
  return secrets
    .filter((secret) => secret !== '')
    .map((secret) => Buffer.from(createHmac('sha256', secret).update(body).digest('base64'), 'utf8'))
    .map((expected) => expected.length === signature.length && timingSafeEqual(expected, signature))
    .includes(true);
};

const read = ({ body }: RawDelivery): ReturnType<WebhookDefinition['read']> => {
  const events = wireAt(parsed(Buffer.from(body).toString('utf8')), 'events');
  if (!Array.isArray(events)) return { notices: [], unreadable: 'the delivery holds no list of events' };
  const notices = events.map(noticeOf);
  const failed = notices.filter((notice) => notice === undefined).length;
  return {
    notices: together(notices.filter((notice) => notice !== undefined && notice !== 'unheard')),
    ...(failed > 0 && { unreadable: `${failed} of ${events.length} events cannot be read` }),
  };
};

/** `unheard` for what is nothing that is kept here; undefined where the event cannot be read. */
const noticeOf = (event: Wire): ChangeNotice | 'unheard' | undefined => {
  const category = textAt(event, 'eventCategory');
  if (category === undefined) return undefined;
  const candidates = candidatesOf(category, textAt(event, 'data.Type'));
  if (candidates.length === 0) return 'unheard';
  const [company, id] = [textAt(event, 'tenantId'), textAt(event, 'resourceId')];
  if (company === undefined || id === undefined || !isGuid(id)) return undefined;
  const at = instantOf(wireAt(event, 'eventDateUtc'));
  return { company, candidates, id, ...(at && { at }) };
};

/** Whether an INVOICE is an invoice or a bill is known only when it is read; credit notes tell. */
const candidatesOf = (category: string, type: string | undefined): readonly KindName[] => {
  switch (category) {
    case 'CONTACT':
      return ['contact'];
    case 'INVOICE':
      return ['invoice', 'bill'];
    case 'CREDITNOTE':
      return type === 'ACCRECCREDIT'
        ? ['credit_note']
        : type === 'ACCPAYCREDIT'
          ? ['vendor_credit']
          : ['credit_note', 'vendor_credit'];
    default:
      return [];
  }
};

/** Many events about one record make one notice, the last one. */
const together = (notices: readonly ChangeNotice[]): readonly ChangeNotice[] => [
  ...new Map(notices.map((notice) => [`${notice.company} ${notice.id}`, notice])).values(),
];
