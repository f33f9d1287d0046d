import { defineEntity, type InferKyselyTable, p } from '@mikro-orm/postgresql';
import type { KindName } from '../../../domain/contract/index.js';
import type { ROW_OPTIONS } from '../../../platform/database/index.js';
import type { Cause } from '../cause.js';
import type { EventType } from '../event.js';

const EventRow = defineEntity({
  name: 'EventRow',
  tableName: 'event',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    at: p.datetime().length(3),
    type: p.text().$type<EventType>(),
    cause: p.json<Cause>(),
    connectionId: p.uuid().nullable(),
    twinId: p.uuid().nullable(),
    kind: p.text().$type<KindName>().nullable(),
    appId: p.text().nullable(),
    booksId: p.text().nullable(),
    number: p.text().nullable(),
    detail: p.json<Record<string, unknown>>(),
    emptied: p.boolean(),
  },
});

const UnchainedRow = defineEntity({
  name: 'UnchainedRow',
  tableName: 'unchained',
  properties: { eventId: p.uuid().primary(), tenantId: p.uuid() },
});

const ChainHeadRow = defineEntity({
  name: 'ChainHeadRow',
  tableName: 'chain_head',
  properties: { tenantId: p.uuid().primary(), sequence: p.bigint('number'), hash: p.blob() },
});

const ChainRow = defineEntity({
  name: 'ChainRow',
  tableName: 'chain',
  properties: {
    tenantId: p.uuid().primary(),
    sequence: p.bigint('number').primary(),
    eventId: p.uuid(),
    previous: p.blob(),
    hash: p.blob(),
  },
});

export const HISTORY_ENTITIES = [EventRow, UnchainedRow, ChainHeadRow, ChainRow];

export interface HistoryTables {
  event: InferKyselyTable<typeof EventRow, typeof ROW_OPTIONS>;
  unchained: InferKyselyTable<typeof UnchainedRow, typeof ROW_OPTIONS>;
  chain_head: InferKyselyTable<typeof ChainHeadRow, typeof ROW_OPTIONS>;
  chain: InferKyselyTable<typeof ChainRow, typeof ROW_OPTIONS>;
}
