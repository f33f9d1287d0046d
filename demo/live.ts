import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Concord } from './concord.ts';
import { eventually, timeForAPerson } from './eventually.ts';
import { Bookkeeper, Portal } from './quickbooks.ts';
import { type Change, type Content, Shop } from './shop.ts';

/**
 * The demo company beside `npm start`: it is connected once, trades a little so that there is something to look at, and
 * then says a line for each change that the shop reads in its feed, whoever made it.
 */

const REALM = '9341450000000001';
const { CONCORD_URL, CONCORD_KEY, SANDBOX_URL, DEMO_STATE } = process.env;
const today = new Date().toISOString().slice(0, 10);

interface State {
  tenant: string;
  connection: string;
}

const opened = async (admin: Concord, portal: Portal): Promise<{ shop: Shop; fresh: boolean }> => {
  if (existsSync(DEMO_STATE!)) {
    const { tenant, connection } = JSON.parse(readFileSync(DEMO_STATE!, 'utf8')) as State;
    const shop = Shop.of(admin.within(tenant), tenant, connection);
    // The file may be older than the database.
    if (await shop.exists()) return { shop, fresh: false };
  }
  const { tenant, connection } = await Shop.open(admin, 'Juniper & Sons', portal, REALM);
  const state: State = { tenant, connection };
  writeFileSync(DEMO_STATE!, JSON.stringify(state));
  return { shop: Shop.of(admin.within(tenant), tenant, connection), fresh: true };
};

/** A customer and an invoice from the shop, and one edit from either side. */
const trade = async (shop: Shop, portal: Portal): Promise<void> => {
  await eventually('the first look', () => shop.firstLooked());
  const books = new Bookkeeper(portal, REALM);
  const [hours] = await books.find('Item', "Name = 'Hours'");
  await shop.allowCreating(['contact']);
  await shop.push('item', 'hours', { name: 'Hours', type: 'service', salePrice: '75' });
  await shop.link('item', 'hours', hours!.Id);
  await shop.push('contact', 'willow-lane', { displayName: 'Willow Lane Bakery', isCustomer: true });
  const invoice: Content = {
    contact: { kind: 'contact', id: 'willow-lane' },
    issueDate: today,
    taxMode: 'none',
    memo: 'Order 2041',
    lines: [{ id: '1', item: { kind: 'item', id: 'hours' }, quantity: '4', unitPrice: '75.00' }],
  };
  const pushed = performance.now();
  await shop.push('invoice', 'order-2041', invoice);
  const booksId = await shop.booksIdOf('invoice', 'order-2041');
  say(`app → books: invoice order-2041 is in QuickBooks after ${secondsSince(pushed)}`);
  await timeForAPerson();
  const cursor = await shop.newest();
  const edited = performance.now();
  const memo = 'Order 2041, call before delivery';
  await books.change('Invoice', booksId.split(':').at(-1)!, { PrivateNote: memo });
  await eventually('the memo', async () =>
    (await shop.changesAfter(cursor)).find(({ content }) => content?.memo === memo),
  );
  say(`books → app: its new memo is in the app after ${secondsSince(edited)}`);
};

/** Says what happens from now on, for as long as Concord runs. */
const follow = async (shop: Shop): Promise<never> => {
  let cursor = await shop.newest();
  for (;;) {
    for (const change of await shop.changesAfter(cursor)) {
      say(sentenceOf(change));
      cursor = change.cursor;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
};

const sentenceOf = ({ type, kind, id }: Change): string =>
  `${type.replaceAll('_', ' ')}: ${kind ?? 'record'} ${id ?? ''}`;

const say = (line: string): void => console.log(line);
const secondsSince = (start: number): string => `${((performance.now() - start) / 1000).toFixed(2)} s`;

for (const signal of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.on(signal, () => process.exit(0));
process.send?.('started');

const admin = new Concord(CONCORD_URL!, CONCORD_KEY!);
const portal = new Portal(SANDBOX_URL!);
await portal.subscribe(`${CONCORD_URL}/webhooks/quickbooks`);
const { shop, fresh } = await opened(admin, portal);
say(`a demo company is connected: tenant ${shop.tenant}, connection ${shop.connection}`);
if (fresh) await trade(shop, portal);
say('edit an invoice on the accountant’s page, or push a record in GraphiQL: each change is told here');
await follow(shop);
