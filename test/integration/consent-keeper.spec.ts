import { randomUUID } from 'node:crypto';
import type { DynamicModule, Type } from '@nestjs/common';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import {
  ACCESS_ENTITIES,
  CONNECTION_ENTITIES,
  Journeys,
  KeepAlive,
  KeyRotation,
  Tenants,
} from '../../src/modules/auth/index.js';
import { ConsentKeeper } from '../../src/modules/auth/connections/consent-keeper.js';
import { HISTORY_ENTITIES } from '../../src/modules/history/index.js';
import { SYNC_ENTITIES, SyncModule, WorkerSettings } from '../../src/modules/sync/index.js';
import { startApplication } from './auth/application.js';
import { freshDatabase } from './database.js';

const importsOf = (module: DynamicModule): (Type | undefined)[] =>
  (module.imports ?? []).map((one) => ('module' in one ? (one as DynamicModule).module : (one as Type)));

test('intervals run in processes that work, and in no others', () => {
  expect(importsOf(SyncModule.with(new WorkerSettings('worker-1', 1)))).toContain(ScheduleModule);
  expect(importsOf(SyncModule.with(undefined))).not.toContain(ScheduleModule);
});

test('consents, keys, deletions and tickets are each looked after at an interval', async () => {
  const module = await Test.createTestingModule({
    imports: [ScheduleModule.forRoot()],
    providers: [
      ConsentKeeper,
      ...[KeepAlive, KeyRotation, Journeys, Tenants].map((provide) => ({ provide, useValue: {} })),
    ],
  }).compile();
  await module.init();
  expect(module.get(SchedulerRegistry).getIntervals()).toHaveLength(4);
  await module.close();
});

test('a tick does its work, and what fails in it is tried again by the next', async () => {
  const fresh = await freshDatabase([
    ...CONNECTION_ENTITIES,
    ...ACCESS_ENTITIES,
    ...HISTORY_ENTITIES,
    ...SYNC_ENTITIES,
  ]);
  const application = await startApplication({ fresh, definitions: [], providerUrl: undefined });
  try {
    const keeper = application.get(ConsentKeeper);
    const id = randomUUID();
    await fresh.asOwner(
      `insert into tenant (id, name, created_at, deleted_at, deleted_by) values ($1, 'Acme', now(), now(), 'key:1')`,
      [id],
    );
    const forgotten = (): Promise<unknown[]> =>
      fresh.asOwner('select from tenant where id = $1 and forgotten_at is not null', [id]);
    await fresh.asOwner('alter function forget_tenant(uuid) rename to forget_tenant_later');
    await keeper.finishDeleting();
    expect(await forgotten()).toHaveLength(0);
    await fresh.asOwner('alter function forget_tenant_later(uuid) rename to forget_tenant');
    await Promise.all([keeper.finishDeleting(), keeper.keepConsents(), keeper.rotateKeys(), keeper.sweepTickets()]);
    expect(await forgotten()).toHaveLength(1);
  } finally {
    await application.close();
    await fresh.drop();
  }
});
