import type { ConflictDraft, Decision, Policy } from '../../../src/domain/conflict/index.js';
import type { ConflictRaise, OpenConflict } from '../../../src/modules/conflicts/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import { giveUp, type Harness, type Open } from './harness.js';

type Answer = Decision & { readonly actor: string; readonly verb: string };

export const describeConflictStore = (form: string, open: Open): void => {
  describe(`conflicts ${form}`, () => {
    let h: Harness;
    let [twin, other] = ['', ''];
    beforeEach(async () => {
      h = await open();
      [twin, other] = [h.newId(), h.newId()];
    });

    const within = <T>(work: (tx: Tx) => Promise<T>, of = h.tenant): Promise<T> => h.transactions.inTenant(of, work);
    const draft = (fingerprint: string, more: Partial<ConflictDraft> = {}): ConflictDraft => ({
      reason: 'both_edited',
      groups: ['money', 'dates'],
      base: { existence: 'present', content: { amount: '10' } },
      app: { existence: 'present', content: { amount: '12.50', lines: [{ id: '1' }] } },
      books: { existence: 'voided', content: {} },
      candidates: [],
      fingerprint,
      ...more,
    });
    const raising = (of: string, fingerprint: string, more: Partial<ConflictRaise> = {}): ConflictRaise => ({
      ...{ connection: h.connection, twin: of, kind: 'invoice', moneyEffect: '-2.50' },
      draft: draft(fingerprint),
      ...more,
    });
    const raise = (...raises: ConflictRaise[]): Promise<{ twin: string; id: string; was: string }[]> =>
      within((tx) => h.conflicts.raise(tx, raises));
    const raised = async (of: string, fingerprint: string): Promise<string> =>
      (await raise(raising(of, fingerprint)))[0]!.id;
    const openOf = (...twins: string[]): Promise<OpenConflict[]> => within((tx) => h.conflicts.openOf(tx, twins));
    const get = (id: string, of = h.tenant): Promise<OpenConflict | undefined> =>
      within((tx) => h.conflicts.get(tx, id), of);
    const close = async (
      ...twins: { twin: string; how: 'decided' | 'resolved_itself' | 'relinked' }[]
    ): Promise<string[]> => (await within((tx) => h.conflicts.close(tx, twins))).sort();
    const answer = (fingerprint: string, more: Partial<Answer> = {}): Answer => ({
      id: h.newId(),
      fingerprint,
      choices: { money: { take: 'app' }, dates: { take: 'edited', content: { date: '2026-01-01' } } },
      actor: 'finance:ana',
      verb: 'by_group',
      ...more,
    });
    const decide = (conflict: string, decision: Answer): Promise<void> =>
      within((tx) => h.conflicts.decide(tx, conflict, decision));
    const kept = ({ verb: _verb, ...decision }: Answer): OpenConflict['decision'] => decision;

    test('nothing given is nothing raised, closed or found', async () => {
      await raised(twin, 'f1');
      await within(async (tx) => {
        expect(await h.conflicts.raise(tx, [])).toEqual([]);
        expect(await h.conflicts.openOf(tx, [])).toEqual([]);
        expect(await h.conflicts.close(tx, [])).toEqual([]);
        await h.conflicts.reopen(tx, []);
      });
      expect(await openOf(twin)).toHaveLength(1);
    });

    describe('raising', () => {
      test('a clash is open with what both sides say, and nobody has answered it', async () => {
        const [result] = await raise(raising(twin, 'f1'));
        expect(result).toEqual({ twin, id: result!.id, was: 'opened' });
        const conflict = {
          ...draft('f1'),
          ...{ id: result!.id, connection: h.connection, twin, kind: 'invoice', moneyEffect: '-2.50' },
          decision: undefined,
        };
        expect(await openOf(twin, other)).toMatchObject([conflict]);
        expect(await get(result!.id)).toMatchObject(conflict);
      });

      test('a clash may lack what a side says, and a money effect', async () => {
        const candidates = [{ side: 'books', id: 'b' }] as const;
        const more = { reason: 'namesake', base: undefined, books: undefined, candidates, groups: [] } as const;
        await raise(raising(twin, 'f1', { draft: draft('f1', more), moneyEffect: undefined }));
        expect(await openOf(twin)).toMatchObject([{ ...draft('f1', more), moneyEffect: undefined }]);
      });

      test.each(['0', '-0.005', '12.50', '123456789012345678901234567890.123456'])(
        'a money effect of %s is kept to the last digit',
        async (moneyEffect) => {
          await raise(raising(twin, 'f1', { moneyEffect }));
          expect((await openOf(twin))[0]!.moneyEffect).toBe(moneyEffect);
        },
      );

      test('the same clash again is unchanged, a changed one updates the twin’s open conflict', async () => {
        const id = await raised(twin, 'f1');
        expect(await raise(raising(twin, 'f1', { moneyEffect: '1' }))).toEqual([{ twin, id, was: 'unchanged' }]);
        expect((await openOf(twin))[0]!.moneyEffect).toBe('-2.50');
        const changed = raising(twin, 'f2', { draft: draft('f2', { groups: ['money'], base: undefined }) });
        expect(await raise({ ...changed, moneyEffect: '3' })).toEqual([{ twin, id, was: 'updated' }]);
        expect(await openOf(twin)).toMatchObject([{ ...changed.draft, id, moneyEffect: '3' }]);
      });

      test('a twin has one open conflict, also when it is raised repeatedly in one call', async () => {
        const results = await raise(
          raising(twin, 'f1'),
          raising(other, 'f1'),
          raising(twin, 'f1'),
          raising(twin, 'f2'),
        );
        expect(results.map((result) => [result.twin, result.was])).toEqual([
          [twin, 'opened'],
          [other, 'opened'],
          [twin, 'unchanged'],
          [twin, 'updated'],
        ]);
        expect((await openOf(twin, other)).map((conflict) => conflict.fingerprint).sort()).toEqual(['f1', 'f2']);
      });

      test('a conflict that was closed is not the one that is opened next', async () => {
        const first = await raised(twin, 'f1');
        await close({ twin, how: 'decided' });
        const [second] = await raise(raising(twin, 'f1'));
        expect(second!.was).toBe('opened');
        expect(second!.id).not.toBe(first);
        expect(await get(first)).toBeUndefined();
        expect(await openOf(twin)).toMatchObject([{ id: second!.id, decision: undefined }]);
      });
    });

    test('an open conflict is found by its id, within its tenant', async () => {
      const id = await raised(twin, 'f1');
      expect(await get(h.newId())).toBeUndefined();
      expect(await get(id, await h.addTenant())).toBeUndefined();
      expect(await get(id)).toMatchObject({ twin });
    });

    test('conflicts are closed for one reason or another, and the twins that had one are told', async () => {
      const quiet = h.newId();
      await raised(twin, 'f1');
      await raised(other, 'f1');
      const closing = [
        { twin, how: 'decided' },
        { twin: other, how: 'resolved_itself' },
        { twin: quiet, how: 'relinked' },
        { twin, how: 'relinked' },
      ] as const;
      expect(await close(...closing)).toEqual([twin, other].sort());
      expect(await openOf(twin, other)).toEqual([]);
      expect(await close(...closing)).toEqual([]);
    });

    describe('an answer', () => {
      test('is kept with the conflict, and the newest one counts', async () => {
        const id = await raised(twin, 'f1');
        const first = answer('f1');
        await decide(id, first);
        expect((await get(id))!.decision).toEqual(kept(first));
        const second = answer('f1', { choices: { money: { take: 'apart' } }, actor: 'finance:bob' });
        await decide(id, second);
        expect((await openOf(twin))[0]!.decision).toEqual(kept(second));
      });

      test('stays with a conflict that changes, so that its fingerprint tells that it no longer counts', async () => {
        const id = await raised(twin, 'f1');
        const decision = answer('f1');
        await decide(id, decision);
        await raise(raising(twin, 'f2'));
        expect(await get(id)).toMatchObject({ fingerprint: 'f2', decision: kept(decision) });
      });

      test('that could not be carried out is taken back', async () => {
        const [mine, theirs] = [await raised(twin, 'f1'), await raised(other, 'f1')];
        await decide(mine, answer('f1'));
        const untouched = answer('f1');
        await decide(theirs, untouched);
        await within((tx) => h.conflicts.reopen(tx, [twin, h.newId()]));
        expect((await get(mine))!.decision).toBeUndefined();
        expect((await get(theirs))!.decision).toEqual(kept(untouched));
      });

      test('to a conflict that is over or never was is not kept', async () => {
        const id = await raised(twin, 'f1');
        await close({ twin, how: 'resolved_itself' });
        await decide(id, answer('f1'));
        await decide(h.newId(), answer('f1'));
        await raise(raising(twin, 'f1'));
        expect((await openOf(twin))[0]!.decision).toBeUndefined();
      });
    });

    describe('policies', () => {
      const policies = async (of = h.tenant) => {
        const { policies: set, granularities } = await within((tx) => h.conflicts.policies(tx), of);
        return { rules: set.map(({ kind, group, rule }) => `${kind}/${group ?? '*'}: ${rule}`).sort(), granularities };
      };
      const set = (policy: Policy, of = h.tenant): Promise<void> =>
        within((tx) => h.conflicts.setPolicy(tx, policy, 'ana'), of);

      test('are none to begin with', async () => {
        expect(await policies()).toEqual({ rules: [], granularities: {} });
      });

      test('are of a kind or of one group of it, each replaced by the next of the same', async () => {
        await set({ kind: 'invoice', rule: 'app_wins' });
        await set({ kind: 'invoice', group: 'money', rule: 'review' });
        await set({ kind: 'contact', group: 'existence', rule: 'books_wins' });
        await set({ kind: 'invoice', rule: 'books_wins' });
        expect((await policies()).rules).toEqual([
          'contact/existence: books_wins',
          'invoice/*: books_wins',
          'invoice/money: review',
        ]);
        const { policies: kept } = await within((tx) => h.conflicts.policies(tx));
        expect(kept.find(({ group }) => group === undefined)).toEqual({ kind: 'invoice', rule: 'books_wins' });
      });

      test('are cleared one by one, and clearing tells whether there was one', async () => {
        await set({ kind: 'invoice', rule: 'app_wins' });
        await set({ kind: 'invoice', group: 'money', rule: 'review' });
        const clear = (group: string | undefined): Promise<boolean> =>
          within((tx) => h.conflicts.clearPolicy(tx, 'invoice', group));
        expect(await clear('money')).toBe(true);
        expect(await clear('money')).toBe(false);
        expect((await policies()).rules).toEqual(['invoice/*: app_wins']);
        expect(await clear(undefined)).toBe(true);
        expect((await policies()).rules).toEqual([]);
      });

      test('say for a kind whether edits of different groups may be merged', async () => {
        const setGranularity = (granularity: 'record' | 'group'): Promise<void> =>
          within((tx) => h.conflicts.setGranularity(tx, 'invoice', granularity, 'ana'));
        await setGranularity('record');
        expect((await policies()).granularities).toEqual({ invoice: 'record' });
        await setGranularity('group');
        expect((await policies()).granularities).toEqual({ invoice: 'group' });
      });

      test('are the tenant’s own', async () => {
        const stranger = await h.addTenant();
        await set({ kind: 'invoice', rule: 'app_wins' });
        await set({ kind: 'invoice', rule: 'books_wins' }, stranger);
        expect((await policies()).rules).toEqual(['invoice/*: app_wins']);
        expect(await within((tx) => h.conflicts.clearPolicy(tx, 'invoice', undefined), stranger)).toBe(true);
        expect((await policies()).rules).toEqual(['invoice/*: app_wins']);
      });
    });

    test('what a transaction that is given up did to conflicts and policies is undone', async () => {
      const id = await raised(twin, 'f1');
      await within((tx) => h.conflicts.setPolicy(tx, { kind: 'invoice', rule: 'app_wins' }, 'ana'));
      const state = async () => [await openOf(twin, other), await within((tx) => h.conflicts.policies(tx))];
      const before = await state();
      await giveUp(h, async (tx) => {
        await h.conflicts.raise(tx, [raising(twin, 'f2'), raising(other, 'f1')]);
        await h.conflicts.decide(tx, id, answer('f2'));
        await h.conflicts.close(tx, [{ twin, how: 'decided' }]);
        await h.conflicts.clearPolicy(tx, 'invoice', undefined);
        await h.conflicts.setPolicy(tx, { kind: 'contact', rule: 'app_wins' }, 'ana');
        await h.conflicts.setGranularity(tx, 'invoice', 'record', 'ana');
      });
      expect(await state()).toEqual(before);
    });
  });
};
