import { defineEntity, type InferKyselyTable, p } from '@mikro-orm/postgresql';
import type { ROW_OPTIONS } from '../../../../platform/database/index.js';
import type { Role } from '../principal.js';

const TenantRow = defineEntity({
  name: 'TenantRow',
  tableName: 'tenant',
  properties: {
    id: p.uuid().primary(),
    name: p.text(),
    externalId: p.text().nullable(),
    createdAt: p.datetime().length(3),
    deletedAt: p.datetime().length(3).nullable(),
    deletedBy: p.text().nullable(),
    forgottenAt: p.datetime().length(3).nullable(),
  },
});

const ApiKeyRow = defineEntity({
  name: 'ApiKeyRow',
  tableName: 'api_key',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid().nullable(),
    role: p.text().$type<Role>(),
    name: p.text(),
    prefix: p.text(),
    hash: p.blob(),
    createdAt: p.datetime().length(3),
    createdBy: p.text(),
    lastUsedAt: p.datetime().length(3).nullable(),
    revokedAt: p.datetime().length(3).nullable(),
  },
});

const SupportGrantRow = defineEntity({
  name: 'SupportGrantRow',
  tableName: 'support_grant',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    actor: p.text(),
    reason: p.text(),
    grantedBy: p.text(),
    grantedAt: p.datetime().length(3),
    until: p.datetime().length(3),
  },
});

export const ACCESS_ENTITIES = [TenantRow, ApiKeyRow, SupportGrantRow];

export interface AccessTables {
  tenant: InferKyselyTable<typeof TenantRow, typeof ROW_OPTIONS>;
  api_key: InferKyselyTable<typeof ApiKeyRow, typeof ROW_OPTIONS>;
  support_grant: InferKyselyTable<typeof SupportGrantRow, typeof ROW_OPTIONS>;
}
