import { defineEntity, type InferKyselyTable, p } from '@mikro-orm/postgresql';
import type { PendingPush } from '../../../domain/comparison/index.js';
import type { Content, Existence, KindName } from '../../../domain/contract/index.js';
import type { ROW_OPTIONS } from '../../../platform/database/index.js';
import type { Cause } from '../../history/index.js';

const RecordRow = defineEntity({
  name: 'RecordRow',
  tableName: 'record',
  properties: {
    tenantId: p.uuid().primary(),
    kind: p.text().$type<KindName>().primary(),
    id: p.text().primary(),
    version: p.integer(),
    existence: p.text().$type<Existence>(),
    contract: p.integer(),
    content: p.json<Content>(),
    facts: p.json<Content>(),
    pending: p.json<Record<string, PendingPush>>(),
    number: p.text().nullable(),
    cause: p.json<Cause>(),
    createdAt: p.datetime().length(3),
    updatedAt: p.datetime().length(3),
  },
});

const RecordVersionRow = defineEntity({
  name: 'RecordVersionRow',
  tableName: 'record_version',
  properties: {
    tenantId: p.uuid().primary(),
    kind: p.text().$type<KindName>().primary(),
    id: p.text().primary(),
    version: p.integer().primary(),
    existence: p.text().$type<Existence>(),
    contract: p.integer(),
    content: p.json<Content>(),
    cause: p.json<Cause>(),
    at: p.datetime().length(3),
  },
});

const PushRow = defineEntity({
  name: 'PushRow',
  tableName: 'push',
  properties: {
    tenantId: p.uuid().primary(),
    key: p.text().primary(),
    fingerprint: p.text(),
    result: p.json<unknown>(),
    at: p.datetime().length(3),
  },
});

export const RECORD_ENTITIES = [RecordRow, RecordVersionRow, PushRow];

export interface RecordTables {
  record: InferKyselyTable<typeof RecordRow, typeof ROW_OPTIONS>;
  record_version: InferKyselyTable<typeof RecordVersionRow, typeof ROW_OPTIONS>;
  push: InferKyselyTable<typeof PushRow, typeof ROW_OPTIONS>;
}
