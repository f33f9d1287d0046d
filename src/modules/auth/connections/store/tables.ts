import { defineEntity, type InferKyselyTable, p } from '@mikro-orm/postgresql';
import type { KindName } from '../../../../domain/contract/index.js';
import type { ROW_OPTIONS } from '../../../../platform/database/index.js';
import type { TicketState } from '../connect/ticket.js';
import type { ConnectionState } from '../connection.js';
import type { GrantFailure, GrantState } from '../vault/grant.js';

const DataKeyRow = defineEntity({
  name: 'DataKeyRow',
  tableName: 'data_key',
  properties: {
    tenantId: p.uuid().primary(),
    version: p.integer().primary(),
    wrapped: p.blob(),
    masterKey: p.text(),
    createdAt: p.datetime().length(3),
  },
});

const OAuthGrantRow = defineEntity({
  name: 'OAuthGrantRow',
  tableName: 'oauth_grant',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    provider: p.text(),
    epoch: p.integer(),
    state: p.text().$type<GrantState>(),
    accessSealed: p.blob().nullable(),
    refreshSealed: p.blob().nullable(),
    previousRefreshSealed: p.blob().nullable(),
    keyVersion: p.integer(),
    accessExpiresAt: p.datetime().length(3),
    refreshExpiresAt: p.datetime().length(3).nullable(),
    endsAt: p.datetime().length(3).nullable(),
    warnedDays: p.integer().nullable(),
    attemptId: p.uuid().nullable(),
    attemptStartedAt: p.datetime().length(3).nullable(),
    leaseUntil: p.datetime().length(3).nullable(),
    uncertainSince: p.datetime().length(3).nullable(),
    lateTries: p.integer(),
    notBefore: p.datetime().length(3).nullable(),
    refreshedAt: p.datetime().length(3),
    failure: p.text().$type<GrantFailure>().nullable(),
    failures: p.integer(),
    createdAt: p.datetime().length(3),
    createdBy: p.text(),
  },
});

const ConnectionRow = defineEntity({
  name: 'ConnectionRow',
  tableName: 'connection',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    provider: p.text(),
    company: p.text(),
    companyName: p.text().nullable(),
    grantId: p.uuid().nullable(),
    state: p.text().$type<ConnectionState>(),
    stateReason: p.text().nullable(),
    goLive: p.date(),
    creates: p.json<KindName[]>(),
    features: p.json<Record<string, string>>(),
    baseCurrency: p.text().nullable(),
    notBefore: p.datetime().length(3).nullable(),
    firstLookAt: p.datetime().length(3).nullable(),
    connectedAt: p.datetime().length(3),
    connectedBy: p.text(),
    disconnectedAt: p.datetime().length(3).nullable(),
  },
});

const ConnectTicketRow = defineEntity({
  name: 'ConnectTicketRow',
  tableName: 'connect_ticket',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    provider: p.text(),
    connectionId: p.uuid().nullable(),
    actor: p.text(),
    returnUrl: p.text(),
    goLive: p.date().nullable(),
    secretHash: p.blob(),
    state: p.text().$type<TicketState>(),
    browserHash: p.blob().nullable(),
    result: p.text().nullable(),
    createdAt: p.datetime().length(3),
    expiresAt: p.datetime().length(3),
    usedAt: p.datetime().length(3).nullable(),
  },
});

const OAuthStateRow = defineEntity({
  name: 'OAuthStateRow',
  tableName: 'oauth_state',
  properties: {
    stateHash: p.blob().primary(),
    tenantId: p.uuid(),
    ticketId: p.uuid(),
    browserHash: p.blob(),
    verifierSealed: p.blob().nullable(),
    keyVersion: p.integer().nullable(),
    expiresAt: p.datetime().length(3),
    consumedAt: p.datetime().length(3).nullable(),
  },
});

export const CONNECTION_ENTITIES = [DataKeyRow, OAuthGrantRow, ConnectionRow, ConnectTicketRow, OAuthStateRow];

export interface ConnectionTables {
  data_key: InferKyselyTable<typeof DataKeyRow, typeof ROW_OPTIONS>;
  oauth_grant: InferKyselyTable<typeof OAuthGrantRow, typeof ROW_OPTIONS>;
  connection: InferKyselyTable<typeof ConnectionRow, typeof ROW_OPTIONS>;
  connect_ticket: InferKyselyTable<typeof ConnectTicketRow, typeof ROW_OPTIONS>;
  oauth_state: InferKyselyTable<typeof OAuthStateRow, typeof ROW_OPTIONS>;
}
