import {
  bill,
  cost,
  invoice,
  line,
  messagesOf,
  msOf,
  payment,
  rowsOf,
  startSandbox,
  type Client,
  type Json,
  type TestSandbox,
} from './test-client.ts';

const PAID_EDIT = 'This document cannot be edited as it has a payment or credit note allocated to it.';
const BAD_STATUS = 'Invoice not of valid status for modification';

const linesOf = (document: Json): Json[] => document.LineItems as unknown as Json[];
const idsOf = (document: Json) => linesOf(document).map((each) => each.LineItemID);
const wait = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('what the books allow (sheet 9.2, Semantics)', () => {
  let sandbox: TestSandbox;
  let client: Client;
  let count = 0;

  beforeAll(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
  });
  afterAll(() => sandbox.close());

  const fresh = (name: string) => `${name} ${++count}`;
  const contact = (more: object = {}) => client.make('Contacts', { Name: fresh('Contact'), ...more });
  const ref = (made: Json) => ({ Contact: { ContactID: made.ContactID } });
  const read = (document: Json) => client.read(`Invoices/${String(document.InvoiceID)}`);
  const change = (document: Json, body: object) => client.change(`Invoices/${String(document.InvoiceID)}`, body);
  const refusals = async (method: 'PUT' | 'POST', path: string, body: object): Promise<string[]> => {
    const reply = await client.call(method, path, body);
    if (reply.status !== 400) throw new Error(`${path} was not refused: ${reply.status} ${reply.text}`);
    return messagesOf(reply.json.Elements);
  };
  const changeRefused = (document: Json, body: object) =>
    refusals('POST', `Invoices/${String(document.InvoiceID)}`, body);
  const paid = async (more: object = {}, part = 24.15) => {
    const made = await client.make('Invoices', invoice(more));
    await client.make('Payments', payment(made, part));
    return made;
  };

  describe('14. statuses of invoices', () => {
    const reach: Record<string, (made: Json) => Promise<unknown>> = {
      DRAFT: () => Promise.resolve(),
      SUBMITTED: (made) => change(made, { Status: 'SUBMITTED' }),
      AUTHORISED: (made) => change(made, { Status: 'AUTHORISED' }),
      VOIDED: (made) => change(made, { Status: 'AUTHORISED' }).then(() => change(made, { Status: 'VOIDED' })),
      DELETED: (made) => change(made, { Status: 'DELETED' }),
    };
    const allowed: [string, string[]][] = [
      ['DRAFT', ['DRAFT', 'SUBMITTED', 'AUTHORISED', 'DELETED']],
      ['SUBMITTED', ['DRAFT', 'SUBMITTED', 'AUTHORISED', 'DELETED']],
      ['AUTHORISED', ['AUTHORISED', 'VOIDED']],
      ['VOIDED', []],
      ['DELETED', []],
    ];
    const moves = allowed.flatMap(([from, to]) =>
      ['DRAFT', 'SUBMITTED', 'AUTHORISED', 'PAID', 'VOIDED', 'DELETED'].map(
        (status) => [from, status, to.includes(status)] as const,
      ),
    );

    it.each(moves)('from %s to %s: %s', async (from, to, isAllowed) => {
      const made = await client.make('Invoices', invoice({ Status: 'DRAFT' }));
      await reach[from]?.(made);
      const reply = await client.post(`Invoices/${String(made.InvoiceID)}`, { Status: to });
      expect([reply.status, (await read(made)).Status]).toEqual([isAllowed ? 200 : 400, isAllowed ? to : from]);
      if (!isAllowed) expect(messagesOf(reply.json)).toContain(BAD_STATUS);
    });

    it.each(['PAID', 'VOIDED', 'DELETED'])('none is made %s', async (Status) => {
      expect(await refusals('PUT', 'Invoices', invoice({ Status }))).toEqual([BAD_STATUS]);
    });

    it('DRAFT is what a new one gets, and tolerates lines without account', async () => {
      const made = await client.make(
        'Invoices',
        invoice({ Status: undefined, LineItems: [line({ AccountCode: undefined })] }),
      );
      expect(made).toMatchObject({ Status: 'DRAFT' });
      expect(await changeRefused(made, { Status: 'AUTHORISED' })).toContain('Account code must be specified.');
    });

    it.each<[string, object, string]>([
      ['no lines', { LineItems: [] }, 'One or more line items must be specified'],
      [
        'an unknown account',
        { LineItems: [line({ AccountCode: '9999' })] },
        "Account code '9999' is not a valid code for this document.",
      ],
      [
        'the receivables account',
        { LineItems: [line({ AccountCode: '610' })] },
        "Account code '610' is not a valid code for this document.",
      ],
      [
        'a bank account',
        { LineItems: [line({ AccountCode: '090' })] },
        "Account code '090' is not a valid code for this document.",
      ],
      [
        'an unknown tax',
        { LineItems: [line({ TaxType: 'TAX999' })] },
        "The TaxType code 'TAX999' does not exist or cannot be used here.",
      ],
      [
        'a tax that the account does not take',
        { LineItems: [line({ TaxType: 'INPUT2' })] },
        "The TaxType code 'INPUT2' cannot be used with account code '200'.",
      ],
      ['no due date', { DueDate: undefined }, 'Due Date must be specified for an approved document.'],
      ['no contact', { Contact: undefined }, 'A Contact must be specified for this type of transaction.'],
      ['another currency', { CurrencyCode: 'JPY' }, 'Organisation is not subscribed to currency JPY'],
      ['a total that is not the lines’', { Total: 99 }, 'The document total does not equal the sum of the lines.'],
      ['a word of the vendor in the link', { Url: 'https://go.xero.com/x' }, 'The Url cannot contain "xero".'],
    ])('approval is refused for %s', async (_what, more, message) => {
      expect(await refusals('PUT', 'Invoices', invoice(more))).toContain(message);
    });
  });

  describe('15. paid documents', () => {
    it('become PAID by payments alone, and open again when one is deleted', async () => {
      const made = await client.make('Invoices', invoice());
      await wait();
      const first = await client.make('Payments', payment(made, 10));
      expect(await read(made)).toMatchObject({ Status: 'AUTHORISED', AmountPaid: 10, AmountDue: 14.15 });
      const second = await client.make('Payments', payment(made, 14.15, { Date: '2026-11-05' }));
      const full = await read(made);
      expect(full).toMatchObject({
        Status: 'PAID',
        AmountDue: 0,
        FullyPaidOnDate: `/Date(${Date.UTC(2026, 10, 5)}+0000)/`,
      });
      expect(full.UpdatedDateUTC).toBe(second.UpdatedDateUTC);
      await wait();
      const gone = await client.change(`Payments/${String(second.PaymentID)}`, { Status: 'DELETED' });
      const open = await read(made);
      expect(open).toMatchObject({ Status: 'AUTHORISED', AmountDue: 14.15, UpdatedDateUTC: gone.UpdatedDateUTC });
      expect(open.FullyPaidOnDate).toBeUndefined();
      expect(open.Payments).toMatchObject([{ PaymentID: first.PaymentID, Amount: 10 }]);
    });

    it.each<[string, object]>([
      ['lines', { LineItems: [line({ UnitAmount: 99 })] }],
      ['the date', { Date: '2026-11-02' }],
      ['the way amounts are meant', { LineAmountTypes: 'Inclusive' }],
      ['the currency rate', { CurrencyCode: 'EUR', CurrencyRate: 0.5 }],
      ['the status', { Status: 'DRAFT' }],
    ])('refuse a change of %s', async (_what, body) => {
      for (const made of [await paid(), await paid({}, 10)]) {
        expect(await changeRefused(made, body)).toEqual(expect.arrayContaining([PAID_EDIT, BAD_STATUS]));
      }
    });

    it('refuse to be voided', async () => {
      expect(await changeRefused(await paid({}, 10), { Status: 'VOIDED' })).toEqual([
        'The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it.',
      ]);
    });

    it.each<[string, object]>([
      ['the reference', { Reference: 'New' }],
      ['the number', { InvoiceNumber: 'PAID-NEW' }],
      ['the link', { Url: 'https://shop.example/1' }],
      ['the contact', { Contact: { Name: 'Somebody else' } }],
    ])('let %s be changed', async (_what, body) => {
      const made = await paid();
      await wait();
      const changed = await change(made, body);
      expect(changed.Status).toBe('PAID');
      expect(msOf(changed.UpdatedDateUTC)).toBeGreaterThan(msOf(made.UpdatedDateUTC));
    });

    it('let words, account and tracking of a line be changed', async () => {
      const made = await paid();
      const changed = await change(made, {
        LineItems: [
          {
            LineItemID: idsOf(made)[0],
            Description: 'Better words',
            AccountCode: '260',
            Tracking: [{ Name: 'Region', Option: 'North' }],
          },
        ],
      });
      expect(linesOf(changed)[0]).toMatchObject({ Description: 'Better words', AccountCode: '260', LineAmount: 21 });
    });

    it('leave their stamp alone when only due date or sent mark change', async () => {
      const made = await paid({}, 10);
      const before = await read(made);
      await wait();
      const changed = await change(made, { DueDate: '2026-12-24', SentToContact: true });
      expect(changed).toMatchObject({
        DueDateString: '2026-12-24T00:00:00',
        SentToContact: true,
        UpdatedDateUTC: before.UpdatedDateUTC,
      });
    });
  });

  it('16. nothing moves on or before a lock date', async () => {
    const made = await client.make('Invoices', invoice({ Date: '2026-10-31' }));
    const later = await client.make('Invoices', invoice());
    await sandbox.control('POST', `/preferences/${client.realm}`, { PeriodLockDate: '2026-10-31' });
    const message = 'The document date cannot be before the period lock date, currently set at 31 October 2026';
    expect(await refusals('PUT', 'Invoices', invoice({ Date: '2026-10-31' }))).toContain(message);
    expect(await changeRefused(made, { Reference: 'x' })).toContain(message);
    expect(await changeRefused(made, { Status: 'VOIDED' })).toContain(message);
    expect(await changeRefused(later, { Date: '2026-10-30' })).toContain(message);
    expect(await refusals('PUT', 'Payments', payment(later, 1, { Date: '2026-10-31' }))).toContain(message);
    await sandbox.control('POST', `/preferences/${client.realm}`, {
      PeriodLockDate: null,
      EndOfYearLockDate: '2026-03-31',
    });
    expect(await refusals('PUT', 'Invoices', invoice({ Date: '2026-03-31' }))).toContain(
      'The document date cannot be before the end of year lock date, currently set at 31 March 2026',
    );
    await sandbox.control('POST', `/preferences/${client.realm}`, { EndOfYearLockDate: null });
  });

  describe('17. contacts', () => {
    it('have names that are unique among active ones, whatever the letter case and accents', async () => {
      const Name = fresh('Zoë');
      await client.make('Contacts', { Name });
      const message = (name: string) =>
        `The contact name ${name} is already assigned to another contact. The contact name must be unique across all active contacts.`;
      for (const name of [Name, Name.toUpperCase(), Name.replace('ë', 'e')]) {
        expect(await refusals('PUT', 'Contacts', { Name: name })).toEqual([message(name)]);
      }
      const other = await contact();
      expect(await refusals('POST', `Contacts/${String(other.ContactID)}`, { Name })).toEqual([message(Name)]);
    });

    it('have numbers that are unique, and are found by them', async () => {
      const ContactNumber = fresh('N-');
      const made = await contact({ ContactNumber });
      expect(await refusals('PUT', 'Contacts', { Name: fresh('Other'), ContactNumber })).toEqual([
        `The contact number ${ContactNumber} is already assigned to another contact.`,
      ]);
      expect(await client.read(`Contacts/${encodeURIComponent(ContactNumber)}`)).toMatchObject({
        ContactID: made.ContactID,
      });
    });

    it('are upserted by number and then name when POST names no id', async () => {
      const ContactNumber = fresh('N-');
      const made = await contact({ ContactNumber });
      const byNumber = await client.change('Contacts', { ContactNumber, Name: fresh('Renamed') });
      const byName = await client.change('Contacts', { Name: String(byNumber.Name).toUpperCase(), FirstName: 'Ann' });
      expect([byNumber.ContactID, byName.ContactID]).toEqual([made.ContactID, made.ContactID]);
    });

    it.each<[string, object, string]>([
      ['no name', { Name: ' ' }, 'The contact name must be specified.'],
      ['angle brackets', { Name: '<b>' }, 'The contact name cannot contain angle brackets.'],
      ['a bad address', { EmailAddress: 'nobody' }, 'Email address must be valid.'],
      ['a long name', { Name: 'x'.repeat(256) }, 'The length of Name must be between 0 and 255 characters.'],
      ['an unknown currency', { DefaultCurrency: 'JPY' }, 'Organisation is not subscribed to currency JPY'],
      [
        'odd terms',
        { PaymentTerms: { Sales: { Day: 40, Type: 'SOON' } } },
        'Payment terms need a Day from 0 to 31 and a Type.',
      ],
    ])('are refused with %s', async (_what, more, message) => {
      expect(await refusals('PUT', 'Contacts', { Name: fresh('Contact'), ...more })).toContain(message);
    });

    it('keep what is not mentioned, but replace contact persons as a set', async () => {
      const person = (FirstName: string) => ({ FirstName, EmailAddress: `${FirstName}@b.example` });
      const made = await contact({ EmailAddress: 'a@b.example', ContactPersons: [person('ann'), person('bob')] });
      const path = `Contacts/${String(made.ContactID)}`;
      expect(await client.change(path, { FirstName: 'Only this' })).toMatchObject({
        EmailAddress: 'a@b.example',
        ContactPersons: [{ FirstName: 'ann' }, { FirstName: 'bob' }],
      });
      expect((await client.change(path, { ContactPersons: [person('cleo')] })).ContactPersons).toMatchObject([
        { FirstName: 'cleo' },
      ]);
    });

    it('have fixed slots for addresses and phones, merged by type', async () => {
      const made = await contact({ Phones: [{ PhoneType: 'MOBILE', PhoneNumber: '555' }] });
      const phones = made.Phones as unknown as Json[];
      expect(phones.map((each) => each.PhoneType)).toEqual(['DDI', 'DEFAULT', 'FAX', 'MOBILE']);
      const changed = await client.change(`Contacts/${String(made.ContactID)}`, {
        Phones: [{ PhoneType: 'FAX', PhoneNumber: '777' }],
        Addresses: [{ AddressType: 'POBOX', City: 'Napier' }],
      });
      expect(changed.Phones).toMatchObject([{}, {}, { PhoneNumber: '777' }, { PhoneNumber: '555' }]);
      expect(changed.Addresses).toMatchObject([
        { AddressType: 'STREET', City: '' },
        { AddressType: 'POBOX', City: 'Napier' },
      ]);
    });

    it('are archived, never deleted, and then refuse every edit and new documents', async () => {
      const made = await contact();
      const path = `Contacts/${String(made.ContactID)}`;
      const document = await client.make('Invoices', invoice({ ...ref(made), Status: 'DRAFT' }));
      expect(await client.change(path, { ContactStatus: 'ARCHIVED' })).toMatchObject({ ContactStatus: 'ARCHIVED' });
      const message =
        'The specified contact details matched an archived contact. Archived contacts cannot currently be edited via the API.';
      for (const body of [{ FirstName: 'x' }, { ContactStatus: 'ARCHIVED' }, { ContactStatus: 'ACTIVE' }]) {
        expect(await refusals('POST', path, body)).toEqual([message]);
      }
      expect(await refusals('PUT', 'Invoices', invoice(ref(made)))).toContain(message);
      expect(await changeRefused(document, { Status: 'AUTHORISED' })).toContain(
        'The contact of this document is archived.',
      );
      // The name is free again.
      expect((await client.make('Contacts', { Name: made.Name })).ContactID).not.toBe(made.ContactID);
    });

    it('show what they owe and are flagged by documents without a new stamp', async () => {
      const made = await contact();
      await wait();
      await client.make('Invoices', invoice(ref(made)));
      await client.make('Invoices', bill({ ...ref(made), DueDate: '2020-01-01' }));
      expect(await client.read(`Contacts/${String(made.ContactID)}`)).toMatchObject({
        IsCustomer: true,
        IsSupplier: true,
        UpdatedDateUTC: made.UpdatedDateUTC,
        Balances: {
          AccountsReceivable: { Outstanding: 24.15 },
          AccountsPayable: { Outstanding: 24.15, Overdue: 24.15 },
        },
      });
    });

    it('are merged by people: the loser stays as an archived row that names the survivor', async () => {
      const [winner, loser] = [await contact(), await contact()];
      const document = await client.make('Invoices', invoice(ref(loser)));
      const { ContactID } = loser;
      await sandbox.control('POST', '/merge', {
        realm: client.realm,
        entity: 'Contacts',
        winner: winner.ContactID,
        loser: ContactID,
      });
      expect(await client.read(`Contacts/${String(ContactID)}`)).toMatchObject({
        ContactStatus: 'ARCHIVED',
        MergedToContactID: winner.ContactID,
      });
      expect((await read(document)).Contact).toMatchObject({ ContactID: winner.ContactID });
    });

    it('inside a document are matched by name or made, and overwritten by what stands beside their id', async () => {
      const Name = fresh('Inline');
      const first = await client.make('Invoices', invoice({ Contact: { Name } }));
      const second = await client.make('Invoices', invoice({ Contact: { Name: Name.toLowerCase() } }));
      const { ContactID } = first.Contact as Json;
      expect(second.Contact).toMatchObject({ ContactID, Name });
      await client.change(`Contacts/${String(ContactID)}`, { ContactPersons: [{ FirstName: 'Gone soon' }] });
      await client.make('Invoices', invoice({ Contact: { ContactID, EmailAddress: 'new@b.example' } }));
      expect(await client.read(`Contacts/${String(ContactID)}`)).toMatchObject({
        EmailAddress: 'new@b.example',
        ContactPersons: [],
      });
    });
  });

  describe('18. natural keys', () => {
    it('PUT makes or fails; POST by number changes the invoice that has it', async () => {
      const InvoiceNumber = fresh('NAT-');
      const made = await client.make('Invoices', invoice({ InvoiceNumber }));
      expect(await refusals('PUT', 'Invoices', invoice({ InvoiceNumber }))).toEqual(['Invoice # must be unique.']);
      const changed = await client.change('Invoices', { Type: 'ACCREC', InvoiceNumber, Reference: 'Found by number' });
      expect(changed).toMatchObject({ InvoiceID: made.InvoiceID, Reference: 'Found by number' });
      expect(await client.read(`Invoices/${encodeURIComponent(InvoiceNumber)}`)).toMatchObject({
        InvoiceID: made.InvoiceID,
      });
    });

    it('bills may share a number, also on POST', async () => {
      const InvoiceNumber = fresh('BILL-');
      const ids = [
        await client.make('Invoices', bill({ InvoiceNumber })),
        await client.make('Invoices', bill({ InvoiceNumber })),
        await client.change('Invoices', bill({ InvoiceNumber })),
      ].map((each) => each.InvoiceID);
      expect(new Set(ids).size).toBe(3);
    });

    it('a PUT that names an id is refused', async () => {
      const made = await contact();
      expect(await refusals('PUT', 'Contacts', { ContactID: made.ContactID, Name: fresh('X') })).toHaveLength(1);
    });

    it('items are upserted by code on POST, and refused on PUT', async () => {
      const Code = fresh('IT');
      const made = await client.make('Items', { Code, Name: 'First' });
      expect(await refusals('PUT', 'Items', { Code })).toEqual([`Price List Item with Code '${Code}' already exists`]);
      expect(await client.change('Items', { Code: Code.toLowerCase(), Name: 'Second' })).toMatchObject({
        ItemID: made.ItemID,
        Name: 'Second',
      });
    });

    it('purchase orders are upserted by a live number, and trip over a deleted one', async () => {
      const supplier = await contact();
      const PurchaseOrderNumber = fresh('PO-X');
      const body = { ...ref(supplier), PurchaseOrderNumber, LineItems: [cost()] };
      const made = await client.make('PurchaseOrders', body);
      expect(await refusals('PUT', 'PurchaseOrders', body)).toEqual(['Order number must be unique']);
      expect(await client.change('PurchaseOrders', { ...body, Reference: 'Again' })).toMatchObject({
        PurchaseOrderID: made.PurchaseOrderID,
        Reference: 'Again',
      });
      const path = `PurchaseOrders/${String(made.PurchaseOrderID)}`;
      await client.change(path, { Status: 'DELETED' });
      const messages = ['PurchaseOrder status change is invalid', 'Deleted PurchaseOrders cannot be updated'];
      expect(await refusals('POST', 'PurchaseOrders', body)).toEqual(messages);
      expect(await refusals('POST', path, { Reference: 'x' })).toEqual(messages);
    });

    it('a number that is changed while deleting is free again', async () => {
      const body = { ...ref(await contact()), PurchaseOrderNumber: fresh('PO-Y'), LineItems: [cost()] };
      const made = await client.make('PurchaseOrders', body);
      const away = { Status: 'DELETED', PurchaseOrderNumber: fresh('PO-GONE') };
      await client.change(`PurchaseOrders/${String(made.PurchaseOrderID)}`, away);
      expect((await client.make('PurchaseOrders', body)).PurchaseOrderID).not.toBe(made.PurchaseOrderID);
    });

    it('numbers are given where none is sent, and skip those that are taken', async () => {
      const made = await client.make('Invoices', invoice());
      const number = Number(/^INV-(\d+)$/.exec(String(made.InvoiceNumber))?.[1]);
      const padded = (value: number) => `INV-${String(value).padStart(4, '0')}`;
      await client.make('Invoices', invoice({ InvoiceNumber: padded(number + 1) }));
      expect((await client.make('Invoices', invoice())).InvoiceNumber).toBe(padded(number + 2));
      const supplier = ref(await contact());
      expect((await client.make('PurchaseOrders', { ...supplier, LineItems: [cost()] })).PurchaseOrderNumber).toMatch(
        /^PO-\d{4}$/,
      );
      const quote = { ...supplier, Date: '2026-11-01', LineItems: [line()] };
      expect((await client.make('Quotes', quote)).QuoteNumber).toMatch(/^QU-\d{4}$/);
      const note = { Type: 'ACCRECCREDIT', ...supplier, LineItems: [line()] };
      expect((await client.make('CreditNotes', note)).CreditNoteNumber).toMatch(/^CN-\d{4}$/);
      expect((await client.make('Invoices', bill())).InvoiceNumber).toBeUndefined();
    });
  });

  describe('19. line items', () => {
    const twoLines = () =>
      client.make('Invoices', invoice({ Status: 'DRAFT', LineItems: [line(), line({ Description: 'More' })] }));

    it('stay when they are not mentioned', async () => {
      const made = await twoLines();
      expect(linesOf(await change(made, { Reference: 'x' }))).toEqual(linesOf(made));
    });

    it('are the complete new set when they are: kept by id, made without, gone when missing', async () => {
      const made = await twoLines();
      const [kept, gone] = idsOf(made);
      const changed = await change(made, {
        LineItems: [{ LineItemID: kept, Description: 'Kept' }, line({ Description: 'New' })],
      });
      expect(linesOf(changed)).toMatchObject([
        { LineItemID: kept, Description: 'Kept', Quantity: 2, UnitAmount: 10.5, AccountCode: '200' },
        { Description: 'New' },
      ]);
      expect(idsOf(changed)).not.toContain(gone);
    });

    it('sent without ids are made anew', async () => {
      const made = await twoLines();
      const changed = await change(made, { LineItems: [line(), line({ Description: 'More' })] });
      for (const id of idsOf(changed)) expect(idsOf(made)).not.toContain(id);
    });

    it('cannot be emptied on an approved invoice', async () => {
      const made = await client.make('Invoices', invoice());
      expect(await changeRefused(made, { LineItems: [] })).toEqual(['One or more line items must be specified']);
    });

    it('with an id of another document are refused', async () => {
      const [one, other] = [await twoLines(), await twoLines()];
      expect(
        (await changeRefused(one, { LineItems: [{ LineItemID: idsOf(other)[0], Description: 'x' }] })).join(),
      ).toContain('does not belong to this document');
    });

    it('may be words only', async () => {
      const made = await client.make('Invoices', invoice({ LineItems: [line(), { Description: 'Thank you' }] }));
      expect(linesOf(made)[1]).toMatchObject({ Description: 'Thank you', LineAmount: 0, TaxAmount: 0 });
      expect(made.Total).toBe(24.15);
    });

    it('derive the factor that is missing', async () => {
      const made = await client.make(
        'Invoices',
        invoice({
          LineItems: [
            line({ Quantity: undefined, UnitAmount: undefined, LineAmount: 30 }),
            line({ UnitAmount: undefined, LineAmount: 30 }),
            line({ Quantity: undefined, LineAmount: 31.5 }),
          ],
        }),
      );
      expect(linesOf(made)).toMatchObject([
        { Quantity: 1, UnitAmount: 30 },
        { Quantity: 2, UnitAmount: 15 },
        { Quantity: 3, UnitAmount: 10.5 },
      ]);
    });

    it('take what they leave open from the item, and not on the other side', async () => {
      const Code = fresh('ITM');
      await client.make('Items', {
        Code,
        Description: 'Sold as',
        PurchaseDescription: 'Bought as',
        SalesDetails: { UnitPrice: 12.5, AccountCode: '260', TaxType: 'ZERORATED' },
        PurchaseDetails: { UnitPrice: 7.25, AccountCode: '300' },
      });
      const sold = await client.make('Invoices', invoice({ LineItems: [{ ItemCode: Code, Quantity: 2 }] }));
      expect(linesOf(sold)[0]).toMatchObject({
        Description: 'Sold as',
        UnitAmount: 12.5,
        AccountCode: '260',
        TaxType: 'ZERORATED',
        Item: { Code },
      });
      const bought = await client.make('Invoices', bill({ LineItems: [{ ItemCode: Code, Quantity: 2 }] }));
      expect(linesOf(bought)[0]).toMatchObject({
        Description: 'Bought as',
        UnitAmount: 7.25,
        AccountCode: '300',
        TaxType: 'INPUT2',
      });
    });

    it('show the codes and names of accounts, items and tracking as they are now', async () => {
      const account = await client.make('Accounts', {
        Code: fresh('C').replace(' ', ''),
        Name: fresh('Renamed soon'),
        Type: 'REVENUE',
      });
      const made = await client.make('Invoices', invoice({ LineItems: [line({ AccountCode: account.Code })] }));
      const Code = fresh('D').replace(' ', '');
      await client.change(`Accounts/${String(account.AccountID)}`, { Code });
      expect(linesOf(await read(made))[0]).toMatchObject({ AccountCode: Code, AccountID: account.AccountID });
    });

    it('carry at most two kinds of tracking, by name or by id', async () => {
      const region = (await client.list('TrackingCategories')).find((each) => String(each.Name) === 'Region') as Json;
      const [option] = region.Options as unknown as Json[];
      const byId = { TrackingCategoryID: region.TrackingCategoryID, TrackingOptionID: option?.TrackingOptionID };
      const made = await client.make('Invoices', invoice({ LineItems: [line({ Tracking: [byId] })] }));
      expect(linesOf(made)[0]?.Tracking).toMatchObject([{ Name: 'Region', Option: option?.Name, ...byId }]);
      const tracked = (Tracking: object[]) => refusals('PUT', 'Invoices', invoice({ LineItems: [line({ Tracking })] }));
      expect(await tracked([{ Name: 'Region', Option: 'Nowhere' }])).toHaveLength(2);
      expect(await tracked([byId, byId])).toContain('A tracking category may be used once on a line.');
      const quote = { ...ref(await contact()), Date: '2026-11-01' };
      const byName = line({ Tracking: [{ Name: 'Region', Option: 'North' }] });
      expect(await refusals('PUT', 'Quotes', { ...quote, LineItems: [byName] })).not.toEqual([]);
      expect(
        (await client.make('Quotes', { ...quote, LineItems: [line({ Tracking: [byId] })] })).QuoteID,
      ).toBeDefined();
    });
  });

  describe('20. amounts and taxes', () => {
    it.each<[string, object, object]>([
      [
        'exclusive',
        { LineAmountTypes: 'Exclusive', LineItems: [line()] },
        { SubTotal: 21, TotalTax: 3.15, Total: 24.15 },
      ],
      [
        'inclusive',
        { LineAmountTypes: 'Inclusive', LineItems: [line({ Quantity: 1, UnitAmount: 541.25 })] },
        { SubTotal: 470.65, TotalTax: 70.6, Total: 541.25 },
      ],
      ['no tax', { LineAmountTypes: 'NoTax', LineItems: [line()] }, { SubTotal: 21, TotalTax: 0, Total: 21 }],
      [
        'by line and then summed',
        { LineItems: [line({ Quantity: 1, UnitAmount: 0.1 }), line({ Quantity: 1, UnitAmount: 0.1 })] },
        { TotalTax: 0.04, Total: 0.24 },
      ],
      ['half a cent away from zero', { LineItems: [line({ Quantity: 1, UnitAmount: 0.3 })] }, { TotalTax: 0.05 }],
      ['with a discount rate', { LineItems: [line({ DiscountRate: 10 })] }, { SubTotal: 18.9, TotalDiscount: 2.1 }],
      ['with a discount amount', { LineItems: [line({ DiscountAmount: 1 })] }, { SubTotal: 20, TotalDiscount: 1 }],
      ['with a full discount', { LineItems: [line({ DiscountRate: 100 })] }, { Total: 0 }],
      ['with a tax amount given', { LineItems: [line({ TaxAmount: 3 })] }, { TotalTax: 3, Total: 24 }],
    ])('%s', async (_what, more, expected) => {
      expect(await client.make('Invoices', invoice(more))).toMatchObject(expected);
    });

    it('20.00 at 8.25 % inside is 1.52', async () => {
      const rate = await client.make('TaxRates', {
        Name: fresh('County'),
        ReportTaxType: 'OUTPUT',
        TaxComponents: [{ Name: 'County', Rate: 8.25 }],
      });
      const more = {
        LineAmountTypes: 'Inclusive',
        LineItems: [line({ Quantity: 1, UnitAmount: 20, TaxType: rate.TaxType })],
      };
      expect(await client.make('Invoices', invoice(more))).toMatchObject({ TotalTax: 1.52, Total: 20 });
    });

    it('refuse a line total that is not the computed one, and any beside a full discount', async () => {
      expect(await refusals('PUT', 'Invoices', invoice({ LineItems: [line({ LineAmount: 20 })] }))).toContain(
        'The line total 20.00 does not match the expected line total 21.00',
      );
      const full = line({ DiscountRate: 100, LineAmount: 0 });
      expect((await refusals('PUT', 'Invoices', invoice({ LineItems: [full] }))).join()).toContain(
        'does not match the expected line total',
      );
    });

    it('allow no discounts on bills and credit notes', async () => {
      expect((await refusals('PUT', 'Invoices', bill({ LineItems: [cost({ DiscountRate: 5 })] }))).join()).toContain(
        'Discounts are not supported',
      );
    });

    it('take the tax of the account, except on quotes', async () => {
      const quote = await client.make('Quotes', { ...ref(await contact()), Date: '2026-11-01', LineItems: [line()] });
      expect(quote).toMatchObject({ TotalTax: 0, LineAmountTypes: 'EXCLUSIVE' });
      expect(linesOf(quote)[0]?.TaxType).toBeUndefined();
    });

    it('use the day’s rate for another currency, or the one that is sent, with a warning when it is odd', async () => {
      const made = await client.make('Invoices', invoice({ CurrencyCode: 'EUR' }));
      expect(Number(made.CurrencyRate)).toBeGreaterThan(0.3);
      expect(Number(made.CurrencyRate)).toBeLessThan(0.8);
      const odd = await client.put('Invoices', invoice({ CurrencyCode: 'EUR', CurrencyRate: 7 }));
      expect(rowsOf(odd)[0]).toMatchObject({ CurrencyRate: 7, Warnings: [{ Message: expect.any(String) as string }] });
    });
  });

  describe('21. payments', () => {
    it.each<[string, (made: Json) => object, string]>([
      [
        'more than is due',
        (made) => payment(made, 24.16),
        'Payment amount exceeds the amount outstanding on this document',
      ],
      ['an unknown account', (made) => payment(made, 1, { Account: { Code: '9999' } }), 'Account could not be found'],
      [
        'an account that takes none',
        (made) => payment(made, 1, { Account: { Code: '200' } }),
        'The account is neither a bank account nor enabled for payments.',
      ],
      ['nothing', (made) => payment(made, 0), 'Payment amount must be greater than zero'],
      ['no date', (made) => payment(made, 1, { Date: undefined }), 'Date must be specified.'],
    ])('refuse %s', async (_what, body, message) => {
      expect(await refusals('PUT', 'Payments', body(await client.make('Invoices', invoice())))).toContain(message);
    });

    it('go to approved documents only', async () => {
      const draft = await client.make('Invoices', invoice({ Status: 'DRAFT' }));
      expect(await refusals('PUT', 'Payments', payment(draft, 1))).toContain(
        'Payments can only be made against Authorised documents',
      );
    });

    it('take an account that is enabled for payments, and an invoice by number', async () => {
      const made = await client.make('Invoices', invoice());
      const body = payment(made, 5, { Invoice: { InvoiceNumber: made.InvoiceNumber }, Account: { Code: '855' } });
      expect(await client.make('Payments', body)).toMatchObject({ Invoice: { InvoiceID: made.InvoiceID } });
    });

    it('are made by a POST without id too, and warned of when they are early', async () => {
      const made = await client.make('Invoices', bill());
      const reply = await client.post('Payments', payment(made, 5, { Date: '2026-10-01' }));
      expect(rowsOf(reply)[0]).toMatchObject({
        PaymentType: 'ACCPAYPAYMENT',
        Warnings: [{ Message: 'The payment date is prior to the invoice date.' }],
      });
    });

    it('are never changed, and deleted once', async () => {
      const made = await client.make('Invoices', invoice());
      const { PaymentID } = await client.make('Payments', payment(made, 5));
      const path = `Payments/${String(PaymentID)}`;
      expect(await refusals('POST', path, { Amount: 6 })).not.toEqual([]);
      expect(await refusals('POST', path, { Status: 'DELETED', Reference: 'x' })).not.toEqual([]);
      await client.change(path, { Status: 'DELETED' });
      expect(await refusals('POST', path, { Status: 'DELETED' })).toHaveLength(1);
      expect((await client.list('Payments')).map((each) => each.PaymentID)).toContain(PaymentID);
    });

    it('refund credit notes', async () => {
      const note = await client.make('CreditNotes', {
        Type: 'ACCRECCREDIT',
        ...ref(await contact()),
        LineItems: [line()],
        Status: 'AUTHORISED',
      });
      const body = {
        CreditNote: { CreditNoteID: note.CreditNoteID },
        Account: { Code: '090' },
        Date: '2026-11-02',
        Amount: 24.15,
      };
      expect(await client.make('Payments', body)).toMatchObject({ PaymentType: 'ARCREDITPAYMENT' });
      expect(await client.read(`CreditNotes/${String(note.CreditNoteID)}`)).toMatchObject({
        Status: 'PAID',
        RemainingCredit: 0,
      });
    });

    it('of a batch stand in Payments, go together, and not alone', async () => {
      const [one, two] = [await client.make('Invoices', bill()), await client.make('Invoices', bill())];
      const entry = (made: Json, Amount: number) => ({ Invoice: { InvoiceID: made.InvoiceID }, Amount });
      const batch = await client.make('BatchPayments', {
        Account: { Code: '090' },
        Date: '2026-11-03',
        Reference: 'RUN 1',
        Payments: [entry(one, 24.15), entry(two, 10)],
      });
      expect(batch).toMatchObject({ Type: 'PAYBATCH', Status: 'AUTHORISED', TotalAmount: 34.15 });
      const { BatchPaymentID } = batch;
      const children = (await client.list('Payments?page=1')).filter((each) => each.BatchPaymentID === BatchPaymentID);
      expect(children).toHaveLength(2);
      expect(await read(one)).toMatchObject({ Status: 'PAID', Payments: [{ PaymentID: BatchPaymentID }] });
      const alone = `Payments/${String(children[0]?.PaymentID)}`;
      expect(await refusals('POST', alone, { Status: 'DELETED' })).toHaveLength(1);
      await client.change('BatchPayments', { BatchPaymentID, Status: 'DELETED' });
      expect(await read(one)).toMatchObject({ Status: 'AUTHORISED', AmountDue: 24.15 });
      expect(await read(two)).toMatchObject({ AmountDue: 24.15 });
    });

    it('of a batch are all in or all out, and in base currency', async () => {
      const [sale, purchase] = [await client.make('Invoices', invoice()), await client.make('Invoices', bill())];
      const foreign = await client.make('Invoices', bill({ CurrencyCode: 'EUR' }));
      const batch = (...documents: Json[]) => ({
        Account: { Code: '090' },
        Date: '2026-11-03',
        Payments: documents.map(({ InvoiceID }) => ({ Invoice: { InvoiceID }, Amount: 1 })),
      });
      expect(await refusals('PUT', 'BatchPayments', batch(sale, purchase))).toContain(
        'A batch holds either invoices or bills.',
      );
      expect(await refusals('PUT', 'BatchPayments', batch(foreign))).toContain('A batch is in base currency only.');
      expect(await read(sale)).toMatchObject({ AmountDue: 24.15 });
    });
  });

  describe('22. credits', () => {
    const credit = (customer: Json, more: object = {}) =>
      client.make('CreditNotes', {
        Type: 'ACCRECCREDIT',
        ...ref(customer),
        LineItems: [line()],
        Status: 'AUTHORISED',
        ...more,
      });
    const allocate = (note: Json, made: Json, Amount: number) =>
      client.put(`CreditNotes/${String(note.CreditNoteID)}/Allocations`, {
        Allocations: [{ Amount, Invoice: { InvoiceID: made.InvoiceID }, Date: '2026-11-02' }],
      });

    it('are set against invoices and taken back, moving both', async () => {
      const customer = await contact();
      const [note, made] = [await credit(customer), await client.make('Invoices', invoice(ref(customer)))];
      const [allocation] = rowsOf(await allocate(note, made, 24.15));
      expect(allocation).toMatchObject({ Amount: 24.15, Invoice: { InvoiceID: made.InvoiceID } });
      const paidNow = await read(made);
      expect(paidNow).toMatchObject({ Status: 'PAID', AmountCredited: 24.15, CreditNotes: [{ AppliedAmount: 24.15 }] });
      const used = await client.read(`CreditNotes/${String(note.CreditNoteID)}`);
      expect(used).toMatchObject({ Status: 'PAID', RemainingCredit: 0, UpdatedDateUTC: paidNow.UpdatedDateUTC });
      const path = `CreditNotes/${String(note.CreditNoteID)}/Allocations/${String(allocation?.AllocationID)}`;
      const gone = await client.call('DELETE', path);
      expect(gone.json).toEqual({
        AllocationID: allocation?.AllocationID,
        Date: expect.stringMatching(/Date/) as string,
        IsDeleted: true,
      });
      expect(await read(made)).toMatchObject({ Status: 'AUTHORISED', AmountDue: 24.15, CreditNotes: [] });
      expect((await client.call('DELETE', path)).status).toBe(404);
    });

    it.each<[string, object, number, string]>([
      ['more than remains', {}, 25, 'exceeds the remaining credit'],
      ['a draft', { Status: 'DRAFT' }, 5, 'Only an authorised document'],
      ['the wrong direction', { Type: 'ACCPAYCREDIT', LineItems: [cost()] }, 5, 'different directions'],
    ])('refuse %s', async (_what, more, amount, message) => {
      const customer = await contact();
      const reply = await allocate(
        await credit(customer, more),
        await client.make('Invoices', invoice(ref(customer))),
        amount,
      );
      expect([reply.status, messagesOf(reply.json).join()]).toEqual([400, expect.stringContaining(message)]);
    });

    it('that are used cannot be voided or edited', async () => {
      const customer = await contact();
      const note = await credit(customer);
      await allocate(note, await client.make('Invoices', invoice(ref(customer))), 5);
      const path = `CreditNotes/${String(note.CreditNoteID)}`;
      expect((await refusals('POST', path, { Status: 'VOIDED' })).join()).toContain('VOIDED');
      expect(await refusals('POST', path, { LineItems: [line({ UnitAmount: 1 })] })).toContain(PAID_EDIT);
    });

    it('may be made as drafts without lines', async () => {
      expect(await client.make('CreditNotes', { Type: 'ACCPAYCREDIT', ...ref(await contact()) })).toMatchObject({
        Total: 0,
      });
    });

    it('come of prepayments and overpayments too', async () => {
      const customer = await contact();
      const received = await client.make('BankTransactions', {
        Type: 'RECEIVE-PREPAYMENT',
        ...ref(customer),
        BankAccount: { Code: '090' },
        LineItems: [line()],
        LineAmountTypes: 'Exclusive',
      });
      const path = `Prepayments/${String(received.PrepaymentID)}`;
      expect(await client.read(path)).toMatchObject({ Type: 'RECEIVE-PREPAYMENT', RemainingCredit: 24.15 });
      const made = await client.make('Invoices', invoice(ref(customer)));
      await client.put(`${path}/Allocations`, { Amount: 4.15, Invoice: { InvoiceID: made.InvoiceID } });
      expect(await read(made)).toMatchObject({ AmountDue: 20, Prepayments: [{ PrepaymentID: received.PrepaymentID }] });
      const over = await client.make('BankTransactions', {
        Type: 'SPEND-OVERPAYMENT',
        ...ref(customer),
        BankAccount: { Code: '090' },
        LineItems: [{ Description: 'Too much', LineAmount: 12 }],
      });
      expect(linesOf(over)[0]).toMatchObject({ AccountCode: '800' });
      expect(await client.read(`Overpayments/${String(over.OverpaymentID)}`)).toMatchObject({ RemainingCredit: 12 });
    });
  });

  describe('23. quotes and purchase orders', () => {
    const quoteMoves: [string, string[]][] = [
      ['DRAFT', ['SENT', 'DELETED']],
      ['SENT', ['ACCEPTED', 'DECLINED', 'DELETED']],
      ['DECLINED', ['SENT', 'DELETED']],
      ['ACCEPTED', ['INVOICED', 'SENT', 'DELETED']],
      ['INVOICED', ['SENT', 'DELETED']],
      ['DELETED', []],
    ];
    const ways: Record<string, string[]> = {
      DRAFT: [],
      SENT: ['SENT'],
      DECLINED: ['SENT', 'DECLINED'],
      ACCEPTED: ['SENT', 'ACCEPTED'],
      INVOICED: ['SENT', 'ACCEPTED', 'INVOICED'],
      DELETED: ['DELETED'],
    };

    it.each(quoteMoves)('a quote that is %s goes to %j and nowhere else', async (from, allowed) => {
      for (const to of Object.keys(ways).filter((each) => each !== from)) {
        const quote = await client.make('Quotes', { ...ref(await contact()), Date: '2026-11-01', LineItems: [line()] });
        const path = `Quotes/${String(quote.QuoteID)}`;
        for (const Status of ways[from] ?? []) await client.change(path, { Status });
        const reply = await client.post(path, { Status: to });
        expect([from, to, reply.status]).toEqual([from, to, allowed.includes(to) ? 200 : 400]);
      }
    });

    it('a quote that was decided keeps its lines', async () => {
      const quote = await client.make('Quotes', {
        ...ref(await contact()),
        Date: '2026-11-01',
        Status: 'SENT',
        LineItems: [line()],
      });
      const path = `Quotes/${String(quote.QuoteID)}`;
      await client.change(path, { LineItems: [line({ UnitAmount: 11 })], LineAmountTypes: 'Exclusive' });
      await client.change(path, { Status: 'ACCEPTED' });
      expect(await refusals('POST', path, { Title: 'New' })).toHaveLength(1);
      expect(await refusals('POST', path, { LineItems: [line()] })).toHaveLength(1);
    });

    it('orders go forward, never make contacts, and any that is not deleted can be', async () => {
      expect(
        await refusals('PUT', 'PurchaseOrders', { Contact: { Name: fresh('Nobody') }, LineItems: [cost()] }),
      ).toEqual(['A Contact must be specified for this type of transaction.']);
      const order = await client.make('PurchaseOrders', { ...ref(await contact()), LineItems: [cost()] });
      expect(order).toMatchObject({ Status: 'DRAFT', Type: 'PURCHASEORDER' });
      const path = `PurchaseOrders/${String(order.PurchaseOrderID)}`;
      for (const Status of ['SUBMITTED', 'AUTHORISED', 'BILLED']) {
        expect(await client.change(path, { Status })).toMatchObject({ Status });
      }
      expect(await refusals('POST', path, { Status: 'DRAFT' })).toEqual(['PurchaseOrder status change is invalid']);
      expect(await client.change(path, { Status: 'DELETED' })).toMatchObject({ Status: 'DELETED' });
    });

    it('an order line with a quantity needs a price', async () => {
      const lines = [{ Description: 'x', Quantity: 2 }];
      expect(await refusals('PUT', 'PurchaseOrders', { ...ref(await contact()), LineItems: lines })).toContain(
        'Quantity requires UnitAmount.',
      );
    });
  });

  describe('24. money spent, journals and transfers', () => {
    const spent = (more: object = {}) => ({
      Type: 'SPEND',
      Contact: { Name: 'Supplier' },
      BankAccount: { Code: '090' },
      Date: '2026-11-01',
      LineItems: [cost({ Quantity: 1, UnitAmount: 23 })],
      ...more,
    });
    const journal = (more: object = {}) => ({
      Narration: 'Accrual',
      JournalLines: [
        { LineAmount: 100, AccountCode: '400' },
        { LineAmount: -100, AccountCode: '850' },
      ],
      ...more,
    });

    it('spending includes tax, is authorised at once, and is deleted by status', async () => {
      const made = await client.make('BankTransactions', spent());
      expect(made).toMatchObject({
        Status: 'AUTHORISED',
        LineAmountTypes: 'Inclusive',
        Total: 23,
        TotalTax: 3,
        CurrencyCode: 'NZD',
      });
      const path = `BankTransactions/${String(made.BankTransactionID)}`;
      expect(await client.change(path, { Reference: 'Till' })).toMatchObject({ Reference: 'Till' });
      expect(await client.change(path, { Status: 'DELETED' })).toMatchObject({ Status: 'DELETED' });
      expect(await refusals('POST', path, { Reference: 'x' })).not.toEqual([]);
    });

    it.each<[string, object, string]>([
      ['no bank account', { BankAccount: undefined }, 'A BankAccount must be specified.'],
      ['an account that is no bank', { BankAccount: { Code: '200' } }, 'A BankAccount of type BANK must be specified.'],
      [
        'a negative total',
        { LineItems: [cost({ UnitAmount: -5 })] },
        'The total of a bank transaction must be greater than zero.',
      ],
      [
        'another tax than the computed',
        { LineItems: [cost({ TaxAmount: 1 })] },
        'The tax amount 1.00 does not match the expected 2.74.',
      ],
      ['no lines', { LineItems: [] }, 'One or more line items must be specified'],
      ['a quantity of nothing', { LineItems: [cost({ Quantity: 0 })] }, 'Quantity must be greater than zero.'],
    ])('spending is refused with %s', async (_what, more, message) => {
      expect(await refusals('PUT', 'BankTransactions', spent(more))).toContain(message);
    });

    it('what a person has reconciled stays', async () => {
      const made = await client.make('BankTransactions', spent());
      const { BankTransactionID: id } = made;
      await sandbox.control('POST', '/reconcile', { realm: client.realm, entity: 'BankTransactions', id });
      for (const body of [{ Status: 'DELETED' }, { Reference: 'x' }]) {
        expect(await refusals('POST', `BankTransactions/${String(id)}`, body)).toHaveLength(1);
      }
    });

    it('journals balance, and drop unknown accounts while they are drafts', async () => {
      const made = await client.make('ManualJournals', journal());
      expect(made).toMatchObject({ Status: 'DRAFT', LineAmountTypes: 'NoTax', ShowOnCashBasisReports: true });
      const uneven = {
        JournalLines: [
          { LineAmount: 100, AccountCode: '400' },
          { LineAmount: -10, AccountCode: '850' },
        ],
      };
      expect(await refusals('PUT', 'ManualJournals', journal(uneven))).toEqual([
        'The total debits (100.00) must equal total credits (-10.00)',
      ]);
      const odd = {
        JournalLines: [
          { LineAmount: 1, AccountCode: '9476' },
          { LineAmount: -1, AccountCode: '850' },
        ],
      };
      const [draft] = rowsOf(await client.put('ManualJournals', journal(odd)));
      expect(draft?.Warnings).toMatchObject([
        { Message: "Account code '9476' has been removed as it does not match a recognised account." },
      ]);
      expect(await refusals('PUT', 'ManualJournals', journal({ ...odd, Status: 'POSTED' }))).not.toEqual([]);
    });

    it.each(['610', '800', '960', '090'])('journals cannot post to %s', async (AccountCode) => {
      const lines = {
        JournalLines: [
          { LineAmount: 1, AccountCode },
          { LineAmount: -1, AccountCode: '850' },
        ],
      };
      expect(await refusals('PUT', 'ManualJournals', journal(lines))).not.toEqual([]);
    });

    it('journals are deleted as drafts and voided when posted', async () => {
      const [draft, posted] = [
        await client.make('ManualJournals', journal()),
        await client.make('ManualJournals', journal({ Status: 'POSTED' })),
      ];
      const path = (made: Json) => `ManualJournals/${String(made.ManualJournalID)}`;
      expect(await refusals('POST', path(draft), { Status: 'VOIDED' })).toHaveLength(1);
      expect(await refusals('POST', path(posted), { Status: 'DELETED' })).toHaveLength(1);
      expect(await client.change(path(draft), { Status: 'DELETED' })).toMatchObject({ Status: 'DELETED' });
      expect(await client.change(path(posted), { Status: 'VOIDED' })).toMatchObject({ Status: 'VOIDED' });
    });

    it('a transfer shows as two bank transactions, is never edited, and takes both with it', async () => {
      const made = await client.make('BankTransfers', {
        FromBankAccount: { Code: '090' },
        ToBankAccount: { Code: '091' },
        Amount: 50,
        Date: '2026-11-02',
      });
      const halves = [made.FromBankTransactionID, made.ToBankTransactionID];
      const kinds = async () =>
        Promise.all(
          halves.map(async (id) => {
            const half = await client.read(`BankTransactions/${String(id)}`);
            return `${String(half.Type)} ${String(half.Status)}`;
          }),
        );
      expect(await kinds()).toEqual(['SPEND-TRANSFER AUTHORISED', 'RECEIVE-TRANSFER AUTHORISED']);
      const path = `BankTransfers/${String(made.BankTransferID)}`;
      expect(await refusals('POST', path, { Amount: 60 })).toHaveLength(1);
      expect(await refusals('POST', path, { Status: 'DELETED', Reference: 'x' })).toHaveLength(1);
      expect(
        await client.change('BankTransfers', { BankTransferID: made.BankTransferID, Status: 'DELETED' }),
      ).toMatchObject({ Status: 'DELETED' });
      expect(await kinds()).toEqual(['SPEND-TRANSFER DELETED', 'RECEIVE-TRANSFER DELETED']);
      expect((await client.list('BankTransfers')).map((each) => each.BankTransferID)).not.toContain(
        made.BankTransferID,
      );
      expect((await client.list('BankTransfers?includeDeleted=true')).map((each) => each.BankTransferID)).toContain(
        made.BankTransferID,
      );
    });

    it.each<[string, object]>([
      ['one account', { ToBankAccount: { Code: '090' } }],
      ['two currencies', { ToBankAccount: { Code: '092' } }],
      ['nothing', { Amount: 0 }],
      ['an account that is no bank', { ToBankAccount: { Code: '200' } }],
    ])('a transfer is refused with %s', async (_what, more) => {
      const body = { FromBankAccount: { Code: '090' }, ToBankAccount: { Code: '091' }, Amount: 5, ...more };
      expect(await refusals('PUT', 'BankTransfers', body)).not.toEqual([]);
    });
  });

  describe('25. settings', () => {
    it('accounts have unique codes and names, a class by type, and are archived by that alone', async () => {
      const Code = fresh('A').replace(' ', '');
      const made = await client.make('Accounts', { Code, Name: fresh('Account'), Type: 'EXPENSE' });
      expect(made).toMatchObject({ Class: 'EXPENSE', TaxType: 'INPUT2', Status: 'ACTIVE' });
      expect(await refusals('PUT', 'Accounts', { Code, Name: fresh('Account'), Type: 'EXPENSE' })).toEqual([
        'Please enter a unique Code.',
      ]);
      expect(await refusals('PUT', 'Accounts', { Code: 'ZZ9', Name: made.Name, Type: 'EXPENSE' })).toEqual([
        'Please enter a unique Name.',
      ]);
      const path = `Accounts/${String(made.AccountID)}`;
      expect(await refusals('POST', path, { Status: 'ARCHIVED', Name: fresh('Other') })).toHaveLength(1);
      expect(await client.change('Accounts', { AccountID: made.AccountID, Status: 'ARCHIVED' })).toMatchObject({
        Status: 'ARCHIVED',
      });
      expect(await refusals('PUT', 'Invoices', bill({ LineItems: [cost({ AccountCode: Code })] }))).toContain(
        `Account code '${Code}' is not a valid code for this document.`,
      );
      expect((await client.list('Accounts')).map((each) => each.AccountID)).toContain(made.AccountID);
    });

    it('accounts go by DELETE while nothing used them', async () => {
      const make = () =>
        client.make('Accounts', { Code: fresh('B').replace(' ', ''), Name: fresh('Account'), Type: 'REVENUE' });
      const [unused, used] = [await make(), await make()];
      await client.make('Invoices', invoice({ LineItems: [line({ AccountCode: used.Code })] }));
      const remove = (account: Json) => client.call('DELETE', `Accounts/${String(account.AccountID)}`);
      expect(rowsOf(await remove(unused))[0]).toMatchObject({ Status: 'DELETED' });
      expect((await remove(used)).status).toBe(400);
      const debtors = (await client.list('Accounts?where=SystemAccount%3D%3D%22DEBTORS%22'))[0] as Json;
      expect((await remove(debtors)).status).toBe(400);
    });

    it('a bank account needs a number, and only one has a currency', async () => {
      expect(await refusals('PUT', 'Accounts', { Code: 'BK1', Name: fresh('Bank'), Type: 'BANK' })).toContain(
        'Bank Account Number must be specified.',
      );
      const bank = { Name: fresh('Bank'), Type: 'BANK', BankAccountNumber: '01-02', CurrencyCode: 'EUR' };
      expect(await client.make('Accounts', bank)).toMatchObject({ CurrencyCode: 'EUR', BankAccountType: 'BANK' });
      expect(
        await refusals('PUT', 'Accounts', { Code: 'BK2', Name: fresh('X'), Type: 'EXPENSE', CurrencyCode: 'EUR' }),
      ).toHaveLength(1);
    });

    it('items are deleted for good, with 204', async () => {
      const { ItemID } = await client.make('Items', { Code: fresh('DEL') });
      const gone = await client.call('DELETE', `Items/${String(ItemID)}`);
      expect(gone).toMatchObject({ status: 204, text: '' });
      expect((await client.get(`Items/${String(ItemID)}`)).status).toBe(404);
    });

    it('tax rates get a code, compound on each other, and stay in the list when they are deleted', async () => {
      const Name = fresh('Rate');
      const made = await client.make('TaxRates', {
        Name,
        ReportTaxType: 'OUTPUT',
        TaxComponents: [
          { Name: 'State', Rate: 10 },
          { Name: 'City', Rate: 5, IsCompound: true },
        ],
      });
      expect(made).toMatchObject({
        TaxType: expect.stringMatching(/^TAX\d{3}$/) as string,
        DisplayTaxRate: 15,
        EffectiveRate: 15.5,
      });
      expect(await client.change('TaxRates', { TaxType: made.TaxType, Status: 'DELETED' })).toMatchObject({
        Status: 'DELETED',
      });
      expect((await client.list('TaxRates')).find((each) => each.TaxType === made.TaxType)).toMatchObject({
        Status: 'DELETED',
      });
      expect(await refusals('POST', 'TaxRates', { TaxType: 'OUTPUT2', Name: 'Mine' })).toContain(
        'System tax rates cannot be changed.',
      );
    });

    it('currencies are added once, and only with the plan for it', async () => {
      const before = (await client.list('Currencies')).length;
      const reply = await client.put('Currencies', { Code: 'CAD' });
      expect(reply.json).toEqual({ Currencies: [{ Code: 'CAD', Description: 'Canadian Dollar' }] });
      expect(await client.list('Currencies')).toHaveLength(before + 1);
      expect(await refusals('PUT', 'Currencies', { Code: 'CAD' })).toHaveLength(1);
      await sandbox.control('POST', `/preferences/${client.realm}`, { multiCurrency: false });
      expect(await refusals('PUT', 'Currencies', { Code: 'CHF' })).toEqual([
        'Organisation is not subscribed to currency CHF',
      ]);
      const actions = await client.list('Organisation/Actions');
      expect(actions.find((each) => String(each.Name) === 'UseMulticurrency')).toMatchObject({ Status: 'NOT-ALLOWED' });
      await sandbox.control('POST', `/preferences/${client.realm}`, { multiCurrency: true });
    });

    it('two tracking categories may be active, four exist; options come one by one', async () => {
      const made = await client.make('TrackingCategories', { Name: fresh('Category') });
      expect(await refusals('PUT', 'TrackingCategories', { Name: fresh('Third') })).toEqual([
        'Only 2 tracking categories may be active.',
      ]);
      const path = `TrackingCategories/${String(made.TrackingCategoryID)}`;
      const option = await client.make(`${path}/Options`, { Name: 'Blue' });
      expect(option).toMatchObject({ Name: 'Blue', Status: 'ACTIVE', IsActive: true, HasValidationErrors: false });
      expect(await client.change(`${path}/Options/${String(option.TrackingOptionID)}`, { Name: 'Red' })).toMatchObject({
        Name: 'Red',
      });
      const gone = await client.call('DELETE', `${path}/Options/${String(option.TrackingOptionID)}`);
      expect(rowsOf(gone)[0]).toMatchObject({ Status: 'DELETED', IsDeleted: true });
      await client.change(path, { Status: 'ARCHIVED' });
      expect((await client.list('TrackingCategories')).map((each) => each.Name)).not.toContain(made.Name);
      expect((await client.list('TrackingCategories?includeArchived=true')).map((each) => each.Name)).toContain(
        made.Name,
      );
      expect(rowsOf(await client.call('DELETE', path))[0]).toMatchObject({ Status: 'DELETED' });
    });
  });

  it('26. sends mail only for approved sales, and shows them online', async () => {
    const [made, draft] = [
      await client.make('Invoices', invoice()),
      await client.make('Invoices', invoice({ Status: 'DRAFT' })),
    ];
    const mail = (document: Json) => client.post(`Invoices/${String(document.InvoiceID)}/Email`, {});
    expect(await mail(made)).toMatchObject({ status: 204, text: '' });
    expect((await mail(draft)).status).toBe(400);
    expect(await read(made)).toMatchObject({ SentToContact: true });
    expect(await client.list(`Invoices/${String(made.InvoiceID)}/OnlineInvoice`)).toMatchObject([
      { OnlineInvoiceUrl: expect.any(String) as string },
    ]);
    expect((await client.get(`Invoices/${String(draft.InvoiceID)}/OnlineInvoice`)).status).toBe(404);
  });

  it('27. a plan may limit how many documents are approved a month', async () => {
    const realm = 'c0ffee00-0003-4000-8000-000000000003';
    await sandbox.control('POST', `/preferences/${realm}`, { Class: 'EARLY' });
    const uk = await sandbox.connect(realm);
    for (let index = 0; index < 5; index++) await uk.make('Invoices', bill());
    const reply = await uk.put('Invoices', bill());
    expect(messagesOf(reply.json)).toContain('You have reached the limit of invoices you can approve');
    expect((await uk.make('Invoices', bill({ Status: 'DRAFT' }))).Status).toBe('DRAFT');
    client = await sandbox.connect();
  });
});
