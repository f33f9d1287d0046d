import type { Problem, ProblemCode } from '../../../src/modules/sync/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import { giveUp, type Harness, type Open } from './harness.js';

export const describeProblemStore = (form: string, open: Open): void => {
  describe(`problems ${form}`, () => {
    let h: Harness;
    let [twin, other] = ['', ''];
    beforeEach(async () => {
      h = await open();
      [twin, other] = [h.newId(), h.newId()];
    });

    const within = <T>(work: (tx: Tx) => Promise<T>, of = h.tenant): Promise<T> => h.transactions.inTenant(of, work);
    const ofTwin = (id: string, code: ProblemCode = 'refused_by_provider', message = 'Name too long'): Problem => ({
      ...{ code, message, connection: h.connection, twin: id },
      detail: { field: 'DisplayName', limits: [100] },
    });
    const ofConnection = (code: ProblemCode): Problem => ({
      ...{ code, message: 'paused', connection: h.connection, twin: undefined, detail: {} },
    });
    const raise = (...problems: Problem[]): Promise<Problem[]> => within((tx) => h.problems.raise(tx, problems));
    const close = async (twins: readonly string[], but?: readonly ProblemCode[]): Promise<string[]> =>
      (await within((tx) => h.problems.closeOfTwins(tx, twins, but))).sort();
    const closeOfConnection = (...codes: ProblemCode[]): Promise<void> =>
      within((tx) => h.problems.closeOfConnection(tx, h.connection, codes));
    /** The subject and code of each open problem. */
    const openOnes = async (of = h.tenant): Promise<string[]> =>
      (await h.openProblems(of)).map((problem) => `${problem.twin ?? problem.connection} ${problem.code}`).sort();

    test('nothing given is nothing raised or closed', async () => {
      expect(await raise()).toEqual([]);
      await raise(ofTwin(twin));
      expect(await close([])).toEqual([]);
      await closeOfConnection();
      expect(await openOnes()).toEqual([`${twin} refused_by_provider`]);
    });

    test('a problem is open as it was raised', async () => {
      expect(await raise(ofTwin(twin))).toEqual([ofTwin(twin)]);
      expect(await h.openProblems(h.tenant)).toMatchObject([{ ...ofTwin(twin), times: 1 }]);
    });

    test('each subject has one open problem of a code; a repeated one is counted and says its newest words', async () => {
      await raise(ofTwin(twin));
      const again = ofTwin(twin, 'refused_by_provider', 'Name taken');
      const [elsewhere, otherCode] = [ofTwin(other), ofTwin(twin, 'outcome_unknown')];
      expect(await raise(again, elsewhere, otherCode, again)).toEqual([elsewhere, otherCode]);
      const open = await h.openProblems(h.tenant);
      expect(open).toHaveLength(3);
      expect(open.find((one) => one.twin === twin && one.code === again.code)).toMatchObject({ ...again, times: 3 });
    });

    test('one that is new and raised twice in one call is opened once', async () => {
      expect(await raise(ofTwin(twin), ofTwin(twin))).toEqual([ofTwin(twin)]);
      expect(await h.openProblems(h.tenant)).toMatchObject([{ times: 2 }]);
    });

    test('a problem may be a connection’s, or nobody’s in particular', async () => {
      const ofNobody: Problem = { ...ofConnection('engine_error'), connection: undefined };
      expect(await raise(ofConnection('suspended'), ofNobody)).toHaveLength(2);
      expect(await raise(ofConnection('suspended'), ofNobody)).toEqual([]);
      const open = await h.openProblems(h.tenant);
      expect(open.map(({ connection, twin: of, times }) => [connection, of, times])).toEqual(
        expect.arrayContaining([
          [h.connection, undefined, 2],
          [undefined, undefined, 2],
        ]),
      );
    });

    test('the same problem of another tenant is another one', async () => {
      const stranger = await h.addTenant();
      const ofNobody: Problem = { ...ofConnection('engine_error'), connection: undefined };
      await raise(ofNobody);
      expect(await within((tx) => h.problems.raise(tx, [ofNobody]), stranger)).toEqual([ofNobody]);
      expect(await openOnes(stranger)).toHaveLength(1);
    });

    test('the problems of twins are closed, and the twins that had one are told', async () => {
      await raise(ofTwin(twin), ofTwin(twin, 'outcome_unknown'), ofTwin(other), ofConnection('suspended'));
      expect(await close([twin, h.newId(), twin])).toEqual([twin]);
      expect(await openOnes()).toEqual([`${h.connection} suspended`, `${other} refused_by_provider`].sort());
      expect(await close([twin])).toEqual([]);
    });

    test('some codes may be left open; a twin that had only those had none', async () => {
      await raise(ofTwin(twin), ofTwin(twin, 'outcome_unknown'), ofTwin(other, 'outcome_unknown'));
      expect(await close([twin, other], ['outcome_unknown', 'engine_error'])).toEqual([twin]);
      expect(await openOnes()).toEqual([`${other} outcome_unknown`, `${twin} outcome_unknown`].sort());
      expect(await close([twin, other], [])).toEqual([twin, other].sort());
    });

    test('a closed problem that comes again is a new one', async () => {
      await raise(ofTwin(twin), ofTwin(twin));
      await close([twin]);
      expect(await raise(ofTwin(twin))).toEqual([ofTwin(twin)]);
      expect(await h.openProblems(h.tenant)).toMatchObject([{ times: 1 }]);
    });

    test('a connection’s own problems are closed by code; those of its records are not', async () => {
      const elsewhere = await h.addConnection(h.tenant);
      await raise(
        ofConnection('suspended'),
        ofConnection('access_revoked'),
        ofConnection('unreadable_delivery'),
        { ...ofConnection('suspended'), connection: elsewhere },
        ofTwin(twin, 'suspended'),
      );
      await closeOfConnection('suspended', 'access_revoked');
      expect(await openOnes()).toEqual(
        [`${h.connection} unreadable_delivery`, `${elsewhere} suspended`, `${twin} suspended`].sort(),
      );
    });

    test('what a transaction that is given up did to problems is undone', async () => {
      await raise(ofTwin(twin), ofConnection('suspended'));
      const before = await h.openProblems(h.tenant);
      await giveUp(h, async (tx) => {
        await h.problems.raise(tx, [ofTwin(twin), ofTwin(other)]);
        await h.problems.closeOfTwins(tx, [twin]);
        await h.problems.closeOfConnection(tx, h.connection, ['suspended']);
      });
      expect(await h.openProblems(h.tenant)).toEqual(expect.arrayContaining(before));
      expect(await h.openProblems(h.tenant)).toHaveLength(before.length);
    });
  });
};
