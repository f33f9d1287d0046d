/** Stops the PostgreSQL of this test run and removes its files. */
export default async function teardown() {
  await globalThis.concordTestCluster?.stop();
}
