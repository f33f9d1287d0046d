import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { audit } from './audit.ts';
import { Concord } from './concord.ts';
import { eventually, timeForAPerson } from './eventually.ts';
import { startPrograms } from './programs.ts';
import { Bookkeeper, type Entry, Portal } from './quickbooks.ts';
import { type Change, type Content, Shop } from './shop.ts';

/** The main job as a story: everything that it tells has happened, and its times are what an outsider saw. */

const REALM = '9341450000000001';
const today = new Date().toISOString().slice(0, 10);

const bold = (text: string): string => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text);
const scene = (title: string): void => console.log(`\n${bold(title)}`);
const say = (text: string): void => console.log(`  ${text}`);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const middle = (times: number[]): number => Math.round(times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!);

/** All programs at work in a company share its ten calls a second; whoever looks more often slows the others down. */
const LOOK_EVERY_MS = 250;

const bookEdits: number[] = [];
const appEdits: number[] = [];

/** The time from an edit in the books until a reader of the feed sees it. */
const seenByApp = async (
  shop: Shop,
  edit: () => Promise<unknown>,
  is: (change: Change) => boolean,
): Promise<Change> => {
  await timeForAPerson();
  const before = await shop.newest();
  await edit();
  const edited = performance.now();
  const change = await eventually('the edit in the feed of changes', async () =>
    (await shop.changesAfter(before)).find(is),
  );
  bookEdits.push(performance.now() - edited);
  return change;
};

/** The time from an edit in the app until a reader of QuickBooks' own API sees it. */
const seenByBooks = async (edit: () => Promise<unknown>, look: () => Promise<Entry | undefined>): Promise<Entry> => {
  await edit();
  const edited = performance.now();
  const entry = await eventually('the edit in QuickBooks', look, LOOK_EVERY_MS);
  appEdits.push(performance.now() - edited);
  return entry;
};

const last = (times: number[]): string => seconds(times.at(-1)!);

const tell = async (concordUrl: string, sandboxUrl: string, adminKey: string): Promise<object> => {
  const began = new Date();
  const portal = new Portal(sandboxUrl);
  await portal.subscribe(`${concordUrl}/webhooks/quickbooks`);
  const books = new Bookkeeper(portal, REALM);

  scene('1  A company is connected');
  const shop = await Shop.open(new Concord(concordUrl, adminKey), 'Juniper & Sons', portal, REALM);
  await eventually('the first look', () => shop.firstLooked());
  say(
    'A ticket page, the consent at QuickBooks, and back: connected. Reference records were read, nothing was written.',
  );
  const mara = await shop.as('Mara', 'finance');
  const [gardening] = await books.find('Item', "Name = 'Hours'");
  const gardener: Content = { name: gardening!.Name, type: 'service', salePrice: String(gardening!.UnitPrice) };
  await shop.push('item', 'hours', gardener);
  await mara.link('item', 'hours', gardening!.Id);
  await mara.allowCreating(['contact']);
  say('Mara links the shop’s item "Hours" with the one in the books, and lets the shop create customers there.');

  scene('2  The shop sells something');
  const customer: Content = { displayName: 'Willow Lane Bakery', isCustomer: true, email: 'books@willowlane.example' };
  const line = {
    id: '1',
    item: { kind: 'item', id: 'hours' },
    quantity: '4',
    unitPrice: '75.00',
    description: 'Spring planting',
  };
  const invoice: Content = {
    contact: { kind: 'contact', id: 'willow-lane' },
    issueDate: today,
    taxMode: 'none',
    memo: 'Order 2041',
    lines: [line],
  };
  const entered = await seenByBooks(
    async () => {
      await shop.push('invoice', 'order-2041', invoice);
      await shop.push('contact', 'willow-lane', customer);
    },
    async () => (await books.newest('Invoice')).find(({ PrivateNote }) => PrivateNote === 'Order 2041'),
  );
  say(
    `The invoice was pushed before its customer; it waited for her, and both are in QuickBooks after ${last(appEdits)}.`,
  );

  scene('3  The bookkeeper edits the invoice in QuickBooks');
  await seenByApp(
    shop,
    () => books.change('Invoice', entered.Id, { PrivateNote: 'Order 2041, call before delivery' }),
    ({ id, content }) => id === 'order-2041' && content?.memo === 'Order 2041, call before delivery',
  );
  say(`The shop reads the new memo in its feed after ${last(bookEdits)}. Nobody asked it to poll.`);

  scene('4  The bookkeeper enters an invoice that the shop has never seen');
  const born = await seenByApp(
    shop,
    () =>
      books.create('Invoice', {
        CustomerRef: { value: (entered.CustomerRef as { value: string }).value },
        TxnDate: today,
        PrivateNote: 'Entered by hand',
        Line: [
          {
            DetailType: 'SalesItemLineDetail',
            Amount: 150,
            Description: 'Emergency pruning',
            SalesItemLineDetail: { ItemRef: { value: gardening!.Id }, Qty: 2, UnitPrice: 75 },
          },
        ],
      }),
    ({ kind, content }) => kind === 'invoice' && content?.memo === 'Entered by hand',
  );
  say(
    `It is the shop’s record ${born.id} after ${last(bookEdits)}, with its customer and item as the shop knows them.`,
  );

  scene('5  Both edit different things at once');
  const recent = await shop.read('invoice', 'order-2041');
  await Promise.all([
    books.change('Invoice', entered.Id, { CustomerMemo: { value: 'Thank you!' } }),
    shop.push('invoice', 'order-2041', { ...recent.content, lines: [{ ...line, quantity: '5' }] }),
  ]);
  await eventually(
    'both edits on both sides',
    async () => {
      const [there, here] = [await books.read('Invoice', entered.Id), await shop.read('invoice', 'order-2041')];
      const both = there.TotalAmt === 375 && here.content.customerMessage === 'Thank you!';
      return both && here.books[0]?.difference.inStep ? true : undefined;
    },
    LOOK_EVERY_MS,
  );
  say('Five hours from the shop and a message from the bookkeeper: both stand on both sides, and nobody was asked.');

  scene('6  Both edit the same thing');
  const before = await shop.newest();
  const agreed = await shop.read('invoice', 'order-2041');
  await books.change('Invoice', entered.Id, { PrivateNote: 'Order 2041, paid in cash' });
  // Before the shop can know of it.
  await shop.push('invoice', 'order-2041', { ...agreed.content, memo: 'Order 2041, paid by card' });
  const conflict = await eventually('the conflict', async () => (await mara.openConflicts())[0]);
  say(`A conflict, and nothing is overwritten: the shop says "${conflict.app}", the books say "${conflict.books}".`);
  await mara.decide(conflict.id, 'keep_books');
  await eventually('the decision on both sides', async () => {
    const {
      content,
      books: [side],
    } = await shop.read('invoice', 'order-2041');
    return content.memo === 'Order 2041, paid in cash' && side?.difference.inStep ? true : undefined;
  });
  say('Mara keeps the books’ words; the shop has them a moment later.');

  scene('7  QuickBooks commits a write and the answer is lost');
  const cut = { match: { operation: 'create', entity: 'Invoice' }, fault: 'cut', when: 'after', times: 1 };
  await portal.control('POST', '/faults', { rules: [cut] });
  const second: Content = { ...invoice, memo: 'Order 2042', lines: [{ ...line, quantity: '1' }] };
  await seenByBooks(
    () => shop.push('invoice', 'order-2042', second),
    async () => (await books.newest('Invoice')).find(({ PrivateNote }) => PrivateNote === 'Order 2042'),
  );
  await shop.booksIdOf('invoice', 'order-2042');
  const made = (await invoicesOf(books, entered)).filter(({ PrivateNote }) => PrivateNote === 'Order 2042').length;
  say(`Concord asked what had become of it and went on: there is ${made} invoice for order 2042, not two.`);

  scene('8  The customer pays');
  const payment: Content = {
    contact: { kind: 'contact', id: 'willow-lane' },
    date: today,
    amount: '75.00',
    allocations: [{ document: { kind: 'invoice', id: 'order-2042' }, amount: '75.00' }],
  };
  await shop.push('payment', 'payment-77', payment);
  await eventually('the invoice to be paid', async () => {
    const { facts } = await shop.read('invoice', 'order-2042');
    return facts.paidState === 'paid' ? true : undefined;
  });
  say('The payment settles the invoice in QuickBooks, and the shop learns that its invoice is paid.');

  scene('9  What support reads afterwards');
  for (const line of (await shop.historyOf('invoice', 'order-2041')).slice(-6)) say(line);

  scene('10 An audit that trusts neither side');
  await eventually('quiet', () => shop.quiet());
  const found = await audit(shop.concord, portal, REALM, began);
  for (const sentence of [...found.drift, ...found.duplicates]) say(sentence);
  say(
    `${found.compared} records compared field by field: ${found.drift.length} differ, ${found.duplicates.length} exist twice.`,
  );

  const told = await shop.changesAfter(before);
  return {
    bookEditToAppMs: middle(bookEdits),
    appEditToBooksMs: middle(appEdits),
    conflictsRaised: told.filter(({ type }) => type === 'conflict_raised').length,
    conflictsDecided: told.filter(({ type }) => type === 'conflict_closed').length,
    openDrift: found.drift.length,
    duplicates: found.duplicates.length,
  };
};

const invoicesOf = (books: Bookkeeper, { CustomerRef }: Entry): Promise<Entry[]> =>
  books.find('Invoice', `CustomerRef = '${(CustomerRef as { value: string }).value}'`);

const dataDir = await mkdtemp(path.join(tmpdir(), 'concord-demo-'));
let failure: unknown;
try {
  console.log('Concord, its PostgreSQL and a QuickBooks sandbox are starting …');
  const programs = await startPrograms(dataDir);
  try {
    const result = await tell(programs.concordUrl, programs.sandboxUrl, programs.adminKey);
    if (process.argv.includes('--json')) console.log(`\n${JSON.stringify(result)}`);
  } finally {
    await programs.stop();
  }
} catch (error) {
  failure = error;
} finally {
  await rm(dataDir, { recursive: true, force: true });
}
if (failure !== undefined) {
  console.error(failure instanceof Error ? failure.message : failure);
  process.exit(1);
}
