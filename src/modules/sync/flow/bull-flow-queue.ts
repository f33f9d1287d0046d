import { InjectFlowProducer, InjectQueue } from '@nestjs/bullmq';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { FlowProducer, Queue } from 'bullmq';
import { told } from '../../../platform/log/index.js';
import type { OpenedWalk } from '../store/index.js';
import { FlowQueue } from './flow-queue.js';
import { recordFlow, WALK_QUEUE } from './record-flow.js';

@Injectable()
export class BullFlowQueue extends FlowQueue implements OnApplicationShutdown {
  private readonly logger = new Logger('queue');
  private stopping = false;

  constructor(
    @InjectFlowProducer(WALK_QUEUE) private readonly flows: FlowProducer,
    @InjectQueue(WALK_QUEUE) queue: Queue,
  ) {
    super();
    // Without a listener the queue prints errors whole, with what they hold. It connects again by itself.
    const tell = (error: Error): void => {
      if (!this.stopping) this.logger.warn(told(error));
    };
    flows.on('error', tell);
    queue.on('error', tell);
  }

  override async add(walks: readonly OpenedWalk[]): Promise<void> {
    await this.flows.addBulk(walks.map(recordFlow));
  }

  /** Nest closes queues and workers, but not the producers of flows. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.flows.close();
  }
}
