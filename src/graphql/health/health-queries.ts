import { Injectable } from '@nestjs/common';
import { CONNECTION_STATES } from '../../modules/auth/index.js';
import {
  DeliveryStore,
  type IntakeCount,
  type IntakeFigures,
  LANES,
  type WorkFigures,
  WorkViews,
} from '../../modules/sync/index.js';
import { Transactions } from '../../platform/database/index.js';
import type { Health, PlatformHealth } from './health.types.js';

@Injectable()
export class HealthQueries {
  constructor(
    private readonly transactions: Transactions,
    private readonly work: WorkViews,
    private readonly deliveries: DeliveryStore,
  ) {}

  ofTenant(tenant: string): Promise<Health> {
    return this.transactions.inTenant(tenant, async (tx) => healthOf(tx.now, await this.work.figures(tx), null));
  }

  ofPlatform(): Promise<Health> {
    return this.transactions.dispatching(async (tx) => {
      const platform = platformOf(await this.work.intake(tx), await this.deliveries.counts(tx));
      return healthOf(tx.now, await this.work.figures(tx), platform);
    });
  }
}

const healthOf = (at: Date, figures: WorkFigures, platform: PlatformHealth | null): Health => {
  const { due, oldestDueAt, later, openWalks, unbegunSince, unnumberedEvents, connectionsByState } = figures;
  return {
    ...{ at, later, openWalks, unnumberedEvents, platform },
    due: LANES.map((lane) => ({ lane, due: due[lane] })),
    oldestDueAt: oldestDueAt ?? null,
    queueLagSeconds: unbegunSince ? Math.max(0, Math.round((at.getTime() - unbegunSince.getTime()) / 1000)) : 0,
    connections: CONNECTION_STATES.map((state) => ({ state, connections: connectionsByState[state] ?? 0 })),
  };
};

const platformOf = (
  { waiting, oldestWaitingAt, workerPlaces }: IntakeFigures,
  counts: readonly IntakeCount[],
): PlatformHealth => ({
  workerPlaces,
  waitingDeliveries: waiting,
  oldestDeliveryAt: oldestWaitingAt ?? null,
  deliveries: counts,
});
