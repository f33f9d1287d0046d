import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { xero } from './index.js';

const webhook = xero.webhook!;
const KEY = 'sandbox-verifier';
const TENANT = '55556666-0000-4000-8000-000000000003';
const ID = '9999aaaa-0000-4000-8000-000000000001';

const delivery = (text: string, signature?: string) => ({
  headers: { 'x-xero-signature': signature ?? createHmac('sha256', KEY).update(text).digest('base64') },
  body: Buffer.from(text),
});

const event = (more: object = {}) => ({
  resourceId: ID,
  tenantId: TENANT,
  tenantType: 'ORGANISATION',
  eventCategory: 'INVOICE',
  eventType: 'UPDATE',
  eventDateUtc: '2026-11-02T01:15:39.902',
  ...more,
});

const read = (...events: readonly object[]) =>
  webhook.read(delivery(JSON.stringify({ events, firstEventSequence: 1, lastEventSequence: events.length })));

describe('a delivery', () => {
  it('is genuine by its raw bytes, whatever its white space', () => {
    const text = '{"events":[\r\n ],"firstEventSequence": 0,"lastEventSequence":0, "entropy":"ABC"}';
    expect(webhook.verify(delivery(text), ['old', KEY])).toBe(true);
    expect(webhook.verify(delivery(text), ['old'])).toBe(false);
    expect(webhook.verify(delivery(text), [''])).toBe(false);
  });

  it('with one other sign in its signature is not, as the intent to receive tries', () => {
    const { headers, body } = delivery('{"events":[]}');
    const signature = headers['x-xero-signature'].replace(/^./, (sign) => (sign === '/' ? '+' : '/'));
    expect(webhook.verify({ headers: { 'x-xero-signature': signature }, body }, [KEY])).toBe(false);
    expect(webhook.verify({ headers: {}, body }, [KEY])).toBe(false);
  });

  it('without events tells nothing', () => {
    expect(read()).toEqual({ notices: [] });
  });
});

describe('an event', () => {
  it('about an invoice may be about a bill', () => {
    expect(read(event())).toEqual({
      notices: [{ company: TENANT, candidates: ['invoice', 'bill'], id: ID, at: '2026-11-02T01:15:39.902Z' }],
    });
  });

  it('about a credit says of which kind', () => {
    const kinds = (data?: object) => read(event({ eventCategory: 'CREDITNOTE', data })).notices[0]?.candidates;
    expect(kinds({ Type: 'ACCPAYCREDIT' })).toEqual(['vendor_credit']);
    expect(kinds({ Type: 'ACCRECCREDIT' })).toEqual(['credit_note']);
    expect(kinds()).toEqual(['credit_note', 'vendor_credit']);
  });

  it('of a category that is not kept here is passed over', () => {
    expect(read(event({ eventCategory: 'SUBSCRIPTION' }), event({ eventCategory: 'OVERPAYMENT' }))).toEqual({
      notices: [],
    });
  });

  it('that comes several times makes one notice, and several organisations may share a delivery', () => {
    const other = '55556666-0000-4000-8000-000000000009';
    expect(read(event(), event(), event({ tenantId: other })).notices.map(({ company }) => company)).toEqual([
      TENANT,
      other,
    ]);
  });

  it('that cannot be read is said, and the others count', () => {
    const { notices, unreadable } = read(event({ resourceId: 'no id' }), event());
    expect([notices.length, unreadable]).toEqual([1, '1 of 2 events cannot be read']);
  });

  it('of any form is read or said to be unreadable', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(webhook.read(delivery(text)).notices).toBeInstanceOf(Array);
      }),
    );
  });
});
