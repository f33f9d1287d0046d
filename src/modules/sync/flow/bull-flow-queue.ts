import { InjectFlowProducer } from '@nestjs/bullmq';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { FlowProducer } from 'bullmq';
import type { OpenedWalk } from '../store/index.js';
import { FlowQueue } from './flow-queue.js';
import { recordFlow, WALK_QUEUE } from './record-flow.js';

@Injectable()
export class BullFlowQueue extends FlowQueue implements OnApplicationShutdown {
  constructor(@InjectFlowProducer(WALK_QUEUE) private readonly flows: FlowProducer) {
    super();
  }

  override async add(walks: readonly OpenedWalk[]): Promise<void> {
    await this.flows.addBulk(walks.map(recordFlow));
  }

  /** Nest closes queues and workers, but not the producers of flows. */
  async onApplicationShutdown(): Promise<void> {
    await this.flows.close();
  }
}
