import { burst } from './burst.ts';
import { echoes } from './echoes.ts';
import { freshness } from './freshness.ts';
import type { Measurement, Row } from './measurement.ts';
import { memory } from './memory.ts';
import { rewriteTable } from './report.ts';
import { singleEdit } from './single-edit.ts';
import { Stage } from './stage.ts';
import { throughput } from './throughput.ts';

/**
 * What Concord does on this machine, in figures (README.md). Without a name everything is measured; with --json the
 * README's table is written anew and the last line is JSON.
 */

const MEASUREMENTS: readonly Measurement[] = [freshness, singleEdit, burst, echoes, throughput, memory];

const words = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith('--'));
const unknown = names.filter((name) => !MEASUREMENTS.some((one) => one.name === name));
if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(', ')}; there are:`);
  for (const { name, says } of MEASUREMENTS) console.error(`  ${name.padEnd(12)} ${says}`);
  process.exit(2);
}

const began = performance.now();
const rows: Row[] = [];
const figures: Record<string, number> = {};
console.log('PostgreSQL, the sandbox, Concord and its companies are set up …');
const stage = await Stage.set();
const stop = (): void => {
  void stage.strike().then(() => process.exit(1));
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
try {
  for (const { name, says, run } of MEASUREMENTS) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.log(`\n${name}: ${says}`);
    const outcome = await run(stage);
    for (const { what, measured, aim, reason } of outcome.rows) {
      console.log(`  ${what}: ${measured}`);
      if (aim) console.log(`    aim ${aim.says}: ${aim.reached ? 'reached' : `missed. ${reason ?? ''}`}`);
    }
    rows.push(...outcome.rows);
    Object.assign(figures, outcome.figures);
  }
} finally {
  await stage.strike();
}
if (words.includes('--json')) {
  if (names.length === 0) rewriteTable(rows, (performance.now() - began) / 60_000);
  console.log(JSON.stringify(figures));
}
