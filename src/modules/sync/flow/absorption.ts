import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/index.js';
import { ConflictStore } from '../../conflicts/index.js';
import { ProblemStore, WaitStore, WorkStore, WriteStore } from '../store/index.js';

/** When two half twins become one, everything that hung on the vanished one goes over to the survivor (ENGINE C3). */
@Injectable()
export class Absorption {
  constructor(
    private readonly work: WorkStore,
    private readonly writes: WriteStore,
    private readonly waits: WaitStore,
    private readonly conflicts: ConflictStore,
    private readonly problems: ProblemStore,
  ) {}

  async into(tx: Tx, gone: string, survivor: string): Promise<void> {
    await this.writes.absorb(tx, gone, survivor);
    await this.waits.absorb(tx, gone, survivor);
    await this.work.absorb(tx, gone, survivor);
    await this.relinked(tx, gone);
  }

  /** What was asked about a pair says nothing about the new one. */
  async relinked(tx: Tx, twin: string): Promise<void> {
    await this.conflicts.close(tx, [{ twin, how: 'relinked' }]);
    await this.problems.closeOfTwins(tx, [twin]);
  }
}
