import { readFileSync } from 'node:fs';
import { pause, percentile, rounded } from './figures.ts';
import type { Measurement } from './measurement.ts';

const RECORDS = 50_000;
const EVERY_MS = 250;
const AIM_MB = 250;
const WITHIN_MS = 480_000;
/** Invoices that are entered and told of at once in one company. */
const SHARE = 100;

/** Invoices entered in the books, told of by webhooks and taken over into the app: fifty thousand of them. */
export const memory: Measurement = {
  name: 'memory',
  says: 'resident memory of the Concord process while 50,000 records pass',
  run: async (stage) => {
    // A process that has done nothing else yet.
    const { pid } = await stage.concord({ CONCORD_BATCH: '50', LOG_LEVEL: 'error' });
    await pause(2_000);
    const idle = residentMb(pid);
    const samples: number[] = [];
    const sampling = setInterval(() => samples.push(residentMb(pid)), EVERY_MS);
    const began = performance.now();
    try {
      for (let entered = 0; entered < RECORDS; entered += SHARE) {
        const company = stage.companies[(entered / SHARE) % stage.companies.length]!;
        await stage.tell(await company.enter(SHARE));
      }
      await stage.quiet(WITHIN_MS);
    } finally {
      clearInterval(sampling);
    }
    const seconds = (performance.now() - began) / 1000;
    const highest = highestMb(pid);
    const rows = [
      {
        what: `Resident memory while ${RECORDS.toLocaleString('en')} records pass`,
        measured: `at most ${rounded(highest)} MB, mostly ${rounded(percentile(samples, 0.5))} MB, idle ${rounded(idle)} MB (${rounded(RECORDS / seconds)} records a second)`,
        aim: { says: `≤ ${AIM_MB} MB`, reached: highest <= AIM_MB },
        reason: REASON,
      },
    ];
    const figures = {
      residentHighestMb: rounded(highest),
      residentMedianMb: rounded(percentile(samples, 0.5)),
      residentIdleMb: rounded(idle),
      recordsPerSecond: rounded(RECORDS / seconds, 1),
    };
    return { rows, figures };
  },
};

const REASON = 'Node gives memory back late.';

const residentMb = (pid: number): number => kbOf(pid, 'VmRSS') / 1024;
/** The most that the process ever held, by the kernel's own account. */
const highestMb = (pid: number): number => kbOf(pid, 'VmHWM') / 1024;

const kbOf = (pid: number, name: string): number => {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}:`));
  return Number(/\d+/.exec(line ?? '')?.[0]);
};
