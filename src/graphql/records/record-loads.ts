import { Injectable } from '@nestjs/common';
import type DataLoader from 'dataloader';
import { type Ref, refKey } from '../../domain/contract/index.js';
import { ConnectionStore } from '../../modules/auth/index.js';
import { type AppRecord, RecordStore } from '../../modules/records/index.js';
import { type Snapshot, SnapshotStore, type Twin, TwinStore } from '../../modules/sync/index.js';
import { Transactions, type Tx } from '../../platform/database/index.js';
import { loading } from '../request/loading.js';
import { PerRequest, type RequestContext } from '../request/request-context.js';
import type { BooksSide, RecordType } from './record.types.js';
import { Sides } from './sides.js';

/** A twin with what each side last showed. */
export interface Pair {
  readonly twin: Twin;
  readonly record: AppRecord | undefined;
  readonly snapshot: Snapshot | undefined;
}

interface SidesKey {
  readonly ref: Ref;
  readonly contract: number;
}

const sidesKeyText = ({ ref, contract }: SidesKey): string => `${contract}/${refKey(ref)}`;

/** What answers read of records, once for each request. */
@Injectable()
export class RecordLoads {
  private readonly loaders = new PerRequest((request) => ({ sides: this.sides(request), pairs: this.pairs(request) }));

  constructor(
    private readonly transactions: Transactions,
    private readonly sidesOfBooks: Sides,
    private readonly connections: ConnectionStore,
    private readonly twins: TwinStore,
    private readonly records: RecordStore,
    private readonly snapshots: SnapshotStore,
  ) {}

  async sidesOf(
    request: RequestContext,
    { kind, id, contract, onlyBooks }: Pick<RecordType, 'kind' | 'id' | 'contract' | 'onlyBooks'>,
  ): Promise<readonly BooksSide[]> {
    if (onlyBooks) return this.sideOfBooks(request.tenant, onlyBooks.connection, { kind, id: onlyBooks.id }, contract);
    return (await this.loaders.of(request).sides.load({ ref: { kind, id: id! }, contract })) ?? [];
  }

  pairOf(request: RequestContext, twin: string): Promise<Pair | undefined> {
    return this.loaders.of(request).pairs.load(twin);
  }

  private sideOfBooks(tenant: string, id: string, ref: Ref, contract: number): Promise<BooksSide[]> {
    return this.transactions.inTenant(tenant, async (tx) => {
      const connection = await this.connections.get(tx, id);
      if (!connection) return [];
      const [met] = await this.twins.byRefs(tx, id, 'books', [ref]);
      const [snapshot] = await this.snapshots.get(tx, id, [ref]);
      return [await this.sidesOfBooks.ofBooks(tx, connection, snapshot, met?.twin, contract)];
    });
  }

  private sides(request: RequestContext): DataLoader<SidesKey, BooksSide[] | undefined, string> {
    return loading(
      this.transactions,
      request,
      async (tx, keys) => {
        const found = new Map<string, BooksSide[]>();
        for (const [contract, of] of Map.groupBy(keys, (key) => key.contract)) {
          const refs = of.map(({ ref }) => ref);
          for (const [ref, sides] of await this.sidesOfBooks.ofRecords(tx, refs, contract)) {
            found.set(`${contract}/${ref}`, sides);
          }
        }
        return found;
      },
      sidesKeyText,
    );
  }

  private pairs(request: RequestContext): DataLoader<string, Pair | undefined, string> {
    return loading(this.transactions, request, async (tx, ids) => {
      const twins = await this.twins.get(tx, ids);
      const records = new Map((await this.records.get(tx, appRefs(twins))).map((record) => [refKey(record), record]));
      const snapshots = await this.snapshotsOf(tx, twins);
      return new Map(
        twins.map((twin) => {
          const record = twin.app === undefined ? undefined : records.get(refKey({ kind: twin.kind, id: twin.app }));
          return [twin.id, { twin, record, snapshot: snapshots.get(twin.id) }];
        }),
      );
    });
  }

  private async snapshotsOf(tx: Tx, twins: readonly Twin[]): Promise<ReadonlyMap<string, Snapshot>> {
    const found = new Map<string, Snapshot>();
    for (const [connection, here] of Map.groupBy(twins, (twin) => twin.connection)) {
      const named = here.flatMap(({ id, kind, books }) => (books === undefined ? [] : [{ twin: id, kind, id: books }]));
      const seen = new Map((await this.snapshots.get(tx, connection, named)).map((one) => [refKey(one), one]));
      for (const { twin, ...ref } of named) {
        const snapshot = seen.get(refKey(ref));
        if (snapshot) found.set(twin, snapshot);
      }
    }
    return found;
  }
}

const appRefs = (twins: readonly Twin[]): Ref[] =>
  twins.flatMap(({ kind, app }) => (app === undefined ? [] : [{ kind, id: app }]));
