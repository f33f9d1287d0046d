import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { type KindName, type Ref, refKey } from '../../domain/contract/index.js';
import { HistoryViews, type Trail } from '../../modules/history/index.js';
import { RecordViews } from '../../modules/records/index.js';
import { BooksViews, TwinStore } from '../../modules/sync/index.js';
import { Transactions, type Tx } from '../../platform/database/index.js';
import { Cursors, instant } from '../paging.js';
import type { RecordKey } from '../records/record.inputs.js';
import { eventShown } from './event-shown.js';
import type { HistoryArgs } from './history.inputs.js';
import type { HistoryPage } from './history.types.js';

const cursors = new Cursors('history', z.object({ at: instant, id: z.guid() }));

type BooksRef = Trail['books'][number];

/** The trail of a record: everything that happened to it on either side. */
@Injectable()
export class HistoryQueries {
  constructor(
    private readonly transactions: Transactions,
    private readonly history: HistoryViews,
    private readonly twins: TwinStore,
    private readonly records: RecordViews,
    private readonly books: BooksViews,
  ) {}

  /** The newest first, with the names of the records that they are about. */
  async page(tenant: string, args: HistoryArgs): Promise<HistoryPage> {
    const { first, after, contractVersion } = args;
    const before = cursors.read(after);
    const { trail, rows } = await this.transactions.inTenant(tenant, async (tx) => {
      const found = await this.trailOf(tx, args);
      return { trail: found, rows: await this.history.page(tx, found, first + 1, before) };
    });
    const page = cursors.page(
      rows,
      first,
      ({ at, id }) => ({ at, id }),
      (view) => eventShown(view, contractVersion),
    );
    return { edges: [...page.edges], pageInfo: page.pageInfo, about: recordsOf(trail), contract: contractVersion };
  }

  private async trailOf(tx: Tx, { kind, id, connection, booksId, number }: HistoryArgs): Promise<Trail> {
    if (number !== undefined) return this.trailOfNumber(tx, number, kind);
    if (id !== undefined) return this.trailOfRecords(tx, [{ kind: kind!, id }], [], []);
    const ref = { kind: kind!, id: booksId! };
    const met = await this.twins.byRefs(tx, connection!, 'books', [ref]);
    const records = met.flatMap(({ twin }) => (twin.app === undefined ? [] : [{ kind: twin.kind, id: twin.app }]));
    const twins = met.map(({ twin }) => twin.id);
    return this.trailOfRecords(tx, records, twins, [{ ...ref, connection: connection! }]);
  }

  /** A number may stand for several documents, and may have been another document's before. */
  private async trailOfNumber(tx: Tx, number: string, kind: KindName | undefined): Promise<Trail> {
    const told = await this.history.withNumber(tx, number);
    const books = (await this.books.withNumber(tx, number)).filter((ref) => kind === undefined || ref.kind === kind);
    const met = (
      await Promise.all(books.map(({ connection, ...ref }) => this.twins.byRefs(tx, connection, 'books', [ref])))
    ).flat();
    const twins = [...(await this.twins.get(tx, told.twins)), ...met.map(({ twin }) => twin)].filter(
      (twin) => kind === undefined || twin.kind === kind,
    );
    const records = [...told.records, ...(await this.records.withNumber(tx, number)), ...appRefs(twins)].filter(
      (ref) => kind === undefined || ref.kind === kind,
    );
    return this.trailOfRecords(
      tx,
      distinct(records),
      twins.map(({ id }) => id),
      books,
    );
  }

  private async trailOfRecords(
    tx: Tx,
    records: readonly Ref[],
    twins: readonly string[],
    books: readonly BooksRef[],
  ): Promise<Trail> {
    const all = await this.twins.ofRecords(tx, records);
    const named = all.flatMap(({ connection, kind, books: id }) =>
      id === undefined ? [] : [{ connection, kind, id }],
    );
    return {
      records,
      twins: [...new Set([...twins, ...all.map(({ id }) => id)])],
      books: [...books, ...named],
    };
  }
}

/** A number may have been many documents' over the years; the first few are the ones that are asked about. */
const MOST_RECORDS = 20;

const recordsOf = ({ records, books }: Trail): RecordKey[] =>
  (records.length > 0
    ? records.map(({ kind, id }): RecordKey => ({ kind, id }))
    : books.map(({ kind, id, connection }): RecordKey => ({ kind, connection, booksId: id }))
  ).slice(0, MOST_RECORDS);

const appRefs = (twins: readonly { readonly kind: KindName; readonly app: string | undefined }[]): Ref[] =>
  twins.flatMap(({ kind, app }) => (app === undefined ? [] : [{ kind, id: app }]));

const distinct = (refs: readonly Ref[]): Ref[] => [...new Map(refs.map((ref) => [refKey(ref), ref])).values()];
