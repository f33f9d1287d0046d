import { defineEntity, type InferKyselyTable, p } from '@mikro-orm/postgresql';
import type { Base, Side } from '../../../domain/comparison/index.js';
import type { Content, Existence, KindName } from '../../../domain/contract/index.js';
import type { Hold, PlannedWrite } from '../../../domain/planning/index.js';
import type { ProviderFailure, ProviderRequest, Sighting } from '../../../domain/provider/index.js';
import type { ROW_OPTIONS } from '../../../platform/database/index.js';
import type { Cause } from '../../history/index.js';
import type { ProblemCode } from './problem-store.js';
import type { Refusal } from './twin-store.js';
import type { WaitsUntil } from './wait-store.js';
import type { CallNote, ItemOutcome, ItemPlan, Seen, Step, Written } from './work-store.js';
import type { IntentAnswer, IntentState, IntentTarget } from './write-store.js';

const TwinRow = defineEntity({
  name: 'TwinRow',
  tableName: 'twin',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectionId: p.uuid(),
    kind: p.text().$type<KindName>(),
    facet: p.text(),
    appId: p.text().nullable(),
    booksId: p.text().nullable(),
    base: p.json<Base>(),
    holds: p.json<Hold[]>(),
    refusal: p.json<Refusal>().nullable(),
    createdAt: p.datetime().length(3),
  },
});

const FormerRefRow = defineEntity({
  name: 'FormerRefRow',
  tableName: 'former_ref',
  properties: {
    connectionId: p.uuid().primary(),
    kind: p.text().$type<KindName>().primary(),
    facet: p.text().primary(),
    side: p.text().$type<Side>().primary(),
    ref: p.text().primary(),
    tenantId: p.uuid(),
    twinId: p.uuid(),
    at: p.datetime().length(3),
  },
});

const SnapshotRow = defineEntity({
  name: 'SnapshotRow',
  tableName: 'snapshot',
  properties: {
    connectionId: p.uuid().primary(),
    kind: p.text().$type<KindName>().primary(),
    booksId: p.text().primary(),
    tenantId: p.uuid(),
    facet: p.text().nullable(),
    existence: p.text().$type<Existence>(),
    contract: p.integer(),
    content: p.json<Content>(),
    version: p.text(),
    raw: p.json<unknown>().nullable(),
    number: p.text().nullable(),
    createdThere: p.text().nullable(),
    changedThere: p.text().nullable(),
    changedBy: p.text().nullable(),
    mergedInto: p.text().nullable(),
    asOf: p.datetime().length(3),
    endedAt: p.datetime().length(3).nullable(),
  },
});

const WorkItemRow = defineEntity({
  name: 'WorkItemRow',
  tableName: 'work_item',
  properties: {
    twinId: p.uuid().primary(),
    tenantId: p.uuid(),
    connectionId: p.uuid(),
    kind: p.text().$type<KindName>(),
    lane: p.smallint(),
    wanted: p.bigint('number'),
    done: p.bigint('number'),
    look: p.boolean(),
    notBefore: p.datetime().length(3),
    walkId: p.uuid().nullable(),
    attempts: p.integer(),
    cause: p.json<Cause>(),
  },
});

const WalkRow = defineEntity({
  name: 'WalkRow',
  tableName: 'walk',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectionId: p.uuid(),
    kind: p.text().$type<KindName>(),
    lane: p.smallint(),
    graph: p.integer(),
    open: p.boolean(),
    leaseUntil: p.datetime().length(3),
    items: p.integer(),
    startedAt: p.datetime().length(3),
    endedAt: p.datetime().length(3).nullable(),
    ending: p.text().nullable(),
  },
});

const WalkStepRow = defineEntity({
  name: 'WalkStepRow',
  tableName: 'walk_step',
  properties: {
    walkId: p.uuid().primary(),
    step: p.text().$type<Step>().primary(),
    tenantId: p.uuid(),
    epoch: p.integer(),
    done: p.boolean(),
    startedAt: p.datetime().length(3),
    finishedAt: p.datetime().length(3).nullable(),
    calls: p.json<readonly CallNote[]>(),
  },
});

const WalkItemRow = defineEntity({
  name: 'WalkItemRow',
  tableName: 'walk_item',
  properties: {
    walkId: p.uuid().primary(),
    twinId: p.uuid().primary(),
    tenantId: p.uuid(),
    position: p.integer(),
    wanted: p.bigint('number'),
    look: p.boolean(),
    attempts: p.integer(),
    seen: p.json<Seen>().nullable(),
    plan: p.json<ItemPlan>().nullable(),
    written: p.json<Written>().nullable(),
    outcome: p.json<ItemOutcome>().nullable(),
  },
});

const IntentRow = defineEntity({
  name: 'IntentRow',
  tableName: 'intent',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectionId: p.uuid(),
    twinId: p.uuid(),
    walkId: p.uuid(),
    kind: p.text().$type<KindName>(),
    facet: p.text(),
    side: p.text(),
    creates: p.boolean(),
    write: p.json<PlannedWrite>(),
    target: p.json<IntentTarget>().nullable(),
    marker: p.text(),
    decisionId: p.uuid().nullable(),
    state: p.text().$type<IntentState>(),
    createdAt: p.datetime().length(3),
    sentAt: p.datetime().length(3).nullable(),
    answeredAt: p.datetime().length(3).nullable(),
    done: p.json<Sighting[]>(),
    answer: p.json<IntentAnswer>().nullable(),
    failure: p.json<ProviderFailure>().nullable(),
    looks: p.integer(),
    absentSince: p.datetime().length(3).nullable(),
    callId: p.uuid().nullable(),
    settledAt: p.datetime().length(3).nullable(),
  },
});

const CallRow = defineEntity({
  name: 'CallRow',
  tableName: 'call',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectionId: p.uuid(),
    walkId: p.uuid(),
    intents: p.array<string>().columnType('uuid[]'),
    request: p.json<ProviderRequest>(),
    providerKey: p.text().nullable(),
    state: p.text().$type<'in_flight' | 'answered' | 'unanswered'>(),
    attempts: p.integer(),
    sentAt: p.datetime().length(3),
    answeredAt: p.datetime().length(3).nullable(),
    status: p.integer().nullable(),
    requestId: p.text().nullable(),
    ms: p.integer().nullable(),
  },
});

const WaitRow = defineEntity({
  name: 'WaitRow',
  tableName: 'wait',
  properties: {
    twinId: p.uuid().primary(),
    needsTwin: p.uuid().primary(),
    side: p.text().$type<Side>().primary(),
    until: p.text().$type<WaitsUntil>().primary(),
    tenantId: p.uuid(),
    path: p.text(),
  },
});

const ProblemRow = defineEntity({
  name: 'ProblemRow',
  tableName: 'problem',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectionId: p.uuid().nullable(),
    twinId: p.uuid().nullable(),
    subject: p.text(),
    code: p.text().$type<ProblemCode>(),
    message: p.text(),
    detail: p.json<Record<string, unknown>>(),
    open: p.boolean(),
    times: p.integer(),
    raisedAt: p.datetime().length(3),
    lastAt: p.datetime().length(3),
    closedAt: p.datetime().length(3).nullable(),
  },
});

const DeliveryRow = defineEntity({
  name: 'DeliveryRow',
  tableName: 'delivery',
  properties: {
    id: p.uuid().primary(),
    provider: p.text(),
    headers: p.json<Record<string, string>>(),
    body: p.blob(),
    receivedAt: p.datetime().length(3),
    claimedUntil: p.datetime().length(3).nullable(),
    unpackedAt: p.datetime().length(3).nullable(),
    notices: p.integer().nullable(),
    orphans: p.integer().nullable(),
    unreadable: p.text().nullable(),
  },
});

const HeardEventRow = defineEntity({
  name: 'HeardEventRow',
  tableName: 'heard_event',
  properties: {
    connectionId: p.uuid().primary(),
    eventId: p.text().primary(),
    tenantId: p.uuid(),
    deliveryId: p.uuid(),
    at: p.datetime().length(3),
  },
});

const IntakeCounterRow = defineEntity({
  name: 'IntakeCounterRow',
  tableName: 'intake_counter',
  properties: {
    provider: p.text().primary(),
    what: p.text().primary(),
    count: p.bigint('number'),
    lastAt: p.datetime().length(3),
  },
});

const StreamRow = defineEntity({
  name: 'StreamRow',
  tableName: 'stream',
  properties: {
    connectionId: p.uuid().primary(),
    name: p.text().primary(),
    tenantId: p.uuid(),
    cursor: p.text().nullable(),
    everyMs: p.bigint('number'),
    dueAt: p.datetime().length(3),
    leaseUntil: p.datetime().length(3).nullable(),
    lookedAt: p.datetime().length(3).nullable(),
    found: p.integer(),
    failure: p.text().nullable(),
    why: p.text(),
  },
});

export const SYNC_ENTITIES = [
  TwinRow,
  FormerRefRow,
  SnapshotRow,
  WorkItemRow,
  WalkRow,
  WalkStepRow,
  WalkItemRow,
  IntentRow,
  CallRow,
  WaitRow,
  ProblemRow,
  DeliveryRow,
  HeardEventRow,
  IntakeCounterRow,
  StreamRow,
];

export interface SyncTables {
  twin: InferKyselyTable<typeof TwinRow, typeof ROW_OPTIONS>;
  former_ref: InferKyselyTable<typeof FormerRefRow, typeof ROW_OPTIONS>;
  snapshot: InferKyselyTable<typeof SnapshotRow, typeof ROW_OPTIONS>;
  work_item: InferKyselyTable<typeof WorkItemRow, typeof ROW_OPTIONS>;
  walk: InferKyselyTable<typeof WalkRow, typeof ROW_OPTIONS>;
  walk_step: InferKyselyTable<typeof WalkStepRow, typeof ROW_OPTIONS>;
  walk_item: InferKyselyTable<typeof WalkItemRow, typeof ROW_OPTIONS>;
  intent: InferKyselyTable<typeof IntentRow, typeof ROW_OPTIONS>;
  call: InferKyselyTable<typeof CallRow, typeof ROW_OPTIONS>;
  wait: InferKyselyTable<typeof WaitRow, typeof ROW_OPTIONS>;
  problem: InferKyselyTable<typeof ProblemRow, typeof ROW_OPTIONS>;
  delivery: InferKyselyTable<typeof DeliveryRow, typeof ROW_OPTIONS>;
  heard_event: InferKyselyTable<typeof HeardEventRow, typeof ROW_OPTIONS>;
  intake_counter: InferKyselyTable<typeof IntakeCounterRow, typeof ROW_OPTIONS>;
  stream: InferKyselyTable<typeof StreamRow, typeof ROW_OPTIONS>;
}
