import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../../platform/database/index.js';
import { DataKeyStore, type WrappedKey } from '../store/data-key-store.js';
import { derivedKey, Keyring } from './keyring.js';
import { seal, unseal } from './seal.js';

/** A tenant's own key of 32 bytes; its versions are never changed, only followed by others. */
export interface DataKey {
  readonly version: number;
  readonly secret: Buffer;
}

/**
 * The tenants' data keys, wrapped by the master key (reliability.md 4.4). They are unwrapped each time, which takes
 * microseconds: a key kept in memory from a transaction that was rolled back would seal what nobody can open.
 */
@Injectable()
export class DataKeys {
  constructor(
    private readonly keyring: Keyring,
    private readonly store: DataKeyStore,
  ) {}

  /** The key that seals now; the tenant's first one is made here. */
  async newest(tx: Tx): Promise<DataKey> {
    const known = await this.store.newest(tx);
    if (known) return this.open(tx.tenant, known);
    await this.add(tx, 1);
    return this.open(tx.tenant, (await this.store.newest(tx))!);
  }

  /** The key that opens what was sealed under a version. */
  async of(tx: Tx, version: number): Promise<DataKey> {
    const wrapped = await this.store.get(tx, version);
    if (!wrapped) throw new Error(`tenant ${tx.tenant} has no data key of version ${version}`);
    return this.open(tx.tenant, wrapped);
  }

  /** Begins a new version, under which everything is sealed from now on; returns it. */
  async renew(tx: Tx): Promise<number> {
    const { version } = await this.newest(tx);
    await this.add(tx, version + 1);
    return version + 1;
  }

  /** Wraps one version under the current master key, if another one wraps it. */
  async rewrap(tx: Tx, version: number): Promise<void> {
    const wrapped = await this.store.get(tx, version);
    const { current } = this.keyring;
    if (!wrapped || wrapped.masterKey === current.id) return;
    const { secret } = this.open(tx.tenant, wrapped);
    await this.store.rewrap(tx, wrapped, this.wrapped(tx.tenant, { version, secret }));
  }

  private async add(tx: Tx, version: number): Promise<void> {
    await this.store.add(tx, this.wrapped(tx.tenant, { version, secret: randomBytes(32) }));
  }

  private wrapped(tenant: string, { version, secret }: DataKey): WrappedKey {
    const { current } = this.keyring;
    const wrapped = seal(derivedKey(current, WRAPPING), secret, placeOf(tenant, version));
    return { version, wrapped, masterKey: current.id };
  }

  private open(tenant: string, { version, wrapped, masterKey }: WrappedKey): DataKey {
    const key = derivedKey(this.keyring.of(masterKey), WRAPPING);
    return { version, secret: unseal(key, wrapped, placeOf(tenant, version)) };
  }
}

const WRAPPING = 'wrapping of data keys';

const placeOf = (tenant: string, version: number) =>
  ({ tenant, owner: 'data key', field: 'secret', keyVersion: version }) as const;
