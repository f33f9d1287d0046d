import { SWITCHES } from './switches.ts';
import {
  costLine,
  itemLine,
  startReceiver,
  startSandbox,
  UK,
  US,
  type Client,
  type Json,
  type TestSandbox,
} from './test-client.ts';

/** Each switch, what can be seen while it stands at its default, and what once it is turned. */

const list = (value: Json | undefined) => (value ?? []) as unknown as Json[];

interface Place {
  sandbox: TestSandbox;
  us: Client;
  uk: Client;
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

const outcome = (reply: { status: number; code: string | undefined }) => reply.code ?? reply.status;
const buyer = async ({ us, fresh }: Place) => ({ value: (await us.save('Customer', { DisplayName: fresh() })).Id });
const sale = async (place: Place, more: object = {}) =>
  place.us.save('Invoice', { CustomerRef: await buyer(place), Line: [itemLine('2', 1, 10)], ...more });
const rent = (client: Client) => client.idOf('Account', 'Rent');
const settles = (TxnType: string, TxnId: unknown, Amount: number) => ({ Amount, LinkedTxn: [{ TxnId, TxnType }] });
const sparse = (object: Json, change: object) => ({
  Id: object.Id,
  SyncToken: object.SyncToken,
  sparse: true,
  ...change,
});

const deactivated: Probe = async ({ us, fresh }) => {
  const made = await us.save('Customer', { DisplayName: fresh() });
  return us.save('Customer', sparse(made, { Active: false }));
};

/** A second request with the same requestid. */
const repeated =
  (first: object, second: object, what: (reply: Json, again: Json) => unknown): Probe =>
  async ({ us, fresh }) => {
    const id = fresh().replaceAll(' ', '-');
    const one = await us.post(`term?requestid=${id}`, first);
    const two = await us.post(`term?requestid=${id}`, second);
    return what({ text: one.text } as never, { text: two.text, code: two.code } as never);
  };

const eventsOf = (what: Probe, prepare?: (place: Place) => Promise<unknown>): Probe => {
  return async (place) => {
    const receiver = await startReceiver();
    try {
      await prepare?.(place);
      await place.sandbox.control('POST', '/webhooks', { url: receiver.url, windowMs: 60_000 });
      await what(place);
      await place.sandbox.control('POST', '/webhooks/flush');
      return receiver.received.flatMap(({ body }) =>
        [...body.matchAll(/"operation":"(\w+)"/g)].map((match) => match[1]),
      );
    } finally {
      await place.sandbox.control('POST', '/webhooks', { url: null });
      await receiver.close();
    }
  };
};

const merged = async ({ sandbox, us, fresh }: Place) => {
  const [winner, loser] = [
    await us.save('Customer', { DisplayName: fresh() }),
    await us.save('Customer', { DisplayName: fresh() }),
  ];
  const invoice = await us.save('Invoice', { CustomerRef: { value: loser.Id }, Line: [itemLine('2', 1, 1)] });
  await sandbox.control('POST', '/merge', { realm: US, entity: 'Customer', winner: winner.Id, loser: loser.Id });
  return { invoice, loser };
};

const numbered = async (place: Place, more: object, entity = 'Invoice') =>
  place.us.post(entity.toLowerCase(), { CustomerRef: await buyer(place), Line: [itemLine('2', 1, 1)], ...more });

const ROWS: Row[] = [
  [
    'requestIdMemoryHours',
    0,
    repeated({ Name: 'M1', DueDays: 1 }, { Name: 'M1', DueDays: 1 }, (_, again) => again.code),
    undefined,
    '6240',
  ],
  [
    'requestIdForNames',
    false,
    repeated({ Name: 'M2', DueDays: 1 }, { Name: 'M2', DueDays: 1 }, (_, again) => again.code),
    undefined,
    '6240',
  ],
  [
    'requestIdConflict',
    '600',
    repeated({ Name: 'M3', DueDays: 1 }, { Name: 'M3', DueDays: 2 }, (_, again) => again.code),
    undefined,
    '600',
  ],
  [
    'requestIdRemembersFaults',
    false,
    repeated({ Name: 'M4' }, { Name: 'M4', DueDays: 1 }, (_, again) => again.code),
    '2020',
    undefined,
  ],
  [
    'featureOff',
    '5030',
    async (place) => {
      const made = await numbered(place, {
        ClassRef: { value: (await place.us.save('Class', { Name: place.fresh() })).Id },
      });
      return made.code ?? made.json.Invoice?.ClassRef;
    },
    undefined,
    '5030',
  ],
  [
    'indexLagMs',
    60_000,
    async ({ us, fresh }) => {
      const DisplayName = fresh();
      await us.save('Customer', { DisplayName });
      return (await us.rows('Customer', `select * from Customer where DisplayName = '${DisplayName}'`)).length;
    },
    1,
    0,
  ],
  [
    'maxResultsOverCap',
    'error',
    async ({ us }) => outcome(await us.query('select * from Term maxresults 1001')),
    200,
    '4001',
  ],
  [
    'filters',
    'lenient',
    async ({ us }) => outcome(await us.query("select * from Invoice where PrivateNote = 'x'")),
    '4001',
    200,
  ],
  [
    'textComparison',
    'anyCase',
    async ({ us }) => (await us.rows('Term', "select * from Term where Name = 'NET 30'")).length,
    0,
    1,
  ],
  ['entityNameCase', 'exact', async ({ us }) => outcome(await us.query('select * from term')), 200, '4001'],
  [
    'idOrder',
    'text',
    async ({ us }) => (await us.rows('Account', 'select * from Account orderby Id maxresults 2')).map((row) => row.Id),
    ['1', '2'],
    ['1', '10'],
  ],
  [
    'totalCountOnSmallPages',
    true,
    async ({ us }) => (await us.query("select * from Term where Name = 'Net 30'")).json.QueryResponse?.totalCount,
    undefined,
    1,
  ],
  [
    'batchResponseShuffled',
    true,
    async ({ us }) => {
      const BatchItemRequest = Array.from({ length: 20 }, (_, index) => ({
        bId: `${index}`,
        Query: 'select count(*) from Term',
      }));
      const reply = await us.post('batch', { BatchItemRequest });
      return list(reply.json.BatchItemResponse).every((item, index) => Number(item.bId) === index);
    },
    true,
    false,
  ],
  [
    'batchMetering',
    'items',
    async ({ sandbox, us }) => {
      await sandbox.control('DELETE', '/stats');
      await us.post('batch', {
        BatchItemRequest: [
          { bId: '1', Query: 'select * from Term' },
          { bId: '2', Query: 'select * from Term' },
        ],
      });
      const { realms } = await sandbox.control('GET', '/stats');
      return [realms?.[US]?.core, realms?.[US]?.corePlus];
    },
    [1, 0],
    [0, 2],
  ],
  [
    'reactivationKeepsSuffix',
    true,
    async (place) => {
      const off = (await deactivated(place)) as Json;
      return String((await place.us.save('Customer', sparse(off, { Active: true }))).DisplayName).endsWith('(deleted)');
    },
    false,
    true,
  ],
  [
    'overApplication',
    'unapplied',
    async (place) => {
      const made = await sale(place);
      const body = { CustomerRef: made.CustomerRef, TotalAmt: 15, Line: [settles('Invoice', made.Id, 15)] };
      const reply = await place.us.post('payment', body);
      return reply.code ?? reply.json.Payment?.UnappliedAmt;
    },
    '6000',
    5,
  ],
  ['longIds', true, async (place) => String((await buyer(place)).value).length > 10, false, true],
  [
    'journalUnbalanced',
    '6000',
    async ({ us }) => {
      const AccountRef = { value: await rent(us) };
      const line = (PostingType: string, Amount: number) => ({
        DetailType: 'JournalEntryLineDetail',
        Amount,
        JournalEntryLineDetail: { PostingType, AccountRef },
      });
      return outcome(await us.post('journalentry', { Line: [line('Debit', 1), line('Credit', 2)] }));
    },
    '2300',
    '6000',
  ],
  [
    'journalSingleControlLine',
    false,
    async (place) => {
      const AccountRef = { value: await place.us.idOf('Account', 'Accounts Receivable (A/R)') };
      const line = async (PostingType: string) => ({
        DetailType: 'JournalEntryLineDetail',
        Amount: 1,
        JournalEntryLineDetail: {
          PostingType,
          AccountRef,
          Entity: { Type: 'Customer', EntityRef: await buyer(place) },
        },
      });
      return outcome(await place.us.post('journalentry', { Line: [await line('Debit'), await line('Credit')] }));
    },
    '6000',
    200,
  ],
  [
    'missingSyncToken',
    '5010',
    async (place) =>
      outcome(await place.us.post('customer', { Id: (await buyer(place)).value, sparse: true, Notes: 'x' })),
    '2020',
    '5010',
  ],
  [
    'noopUpdateBumps',
    false,
    async (place) =>
      (await place.us.save('Invoice', sparse(await sale(place, { PrivateNote: 'n' }), { PrivateNote: 'n' }))).SyncToken,
    '1',
    '0',
  ],
  [
    'nullIsAbsentInSparse',
    false,
    async (place) =>
      (await place.us.save('Invoice', sparse(await sale(place, { PrivateNote: 'n' }), { PrivateNote: null })))
        .PrivateNote,
    'n',
    undefined,
  ],
  [
    'sparseRequiresRefs',
    true,
    async (place) => outcome(await place.us.post('invoice', sparse(await sale(place), { PrivateNote: 'x' }))),
    200,
    '2020',
  ],
  [
    'estimateStatusOnInvoice',
    'Converted',
    async (place) => {
      const body = { CustomerRef: await buyer(place), Line: [itemLine('2', 1, 1)] };
      const quote = await place.us.save('Estimate', body);
      await place.us.save('Invoice', { ...body, LinkedTxn: [{ TxnId: quote.Id, TxnType: 'Estimate' }] });
      return (await place.us.read('Estimate', quote.Id)).TxnStatus;
    },
    'Closed',
    'Converted',
  ],
  [
    'lineWithoutItem',
    'services',
    async (place) =>
      (await sale(place, { Line: [{ DetailType: 'SalesItemLineDetail', Amount: 7, SalesItemLineDetail: {} }] }))
        .TotalAmt,
    0,
    7,
  ],
  [
    'taxInclusiveInput',
    'gross',
    async ({ uk, fresh }) => {
      const CustomerRef = { value: (await uk.save('Customer', { DisplayName: fresh() })).Id };
      const TaxCodeRef = { value: await uk.idOf('TaxCode', '20.0% S') };
      const body = { CustomerRef, GlobalTaxCalculation: 'TaxInclusive', Line: [itemLine('2', 1, 120, { TaxCodeRef })] };
      return (await uk.save('Invoice', body)).TotalAmt;
    },
    144,
    120,
  ],
  [
    'documentNumberScope',
    'family',
    async (place) => {
      await place.sandbox.control('POST', `/preferences/${US}`, { 'SalesFormsPrefs.CustomTxnNumbers': true });
      const DocNumber = place.fresh();
      await numbered(place, { DocNumber });
      const reply = await numbered(place, { DocNumber }, 'Estimate');
      await place.sandbox.control('POST', `/preferences/${US}`, { 'SalesFormsPrefs.CustomTxnNumbers': false });
      return outcome(reply);
    },
    200,
    '6140',
  ],
  [
    'billNumberScope',
    'company',
    async ({ us, fresh }) => {
      const [DocNumber, account] = [fresh(), await rent(us)];
      const bill = async () => ({
        VendorRef: { value: (await us.save('Vendor', { DisplayName: fresh() })).Id },
        DocNumber,
        Line: [costLine(account, 1)],
      });
      await us.save('Bill', await bill());
      return outcome(await us.post('bill', await bill()));
    },
    200,
    '6140',
  ],
  [
    'autoNumberReplacesSent',
    true,
    async (place) => (await sale(place, { DocNumber: 'sent' })).DocNumber === ('sent' as never),
    true,
    false,
  ],
  [
    'deactivateWithBalance',
    'allow',
    async (place) => {
      const made = await sale(place);
      const owner = await place.us.read('Customer', made.CustomerRef?.value);
      return outcome(await place.us.post('customer', sparse(owner, { Active: false })));
    },
    '6000',
    200,
  ],
  ['inactivationEvent', 'Update', eventsOf(deactivated), ['Create', 'Delete'], ['Create', 'Update']],
  [
    'mergedShownAs',
    'inactive',
    async (place) => outcome(await place.us.get(`customer/${String((await merged(place)).loser.Id)}`)),
    '610',
    200,
  ],
  [
    'mergeTouchesTransactions',
    false,
    async (place) => (await place.us.read('Invoice', (await merged(place)).invoice.Id)).SyncToken,
    '1',
    '0',
  ],
  [
    'quantityOnUpdate',
    'reject',
    async ({ us, fresh }) => {
      const account = async (name: string) => ({ value: await us.idOf('Account', name) });
      const made = await us.save('Item', {
        Name: fresh(),
        Type: 'Inventory',
        TrackQtyOnHand: true,
        QtyOnHand: 1,
        InvStartDate: '2026-01-01',
        IncomeAccountRef: await account('Sales of Product Income'),
        ExpenseAccountRef: await account('Cost of Goods Sold'),
        AssetAccountRef: await account('Inventory Asset'),
      });
      return outcome(await us.post('item', sparse(made, { QtyOnHand: 2 })));
    },
    200,
    '6000',
  ],
  [
    'voidAgain',
    '6000',
    async (place) => {
      const made = await sale(place);
      await place.us.post('invoice?operation=void', { Id: made.Id, SyncToken: '0' });
      return outcome(await place.us.post('invoice?operation=void', { Id: made.Id, SyncToken: '1' }));
    },
    200,
    '6000',
  ],
  [
    'billPaymentCardLink',
    'BillPaymentCheck',
    async ({ us, fresh }) => {
      const VendorRef = { value: (await us.save('Vendor', { DisplayName: fresh() })).Id };
      const bill = await us.save('Bill', { VendorRef, Line: [costLine(await rent(us), 4)] });
      const CreditCardPayment = { CCAccountRef: { value: await us.idOf('Account', 'Visa') } };
      await us.save('BillPayment', {
        VendorRef,
        PayType: 'CreditCard',
        TotalAmt: 4,
        CreditCardPayment,
        Line: [settles('Bill', bill.Id, 4)],
      });
      return list((await us.read('Bill', bill.Id)).LinkedTxn)[0]?.TxnType;
    },
    'BillPaymentCreditCard',
    'BillPaymentCheck',
  ],
  [
    'cdcCompany',
    false,
    async ({ us }) => outcome(await us.get(`cdc?entities=Preferences&changedSince=${new Date().toISOString()}`)),
    200,
    '4001',
  ],
  [
    'characterSet',
    'lenient',
    async ({ us }) => outcome(await us.post('customer', { DisplayName: 'Łódź' })),
    '2090',
    200,
  ],
  [
    'todayZone',
    'utc',
    async (place) => {
      await place.sandbox.control('POST', '/clock', { now: '2027-03-01T05:00:00Z' });
      const made = await sale({ ...place, us: await place.sandbox.connect(US) });
      await place.sandbox.control('POST', '/clock', { reset: true });
      return made.TxnDate;
    },
    '2027-02-28',
    '2027-03-01',
  ],
  [
    'disconnectAnswers',
    '401',
    async ({ sandbox }) => {
      const own = await sandbox.connect(US);
      await sandbox.control('POST', '/tokens', { action: 'revoke', realm: US });
      return (await own.get('preferences')).status;
    },
    403,
    401,
  ],
  [
    'authFailureEnvelope',
    'xml',
    async ({ us }) => (await us.call('GET', 'preferences', undefined, { authorization: '' })).text.startsWith('<?xml'),
    false,
    true,
  ],
  [
    'refreshMinimumIntervalMs',
    60_000,
    async ({ sandbox, us }) =>
      (
        await fetch(`${sandbox.base}/oauth2/v1/tokens/bearer`, {
          method: 'POST',
          headers: {
            authorization: `Basic ${Buffer.from('sandbox-client:sandbox-secret').toString('base64')}`,
            'content-type': 'application/x-www-form-urlencoded',
          },
          body: `grant_type=refresh_token&refresh_token=${us.refreshToken}`,
        })
      ).status,
    200,
    400,
  ],
  [
    'companyStatusHttp',
    '400',
    async ({ sandbox, us }) => {
      await sandbox.control('POST', '/faults', { rules: [{ fault: '6190', times: 1 }] });
      return (await us.get('preferences')).status;
    },
    403,
    400,
  ],
  [
    'webhooksNeedGrant',
    false,
    eventsOf(
      ({ sandbox, fresh }) =>
        sandbox.control('POST', '/bulk', { realm: US, entity: 'Customer', objects: [{ DisplayName: fresh() }] }),
      ({ sandbox }) => sandbox.control('POST', '/tokens', { action: 'revoke' }),
    ),
    [],
    ['Create'],
  ],
  [
    'gzip',
    false,
    async ({ us }) => (await us.query('select * from Account maxresults 1000')).headers.get('content-encoding'),
    'gzip',
    null,
  ],
];

describe('switches', () => {
  let place: Place;
  let count = 0;

  beforeEach(async () => {
    const sandbox = await startSandbox();
    const [us, uk] = [await sandbox.connect(US), await sandbox.connect(UK)];
    place = { sandbox, us, uk, fresh: () => `Fresh ${++count}` };
    await sandbox.control('POST', `/preferences/${US}`, { 'AccountingInfoPrefs.ClassTrackingPerTxnLine': true });
  });
  afterEach(() => place.sandbox.close());

  it('are all in the table below', () => {
    expect(ROWS.map(([name]) => name).sort()).toEqual(Object.keys(SWITCHES).sort());
  });

  it.each(ROWS)('%s makes a difference at %s', async (name, turned, probe, usual, other) => {
    expect(await probe(place)).toEqual(usual);
    await place.sandbox.control('POST', '/reset', { empty: true });
    await place.sandbox.control('POST', '/limits', { enabled: false });
    await place.sandbox.control('POST', '/switches', { [name]: turned });
    place.us = await place.sandbox.connect(US);
    place.uk = await place.sandbox.connect(UK);
    expect(await probe(place)).toEqual(other);
  });
});
