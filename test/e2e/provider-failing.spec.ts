import { eventually } from '../../demo/eventually.ts';
import type { Company, Fault } from './company.js';
import { furnish } from './house.js';

describe('A provider that fails', () => {
  const house = furnish();
  let company: Company;

  beforeAll(async () => {
    company = await house.company('Faults');
    await company.welcome();
    await company.idle();
  }, 60_000);

  afterEach(() => company.calm());

  const FAULTS: readonly (readonly [says: string, fault: Fault])[] = [
    ['500', { fault: '500' }],
    ['502', { fault: '502' }],
    ['503 and a time to come back', { fault: '503', retryAfter: 1 }],
    ['504', { fault: '504' }],
    ['502 although it has done what was asked', { fault: '502', when: 'after' }],
    ['a line that is cut before anything is done', { fault: 'cut' }],
    ['a line that is cut when all is done', { fault: 'cut', when: 'after' }],
    ['a page in place of an answer', { fault: 'html200' }],
    ['a fault in an answer of success', { fault: 'fault200' }],
  ];

  it.each(FAULTS)(
    'answers with %s to a create, an update and a read: nothing is lost and nothing doubled',
    async (says, fault) =>
      house.told(async () => {
        const before = (await company.invoices()).length;
        const id = `order of ${says}`;
        const once = { ...fault, times: 1 };

        const creates = await company.disturb({ match: { operation: 'create' }, ...once });
        const entry = await company.invoiced(id);
        expect(await creates()).toBe(1);
        await company.calm();
        await company.idle();

        const updates = await company.disturb({ match: { operation: 'update' }, ...once });
        const { content } = await company.shop.read('invoice', id);
        await company.shop.push('invoice', id, { ...content, memo: 'said by the shop' });
        await eventually('the memo in the books', async () =>
          (await company.invoices()).find(
            ({ Id, PrivateNote }) => Id === entry.Id && PrivateNote === 'said by the shop',
          ),
        );
        expect(await updates()).toBe(1);
        await company.calm();
        await company.idle();

        // The bookkeeper is done with reading before the notice is sent.
        await company.books.change('Invoice', entry.Id, { PrivateNote: 'said by the books' });
        const reads = await company.disturb({ match: { method: 'GET' }, ...once });
        await company.hasMemo(id, 'said by the books');
        expect(await reads()).toBe(1);
        await company.calm();
        await company.agrees();
        expect(await company.invoices()).toHaveLength(before + 1);
      })(),
    100_000,
  );
});
