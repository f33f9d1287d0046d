import { type Connection, type ConnectionState, ConnectionStore, type Route } from '../../../src/modules/auth/index.js';
import type { DispatchTx, Tx } from '../../../src/platform/database/index.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryConnectionStore extends ConnectionStore {
  private readonly connections;
  private readonly looked;

  constructor(database: MemoryDatabase) {
    super();
    this.connections = database.table<Connection>();
    this.looked = database.table<boolean>();
  }

  add(connection: Connection): void {
    this.connections.set(connection.id, connection);
  }

  override async get(tx: Tx, id: string): Promise<Connection | undefined> {
    const connection = this.connections.get(id);
    return connection?.tenant === tx.tenant ? connection : undefined;
  }

  override async all(tx: Tx): Promise<Connection[]> {
    return this.connections.all().filter(({ tenant }) => tenant === tx.tenant);
  }

  override async setState(_tx: Tx, id: string, state: ConnectionState, reason: string | undefined): Promise<boolean> {
    const connection = this.connections.get(id)!;
    this.connections.set(id, { ...connection, state, stateReason: reason });
    return connection.state !== state;
  }

  override async pause(_tx: Tx, id: string, until: Date): Promise<void> {
    const connection = this.connections.get(id)!;
    const notBefore = connection.notBefore && connection.notBefore > until ? connection.notBefore : until;
    this.connections.set(id, { ...connection, notBefore });
  }

  override async describe(
    _tx: Tx,
    id: string,
    {
      name,
      baseCurrency,
      features,
    }: { name: string | undefined; baseCurrency: string | undefined; features: Readonly<Record<string, string>> },
  ): Promise<void> {
    this.connections.set(id, { ...this.connections.get(id)!, companyName: name, baseCurrency, features });
  }

  override async routesTo(_tx: DispatchTx, provider: string, companies: readonly string[]): Promise<Route[]> {
    return this.connections
      .all()
      .filter((one) => one.provider === provider && one.state !== 'disconnected' && companies.includes(one.company))
      .map(({ company, tenant, id }) => ({ company, tenant, connection: id }));
  }

  override async firstLooked(_tx: Tx, id: string): Promise<void> {
    this.looked.set(id, true);
  }

  override async unlooked(): Promise<{ tenant: string; connection: string }[]> {
    return this.connections
      .all()
      .filter(({ id, state }) => state === 'active' && !this.looked.get(id))
      .map(({ tenant, id }) => ({ tenant, connection: id }));
  }

  isOpen(id: string, now: Date): boolean {
    const connection = this.connections.get(id);
    if (connection?.state !== 'active' && connection?.state !== 'suspended') return false;
    return connection.notBefore === undefined || connection.notBefore <= now;
  }
}
