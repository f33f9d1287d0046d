import {
  authorize,
  billBody,
  callbackOf,
  customerBody,
  exchange,
  HARBOUR,
  invoiceBody,
  openShop,
  paymentBody,
  startSandbox,
  TODAY,
  WIDGETS,
  type Client,
  type Json,
  type Reply,
  type Shop,
  type TestSandbox,
} from './test-client.ts';
import { SWITCHES } from './switches.ts';

/** Each switch, what can be seen while it stands at its default, and what once it is turned. */

interface Place {
  sandbox: TestSandbox;
  client: Client;
  shop: Shop;
  /** A name nobody has yet. */
  fresh(): string;
}

type Probe = (place: Place) => Promise<unknown>;
type Row = [
  name: keyof typeof SWITCHES,
  turned: boolean | number | string,
  probe: Probe,
  usual: unknown,
  other: unknown,
];

const outcome = ({ status, name }: Reply) => name ?? status;
const SERVICE = 'Sale/Invoice/Service';
const sale = ({ client, shop }: Place, more: object = {}) => client.create(SERVICE, invoiceBody(shop, 10, more));
const path = (record: Json, resource = SERVICE) => `${resource}/${String(record.UID)}`;
const categories = async ({ client, fresh }: Place, count: number) => {
  for (let index = 0; index < count; index++) await client.create('GeneralLedger/Category', { DisplayID: fresh() });
};

const ROWS: Row[] = [
  [
    'profile',
    'myob',
    async ({ client }) => [
      'Gateway' in (await client.get('/Info')).json,
      (await client.get('Webhooks/Subscription')).status,
    ],
    [true, 200],
    [false, 404],
  ],
  [
    'transactionUpdate',
    false,
    async (place) => outcome(await place.client.put(path(await sale(place)), {})),
    'SerializationError',
    'OperationNotSupportedByFile',
  ],
  [
    'transactionDelete',
    false,
    async (place) => outcome(await place.client.delete(path(await sale(place)))),
    200,
    'OperationNotSupportedByFile',
  ],
  [
    'transferNative',
    false,
    async ({ client, shop }) => {
      const ToAccount = await client.account('1-1120');
      const made = await client.create('Banking/TransferMoneyTxn', {
        FromAccount: shop.bank,
        ToAccount,
        Date: TODAY,
        Amount: 1,
      });
      const filter = `SourceTransaction/UID eq guid'${String(made.UID)}'`;
      const [posted] = await client.filter('GeneralLedger/JournalTransaction', filter);
      return posted?.SourceTransaction?.TransactionType;
    },
    'TransferMoneyTxn',
    'GeneralJournal',
  ],
  [
    'quirk_401_unknown_path',
    true,
    async ({ client }) => outcome(await client.get('Nowhere')),
    'ResourceNotFound',
    'OAuthTokenIsInvalid',
  ],
  ['quirk_list_wrapped_items', true, async ({ client }) => Array.isArray((await client.get('/')).json), true, false],
  [
    'quirk_empty_company_list',
    true,
    async ({ client }) => ((await client.get('/')).json as unknown as unknown[]).length,
    1,
    0,
  ],
  [
    'regionalUri',
    true,
    async ({ client }) => new URL(String(((await client.get('/')).json as unknown as Json[])[0]?.Uri)).hostname,
    '127.0.0.1',
    'localhost',
  ],
  [
    'foreignNextPage',
    true,
    async ({ client }) =>
      new URL(String((await client.get('GeneralLedger/Account?$top=1')).json.NextPageLink)).hostname,
    '127.0.0.1',
    'ar1.example.net',
  ],
  [
    'expiresIn',
    'number',
    async ({ sandbox }) => {
      const code = callbackOf(await authorize(sandbox.base)).get('code') ?? '';
      return (await exchange(sandbox.base, { code })).json.expires_in;
    },
    '1200',
    1200,
  ],
  [
    'legacyScope',
    false,
    async ({ sandbox }) => callbackOf(await authorize(sandbox.base, { scope: 'CompanyFile' })).get('error'),
    null,
    'invalid_scope',
  ],
  [
    'refreshTokenDays',
    30,
    async ({ sandbox }) => {
      const { refreshToken } = await sandbox.connect();
      await sandbox.control('POST', '/clock', { advanceMs: 10 * 86_400_000 });
      const reply = await exchange(sandbox.base, { grant_type: 'refresh_token', refresh_token: refreshToken });
      await sandbox.control('POST', '/clock', { reset: true });
      return reply.status;
    },
    400,
    200,
  ],
  [
    'accessDeniedBody',
    'unwrapped',
    async ({ client }) => Object.keys((await client.get(`/${HARBOUR}/Company`)).json),
    ['Errors', 'Information'],
    ['Message', 'ErrorCode'],
  ],
  [
    'deletedAnswers',
    '410',
    async (place) => {
      const made = await sale(place);
      await place.client.delete(path(made));
      return (await place.client.get(path(made))).status;
    },
    404,
    410,
  ],
  ['listCount', false, async ({ client }) => (await client.get('GeneralLedger/Job')).json.Count, 3, null],
  [
    'topOverMaximum',
    'error',
    async ({ client }) => outcome(await client.get('GeneralLedger/Account?$top=1001')),
    200,
    'InvalidQuery',
  ],
  [
    'orderByKeys',
    'one',
    async ({ client }) => outcome(await client.get('GeneralLedger/Account?$orderby=Name,Number')),
    200,
    'InvalidQuery',
  ],
  [
    'filterNotEqual',
    false,
    async ({ client }) => outcome(await client.get("GeneralLedger/Account?$filter=Name ne 'x'")),
    200,
    'InvalidQuery',
  ],
  [
    'unknownFilterField',
    'ignore',
    async ({ client }) => outcome(await client.get("GeneralLedger/Account?$filter=Nope eq 'x'")),
    'InvalidQuery',
    200,
  ],
  [
    'memoFilters',
    false,
    async ({ client }) => outcome(await client.get(`${SERVICE}?$filter=substringof('x',JournalMemo)`)),
    200,
    'InvalidQuery',
  ],
  [
    'lastModifiedOf',
    'transactions',
    async ({ client, shop }) =>
      (await client.read('Contact/Customer', shop.customer.UID)).LastModified === ('0001-01-01T00:00:00' as never),
    false,
    true,
  ],
  [
    'lastModifiedOffsetMinutes',
    600,
    async (place) => {
      const { Created, LastModified } = await sale(place);
      const found = await place.client.filter(SERVICE, `LastModified ge datetime'${String(LastModified)}'`);
      const ahead = Date.parse(`${String(LastModified)}Z`) - Date.parse(`${String(Created)}Z`);
      return [Math.round(ahead / 60_000), found.length > 0];
    },
    [0, true],
    [600, true],
  ],
  [
    'lastModifiedPrecision',
    's',
    async (place) => {
      for (let turn = 0; turn < 5; turn++) {
        const { LastModified } = await sale(place);
        const isWhole = String(LastModified).endsWith('.000');
        const found = await place.client.filter(SERVICE, `LastModified ge datetime'${String(LastModified)}'`);
        expect(found.length).toBeGreaterThan(0);
        if (!isWhole) return 'ms';
      }
      return 's';
    },
    'ms',
    's',
  ],
  [
    'putOmitted',
    'keep',
    async (place) => {
      const { Comment: _omitted, ...rest } = await sale(place, { Comment: 'Stay' });
      return (await place.client.change(SERVICE, rest, {})).Comment;
    },
    null,
    'Stay',
  ],
  [
    'deleteIfMatch',
    false,
    async (place) => (await place.client.delete(path(await sale(place)), { 'if-match': '"1"' })).status,
    409,
    200,
  ],
  [
    'lineVersions',
    'line',
    async (place) => {
      const made = await sale(place);
      const after = await place.client.change(SERVICE, made, { Comment: 'x' });
      const version = (of: Json) => (of.Lines as unknown as Json[])[0]?.RowVersion;
      return version(made) === version(after);
    },
    false,
    true,
  ],
  [
    'lockPeriodError',
    'BusinessEvent_DateOccured_InLockPeriod',
    async ({ sandbox, client, shop }) => {
      await sandbox.control('POST', `/preferences/${WIDGETS}`, { 'System.LockPeriodPriorTo': '2026-06-01' });
      const reply = await client.post(SERVICE, invoiceBody(shop, 1, { Date: '2026-05-01' }));
      await sandbox.control('POST', `/preferences/${WIDGETS}`, { 'System.LockPeriodPriorTo': null });
      return reply.name;
    },
    'DateInLockPeriod',
    'BusinessEvent_DateOccured_InLockPeriod',
  ],
  [
    'prepaidSpelling',
    'PrePaid',
    async (place) => (await sale(place, { Terms: { PaymentIsDue: 'Prepaid' } })).Terms?.PaymentIsDue,
    'Prepaid',
    'PrePaid',
  ],
  [
    'paymentMethods',
    'Check',
    async (place) => {
      const made = await sale(place);
      return outcome(
        await place.client.post('Sale/CustomerPayment', paymentBody(place.shop, made, 1, { PaymentMethod: 'Cheque' })),
      );
    },
    201,
    'NotFound',
  ],
  [
    'documentNumberLength',
    8,
    async ({ client, shop, fresh }) =>
      outcome(await client.post(SERVICE, invoiceBody(shop, 1, { Number: `${fresh()}-1234567` }))),
    201,
    'FieldTooLong',
  ],
  [
    'taxCodeLength',
    3,
    async ({ client, fresh }) =>
      outcome(await client.post('GeneralLedger/TaxCode', { Code: `T${fresh()}Z`, Type: 'SalesTax' })),
    201,
    'FieldTooLong',
  ],
  [
    'itemTextLength',
    10,
    async ({ client, fresh }) => outcome(await client.post('Inventory/Item', { Number: `${fresh()}-12345678` })),
    201,
    'FieldTooLong',
  ],
  [
    'memoLength',
    20,
    async ({ client, shop }) =>
      outcome(await client.post(SERVICE, invoiceBody(shop, 1, { JournalMemo: 'x'.repeat(100) }))),
    201,
    'FieldTooLong',
  ],
  [
    'itemLinesWithoutItem',
    false,
    async ({ client, shop }) => {
      const Lines = [{ Account: shop.sales, ShipQuantity: 1, UnitPrice: 1, TaxCode: shop.free }];
      return outcome(await client.post('Sale/Invoice/Item', invoiceBody(shop, 0, { Lines })));
    },
    201,
    'Required',
  ],
  [
    'consolidatedTaxOnLines',
    false,
    async ({ client, shop }) => {
      const Lines = [{ Account: shop.sales, Total: 1, TaxCode: await client.tax('CNTY') }];
      return outcome(await client.post(SERVICE, invoiceBody(shop, 0, { Lines })));
    },
    201,
    'ConsolidatedTaxCode',
  ],
  [
    'inactiveReferences',
    false,
    async ({ client, shop, fresh }) => {
      const { UID } = await client.create('Contact/Customer', customerBody(fresh(), shop.tax, { IsActive: false }));
      return outcome(await client.post(SERVICE, invoiceBody(shop, 1, { Customer: { UID } })));
    },
    201,
    'NotFound',
  ],
  [
    'paidDocumentMemo',
    false,
    async (place) => {
      const made = await sale(place);
      await place.client.create('Sale/CustomerPayment', paymentBody(place.shop, made, 1));
      const current = await place.client.read(SERVICE, made.UID);
      return outcome(await place.client.put(path(made), { ...current, Comment: 'x' }));
    },
    200,
    'InvoicePaid',
  ],
  [
    'foreignUpdate',
    '405',
    async ({ sandbox, client, shop }) => {
      const made = await client.create(SERVICE, invoiceBody(shop, 10));
      const currency = await client.linkTo('GeneralLedger/Currency', "Code eq 'USD'");
      const members = { ForeignCurrency: currency, CurrencyExchangeRate: 1.5 };
      await sandbox.control('POST', '/edit', { realm: WIDGETS, id: made.UID, members });
      return (await client.put(path(made), await client.read(SERVICE, made.UID))).status;
    },
    400,
    405,
  ],
  [
    'gzip',
    false,
    async ({ client }) => (await client.get('GeneralLedger/Account')).headers.get('content-encoding'),
    'gzip',
    null,
  ],
];

describe('the switches', () => {
  let place: Place;

  beforeAll(async () => {
    const sandbox = await startSandbox();
    const client = await sandbox.connect();
    let names = 0;
    place = { sandbox, client, shop: await openShop(client), fresh: () => `N${++names}` };
    await categories(place, 2);
    await client.create('Purchase/Bill/Service', billBody(place.shop, 1));
  });
  afterAll(() => place.sandbox.close());

  it('have a row each', () => {
    expect(ROWS.map(([name]) => name).sort()).toEqual(Object.keys(SWITCHES).sort());
  });

  it.each(ROWS)('%s = %s makes a difference', async (name, turned, probe, usual, other) => {
    const set = (value: unknown) => place.sandbox.control('POST', '/switches', { [name]: value });
    // Tokens of before may have run out when a probe moved the clock.
    place.client = await place.sandbox.connect();
    expect(await probe(place)).toEqual(usual);
    await set(turned);
    try {
      expect(await probe(place)).toEqual(other);
    } finally {
      await set(SWITCHES[name].initial);
    }
  });

  it('under the profile of the cloud API there is no rotation and If-Match counts for nothing', async () => {
    const client = await place.sandbox.connect();
    await place.sandbox.control('POST', '/switches', { profile: 'myob' });
    await place.sandbox.control('POST', '/tokens', { action: 'rotate' });
    const reply = await client.get('Company');
    expect([reply.status, reply.headers.get('x-accountedge-access-token')]).toEqual([200, null]);
    const made = await client.create(SERVICE, invoiceBody(place.shop, 1));
    expect((await client.delete(path(made), { 'if-match': '"1"' })).status).toBe(200);
    await place.sandbox.control('POST', '/switches', { profile: 'gateway' });
  });

  it('a regional address works as well as the one that was asked', async () => {
    await place.sandbox.control('POST', '/switches', { regionalUri: true });
    const client = await place.sandbox.connect();
    const [file] = (await client.get('/')).json as unknown as Json[];
    const headers = { authorization: `Bearer ${client.accessToken}`, 'x-myobapi-key': 'sandbox-client' };
    expect((await fetch(`${String(file?.Uri)}/Company`, { headers })).status).toBe(200);
    await place.sandbox.control('POST', '/switches', { regionalUri: false });
  });

  it.each([
    [{ nothing: true }, 'there is no switch "nothing"'],
    [{ gzip: 'yes' }, 'must be a boolean'],
    [{ profile: 'other' }, 'one of gateway, myob'],
  ])('refuses %j and sets none of it', async (body, words) => {
    const response = await fetch(`${place.sandbox.base}/_control/switches`, {
      method: 'POST',
      body: JSON.stringify({ listCount: false, ...body }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ field: 'switches', error: expect.stringContaining(words) });
    expect(place.sandbox.gateway.switches.listCount).toBe(true);
  });
});
