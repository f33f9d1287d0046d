import 'reflect-metadata';
import * as path from 'node:path';
import { createPostgresBackend, type FlowJob, FlowProducer, setDefaultBackendFactory, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';

/**
 * A process of its own that runs empty flows: the very tree and job options of a walk, on the same server, with as many
 * workers' places as Concord has, and steps that do nothing. It is what the queue by itself can do at best.
 *
 *   node bench/empty-flows.ts <postgres or redis URL> <flows> <concurrency>
 */

const QUEUE = 'empty-walks';
/** As many as the starter opens at once. */
const AT_ONCE = 16;

const [url = '', flows = '200', concurrency = '8'] = process.argv.slice(2);
const count = Number(flows);

interface RecordFlow {
  recordFlow(walk: { walk: string; tenant: string; lane: 'routine' }): FlowJob;
}
// The built module: decorators in its neighbours keep Node from running the source.
const module = path.resolve(import.meta.dirname, '../dist/modules/sync/flow/record-flow.js');
const { recordFlow } = (await import(module)) as RecordFlow;

const elsewhere = (job: FlowJob): FlowJob => ({
  ...job,
  queueName: QUEUE,
  ...(job.children && { children: job.children.map(elsewhere) }),
});

/** As Concord's own queue is opened (src/platform/queue/backend.ts). */
const connect = (): { connection: object; close: () => Promise<unknown> } => {
  if (url.startsWith('redis')) {
    const redis = new Redis(url, { maxRetriesPerRequest: null });
    return { connection: redis, close: () => redis.quit() };
  }
  setDefaultBackendFactory(createPostgresBackend as never);
  const options = '-c search_path=bullmq -c synchronous_commit=off';
  const pool = new pg.Pool({ connectionString: url, max: 12, keepAlive: true, options });
  return { connection: pool, close: () => pool.end() };
};

const { connection, close } = connect();
const options = { connection: connection as never };
const producer = new FlowProducer(options);
let left = count;
let finish: () => void;
const finished = new Promise<void>((resolve) => (finish = resolve));
const worker = new Worker(QUEUE, async () => 'done', {
  ...options,
  ...{ concurrency: Number(concurrency), lockDuration: 4_000, stalledInterval: 1_500, maxStalledCount: 100 },
  drainDelay: 2,
});
worker.on('completed', ({ name }) => {
  if (name === 'settle' && --left === 0) finish();
});
worker.on('error', (error) => console.error(error.message));
await worker.waitUntilReady();

const run = `${process.pid}-${Date.now()}`;
const began = performance.now();
for (let from = 0; from < count; from += AT_ONCE) {
  const some = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, index) => `${run}-${from + index}`);
  await producer.addBulk(some.map((walk) => elsewhere(recordFlow({ walk, tenant: run, lane: 'routine' }))));
}
await finished;
console.log(JSON.stringify({ perSecond: (count / (performance.now() - began)) * 1000 }));
await worker.close();
await producer.close();
await close();
