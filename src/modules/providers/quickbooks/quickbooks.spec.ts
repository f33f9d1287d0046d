import { KIND_NAMES, type KindName } from '../../../domain/contract/index.js';
import {
  isAbsent,
  type KindDefinition,
  type Operation,
  type ProviderResponse,
} from '../../../domain/provider/index.js';
import { answerWith } from '../../../../test/builders/scripted-session.js';
import { quickbooks } from './index.js';

const definition = (kind: KindName): KindDefinition => {
  const found = quickbooks.kinds[kind];
  if (isAbsent(found)) throw new Error(`${kind} is absent`);
  return found;
};

describe('what can be done with each kind', () => {
  const list: Operation[] = ['create', 'update', 'archive', 'restore'];
  const transaction: Operation[] = ['create', 'update', 'delete'];

  it.each<[KindName, Operation[]]>([
    ['company', []],
    ['account', list],
    ['contact', list],
    ['item', list],
    ['tax_rate', ['create']],
    ['tracking_category', list],
    ['payment_term', list],
    ['invoice', [...transaction, 'void']],
    ['credit_note', transaction],
    ['quote', transaction],
    ['payment', [...transaction, 'void']],
    ['bill', transaction],
    ['vendor_credit', transaction],
    ['bill_payment', [...transaction, 'void']],
    ['purchase_order', transaction],
    ['expense', transaction],
    ['journal_entry', transaction],
    ['transfer', transaction],
  ])('%s: %p', (kind, operations) => {
    expect(definition(kind).operations).toEqual(operations);
  });

  it('is told for every kind, with the reason for what people would miss', () => {
    expect(Object.keys(quickbooks.kinds).sort()).toEqual([...KIND_NAMES].sort());
    expect(definition('contact').impossible.delete).toMatch(/switched off/);
    expect(definition('invoice').impossible.draft).toMatch(/no drafts/);
  });

  it('every kind is noticed by webhook and change feed, or polled', () => {
    for (const kind of KIND_NAMES) {
      const streams = quickbooks.streams.filter(({ kinds }) => kinds.includes(kind)).map(({ name }) => name);
      expect(streams).toEqual([kind === 'company' ? 'company' : kind === 'tax_rate' ? 'taxes' : 'changes']);
      expect(definition(kind).noticedBy).toBe(kind === 'company' || kind === 'tax_rate' ? 'poll' : 'webhook');
    }
  });

  it('only documents trust the vendor’s key, and none beyond a day', () => {
    expect(definition('invoice').recovery.keyWindowMs).toBe(20 * 3_600_000);
    expect(definition('contact').recovery.keyWindowMs).toBeUndefined();
    expect(definition('item').recovery.lookUp).toMatch(/name/);
  });

  it('versions count', () => {
    const { compareVersions } = definition('invoice');
    expect(compareVersions!('9', '10')).toBeLessThan(0);
    expect(compareVersions!('10', '10')).toBe(0);
    expect(compareVersions!('9007199254740993124', '9007199254740993123')).toBeGreaterThan(0);
    expect(definition('tax_rate').compareVersions).toBeUndefined();
  });

  it('a contact has a card for each role', () => {
    const [customer, vendor] = definition('contact').facets!;
    expect([customer!.flag, vendor!.flag]).toEqual(['isCustomer', 'isVendor']);
    expect([customer!.owns('Customer:58'), customer!.owns('Vendor:58'), vendor!.owns('Vendor:58')]).toEqual([
      true,
      false,
      true,
    ]);
    expect(vendor!.lacks).toEqual(['addresses.shipping', 'notes']);
  });
});

describe('what is carried', () => {
  const carries = (kind: KindName, features: Record<string, string> = {}) => definition(kind).carries(features);

  it('follows the company’s features', () => {
    const all = {
      salesTax: 'global',
      classTracking: 'line',
      multicurrency: 'true',
      serviceDates: 'true',
      accountNumbers: 'true',
    };
    for (const path of [
      'lines.taxRate',
      'lines.tracking',
      'lines.tracking.category',
      'exchangeRate',
      'lines.serviceDate',
      'taxMode',
    ]) {
      expect([path, carries('invoice').has(path), carries('invoice', all).has(path)]).toEqual([path, false, true]);
    }
    expect(carries('account').has('code')).toBe(false);
    expect(carries('account', all).has('code')).toBe(true);
    expect(carries('bill', { classTracking: 'transaction' }).has('lines.tracking')).toBe(false);
    expect(carries('purchase_order', { classTracking: 'transaction' }).has('lines.tracking')).toBe(true);
  });

  it('holds what would change the money if it were left out, feature or not', () => {
    for (const path of ['currency', 'discount', 'lines.discountPercent', 'lines.discountAmount']) {
      expect(carries('invoice').has(path)).toBe(true);
    }
  });

  it('leaves out what the vendor has no place for, and what it only shows', () => {
    for (const path of ['reference', 'lines.account', 'total', 'balance', 'paidState'])
      expect(carries('invoice').has(path)).toBe(false);
    expect(carries('company').size).toBe(0);
    expect(carries('contact').has('taxNumber')).toBe(false);
    expect(carries('payment').has('method')).toBe(false);
  });
});

describe('consent', () => {
  const sandbox = Object.fromEntries(
    quickbooks.settings.map(({ name, inSandbox }) => [name, inSandbox.replace('{sandbox}', 'http://127.0.0.1:4000')]),
  );
  const { oauth } = quickbooks;

  it('is asked for at Intuit, whose two environments differ by the host of the API', () => {
    const live = { QUICKBOOKS_ENVIRONMENT: 'production', QUICKBOOKS_BASE_URL: '' };
    expect(quickbooks.baseUrl(live)).toBe('https://quickbooks.api.intuit.com');
    expect(quickbooks.baseUrl({ ...live, QUICKBOOKS_ENVIRONMENT: 'sandbox' })).toBe(
      'https://sandbox-quickbooks.api.intuit.com',
    );
    expect(oauth.authorizationUrl(live)).toBe('https://appcenter.intuit.com/connect/oauth2');
    expect(oauth.tokenUrl(live)).toBe('https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer');
    expect(oauth.revocationUrl(live)).toBe('https://developer.api.intuit.com/v2/oauth2/tokens/revoke');
    expect(oauth.pkce).toBe(false);
  });

  it('is asked for at the sandbox where that stands in', () => {
    expect(quickbooks.baseUrl(sandbox)).toBe('http://127.0.0.1:4000/quickbooks');
    expect(oauth.authorizationUrl(sandbox)).toBe('http://127.0.0.1:4000/quickbooks/connect/oauth2');
    expect(oauth.tokenUrl(sandbox)).toBe('http://127.0.0.1:4000/quickbooks/oauth2/v1/tokens/bearer');
    expect(sandbox).toMatchObject({
      QUICKBOOKS_CLIENT_ID: 'sandbox-client',
      QUICKBOOKS_WEBHOOK_SECRET: 'sandbox-verifier',
    });
  });

  it('brings tokens with both of their ends', () => {
    const body =
      '{"token_type":"bearer","access_token":"a","expires_in":3600,"refresh_token":"r","x_refresh_token_expires_in":8726400,"x_refresh_token_hard_expires_in":157680000}';
    expect(oauth.readTokens(body)).toEqual({
      accessToken: 'a',
      refreshToken: 'r',
      accessExpiresIn: 3600,
      refreshExpiresIn: 8726400,
      grantExpiresIn: 157680000,
    });
    expect(() => oauth.readTokens('{"error":"invalid_grant"}')).toThrow();
    expect(() => oauth.readTokens('<html>')).toThrow();
  });

  it.each([
    [400, '{"error":"invalid_grant","error_description":"Incorrect or invalid refresh token"}', 'revoked'],
    [400, '{"error":"invalid_request"}', 'unavailable'],
    [401, '{"error":"invalid_client"}', 'unavailable'],
    [429, '', 'unavailable'],
    [503, '<html>', 'unavailable'],
  ])('a refresh refused with %i %s means %s', (status, body, meaning) => {
    expect(oauth.refreshRefused(answerWith(body, status) as ProviderResponse)).toBe(meaning);
  });

  it('reaches the company of the callback, if the token reaches it', async () => {
    const gateway = answerWith({ fault: { error: [{ code: '3100', message: 'no' }], type: 'SERVICE' } }, 403);
    const companies = (realmId: string | undefined, answer: ReturnType<typeof answerWith>) =>
      oauth.companies({ query: realmId === undefined ? {} : { realmId }, send: () => Promise.resolve(answer) });
    const info = answerWith({ CompanyInfo: { Id: '1', CompanyName: 'Fern' } });
    expect(await companies('913', info)).toEqual([{ id: '913', name: 'Fern' }]);
    expect(await companies('913', answerWith('', 503))).toEqual([{ id: '913' }]);
    expect(await companies('913', gateway)).toEqual([]);
    expect(await companies('../913', info)).toEqual([]);
    expect(await companies(undefined, info)).toEqual([]);
  });

  it('is revoked by JSON', () => {
    expect(oauth.revocation('r"1')).toEqual({ contentType: 'application/json', body: '{"token":"r\\"1"}' });
  });
});

describe('the line to the vendor', () => {
  it('stays below the vendor’s limits', () => {
    expect(quickbooks.limits.map(({ name, drawnBy, allows }) => [name, drawnBy, allows])).toEqual([
      ['second', 'all', { calls: 8, perMs: 1000 }],
      ['minute', 'all', { calls: 450, perMs: 60_000 }],
      ['batch', 'named', { calls: 36, perMs: 60_000 }],
      ['concurrent', 'all', { concurrent: 8 }],
    ]);
  });

  it('knows the id by which the vendor’s support finds a request', () => {
    expect(quickbooks.requestId(answerWith('', 200, { intuit_tid: '1-abc' }) as ProviderResponse)).toBe('1-abc');
  });
});
