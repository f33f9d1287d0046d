import { createRequire } from 'node:module';
import { NZ, request, REDIRECT, SCOPES, startSandbox, type Json, type TestSandbox } from './test-client.ts';

/**
 * The vendor's own client, pointed at the sandbox, notices no difference. It knows the vendor's hosts by heart: the API's
 * address can be set, its OpenID client be put in place, and the rest is rewritten on the way out (sheet 9.1).
 */

const require = createRequire(import.meta.url);
// What the vendor's client brings along is not ours to name.
const theirs = createRequire(require.resolve('xero-node'));

interface Answer {
  response: { status: number };
  body: Json;
}
type Call = (...args: unknown[]) => Promise<Answer>;
interface XeroClient {
  accountingApi: Record<string, Call> & { basePath: string };
  openIdClient: unknown;
  config: { state: string };
  buildConsentUrl(): Promise<string>;
  apiCallback(url: string): Promise<Json>;
  refreshToken(): Promise<Json>;
  refreshWithRefreshToken(id: string, secret: string, token: string): Promise<Json>;
  revokeToken(): Promise<void>;
  updateTenants(): Promise<Json[]>;
  disconnect(connectionId: string): Promise<unknown>;
  readTokenSet(): { access_token: string; refresh_token: string; claims(): Json };
}

interface RequestConfig {
  url?: string;
}

interface Axios {
  interceptors: { request: { use(change: (config: RequestConfig) => RequestConfig): number; eject(id: number): void } };
}

interface Issuer {
  Client: new (settings: object) => unknown;
}

const { XeroClient } = require('xero-node') as { XeroClient: new (settings: object) => XeroClient };
const axios = theirs('axios') as Axios;
const { Issuer } = theirs('openid-client') as { Issuer: { discover(url: string): Promise<Issuer> } };

describe("the vendor's own client", () => {
  let sandbox: TestSandbox;
  let xero: XeroClient;
  let api: XeroClient['accountingApi'];
  let interceptor: number;

  beforeAll(async () => {
    sandbox = await startSandbox({ empty: false });
    interceptor = axios.interceptors.request.use((config) => {
      config.url = config.url?.replace(/^https:\/\/(identity|api)\.xero\.com/, sandbox.base);
      return config;
    });
    const registration = { client_id: 'sandbox-client', client_secret: 'sandbox-secret', redirect_uris: [REDIRECT] };
    xero = new XeroClient({
      clientId: registration.client_id,
      clientSecret: registration.client_secret,
      redirectUris: [REDIRECT],
      scopes: `openid profile email ${SCOPES}`.split(' '),
      state: 'state-1',
    });
    const issuer = await Issuer.discover(sandbox.base);
    xero.openIdClient = new issuer.Client(registration);
    api = xero.accountingApi;
    api.basePath = `${sandbox.base}/api.xro/2.0`;
    await sandbox.control('POST', '/consent', { mode: 'auto', realm: NZ });
    const answer = await request(await xero.buildConsentUrl());
    await xero.apiCallback(String(answer.headers.get('location')));
  });
  afterAll(async () => {
    axios.interceptors.request.eject(interceptor);
    await sandbox.close();
  });

  const rows = async (answer: Promise<Answer>, name: string): Promise<Json[]> => {
    const { body } = await answer;
    return body[name] as unknown as Json[];
  };
  const first = async (answer: Promise<Answer>, name: string): Promise<Json> => (await rows(answer, name))[0] as Json;
  /** What it rejects with: a text that holds JSON. */
  const refusal = async (answer: Promise<Answer>): Promise<Json> =>
    answer.then(
      () => Promise.reject(new Error('the call went through')),
      (error: unknown) => JSON.parse(String(error)) as Json,
    );
  const call = (name: string, ...args: unknown[]): Promise<Answer> => (api[name] as Call).call(api, ...args);

  it('signs in, reads its tenants, and refreshes both ways', async () => {
    expect(xero.readTokenSet().claims()).toMatchObject({ given_name: 'Ada', email: 'ada@books.example' });
    const tenants = await xero.updateTenants();
    expect(tenants).toEqual([
      expect.objectContaining({
        tenantId: NZ,
        tenantType: 'ORGANISATION',
        orgData: expect.objectContaining({ organisationID: NZ, baseCurrency: 'NZD' }) as object,
      }),
    ]);
    const before = xero.readTokenSet().refresh_token;
    await xero.refreshToken();
    const between = xero.readTokenSet().refresh_token;
    expect(between).not.toBe(before);
    await xero.refreshWithRefreshToken('sandbox-client', 'sandbox-secret', between);
    expect(xero.readTokenSet().refresh_token).not.toBe(between);
  });

  it('lists, creates and updates contacts', async () => {
    const listed = await rows(
      call('getContacts', NZ, undefined, undefined, undefined, undefined, 1, false, undefined, undefined, 1000),
      'contacts',
    );
    expect(listed.length).toBeGreaterThan(25);
    const contact = {
      name: 'Made by the official client',
      emailAddress: 'a@b.example',
      phones: [{ phoneType: 'MOBILE', phoneNumber: '555' }],
    };
    const [made, refused] = await rows(
      call('createContacts', NZ, { contacts: [contact, { name: listed[0]?.name }] }, false, 'official-contacts'),
      'contacts',
    );
    expect(made).toMatchObject({
      name: contact.name,
      contactStatus: 'ACTIVE',
      updatedDateUTC: expect.any(Date) as Date,
    });
    expect(refused).toMatchObject({ hasValidationErrors: true, statusAttributeString: 'ERROR' });
    const changed = await first(
      call('updateContact', NZ, made?.contactID, { contacts: [{ firstName: 'Nora', emailAddress: 'n@b.example' }] }),
      'contacts',
    );
    expect(changed).toMatchObject({ contactID: made?.contactID, name: contact.name, firstName: 'Nora' });
    const found = await rows(
      call('getContacts', NZ, undefined, 'Name=="Made by the official client"', undefined, [made?.contactID]),
      'contacts',
    );
    expect(found).toHaveLength(1);
    const error = await refusal(call('createContacts', NZ, { contacts: [{ name: contact.name }] }, true));
    expect(error).toMatchObject({ response: { statusCode: 400 }, body: { Type: 'ValidationException' } });
  });

  it('lists, creates, updates and voids invoices', async () => {
    const since = new Date(Date.now() - 1000);
    const listed = await rows(
      call(
        'getInvoices',
        NZ,
        undefined,
        'Type=="ACCREC"',
        'Date DESC',
        undefined,
        undefined,
        undefined,
        ['AUTHORISED', 'PAID'],
        1,
      ),
      'invoices',
    );
    expect(listed).toHaveLength(100);
    expect(listed[0]).toMatchObject({ type: 'ACCREC', lineItems: expect.any(Array) as unknown[] });
    const draft = {
      type: 'ACCREC',
      contact: { name: 'Payer' },
      date: '2026-11-01',
      dueDate: '2026-11-15',
      lineItems: [{ description: 'Work', quantity: 2, unitAmount: 10.1234, accountCode: '200' }],
      status: 'DRAFT',
    };
    const made = await first(
      call('createInvoices', NZ, { invoices: [draft] }, false, 4, 'official-invoice'),
      'invoices',
    );
    expect(made).toMatchObject({
      status: 'DRAFT',
      total: 23.29,
      invoiceNumber: expect.stringMatching(/^INV-/) as string,
    });
    const again = await first(
      call('createInvoices', NZ, { invoices: [draft] }, false, 4, 'official-invoice'),
      'invoices',
    );
    expect(again.invoiceID).toBe(made.invoiceID);
    const approved = await first(
      call('updateInvoice', NZ, made.invoiceID, { invoices: [{ reference: 'P/O 1', status: 'AUTHORISED' }] }, 4),
      'invoices',
    );
    expect(approved).toMatchObject({ status: 'AUTHORISED', reference: 'P/O 1', amountDue: 23.29 });
    const line = (approved.lineItems as unknown as Json[])[0] as Json;
    expect(line).toMatchObject({
      unitAmount: 10.1234,
      lineItemID: (made.lineItems as unknown as Json[])[0]?.lineItemID,
    });
    const changed = await rows(
      call('getInvoices', NZ, since, undefined, undefined, undefined, undefined, undefined, undefined, 1),
      'invoices',
    );
    expect(changed.map((each) => each.invoiceID)).toContain(made.invoiceID);
    const voided = await first(
      call('updateInvoice', NZ, made.invoiceID, { invoices: [{ status: 'VOIDED' }] }),
      'invoices',
    );
    expect(voided).toMatchObject({ status: 'VOIDED' });
  });

  it('lists, creates and deletes payments', async () => {
    const made = await first(
      call('createInvoices', NZ, {
        invoices: [
          {
            type: 'ACCREC',
            contact: { name: 'Payer' },
            date: '2026-11-01',
            dueDate: '2026-11-15',
            lineItems: [{ description: 'Work', quantity: 1, unitAmount: 100, accountCode: '200' }],
            status: 'AUTHORISED',
          },
        ],
      }),
      'invoices',
    );
    const part = { invoice: { invoiceID: made.invoiceID }, account: { code: '090' }, date: '2026-11-02', amount: 15 };
    const one = await first(call('createPayment', NZ, part, 'official-payment'), 'payments');
    expect(one).toMatchObject({ status: 'AUTHORISED', paymentType: 'ACCRECPAYMENT', amount: 15 });
    const [rest] = await rows(call('createPayments', NZ, { payments: [{ ...part, amount: 100 }] }, false), 'payments');
    const paid = await first(call('getInvoice', NZ, made.invoiceID), 'invoices');
    expect(paid).toMatchObject({ status: 'PAID', amountDue: 0, amountPaid: 115 });
    const deleted = await first(call('deletePayment', NZ, rest?.paymentID, { status: 'DELETED' }), 'payments');
    expect(deleted).toMatchObject({ status: 'DELETED' });
    const open = await first(call('getInvoice', NZ, made.invoiceID), 'invoices');
    expect(open).toMatchObject({ status: 'AUTHORISED', amountDue: 100, amountPaid: 15 });
    const listed = await rows(
      call('getPayments', NZ, undefined, `Invoice.InvoiceID==Guid("${String(made.invoiceID)}")`, undefined, 1),
      'payments',
    );
    expect(listed.map((each) => String(each.status)).sort()).toEqual(['AUTHORISED', 'DELETED']);
    const tooMuch = await refusal(call('createPayment', NZ, { ...part, amount: 500 }));
    expect(JSON.stringify(tooMuch.body)).toContain('exceeds the amount outstanding');
  });

  it('reads every other kind, credits, journals, transfers money and attaches files', async () => {
    for (const [method, name] of [
      ['getOrganisations', 'organisations'],
      ['getAccounts', 'accounts'],
      ['getTaxRates', 'taxRates'],
      ['getCurrencies', 'currencies'],
      ['getItems', 'items'],
      ['getTrackingCategories', 'trackingCategories'],
      ['getCreditNotes', 'creditNotes'],
      ['getQuotes', 'quotes'],
      ['getPurchaseOrders', 'purchaseOrders'],
      ['getBankTransactions', 'bankTransactions'],
      ['getManualJournals', 'manualJournals'],
      ['getBankTransfers', 'bankTransfers'],
    ] as const) {
      expect([name, (await rows(call(method, NZ), name)).length]).toEqual([name, expect.any(Number)]);
      expect((await rows(call(method, NZ), name))[0]).toBeDefined();
    }
    const category = await first(call('createTrackingCategory', NZ, { name: 'Project' }), 'trackingCategories');
    const option = await first(
      call('createTrackingOptions', NZ, category.trackingCategoryID, { name: 'Alpha' }),
      'options',
    );
    expect(option).toMatchObject({ name: 'Alpha', status: 'ACTIVE' });
    const journal = await first(
      call('createManualJournals', NZ, {
        manualJournals: [
          {
            narration: 'Accrual',
            journalLines: [
              { lineAmount: 10, accountCode: '400' },
              { lineAmount: -10, accountCode: '850' },
            ],
          },
        ],
      }),
      'manualJournals',
    );
    expect(journal).toMatchObject({ status: 'DRAFT' });
    const transfer = await first(
      call('createBankTransfer', NZ, {
        bankTransfers: [{ fromBankAccount: { code: '090' }, toBankAccount: { code: '091' }, amount: 25 }],
      }),
      'bankTransfers',
    );
    expect(transfer).toMatchObject({ amount: 25, fromBankTransactionID: expect.any(String) as string });
    const invoices = await rows(
      call('getInvoices', NZ, undefined, 'Status=="AUTHORISED" AND Type=="ACCREC"'),
      'invoices',
    );
    const id = invoices[0]?.invoiceID;
    const content = Buffer.from([0, 255, 1, 254, 137, 80]);
    const attached = await call('createInvoiceAttachmentByFileName', NZ, id, 'scan.png', content, true, undefined, {
      headers: { 'Content-Type': 'image/png' },
    });
    expect((attached.body.attachments as unknown as Json[])[0]).toMatchObject({
      fileName: 'scan.png',
      contentLength: 6,
    });
    const file = await call('getInvoiceAttachmentByFileName', NZ, id, 'scan.png', 'image/png');
    expect(Buffer.from(file.body as unknown as Buffer)).toEqual(content);
    const pdf = await call('getInvoiceAsPdf', NZ, id);
    expect(
      Buffer.from(pdf.body as unknown as Buffer)
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
  });

  it('disconnects one tenant, and revokes', async () => {
    const [tenant] = await xero.updateTenants();
    await xero.disconnect(String(tenant?.id));
    expect(await refusal(call('getOrganisations', NZ))).toMatchObject({ response: { statusCode: 403 } });
    const token = xero.readTokenSet().refresh_token;
    await xero.revokeToken();
    await expect(xero.refreshWithRefreshToken('sandbox-client', 'sandbox-secret', token)).rejects.toBeDefined();
  });
});
