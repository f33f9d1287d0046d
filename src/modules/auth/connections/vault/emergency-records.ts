import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';

/**
 * New tokens that could not be stored: the only copy of a consent that the provider has already renewed. Sealed under
 * the tenant's data key, bound to the grant, the epoch and the attempt.
 */
export interface EmergencyRecord {
  readonly tenant: string;
  readonly grant: string;
  /** The epoch that these tokens follow. */
  readonly epoch: number;
  readonly attempt: string;
  readonly keyVersion: number;
  /** In base64. */
  readonly sealed: string;
}

export interface KeptRecord {
  readonly file: string;
  readonly record: EmergencyRecord;
}

/** A directory of small files beside the database, for when the database cannot be reached (reliability.md 4.2). */
export class EmergencyRecords {
  private readonly directory: string;

  constructor(dataDir: string) {
    this.directory = path.join(dataDir, 'emergency');
  }

  /** Returns the file once it is on the disk. */
  async keep(record: EmergencyRecord): Promise<string> {
    await fs.mkdir(this.directory, { recursive: true, mode: 0o700 });
    const file = path.join(this.directory, `${record.grant}-${record.epoch}-${randomBytes(4).toString('hex')}.json`);
    const handle = await fs.open(`${file}.part`, 'wx', 0o600);
    try {
      await handle.writeFile(JSON.stringify(record));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(`${file}.part`, file);
    return file;
  }

  async all(): Promise<KeptRecord[]> {
    const names = await fs.readdir(this.directory).catch(() => []);
    const records: KeptRecord[] = [];
    for (const name of names.filter((one) => one.endsWith('.json')).sort()) {
      const file = path.join(this.directory, name);
      const text = await fs.readFile(file, 'utf8').catch(() => undefined);
      if (text !== undefined) records.push({ file, record: JSON.parse(text) as EmergencyRecord });
    }
    return records;
  }

  async drop(file: string): Promise<void> {
    await fs.rm(file, { force: true });
  }
}
