import fc from 'fast-check';
import type { KindName } from '../../../../src/domain/contract/index.js';
import type { ChangeNotice, RawDelivery, WebhookDefinition } from '../../../../src/domain/provider/index.js';
import { SEED } from '../bench.js';
import { cardsOf } from '../card.js';
import type { WebhookSender } from '../trial.js';
import type { Promises } from './grounds.js';
import { startReceiver, type Receiver } from './receiver.js';

export const noticing: Promises = (trial, grounds) => {
  const webhook = trial.definition.webhook!;
  // Webhooks that only make a poll come sooner promise nothing about any kind.
  const promising = cardsOf(trial.definition).some(({ ability }) => ability.noticedBy === 'webhook');
  if (trial.webhookFormats.length === 0 || !promising) return;

  describe.each(trial.webhookFormats)('a webhook in the format %s', (format) => {
    const bench = () => grounds().first;
    const sender = (): WebhookSender => grounds().stand.webhooks!;
    const told = cardsOf(trial.definition).filter(({ ability }) => ability.noticedBy === 'webhook');
    let receiver: Receiver;
    beforeAll(async () => {
      receiver = await startReceiver();
      await sender().sendTo(receiver.url, format);
    });
    afterAll(() => receiver.close());

    /** What came in while something happened. */
    const deliveriesOf = async (happens: () => Promise<unknown>): Promise<RawDelivery[]> => {
      await sender().flush();
      receiver.deliveries.length = 0;
      await happens();
      await sender().flush();
      return [...receiver.deliveries];
    };

    it('is signed, and names what people enter, edit and end', async () => {
      const changed: { kind: KindName; id: string; how: string }[] = [];
      const deliveries = await deliveriesOf(async () => {
        for (const { kind, facet } of told) {
          const { accountant } = bench();
          const id = await accountant.enter(kind, facet?.name);
          changed.push({ kind, id, how: 'entered' });
        }
      });
      const later = await deliveriesOf(async () => {
        for (const { kind, id, how } of [...changed]) {
          if (how === 'entered' && (await bench().accountant.edit({ kind, id })))
            changed.push({ kind, id, how: 'edited' });
        }
      });
      const last = await deliveriesOf(async () => {
        for (const { kind, id, how } of [...changed]) {
          if (how !== 'entered') continue;
          for (const existence of ['voided', 'deleted', 'archived'] as const) {
            if (await bench().accountant.end({ kind, id }, existence)) {
              changed.push({ kind, id, how: existence });
              break;
            }
          }
        }
      });
      const noticedIn = (batch: readonly RawDelivery[]) =>
        batch.flatMap((delivery) => notices(webhook, sender(), delivery));
      const [entered, edited, ended] = [deliveries, later, last].map(noticedIn);
      const missed = changed.filter(({ kind, id, how }) => {
        const batch = how === 'entered' ? entered! : how === 'edited' ? edited! : ended!;
        return !batch.some((notice) => notice.id === id && notice.candidates.includes(kind));
      });
      expect(missed).toEqual([]);
      for (const notice of [...entered!, ...edited!, ...ended!]) {
        expect(notice.company).toBe(bench().company.id);
        expect(notice.at === undefined || !Number.isNaN(Date.parse(notice.at))).toBe(true);
      }
    });

    it('names both records of a merge, and which of them is left', async () => {
      const { accountant } = bench();
      if (!accountant.merge) return;
      let merges = 0;
      for (const { kind } of told) {
        let merged: { winner: string; loser: string } | undefined;
        const deliveries = await deliveriesOf(async () => (merged = await accountant.merge!(kind)));
        if (!merged) continue;
        merges++;
        const all = deliveries.flatMap((delivery) => notices(webhook, sender(), delivery));
        expect(all).toContainEqual(expect.objectContaining({ id: merged.loser, mergedInto: merged.winner }));
        expect(all.some(({ id, mergedInto }) => id === merged!.winner && mergedInto === undefined)).toBe(true);
        const [loser] = await bench().look(kind, [merged.loser]);
        expect(loser!.found === 'record' && loser!.sighting.existence === 'present').toBe(false);
      }
      expect(merges).toBeGreaterThan(0);
    });

    it('that is forged is known, however little it was changed', async () => {
      const { kind, facet } = told[0]!;
      let id = '';
      const [delivery] = await deliveriesOf(async () => (id = await bench().accountant.enter(kind, facet?.name)));
      const forged = await deliveriesOf(() => sender().forge(bench().company.id, { kind, id }));
      expect(forged).toHaveLength(1);
      const secrets = [sender().secret];
      expect(webhook.verify(delivery!, secrets)).toBe(true);
      expect(webhook.verify(forged[0]!, secrets)).toBe(false);
      for (const changed of tampered(delivery!)) expect(webhook.verify(changed, secrets)).toBe(false);
    });

    it('is checked against every live secret, and against none', async () => {
      const { kind, facet } = told[0]!;
      const [delivery] = await deliveriesOf(() => bench().accountant.enter(kind, facet?.name));
      const { secret } = sender();
      expect(webhook.verify(delivery!, ['another', secret])).toBe(true);
      expect(webhook.verify(delivery!, [`${secret} `])).toBe(false);
      expect(webhook.verify(delivery!, [''])).toBe(false);
      expect(webhook.verify(delivery!, [])).toBe(false);
    });

    it('that cannot be read says so, and never throws', async () => {
      const { kind, facet } = told[0]!;
      const [delivery] = await deliveriesOf(() => bench().accountant.enter(kind, facet?.name));
      const text = Buffer.from(delivery!.body).toString('utf8');
      const garbage = fc.oneof(
        fc.string(),
        fc.json(),
        fc.nat({ max: text.length }).map((end) => text.slice(0, end)),
        fc
          .tuple(fc.nat({ max: text.length }), fc.string({ maxLength: 3 }))
          .map(([at, put]) => text.slice(0, at) + put + text.slice(at + 1)),
        fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
      );
      fc.assert(
        fc.property(garbage, (body) => {
          const read = webhook.read({ ...delivery!, body: new Uint8Array(Buffer.from(body)) });
          expect(Array.isArray(read.notices)).toBe(true);
          for (const notice of read.notices) {
            expect(typeof notice.id).toBe('string');
            expect(notice.candidates.length).toBeGreaterThan(0);
          }
        }),
        { seed: SEED, numRuns: 300 },
      );
      for (const body of ['', '{', '7', 'null', '"text"', '<html>']) {
        expect(webhook.read({ ...delivery!, body: new Uint8Array(Buffer.from(body)) }).unreadable).toMatch(/\S/);
      }
    });
  });
};

const notices = (webhook: WebhookDefinition, sender: WebhookSender, delivery: RawDelivery): readonly ChangeNotice[] => {
  expect(webhook.verify(delivery, [sender.secret])).toBe(true);
  const read = webhook.read(delivery);
  expect(read.unreadable).toBeUndefined();
  return read.notices;
};

/** The delivery with one letter of its body changed, and with every header that may hold the signature damaged. */
const tampered = (delivery: RawDelivery): RawDelivery[] => {
  const body = Uint8Array.from(delivery.body);
  body[body.length - 2] = body[body.length - 2]! ^ 1;
  const longer = Uint8Array.from([...delivery.body, 32]);
  const signatures = Object.entries(delivery.headers).filter(([name]) => /signature|hmac|digest/.test(name));
  expect(signatures.length).toBeGreaterThan(0);
  const [name, signature] = signatures[0]!;
  const other = signature.startsWith('A') ? 'B' : 'A';
  return [
    { ...delivery, body },
    { ...delivery, body: longer },
    ...[other + signature.slice(1), signature.slice(0, -3), `${signature}AAAA`, '', signature.repeat(2), '💥'].map(
      (damaged) => ({ ...delivery, headers: { ...delivery.headers, [name]: damaged } }),
    ),
    { ...delivery, headers: {} },
  ];
};
