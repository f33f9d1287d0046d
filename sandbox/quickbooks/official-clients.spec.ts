import { createRequire } from 'node:module';
import { authorize, REDIRECT, request, startSandbox, US, type Json, type TestSandbox } from './test-client.ts';

/** The vendor's own OAuth client and the best-known API client, pointed at the sandbox, notice no difference. */

const require = createRequire(import.meta.url);

interface OAuthResponse {
  json: Json;
  headers: unknown;
  status: number | (() => number);
}

interface OAuthClient {
  authorizeUri(params: { scope: string[]; state: string }): string;
  setAuthorizeURLs(urls: Record<string, string>): OAuthClient;
  createToken(callback: string): Promise<OAuthResponse>;
  refresh(): Promise<OAuthResponse>;
  refreshUsingToken(token: string): Promise<OAuthResponse>;
  revoke(): Promise<OAuthResponse>;
  getUserInfo(): Promise<OAuthResponse>;
  validateIdToken(): Promise<boolean>;
  makeApiCall(call: { url: string; method?: string; body?: object }): Promise<{ json: Json; status: number }>;
  getToken(): { access_token: string; refresh_token: string; realmId: string };
}

interface OAuthClientClass {
  new (settings: Record<string, unknown>): OAuthClient;
  environment: { sandbox: string };
  jwks_uri: string;
  scopes: Record<string, string>;
}

type Callback = (error: unknown, data: Json) => void;
type QuickBooks = Record<string, (...args: unknown[]) => void>;
interface QuickBooksClass {
  new (...settings: unknown[]): QuickBooks;
  V3_ENDPOINT_BASE_URL: string;
  TOKEN_URL: string;
  REVOKE_URL: string;
}

describe('official clients', () => {
  let sandbox: TestSandbox;
  let oauth: OAuthClient;
  const OAuthClient = require('intuit-oauth') as OAuthClientClass;
  const QuickBooks = require('node-quickbooks') as QuickBooksClass;

  beforeAll(async () => {
    sandbox = await startSandbox({ empty: false });
    const { json } = await request(`${sandbox.base}/.well-known/openid_sandbox_configuration/`);
    OAuthClient.environment.sandbox = `${sandbox.base}/`;
    OAuthClient.jwks_uri = String(json.jwks_uri);
    oauth = new OAuthClient({
      clientId: 'sandbox-client',
      clientSecret: 'sandbox-secret',
      environment: 'sandbox',
      redirectUri: REDIRECT,
      includeRefreshTokenHardExpiresIn: true,
    }).setAuthorizeURLs({
      authorizeEndpoint: String(json.authorization_endpoint),
      tokenEndpoint: String(json.token_endpoint),
      revokeEndpoint: String(json.revocation_endpoint),
      userInfoEndpoint: String(json.userinfo_endpoint),
    });
    QuickBooks.V3_ENDPOINT_BASE_URL = `${sandbox.base}/v3/company/`;
    QuickBooks.TOKEN_URL = String(json.token_endpoint);
    QuickBooks.REVOKE_URL = String(json.revocation_endpoint);
  });
  afterAll(() => sandbox.close());

  describe('intuit-oauth', () => {
    it('authorises, exchanges, refreshes, reads, and revokes', async () => {
      const { Accounting, OpenId, Profile, Email } = OAuthClient.scopes as Record<string, string>;
      const uri = oauth.authorizeUri({ scope: [Accounting, OpenId, Profile, Email].map(String), state: 'abc' });
      const answer = await request(uri);
      expect(answer.status).toBe(302);
      const created = await oauth.createToken(String(answer.headers.get('location')));
      expect(created.json).toMatchObject({ token_type: 'bearer', x_refresh_token_hard_expires_in: expect.any(Number) });
      expect(oauth.getToken().realmId).toBe(US);
      expect(await oauth.validateIdToken()).toBe(true);
      expect((await oauth.getUserInfo()).json).toMatchObject({ givenName: 'Company' });

      const refreshed = await oauth.refresh();
      expect(refreshed.json.access_token).not.toEqual(created.json.access_token);
      const company = await oauth.makeApiCall({ url: `v3/company/${US}/companyinfo/${US}?minorversion=75` });
      expect(company.json.CompanyInfo).toMatchObject({ Id: '1', Country: 'US' });
      const made = await oauth.makeApiCall({
        url: `v3/company/${US}/customer`,
        method: 'POST',
        body: { DisplayName: 'Made by the official client' },
      });
      expect(made.json.Customer).toMatchObject({ SyncToken: '0' });
      const refused = oauth.makeApiCall({
        url: `v3/company/${US}/customer`,
        method: 'POST',
        body: { DisplayName: 'made BY the official client' },
      });
      await expect(refused).rejects.toMatchObject({ code: '6240', faultType: 'ValidationFault' });

      const token = oauth.getToken().refresh_token;
      await oauth.revoke();
      await expect(oauth.refreshUsingToken(token)).rejects.toMatchObject({ error: 'invalid_grant' });
    });
  });

  describe('node-quickbooks', () => {
    let books: QuickBooks;

    /** Its callbacks as promises. */
    const call = (method: string, ...args: unknown[]) =>
      new Promise<Json>((resolve, reject) => {
        const callback: Callback = (error, data) => (error ? reject(error as Error) : resolve(data));
        (books[method] as (...all: unknown[]) => void).call(books, ...args, callback);
      });

    beforeAll(async () => {
      const answer = await authorize(sandbox.base);
      const { json } = await oauth.createToken(String(answer.headers.get('location')));
      books = new QuickBooks(
        'sandbox-client',
        'sandbox-secret',
        String(json.access_token),
        false,
        US,
        true,
        false,
        75,
        '2.0',
        String(json.refresh_token),
      );
    });

    it('creates, reads, finds, updates and deactivates customers', async () => {
      const made = await call('createCustomer', {
        DisplayName: "Node's Customer",
        PrimaryEmailAddr: { Address: 'a@b.example' },
      });
      expect(await call('getCustomer', made.Id)).toEqual(made);
      const found = await call('findCustomers', [{ field: 'DisplayName', value: "Node's%", operator: 'LIKE' }]);
      expect((found.QueryResponse?.Customer as unknown as Json[])[0]).toEqual(made);
      const all = await call('findCustomers', { fetchAll: true, limit: 10 });
      expect((all.QueryResponse?.Customer as unknown as Json[]).length).toBeGreaterThan(20);
      const changed = await call('updateCustomer', { ...made, GivenName: 'Nora' });
      expect(changed).toMatchObject({
        GivenName: 'Nora',
        SyncToken: '1',
        PrimaryEmailAddr: { Address: 'a@b.example' },
      });
      const off = await call('updateCustomer', { ...changed, Active: false });
      expect(off).toMatchObject({ Active: false, DisplayName: "Node's Customer (deleted)" });
    });

    it('invoices, is paid, voids and deletes', async () => {
      const customer = await call('createCustomer', { DisplayName: 'Payer' });
      const body = {
        CustomerRef: { value: customer.Id },
        Line: [
          {
            DetailType: 'SalesItemLineDetail',
            Amount: 150,
            SalesItemLineDetail: { ItemRef: { value: '2' }, Qty: 2, UnitPrice: 75 },
          },
        ],
      };
      const invoice = await call('createInvoice', { ...body, requestId: 'node-1' });
      expect(await call('createInvoice', { ...body, requestId: 'node-1' })).toEqual(invoice);
      const payment = await call('createPayment', {
        CustomerRef: { value: customer.Id },
        TotalAmt: 150,
        Line: [{ Amount: 150, LinkedTxn: [{ TxnId: invoice.Id, TxnType: 'Invoice' }] }],
      });
      const paid = await call('getInvoice', invoice.Id);
      expect(paid).toMatchObject({ Balance: 0 });
      const noted = await call('updateInvoice', { ...paid, PrivateNote: 'seen' });
      expect(noted).toMatchObject({ PrivateNote: 'seen', Balance: 0, TotalAmt: 150 });
      expect(await call('voidPayment', { Id: payment.Id, SyncToken: payment.SyncToken })).toMatchObject({
        TotalAmt: 0,
      });
      const open = await call('getInvoice', invoice.Id);
      expect(open).toMatchObject({ Balance: 150 });
      expect(await call('voidInvoice', open)).toMatchObject({ Invoice: { TotalAmt: 0 } });
      const deleted = await call('deleteInvoice', invoice.Id);
      expect(deleted.Invoice).toMatchObject({ status: 'Deleted', Id: invoice.Id });
      await expect(call('getInvoice', invoice.Id)).rejects.toMatchObject({
        response: { status: 400, data: { Fault: { Error: [{ code: '610' }] } } },
      });
    });

    it('counts, batches, asks for changes, sends and prints', async () => {
      const counted = await call('findInvoices', { count: true });
      expect(Number(counted.QueryResponse?.totalCount)).toBeGreaterThan(1000);
      const batch = await call('batch', [
        { bId: '1', operation: 'create', Customer: { DisplayName: 'Batch of node' } },
        { bId: '2', Query: 'select * from Term' },
      ]);
      expect(batch.BatchItemResponse).toMatchObject([
        { Customer: { SyncToken: '0' } },
        { QueryResponse: { startPosition: 1 } },
      ]);
      const changes = await call('changeDataCapture', ['Customer', 'Invoice'], new Date(Date.now() - 60_000));
      const first = (changes.CDCResponse as unknown as Json[])[0]?.QueryResponse as unknown as Json[];
      expect((first[0]?.Customer as unknown as Json[]).map((each) => each.DisplayName)).toContain('Batch of node');
      const page = await call('findInvoices', [{ field: 'limit', value: 1 }]);
      const [invoice] = page.QueryResponse?.Invoice as unknown as Json[];
      expect(await call('sendInvoicePdf', invoice?.Id, 'to@b.example')).toMatchObject({ EmailStatus: 'EmailSent' });
      const pdf = (await call('getInvoicePdf', invoice?.Id)) as unknown as Buffer;
      expect(Buffer.from(pdf).subarray(0, 5).toString()).toBe('%PDF-');
    });

    it('refreshes and revokes', async () => {
      const refreshed = await call('refreshAccessToken');
      expect(refreshed).toMatchObject({ token_type: 'bearer' });
      expect(await call('getPreferences')).toMatchObject({ Id: '1' });
      await call('revokeAccess', true);
      await expect(call('getPreferences')).rejects.toBeDefined();
    });
  });
});
