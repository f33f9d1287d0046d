import { Decimal, decimal as exact } from '../../amounts.ts';
import type { Randomness } from '../../randomness.ts';
import { allocate } from '../allocations.ts';
import { addDays, DAY, HOUR, localDay } from '../calendar.ts';
import type { Stored } from '../collection.ts';
import type { Organisation } from '../organisation.ts';
import type { Body } from '../shape.ts';
import { change, create } from './foundation.ts';

/** Two years of business: contacts, then documents in the order in which they happened. */

export interface History {
  at(instant: number): void;
  now: number;
  days: number;
  random: Randomness;
  invoices: number;
}

const CUSTOMERS = [
  'Abby & Wells',
  'Basket Case',
  'Bayside Club',
  'Boom FM',
  'City Agency',
  'City Limousines',
  'DIISR - Small Business Services',
  'Hamilton Smith Ltd',
  "Jakaranda Maple O'Brien",
  'Kōwhai Design',
  'Marine Systems',
  'Petrie McLoud Watson & Associates',
  'Port & Philip Freight',
  'Rex Media Group',
  'Ridgeway University',
  'Zoë Müller Photography',
];

const SUPPLIERS = [
  '24 Locks',
  'ABC Furniture',
  'Bayside Wholesale',
  'Capital Cab Co',
  'Carlton Functions',
  'Central Copiers',
  'Gateway Motors',
  'Hoyt Productions',
  'Melrose Parking',
  'Net Connect',
  'PC Complete',
  'PowerDirect',
  'SMART Agency',
  'Swanston Security',
  'Truxton Property Management',
  'Young Bros Transport',
];

interface Parties {
  customers: Stored[];
  suppliers: Stored[];
}

/** Something that happens at an instant and may lead to later things. */
interface Happening {
  at: number;
  happen(): Happening[] | undefined;
}

export function recordTrade(organisation: Organisation, history: History): void {
  const parties = recordContacts(organisation);
  const happenings = [
    ...sales(organisation, parties, history),
    ...purchases(organisation, parties, history),
    ...banking(organisation, parties, history),
  ].sort((a, b) => a.at - b.at);
  for (let next = happenings.shift(); next; next = happenings.shift()) {
    history.at(next.at);
    for (const later of next.happen() ?? []) {
      const place = happenings.findIndex((each) => each.at > later.at);
      if (place === -1) happenings.push(later);
      else happenings.splice(place, 0, later);
    }
  }
  history.at(history.now - 2 * DAY);
  retire(organisation, parties);
}

function recordContacts(organisation: Organisation): Parties {
  const foreign = organisation.flavour === 'nz' ? ['EUR', 'USD', 'AUD'] : [];
  const contact = (Name: string, index: number, isCustomer: boolean): Stored =>
    create(organisation, 'Contacts', {
      Name,
      EmailAddress: `${isCustomer ? 'accounts' : 'billing'}${index + 1}@${isCustomer ? 'customer' : 'supplier'}.example`,
      FirstName: index % 3 === 0 ? 'Sam' : undefined,
      LastName: index % 3 === 0 ? 'Taylor' : undefined,
      Addresses: [
        {
          AddressType: 'STREET',
          AddressLine1: `${10 + index * 7} Queen Street`,
          City: 'Wellington',
          PostalCode: '6011',
          Country: 'New Zealand',
        },
      ],
      Phones: [{ PhoneType: 'DEFAULT', PhoneAreaCode: '04', PhoneNumber: `555 0${String(100 + index)}` }],
      ...(index % 4 === 1 && { PaymentTerms: { Sales: { Day: 14, Type: 'DAYSAFTERBILLDATE' } } }),
      ...(index % 5 === 2 && { AccountNumber: `A-${1000 + index}` }),
      ...(index % 5 === 4 && foreign.length > 0 && { DefaultCurrency: foreign[index % foreign.length] }),
    });
  return {
    customers: CUSTOMERS.map((name, index) => contact(name, index, true)),
    suppliers: SUPPLIERS.map((name, index) => contact(name, index, false)),
  };
}

/** An instant in working hours, `daysAgo` days back. */
function working({ now, random }: History, daysAgo: number): number {
  const midnight = Math.floor((now - daysAgo * DAY) / DAY) * DAY;
  return Math.min(midnight + random.integer(0, 8 * 3600) * 1000 + HOUR, now - 60_000);
}

function sales(organisation: Organisation, { customers }: Parties, history: History): Happening[] {
  const { random } = history;
  const items = [...organisation.collection('Items').all()];
  return Array.from({ length: history.invoices }, (_, index) => {
    const daysAgo = 1 + Math.floor((history.days - 10) * (1 - index / history.invoices));
    const happen = (): Happening[] => {
      const LineItems = Array.from({ length: random.integer(1, 3) }, (): Body => {
        const item = random.pick(items);
        return {
          ItemCode: item.fields.Code,
          Quantity: random.chance(0.2) ? `${random.integer(1, 8)}.5` : String(random.integer(1, 10)),
          ...(random.chance(0.1) && { DiscountRate: '5' }),
          ...(random.chance(0.4) && {
            Tracking: [{ Name: 'Region', Option: random.pick(['Eastside', 'North', 'South']) }],
          }),
        };
      });
      const form: Body = { Contact: { ContactID: random.pick(customers).id }, LineItems };
      const today = localDay(organisation.now(), String(organisation.settings.Timezone));
      if (index % 23 === 11) {
        const lines = LineItems.map((line) => ({ ...line, TaxType: 'NONE', Tracking: undefined }));
        create(organisation, 'Quotes', { ...form, LineItems: lines, Date: today, Status: 'SENT', Title: 'Your offer' });
      }
      const isDraft = index % 31 === 30;
      const invoice = create(organisation, 'Invoices', {
        ...form,
        Type: 'ACCREC',
        Date: today,
        DueDate: addDays(today, 14),
        Reference: random.chance(0.5) ? `P/O ${random.integer(1000, 9999)}` : undefined,
        LineAmountTypes: index % 3 === 0 ? 'Inclusive' : 'Exclusive',
        Status: isDraft ? 'DRAFT' : 'AUTHORISED',
      });
      if (isDraft) {
        if (index % 62 === 61) change(organisation, 'Invoices', { InvoiceID: invoice.id, Status: 'DELETED' });
        return [];
      }
      if (index % 37 === 20) {
        change(organisation, 'Invoices', { InvoiceID: invoice.id, Status: 'VOIDED' });
        return [];
      }
      return laterPayment(organisation, history, invoice, daysAgo);
    };
    return { at: working(history, daysAgo), happen };
  });
}

function laterPayment(organisation: Organisation, history: History, invoice: Stored, daysAgo: number): Happening[] {
  const { random } = history;
  const wait = random.integer(3, 40);
  if (wait >= daysAgo || random.chance(0.08)) return [];
  const at = working(history, daysAgo - wait);
  if (random.chance(0.04)) return [{ at, happen: () => creditOff(organisation, invoice) }];
  return [{ at, happen: () => pay(organisation, history, invoice) }];
}

function bankFor(organisation: Organisation, currency: unknown): string {
  return currency === 'EUR' && organisation.collection('Accounts').first('code', '092') ? '092' : '090';
}

function pay(organisation: Organisation, { random }: History, invoice: Stored): Happening[] {
  const current = organisation.fields('Invoices', invoice.id) as Body;
  const due = exact(current.AmountDue);
  if (!due.greaterThan(0)) return [];
  const part = random.chance(0.08) ? due.dividedBy(2).toDecimalPlaces(2) : due;
  const payment = create(organisation, 'Payments', {
    Invoice: { InvoiceID: invoice.id },
    Account: { Code: bankFor(organisation, current.CurrencyCode) },
    Date: organisation.today(),
    Amount: part.toFixed(),
    Reference: `DEP ${random.integer(1000, 9999)}`,
  });
  if (random.chance(0.03)) change(organisation, 'Payments', { PaymentID: payment.id, Status: 'DELETED' });
  return [];
}

function creditOff(organisation: Organisation, invoice: Stored): Happening[] {
  const { contact, AmountDue, Type, CurrencyCode } = organisation.fields('Invoices', invoice.id) as Body;
  if (!exact(AmountDue).greaterThan(0)) return [];
  const note = create(organisation, 'CreditNotes', {
    Type: Type === 'ACCREC' ? 'ACCRECCREDIT' : 'ACCPAYCREDIT',
    Contact: { ContactID: contact },
    Date: organisation.today(),
    CurrencyCode,
    LineAmountTypes: 'NoTax',
    LineItems: [
      {
        Description: 'Goods returned',
        Quantity: '1',
        UnitAmount: AmountDue,
        AccountCode: Type === 'ACCREC' ? '200' : '300',
      },
    ],
    Status: 'AUTHORISED',
  });
  organisation.transaction(() =>
    allocate(organisation, note, { Invoice: { InvoiceID: invoice.id }, Amount: AmountDue, Date: organisation.today() }),
  );
  return [];
}

const COSTS = ['400', '408', '412', '424', '428', '444', '452', '460', '472', '476'];

function purchases(organisation: Organisation, { suppliers }: Parties, history: History): Happening[] {
  const { random } = history;
  const count = Math.ceil(history.invoices / 2);
  const cost = (): Body => ({
    Description: 'Monthly cost',
    Quantity: '1',
    UnitAmount: new Decimal(random.integer(1500, 90_000)).dividedBy(100).toFixed(),
    AccountCode: random.pick(COSTS),
  });
  return Array.from({ length: count }, (_, index) => {
    const daysAgo = 1 + Math.floor((history.days - 12) * (1 - index / count));
    const happen = (): Happening[] => {
      const Contact = { ContactID: random.pick(suppliers).id };
      const Date = organisation.today();
      if (index % 9 === 4) {
        const line = { ItemCode: 'TSM-Black', Quantity: String(random.integer(5, 40)) };
        create(organisation, 'PurchaseOrders', {
          Contact,
          Date,
          DeliveryDate: addDays(Date, 10),
          LineItems: [line],
          Status: 'AUTHORISED',
        });
      }
      const bill = create(organisation, 'Invoices', {
        Type: 'ACCPAY',
        Contact,
        Date,
        DueDate: addDays(Date, 20),
        InvoiceNumber: random.chance(0.8) ? `R-${random.integer(100, 9999)}` : undefined,
        LineItems: random.chance(0.3) ? [cost(), cost()] : [cost()],
        Status: 'AUTHORISED',
      });
      return laterPayment(organisation, history, bill, daysAgo);
    };
    return { at: working(history, daysAgo), happen };
  });
}

/** Money spent at the counter, monthly depreciation, transfers to savings. */
function banking(organisation: Organisation, { suppliers }: Parties, history: History): Happening[] {
  const { random } = history;
  const months = Math.floor(history.days / 30);
  return Array.from({ length: months }, (_, index) => {
    const happen = (): undefined => {
      const Date = organisation.today();
      const spent = create(organisation, 'BankTransactions', {
        Type: 'SPEND',
        Contact: { ContactID: random.pick(suppliers).id },
        BankAccount: { Code: '090' },
        Date,
        LineItems: [
          {
            Description: 'Office supplies',
            Quantity: '1',
            UnitAmount: `${random.integer(20, 200)}.95`,
            AccountCode: '452',
          },
        ],
      });
      if (index % 8 === 3) change(organisation, 'BankTransactions', { BankTransactionID: spent.id, Status: 'DELETED' });
      create(organisation, 'ManualJournals', {
        Narration: `Depreciation ${index + 1}`,
        Date,
        Status: 'POSTED',
        JournalLines: [
          { LineAmount: '412.50', AccountCode: '416', Description: 'Depreciation' },
          { LineAmount: '-412.50', AccountCode: '720', Description: 'Depreciation' },
        ],
      });
      create(organisation, 'BankTransfers', {
        FromBankAccount: { Code: '090' },
        ToBankAccount: { Code: '091' },
        Amount: String(1000 + index),
        Date,
      });
    };
    return { at: working(history, (months - index) * 30 - 3), happen };
  });
}

/** Contacts out of use, and rows whose stamp is older than everything they tell of, as demo data has them. */
function retire(organisation: Organisation, { customers, suppliers }: Parties): void {
  for (const contact of [customers[3], suppliers[5]]) {
    if (contact) change(organisation, 'Contacts', { ContactID: contact.id, ContactStatus: 'ARCHIVED' });
  }
}
