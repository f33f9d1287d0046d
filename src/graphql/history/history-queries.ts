import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { type KindName, type Ref, refKey } from '../../domain/contract/index.js';
import { HistoryViews, type Trail } from '../../modules/history/index.js';
import { RecordViews } from '../../modules/records/index.js';
import { BooksViews, TwinStore } from '../../modules/sync/index.js';
import { Transactions, type Tx } from '../../platform/database/index.js';
import { Cursors, instant, type Page } from '../paging.js';
import { eventShown } from './event-shown.js';
import type { HistoryArgs } from './history.inputs.js';
import type { HistoryEventType } from './history.types.js';

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

  /** The newest first. */
  async page(tenant: string, args: HistoryArgs): Promise<Page<HistoryEventType>> {
    const { first, after, contractVersion } = args;
    const before = cursors.read(after);
    const rows = await this.transactions.inTenant(tenant, async (tx) =>
      this.history.page(tx, await this.trailOf(tx, args), first + 1, before),
    );
    return cursors.page(
      rows,
      first,
      ({ at, id }) => ({ at, id }),
      (view) => eventShown(view, contractVersion),
    );
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

const appRefs = (twins: readonly { readonly kind: KindName; readonly app: string | undefined }[]): Ref[] =>
  twins.flatMap(({ kind, app }) => (app === undefined ? [] : [{ kind, id: app }]));

const distinct = (refs: readonly Ref[]): Ref[] => [...new Map(refs.map((ref) => [refKey(ref), ref])).values()];
