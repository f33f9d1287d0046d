import type { KindName } from '../../../src/domain/contract/index.js';
import {
  type Connection,
  type ConnectionState,
  ConnectionStore,
  type ConnectResult,
  type NewConnection,
  type Route,
} from '../../../src/modules/auth/index.js';
import type { DispatchTx, Tx } from '../../../src/platform/database/index.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryConnectionStore extends ConnectionStore {
  private readonly connections;

  constructor(database: MemoryDatabase) {
    super();
    this.connections = database.table<Connection>();
  }

  add(connection: Connection): void {
    this.connections.set(connection.id, connection);
  }

  override async get(tx: Tx, id: string): Promise<Connection | undefined> {
    const connection = this.connections.get(id);
    return connection?.tenant === tx.tenant ? connection : undefined;
  }

  override async all(tx: Tx): Promise<Connection[]> {
    return this.connections
      .all()
      .filter(({ tenant }) => tenant === tx.tenant)
      .sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  override async setState(tx: Tx, id: string, state: ConnectionState, reason: string | undefined): Promise<boolean> {
    const connection = await this.get(tx, id);
    this.change(connection, { state, stateReason: reason });
    return connection !== undefined && connection.state !== state;
  }

  override async pause(tx: Tx, id: string, until: Date): Promise<void> {
    const connection = await this.get(tx, id);
    const notBefore = connection?.notBefore && connection.notBefore > until ? connection.notBefore : until;
    this.change(connection, { notBefore });
  }

  override async describe(
    tx: Tx,
    id: string,
    {
      name,
      baseCurrency,
      features,
    }: { name: string | undefined; baseCurrency: string | undefined; features: Readonly<Record<string, string>> },
  ): Promise<void> {
    this.change(await this.get(tx, id), { companyName: name, baseCurrency, features });
  }

  override async routesTo(_tx: DispatchTx, provider: string, companies: readonly string[]): Promise<Route[]> {
    return this.connections
      .all()
      .filter((one) => one.provider === provider && one.state !== 'disconnected' && companies.includes(one.company))
      .map(({ company, tenant, id }) => ({ company, tenant, connection: id }));
  }

  override async firstLooked(tx: Tx, id: string): Promise<void> {
    this.change(await this.get(tx, id), { firstLookAt: tx.now });
  }

  override async unlooked(): Promise<{ tenant: string; connection: string }[]> {
    return this.connections
      .all()
      .filter(({ state, firstLookAt }) => state === 'active' && !firstLookAt)
      .map(({ tenant, id }) => ({ tenant, connection: id }));
  }

  override async ofCompany(tx: Tx, provider: string, company: string): Promise<Connection | undefined> {
    return (await this.all(tx)).find((one) => one.provider === provider && one.company === company);
  }

  override async ofGrant(tx: Tx, grant: string): Promise<Connection[]> {
    return (await this.all(tx)).filter((one) => one.grant === grant && one.state !== 'disconnected');
  }

  override async connect(tx: Tx, fresh: NewConnection): Promise<ConnectResult> {
    const { id, provider, company, companyName, grant, goLive, by } = fresh;
    const before = await this.ofCompany(tx, provider, company);
    const made: Connection = before ?? {
      ...{ id, tenant: tx.tenant, provider, company, companyName: undefined, features: {}, baseCurrency: undefined },
      ...{ goLive: tx.now.toISOString().slice(0, 10), creates: [], grant, notBefore: undefined },
      ...{ state: 'active', stateReason: undefined },
    };
    const connection: Connection = {
      ...made,
      ...{ state: 'active', stateReason: undefined, notBefore: undefined, disconnectedAt: undefined },
      ...{ grant, connectedAt: tx.now, connectedBy: by, companyName: companyName ?? made.companyName },
      goLive: goLive ?? made.goLive,
      firstLookAt: before?.state === 'disconnected' ? undefined : before?.firstLookAt,
    };
    this.connections.set(made.id, connection);
    const formerGrant = before?.grant !== grant ? before?.grant : undefined;
    return { connection, was: before ? 'known' : 'new', formerGrant };
  }

  override async end(tx: Tx, id: string): Promise<void> {
    const ended = { state: 'disconnected', stateReason: undefined, grant: undefined, notBefore: undefined } as const;
    this.change(await this.get(tx, id), { ...ended, disconnectedAt: tx.now });
  }

  override async setGoLive(tx: Tx, id: string, goLive: string): Promise<void> {
    this.change(await this.get(tx, id), { goLive });
  }

  override async setCreates(tx: Tx, id: string, kinds: readonly KindName[]): Promise<void> {
    this.change(await this.get(tx, id), { creates: [...kinds] });
  }

  isOpen(id: string, now: Date): boolean {
    const connection = this.connections.get(id);
    if (connection?.state !== 'active' && connection?.state !== 'suspended') return false;
    return connection.notBefore === undefined || connection.notBefore <= now;
  }

  private change(connection: Connection | undefined, change: Partial<Connection>): void {
    if (connection) this.connections.set(connection.id, { ...connection, ...change });
  }
}
