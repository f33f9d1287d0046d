import type { KindName } from '../../../../src/domain/contract/index.js';
import { quickbooks } from '../../../../src/modules/providers/quickbooks/index.js';
import { createSandbox } from '../../../../sandbox/server.ts';
import { ABILITIES } from '../ability-table.js';
import type { Fault } from '../faults.js';
import type {
  CompanyOnTrial,
  FaultMeaning,
  Impossible,
  NamesakeHabit,
  ProviderTrial,
  Refusal,
  Stand,
} from '../trial.js';
import { QuickBooksAccountant } from './accountant.js';
import { QuickBooksContents } from './contents.js';
import { placeOf } from './entities.js';
import { IntuitApi } from './intuit-api.js';
import { prepare, type Scenery } from './scenery.js';

const NAME: NamesakeHabit = { anyCase: true, inactiveToo: true };
/** A mark on the name of what is switched off makes the name free again (sheet 3.2). */
const MARKED_NAME: NamesakeHabit = { anyCase: true, inactiveToo: false };
const NUMBER: NamesakeHabit = { anyCase: false, inactiveToo: false };

/** Means to every read that it can be made again, and to a write that nobody knows what came of it. */
const unclear = (carriedOut: boolean): FaultMeaning => ({ read: 'unavailable', write: 'lost_answer', carriedOut });

const FLAVOURS = ['us', 'us-ast', 'uk'] as const;

/** QuickBooks Online, whose sandbox keeps companies by the vendor's own rules. */
export const quickbooksTrial: ProviderTrial = {
  definition: quickbooks,
  abilities: ABILITIES.quickbooks!,
  companies: [
    'a company of the United States',
    'one whose sales tax is automated',
    'one of the United Kingdom with several currencies',
  ],
  faults: {
    'too many calls': { read: 'rate_limited', write: 'rate_limited', carriedOut: false },
    'an error before anything was done': unclear(false),
    'an error after all was done': unclear(true),
    'a line that is cut before anything was done': unclear(false),
    'a line that is cut after all was done': unclear(true),
    'a page in place of an answer': unclear(false),
    'a fault inside an answer of success': unclear(false),
    'a lapsed subscription': { read: 'suspended', write: 'suspended', carriedOut: false },
    'a withdrawn consent': { read: 'access_revoked', write: 'access_revoked', carriedOut: false },
  },
  webhookFormats: ['legacy', 'cloudevents'],
  namesakes: {
    account: NAME,
    contact: MARKED_NAME,
    item: NAME,
    tax_rate: { anyCase: true, inactiveToo: false },
    tracking_category: MARKED_NAME,
    payment_term: NAME,
    invoice: NUMBER,
    credit_note: NUMBER,
    quote: NUMBER,
    purchase_order: NUMBER,
    bill: NUMBER,
    vendor_credit: NUMBER,
    journal_entry: NUMBER,
  } satisfies Partial<Record<KindName, NamesakeHabit | Impossible>>,
  insists: { account: ['type'], item: ['type', 'saleAccount'], payment_term: ['dueDays', 'dueDayOfMonth'] },
  batchSize: 30,

  start: async (clock) => {
    const sandbox = createSandbox({ empty: true, seed: 7, clock: { now: () => clock.now() } });
    const running = await sandbox.listen(0);
    const root = `${running.url}/quickbooks`;
    const control = new IntuitApi(root, '');
    await control.control('POST', '/limits', { enabled: false });
    const companies: CompanyOnTrial[] = [];
    for (const flavour of FLAVOURS) companies.push(await newCompany(control, root, flavour, true));
    const past = await newCompany(control, root, 'us', false);
    const spare = await newCompany(control, root, 'us', true);
    const settings = Object.fromEntries(
      quickbooks.settings.map(({ name, inSandbox }) => [name, inSandbox.replace('{sandbox}', running.url)]),
    );
    const stand: Stand = {
      settings,
      companies,
      past,
      spare,
      webhooks: {
        secret: 'sandbox-verifier',
        sendTo: async (url, format) => void (await control.control('POST', '/webhooks', { url, format, windowMs: 0 })),
        flush: async () => void (await control.control('POST', '/webhooks/flush')),
        forge: async (realm, { kind, id: ours }) => {
          const { entity, id } = placeOf(kind, ours);
          await control.control('POST', '/webhooks/forge', { realm, entity, id, operation: 'Update' });
        },
      },
      consentTo: (company) => ({ realm: company.id, decision: 'connect' }),
      provoke: async (fault, company) => {
        if (fault === 'a withdrawn consent') {
          await control.control('POST', '/tokens', { action: 'revoke', realm: company.id });
        } else {
          const rule = { match: { realm: company.id }, ...RULES[fault] };
          await control.control('POST', '/faults', { rules: [rule] });
        }
      },
      calm: async () => void (await control.control('DELETE', '/faults')),
      close: () => running.close(),
    };
    return stand;
  },
};

const RULES: Readonly<Partial<Record<Fault, object>>> = {
  'too many calls': { fault: '429', retryAfter: 7 },
  'an error before anything was done': { fault: '500' },
  'an error after all was done': { fault: '502', when: 'after' },
  'a line that is cut before anything was done': { fault: 'cut' },
  'a line that is cut after all was done': { fault: 'cut', when: 'after' },
  'a page in place of an answer': { fault: 'html200' },
  'a fault inside an answer of success': { fault: 'fault200' },
  'a lapsed subscription': { fault: '6190' },
};

/** More invoices than a page of the vendor holds. */
const INVOICES_OF_THE_PAST = 1010;

const newCompany = async (
  control: IntuitApi,
  root: string,
  flavour: (typeof FLAVOURS)[number],
  empty: boolean,
): Promise<CompanyOnTrial> => {
  const { realmId } = await control.control<{ realmId: string }>('POST', '/companies', { flavour, empty });
  const api = new IntuitApi(root, realmId);
  const scenery = await prepare(api);
  const accountant = new QuickBooksAccountant(api, realmId, scenery);
  if (!empty) await fill(api, realmId, scenery, accountant);
  const contents = new QuickBooksContents(scenery, accountant);
  return {
    id: realmId,
    accountant,
    contents: (wanted) => contents.made(wanted),
    refusals: () => refusals(scenery, accountant),
  };
};

const fill = async (
  api: IntuitApi,
  realm: string,
  { customers, items }: Scenery,
  accountant: QuickBooksAccountant,
): Promise<void> => {
  const invoice = (index: number) => ({
    CustomerRef: { value: customers[0]!.id },
    DocNumber: `P${index}`,
    Line: [
      { DetailType: 'SalesItemLineDetail', Amount: index + 1, SalesItemLineDetail: { ItemRef: { value: items[0] } } },
    ],
  });
  const objects = Array.from({ length: INVOICES_OF_THE_PAST }, (_, index) => invoice(index));
  await api.control('POST', '/bulk', { realm, entity: 'Invoice', objects });
  for (const kind of ['invoice', 'payment', 'bill_payment', 'expense', 'credit_note'] as const) {
    await accountant.end({ kind, id: await accountant.enter(kind) }, 'voided');
  }
  for (const kind of ['account', 'item', 'payment_term', 'contact', 'tracking_category'] as const) {
    for (let count = 0; count < 2; count++)
      await accountant.end({ kind, id: await accountant.enter(kind) }, 'archived');
  }
};

/** What no preflight can know: names that are taken, and records that were ended meanwhile. */
const refusals = async (
  { customers, items, vendors }: Scenery,
  accountant: QuickBooksAccountant,
): Promise<Refusal[]> => {
  const takenContact = `Taken ${Date.UTC(2026, 0)}`;
  const inactive = await accountant.enter('contact', 'customer');
  await accountant.end({ kind: 'contact', id: inactive }, 'archived');
  const invoice = {
    contact: { kind: 'contact' as const, id: `Customer:${customers[0]!.id}` },
    issueDate: '2026-02-03',
    lines: [{ item: { kind: 'item' as const, id: items[0]! }, amount: '10' }],
  };
  const vendorName = `Vendor 1 of the trial`;
  const paid = await accountant.enter('bill_payment');
  return [
    {
      says: 'a customer’s name that a vendor has',
      kind: 'contact',
      facet: 'customer',
      operation: 'create',
      content: { isCustomer: true, displayName: vendorName.toUpperCase() },
      failure: { is: 'duplicate', message: /name/i, candidates: [] },
    },
    {
      says: 'a contact that was switched off',
      kind: 'invoice',
      operation: 'create',
      content: { ...invoice, contact: { kind: 'contact', id: inactive } },
      failure: { is: 'invalid', message: /inactive/ },
    },
    {
      says: 'a discount that is larger than the document',
      kind: 'invoice',
      operation: 'create',
      content: { ...invoice, discount: { amount: '1000' } },
      failure: { is: 'invalid', message: /\w+ \w+/ },
    },
    {
      says: 'an amount below what is settled by it',
      kind: 'bill_payment',
      operation: 'update',
      target: { kind: 'bill_payment', id: paid },
      content: { amount: '1' },
      failure: { is: 'invalid', message: /\w+ \w+/ },
    },
    {
      says: `an account that is none of ${vendors.length} vendors’ banks`,
      kind: 'transfer',
      operation: 'create',
      content: {
        date: '2026-02-03',
        fromAccount: { kind: 'account', id: '987654' },
        toAccount: { kind: 'account', id: '1' },
        amount: '1',
      },
      failure: { is: 'invalid', message: /\w+ \w+/ },
    },
    {
      says: takenContact,
      kind: 'account',
      operation: 'create',
      content: { name: 'Checking', type: 'bank' },
      failure: { is: 'duplicate', message: /name/i },
    },
  ];
};
