import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Duties } from '../../platform/clock/index.js';
import { PostgresWakeups } from '../../platform/database/index.js';
import { told } from '../../platform/log/index.js';
import { Sequencer } from '../history/index.js';
import { FlowStarter } from './flow/flow-starter.js';
import { WorkerSettings } from './flow/worker-settings.js';
import { FirstLook } from './intake/first-look.js';
import { NoticeInbox } from './intake/notice-inbox.js';
import { Poller } from './intake/poller.js';
import { Retention } from './retention.js';

/**
 * Keeps the street moving in every worker: woken when something is committed, and by the clock anyway. Each tick claims
 * its work in PostgreSQL, so that ten workers do it once (ENGINE G6).
 */
@Injectable()
export class StreetKeeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('street');
  // The next tick tries again; a database that is away says so once a tick.
  private readonly duties = new Duties((name, error) => this.logger.warn(`${name}: ${told(error)}`));
  private readonly stopListening: (() => void)[] = [];

  constructor(
    private readonly wakeups: PostgresWakeups,
    private readonly settings: WorkerSettings,
    private readonly starter: FlowStarter,
    private readonly inbox: NoticeInbox,
    private readonly poller: Poller,
    private readonly firstLook: FirstLook,
    private readonly sequencer: Sequencer,
    private readonly retention: Retention,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.present();
    this.stopListening.push(
      this.wakeups.on('work', () => this.start()),
      this.wakeups.on('history', () => this.number()),
    );
    this.start();
    this.look();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.duties.stop();
    for (const stop of this.stopListening) stop();
  }

  @Interval(5_000)
  present(): Promise<void> {
    return this.duties.once('present', () => this.starter.present(this.settings.worker, this.settings.concurrency));
  }

  @Interval(500)
  start(): void {
    void this.duties.once('start', () => this.starter.start(this.settings.batch));
  }

  @Interval(3_000)
  sweep(): void {
    void this.duties.once('sweep', () => this.starter.sweep());
    void this.duties.once('unpack', () => this.inbox.unpackWaiting());
  }

  @Interval(1_000)
  poll(): void {
    void this.duties.once('poll', () => this.poller.pollDue());
  }

  @Interval(1_000)
  number(): void {
    void this.duties.once('number', () => this.sequencer.run());
  }

  @Interval(10_000)
  look(): void {
    void this.duties.once('look', () => this.firstLook.resume());
  }

  @Interval(900_000)
  retain(): void {
    void this.duties.once('retain', () => this.retention.run());
  }
}
