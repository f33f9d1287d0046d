import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { PostgresWakeups } from '../../platform/database/index.js';
import { told } from '../../platform/log/index.js';
import { Sequencer } from '../history/index.js';
import { FlowStarter } from './flow/flow-starter.js';
import { WorkerSettings } from './flow/worker-settings.js';
import { FirstLook } from './intake/first-look.js';
import { NoticeInbox } from './intake/notice-inbox.js';
import { Poller } from './intake/poller.js';

/**
 * Keeps the street moving in every worker: woken when something is committed, and by the clock anyway. Each tick claims
 * its work in PostgreSQL, so that ten workers do it once (ENGINE G6).
 */
@Injectable()
export class StreetKeeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('street');
  private readonly duties = new Map<string, Duty>();
  private readonly stopListening: (() => void)[] = [];
  private stopped = false;

  constructor(
    private readonly wakeups: PostgresWakeups,
    private readonly settings: WorkerSettings,
    private readonly starter: FlowStarter,
    private readonly inbox: NoticeInbox,
    private readonly poller: Poller,
    private readonly firstLook: FirstLook,
    private readonly sequencer: Sequencer,
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

  onApplicationShutdown(): void {
    this.stopped = true;
    for (const stop of this.stopListening) stop();
  }

  @Interval(5_000)
  present(): Promise<void> {
    return this.once('present', () => this.starter.present(this.settings.worker, this.settings.concurrency));
  }

  @Interval(500)
  start(): void {
    void this.once('start', () => this.starter.start());
  }

  @Interval(3_000)
  sweep(): void {
    void this.once('sweep', () => this.starter.sweep());
    void this.once('unpack', () => this.inbox.unpackWaiting());
  }

  @Interval(1_000)
  poll(): void {
    void this.once('poll', () => this.poller.pollDue());
  }

  @Interval(1_000)
  number(): void {
    void this.once('number', () => this.sequencer.run());
  }

  @Interval(10_000)
  look(): void {
    void this.once('look', () => this.firstLook.resume());
  }

  /** One run of a duty at a time; a call during a run asks for one more after it. */
  private async once(name: string, work: () => Promise<unknown>): Promise<void> {
    if (this.stopped) return;
    const duty = this.duties.get(name) ?? { running: false, again: false };
    this.duties.set(name, duty);
    if (duty.running) {
      duty.again = true;
      return;
    }
    duty.running = true;
    try {
      do {
        duty.again = false;
        await work();
      } while (duty.again && !this.stopped);
    } catch (error) {
      // The next tick tries again; a database that is away says so once a tick.
      this.logger.warn(`${name}: ${told(error)}`);
    } finally {
      duty.running = false;
    }
  }
}

interface Duty {
  running: boolean;
  again: boolean;
}
