import { NO_BASE } from '../comparison/index.js';
import type { Content } from '../contract/index.js';
import { type Confirmed, settle, settlePart } from './settle.js';

const READING = {
  nameOf: (ref: { kind: string; id: string }) => `${ref.kind}#${ref.id.slice(1)}`,
  carries: () => true,
};
const readings = { app: READING, books: READING };
const NOTHING = { groups: {} };

const write = (more: Partial<Confirmed['write']>): Confirmed['write'] => ({
  side: 'books',
  operation: 'update',
  groups: ['text'],
  content: { memo: 'sent' },
  paired: [],
  sources: { text: { memo: 'sent' } },
  ...more,
});

const settled = (confirmed: readonly Confirmed[], base = NO_BASE) =>
  settle({ kind: 'invoice', base, settling: NOTHING, confirmed, readings });

test('a confirmed write settles its groups: what the source showed, and what the target answered', () => {
  const answer = { memo: 'Sent', number: '1041' };
  expect(settled([{ write: write({}), before: {}, after: answer }]).groups).toEqual({
    text: { app: { memo: 'sent' }, books: { memo: 'Sent', number: '1041' } },
  });
});

test('groups that were not written keep their base', () => {
  const dates = { app: { issueDate: '2026-02-03' }, books: { issueDate: '2026-02-03' } };
  const base = { ...NO_BASE, groups: { dates } };
  expect(settled([{ write: write({}), before: {}, after: {} }], base).groups.dates).toEqual(dates);
});

test('where the answer is not known, what was sent over what was there is the image', () => {
  const before = { memo: 'old', number: '1041' };
  expect(settled([{ write: write({}), before, after: undefined }]).groups.text!.books).toEqual({
    memo: 'sent',
    number: '1041',
  });
});

test('what goes to both sides settles together or not at all', () => {
  const toBooks: Confirmed = { write: write({ paired: ['text'] }), before: {}, after: { memo: 'Both' } };
  const toApp: Confirmed = { write: write({ side: 'app', paired: ['text'] }), before: {}, after: { memo: 'both' } };
  expect(settled([toBooks]).groups).toEqual({});
  expect(settled([toApp, toBooks]).groups.text).toEqual({ app: { memo: 'both' }, books: { memo: 'Both' } });
});

test('lines are paired by what is known, then by content, then in the order they were sent', () => {
  const app: Content = {
    lines: [
      { id: 'p', amount: '1' },
      { id: 'q', amount: '2' },
      { id: 'r', amount: '3' },
    ],
  };
  const books: Content = {
    lines: [
      { id: '9', amount: '3.00' },
      { id: '8', amount: '1.5' },
      { id: '7', amount: '2' },
    ],
  };
  const money = write({ groups: ['money'], content: app, sources: { money: app } });
  expect(settled([{ write: money, before: {}, after: books }]).lines).toEqual(
    expect.arrayContaining([
      { app: 'q', books: '7' },
      { app: 'r', books: '9' },
      { app: 'p', books: '8' },
    ]),
  );
});

test('a write that stopped half way settles what is finished; the rest counts as changed since nothing', () => {
  const sources = { text: { memo: 'sent' }, allocations: { allocations: [{ amount: '5' }] } };
  const part = write({
    operation: 'create',
    groups: ['text', 'allocations'],
    sources,
    existence: { app: 'present', books: 'present' },
  });
  const base = settlePart('credit_note', NO_BASE, part, { memo: 'sent' }, readings);
  expect(base.groups).toEqual({
    text: { app: { memo: 'sent' }, books: { memo: 'sent' } },
    allocations: { app: {}, books: {} },
  });
  expect(base.existence).toEqual({ app: 'present', books: 'present' });
});
