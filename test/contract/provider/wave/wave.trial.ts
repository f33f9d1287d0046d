import type { KindName } from '../../../../src/domain/contract/index.js';
import { wave } from '../../../../src/modules/providers/wave/index.js';
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
import type { TrialClock } from '../trial-clock.js';
import { listOf, WaveAccountant } from './accountant.js';
import { WaveContents } from './contents.js';
import { accountsOf, prepare, type Scenery } from './scenery.js';
import { WaveApi } from './wave-api.js';

const NAME: NamesakeHabit = { anyCase: true, inactiveToo: true };
const NUMBER: NamesakeHabit = { anyCase: false, inactiveToo: false };

/** Means to every read that it can be made again, and to a write that nobody knows what came of it. */
const unclear = (carriedOut: boolean): FaultMeaning => ({ read: 'unavailable', write: 'lost_answer', carriedOut });

/** Wave, whose sandbox keeps businesses by the vendor's own rules. */
export const waveTrial: ProviderTrial = {
  definition: wave,
  abilities: ABILITIES.wave!,
  companies: ['a business of the United States', 'one of Canada with customers abroad'],
  faults: {
    'too many calls': { read: 'rate_limited', write: 'rate_limited', carriedOut: false },
    'an error before anything was done': unclear(false),
    'an error after all was done': unclear(true),
    'a line that is cut before anything was done': unclear(false),
    'a line that is cut after all was done': unclear(true),
    'a page in place of an answer': unclear(false),
    'a fault inside an answer of success': unclear(false),
    'a lapsed subscription': { never: 'A token goes on working without a plan, and only a new one is refused.' },
    'a withdrawn consent': { read: 'access_revoked', write: 'access_revoked', carriedOut: false },
  },
  webhookFormats: ['hex', 'timestamped'],
  namesakes: {
    account: NAME,
    contact: { anyCase: true, inactiveToo: true },
    item: NAME,
    tax_rate: NAME,
    invoice: NUMBER,
    quote: NUMBER,
    journal_entry: { never: 'Money transactions are never shown, so none can be found.' },
  } satisfies Partial<Record<KindName, NamesakeHabit | Impossible>>,
  insists: { account: ['type'], tax_rate: ['rate'], payment: ['allocations', 'depositAccount'] },
  batchSize: 1,
  renamesLines: 'A patch replaces all lines, and the vendor gives the new ones ids of its own.',

  start: async (clock) => {
    const sandbox = createSandbox({ empty: true, seed: 7, clock: { now: () => clock.now() } });
    const running = await sandbox.listen(0);
    const root = `${running.url}/wave`;
    const control = new WaveApi(root, '');
    await control.control('POST', '/limits', { enabled: false });
    const companies = [
      await newCompany(control, root, clock, 'us', true, undefined),
      await newCompany(control, root, clock, 'ca', true, 'USD'),
    ];
    const past = await newCompany(control, root, clock, 'us', false, undefined);
    const spare = await newCompany(control, root, clock, 'us', true, undefined);
    const settings = Object.fromEntries(
      wave.settings.map(({ name, inSandbox }) => [name, inSandbox.replace('{sandbox}', running.url)]),
    );
    const stand: Stand = {
      settings,
      companies,
      past,
      spare,
      webhooks: {
        secret: 'sandbox-verifier',
        sendTo: async (url, format) => {
          await control.control('POST', '/switches', { webhookSignature: format });
          await control.control('POST', '/webhooks', { url, enabled: true });
        },
        flush: async () => void (await control.control('POST', '/webhooks/flush')),
        forge: async (realm, { id }) => {
          await control.control('POST', '/webhooks/forge', { realm, id: listOf(id)[1], event: 'invoice.sent' });
        },
      },
      consentTo: (company) => ({ business: company.id, decision: 'connect' }),
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
};

/** More invoices than a page of ours holds. */
const INVOICES_OF_THE_PAST = 230;

const newCompany = async (
  control: WaveApi,
  root: string,
  clock: TrialClock,
  flavour: 'us' | 'ca',
  empty: boolean,
  foreign: string | undefined,
): Promise<CompanyOnTrial> => {
  const { realmId } = await control.control<{ realmId: string }>('POST', '/companies', { flavour, empty: true });
  const api = new WaveApi(root, realmId);
  const scenery = await prepare(api, foreign);
  const accountant = new WaveAccountant(api, scenery, clock);
  if (!empty) await fill(api, scenery, accountant);
  const contents = new WaveContents(scenery, accountant);
  return {
    id: realmId,
    accountant,
    contents: (wanted) => contents.made(wanted),
    refusals: () => refusals(scenery, accountant),
  };
};

const fill = async (api: WaveApi, { customers, products }: Scenery, accountant: WaveAccountant): Promise<void> => {
  const objects = Array.from({ length: INVOICES_OF_THE_PAST }, (_, index) => ({
    customerId: customers[0]!.id,
    status: 'SAVED',
    invoiceNumber: `P${index}`,
    items: [{ productId: products[index % 2], quantity: '1', unitPrice: `${index + 1}` }],
  }));
  await api.control('POST', '/bulk', { realm: api.business, entity: 'Invoice', objects });
  for (const kind of accountant.enters) for (let count = 0; count < 4; count++) await accountant.enter(kind);
  await accountant.enter('contact', 'vendor');
  for (const kind of ['account', 'item', 'tax_rate', 'contact'] as const) {
    await accountant.end({ kind, id: await accountant.enter(kind) }, 'archived');
  }
  await accountant.end({ kind: 'contact', id: await accountant.enter('contact', 'vendor') }, 'archived');
};

/** What no preflight can know: what has been archived meanwhile, and what the vendor takes once only. */
const refusals = async (
  { customers, products, taxes, accounts }: Scenery,
  accountant: WaveAccountant,
): Promise<Refusal[]> => {
  const archived = await accountant.enter('item');
  await accountant.end({ kind: 'item', id: archived }, 'archived');
  const draft = await accountant.enterInvoice('DRAFT');
  const taken = (await accountant.all('tax_rate')).find(({ id }) => id === taxes[0])!;
  const { abbreviation } = taken.record as { abbreviation: string };
  const line = { item: { kind: 'item' as const, id: products[0]! }, unitPrice: '10' };
  const invoice = {
    contact: { kind: 'contact' as const, id: `Customer:${customers[0]!.id}` },
    issueDate: '2026-02-03',
    lines: [line],
  };
  return [
    {
      says: 'an invoice over a product that was archived',
      kind: 'invoice',
      operation: 'create',
      content: { ...invoice, lines: [{ ...line, item: { kind: 'item', id: archived } }] },
      failure: { is: 'invalid', message: /\w+ \w+/, field: /items/ },
    },
    {
      says: 'a payment of a draft',
      kind: 'payment',
      operation: 'create',
      content: {
        contact: invoice.contact,
        date: '2026-02-03',
        amount: '10',
        allocations: [{ document: { kind: 'invoice', id: draft }, amount: '10' }],
        depositAccount: { kind: 'account', id: accountsOf({ accounts }, 'CASH_AND_BANK')[0]! },
      },
      failure: { is: 'invalid', message: /draft invoice/ },
    },
    {
      says: 'a tax with an abbreviation that is taken',
      kind: 'tax_rate',
      operation: 'create',
      content: { name: 'Another one', code: abbreviation, rate: '3' },
      failure: { is: 'duplicate', message: /\w+ \w+/, candidates: [] },
    },
  ];
};
