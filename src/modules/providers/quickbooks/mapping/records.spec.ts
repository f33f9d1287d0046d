import { readFileSync } from 'node:fs';
import type { Content } from '../../../../domain/contract/index.js';
import { parseWire, wireObjects, type WireObject } from '../../../../domain/provider/mapping/index.js';
import { entityNamed } from '../quickbooks.entities.js';
import { companyFeatures, type CompanyFeatures } from '../quickbooks.features.js';
import { sendable, sightingOf, taxSighting } from '../quickbooks.sightings.js';
import type { VendorRecord } from '../quickbooks.wire.js';
import { company } from './company.js';

/** What records of the vendor mean, where it is not plain from the tables. */

const US = companyFeatures(
  {
    country: 'US',
    salesTax: 'manual',
    classTracking: 'line',
    departmentTracking: 'true',
    discounts: 'true',
    salesFormFields: '{"PO number":"1"}',
  },
  'USD',
);
const ABROAD = companyFeatures(
  { country: 'GB', salesTax: 'global', classTracking: 'transaction', multicurrency: 'true' },
  'GBP',
);

const fixture = (entity: string, at = 0): VendorRecord =>
  wireObjects(parseWire(readFileSync(new URL(`../fixtures/${entity}.json`, import.meta.url), 'utf8')))[
    at
  ] as VendorRecord;

const seen = (entity: string, at = 0, features: CompanyFeatures = US) =>
  sightingOf(entityNamed(entity)!, fixture(entity, at), features);

const lines = (content: Content): Content[] => content.lines as Content[];

describe('an invoice', () => {
  it('shows each line in the contract’s words, with what stands on the document', () => {
    const [design, pump, words, bundle, shipping] = lines(seen('Invoice', 1).content);
    const department = { dimension: 'department', category: { kind: 'tracking_category', id: 'Department:1' } };
    expect(design).toMatchObject({
      id: '1',
      item: { kind: 'item', id: '2' },
      quantity: '2',
      unitPrice: '75',
      amount: '150.0',
      taxRate: { kind: 'tax_rate', id: 'NON' },
      serviceDate: '2026-01-31',
      tracking: [{ dimension: 'class', category: { kind: 'tracking_category', id: 'Class:1' } }, department],
    });
    // A taxable line is taxed by the document's code.
    expect(pump).toMatchObject({ taxRate: { kind: 'tax_rate', id: '2' }, tracking: [department] });
    expect(words).toEqual({ id: '3', description: 'Thank you' });
    expect(bundle).toMatchObject({ id: '4', item: { kind: 'item', id: '12' }, quantity: '1', amount: '30.25' });
    // Shipping is no item.
    expect(shipping).toMatchObject({ id: '6', amount: '12.00' });
    expect(shipping).not.toHaveProperty('item');
    expect(lines(seen('Invoice', 1).content)).toHaveLength(5);
  });

  it('has its discount apart from its lines', () => {
    expect(seen('Invoice', 1).content.discount).toEqual({ percent: '10' });
    expect(seen('Invoice', 2).content.discount).toEqual({ amount: '5' });
    expect(seen('Invoice').content).not.toHaveProperty('discount');
  });

  it('is paid, partly paid or unpaid by its balance', () => {
    expect(seen('Invoice').content.paidState).toBe('unpaid');
    expect(seen('Invoice', 1).content.paidState).toBe('partial');
    const paid = { ...fixture('Invoice', 1), Balance: parseWire('0') };
    expect(sightingOf(entityNamed('Invoice')!, paid, US).content.paidState).toBe('paid');
  });

  it('is voided when its amounts are zero and its note begins with the word, and not by the word alone', () => {
    expect(seen('Invoice', 2).existence).toBe('voided');
    expect(
      sightingOf(entityNamed('Invoice')!, { ...fixture('Invoice', 1), PrivateNote: 'Voided cheque' }, US).existence,
    ).toBe('present');
    expect(sightingOf(entityNamed('Estimate')!, { ...fixture('Invoice', 2) }, US).existence).toBe('present');
  });

  it('keeps the address that was typed into it, in as many lines as it has', () => {
    expect(seen('Invoice').content.billingAddress).toEqual({
      line1: "Ada O'Neil",
      line2: "O'Neil Studio",
      line3: '4 Mill Rd\nSalem, OR  97301',
    });
  });

  it('takes an address again as it is, line ends within its lines and all', () => {
    const BillAddr = { Line1: 'a', Line3: '4 Mill Rd', Line5: 'two\nlines' };
    const record = { ...fixture('Invoice'), BillAddr };
    const { mapping } = entityNamed('Invoice')!;
    const { billingAddress } = mapping.read(record, US);
    expect(mapping.write({ billingAddress: billingAddress! }, record, US).sets).toEqual({});
    const moved = mapping.write({ billingAddress: { ...(billingAddress as Content), line3: '5 Mill Rd' } }, record, US);
    expect(moved.sets.BillAddr).toEqual({ Line1: 'a', Line3: '5 Mill Rd', Line5: '' });
  });

  it('has custom fields by name', () => {
    expect(seen('Invoice').content.custom).toEqual({ 'PO number': 'P-9' });
    const before = sendable(seen('Invoice').raw);
    const { mapping } = entityNamed('Invoice')!;
    expect(mapping.write({ custom: { 'PO number': 'P-10' } }, before, US).sets).toEqual({
      CustomField: [
        { DefinitionId: '1', Name: 'PO number', Type: 'StringType', StringValue: 'P-10' },
        { DefinitionId: '2', Name: 'Colour', Type: 'StringType' },
      ],
    });
    expect(mapping.refuses({ custom: { Unknown: 'x' } }, before, US)).toMatchObject([{ path: 'custom.Unknown' }]);
  });

  it('with amounts that include tax shows them as they are, and they are not written', () => {
    const record = {
      ...fixture('Invoice'),
      GlobalTaxCalculation: 'TaxInclusive',
      Line: [
        {
          Id: '1',
          Amount: parseWire('100'),
          DetailType: 'SalesItemLineDetail',
          SalesItemLineDetail: {
            ItemRef: { value: '2' },
            TaxInclusiveAmt: parseWire('120.00'),
            TaxCodeRef: { value: '5' },
          },
        },
      ],
    };
    const { content } = sightingOf(entityNamed('Invoice')!, record as VendorRecord, ABROAD);
    expect(content).toMatchObject({ taxMode: 'inclusive', lines: [{ amount: '120.00' }] });
    expect(
      entityNamed('Invoice')!.mapping.refuses({ taxMode: 'inclusive' }, record as WireObject, ABROAD),
    ).toMatchObject([{ path: 'taxMode', rule: 'tax_inclusive' }]);
  });

  it('takes a line again as the vendor shows it, though its amount is not quantity times price', () => {
    const record = fixture('Invoice');
    const [line] = wireObjects(record.Line);
    const odd = { ...record, Line: [{ ...line, Amount: parseWire('140') }] };
    const { mapping } = entityNamed('Invoice')!;
    const [shown] = lines(mapping.read(odd, US));
    expect(mapping.refuses({ lines: [{ ...shown, description: 'other' }] as Content[] }, odd, US)).toEqual([]);
    expect(mapping.refuses({ lines: [{ ...shown, quantity: '3' }] as Content[] }, odd, US)).toMatchObject([
      { path: 'lines[0].amount', rule: 'amount_of_price' },
    ]);
  });

  it('says the class once where the company keeps it so', () => {
    const tracking = [{ dimension: 'class', category: { kind: 'tracking_category', id: 'Class:9' } }];
    const line = { item: { kind: 'item', id: '2' }, amount: '1', tracking };
    const change = entityNamed('Invoice')!.mapping.write(
      { lines: [line, { description: 'words' }] as Content[] },
      undefined,
      ABROAD,
    );
    expect(change.sets.ClassRef).toEqual({ value: '9' });
    expect(JSON.stringify(change.sets.Line)).not.toContain('ClassRef');
  });
});

describe('other documents', () => {
  it('a refund to a card is negative', () => {
    const { content } = seen('Purchase', 1);
    expect(content).toMatchObject({ method: 'card', total: '-122.4' });
    expect(lines(content).map(({ amount, quantity }) => [amount, quantity])).toEqual([
      ['-92.4', undefined],
      ['-30', '-3'],
    ]);
    expect(content).not.toHaveProperty('contact');
  });

  it('becomes a refund when its lines turn negative, by card only', () => {
    const { mapping } = entityNamed('Purchase')!;
    const content = { date: '2026-02-01', lines: [{ account: { kind: 'account' as const, id: '7' }, amount: '-5' }] };
    expect(mapping.refuses(content, undefined, US)).toMatchObject([{ path: 'method', rule: 'refund_by_card' }]);
    expect(mapping.write({ ...content, method: 'card' }, undefined, US).sets).toMatchObject({
      Credit: true,
      PaymentType: 'CreditCard',
    });
    const before = sendable(seen('Purchase', 1).raw);
    expect(mapping.write({ lines: [{ ...content.lines[0]!, amount: '5' }] }, before, US).sets.Credit).toBe(false);
  });

  it('a payment settles invoices and credits, and keeps links to what is no kind of ours', () => {
    expect(seen('Payment').content).toMatchObject({
      amount: '150.00',
      allocations: [{ document: { kind: 'invoice', id: '183' }, amount: '130.00' }],
      method: 'Check',
      unapplied: '0',
    });
    expect(seen('Payment', 1).content.allocations).toEqual([
      { document: { kind: 'invoice', id: '184' }, amount: '50' },
      { document: { kind: 'credit_note', id: '186' }, amount: '50' },
    ]);
    const change = entityNamed('Payment')!.mapping.write({ allocations: [] }, sendable(seen('Payment').raw), US);
    expect(JSON.stringify(change.sets)).toBe(
      '{"Line":[{"Amount":20,"LinkedTxn":[{"TxnId":"77","TxnType":"JournalEntry"}]}]}',
    );
  });

  it('a bill payment stands at the account of its way to pay', () => {
    expect(seen('BillPayment').content).toMatchObject({ method: 'check', paidFromAccount: { id: '35' } });
    expect(seen('BillPayment', 1).content).toMatchObject({ method: 'card', paidFromAccount: { id: '42' } });
    const change = entityNamed('BillPayment')!.mapping.write(
      { method: 'card', paidFromAccount: { kind: 'account', id: '42' } },
      sendable(seen('BillPayment').raw),
      US,
    );
    expect(change.sets).toMatchObject({ PayType: 'CreditCard', CreditCardPayment: { CCAccountRef: { value: '42' } } });
    expect(change.whole()).not.toHaveProperty('CheckPayment');
  });

  it('a journal entry names customers and vendors, and keeps employees and tax codes', () => {
    const [debit, credit] = lines(seen('JournalEntry').content);
    expect(debit).toMatchObject({
      side: 'debit',
      contact: { id: 'Customer:58' },
      tracking: [{ dimension: 'class' }, { dimension: 'department' }],
    });
    expect(credit).not.toHaveProperty('contact');
    const change = entityNamed('JournalEntry')!.mapping.write(
      { lines: [{ ...debit, description: 'new' }, credit!] as Content[] },
      sendable(seen('JournalEntry').raw),
      US,
    );
    expect(JSON.stringify(change.sets.Line)).toContain('"Entity":{"Type":"Employee","EntityRef":{"value":"55"}}');
    expect(JSON.stringify(change.sets.Line)).toContain('"TaxApplicableOn":"Sales"');
    expect(wireObjects(change.sets.Line)).toHaveLength(3);
  });

  it('a quote that became an invoice is closed, and stays what the vendor calls it', () => {
    expect(seen('Estimate', 1).content.state).toBe('closed');
    const { mapping } = entityNamed('Estimate')!;
    expect(mapping.write({ state: 'closed' }, sendable(seen('Estimate', 1).raw), US).sets).toEqual({});
    expect(mapping.write({ state: 'declined' }, undefined, US).sets).toEqual({ TxnStatus: 'Rejected' });
    expect(mapping.refuses({ state: 'draft' }, undefined, US)).toMatchObject([{ path: 'state', rule: 'choice' }]);
  });
});

describe('lists', () => {
  it('a switched-off record has the name it had, and a mark on an active one is part of its name', () => {
    expect(seen('Class', 1).content.name).toBe('North');
    expect(seen('Account', 1).content.name).toBe('Petty "cash"');
    const active = { ...fixture('Customer', 1), Active: true };
    expect(sightingOf(entityNamed('Customer')!, active, US).content.displayName).toBe('Gone Fishing (deleted)');
    const before = sendable(seen('Customer', 1).raw);
    expect(entityNamed('Customer')!.mapping.write({ displayName: 'Gone Fishing' }, before, US).sets).toEqual({});
  });

  it('an account’s subtype stays with its type and goes with it', () => {
    const { mapping } = entityNamed('Account')!;
    const before = sendable(seen('Account').raw);
    expect(mapping.write({ type: 'expense' }, before, US).drops.size).toBe(0);
    expect([...mapping.write({ type: 'other_expense' }, before, US).drops]).toEqual(['AccountSubType']);
  });

  it('an item is taxable or not in the US, and no new one is made that needs more than the contract knows', () => {
    expect(seen('Item', 1).content).toMatchObject({
      type: 'inventory',
      saleTaxRate: { id: 'TAX' },
      quantityOnHand: '25',
      salePrice: '15.1234567',
    });
    const { mapping } = entityNamed('Item')!;
    expect(
      mapping.write({ saleTaxRate: { kind: 'tax_rate', id: 'NON' } }, sendable(seen('Item', 1).raw), US).sets,
    ).toEqual({ Taxable: false });
    expect(mapping.refuses({ name: 'Pump', type: 'inventory' }, undefined, US)).toMatchObject([
      { path: 'type', rule: 'not_held' },
    ]);
    expect(mapping.refuses({ name: 'x' }, sendable(seen('Item', 2).raw), US)).toMatchObject([{ rule: 'read_only' }]);
  });

  it('a customer has two addresses and a vendor one; tax numbers are never read back half hidden', () => {
    expect(seen('Customer').content).toMatchObject({
      isCustomer: true,
      addresses: [
        { type: 'billing', city: 'Salem' },
        { type: 'shipping', line3: '4 Mill Rd\nSalem OR\n97301' },
      ],
      phones: [{ type: 'main', number: '(503) 555-0101' }, { type: 'mobile' }],
    });
    expect(seen('Customer').content).not.toHaveProperty('taxNumber');
    const both = [
      { type: 'billing', line1: 'a' },
      { type: 'shipping', line1: 'b' },
    ];
    const { mapping } = entityNamed('Vendor')!;
    expect(mapping.refuses({ addresses: both }, undefined, US)).toEqual([]);
    expect(mapping.write({ addresses: both }, undefined, US).sets).toEqual({ BillAddr: { Line1: 'a' } });
  });

  it('a term has days or a day of the month', () => {
    expect(seen('Term').content).toEqual({ name: 'Net 30', dueDays: 30, discountDays: 10, discountPercent: '2.50' });
    expect(seen('Term', 1).content).toEqual({ name: 'On the 15th', dueDayOfMonth: 15 });
  });
});

describe('a tax code', () => {
  const tables = (details: WireObject[], rates: WireObject[]) =>
    taxSighting(
      {
        TaxCode: { Id: '2', Name: 'Mix', Active: true, SalesTaxRateList: { TaxRateDetail: details } },
        TaxRates: rates,
        TaxAgencies: [{ Id: '1', DisplayName: 'Board' }],
      },
      US,
    ).content;
  const detail = (value: string, order: string, applies = 'TaxOnAmount'): WireObject => ({
    TaxRateRef: { value },
    TaxTypeApplicable: applies,
    TaxOrder: parseWire(order),
  });
  const rate = (Id: string, value: string): WireObject => ({
    Id,
    Name: `R${Id}`,
    RateValue: parseWire(value),
    AgencyRef: { value: '1' },
  });

  it('adds its rates up, tax upon tax included', () => {
    expect(tables([detail('4', '1'), detail('3', '0')], [rate('3', '5'), rate('4', '2.5')])).toMatchObject({
      rate: '7.5',
      components: [
        { name: 'R3', rate: '5' },
        { name: 'R4', rate: '2.5' },
      ],
      agency: 'Board',
      appliesTo: 'sales',
    });
    expect(
      tables([detail('3', '0'), detail('4', '1', 'TaxOnAmountPlusTax')], [rate('3', '5'), rate('4', '10')]),
    ).toMatchObject({
      rate: '15.5',
      components: [{ rate: '5' }, { rate: '10', compound: true }],
    });
  });

  it('without a rate of its own takes the one that has not ended, and says none where there is none', () => {
    const effective: WireObject = {
      Id: '3',
      Name: 'R3',
      EffectiveTaxRate: [{ RateValue: parseWire('7'), EndDate: '2025-01-01' }, { RateValue: parseWire('8') }],
    };
    expect(tables([detail('3', '0')], [effective])).toMatchObject({ rate: '8' });
    expect(tables([detail('3', '0')], [{ Id: '3', Name: 'group' }])).not.toHaveProperty('rate');
  });
});

describe('the company', () => {
  const features = (info: WireObject, preferences: WireObject) =>
    company.read({ CompanyInfo: info, Preferences: preferences, TaxAgencies: [] }, US).features as Record<
      string,
      string
    >;

  it('tells by its settings what may be sent to it', () => {
    expect(
      features(
        { Country: 'US', NameValue: [{ Name: 'OfferingSku', Value: 'QuickBooks Online Plus' }] },
        {
          AccountingInfoPrefs: { ClassTrackingPerTxn: true, TrackDepartments: true, BookCloseDate: '2025-12-31' },
          SalesFormsPrefs: {
            CustomTxnNumbers: true,
            AllowDiscount: true,
            CustomField: [{ CustomField: [{ DefinitionId: '1', Name: 'PO', Type: 'StringType' }] }],
          },
          TaxPrefs: { UsingSalesTax: true, PartnerTaxEnabled: true },
          CurrencyPrefs: { HomeCurrency: { value: 'USD' }, MultiCurrencyEnabled: false },
        },
      ),
    ).toEqual({
      country: 'US',
      homeCurrency: 'USD',
      plan: 'QuickBooks Online Plus',
      booksClosedUntil: '2025-12-31',
      classTracking: 'transaction',
      departmentTracking: 'true',
      multicurrency: 'false',
      accountNumbers: 'false',
      salesTax: 'automated',
      ownInvoiceNumbers: 'true',
      discounts: 'true',
      serviceDates: 'false',
      creditsAppliedAutomatically: 'false',
      salesFormFields: '{"PO":"1"}',
    });
  });

  it.each([
    ['US', { UsingSalesTax: false }, 'none'],
    ['US', { UsingSalesTax: true }, 'manual'],
    ['US', { UsingSalesTax: true, PartnerTaxEnabled: true }, 'automated'],
    ['GB', { UsingSalesTax: true, PartnerTaxEnabled: true }, 'global'],
  ])('in %s with %p has %s tax', (Country, TaxPrefs, model) => {
    expect(features({ Country }, { TaxPrefs }).salesTax).toBe(model);
  });

  it('of which nothing is known is sent nothing that might be refused', () => {
    const unknown = companyFeatures({ salesFormFields: 'no JSON', classTracking: 'everywhere' }, undefined);
    expect(unknown).toMatchObject({
      multicurrency: false,
      classes: 'none',
      departments: false,
      salesTax: 'none',
      discounts: false,
    });
    expect(unknown.salesFields.size).toBe(0);
  });
});
