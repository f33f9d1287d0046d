import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { Logger, type OnModuleInit } from '@nestjs/common';
import type { Job } from 'bullmq';
import { told } from '../../../platform/log/index.js';
import { isStep } from '../store/index.js';
import { WALK_QUEUE, type WalkJob } from './record-flow.js';
import { Steps } from './steps.js';
import { WorkerSettings } from './worker-settings.js';

/**
 * Takes steps from the queue. Locks of 4 s, looked after every 1.5 s, let the work of a killed worker go on within 6 s;
 * how often that may happen to a job is not limited, because our own rows say what is done (ENGINE E2).
 */
@Processor(WALK_QUEUE, { lockDuration: 4_000, stalledInterval: 1_500, maxStalledCount: 100, drainDelay: 2 })
export class WalkProcessor extends WorkerHost implements OnModuleInit {
  private readonly logger = new Logger('worker');

  constructor(
    private readonly steps: Steps,
    private readonly settings: WorkerSettings,
  ) {
    super();
  }

  onModuleInit(): void {
    this.worker.concurrency = this.settings.concurrency;
  }

  override async process({ name, data }: Job<WalkJob>): Promise<string> {
    if (!isStep(name)) throw new Error(`no step is called ${name}`);
    try {
      return await this.steps.attempt(data.walk, data.tenant, name);
    } catch (error) {
      throw new StepFailed(told(error));
    }
  }

  @OnWorkerEvent('failed')
  onFailed(job: Job<WalkJob> | undefined, error: Error): void {
    this.logger.warn(`${job?.name ?? 'a step'} of walk ${job?.data.walk ?? '?'} failed: ${reasonOf(error)}`);
  }

  @OnWorkerEvent('error')
  onError(error: Error): void {
    // A line that is cut while the worker closes is how it closes.
    if (this.worker.closing) return;
    this.logger.warn(`queue: ${told(error)}`);
  }
}

/**
 * The queue keeps why a job failed, message and stack; those of an unforeseen error may repeat what a record holds, and
 * the queue holds ids only (ENGINE G1).
 */
class StepFailed extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'StepFailed';
    this.stack = `${this.name}: ${reason}`;
  }
}

const reasonOf = (error: Error): string => (error instanceof StepFailed ? error.message : told(error));
