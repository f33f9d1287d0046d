import { SWITCHES } from './switches.ts';
import {
  authorize,
  CA,
  callbackOf,
  Client,
  exchange,
  NEW,
  REDIRECT,
  request,
  startReceiver,
  startSandbox,
  US,
  type Json,
  type TestSandbox,
} from './test-client.ts';

/** Every switch makes the difference it names: the same probe, once as usual and once turned. */

interface Place {
  sandbox: TestSandbox;
  client: Client;
  /** A word nobody has used yet. */
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

const grant = async ({ sandbox }: Place, realms: string[] = [NEW]) => {
  await sandbox.control('POST', '/consent', { mode: 'auto', realms });
  const code = callbackOf(await authorize(sandbox.base)).get('code') ?? '';
  return exchange(sandbox.base, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
};

const refresh = ({ sandbox }: Place, token: unknown, more: Record<string, string> = {}) =>
  exchange(sandbox.base, { grant_type: 'refresh_token', refresh_token: String(token), ...more });

const stranger = ({ sandbox }: Place) => new Client(sandbox.base, US, 'unknown');

const failure = (reply: { status: number; code: string | undefined }) => [reply.status, reply.code];

const changedSince = async ({ client }: Place, what: string, act: () => Promise<unknown>) => {
  const before = await client.read(what);
  await act();
  return JSON.stringify(before) !== JSON.stringify(await client.read(what));
};

const transaction = async ({ client, fresh }: Place, more: object = {}) => ({
  externalId: fresh(),
  date: '2026-03-05',
  description: 'x',
  anchor: { accountId: await client.account('Checking'), amount: '10', direction: 'WITHDRAWAL' },
  lineItems: [{ accountId: await client.account('Office Supplies'), amount: '10', balance: 'DEBIT' }],
  ...more,
});

const post = async (place: Place, more: object = {}) =>
  place.client.mutate(
    'moneyTransactionCreate',
    { businessId: US, ...(await transaction(place, more)) },
    'transaction { id }',
  );

const delivered =
  (
    what: (place: Place) => Promise<unknown>,
    look: (received: { body: string; signature: string } | undefined) => unknown,
  ): Probe =>
  async (place) => {
    const receiver = await startReceiver();
    try {
      await place.sandbox.control('POST', '/webhooks', { url: receiver.url });
      await what(place);
      await place.sandbox.control('POST', '/webhooks/flush');
      const last = receiver.received.at(-1);
      return look(last && { body: last.body, signature: String(last.headers['x-wave-signature']) });
    } finally {
      await place.sandbox.control('POST', '/webhooks', { url: null });
      await receiver.close();
    }
  };

const ROWS: Row[] = [
  [
    'slashlessToken',
    'accept',
    async ({ sandbox }) =>
      (await exchange(sandbox.base, { grant_type: 'refresh_token', refresh_token: 'x' }, '/oauth2/token')).status,
    301,
    400,
  ],
  [
    'codeSeconds',
    600,
    async ({ sandbox }) => {
      const code = callbackOf(await authorize(sandbox.base)).get('code') ?? '';
      await sandbox.control('POST', '/clock', { advanceMs: 120_000 });
      return (await exchange(sandbox.base, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT })).status;
    },
    400,
    200,
  ],
  [
    'basicCredentials',
    true,
    async ({ sandbox }) => {
      const reply = await request(`${sandbox.base}/oauth2/token/`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from('sandbox-client:sandbox-secret').toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x' }),
      });
      return String(reply.json.error);
    },
    'invalid_client',
    'invalid_grant',
  ],
  [
    'invalidClientStatus',
    '400',
    async ({ sandbox }) =>
      (await exchange(sandbox.base, { client_secret: 'guess', grant_type: 'refresh_token' })).status,
    401,
    400,
  ],
  ['businessIdOfSeveral', 'null', async (place) => (await grant(place, [CA, NEW])).json.businessId, undefined, null],
  [
    'refreshTokenDays',
    30,
    async (place) => {
      const { json } = await grant(place);
      await place.sandbox.control('POST', '/clock', { advanceMs: 31 * 86_400_000 });
      return (await refresh(place, json.refresh_token)).status;
    },
    200,
    400,
  ],
  [
    'replayedRefresh',
    'endGrant',
    async (place) => {
      const { json } = await grant(place);
      const next = await refresh(place, json.refresh_token);
      await refresh(place, json.refresh_token);
      return (await refresh(place, next.json.refresh_token)).status;
    },
    200,
    400,
  ],
  [
    'refreshNeeds',
    'redirectUri',
    async (place) => {
      const { json } = await grant(place);
      return (await refresh(place, json.refresh_token)).status;
    },
    200,
    400,
  ],
  [
    'refreshNeeds',
    'scope',
    async (place) => {
      const { json } = await grant(place);
      const plain = await refresh(place, json.refresh_token, { redirect_uri: REDIRECT });
      return plain.status === 200
        ? 200
        : [plain.json.error, (await refresh(place, json.refresh_token, { scope: 'user:read' })).status];
    },
    200,
    ['invalid_scope', 200],
  ],
  [
    'lapsedPlanBody',
    'html',
    async (place) => {
      const { json } = await grant(place);
      await place.sandbox.control('POST', `/business/${NEW}`, { plan: 'starter' });
      const reply = await refresh(place, json.refresh_token);
      await place.sandbox.control('POST', `/business/${NEW}`, { plan: 'pro' });
      return [reply.status, reply.text.startsWith('<html>')];
    },
    [403, false],
    [403, true],
  ],
  [
    'applicationOfFullAccess',
    'application',
    async ({ sandbox }) => {
      const { access_token: token } = await sandbox.control('POST', '/tokens/full-access');
      const { data } = await new Client(sandbox.base, US, String(token)).ask('{ oAuthApplication { clientId } }');
      return data?.oAuthApplication;
    },
    null,
    { clientId: 'sandbox-client' },
  ],
  [
    'errorStatus',
    '200',
    async ({ client }) => failure(await client.ask('{ nothing }')),
    [400, 'GRAPHQL_VALIDATION_FAILED'],
    [200, 'GRAPHQL_VALIDATION_FAILED'],
  ],
  [
    'unauthenticatedStatus',
    '401',
    async (place) => failure(await stranger(place).ask('{ user { id } }')),
    [200, 'UNAUTHENTICATED'],
    [401, 'UNAUTHENTICATED'],
  ],
  [
    'missingScope',
    '403',
    async ({ sandbox }) =>
      failure(
        await (
          await sandbox.connect(US, 'business:read')
        ).ask('{ business { customers { pageInfo { totalCount } } } }'),
      ),
    [200, 'FORBIDDEN'],
    [403, 'FORBIDDEN'],
  ],
  [
    'variableErrorCode',
    'VARIABLE_VALUE',
    async ({ client }) => (await client.ask('query($b: ID!) { business(id: $b) { id } }')).code,
    'BAD_USER_INPUT',
    'VARIABLE_VALUE',
  ],
  [
    'parseErrorCode',
    'GRAPHQL_VALIDATION_FAILED',
    async ({ client }) => (await client.ask('{')).code,
    'GRAPHQL_PARSE_FAILED',
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'stringLiterals',
    'accept',
    async ({ client }) => (await client.ask('{ province(code: "CA-ON") { name } }')).status,
    400,
    200,
  ],
  [
    'stringLiterals',
    'refuseArguments',
    async ({ client }) => {
      const inside = `mutation { customerCreate(input: { businessId: "${US}", name: "x" }) { didSucceed } }`;
      return [(await client.ask(inside)).status, (await client.ask('{ province(code: "CA-ON") { name } }')).status];
    },
    [400, 400],
    [200, 400],
  ],
  [
    'inaccessibleBusiness',
    'null',
    async ({ client }) => client.ask(`{ business(id: "${CA}") { id } }`).then(({ code, data }) => [code, data]),
    ['NOT_FOUND', { business: null }],
    [undefined, { business: null }],
  ],
  [
    'missingChild',
    'null',
    async ({ client }) => (await client.ask('{ business { invoice(id: "x") { id } } }')).code,
    'NOT_FOUND',
    undefined,
  ],
  [
    'unknownReference',
    'NOT_FOUND',
    async ({ client }) => {
      const reply = await client.mutate('invoiceCreate', { businessId: US, customerId: 'x' });
      return reply.code ?? reply.problem?.path;
    },
    ['input', 'customerId'],
    'NOT_FOUND',
  ],
  [
    'inputErrorsOnSuccess',
    'null',
    async ({ client }) => (await client.mutate('customerCreate', { businessId: US, name: 'x' })).payload.inputErrors,
    [],
    null,
  ],
  [
    'pageSizeOverLimit',
    'clip',
    async ({ client }) =>
      (await client.ask('{ business { accounts(pageSize: 500) { pageInfo { totalPages } } } }')).code,
    'BAD_USER_INPUT',
    undefined,
  ],
  [
    'modifiedBounds',
    'inclusive',
    async ({ client }) => {
      const { modifiedAt } = await client.customer();
      return (await client.nodes('customers', 'id', `modifiedAtAfter: "${String(modifiedAt)}"`)).length;
    },
    0,
    1,
  ],
  [
    'timestamps',
    'seconds',
    async ({ client }) =>
      [
        /\.000Z$/.test(String((await client.customer()).modifiedAt)),
        /\.000Z$/.test(String((await client.customer()).modifiedAt)),
      ].every(Boolean),
    false,
    true,
  ],
  [
    'moneySeparators',
    false,
    async ({ client }) => (await client.invoice('1234')).total,
    { value: '1,234.00' },
    { value: '1234.00' },
  ],
  [
    'minorUnits',
    'number',
    async ({ client }) => (await client.invoice('12', {}, 'total { minorUnitValue }')).total,
    { minorUnitValue: '1200' },
    { minorUnitValue: 1200 },
  ],
  [
    'accountNamesUnique',
    true,
    async ({ client }) =>
      (await client.mutate('accountCreate', { businessId: US, subtype: 'EXPENSE', name: 'rent expense' })).didSucceed,
    true,
    false,
  ],
  [
    'customerNamesUnique',
    true,
    async ({ client, fresh }) => {
      const name = fresh();
      await client.customer({ name });
      return (await client.mutate('customerCreate', { businessId: US, name })).didSucceed;
    },
    true,
    false,
  ],
  [
    'addressPatch',
    'merge',
    async ({ client }) => {
      const { id } = await client.customer({ address: { city: 'Here', postalCode: '1' } });
      return (
        await client.save(
          'customerPatch',
          { id, address: { city: 'There' } },
          'customer',
          'address { city postalCode }',
        )
      ).address;
    },
    { city: 'There', postalCode: null },
    { city: 'There', postalCode: '1' },
  ],
  [
    'customerWithInvoices',
    'refuse',
    async ({ client }) => {
      const { id } = await client.customer();
      await client.save('invoiceCreate', { businessId: US, customerId: id }, 'invoice');
      return (await client.mutate('customerDelete', { id })).didSucceed;
    },
    true,
    false,
  ],
  [
    'archiveWithBalance',
    'allow',
    async (place) => {
      const account = await place.client.save(
        'accountCreate',
        { businessId: US, subtype: 'EXPENSE', name: 'Used' },
        'account',
      );
      await post(place, { lineItems: [{ accountId: account.id, amount: '10', balance: 'DEBIT' }] });
      return (await place.client.mutate('accountArchive', { id: account.id })).didSucceed;
    },
    false,
    true,
  ],
  [
    'postingsRaiseSequence',
    true,
    (place) =>
      changedSince(place, 'accounts(subtypes: [EXPENSE], pageSize: 100) { edges { node { sequence } } }', () =>
        post(place),
      ),
    false,
    true,
  ],
  [
    'sameDayRate',
    'refuse',
    async ({ client, fresh }) => {
      const { id } = await client.tax({ abbreviation: fresh() });
      const rates = (rate: string) =>
        client.mutate('salesTaxPatch', { id, rates: [{ effective: '2026-05-01', rate }] });
      await rates('0.2');
      return (await rates('0.3')).didSucceed;
    },
    true,
    false,
  ],
  [
    'invoiceNumbersUnique',
    true,
    async ({ client, fresh }) => {
      const invoiceNumber = fresh();
      await client.invoice('1', { invoiceNumber });
      const { id: customerId } = await client.customer();
      return (await client.mutate('invoiceCreate', { businessId: US, customerId, invoiceNumber })).didSucceed;
    },
    true,
    false,
  ],
  [
    'invoiceCurrency',
    'customer',
    async ({ client }) => {
      const { id: customerId } = await client.customer({ currency: 'EUR' });
      return (await client.save('invoiceCreate', { businessId: US, customerId }, 'invoice', 'currency { code }'))
        .currency;
    },
    { code: 'USD' },
    { code: 'EUR' },
  ],
  [
    'discountPercentage',
    'fraction',
    async ({ client }) =>
      (await client.invoice('1000', { discounts: [{ discountType: 'PERCENTAGE', percentage: '0.1' }] })).total,
    { value: '999.00' },
    { value: '900.00' },
  ],
  [
    'approveAgain',
    'refuse',
    async ({ client }) =>
      (await client.mutate('invoiceApprove', { invoiceId: (await client.invoice('1')).id })).didSucceed,
    true,
    false,
  ],
  [
    'sentInvoicePatch',
    'refuse',
    async ({ client }) => {
      const { id } = await client.invoice('1');
      await client.mutate('invoiceMarkSent', { invoiceId: id, sendMethod: 'GMAIL' });
      return (await client.mutate('invoicePatch', { id, memo: 'x' })).didSucceed;
    },
    true,
    false,
  ],
  [
    'paidInvoicePatch',
    'free',
    async ({ client }) => {
      const { id } = await client.invoice('10');
      await client.pay(id, '5');
      return (await client.mutate('invoicePatch', { id, discounts: [] })).didSucceed;
    },
    false,
    true,
  ],
  [
    'paymentsTouchInvoice',
    false,
    async ({ client }) => {
      const { id, modifiedAt } = await client.invoice('10');
      await client.pay(id, '5');
      return (await client.one('invoice', id, 'modifiedAt')).modifiedAt === modifiedAt;
    },
    false,
    true,
  ],
  [
    'overdueTouchesInvoice',
    true,
    async ({ client }) => {
      const { id, modifiedAt } = await client.invoice('10', { dueDate: '2026-01-01' });
      return (await client.one('invoice', id, 'modifiedAt createdAt')).createdAt === modifiedAt;
    },
    true,
    false,
  ],
  [
    'unpaidAgain',
    'UNPAID',
    async ({ client }) => {
      const { id } = await client.invoice('10');
      await client.mutate('invoicePaymentDelete', { id: (await client.pay(id, '5')).id });
      return (await client.one('invoice', id, 'status')).status;
    },
    'SAVED',
    'UNPAID',
  ],
  [
    'providerPayments',
    'editable',
    async ({ sandbox, client }) => {
      const { id } = await client.invoice('10');
      const payment = await sandbox.control('POST', '/card-payment', { realm: US, id });
      return (await client.mutate('invoicePaymentDelete', { id: payment.id })).didSucceed;
    },
    false,
    true,
  ],
  [
    'pdfLagMs',
    60_000,
    async ({ client }) => (await client.invoice('1', {}, 'pdfUrl')).pdfUrl === (null as unknown),
    false,
    true,
  ],
  [
    'ownersAccountAnchors',
    true,
    async (place) => {
      const accountId = await place.client.account('Shareholder Loan');
      return (await post(place, { anchor: { accountId, amount: '10', direction: 'WITHDRAWAL' } })).didSucceed;
    },
    false,
    true,
  ],
  [
    'duplicateExternalId',
    'repeat',
    async (place) => {
      const externalId = place.fresh();
      const [first, second] = [await post(place, { externalId }), await post(place, { externalId })];
      const { entities } = await place.sandbox.control('GET', `/dump/${US}`);
      const kept = (entities?.Transaction as unknown as Json[]).filter((row) => String(row.externalId) === externalId);
      return [second.didSucceed, second.payload.transaction?.id === first.payload.transaction?.id, kept.length];
    },
    [false, false, 1],
    [true, true, 1],
  ],
  [
    'transactionTaxes',
    'inside',
    async (place) => {
      const tax = await place.client.tax({ abbreviation: place.fresh() });
      const accountId = await place.client.account('Office Supplies');
      const lineItems = [{ accountId, amount: '10', balance: 'DEBIT', taxes: [{ salesTaxId: tax.id, amount: '1' }] }];
      return (await post(place, { lineItems })).didSucceed;
    },
    false,
    true,
  ],
  [
    'bulkCreate',
    'partial',
    async (place) => {
      const transactions = [await transaction(place, { lineItems: [] }), await transaction(place)];
      const reply = await place.client.mutate(
        'moneyTransactionsCreate',
        { businessId: US, transactions },
        'transactions { id }',
      );
      return [reply.didSucceed, (reply.payload.transactions as unknown as Json[] | null)?.map((each) => each !== null)];
    },
    [false, undefined],
    [false, [false, true]],
  ],
  [
    'webhookIds',
    'bare',
    delivered(
      ({ client }) => client.invoice('1'),
      (received) => String((JSON.parse(received?.body ?? '{}') as Json).business_id) === US,
    ),
    true,
    false,
  ],
  [
    'webhookSignature',
    'timestamped',
    delivered(
      ({ client }) => client.invoice('1'),
      (received) => /^t=\d{10},v1=[0-9a-f]{64}$/.test(received?.signature ?? ''),
    ),
    false,
    true,
  ],
  [
    'webhooksNeedGrant',
    false,
    delivered(
      async ({ sandbox, client }) => {
        const invoice = await client.invoice('1', { status: 'DRAFT' });
        await sandbox.control('POST', '/webhooks', { events: ['invoice.approved'] });
        const narrow = await sandbox.connect(US, 'business:read invoice:write');
        await sandbox.control('POST', '/tokens', { action: 'revoke' });
        const last = await sandbox.control('POST', '/tokens/full-access');
        narrow.accessToken = String(last.access_token);
        await narrow.mutate('invoiceApprove', { invoiceId: invoice.id });
      },
      (received) => received !== undefined,
    ),
    false,
    true,
  ],
];

describe('switches', () => {
  let sandbox: TestSandbox;
  let words = 0;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox.close());

  const probed = async (probe: Probe, change: object) => {
    // A probe may end grants or move the clock.
    await sandbox.control('POST', '/reset', { empty: true });
    await sandbox.control('POST', '/limits', { enabled: false });
    const client = await sandbox.connect();
    await sandbox.control('POST', '/switches', change);
    return probe({ sandbox, client, fresh: () => `w${++words}` });
  };

  it.each(ROWS.map(([name, turned, ...rest]) => [`${name}: ${String(turned)}`, name, turned, ...rest] as const))(
    '%s makes a difference',
    async (_title, name, turned, probe, usual, other) => {
      expect(await probed(probe, {})).toEqual(usual);
      expect(await probed(probe, { [name]: turned })).toEqual(other);
    },
  );

  it('are all probed', () => {
    expect(new Set(ROWS.map(([name]) => name))).toEqual(new Set(Object.keys(SWITCHES)));
  });
});
