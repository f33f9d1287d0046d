import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import type { RawDelivery } from '../../../domain/provider/index.js';
import { webhook } from './quickbooks.webhook.js';

const SECRET = 'verifier';

const delivery = (body: string | Uint8Array, secret = SECRET): RawDelivery => {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  return {
    headers: { 'intuit-signature': createHmac('sha256', secret).update(bytes).digest('base64') },
    body: bytes,
  };
};

const legacy = (...entities: unknown[]) =>
  JSON.stringify({ eventNotifications: [{ realmId: '9130001112223334', dataChangeEvent: { entities } }] });

const cloudEvent = (type: string, id: unknown, more: Record<string, unknown> = {}) => ({
  specversion: '1.0',
  id: '5b0c7d1e',
  source: 'intuit.c2F',
  type,
  time: '2026-02-03T17:14:05.123456789Z',
  intuitentityid: id,
  intuitaccountid: '9130001112223334',
  ...more,
});

describe('the signature', () => {
  const body = legacy({ name: 'Invoice', id: '183', operation: 'Update', lastUpdated: '2026-02-03T17:14:05.000Z' });

  it('is the vendor’s over the raw bytes, with any of the live secrets', () => {
    expect(webhook.verify(delivery(body), [SECRET])).toBe(true);
    expect(webhook.verify(delivery(body), ['newer', SECRET])).toBe(true);
    expect(webhook.verify(delivery('{ "irregular" :\n"white space" }'), [SECRET])).toBe(true);
    expect(webhook.verify(delivery('{"name":"Жук 日本 😀"}'), [SECRET])).toBe(true);
  });

  it.each<[string, RawDelivery, readonly string[]]>([
    ['another secret', delivery(body, 'stolen'), [SECRET]],
    ['no secret at all', delivery(body, ''), ['']],
    ['no secrets', delivery(body), []],
    ['no signature', { headers: {}, body: Buffer.from(body) }, [SECRET]],
    ['a body that was changed', { ...delivery(body), body: Buffer.from(`${body} `) }, [SECRET]],
    ['a truncated body', { ...delivery(body), body: Buffer.from(body).subarray(0, 40) }, [SECRET]],
    ['half a signature', { ...delivery(body), headers: { 'intuit-signature': 'q2hv' } }, [SECRET]],
    ['a signature in other letters', { ...delivery(body), headers: { 'intuit-signature': '😀'.repeat(11) } }, [SECRET]],
  ])('is refused with %s', (_, forged, secrets) => {
    expect(webhook.verify(forged, secrets)).toBe(false);
  });

  it('is refused when one bit of it or of the body is changed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), (bytes, at) => {
        const { headers } = delivery(bytes);
        const other = Uint8Array.from(bytes);
        other[at % bytes.length]! ^= 1 << (at % 8);
        expect(webhook.verify({ headers, body: other }, [SECRET])).toBe(false);
      }),
    );
  });
});

describe('a delivery in the older format', () => {
  it('names records that may have changed, and of a merge both', () => {
    const body = legacy(
      { name: 'Invoice', id: '183', operation: 'Update', lastUpdated: '2026-02-03T17:14:05.000Z' },
      { name: 'Vendor', id: '41', operation: 'Delete', lastUpdated: '2026-02-03T17:14:06.000Z' },
      { name: 'Customer', id: '58', operation: 'Merge', lastUpdated: '2026-02-03T17:15:00.000Z', deletedId: '77' },
    );
    const company = '9130001112223334';
    expect(webhook.read(delivery(body))).toEqual({
      notices: [
        { company, candidates: ['invoice'], id: '183', at: '2026-02-03T17:14:05.000Z' },
        { company, candidates: ['contact'], id: 'Vendor:41', at: '2026-02-03T17:14:06.000Z' },
        { company, candidates: ['contact'], id: 'Customer:58', at: '2026-02-03T17:15:00.000Z' },
        {
          company,
          candidates: ['contact'],
          id: 'Customer:77',
          at: '2026-02-03T17:15:00.000Z',
          mergedInto: 'Customer:58',
        },
      ],
    });
  });

  it('tells of the company when its settings or its tax agencies change, and of nothing that is not kept here', () => {
    const body = legacy(
      { name: 'Preferences', id: '1', operation: 'Update' },
      { name: 'Budget', id: '5', operation: 'Create' },
      { name: 'Employee', id: '55', operation: 'Update' },
    );
    expect(webhook.read(delivery(body))).toEqual({
      notices: [{ company: '9130001112223334', candidates: ['company'], id: '9130001112223334' }],
    });
  });

  it('keeps apart ids that one list and another share', () => {
    const body = legacy(
      { name: 'Class', id: '2', operation: 'Update' },
      { name: 'Department', id: '2', operation: 'Update' },
    );
    expect(webhook.read(delivery(body)).notices.map(({ id }) => id)).toEqual(['Class:2', 'Department:2']);
  });
});

describe('a delivery of CloudEvents', () => {
  it('may name several companies and carries the vendor’s event ids', () => {
    const body = JSON.stringify([
      cloudEvent('qbo.creditmemo.updated.v1', '183', { data: {} }),
      cloudEvent('qbo.purchaseorder.emailed.v1', '300', {
        intuitaccountid: '7',
        id: 'e2',
        time: '2026-02-03T17:14:05Z',
      }),
      cloudEvent('qbo.customer.merged.v1', '58', { id: 'e3', data: { deletedid: '77' } }),
    ]);
    const { notices, unreadable } = webhook.read(delivery(body));
    expect(unreadable).toBeUndefined();
    expect(
      notices.map(({ company, candidates, id, eventId, mergedInto }) => [
        company,
        candidates[0],
        id,
        eventId,
        mergedInto,
      ]),
    ).toEqual([
      ['9130001112223334', 'credit_note', '183', '5b0c7d1e', undefined],
      ['7', 'purchase_order', '300', 'e2', undefined],
      ['9130001112223334', 'contact', 'Customer:58', 'e3', undefined],
      ['9130001112223334', 'contact', 'Customer:77', 'e3:merged', 'Customer:58'],
    ]);
  });

  it('reads what it can and says how much it cannot', () => {
    const body = JSON.stringify([
      cloudEvent('qbo.invoice.updated.v1', '183'),
      cloudEvent('qbo.invoice.updated.v1', null),
      { type: 7 },
      'noise',
    ]);
    const { notices, unreadable } = webhook.read(delivery(body));
    expect(notices).toHaveLength(1);
    expect(unreadable).toBe('3 of 4 events cannot be read');
  });

  it('takes a number for an id by its digits', () => {
    const body = `[${JSON.stringify(cloudEvent('qbo.invoice.updated.v1', 0)).replace('"intuitentityid":0', '"intuitentityid":9007199254740993123')}]`;
    expect(webhook.read(delivery(body)).notices[0]?.id).toBe('9007199254740993123');
  });
});

describe('a delivery that is neither', () => {
  it.each(['', '{', 'null', '{"eventNotifications":"x"}', '<xml/>', '42'])('is said to be unreadable: %p', (body) => {
    expect(webhook.read(delivery(body))).toMatchObject({ notices: [], unreadable: expect.any(String) as string });
  });

  it('never throws, whatever the bytes', () => {
    const bodies = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.json().map((json) => Buffer.from(json)),
      fc
        .json()
        .map((json) =>
          Buffer.from(
            `[{"type":"qbo.invoice.updated.v1","intuitaccountid":"1","intuitentityid":${json},"data":${json}}]`,
          ),
        ),
      fc
        .json()
        .map((json) =>
          Buffer.from(`{"eventNotifications":[{"realmId":"1","dataChangeEvent":{"entities":[${json}]}}]}`),
        ),
    );
    fc.assert(
      fc.property(bodies, (body) => {
        const { notices } = webhook.read({ headers: {}, body });
        for (const { company, id } of notices) expect([typeof company, typeof id]).toEqual(['string', 'string']);
      }),
      { numRuns: Number(process.env.FC_RUNS ?? 500) },
    );
  });
});
