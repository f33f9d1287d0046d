import { createHmac, timingSafeEqual } from 'node:crypto';
import { isWireObject } from '../../../src/domain/provider/mapping/index.js';
import type { ChangeNotice, WebhookDefinition } from '../../../src/domain/provider/index.js';
import type { Places } from './toy.places.js';
import { parsed, rowsIn, textIn } from './toy.wire.js';

/** Signed deliveries that name records and nothing else. */
export const webhookFor = (places: Places): WebhookDefinition => ({
  secretSetting: 'TOY_WEBHOOK_SECRET',
  verify: ({ headers, body }, secrets) => {
    const signature = Buffer.from(headers['x-toy-signature'] ?? '', 'utf8');
    return secrets
      .filter((secret) => secret !== '')
      .map((secret) => Buffer.from(createHmac('sha256', secret).update(body).digest('base64'), 'utf8'))
      .map((expected) => expected.length === signature.length && timingSafeEqual(expected, signature))
      .includes(true);
  },
  read: ({ body }) => {
    const wire = parsed(Buffer.from(body).toString('utf8'));
    const company = isWireObject(wire) ? textIn(wire, 'company') : undefined;
    const events = isWireObject(wire) ? rowsIn(wire, 'events') : undefined;
    if (company === undefined || !events)
      return { notices: [], unreadable: 'the delivery has no company or no events' };
    const notices = events.flatMap((event): ChangeNotice[] => {
      const id = textIn(event, 'id');
      const candidates = places.heldIn(textIn(event, 'resource') ?? '', textIn(event, 'type'));
      const at = textIn(event, 'at');
      return id === undefined || candidates.length === 0
        ? []
        : [{ company, candidates, id, ...(at !== undefined && { at }) }];
    });
    return { notices };
  },
});
