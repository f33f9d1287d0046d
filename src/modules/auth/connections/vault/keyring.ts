import { hkdfSync, randomBytes } from 'node:crypto';
import * as path from 'node:path';
import { ownSecret } from '../../../../platform/config/index.js';

export interface MasterKey {
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Buffer;
}

/** Something was sealed under a master key that is not on the ring. */
export class MasterKeyMissingError extends Error {
  constructor(id: string) {
    super(`the master key ${id} is not in CONCORD_MASTER_KEY, and something is still sealed under it`);
    this.name = 'MasterKeyMissingError';
  }
}

/**
 * The master keys, which never enter the database: the first one seals, all of them open. A new one is put in front,
 * everything is sealed anew under it in the background, and then the old one may go.
 */
export class Keyring {
  private readonly byId: ReadonlyMap<string, MasterKey>;
  /** The key that seals. */
  readonly current: MasterKey;

  constructor(readonly keys: readonly MasterKey[]) {
    const [current] = keys;
    if (!current) throw new Error('a keyring needs at least one master key');
    this.current = current;
    this.byId = new Map(keys.map((key) => [key.id, key]));
    if (this.byId.size !== keys.length) throw new Error('two master keys have the same id');
    if (keys.some(({ secret }) => secret.length !== 32)) throw new Error('a master key has 32 bytes');
  }

  /** Keys written as `id:base64`, as CONCORD_MASTER_KEY gives them. */
  static of(entries: readonly string[]): Keyring {
    return new Keyring(
      entries.map((entry) => {
        const at = entry.indexOf(':');
        return { id: entry.slice(0, at), secret: Buffer.from(entry.slice(at + 1), 'base64') };
      }),
    );
  }

  /** The given keys; without any, one of our own in the data directory, made on first start and readable to us alone. */
  static open(entries: readonly string[] | undefined, dataDir: string): Keyring {
    return Keyring.of(entries ?? [ownSecret(path.join(dataDir, 'master.key'), freshEntry)]);
  }

  find(id: string): MasterKey | undefined {
    return this.byId.get(id);
  }

  of(id: string): MasterKey {
    const key = this.find(id);
    if (!key) throw new MasterKeyMissingError(id);
    return key;
  }
}

/** A key for one purpose that follows from a master key, so that no key serves two purposes. */
export const derivedKey = ({ secret }: MasterKey, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `concord ${purpose}`, 32));

const freshEntry = (): string => `own:${randomBytes(32).toString('base64')}`;
