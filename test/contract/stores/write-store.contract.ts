import type { PlannedWrite } from '../../../src/domain/planning/index.js';
import type { ProviderFailure, Sighting } from '../../../src/domain/provider/index.js';
import type {
  Call,
  CallNote,
  Intent,
  IntentOutcome,
  IntentState,
  NewCall,
  NewIntent,
} from '../../../src/modules/sync/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import { giveUp, type Harness, type Open } from './harness.js';

const LOST: ProviderFailure = { is: 'lost_answer', message: 'timed out' };
const REFUSED: ProviderFailure = { is: 'invalid', message: 'Name too long', code: '2050', field: 'DisplayName' };
const NOTE: CallNote = { label: 'create Customer', status: 200, requestId: 'r-1', ms: 31 };

const sighting = (version = '1'): Sighting => ({
  kind: 'contact',
  id: 'b',
  existence: 'present',
  content: { displayName: 'Ana' },
  version,
  raw: { Id: 'b', SyncToken: version },
});

export const describeWriteStore = (form: string, open: Open): void => {
  describe(`writes ${form}`, () => {
    let h: Harness;
    let twin: string;
    beforeEach(async () => {
      h = await open();
      twin = h.newId();
    });

    const within = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => h.transactions.inTenant(h.tenant, work);
    const write = (more: Partial<PlannedWrite> = {}): PlannedWrite => ({
      side: 'books',
      operation: 'create',
      groups: ['name'],
      content: { displayName: 'Ana', lines: [{ id: '1', amount: '12.50' }] },
      policies: {},
      paired: [],
      sources: { name: { displayName: 'Ana' } },
      ...more,
    });
    const intent = (more: Partial<NewIntent> = {}): NewIntent => ({
      ...{ id: h.newId(), connection: h.connection, twin, walk: h.newId(), kind: 'contact', facet: '' },
      ...{ write: write(), target: undefined, marker: 'marker', decision: undefined },
      ...more,
    });
    const plan = (...intents: NewIntent[]): Promise<string[]> => within((tx) => h.writes.plan(tx, intents));
    const planned = async (more: Partial<NewIntent> = {}): Promise<NewIntent> => {
      const one = intent(more);
      expect(await plan(one)).toEqual([one.id]);
      return one;
    };
    const call = (intents: readonly string[], key?: string): NewCall => ({
      id: h.newId(),
      connection: h.connection,
      walk: h.newId(),
      draft: {
        intents,
        request: { method: 'POST', path: '/batch', headers: { 'x-a': 'b' }, body: '{"b":1,"a":"ü"}', label: 'batch' },
        ...(key !== undefined && { key }),
      },
    });
    const send = async (...intents: string[]): Promise<NewCall> => {
      const one = call(intents, 'key-1');
      await within((tx) => h.writes.send(tx, one));
      return one;
    };
    const record = (...outcomes: IntentOutcome[]): Promise<string[]> =>
      within((tx) => h.writes.record(tx, undefined, undefined, outcomes));
    const get = async (id: string): Promise<Intent> => (await within((tx) => h.writes.get(tx, [id])))[0]!;
    const callOf = (id: string): Promise<Call | undefined> => within((tx) => h.writes.callOf(tx, id));
    const unfinished = async (...twins: string[]): Promise<string[]> =>
      (await within((tx) => h.writes.unfinishedOf(tx, twins))).map(({ id }) => id);
    const settle = (...intents: string[]): Promise<void> => within((tx) => h.writes.settle(tx, intents));

    const confirmed = (id: string, version = '1', exact = true): IntentOutcome => ({
      intent: id,
      state: 'confirmed',
      answer: { sighting: sighting(version), exact },
    });
    const refused = (id: string): IntentOutcome => ({ intent: id, state: 'refused', failure: REFUSED });
    const uncertain = (id: string): IntentOutcome => ({ intent: id, state: 'uncertain', failure: LOST });
    const voided = (id: string, failure?: ProviderFailure): IntentOutcome => ({ intent: id, state: 'void', failure });
    const goingOn = (id: string, version: string): IntentOutcome => ({
      intent: id,
      state: 'planned',
      sighting: sighting(version),
    });

    test('nothing given is nothing done or found', async () => {
      await within(async (tx) => {
        expect(await h.writes.get(tx, [])).toEqual([]);
        expect(await h.writes.unfinishedOf(tx, [])).toEqual([]);
        expect(await h.writes.openCreates(tx, h.connection, 'contact')).toEqual([]);
        expect(await h.writes.plan(tx, [])).toEqual([]);
        expect(await h.writes.record(tx, undefined, undefined, [])).toEqual([]);
        await h.writes.settle(tx, []);
      });
    });

    describe('planning', () => {
      test('an intent is kept as it was planned, and nothing of it is sent yet', async () => {
        const create = await planned({ facet: 'customer' });
        const { now } = await within(async (tx) => tx);
        const kept = await get(create.id);
        expect(kept).toEqual({
          ...create,
          ...{ state: 'planned', createdAt: kept.createdAt, sentAt: undefined, done: [], answer: undefined },
          ...{ failure: undefined, looks: 0, absentSince: undefined, settled: false },
        });
        expect(kept.createdAt.getTime()).toBeLessThanOrEqual(now.getTime());
        expect(await callOf(create.id)).toBeUndefined();
      });

      test('an intent for a record that exists keeps the record as it was, and the decision behind it', async () => {
        const { kind: _kind, raw: _raw, ...target } = sighting('4');
        const update = await planned({ target, decision: h.newId(), write: write({ operation: 'update' }) });
        expect(await get(update.id)).toMatchObject({ target, decision: update.decision, write: update.write });
      });

      test('a second open intent for a twin is left out, in the same call too', async () => {
        const first = await planned();
        const [second, elsewhere, again] = [intent(), intent({ twin: h.newId() }), intent()];
        expect(await plan(second, elsewhere, again)).toEqual([elsewhere.id]);
        const twoAtOnce = [intent({ twin: second.id }), intent({ twin: second.id })];
        expect(await plan(...twoAtOnce)).toEqual([twoAtOnce[0]!.id]);
        expect(await unfinished(twin)).toEqual([first.id]);
        expect(await within((tx) => h.writes.get(tx, [second.id, again.id]))).toEqual([]);
      });

      test.each<[IntentState, boolean, (id: string) => IntentOutcome | undefined]>([
        ['planned', false, () => undefined],
        ['uncertain', false, uncertain],
        ['confirmed', true, (id) => confirmed(id)],
        ['refused', true, refused],
        ['void', true, (id) => voided(id)],
      ])('while an intent is %s, another for its twin may be planned: %s', async (state, may, outcomeOf) => {
        const first = await planned();
        const outcome = outcomeOf(first.id);
        if (outcome) await record(outcome);
        expect((await get(first.id)).state).toBe(state);
        const second = intent();
        expect(await plan(second)).toEqual(may ? [second.id] : []);
      });

      test('while an intent is in flight, none other for its twin is planned', async () => {
        const first = await planned();
        await send(first.id);
        expect(await plan(intent())).toEqual([]);
      });
    });

    describe('finding', () => {
      test('intents come in the order asked, and unknown ones are left out', async () => {
        const [one, other] = [await planned(), await planned({ twin: h.newId() })];
        const found = await within((tx) => h.writes.get(tx, [other.id, h.newId(), one.id]));
        expect(found.map(({ id }) => id)).toEqual([other.id, one.id]);
      });

      test('unfinished is what is open, or answered and not settled, oldest first', async () => {
        const twins: string[] = [];
        const ids: Record<string, string> = {};
        const make = async (name: string, ...outcomes: ((id: string) => IntentOutcome)[]): Promise<void> => {
          const of = h.newId();
          const one = await planned({ twin: of });
          for (const outcome of outcomes) await record(outcome(one.id));
          twins.push(of);
          ids[name] = one.id;
        };
        await make('planned');
        await make('uncertain', uncertain);
        await make('confirmed', (id) => confirmed(id));
        await make('settled', (id) => confirmed(id));
        await make('refused', refused);
        await make('void', (id) => voided(id));
        await make(
          'void after a first call',
          (id) => goingOn(id, '1'),
          (id) => voided(id),
        );
        await settle(ids.settled!);
        expect(await unfinished(...twins)).toEqual([
          ids.planned,
          ids.uncertain,
          ids.confirmed,
          ids['void after a first call'],
        ]);
        await settle(ids.confirmed!, ids['void after a first call']!, h.newId());
        expect(await unfinished(...twins)).toEqual([ids.planned, ids.uncertain]);
        expect((await get(ids.confirmed!)).settled).toBe(true);
        expect(await unfinished(h.newId())).toEqual([]);
      });

      test('open creates are those of their connection and kind that may still come true, replacements included', async () => {
        const elsewhere = await h.addConnection(h.tenant);
        const { kind: _kind, raw: _raw, ...target } = sighting();
        const replacing = { target, write: write({ operation: 'replace' }) };
        const open = [
          ...[await planned(), await planned({ twin: h.newId() }), await planned({ twin: h.newId() })],
          await planned({ twin: h.newId(), ...replacing }),
        ];
        const others = [
          await planned({ twin: h.newId(), target, write: write({ operation: 'update' }) }),
          await planned({ twin: h.newId(), kind: 'item' }),
          await planned({ twin: h.newId(), connection: elsewhere }),
        ];
        const over = [await planned({ twin: h.newId() }), await planned({ twin: h.newId() })];
        await send(open[1]!.id);
        await record(uncertain(open[2]!.id), confirmed(over[0]!.id), voided(over[1]!.id));
        const creates = await within((tx) => h.writes.openCreates(tx, h.connection, 'contact'));
        expect(creates.map(({ id }) => id).sort()).toEqual(open.map(({ id }) => id).sort());
        expect(others).toHaveLength(3);
      });
    });

    describe('a call', () => {
      test('is in flight with all its intents before it is sent, and can be sent again byte by byte', async () => {
        const [one, other] = [await planned(), await planned({ twin: h.newId() })];
        const sent = await send(other.id, one.id);
        const kept = await callOf(one.id);
        expect(kept).toEqual({ ...sent, state: 'in_flight', attempts: 1, sentAt: kept!.sentAt });
        expect(kept!.draft.intents).toEqual([other.id, one.id]);
        expect(await callOf(other.id)).toEqual(kept);
        for (const { id } of [one, other]) {
          expect(await get(id)).toMatchObject({ state: 'in_flight', sentAt: kept!.sentAt });
        }
      });

      test('without a key of the provider has none', async () => {
        const one = await planned();
        await within((tx) => h.writes.send(tx, call([one.id])));
        expect(Object.keys((await callOf(one.id))!.draft)).not.toContain('key');
      });

      test('that is sent again is counted and in flight again', async () => {
        const one = await planned();
        const sent = await send(one.id);
        await within((tx) => h.writes.record(tx, sent.id, NOTE, [uncertain(one.id)]));
        expect(await callOf(one.id)).toMatchObject({ state: 'unanswered', attempts: 1 });
        await h.pass(60_000);
        await within((tx) => h.writes.resend(tx, sent.id));
        const again = await callOf(one.id);
        expect(again).toMatchObject({ id: sent.id, state: 'in_flight', attempts: 2 });
        expect((await get(one.id)).state).toBe('uncertain');
      });

      test('of several is the latest, and the intent was first sent with the first', async () => {
        const one = await planned();
        const first = await send(one.id);
        const { sentAt } = await get(one.id);
        await within((tx) => h.writes.record(tx, first.id, NOTE, [goingOn(one.id, '1')]));
        expect(await callOf(one.id)).toMatchObject({ id: first.id, state: 'answered' });
        await h.pass(60_000);
        const second = await send(one.id);
        expect(await callOf(one.id)).toMatchObject({ id: second.id, state: 'in_flight' });
        expect(await get(one.id)).toMatchObject({ state: 'in_flight', sentAt });
      });

      test('is answered as soon as the outcome of one of its intents is known', async () => {
        const [one, other] = [await planned(), await planned({ twin: h.newId() })];
        const sent = await send(one.id, other.id);
        await within((tx) => h.writes.record(tx, sent.id, NOTE, [uncertain(one.id), refused(other.id)]));
        expect(await callOf(one.id)).toMatchObject({ state: 'answered' });
      });

      test('does not open again what has ended', async () => {
        const [ended, open] = [await planned(), await planned({ twin: h.newId() })];
        await record(confirmed(ended.id));
        const sent = await send(ended.id, open.id);
        expect((await get(ended.id)).state).toBe('confirmed');
        expect((await get(open.id)).state).toBe('in_flight');
        expect(await callOf(ended.id)).toMatchObject({ id: sent.id });
      });
    });

    describe('an answer', () => {
      test('that confirms is kept with what was shown', async () => {
        const one = await planned();
        await send(one.id);
        expect(await record(confirmed(one.id, '3', false))).toEqual([one.id]);
        expect(await get(one.id)).toMatchObject({
          state: 'confirmed',
          answer: { sighting: sighting('3'), exact: false },
          settled: false,
        });
      });

      test('may confirm that a record is gone', async () => {
        const one = await planned();
        await record({ intent: one.id, state: 'confirmed', answer: { sighting: undefined, exact: true } });
        const { state, answer } = await get(one.id);
        expect({ state, answer }).toEqual({ state: 'confirmed', answer: { exact: true } });
      });

      test('that refuses is kept in the provider’s words', async () => {
        const one = await planned();
        expect(await record(refused(one.id))).toEqual([one.id]);
        expect(await get(one.id)).toMatchObject({ state: 'refused', failure: REFUSED });
      });

      test('that never came leaves the intent uncertain, and each look for it is counted', async () => {
        const one = await planned();
        await send(one.id);
        expect(await record(uncertain(one.id))).toEqual([one.id]);
        expect(await get(one.id)).toMatchObject({ state: 'uncertain', failure: LOST, looks: 1 });
        await record(uncertain(one.id));
        expect(await get(one.id)).toMatchObject({ looks: 2 });
      });

      test('to a call in between is kept, and more calls may follow', async () => {
        const one = await planned();
        await send(one.id);
        await record(goingOn(one.id, '1'));
        await record({ intent: one.id, state: 'planned', sighting: undefined });
        await record(goingOn(one.id, '2'));
        expect(await get(one.id)).toMatchObject({ state: 'planned', done: [sighting('1'), sighting('2')] });
      });

      test('to a call that others are undone for keeps the refusal until they are, and then what was made again', async () => {
        const one = await planned();
        await record(goingOn(one.id, '1'));
        await record({ intent: one.id, state: 'planned', sighting: undefined, failure: REFUSED });
        expect(await get(one.id)).toMatchObject({ state: 'planned', failure: REFUSED, done: [sighting('1')] });
        await send(one.id);
        await record(uncertain(one.id));
        expect(await get(one.id)).toMatchObject({ state: 'uncertain', failure: REFUSED });
        await record({ intent: one.id, state: 'planned', sighting: undefined });
        expect(await get(one.id)).toMatchObject({ state: 'planned', failure: REFUSED });
        await record({ intent: one.id, state: 'refused', failure: REFUSED, sighting: sighting('7') });
        expect(await get(one.id)).toMatchObject({
          ...{ state: 'refused', failure: REFUSED, done: [sighting('1')] },
          answer: { sighting: sighting('7'), exact: true },
        });
        expect(await unfinished(twin)).toEqual([]);
      });

      test('that was not carried out says why, or nothing', async () => {
        const [one, other] = [await planned(), await planned({ twin: h.newId() })];
        const stale: ProviderFailure = { is: 'stale', message: 'changed meanwhile' };
        await record(uncertain(one.id), uncertain(other.id));
        await record(voided(one.id, stale), voided(other.id));
        expect(await get(one.id)).toMatchObject({ state: 'void', failure: stale });
        const { state, failure } = await get(other.id);
        expect({ state, failure }).toEqual({ state: 'void', failure: undefined });
      });

      test('takes the intent from any open state to any other', async () => {
        const outcomes = [confirmed, refused, voided, uncertain].map((of) => (id: string) => of(id));
        for (const outcome of outcomes) {
          for (const before of ['planned', 'in_flight', 'uncertain'] as const) {
            const one = await planned({ twin: h.newId() });
            if (before !== 'planned') await send(one.id);
            if (before === 'uncertain') await record(uncertain(one.id));
            expect(await record(outcome(one.id))).toEqual([one.id]);
            expect((await get(one.id)).state).toBe(outcome(one.id).state);
          }
        }
      });

      test('never changes what is confirmed or refused', async () => {
        const [good, bad] = [await planned(), await planned({ twin: h.newId() })];
        await record(confirmed(good.id, '1'), refused(bad.id));
        const before = [await get(good.id), await get(bad.id)];
        for (const outcome of [
          voided,
          refused,
          uncertain,
          (id: string) => confirmed(id, '2'),
          (id: string) => goingOn(id, '2'),
        ]) {
          expect(await record(outcome(good.id), outcome(bad.id))).toEqual([]);
        }
        expect([await get(good.id), await get(bad.id)]).toEqual(before);
      });

      test('that turns up late still confirms a void, and only that', async () => {
        const one = await planned();
        await record(voided(one.id, LOST));
        for (const outcome of [refused, uncertain, voided, (id: string) => goingOn(id, '1')]) {
          expect(await record(outcome(one.id))).toEqual([]);
        }
        expect(await record(confirmed(one.id, '5'))).toEqual([one.id]);
        expect(await get(one.id)).toMatchObject({ state: 'confirmed', answer: { sighting: sighting('5') } });
        expect(await unfinished(twin)).toEqual([one.id]);
      });

      test('that turns up late is believed though another intent is open by now', async () => {
        const late = await planned();
        await record(voided(late.id));
        const next = await planned();
        expect(await record(confirmed(late.id))).toEqual([late.id]);
        expect(await unfinished(twin)).toEqual([late.id, next.id]);
      });

      test('that turns up after its void was settled is still to be settled', async () => {
        const one = await planned();
        await record(goingOn(one.id, '1'));
        await record(voided(one.id));
        await settle(one.id);
        expect(await unfinished(twin)).toEqual([]);
        expect(await record(confirmed(one.id, '2'))).toEqual([one.id]);
        expect(await unfinished(twin)).toEqual([one.id]);
      });

      test('changes only the intents that are there and open', async () => {
        const [open, over] = [await planned(), await planned({ twin: h.newId() })];
        await record(confirmed(over.id));
        expect(await record(refused(over.id), confirmed(h.newId()), confirmed(open.id))).toEqual([open.id]);
      });
    });

    test('the trace of a lost answer seems absent since the first look that did not find it', async () => {
      const one = await planned();
      await send(one.id);
      await within((tx) => h.writes.noteAbsent(tx, one.id));
      const first = await get(one.id);
      expect(first.looks).toBe(1);
      expect(first.absentSince!.getTime()).toBeGreaterThanOrEqual(first.sentAt!.getTime());
      await h.pass(60_000);
      await within((tx) => h.writes.noteAbsent(tx, one.id));
      expect(await get(one.id)).toMatchObject({ looks: 2, absentSince: first.absentSince, state: 'in_flight' });
    });

    test('the trace of a call is looked for anew when it is made again', async () => {
      const one = await planned();
      await send(one.id);
      await within((tx) => h.writes.noteAbsent(tx, one.id));
      await record({ intent: one.id, state: 'planned', sighting: undefined });
      expect((await get(one.id)).absentSince).toBeUndefined();
    });

    test('the intents of a twin that vanished into another are the survivor’s', async () => {
      const survivor = h.newId();
      const over = await planned();
      await record(confirmed(over.id));
      const open = await planned();
      const other = await planned({ twin: h.newId() });
      await within((tx) => h.writes.absorb(tx, twin, survivor));
      expect(await unfinished(twin)).toEqual([]);
      expect(await unfinished(survivor)).toEqual([over.id, open.id]);
      expect(await plan(intent({ twin: survivor }))).toEqual([]);
      expect((await get(other.id)).twin).toBe(other.twin);
    });

    test('what a transaction that is given up did to writes is undone', async () => {
      const [one, other] = [await planned(), await planned({ twin: h.newId() })];
      const sent = await send(one.id);
      const before = [await get(one.id), await get(other.id), await callOf(one.id)];
      const fresh = intent({ twin: h.newId() });
      await giveUp(h, async (tx) => {
        await h.writes.plan(tx, [fresh]);
        await h.writes.resend(tx, sent.id);
        await h.writes.record(tx, sent.id, NOTE, [confirmed(one.id)]);
        await h.writes.settle(tx, [one.id]);
        await h.writes.send(tx, call([other.id]));
        await h.writes.noteAbsent(tx, other.id);
        await h.writes.absorb(tx, twin, h.newId());
      });
      expect([await get(one.id), await get(other.id), await callOf(one.id)]).toEqual(before);
      expect(await callOf(other.id)).toBeUndefined();
      expect(await plan(fresh)).toEqual([fresh.id]);
    });
  });
};
