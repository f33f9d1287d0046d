import { readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { EmbeddedPostgres } from '../src/platform/embedded/embedded-postgres.ts';

/** One throwaway PostgreSQL for the whole test run; its owner's URL goes to the workers as TEST_POSTGRES_URL. */
export default async function setup() {
  const root = roomiest();
  sweep(root);
  const cluster = await new EmbeddedPostgres({
    dataDir: `${root}/concord-jest-${process.pid}`,
    ephemeral: true,
  }).start();
  process.env.TEST_POSTGRES_URL = cluster.url;
  globalThis.concordTestCluster = cluster;
}

/** Memory where there is room for it (a container often has 64 MB of it), else the disk. */
function roomiest() {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize > 1_000_000_000) return '/dev/shm';
  } catch {
    // There is none on this system.
  }
  return tmpdir();
}

/** Clusters of runs that were killed stopped by themselves; their files are still there. */
function sweep(root) {
  for (const name of readdirSync(root)) {
    const pid = Number(/^concord-jest-(\d+)(?:\.|$)/.exec(name)?.[1]);
    if (pid && !isAlive(pid)) rmSync(`${root}/${name}`, { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
