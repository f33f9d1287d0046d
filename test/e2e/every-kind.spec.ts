import { eventually } from '../../demo/eventually.ts';
import type { Content } from '../../demo/shop.ts';
import { KIND_NAMES, type KindName } from '../../src/domain/contract/index.js';
import { ABILITIES } from '../contract/provider/ability-table.js';
import { QuickBooksAccountant } from '../contract/provider/quickbooks/accountant.js';
import { ENTITIES_OF, placeOf } from '../contract/provider/quickbooks/entities.js';
import { IntuitApi } from '../contract/provider/quickbooks/intuit-api.js';
import { prepare } from '../contract/provider/quickbooks/scenery.js';
import type { Company } from './company.js';
import { furnish } from './house.js';
import { BESIDES, editedByShop, OFFICE } from './kinds.js';

interface Beside {
  readonly id: string | null;
  readonly version: number;
  readonly existence: string | null;
  readonly content: Content | null;
  readonly books: readonly {
    readonly id: string | null;
    readonly content: Content | null;
    readonly difference: { readonly inStep: boolean; readonly reasons: readonly { readonly says: string }[] };
  }[];
}

const can = (operation: string): Exclude<KindName, 'company'>[] =>
  KIND_NAMES.filter((kind): kind is Exclude<KindName, 'company'> =>
    ABILITIES.quickbooks![kind].split(' ').includes(operation),
  );

describe('Every kind, in each direction that QuickBooks offers', () => {
  const house = furnish();
  let company: Company;
  let accountant: QuickBooksAccountant;
  /** The books' ids of what the bookkeeper entered. */
  const entered = new Map<KindName, string>();

  beforeAll(async () => {
    company = await house.company('Every kind');
    await company.mara.allowCreating([...REFERENCE_KINDS]);
    const api = new IntuitApi(company.portal.root, company.realm);
    const scenery = await prepare(api);
    accountant = new QuickBooksAccountant(api, company.realm, scenery);
    OFFICE.tax_rate.agency = scenery.taxAgency;
  }, 90_000);

  const beside = async (key: object): Promise<Beside> => {
    const { record } = await company.shop.concord.ask<{ record: Beside }>(
      `query ($key: RecordKey!) { record(key: $key) { id version existence content
         books { id content difference { inStep reasons { says } } } } }`,
      { key },
    );
    return record;
  };

  /** Both sides have the record and nothing is to be done about it. */
  const inStep = async (kind: KindName, id: string, holds: (record: Beside) => boolean): Promise<Beside> => {
    let last: Beside | undefined;
    try {
      return await eventually(
        `${kind} ${id} to be in step`,
        async () => {
          await house.hurry(company.shop.connection);
          last = await beside({ kind, id });
          return last.books.length > 0 &&
            last.books.every((side) => side.id !== null && side.difference.inStep) &&
            holds(last)
            ? last
            : undefined;
        },
        200,
      );
    } catch (error) {
      throw new Error(`${(error as Error).message}: ${JSON.stringify(last)}`);
    }
  };

  const counted = async (): Promise<Record<string, number>> => {
    const { entities } = await company.portal.dump(company.realm);
    return Object.fromEntries(Object.entries(entities).map(([entity, all]) => [entity, all.length]));
  };

  /** What the books themselves keep of a record, as text. */
  const keptOf = async (kind: KindName, booksId: string): Promise<string> => {
    const { entity, id } = kind === 'tax_rate' ? { entity: 'TaxCode', id: booksId } : placeOf(kind, booksId);
    const { entities } = await company.portal.dump(company.realm);
    return JSON.stringify(entities[entity]!.find(({ Id }) => Id === id));
  };

  /** The shop says that a record is voided or archived. */
  const endInShop = async (kind: KindName, id: string, existence: string): Promise<void> => {
    const { version, content } = await company.shop.read(kind, id);
    const { upsertRecords } = await company.shop.concord.ask<{ upsertRecords: { outcomes: { __typename: string }[] } }>(
      `mutation ($key: String!, $records: [RecordInput!]!) { upsertRecords(key: $key, records: $records) {
         ... on RecordsPushed { outcomes { __typename } } } }`,
      { key: `${existence} ${kind} ${id}`, records: [{ kind, id, content, existence, basedOn: version }] },
    );
    expect(upsertRecords.outcomes).toEqual([{ __typename: 'RecordStored' }]);
  };

  /** How a record of the books exists, as its company shows it. */
  const existenceOf = async (kind: KindName, booksId: string): Promise<string> => {
    const { entity, id } = placeOf(kind, booksId);
    const { deleted } = await company.portal.dump(company.realm);
    if (deleted.some((one) => one.entity === entity && one.id === id)) return 'deleted';
    return (await accountant.all(kind)).find((one) => one.id === booksId)?.existence ?? 'missing';
  };

  it(
    'what the shop creates is in the books once each, whatever came first',
    house.told(async () => {
      const before = await counted();
      for (const kind of can('c').reverse()) await company.shop.push(kind, kind, OFFICE[kind]);
      for (const { kind, id, content } of BESIDES) await company.shop.push(kind, id, content);
      for (const kind of can('c')) await inStep(kind, kind, () => true);
      await company.idle();

      const after = await counted();
      const more = Object.fromEntries(
        Object.values(ENTITIES_OF).flatMap((entities) =>
          entities!.map((entity) => [entity, after[entity]! - before[entity]!]),
        ),
      );
      const once = Object.fromEntries(Object.keys(more).map((entity) => [entity, 1]));
      // Three accounts and a vendor besides; departments are the dimension that nobody used.
      expect(more).toEqual({ ...once, Account: 4, Department: 0 });
    }),
    110_000,
  );

  it(
    'what the shop changes is changed in the books',
    house.told(async () => {
      for (const kind of can('u')) {
        const { content } = await company.shop.read(kind, kind);
        await company.shop.push(kind, kind, { ...content, ...editedByShop(kind) });
      }
      for (const kind of can('u')) {
        const [words] = Object.values(editedByShop(kind)) as [string];
        const { books } = await inStep(kind, kind, (record) =>
          record.books.every(({ content }) => JSON.stringify(content).includes(words)),
        );
        for (const { id } of books) expect(await keptOf(kind, id!)).toContain(words);
      }
    }),
    110_000,
  );

  it(
    'what the bookkeeper changes is changed in the shop',
    house.told(async () => {
      await company.idle();
      const edited = new Map<KindName, string>();
      for (const kind of can('u')) {
        const { books } = await beside({ kind, id: kind });
        const booksId = books[0]!.id!;
        expect([kind, await accountant.edit({ kind, id: booksId })]).toEqual([kind, true]);
        edited.set(kind, /"(edited \d+)"/.exec(await keptOf(kind, booksId))![1]!);
      }
      for (const [kind, words] of edited) {
        const { content } = await inStep(kind, kind, (record) => JSON.stringify(record.content).includes(words));
        expect(JSON.stringify(content)).toContain(words);
      }
    }),
    110_000,
  );

  it(
    'what the bookkeeper enters is the shop’s too, and the company itself is read',
    house.told(async () => {
      for (const kind of can('c'))
        entered.set(kind, await accountant.enter(kind, kind === 'contact' ? 'customer' : undefined));
      await accountant.edit({ kind: 'company', id: company.realm });
      // Neither webhooks nor change data capture tell of taxes and of the company.
      await house.poll(company.shop.connection);
      for (const [kind, booksId] of entered) {
        const { id } = await eventually(
          `${kind} ${booksId} in the shop`,
          async () => {
            const record = await beside({ kind, connection: company.shop.connection, booksId });
            return record?.id != null ? record : undefined;
          },
          200,
        );
        await inStep(kind, id!, (record) => record.books[0]!.id === booksId);
      }
      await eventually('the company’s new name', async () => {
        const key = { kind: 'company', connection: company.shop.connection, booksId: company.realm };
        const { books } = await beside(key);
        return /^edited \d+$/.test(String(books[0]!.content?.legalName)) || undefined;
      });
      await company.agrees();
    }),
    110_000,
  );

  it(
    'what the shop voids, deletes and archives is so in the books, whatever it says first',
    house.told(async () => {
      const voided: readonly (readonly [KindName, string])[] = [
        ['invoice', 'invoice-2'],
        ['payment', 'payment-2'],
        ['bill_payment', 'bill-payment-2'],
      ];
      for (const [kind, id] of voided) {
        const { allocations: _, ...content } = OFFICE[kind as keyof typeof OFFICE];
        await company.shop.push(kind, id, { ...content, ...(kind === 'bill_payment' && { allocations: [] }) });
        await inStep(kind, id, () => true);
      }
      for (const [kind, id] of voided) await endInShop(kind, id, 'voided');
      for (const [kind, id] of voided) {
        const { books } = await inStep(kind, id, () => true);
        expect([kind, await existenceOf(kind, books[0]!.id!)]).toEqual([kind, 'voided']);
      }

      const idsInBooks = new Map<KindName, string>();
      for (const kind of [...can('d'), ...can('a')]) {
        idsInBooks.set(kind, (await beside({ kind, id: kind })).books[0]!.id!);
      }
      for (const kind of can('d')) {
        const { deleteRecord } = await company.shop.concord.ask<{ deleteRecord: { __typename: string } }>(
          'mutation ($kind: Kind!, $id: ID!) { deleteRecord(kind: $kind, id: $id) { __typename } }',
          { kind, id: kind },
        );
        expect(deleteRecord.__typename).toBe('RecordDeleted');
      }
      for (const kind of can('d')) {
        await eventually(`${kind} to be deleted`, async () => {
          await house.hurry(company.shop.connection);
          return (await existenceOf(kind, idsInBooks.get(kind)!)) === 'deleted' || undefined;
        });
      }
      for (const kind of can('a')) await endInShop(kind, kind, 'archived');
      for (const kind of can('a')) {
        await eventually(`${kind} to be archived`, async () => {
          await house.hurry(company.shop.connection);
          return (await existenceOf(kind, idsInBooks.get(kind)!)) === 'archived' || undefined;
        });
      }
      await company.idle();
    }),
    110_000,
  );

  it(
    'what the bookkeeper voids, deletes and archives is so in the shop',
    house.told(async () => {
      const ended: { kind: KindName; booksId: string; existence: 'voided' | 'deleted' | 'archived' }[] = [];
      for (const kind of can('v')) {
        const booksId = await accountant.enter(kind);
        await eventually(
          `${kind} ${booksId} in the shop`,
          async () => (await beside({ kind, connection: company.shop.connection, booksId }))?.id ?? undefined,
        );
        ended.push({ kind, booksId, existence: 'voided' });
      }
      for (const kind of can('d')) ended.push({ kind, booksId: entered.get(kind)!, existence: 'deleted' });
      for (const kind of can('a')) ended.push({ kind, booksId: entered.get(kind)!, existence: 'archived' });
      await company.idle();
      for (const { kind, booksId: id, existence } of ended) {
        expect([kind, await accountant.end({ kind, id }, existence)]).toEqual([kind, true]);
      }
      for (const { kind, booksId, existence } of ended) {
        await eventually(`${kind} ${booksId} to be ${existence} in the shop`, async () => {
          await house.hurry(company.shop.connection);
          const record = await beside({ kind, connection: company.shop.connection, booksId });
          return (record?.existence === existence && record.books[0]!.difference.inStep) || undefined;
        });
      }
      await company.idle();
      expect(await company.shop.quiet()).toBe(true);
    }),
    110_000,
  );
});

const REFERENCE_KINDS = ['account', 'tax_rate', 'payment_term', 'tracking_category', 'contact', 'item'] as const;
