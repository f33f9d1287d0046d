import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';

/**
 * A secret of this installation's own, kept in a file that nobody else may read; made by `fresh` when it is first asked
 * for. Throws an Error when others may read the file.
 */
export const ownSecret = (file: string, fresh: () => string): string => {
  if (!fs.existsSync(file)) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const beside = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
    fs.writeFileSync(beside, `${fresh()}\n`, { mode: 0o600, flag: 'wx' });
    try {
      // Whoever comes first wins, and nobody reads a file that is half written.
      fs.linkSync(beside, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      fs.rmSync(beside);
    }
  }
  if ((fs.statSync(file).mode & 0o077) !== 0) {
    throw new Error(`${file} holds a secret and others may read it; take that right away (chmod 600)`);
  }
  return fs.readFileSync(file, 'utf8').trim();
};
