import { normalGroup, sameNormal, type Content } from '../../src/domain/contract/index.js';
import { Stage } from '../simulation/stage.js';

const reading = { nameOf: ({ id }: { id: string }) => id, carries: () => true };
const same = (one: Content, other: Content): boolean =>
  sameNormal(normalGroup('invoice', 'money', one, reading), normalGroup('invoice', 'money', other, reading));

/** Some products show a discount of zero where none was given, and some none where one of zero was. */
test.each([
  ['on the document, in percent', { discount: { percent: '0' } }, {}],
  ['on the document, in money', { discount: { amount: '0.00' } }, {}],
  ['on a line, in percent', { lines: [{ amount: '5', discountPercent: '0' }] }, { lines: [{ amount: '5' }] }],
  ['on a line, in money', { lines: [{ amount: '5', discountAmount: '0' }] }, { lines: [{ amount: '5' }] }],
])('a discount of nothing %s is none', (_, nothing, none) => {
  expect(same(nothing, none)).toBe(true);
});

test('a discount of something is one, also beside one of nothing', () => {
  expect(same({ discount: { percent: '10' } }, {})).toBe(false);
  expect(same({ discount: { percent: '10', amount: '0' } }, { discount: { percent: '10' } })).toBe(true);
  expect(same({ discount: { percent: '10' } }, { discount: { amount: '10' } })).toBe(false);
});

test('an amount of nothing is still said where it is no discount', async () => {
  expect(same({ lines: [{ amount: '0' }] }, { lines: [{ description: 'Free' }] })).toBe(false);
  const stage = new Stage();
  await stage.push('contact', 'ana', { displayName: 'Ana', isCustomer: true });
  await stage.push('payment', 'p', { contact: { kind: 'contact', id: 'ana' }, date: '2026-03-03', amount: '0' });
  await stage.rest();
  expect(stage.inBooks('payment')).toMatchObject([{ content: { amount: '0' } }]);
});
