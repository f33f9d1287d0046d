import { defineEntity, type InferKyselyTable, p } from '@mikro-orm/postgresql';
import type { Granularity } from '../../../domain/comparison/index.js';
import type { Choice, ConflictReason, Rule, Testimony } from '../../../domain/conflict/index.js';
import type { KindName } from '../../../domain/contract/index.js';
import type { ROW_OPTIONS } from '../../../platform/database/index.js';
import type { ConflictEnding, OpenConflict } from '../open-conflict.js';

const ConflictRow = defineEntity({
  name: 'ConflictRow',
  tableName: 'conflict',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectionId: p.uuid(),
    twinId: p.uuid(),
    kind: p.text().$type<KindName>(),
    reason: p.text().$type<ConflictReason>(),
    groups: p.json<string[]>(),
    base: p.json<Testimony>().nullable(),
    app: p.json<Testimony>().nullable(),
    books: p.json<Testimony>().nullable(),
    candidates: p.json<OpenConflict['candidates']>(),
    fingerprint: p.text(),
    moneyEffect: p.decimal('string').nullable(),
    open: p.boolean(),
    decision: p.json<NonNullable<OpenConflict['decision']>>().nullable(),
    raisedAt: p.datetime().length(3),
    updatedAt: p.datetime().length(3),
    closedAt: p.datetime().length(3).nullable(),
    ending: p.text().$type<ConflictEnding>().nullable(),
  },
});

const DecisionRow = defineEntity({
  name: 'DecisionRow',
  tableName: 'decision',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    conflictId: p.uuid(),
    verb: p.text(),
    choices: p.json<Record<string, Choice>>(),
    fingerprint: p.text(),
    actor: p.text(),
    at: p.datetime().length(3),
  },
});

const PolicyRow = defineEntity({
  name: 'PolicyRow',
  tableName: 'policy',
  properties: {
    tenantId: p.uuid().primary(),
    kind: p.text().$type<KindName>().primary(),
    fieldGroup: p.text().primary(),
    rule: p.text().$type<Rule>(),
    setBy: p.text(),
    setAt: p.datetime().length(3),
  },
});

const GranularityRow = defineEntity({
  name: 'GranularityRow',
  tableName: 'granularity',
  properties: {
    tenantId: p.uuid().primary(),
    kind: p.text().$type<KindName>().primary(),
    granularity: p.text().$type<Granularity>(),
    setBy: p.text(),
    setAt: p.datetime().length(3),
  },
});

export const CONFLICT_ENTITIES = [ConflictRow, DecisionRow, PolicyRow, GranularityRow];

export interface ConflictTables {
  conflict: InferKyselyTable<typeof ConflictRow, typeof ROW_OPTIONS>;
  decision: InferKyselyTable<typeof DecisionRow, typeof ROW_OPTIONS>;
  policy: InferKyselyTable<typeof PolicyRow, typeof ROW_OPTIONS>;
  granularity: InferKyselyTable<typeof GranularityRow, typeof ROW_OPTIONS>;
}
