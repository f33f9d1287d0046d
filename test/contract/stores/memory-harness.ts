import type { HistoryEvent } from '../../../src/modules/history/index.js';
import {
  MemoryConflictStore,
  MemoryConnectionStore,
  MemoryDatabase,
  MemoryHistoryStore,
  MemoryProblemStore,
  MemoryRecordStore,
  MemorySnapshotStore,
  MemoryTwinStore,
  MemoryWaitStore,
  MemoryWorkStore,
  MemoryWriteStore,
} from '../../simulation/memory/index.js';
import { type ConnectionChange, CountedIdentifiers, type Harness } from './harness.js';

/** The stores that the simulation runs on. */
export const memoryHarness = async (): Promise<Harness> => {
  let now = Date.parse('2026-03-02T09:00:00Z');
  const identifiers = new CountedIdentifiers();
  const newId = (): string => identifiers.id();
  const database = new MemoryDatabase(() => new Date(now));
  const connections = new MemoryConnectionStore(database);
  const waits = new MemoryWaitStore(database);
  const twins = new MemoryTwinStore(database, newId, waits);
  const problems = new MemoryProblemStore(database);
  const history = new MemoryHistoryStore(database, newId);
  const owners = new Map<string, string>();

  const addTenant = async (): Promise<string> => newId();
  const addConnection = async (tenant: string): Promise<string> => {
    const id = newId();
    owners.set(id, tenant);
    connections.add({
      ...{ id, tenant, provider: 'model', company: id, companyName: undefined, grant: undefined },
      ...{ state: 'active', stateReason: undefined, goLive: '2026-01-01', creates: [], features: {} },
      ...{ baseCurrency: undefined, notBefore: undefined },
    });
    return id;
  };
  const setConnection = async (id: string, { state, notBefore }: ConnectionChange): Promise<void> =>
    database.inTenant(owners.get(id)!, async (tx) => {
      if (state) await connections.setState(tx, id, state, undefined);
      if (notBefore) await connections.pause(tx, id, notBefore);
    });
  const tenant = await addTenant();
  return {
    ...{ transactions: database, twins, waits, problems, history },
    snapshots: new MemorySnapshotStore(database),
    work: new MemoryWorkStore(database, twins, connections),
    writes: new MemoryWriteStore(database),
    records: new MemoryRecordStore(database),
    conflicts: new MemoryConflictStore(database, newId),
    ...{ tenant, connection: await addConnection(tenant) },
    ...{ newId, addTenant, addConnection, setConnection },
    pass: async (milliseconds) => void (now += milliseconds),
    openProblems: async (of) => problems.all().filter((problem) => problem.tenant === of),
    events: async (of): Promise<HistoryEvent[]> => history.all().filter((event) => event.tenant === of),
  };
};
