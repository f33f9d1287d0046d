import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { EmbeddedPostgres, freePort } from '../src/platform/embedded/embedded-postgres.ts';

/**
 * One throwaway PostgreSQL for the whole test run; its owner's URL goes to the workers as TEST_POSTGRES_URL. And one
 * Redis, TEST_REDIS_URL, where there is a redis-server.
 */
export default async function setup() {
  const root = roomiest();
  sweep(root);
  const cluster = await new EmbeddedPostgres({
    dataDir: `${root}/concord-jest-${process.pid}`,
    ephemeral: true,
  }).start();
  process.env.TEST_POSTGRES_URL = cluster.url;
  globalThis.concordTestCluster = cluster;
  process.env.TEST_REDIS_URL ??= (await startRedis()) ?? '';
}

/** Undefined, with a word about it, on a machine that has no redis-server. */
async function startRedis() {
  const port = await freePort();
  const options = [
    '--bind',
    '127.0.0.1',
    '--port',
    String(port),
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    tmpdir(),
  ];
  const server = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'ignore'] });
  const [outcome] = await Promise.race([once(server, 'spawn').then(() => ['runs']), once(server, 'error')]);
  if (outcome !== 'runs') {
    console.log('\nNo redis-server is on this machine: tests of the queue on Redis are left out.');
    return undefined;
  }
  globalThis.concordTestRedis = server;
  let said = '';
  await new Promise((resolve) => {
    server.stdout.on('data', (text) => {
      said = (said + text).slice(-4000);
      if (said.includes('Ready to accept connections')) resolve();
    });
  });
  return `redis://127.0.0.1:${port}`;
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
