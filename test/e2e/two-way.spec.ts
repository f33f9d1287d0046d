import { eventually } from '../../demo/eventually.ts';
import type { Content, ShopRecord } from '../../demo/shop.ts';
import type { Company } from './company.js';
import { furnish, QUEUES } from './house.js';

interface Asked {
  readonly id: string;
  readonly fingerprint: string;
  readonly groups: readonly string[];
  readonly record: { readonly appId: string };
  readonly fields: readonly { readonly field: string; readonly app: unknown; readonly books: unknown }[];
}

interface Told {
  readonly type: string;
  readonly sequence: string | null;
  readonly hash: string | null;
  readonly cause: { readonly by: string; readonly actor: string | null };
  readonly policies: readonly { readonly group: string; readonly rule: string }[];
  readonly decision: { readonly verb: string; readonly actor: string } | null;
  readonly calls: readonly {
    readonly label: string;
    readonly status: number | null;
    readonly requestId: string | null;
  }[];
}

describe.each(QUEUES)('The main job, with the queue in %s', (_name, redisUrl) => {
  const house = furnish({ redisUrl });
  let company: Company;

  beforeAll(async () => {
    company = await house.company('Juniper & Sons');
  }, 60_000);

  const conflicts = (): Promise<Asked[]> =>
    company.mara.concord.all<Asked>(
      'conflicts',
      '',
      'id fingerprint groups record { appId } fields { field app books }',
    );

  const conflictOf = (id: string): Promise<Asked> =>
    eventually(`the conflict of ${id}`, async () => (await conflicts()).find(({ record }) => record.appId === id));

  const historyOf = (id: string): Promise<Told[]> =>
    company.shop.concord.all<Told>(
      'recordHistory',
      `kind: invoice, id: "${id}"`,
      `type sequence hash cause { by actor } policies { group rule } decision { verb actor }
       calls { label status requestId }`,
    );

  /** Both sides show this memo of an order, and nothing is to be done about it. */
  const agreedOn = async (id: string, memo: string): Promise<void> => {
    await eventually(`"${memo}" on both sides`, async () => {
      await house.hurry(company.shop.connection);
      const record = await company.shop.read('invoice', id);
      const [side] = record.books;
      const there = (await company.invoices()).find(({ Id }) => Id === side!.id);
      return record.content.memo === memo && there?.PrivateNote === memo && side!.difference.inStep ? true : undefined;
    });
  };

  /** Both sides give an order another memo, neither knowing of the other's. */
  const bothEdit = async (id: string, app: string, books: string): Promise<void> => {
    const seen = await company.shop.read('invoice', id);
    // The notice is sent when both have spoken.
    await house.portal.control('POST', '/webhooks', { delayMs: 60_000 });
    await company.books.change('Invoice', seen.books[0]!.id!, { PrivateNote: books });
    await company.shop.push('invoice', id, { ...seen.content, memo: app });
    await house.portal.control('POST', '/webhooks/flush');
    await house.portal.control('POST', '/webhooks', { delayMs: 0 });
  };

  const decide = async (decision: Content): Promise<string> =>
    (
      await company.mara.concord.ask<{ decideConflict: { __typename: string } }>(
        'mutation ($decision: ConflictDecisionInput!) { decideConflict(decision: $decision) { __typename } }',
        { decision },
      )
    ).decideConflict.__typename;

  it(
    'a person connects a company: it is read, and nothing is written',
    house.told(async () => {
      const { connection } = await company.shop.concord.ask<{
        connection: { state: string; companyName: string; company: string; firstLookAt: string };
      }>('query ($id: ID!) { connection(id: $id) { state companyName company firstLookAt } }', {
        id: company.shop.connection,
      });
      expect(connection).toMatchObject({ state: 'active', companyName: 'Juniper & Sons', company: company.realm });
      expect(await house.rows('select 1 from intent')).toEqual([]);
      const { realms } = await house.portal.control<{ realms: Record<string, { byEndpoint: Record<string, number> }> }>(
        'GET',
        '/stats',
      );
      const writes = Object.keys(realms[company.realm]!.byEndpoint).filter((name) => /create|update|delete/.test(name));
      expect(writes).toEqual([]);
    }),
    60_000,
  );

  it(
    'an order that is pushed before its customer waits for her, and both are in the books once',
    house.told(async () => {
      await company.shop.push('invoice', 'order-1', company.order('order-1'));
      await company.welcome();
      const entry = await company.invoice(await company.shop.booksIdOf('invoice', 'order-1'));
      expect(entry).toMatchObject({ TotalAmt: 300, PrivateNote: 'order-1' });
      const { facts } = await eventually<ShopRecord>('the total in the shop', async () => {
        const record = await company.shop.read('invoice', 'order-1');
        return record.facts.total === undefined ? undefined : record;
      });
      expect(Number(facts.total)).toBe(300);
      await company.agrees();
    }),
    60_000,
  );

  it(
    'an edit in the books is in the shop by a webhook, and goes no further',
    house.told(async () => {
      const { books } = await company.shop.read('invoice', 'order-1');
      await company.books.change('Invoice', books[0]!.id!, { PrivateNote: 'call before delivery' });
      await agreedOn('order-1', 'call before delivery');
      await company.idle();
      const { SyncToken } = await company.invoice(books[0]!.id!);
      expect(SyncToken).toBe('1');
    }),
    60_000,
  );

  it(
    'edits of different things meet on both sides, and nobody is asked',
    house.told(async () => {
      const seen = await company.shop.read('invoice', 'order-1');
      const [line] = seen.content.lines as [Content];
      await Promise.all([
        company.books.change('Invoice', seen.books[0]!.id!, {
          CustomerMemo: { value: 'Thank you!' },
          PrivateNote: 'met',
        }),
        company.shop.push('invoice', 'order-1', {
          ...seen.content,
          lines: [{ ...line, quantity: '5', amount: '375' }],
        }),
      ]);
      await agreedOn('order-1', 'met');
      const entry = await company.invoice(seen.books[0]!.id!);
      expect(entry).toMatchObject({ TotalAmt: 375, CustomerMemo: { value: 'Thank you!' } });
      expect((await company.shop.read('invoice', 'order-1')).content.customerMessage).toBe('Thank you!');
      expect(await conflicts()).toEqual([]);
    }),
    60_000,
  );

  it.each([
    ['keep_app', 'words of the shop', {}],
    ['keep_books', 'words of the books', {}],
    ['edit', 'words of both', { content: { memo: 'words of both' } }],
  ])(
    'edits of the same thing are a conflict, and %s by a person in a browser decides it',
    async (verb, outcome, more) =>
      house.told(async () => {
        await bothEdit('order-1', 'words of the shop', 'words of the books');
        const asked = await conflictOf('order-1');
        expect(asked.groups).toEqual(['text']);
        expect(asked.fields.find(({ field }) => field === 'memo')).toEqual({
          ...{ field: 'memo', app: 'words of the shop', books: 'words of the books' },
        });
        const before = await company.shop.read('invoice', 'order-1');
        expect(before.content.memo).toBe('words of the shop');
        expect((await company.invoice(before.books[0]!.id!)).PrivateNote).toBe('words of the books');

        expect(await decide({ conflict: asked.id, fingerprint: asked.fingerprint, verb, ...more })).toBe(
          'DecisionAccepted',
        );
        await agreedOn('order-1', outcome);
        expect(await conflicts()).toEqual([]);
        const decided = (await historyOf('order-1')).find(({ type }) => type === 'conflict_decided');
        expect(decided).toMatchObject({ cause: { by: 'person', actor: expect.stringContaining('Mara') } });
        // Else the next edit of the same words would be none.
        await company.shop.push('invoice', 'order-1', {
          ...(await company.shop.read('invoice', 'order-1')).content,
          memo: verb,
        });
        await agreedOn('order-1', verb);
      })(),
    90_000,
  );

  it(
    'many conflicts are decided at once, each for itself',
    house.told(async () => {
      const ids = ['order-2', 'order-3', 'order-4'];
      for (const id of ids) await company.invoiced(id);
      await company.idle();
      for (const id of ids) await bothEdit(id, `${id} in the shop`, `${id} in the books`);
      const asked = await Promise.all(ids.map(conflictOf));
      const { decideConflicts } = await company.mara.concord.ask<{ decideConflicts: { __typename: string }[] }>(
        'mutation ($decisions: [ConflictDecisionInput!]!) { decideConflicts(decisions: $decisions) { __typename } }',
        {
          decisions: asked.map(({ id, fingerprint }, index) => ({
            ...{ conflict: id, verb: index === 1 ? 'keep_app' : 'keep_books' },
            fingerprint: index === 2 ? 'of another clash' : fingerprint,
          })),
        },
      );
      expect(decideConflicts.map(({ __typename }) => __typename)).toEqual([
        'DecisionAccepted',
        'DecisionAccepted',
        'ConflictChanged',
      ]);
      await agreedOn('order-2', 'order-2 in the books');
      await agreedOn('order-3', 'order-3 in the shop');
      expect((await conflicts()).map(({ record }) => record.appId)).toEqual(['order-4']);
    }),
    90_000,
  );

  it(
    '“always do this” decides the open one and makes it the policy: the next one is not asked about',
    house.told(async () => {
      const asked = await conflictOf('order-4');
      expect(
        await decide({ conflict: asked.id, fingerprint: asked.fingerprint, verb: 'keep_books', always: true }),
      ).toBe('DecisionAccepted');
      await agreedOn('order-4', 'order-4 in the books');
      const { policies } = await company.mara.concord.ask<{
        policies: { kind: string; groups: { group: string; rule: string; origin: string }[] }[];
      }>('{ policies { kind groups { group rule origin } } }');
      expect(policies.find(({ kind }) => kind === 'invoice')!.groups.find(({ group }) => group === 'text')).toEqual({
        ...{ group: 'text', rule: 'books_wins', origin: 'group' },
      });

      await bothEdit('order-4', 'overruled', 'always the books');
      await agreedOn('order-4', 'always the books');
      expect(await conflicts()).toEqual([]);
      const events = await historyOf('order-4');
      expect(events.flatMap(({ policies: applied }) => applied)).toContainEqual({ group: 'text', rule: 'books_wins' });
    }),
    90_000,
  );

  it(
    'a policy that is set decides from then on, and is taken back',
    house.told(async () => {
      const set = await company.mara.concord.ask<{ setPolicy: { __typename: string } }>(
        'mutation { setPolicy(kind: invoice, group: "text", rule: app_wins) { __typename } }',
      );
      expect(set.setPolicy.__typename).toBe('PolicyChanged');
      await bothEdit('order-2', 'the shop always', 'never the books');
      await agreedOn('order-2', 'the shop always');
      await company.mara.concord.ask('mutation { clearPolicy(kind: invoice, group: "text") { __typename } }');
      await bothEdit('order-2', 'one', 'another');
      const asked = await conflictOf('order-2');
      await decide({ conflict: asked.id, verb: 'keep_books' });
      await agreedOn('order-2', 'another');
    }),
    90_000,
  );

  it(
    'the history tells who and what, by which request, in one chain; and all is as both sides say',
    house.told(async () => {
      await company.agrees();
      expect(await company.invoices()).toHaveLength(4);
      const numbered = await eventually('all events to be numbered', async () => {
        const events = await historyOf('order-1');
        return events.every(({ sequence, hash }) => sequence !== null && hash !== null) ? events : undefined;
      });
      const sequences = numbered.map(({ sequence }) => BigInt(sequence!));
      expect(sequences).toEqual([...sequences].sort((one, other) => (one > other ? -1 : 1)));
      expect(numbered.at(-1)!.cause).toMatchObject({ by: 'push' });
      const [created] = numbered.filter(({ type }) => type === 'books_written').reverse();
      expect(created!.calls).toEqual([{ label: 'create Invoice', status: 200, requestId: expect.stringMatching(/./) }]);
      const [{ gaps }] = (await house.rows<{ gaps: string }>(
        `select count(*) as gaps from (
           select sequence - lag(sequence, 1, 0) over (partition by tenant_id order by sequence) as step from chain) s
          where step <> 1`,
      )) as [{ gaps: string }];
      expect(Number(gaps)).toBe(0);
    }),
    60_000,
  );
});
