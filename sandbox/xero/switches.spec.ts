import { SWITCHES } from './switches.ts';
import {
  authorize,
  BASIC,
  bill,
  callbackOf,
  cost,
  exchange,
  invoice,
  line,
  NZ,
  payment,
  request,
  rowsOf,
  startReceiver,
  startSandbox,
  UK,
  type Client,
  type Json,
  type Reply,
  type TestSandbox,
} from './test-client.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 2, 1);

/** What one probe works with: a sandbox of its own, in which time stands still. */
interface Bench {
  sandbox: TestSandbox;
  client: Client;
  pass(advanceMs: number): Promise<unknown>;
}

/** What a client sees of a switch as it stands at first, and moved to another value. */
interface Case {
  to: unknown;
  see(bench: Bench): Promise<unknown>;
  first: unknown;
  then: unknown;
}

const refresh = ({ sandbox }: Bench, token: unknown) =>
  exchange(sandbox.base, { grant_type: 'refresh_token', refresh_token: String(token) });

/** Uses a refresh token twice within its grace. */
async function refreshTwice(bench: Bench): Promise<[Reply, Reply]> {
  const first = await refresh(bench, bench.client.refreshToken);
  return [first, await refresh(bench, bench.client.refreshToken)];
}

const statusOf = async (reply: Promise<Reply>) => (await reply).status;
const contact = (client: Client, more: object = {}) => client.make('Contacts', { Name: 'Contact', ...more });
const idOf = (made: Json, name = 'InvoiceID') => String(made[name]);

async function archived(client: Client): Promise<string> {
  const { ContactID } = await contact(client);
  await client.change(`Contacts/${String(ContactID)}`, { ContactStatus: 'ARCHIVED' });
  return String(ContactID);
}

async function usedOption(client: Client): Promise<string> {
  await client.make('Invoices', invoice({ LineItems: [line({ Tracking: [{ Name: 'Region', Option: 'North' }] })] }));
  const [region] = await client.list('TrackingCategories');
  const option = (region?.Options as unknown as Json[]).find((each) => String(each.Name) === 'North');
  return `TrackingCategories/${String(region?.TrackingCategoryID)}/Options/${String(option?.TrackingOptionID)}`;
}

/** What a subscription tells of what `work` does. */
async function toldOf({ sandbox }: Bench, work: () => Promise<unknown>): Promise<string[]> {
  const receiver = await startReceiver(() => ({ status: 200 }));
  await sandbox.control('POST', '/webhooks', { url: receiver.url, intent: false, windowMs: MINUTE });
  await work();
  await sandbox.control('POST', '/webhooks/flush');
  await receiver.close();
  return receiver.received.flatMap(({ body }) =>
    (JSON.parse(body) as { events: { eventType: string; eventCategory: string }[] }).events.map(
      (event) => `${event.eventType} ${event.eventCategory}`,
    ),
  );
}

async function throttled({ sandbox, client }: Bench, limits: object): Promise<Reply> {
  await sandbox.control('POST', '/limits', { enabled: true, ...limits });
  await client.get('Organisation');
  return client.get('Organisation');
}

const CASES: Record<keyof typeof SWITCHES, Case> = {
  graceRefresh: {
    to: 'samePair',
    see: async (bench) => {
      const [first, second] = await refreshTwice(bench);
      return first.json.refresh_token === second.json.refresh_token;
    },
    first: false,
    then: true,
  },
  graceRefreshEndsFirst: {
    to: true,
    see: async (bench) => {
      const [first] = await refreshTwice(bench);
      return statusOf(refresh(bench, first.json.refresh_token));
    },
    first: 200,
    then: 400,
  },
  newConsentEndsOlderTokens: {
    to: true,
    see: async (bench) => {
      await bench.sandbox.connect(UK);
      return statusOf(refresh(bench, bench.client.refreshToken));
    },
    first: 200,
    then: 400,
  },
  revocationDisconnects: {
    to: false,
    see: async ({ sandbox, client }) => {
      const second = await sandbox.connect(UK);
      await request(`${sandbox.base}/connect/revocation`, {
        method: 'POST',
        headers: { authorization: BASIC, 'content-type': 'application/x-www-form-urlencoded' },
        body: `token=${client.refreshToken}`,
      });
      return (await second.connections()).length;
    },
    first: 0,
    then: 2,
  },
  badClientStatus: {
    to: '400',
    see: ({ sandbox }) =>
      statusOf(exchange(sandbox.base, { grant_type: 'refresh_token' }, { authorization: 'Basic eDp5' })),
    first: 401,
    then: 400,
  },
  tokenErrorDescription: {
    to: true,
    see: async (bench) => Object.keys((await refresh(bench, 'none')).json),
    first: ['error'],
    then: ['error', 'error_description'],
  },
  callbackExtras: {
    to: false,
    see: async ({ sandbox }) => [...callbackOf(await authorize(sandbox.base)).keys()].sort(),
    first: ['code', 'scope', 'session_state', 'state'],
    then: ['code', 'state'],
  },
  appScopes: {
    to: 'any',
    see: ({ sandbox }) => statusOf(authorize(sandbox.base, { scope: 'accounting.transactions' })),
    first: 400,
    then: 302,
  },
  loopbackAddresses: {
    to: false,
    see: ({ sandbox }) => statusOf(authorize(sandbox.base, { redirect_uri: 'http://127.0.0.1:9/callback' })),
    first: 302,
    then: 400,
  },
  scopeSpelling: {
    to: 'insufficient_scope',
    see: async ({ sandbox }) => {
      // Scopes gather over consents, so what was given has to be taken back first.
      await sandbox.control('POST', '/tokens', { action: 'revokeAll' });
      const client = await sandbox.connect(UK, 'accounting.settings');
      return (await client.get('Contacts')).headers.get('www-authenticate');
    },
    first: 'Bearer error="insufficent_scope"',
    then: 'Bearer error="insufficient_scope"',
  },
  problemKeys: {
    to: 'camel',
    see: async ({ client }) => Object.keys((await client.get('Items', { 'xero-tenant-id': UK })).json).slice(0, 4),
    first: ['Type', 'Title', 'Status', 'Detail'],
    then: ['type', 'title', 'status', 'detail'],
  },
  missingTenantStatus: {
    to: '401',
    see: ({ client }) => statusOf(client.get('Items', { 'xero-tenant-id': '' })),
    first: 403,
    then: 401,
  },
  notFoundBody: {
    to: 'empty',
    see: async ({ client }) => (await client.get('Invoices/nothing')).text,
    first: "The resource you're looking for cannot be found",
    then: '',
  },
  wrongVerb: { to: '404', see: ({ client }) => statusOf(client.call('DELETE', 'Invoices')), first: 405, then: 404 },
  queryParseErrorNumber: {
    to: 17,
    see: async ({ client }) => (await client.get('Invoices?where=x')).json.ErrorNumber,
    first: 16,
    then: 17,
  },
  noDataErrorNumber: {
    to: 21,
    see: async ({ client }) => (await client.put('Contacts', { Contacts: [] })).json.ErrorNumber,
    first: 20,
    then: 21,
  },
  idempotencyMismatch: {
    to: 'text',
    see: async ({ client }) => {
      await client.put('Contacts', { Name: 'A' }, { 'idempotency-key': 'k' });
      const reply = await client.put('Contacts', { Name: 'B' }, { 'idempotency-key': 'k' });
      return [reply.status, Object.keys(reply.json)];
    },
    first: [400, ['ErrorNumber', 'Type', 'Message']],
    then: [400, []],
  },
  errorText: {
    to: 'Description',
    see: async ({ client }) => (await client.put('Contacts', { Name: '' })).json.Elements?.[0]?.ValidationErrors,
    first: [{ Message: 'The contact name must be specified.' }],
    then: [{ Description: 'The contact name must be specified.' }],
  },
  nestedErrors: {
    to: 'nested',
    see: async ({ client }) => {
      const { json } = await client.put('Invoices', invoice({ LineItems: [line({ AccountCode: '9999' })] }));
      const element = json.Elements?.[0] as Json;
      return [element.ValidationErrors, element.LineItems?.[0]?.ValidationErrors].map(
        (each) => (each as unknown as []).length,
      );
    },
    first: [1, 1],
    then: [0, 1],
  },
  escapedSlashes: {
    to: true,
    see: async ({ client }) => /"DateTimeUTC":"\\\//.test((await client.get('Items')).text),
    first: false,
    then: true,
  },
  currencyEnvelope: {
    to: true,
    see: async ({ client }) => Object.keys((await client.put('Currencies', { Code: 'CAD' })).json),
    first: ['Currencies'],
    then: ['Id', 'Status', 'ProviderName', 'DateTimeUTC', 'Currencies'],
  },
  midpoint: {
    to: 'even',
    see: async ({ client }) =>
      (await client.make('Invoices', invoice({ LineItems: [line({ Quantity: 1, UnitAmount: 0.3 })] }))).TotalTax,
    first: 0.05,
    then: 0.04,
  },
  emptyLinesOnDraft: {
    to: 'refused',
    see: async ({ client }) => {
      const made = await client.make('Invoices', invoice({ Status: 'DRAFT' }));
      return statusOf(client.post(`Invoices/${idOf(made)}`, { LineItems: [] }));
    },
    first: 200,
    then: 400,
  },
  lineUpdate: {
    to: 'replaces',
    see: async ({ client }) => {
      const made = await client.make('Invoices', invoice({ Status: 'DRAFT' }));
      const LineItems = [{ LineItemID: made.LineItems?.[0]?.LineItemID, Description: 'Only words' }];
      return (await client.change(`Invoices/${idOf(made)}`, { LineItems })).Total;
    },
    first: 24.15,
    then: 0,
  },
  addressSlots: {
    to: 'replaced',
    see: async ({ client }) => {
      const made = await contact(client, {
        Addresses: [{ AddressType: 'STREET', AddressLine1: 'Here', City: 'There' }],
      });
      const body = { Addresses: [{ AddressType: 'STREET', City: 'Elsewhere' }] };
      return (await client.change(`Contacts/${idOf(made, 'ContactID')}`, body)).Addresses?.[0]?.AddressLine1;
    },
    first: 'Here',
    then: undefined,
  },
  dueDateOnApproval: {
    to: 'terms',
    see: async ({ client }) => {
      const PaymentTerms = { Sales: { Day: 10, Type: 'DAYSAFTERBILLDATE' } };
      const { ContactID } = await contact(client, { PaymentTerms });
      const reply = await client.put('Invoices', invoice({ Contact: { ContactID }, DueDate: undefined }));
      return reply.json.Invoices?.[0]?.DueDateString ?? reply.status;
    },
    first: 400,
    then: '2026-11-11T00:00:00',
  },
  unarchiving: {
    to: 'allowed',
    see: async ({ client }) => statusOf(client.post(`Contacts/${await archived(client)}`, { ContactStatus: 'ACTIVE' })),
    first: 400,
    then: 200,
  },
  deletedListed: {
    to: false,
    see: async ({ client }) => {
      const { ContactID } = await contact(client);
      const order = await client.make('PurchaseOrders', { Contact: { ContactID }, LineItems: [cost()] });
      const path = `PurchaseOrders/${idOf(order, 'PurchaseOrderID')}`;
      await client.change(path, { Status: 'DELETED' });
      return (await client.list('PurchaseOrders')).length;
    },
    first: 1,
    then: 0,
  },
  orderStatusBackward: {
    to: 'allowed',
    see: async ({ client }) => {
      const { ContactID } = await contact(client);
      const body = { Contact: { ContactID }, LineItems: [cost()], Status: 'AUTHORISED' };
      const order = await client.make('PurchaseOrders', body);
      return statusOf(client.post(`PurchaseOrders/${idOf(order, 'PurchaseOrderID')}`, { Status: 'DRAFT' }));
    },
    first: 400,
    then: 200,
  },
  postedJournalEdits: {
    to: 'refused',
    see: async ({ client }) => {
      const JournalLines = [
        { LineAmount: 1, AccountCode: '400' },
        { LineAmount: -1, AccountCode: '850' },
      ];
      const made = await client.make('ManualJournals', { Narration: 'x', Status: 'POSTED', JournalLines });
      return statusOf(client.post(`ManualJournals/${idOf(made, 'ManualJournalID')}`, { Narration: 'y' }));
    },
    first: 200,
    then: 400,
  },
  trackingInUse: {
    to: 'archived',
    see: async ({ client }) => {
      const reply = await client.call('DELETE', await usedOption(client));
      return reply.json.Options?.[0]?.Status ?? reply.status;
    },
    first: 400,
    then: 'ARCHIVED',
  },
  trackingRenameWithStatus: {
    to: 'allowed',
    see: async ({ client }) => {
      const made = await client.make('TrackingCategories', { Name: 'Project' });
      const path = `TrackingCategories/${idOf(made, 'TrackingCategoryID')}`;
      return statusOf(client.post(path, { Name: 'Projects', Status: 'ARCHIVED' }));
    },
    first: 400,
    then: 200,
  },
  reconciledDeletion: {
    to: 'allowed',
    see: async ({ sandbox, client }) => {
      const { PaymentID: id } = await client.make('Payments', payment(await client.make('Invoices', invoice()), 1));
      await sandbox.control('POST', '/reconcile', { realm: NZ, entity: 'Payments', id });
      return statusOf(client.post(`Payments/${String(id)}`, { Status: 'DELETED' }));
    },
    first: 400,
    then: 200,
  },
  itemByCode: { to: false, see: ({ client }) => statusOf(client.get('Items/BOOK')), first: 200, then: 404 },
  taxRateMatch: {
    to: 'taxType',
    see: async ({ client }) => {
      const body = { Name: 'Mine', ReportTaxType: 'OUTPUT', TaxComponents: [{ Name: 'x', Rate: 1 }] };
      await client.make('TaxRates', body);
      return statusOf(client.post('TaxRates', { ...body, TaxComponents: [{ Name: 'x', Rate: 2 }] }));
    },
    first: 200,
    then: 400,
  },
  reportTaxTypeRequired: {
    to: false,
    see: ({ client }) => statusOf(client.put('TaxRates', { Name: 'Mine', TaxComponents: [{ Name: 'x', Rate: 1 }] })),
    first: 400,
    then: 200,
  },
  quotePagination: {
    to: true,
    see: async ({ client }) => Object.keys((await client.get('Quotes?page=1&pageSize=5')).json).includes('pagination'),
    first: false,
    then: true,
  },
  quoteLinesUnpaged: {
    to: true,
    see: async ({ client }) => {
      const { ContactID } = await contact(client);
      await client.make('Quotes', { Contact: { ContactID }, Date: '2026-11-01', LineItems: [line()] });
      return ((await client.list('Quotes'))[0]?.LineItems as unknown as []).length;
    },
    first: 0,
    then: 1,
  },
  modifiedSinceBoundary: {
    to: 'exclusive',
    see: async ({ client }) => {
      await contact(client);
      return (await client.list('Contacts', { 'if-modified-since': new Date(START).toISOString() })).length;
    },
    first: 1,
    then: 0,
  },
  malformedModifiedSince: {
    to: '400',
    see: ({ client }) => statusOf(client.get('Contacts', { 'if-modified-since': 'lately' })),
    first: 200,
    then: 400,
  },
  nothingModified: {
    to: '304',
    see: ({ client }) => statusOf(client.get('Contacts', { 'if-modified-since': '2030-01-01T00:00:00' })),
    first: 200,
    then: 304,
  },
  highVolumeRows: {
    to: 1,
    see: async ({ client }) => {
      await client.make('Invoices', invoice());
      await client.make('Invoices', invoice());
      return statusOf(client.get('Invoices?order=Total'));
    },
    first: 200,
    then: 400,
  },
  trackingOptionInLists: {
    to: true,
    see: async ({ client }) => {
      await usedOption(client);
      const [row] = await client.list('Invoices?page=1');
      return Object.keys(row?.LineItems?.[0]?.Tracking?.[0] ?? {}).includes('TrackingOptionID');
    },
    first: false,
    then: true,
  },
  paymentRateInLists: {
    to: 'rate',
    see: async ({ client }) => {
      await client.make('Payments', payment(await client.make('Invoices', invoice()), 1));
      return (await client.list('Payments'))[0]?.CurrencyRate;
    },
    first: 0,
    then: 1,
  },
  batchIdInInvoicePayments: {
    to: false,
    see: async ({ client }) => {
      const { InvoiceID } = await client.make('Invoices', bill());
      const body = { Account: { Code: '090' }, Date: '2026-11-02', Payments: [{ Invoice: { InvoiceID }, Amount: 1 }] };
      const { BatchPaymentID } = await client.make('BatchPayments', body);
      return (await client.read(`Invoices/${String(InvoiceID)}`)).Payments?.[0]?.PaymentID === BatchPaymentID;
    },
    first: true,
    then: false,
  },
  transfersInBankTransactions: {
    to: false,
    see: async ({ client }) => {
      await client.make('BankTransfers', {
        FromBankAccount: { Code: '090' },
        ToBankAccount: { Code: '091' },
        Amount: 1,
      });
      return (await client.list('BankTransactions')).length;
    },
    first: 2,
    then: 0,
  },
  bankTransferDeletion: {
    to: false,
    see: async ({ client }) => {
      const body = { FromBankAccount: { Code: '090' }, ToBankAccount: { Code: '091' }, Amount: 1 };
      const made = await client.make('BankTransfers', body);
      return statusOf(client.post(`BankTransfers/${idOf(made, 'BankTransferID')}`, { Status: 'DELETED' }));
    },
    first: 200,
    then: 400,
  },
  crossCurrencyTransfers: {
    to: 'allowed',
    see: ({ client }) =>
      statusOf(
        client.put('BankTransfers', { FromBankAccount: { Code: '090' }, ToBankAccount: { Code: '092' }, Amount: 1 }),
      ),
    first: 400,
    then: 200,
  },
  allocationAcrossContacts: {
    to: 'allowed',
    see: async ({ client }) => {
      const { ContactID } = await contact(client);
      const body = { Type: 'ACCRECCREDIT', Contact: { ContactID }, LineItems: [line()], Status: 'AUTHORISED' };
      const note = await client.make('CreditNotes', body);
      const { InvoiceID } = await client.make('Invoices', invoice());
      return statusOf(
        client.put(`CreditNotes/${idOf(note, 'CreditNoteID')}/Allocations`, { Amount: 1, Invoice: { InvoiceID } }),
      );
    },
    first: 400,
    then: 200,
  },
  paymentTellsInvoice: {
    to: false,
    see: (bench) =>
      toldOf(bench, async () => {
        await bench.client.make('Payments', payment(await bench.client.make('Invoices', bill()), 1));
      }),
    first: ['CREATE CONTACT', 'CREATE INVOICE', 'UPDATE INVOICE'],
    then: ['CREATE CONTACT', 'CREATE INVOICE'],
  },
  attachmentTellsParent: {
    to: true,
    see: (bench) =>
      toldOf(bench, async () => {
        const { ContactID } = await contact(bench.client);
        await bench.client.put(`Contacts/${String(ContactID)}/History`, { Details: 'Called' });
      }),
    first: ['CREATE CONTACT'],
    then: ['CREATE CONTACT', 'UPDATE CONTACT'],
  },
  webhookRetries: {
    to: 'decreasing',
    see: async ({ sandbox, client, pass }) => {
      const receiver = await startReceiver(() => ({ status: 500 }));
      await sandbox.control('POST', '/webhooks', { url: receiver.url, intent: false, windowMs: MINUTE });
      await contact(client);
      await sandbox.control('POST', '/webhooks/flush');
      for (let quarter = 0; quarter < 6; quarter++) {
        await pass(15 * MINUTE);
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      await receiver.close();
      return receiver.received.length;
    },
    first: 8,
    then: 4,
  },
  egressCountsWrites: {
    to: false,
    see: async ({ sandbox, client }) => {
      await contact(client);
      const { realms } = await sandbox.control('GET', '/stats');
      return Number(realms?.[NZ]?.egressBytes) > 0;
    },
    first: true,
    then: false,
  },
  egressCompressed: {
    to: true,
    see: async ({ sandbox, client }) => {
      const objects = Array.from({ length: 40 }, (_, index) => ({ Name: `Contact ${index}` }));
      await sandbox.control('POST', '/bulk', { realm: NZ, entity: 'Contacts', objects });
      const { text } = await client.get('Contacts');
      const { realms } = await sandbox.control('GET', '/stats');
      return Number(realms?.[NZ]?.egressBytes) < text.length;
    },
    first: false,
    then: true,
  },
  appMinuteProblem: {
    to: 'app-minute',
    see: async (bench) => (await throttled(bench, { appPerMinute: 1 })).headers.get('x-rate-limit-problem'),
    first: 'appminute',
    then: 'app-minute',
  },
  retryAfterOnAppMinute: {
    to: true,
    see: async (bench) => (await throttled(bench, { appPerMinute: 1 })).headers.has('retry-after'),
    first: false,
    then: true,
  },
  limitProblemCase: {
    to: 'capital',
    see: async (bench) => (await throttled(bench, { perMinute: 1 })).headers.get('x-rate-limit-problem'),
    first: 'minute',
    then: 'Minute',
  },
  limitHeaders: {
    to: false,
    see: async ({ client }) => (await client.get('Items')).headers.has('x-minlimit-remaining'),
    first: true,
    then: false,
  },
  limitWindows: {
    to: 'rolling',
    see: async (bench) => {
      // A rolling minute is over a minute after the call; a fixed one at its set moment.
      const reply = await throttled(bench, { perMinute: 1 });
      return reply.headers.get('retry-after') === '60';
    },
    first: false,
    then: true,
  },
  listLagMs: {
    to: 5000,
    see: async ({ client, pass }) => {
      await contact(client);
      const before = (await client.list('Contacts')).length;
      await pass(5000);
      return [before, (await client.list('Contacts')).length];
    },
    first: [1, 1],
    then: [0, 1],
  },
  compression: {
    to: false,
    see: async ({ sandbox, client }) => {
      const objects = Array.from({ length: 40 }, (_, index) => ({ Name: `Contact ${index}` }));
      await sandbox.control('POST', '/bulk', { realm: NZ, entity: 'Contacts', objects });
      return (await client.get('Contacts')).headers.get('content-encoding');
    },
    first: 'gzip',
    then: null,
  },
};

describe('51. every switch makes a difference', () => {
  it.each(Object.entries(CASES))('%s', async (name, { to, see, first, then }) => {
    const seen = async (value: unknown): Promise<unknown> => {
      const sandbox = await startSandbox({ clock: { now: () => START } });
      try {
        await sandbox.control('POST', '/switches', { [name]: value });
        const pass = (advanceMs: number) => sandbox.control('POST', '/clock', { advanceMs });
        return await see({ sandbox, client: await sandbox.connect(), pass });
      } finally {
        await sandbox.close();
      }
    };
    expect(await seen(SWITCHES[name as keyof typeof SWITCHES].initial)).toEqual(first);
    expect(await seen(to)).toEqual(then);
  });

  it.each([
    ['date', '2026-11-01T00:00:00'],
    ['terms', '2026-11-01T00:00:00'],
  ])('dueDateOnApproval "%s" without terms takes the date', async (dueDateOnApproval, expected) => {
    const sandbox = await startSandbox();
    await sandbox.control('POST', '/switches', { dueDateOnApproval });
    const client = await sandbox.connect();
    const [made] = rowsOf(await client.put('Invoices', invoice({ DueDate: undefined })));
    await sandbox.close();
    expect(made?.DueDateString).toBe(expected);
  });

  it('are set all or none, and back by a reset', async () => {
    const sandbox = await startSandbox();
    const reply = await request(`${sandbox.base}/_control/switches`, {
      method: 'POST',
      body: JSON.stringify({ midpoint: 'even', nonsense: 1 }),
    });
    expect(reply.status).toBe(400);
    expect(await sandbox.control('GET', '/switches')).toMatchObject({ midpoint: { value: 'awayFromZero' } });
    await sandbox.control('POST', '/switches', { midpoint: 'even' });
    await sandbox.control('POST', '/reset', { empty: true });
    expect(await sandbox.control('GET', '/switches')).toMatchObject({ midpoint: { value: 'awayFromZero' } });
    await sandbox.close();
  });
});
