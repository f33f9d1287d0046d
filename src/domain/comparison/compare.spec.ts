import type { Content } from '../contract/index.js';
import { compare, type Comparison } from './compare.js';
import { imageOf } from './compare.js';
import { type Base, type Meeting, NO_BASE, type View } from './meeting.js';
import { groupNames } from '../contract/index.js';

const REFS: Meeting['refs'] = {
  twinOf: (_side, ref) => `${ref.kind}#${ref.id.slice(1)}`,
  refAt: () => undefined,
};

const view = (content: Content, existence: View['existence'] = 'present'): View => ({
  existence,
  content,
  version: '1',
});

const baseOf = (app: Content, books: Content): Base => ({
  existence: { app: 'present', books: 'present' },
  groups: Object.fromEntries(
    groupNames('invoice').map((group) => [
      group,
      { app: imageOf('invoice', group, app), books: imageOf('invoice', group, books) },
    ]),
  ),
  lines: [],
});

const verdicts = (
  app: View,
  books: View,
  base: Base,
  more: Partial<Meeting> = {},
  granularity: 'record' | 'group' = 'group',
): Comparison =>
  compare(
    { kind: 'invoice', app, books, base, pending: {}, refs: REFS, carries: () => true, decides: new Set(), ...more },
    granularity,
  );

const APP: Content = {
  contact: { kind: 'contact', id: 'a1' },
  issueDate: '2026-02-03',
  lines: [
    { id: 'x', description: 'Design', amount: '150.00' },
    { id: 'y', description: 'Hosting', amount: '20' },
  ],
};
const BOOKS: Content = {
  contact: { kind: 'contact', id: 'b1' },
  issueDate: '2026-02-03',
  lines: [
    { id: '1', description: 'Design', amount: '150' },
    { id: '2', description: 'Hosting', amount: '20.0' },
  ],
};

test('what the provider chose by itself is no edit of anybody', () => {
  const chosen = { ...BOOKS, number: '1041', dueDate: '2026-03-05' };
  const { groups } = verdicts(view(APP), view(chosen), baseOf(APP, chosen));
  expect(new Set(Object.values(groups))).toEqual(new Set(['same']));
});

test('both sides changed to the same is agreement, also where only the provider filled in more', () => {
  const app = { ...APP, issueDate: '2026-02-10' };
  const books = { ...BOOKS, issueDate: '2026-02-10', dueDate: '2026-03-12' };
  const decides = new Set(['dueDate']);
  expect(verdicts(view(app), view(books), baseOf(APP, BOOKS), { decides }).groups.dates).toBe('both_alike');
  expect(verdicts(view(app), view(books), baseOf(APP, BOOKS)).groups.dates).toBe('clash');
});

test('two records that never agreed clash where they differ, and only there', () => {
  const app = { ...APP, memo: 'from the app' };
  const books = { ...BOOKS, memo: 'from the books' };
  const { existence, groups } = verdicts(view(app), view(books), NO_BASE);
  expect(existence).toBe('both_alike');
  expect(groups).toMatchObject({ parties: 'both_alike', money: 'both_alike', text: 'clash' });
});

test('where one of two records that never agreed says nothing, it is filled from the other', () => {
  const books = { ...BOOKS, memo: 'from the books' };
  expect(verdicts(view(APP), view(books), NO_BASE).groups.text).toBe('books_changed');
  expect(verdicts(view({ ...APP, memo: 'from the app' }), view(BOOKS), NO_BASE).groups.text).toBe('app_changed');
  const both = verdicts(view({ ...APP, reference: 'R1' }), view(books), NO_BASE);
  expect(both.groups.text).toBe('clash');
});

test('re-ordered lines are not an edit, and neither are new line ids', () => {
  const lines = (BOOKS.lines as Content[]).map((line, index) => ({ ...line, id: `n${index}` })).reverse();
  expect(verdicts(view(APP), view({ ...BOOKS, lines }), baseOf(APP, BOOKS)).groups.money).toBe('same');
});

test('a line without an amount equals one whose amount is its quantity times its price', () => {
  const app = { ...APP, lines: [{ quantity: '3', unitPrice: '0.335' }] };
  const books = { ...BOOKS, lines: [{ quantity: '3', unitPrice: '0.335', amount: '1.01' }] };
  expect(verdicts(view(app), view(books), baseOf(APP, BOOKS)).groups.money).toBe('both_alike');
});

test('a void against an edit of the other side is a clash of existence, and masks the zeroed amounts', () => {
  const voided = view({ ...BOOKS, lines: [{ id: '1', description: 'Design', amount: '0' }] }, 'voided');
  const untouched = verdicts(view(APP), voided, baseOf(APP, BOOKS));
  expect(untouched.existence).toBe('books_changed');
  expect(new Set(Object.values(untouched.groups))).toEqual(new Set(['same']));
  const edited = verdicts(view({ ...APP, memo: 'edited' }), voided, baseOf(APP, BOOKS));
  expect(edited.existence).toBe('clash');
  expect(new Set(Object.values(edited.groups))).toEqual(new Set(['same']));
});

test('archiving is no end: edits of the other side still move', () => {
  const archived = verdicts(view({ ...APP, memo: 'edited' }), view(BOOKS, 'archived'), baseOf(APP, BOOKS));
  expect(archived).toMatchObject({ existence: 'books_changed', groups: { text: 'app_changed' } });
});

test('with record granularity edits of different groups clash too', () => {
  const app = view({ ...APP, memo: 'edited in the app' });
  const books = view({ ...BOOKS, issueDate: '2026-02-20' });
  expect(verdicts(app, books, baseOf(APP, BOOKS)).groups).toMatchObject({
    text: 'app_changed',
    dates: 'books_changed',
  });
  const whole = verdicts(app, books, baseOf(APP, BOOKS), {}, 'record');
  expect(whole.groups).toMatchObject({ text: 'clash', dates: 'clash', money: 'same' });
});

test('what one side cannot hold is not compared', () => {
  const app = view({ ...APP, memo: 'only the app can say this' });
  const { groups } = verdicts(app, view(BOOKS), baseOf(APP, BOOKS), { carries: (path) => path !== 'memo' });
  expect(groups.text).toBe('same');
});
