import { Duties } from './duties.js';

const nobody = (): void => undefined;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a duty runs once at a time; calls during a run are one more run after it', async () => {
  const duties = new Duties(nobody);
  const ends: (() => void)[] = [];
  const work = (): Promise<void> => new Promise((resolve) => ends.push(resolve));
  const first = duties.once('sweep', work);
  await duties.once('sweep', work);
  await duties.once('sweep', work);
  expect(ends).toHaveLength(1);
  ends[0]!();
  await settled();
  expect(ends).toHaveLength(2);
  ends[1]!();
  await first;
  expect(ends).toHaveLength(2);
});

test('different duties do not wait for each other', async () => {
  const duties = new Duties(nobody);
  void duties.once('one', () => new Promise(() => undefined));
  let ran = false;
  await duties.once('other', async () => {
    ran = true;
  });
  expect(ran).toBe(true);
});

test('what a run throws is told, and the next call tries again', async () => {
  const told: unknown[] = [];
  const duties = new Duties((name, error) => told.push([name, (error as Error).message]));
  let runs = 0;
  const work = async (): Promise<void> => {
    if (runs++ === 0) throw new Error('the database is away');
  };
  await duties.once('sweep', work);
  await duties.once('sweep', work);
  expect([runs, told]).toEqual([2, [['sweep', 'the database is away']]]);
});

test('once stopped, nothing begins any more', async () => {
  const duties = new Duties(nobody);
  await duties.stop();
  let runs = 0;
  await duties.once('sweep', async () => void runs++);
  expect(runs).toBe(0);
});

test('stopping waits for what runs, but not for ever', async () => {
  const duties = new Duties(nobody);
  let end: () => void = nobody;
  void duties.once('sweep', () => new Promise<void>((resolve) => (end = resolve)));
  let stopped = false;
  const stopping = duties.stop(60_000).then(() => (stopped = true));
  await settled();
  expect(stopped).toBe(false);
  end();
  await stopping;

  const endless = new Duties(nobody);
  void endless.once('sweep', () => new Promise(() => undefined));
  await endless.stop(1);
});
