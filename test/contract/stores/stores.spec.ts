import { describeConflictStore } from './conflict-store.contract.js';
import { describeHistoryStore } from './history-store.contract.js';
import { memoryHarness } from './memory-harness.js';
import { PostgresForm } from './postgres-harness.js';
import { describeProblemStore } from './problem-store.contract.js';
import { describeRecordStore } from './record-store.contract.js';
import { describeSnapshotStore } from './snapshot-store.contract.js';
import { describeTwinStore } from './twin-store.contract.js';
import { describeWaitStore } from './wait-store.contract.js';
import { describeWorkStore } from './work-store.contract.js';
import { describeWriteStore } from './write-store.contract.js';

/** What each store promises, whatever it is made of. */
const CONTRACTS = [
  describeTwinStore,
  describeSnapshotStore,
  describeWorkStore,
  describeWriteStore,
  describeWaitStore,
  describeProblemStore,
  describeRecordStore,
  describeConflictStore,
  describeHistoryStore,
];

let postgres: PostgresForm;
beforeAll(async () => {
  postgres = await PostgresForm.start();
});
afterAll(() => postgres.stop());

for (const describeStore of CONTRACTS) {
  describeStore('in memory', memoryHarness);
  describeStore('on PostgreSQL', () => postgres.open());
}
