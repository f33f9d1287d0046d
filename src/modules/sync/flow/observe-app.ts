import { Injectable } from '@nestjs/common';
import { refKey } from '../../../domain/contract/index.js';
import { RecordStore } from '../../records/index.js';
import { TwinStore, WorkStore } from '../store/index.js';
import type { Begin } from './beginning.js';

/** First half of observe: which version of the app's records this walk is about. */
@Injectable()
export class ObserveApp {
  constructor(
    private readonly work: WorkStore,
    private readonly twins: TwinStore,
    private readonly records: RecordStore,
  ) {}

  async run(begin: Begin): Promise<void> {
    await begin(async (tx, attempt) => {
      const items = await this.work.items(tx, attempt.walk);
      const twins = await this.twins.get(
        tx,
        items.map(({ twin }) => twin),
      );
      const refs = twins.flatMap(({ kind, app }) => (app === undefined ? [] : [{ kind, id: app }]));
      const versions = new Map((await this.records.get(tx, refs)).map((record) => [refKey(record), record.version]));
      await this.work.saveSeen(
        tx,
        attempt.walk,
        twins.map(({ id, kind, app }) => ({
          twin: id,
          app: app === undefined ? 0 : (versions.get(refKey({ kind, id: app })) ?? 0),
        })),
      );
      await this.work.finishStep(tx, attempt, { calls: [] });
    });
  }
}
