import { once } from 'node:events';

/** Stops the servers of this test run and removes their files. */
export default async function teardown() {
  const redis = globalThis.concordTestRedis;
  if (redis?.kill()) await once(redis, 'close');
  await globalThis.concordTestCluster?.stop();
}
