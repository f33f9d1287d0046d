import { Decimal } from '../../amounts.ts';
import type { Randomness } from '../../randomness.ts';
import type { Business } from '../business.ts';
import { addDays, DAY, dayIn } from '../calendar.ts';
import {
  acceptEstimate,
  approveEstimate,
  convertEstimate,
  createEstimate,
  rejectEstimate,
} from '../objects/estimates.ts';
import { addPayment, createPayment } from '../objects/invoice-payments.ts';
import { amountDue } from '../objects/invoice-status.ts';
import { approveInvoice, createInvoice, markInvoiceSent, viewInvoice } from '../objects/invoices.ts';
import { createTransaction } from '../objects/money-transactions.ts';
import { createCustomer, createVendor, deleteCustomer, patchVendor } from '../objects/parties.ts';
import { archiveProduct, createProduct } from '../objects/products.ts';
import { createSalesTax } from '../objects/sales-taxes.ts';
import { Problems } from '../problems.ts';
import type { Account, Estimate, Invoice, Party, Product, SalesTax } from '../records.ts';
import type { Flavour } from './businesses.ts';

/** Two years of business: names, products, and documents in the order in which they happened. */

export interface History {
  at(instant: number): void;
  now: number;
  days: number;
  random: Randomness;
  invoices: number;
}

interface Stock {
  customers: Party[];
  products: Product[];
  taxes: SalesTax[];
}

const CUSTOMERS = [
  "Amy's Bird Sanctuary",
  'Birch Lane Gallery',
  'Cedar & Slate Architects',
  'Dockside Coffee',
  'Eastgate School',
  "Finch O'Neil Partners",
  'Granite Peak Outfitters',
  'Harbor View Hotel',
  'Iris & Ivy Flowers',
  'Juniper Clinic',
  'Kestrel Books',
  'Lakeside Council',
  'Mill Road Bakery',
  'Northwind Traders',
  'Orchard Café',
  'Pine Street Press',
  'Quarry Hill Farm',
  'Red Rock Diner',
  'Société Générale du Lin',
  'Upland Vineyards',
];

const VENDORS = [
  'Atlas Office Supply',
  'Beacon Insurance',
  'Cal Telephone',
  'Diego’s Print Shop',
  'Ellis Equipment Rental',
  'Hall Properties',
  'Hosting Heaven',
  'Metro Power & Light',
  'Northern Couriers',
  'Tania’s Nursery',
];

const PRODUCTS: readonly [name: string, price: string, income: string | null, expense: string | null][] = [
  ['Consulting hour', '120', 'Consulting Income', null],
  ['Design day', '850', 'Consulting Income', null],
  ['Workshop', '1450.50', 'Consulting Income', null],
  ['Site visit', '95', 'Sales', null],
  ['Fabric, by the yard', '18.375', 'Sales', 'Materials'],
  ['Cushion cover', '42.90', 'Sales', 'Materials'],
  ['Wall hanging', '310', 'Sales', 'Materials'],
  ['Printing', '0.085', 'Sales', 'Office Supplies'],
  ['Delivery', '25', 'Sales', null],
  ['Packing material', '4.2', null, 'Materials'],
  ['Gift wrapping', '6', 'Sales', null],
];

/** A product that is no longer sold. */
const RETIRED = 'Gift wrapping';

const TAXES: Readonly<
  Record<Flavour, readonly [name: string, abbreviation: string, rate: string, compound: boolean][]>
> = {
  us: [
    ['New York Sales Tax', 'NYS', '0.08875', false],
    ['Clothing Exemption Tax', 'CLO', '0.04375', false],
  ],
  ca: [
    ['Harmonized Sales Tax', 'HST', '0.13', false],
    ['Goods and Services Tax', 'GST', '0.05', false],
    ['Provincial Tax on GST', 'PST', '0.08', true],
  ],
};

/** Runs a rule of the API for the seed; what is refused is a mistake in the seed. */
function made<T>(rule: (problems: Problems) => T | undefined): T {
  const problems = new Problems();
  const result = rule(problems);
  if (result === undefined || problems.any) throw new Error(`the seed was refused: ${JSON.stringify(problems.list)}`);
  return result;
}

function accountNamed(business: Business, name: string | null): Account | undefined {
  return name === null ? undefined : [...business.accounts.all()].find((account) => account.name === name);
}

export function recordLists(business: Business, flavour: Flavour, random: Randomness): Stock {
  const taxes = TAXES[flavour].map(([name, abbreviation, rate, isCompound]) =>
    made((problems) => {
      const input = { name, abbreviation, rate: new Decimal(rate), isCompound, showTaxNumberOnInvoices: !isCompound };
      return createSalesTax({ business, problems, input });
    }),
  );
  const currencies = flavour === 'ca' ? ['CAD', 'CAD', 'USD', 'EUR'] : ['USD'];
  const customers = CUSTOMERS.map((name, index) =>
    made((problems) => {
      const plainName = name
        .normalize('NFD')
        .toLowerCase()
        .replace(/[^a-z]+/g, '');
      const input = {
        name,
        firstName: random.pick(['Alex', 'Sam', 'Kim', 'Jo', 'Noor']),
        lastName: random.pick(['Reed', 'Okafor', 'Silva', 'Chen', 'Novak']),
        email: `accounts@${plainName}.example`,
        phone: `555-01${String(index).padStart(2, '0')}`,
        displayId: `C-${100 + index}`,
        currency: currencies[index % currencies.length],
        address: addressOf(flavour, index),
      };
      return createCustomer({ business, problems, input });
    }),
  );
  for (const name of VENDORS) {
    made((problems) => createVendor({ business, problems, input: { name, displayId: `V-${name.length}` } }));
  }
  const products = PRODUCTS.map(([name, price, income, expense], index) =>
    made((problems) => {
      const input = {
        name,
        unitPrice: new Decimal(price),
        description: index % 3 === 0 ? `${name} as agreed` : null,
        incomeAccountId: accountNamed(business, income)?.id,
        expenseAccountId: accountNamed(business, expense)?.id,
        defaultSalesTaxIds: income === 'Sales' ? [taxes[0]?.id ?? ''] : [],
      };
      return createProduct({ business, problems, input });
    }),
  );
  return { customers, products, taxes };
}

function addressOf(flavour: Flavour, index: number) {
  const [city, provinceCode, postalCode] =
    flavour === 'us'
      ? ([
          ['Albany', 'US-NY', '12207'],
          ['Asheville', 'US-NC', '28801'],
          ['Portland', 'US-OR', '97204'],
        ][index % 3] as [string, string, string])
      : ([
          ['Toronto', 'CA-ON', 'M5V 1K4'],
          ['Montréal', 'CA-QC', 'H2X 1Y4'],
          ['Halifax', 'CA-NS', 'B3H 4R2'],
        ][index % 3] as [string, string, string]);
  return {
    addressLine1: `${10 + index} Main Street`,
    city,
    provinceCode,
    countryCode: provinceCode.slice(0, 2),
    postalCode,
  };
}

/** Something that happens at an instant and may lead to later things. */
interface Happening {
  at: number;
  happen(): Happening[] | void;
}

export function recordTrade(business: Business, stock: Stock, history: History): void {
  const happenings = [
    ...sales(business, stock, history),
    ...estimates(business, stock, history),
    ...spending(business, history),
  ].sort((a, b) => a.at - b.at);
  for (let next = happenings.shift(); next; next = happenings.shift()) {
    history.at(next.at);
    for (const later of next.happen() ?? []) insert(happenings, later, history.now);
  }
  history.at(history.now - 2 * DAY);
  retire(business, stock);
}

function insert(happenings: Happening[], later: Happening, now: number): void {
  if (later.at >= now) return;
  const place = happenings.findIndex((each) => each.at > later.at);
  if (place === -1) happenings.push(later);
  else happenings.splice(place, 0, later);
}

/** Instants spread over the history, in order. */
function instants({ now, days, random }: History, count: number): number[] {
  const span = (days - 2) * DAY;
  return Array.from({ length: count }, () => now - DAY - Math.floor(random.number() * span)).sort((a, b) => a - b);
}

function sales(business: Business, stock: Stock, history: History): Happening[] {
  const { random, invoices, now } = history;
  return instants(history, invoices).map((at, index) => ({
    at,
    happen() {
      const customer = random.pick(stock.customers);
      const isDraft = index > invoices - 6 && index % 2 === 0;
      const invoice = made((problems) =>
        createInvoice({
          business,
          problems,
          input: {
            customerId: customer.id,
            status: isDraft ? 'DRAFT' : 'SAVED',
            currency: customer.currency,
            items: lines(stock, random),
            discounts: random.chance(0.1)
              ? [{ discountType: 'PERCENTAGE', name: 'Loyalty', percentage: new Decimal(5) }]
              : [],
            memo: random.chance(0.2) ? 'Thank you for your business.' : null,
            poNumber: random.chance(0.2) ? `PO-${random.integer(1000, 9999)}` : null,
          },
        }),
      );
      return isDraft ? [] : later(business, invoice, random, now);
    },
  }));
}

function lines(stock: Stock, random: Randomness) {
  const sellable = stock.products.filter((product) => product.incomeAccountId !== null && product.name !== RETIRED);
  return Array.from({ length: random.integer(1, 4) }, () => {
    const product = random.pick(sellable);
    return {
      productId: product.id,
      quantity: new Decimal(random.pick(['1', '2', '3', '0.5', '12', '7.25'])),
      ...(random.chance(0.2) && { unitPrice: new Decimal(product.unitPrice).times('0.9') }),
      ...(random.chance(0.3) && {
        taxes: random.chance(0.5) ? [] : stock.taxes.map((tax) => ({ salesTaxId: tax.id })),
      }),
    };
  });
}

/** Sent, looked at, and paid in one or two parts, or not at all. */
function later(business: Business, { id }: Invoice, random: Randomness, now: number): Happening[] {
  const at = business.now();
  const steps: Happening[] = [];
  const current = () => business.invoices.get(id) as Invoice;
  if (random.chance(0.85)) {
    const input = { sendMethod: random.pick(['WAVE', 'MARKED_SENT', 'EXPORT_PDF']) };
    steps.push({
      at: at + 3_600_000,
      happen: () => void made((problems) => markInvoiceSent({ business, target: current(), input, problems })),
    });
  }
  if (random.chance(0.4)) steps.push({ at: at + DAY, happen: () => void viewInvoice(business, current()) });
  const isOld = at < now - 60 * DAY;
  const isPaid = random.chance(isOld ? 0.95 : 0.4);
  const parts = random.chance(0.15) ? 2 : 1;
  for (let part = 0; isPaid && part < parts; part++) {
    const paidAt = at + random.integer(3, 40) * DAY + part * 20 * DAY;
    steps.push({ at: paidAt, happen: () => pay(business, current(), random, part + 1 < parts) });
  }
  return steps;
}

function pay(business: Business, invoice: Invoice, random: Randomness, isPart: boolean): void {
  const due = amountDue(invoice);
  const amount = isPart ? due.div(2).toDecimalPlaces(2) : due;
  if (!amount.gt(0)) return;
  const account =
    business.accountOf('CASH_AND_BANK', invoice.currency) ??
    business.accountOf('CASH_AND_BANK', business.settings.currency);
  const isHome = invoice.currency === business.settings.currency;
  const drift = new Decimal(random.integer(970, 1030)).div(1000);
  const input = {
    paymentAccountId: account?.id ?? '',
    amount,
    paymentDate: business.today(),
    paymentMethod: random.pick(['BANK_TRANSFER', 'CHEQUE', 'CREDIT_CARD', 'CASH']),
    exchangeRate: isHome ? new Decimal(1) : new Decimal(invoice.exchangeRate).times(drift).toDecimalPlaces(6),
    memo: random.chance(0.3) ? `Deposit ${random.integer(100, 999)}` : null,
  };
  if (isHome && random.chance(0.1)) {
    const providerTransactionId = String(random.integer(100_000, 999_999));
    addPayment(
      business,
      invoice,
      { ...input, paymentMethod: 'CREDIT_CARD' },
      { provider: 'WAVE', providerTransactionId },
    );
    return;
  }
  made((problems) => createPayment({ business, target: invoice, input, problems }));
}

function estimates(business: Business, stock: Stock, history: History): Happening[] {
  const { random, invoices } = history;
  return instants(history, Math.ceil(invoices / 6)).map((at) => ({
    at,
    happen() {
      const customer = random.pick(stock.customers);
      const items = lines(stock, random).map((line) => ({ ...line, unitPrice: line.unitPrice ?? new Decimal(150) }));
      const estimate = made((problems) =>
        createEstimate({ business, problems, input: { customerId: customer.id, currency: customer.currency, items } }),
      );
      return answers(business, estimate.id, random);
    },
  }));
}

function answers(business: Business, id: string, random: Randomness): Happening[] {
  const at = business.now();
  const write = (problems: Problems) => ({
    business,
    target: business.estimates.get(id) as Estimate,
    input: {},
    problems,
  });
  const step = (days: number, rule: (problems: Problems) => unknown): Happening => ({
    at: at + days * DAY,
    happen: () => void made(rule),
  });
  if (random.chance(0.15)) return [];
  const steps = [step(1, (problems) => approveEstimate(write(problems)))];
  const fate = random.number();
  if (fate < 0.15) steps.push(step(6, (problems) => rejectEstimate(write(problems))));
  else if (fate < 0.75) steps.push(step(5, (problems) => acceptEstimate(write(problems))));
  if (fate >= 0.15 && fate < 0.5) {
    steps.push(step(8, (problems) => convertEstimate(write(problems))));
    steps.push(step(9, (problems) => approveConverted(business, id, problems)));
  }
  return steps;
}

function approveConverted(business: Business, estimateId: string, problems: Problems): Invoice | undefined {
  const [target] = business.invoices.having('source', estimateId);
  return target && approveInvoice({ business, target, input: {}, problems });
}

const SPENDING: readonly [account: string, description: string, least: number, most: number][] = [
  ['Rent Expense', 'Rent', 180_000, 180_000],
  ['Utilities', 'Electricity', 9_000, 21_000],
  ['Telephone – Wireless', 'Mobile plan', 6_500, 6_500],
  ['Computer – Software', 'Subscriptions', 2_000, 14_000],
  ['Office Supplies', 'Paper and toner', 1_500, 9_000],
];

/** What leaves the bank every month, recorded the way the API does it. */
function spending(business: Business, history: History): Happening[] {
  const { random, now, days } = history;
  const bank = business.accountOf('CASH_AND_BANK', business.settings.currency);
  const happenings: Happening[] = [];
  for (let day = 3; day < days - 2; day += 30) {
    const at = now - (days - day) * DAY;
    for (const [name, description, least, most] of SPENDING) {
      const account = accountNamed(business, name);
      const amount = new Decimal(random.integer(least, most)).div(100);
      happenings.push({
        at,
        happen: () =>
          void made((problems) =>
            createTransaction({
              business,
              problems,
              input: {
                externalId: `seed-${name}-${day}`,
                date: addDays(dayIn(business.settings.timezone, at), 0),
                description,
                anchor: { accountId: bank?.id ?? '', amount, direction: 'WITHDRAWAL' },
                lineItems: [{ accountId: account?.id ?? '', amount, balance: 'DEBIT' }],
              },
            }),
          ),
      });
    }
  }
  return happenings;
}

/** A customer who left, a product that is gone, a vendor nobody buys from. */
function retire(business: Business, stock: Stock): void {
  const [, , customer] = stock.customers;
  const product = stock.products.find((each) => each.name === RETIRED);
  const [vendor] = business.vendors.having('name', VENDORS[0] ?? '');
  if (customer) made((problems) => deleteCustomer({ business, target: customer, input: {}, problems }));
  if (product) made((problems) => archiveProduct({ business, target: product, input: {}, problems }));
  if (vendor) made((problems) => patchVendor({ business, target: vendor, input: { isArchived: true }, problems }));
}
