import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { downcast, KIND_NAMES } from '../../domain/contract/index.js';
import { ConnectionStore } from '../../modules/auth/index.js';
import { type AppRecord, RecordStore, RecordViews } from '../../modules/records/index.js';
import { BooksViews, type BooksView, Opened, SnapshotStore, TwinStore } from '../../modules/sync/index.js';
import { Transactions, type Tx } from '../../platform/database/index.js';
import { causeOf } from '../cause.types.js';
import { ApiError } from '../errors/api-error.js';
import { Cursors, instant, type Page } from '../paging.js';
import { nameIn } from './names.js';
import type { BooksRecordsArgs, RecordKey, RecordsArgs } from './record.inputs.js';
import type { BooksRecord, RecordType } from './record.types.js';

const place = z.object({ kind: z.enum(KIND_NAMES), id: z.string(), updatedAt: instant });
const PLACES = { id: new Cursors('records by id', place), changed: new Cursors('records by change', place) };
const ofBooks = new Cursors('records of the books', z.string());

/** Records as the API shows them. */
@Injectable()
export class RecordQueries {
  constructor(
    private readonly transactions: Transactions,
    private readonly views: RecordViews,
    private readonly records: RecordStore,
    private readonly connections: ConnectionStore,
    private readonly twins: TwinStore,
    private readonly snapshots: SnapshotStore,
    private readonly books: BooksViews,
    private readonly opened: Opened,
  ) {}

  async page(
    tenant: string,
    { filter = {}, order, first, after, contractVersion }: RecordsArgs,
  ): Promise<Page<RecordType>> {
    const cursors = PLACES[order];
    const place = cursors.read(after);
    const rows = await this.transactions.inTenant(tenant, (tx) => this.views.page(tx, filter, order, first + 1, place));
    return cursors.page(
      rows,
      first,
      ({ kind: of, id, updatedAt }) => ({ kind: of, id, updatedAt }),
      (record) => recordShown(record, contractVersion),
    );
  }

  /** One record; where no webhook would tell, the books are looked at, because somebody is looking (ENGINE F4). */
  async open(tenant: string, actor: string, key: RecordKey, contract: number): Promise<RecordType | null> {
    checkKey(key);
    const found = await this.transactions.inTenant(tenant, (tx) => this.find(tx, key, contract));
    if (found) this.opened.note(tenant, actor, { twins: found.twins });
    return found?.record ?? null;
  }

  /** One record as it is known now; nobody looks anew for it. */
  async known(tenant: string, key: RecordKey, contract: number): Promise<RecordType | null> {
    const found = await this.transactions.inTenant(tenant, (tx) => this.find(tx, key, contract));
    return found?.record ?? null;
  }

  /** What a connection's books have of one kind, as last seen. */
  async booksPage(
    tenant: string,
    connection: string,
    { kind: of, existence, linked, search, first, after, contractVersion }: BooksRecordsArgs,
  ): Promise<Page<BooksRecord>> {
    const place = ofBooks.read(after);
    const filter = {
      ...{ connection, kind: of },
      ...(existence && { existence }),
      ...(linked !== undefined && { linked }),
      ...(search && { search }),
    };
    const rows = await this.transactions.inTenant(tenant, (tx) => this.books.page(tx, filter, first + 1, place));
    return ofBooks.page(
      rows,
      first,
      ({ id }) => id,
      (view) => booksShown(view, contractVersion),
    );
  }

  private async find(
    tx: Tx,
    { kind: of, id, connection = '', booksId = '' }: RecordKey,
    contract: number,
  ): Promise<{ record: RecordType; twins: readonly string[] } | undefined> {
    if (id !== undefined) return this.findInApp(tx, { kind: of, id }, contract);
    const ref = { kind: of, id: booksId };
    if (!(await this.connections.get(tx, connection))) return undefined;
    const [met] = await this.twins.byRefs(tx, connection, 'books', [ref]);
    if (met?.twin.app !== undefined) return this.findInApp(tx, { kind: of, id: met.twin.app }, contract);
    const [snapshot] = await this.snapshots.get(tx, connection, [ref]);
    if (!met && !snapshot) return undefined;
    const record: RecordType = {
      ...{ kind: of, id: null, name: nameIn(snapshot?.content, booksId), version: 0, existence: null, content: null },
      ...{ facts: {}, waitingPushes: [], updatedAt: null, changedBy: null, contract },
      onlyBooks: { connection, id: booksId },
    };
    return { record, twins: met ? [met.twin.id] : [] };
  }

  private async findInApp(
    tx: Tx,
    ref: { readonly kind: AppRecord['kind']; readonly id: string },
    contract: number,
  ): Promise<{ record: RecordType; twins: readonly string[] } | undefined> {
    const [record] = await this.records.get(tx, [ref]);
    if (!record) return undefined;
    const twins = await this.twins.ofRecords(tx, [ref]);
    return { record: recordShown(record, contract), twins: twins.map(({ id }) => id) };
  }
}

const checkKey = ({ id, connection, booksId }: RecordKey): void => {
  const byApp = id !== undefined && connection === undefined && booksId === undefined;
  const byBooks = id === undefined && connection !== undefined && booksId !== undefined;
  if (byApp || byBooks) return;
  const message = 'names a record by id, or by connection and booksId';
  throw new ApiError('BAD_INPUT', undefined, [{ path: 'key', rule: 'one_of', message }]);
};

const recordShown = (record: AppRecord, contract: number): RecordType => {
  const { kind: of, id, version, existence, content, facts, pending, updatedAt, cause } = record;
  return {
    ...{ kind: of, id, version, existence, updatedAt, contract },
    name: nameIn({ ...facts, ...content }, id),
    content: downcast(of, content, contract),
    facts: downcast(of, facts, contract),
    waitingPushes: Object.entries(pending).map(([group, { pushed, ancestor }]) => ({
      group,
      pushed: downcast(of, pushed, contract),
      ancestor: downcast(of, ancestor, contract),
    })),
    changedBy: causeOf(cause),
    onlyBooks: undefined,
  };
};

const booksShown = (
  { kind: of, id, existence, content, asOf, appId, twin }: BooksView,
  contract: number,
): BooksRecord => ({
  ...{ kind: of, id, existence, asOf },
  name: nameIn(content, id),
  content: downcast(of, content, contract),
  appId: appId ?? null,
  twin: twin ?? null,
});
