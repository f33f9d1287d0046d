import { readFileSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Row } from './measurement.ts';

const README = path.join(import.meta.dirname, 'README.md');
const BEGIN = '<!-- measured: begin -->';
const END = '<!-- measured: end -->';

/** Puts the rows, with when and where they were measured, between the two marks in the README. */
export const rewriteTable = (rows: readonly Row[], minutes: number): void => {
  const text = readFileSync(README, 'utf8');
  const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (before === -1 || after === -1) throw new Error(`${README} has lost the marks of its table`);
  const table = [`${machine()}, in ${minutes.toFixed(0)} minutes.`, '', ...tableOf(rows)].join('\n');
  writeFileSync(README, `${text.slice(0, before + BEGIN.length)}\n${table}\n${text.slice(after)}`);
};

const machine = (): string => {
  const memory = `${Math.round(os.totalmem() / 2 ** 30)} GB of memory`;
  const cores = `${os.availableParallelism()} cores (${os.cpus()[0]?.model.trim() ?? 'unknown'})`;
  return `Measured on ${new Date().toISOString().slice(0, 10)} with ${cores}, ${memory}, Node ${process.versions.node}`;
};

const tableOf = (rows: readonly Row[]): string[] => [
  '| what | measured | aim | |',
  '|---|---|---|---|',
  ...rows.map(({ what, measured, aim, reason }) => {
    const verdict = !aim ? '' : aim.reached ? 'reached' : `missed. ${reason ?? ''}`.trim();
    return `| ${what} | ${measured} | ${aim?.says ?? ''} | ${verdict} |`;
  }),
];
