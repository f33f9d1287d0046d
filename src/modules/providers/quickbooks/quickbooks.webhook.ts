import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KindName } from '../../../domain/contract/index.js';
import { wireAt, type Wire } from '../../../domain/provider/mapping/index.js';
import type { ChangeNotice, RawDelivery, WebhookDefinition } from '../../../domain/provider/index.js';
import { ENTITIES, idOf, isVendorId } from './quickbooks.entities.js';
import { idText, parsed } from './quickbooks.wire.js';

/**
 * Webhooks in both of the vendor's formats (sheet 6): the older object with `eventNotifications`, and an array of
 * CloudEvents. Either names records that may have changed and nothing else; what an event says was done is not relied
 * upon, but for a merge, of which the loser is noticed too.
 */
export const webhook: WebhookDefinition = {
  secretSetting: 'QUICKBOOKS_WEBHOOK_SECRET',
  verify: (delivery, secrets) => verify(delivery, secrets),
  read: (delivery) => read(delivery),
};

/** HMAC-SHA256 over the raw bytes, in base64; all secrets are tried, whichever of them fits. */
const verify = ({ headers, body }: RawDelivery, secrets: readonly string[]): boolean => {
  const signature = Buffer.from(headers['intuit-signature'] ?? '', 'utf8');
  return secrets
    .filter((secret) => secret !== '')
    .map((secret) => Buffer.from(createHmac('sha256', secret).update(body).digest('base64'), 'utf8'))
    .map((expected) => expected.length === signature.length && timingSafeEqual(expected, signature))
    .includes(true);
};

type Reading = ReturnType<WebhookDefinition['read']>;

const read = ({ body }: RawDelivery): Reading => {
  const payload = parsed(Buffer.from(body).toString('utf8'));
  if (Array.isArray(payload)) return readAll(payload, readCloudEvent);
  const notifications = wireAt(payload, 'eventNotifications');
  if (Array.isArray(notifications)) return readAll(notifications, readNotification);
  return { notices: [], unreadable: 'the delivery is in neither of the known formats' };
};

/** Undefined for an event that cannot be read; what can be read of a delivery counts all the same. */
type EventReader = (event: Wire) => readonly ChangeNotice[] | undefined;

const readAll = (events: readonly Wire[], readEvent: EventReader): Reading => {
  const read = events.map(readEvent);
  const failed = read.filter((notices) => notices === undefined).length;
  return {
    notices: read.flatMap((notices) => notices ?? []),
    ...(failed > 0 && { unreadable: `${failed} of ${events.length} events cannot be read` }),
  };
};

/** One company's changes in the older format. */
const readNotification: EventReader = (notification) => {
  const realm = digitsAt(notification, 'realmId');
  const entities = wireAt(notification, 'dataChangeEvent.entities');
  if (realm === undefined || !Array.isArray(entities)) return undefined;
  const read = entities.map((event) => {
    const name = wireAt(event, 'name');
    if (typeof name !== 'string') return undefined;
    return noticesOf({
      realm,
      entity: name.toLowerCase(),
      id: digitsAt(event, 'id'),
      operation: textAt(event, 'operation'),
      loser: digitsAt(event, 'deletedId'),
      at: textAt(event, 'lastUpdated'),
      eventId: undefined,
    });
  });
  return read.includes(undefined) && read.every((notices) => (notices ?? []).length === 0)
    ? undefined
    : read.flatMap((notices) => notices ?? []);
};

/** `qbo.customer.merged.v1`: the spelling of some verbs is uncertain, so only their beginnings are read. */
const readCloudEvent: EventReader = (event) => {
  const [, entity, verb] = textAt(event, 'type')?.split('.') ?? [];
  const realm = digitsAt(event, 'intuitaccountid');
  if (realm === undefined || entity === undefined) return undefined;
  return noticesOf({
    realm,
    entity: entity.toLowerCase(),
    id: digitsAt(event, 'intuitentityid'),
    operation: verb,
    loser: digitsAt(event, 'data.deletedid') ?? digitsAt(event, 'data.deletedId'),
    at: textAt(event, 'time'),
    eventId: textAt(event, 'id'),
  });
};

interface VendorEvent {
  readonly realm: string;
  /** In small letters. */
  readonly entity: string;
  readonly id: string | undefined;
  readonly operation: string | undefined;
  readonly loser: string | undefined;
  readonly at: string | undefined;
  readonly eventId: string | undefined;
}

const byName = new Map(ENTITIES.map((entity) => [entity.name.toLowerCase(), entity]));

/** What the company's own record shows: its settings, and the agencies that it pays taxes to. */
const OF_COMPANY = ['preferences', 'companyinfo', 'taxagency'];

const noticesOf = (event: VendorEvent): readonly ChangeNotice[] | undefined => {
  const { realm, id, at, eventId, loser } = event;
  const common = { company: realm, ...(at && { at }) };
  if (OF_COMPANY.includes(event.entity)) {
    return [{ ...common, candidates: ['company'], id: realm, ...(eventId && { eventId }) }];
  }
  const entity = byName.get(event.entity);
  // Budgets, employees, time: nothing that is kept here.
  if (!entity) return [];
  if (id === undefined) return undefined;
  const notice = (vendorId: string, more: Partial<ChangeNotice>): ChangeNotice => ({
    ...common,
    candidates: [entity.kind] satisfies KindName[],
    id: idOf(entity, vendorId),
    ...more,
  });
  return [
    notice(id, { ...(eventId && { eventId }) }),
    ...(loser !== undefined && isMerge(event)
      ? [notice(loser, { mergedInto: idOf(entity, id), ...(eventId && { eventId: `${eventId}:merged` }) })]
      : []),
  ];
};

const isMerge = ({ operation }: VendorEvent): boolean => /^merg/i.test(operation ?? '');

const textAt = (from: Wire, path: string): string | undefined => {
  const wire = wireAt(from, path);
  return typeof wire === 'string' && wire !== '' ? wire : undefined;
};

/** An id; a number is taken for its digits. */
const digitsAt = (from: Wire, path: string): string | undefined => {
  const text = idText(wireAt(from, path));
  return isVendorId(text) ? text : undefined;
};
