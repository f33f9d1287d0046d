import { amount, decimal, Decimal } from '../../amounts.ts';
import { addDays, DAY, pacificDate } from '../calendar.ts';
import type { Company } from '../company.ts';
import type { Entity, User } from '../entity.ts';
import type { Randomness } from '../../randomness.ts';
import type { Body } from '../shape.ts';
import { Work } from '../work.ts';
import { save } from '../writing.ts';
import { accountNamed, create, objectNamed } from './foundation.ts';

/** Two years of business: names, items, and transactions in the order in which they happened. */

const BOOKKEEPER: User = { id: '9130000000000002', name: 'Robin Bookkeeper' };

export interface History {
  at(instant: number): void;
  now: number;
  days: number;
  random: Randomness;
  invoices: number;
}

const CUSTOMERS = [
  "Amy's Bird Sanctuary",
  "O'Neil's Hardware",
  'Birch Lane Studio',
  'Cedar & Slate Architects',
  'Dockside Coffee',
  'Eastgate School',
  'Freeman Sporting Goods',
  'Gardener, Geeta',
  'Harbor View Condominiums',
  'Iris & Ivy Flowers',
  'Juniper Hotel',
  "Kookies by Kathy's Kitchen",
  'Lakeside Clinic',
  'Mill Road Bakery',
  'Northwind Traders',
  'Orchard Park Council',
  'Pine Street Books',
  'Quarry Hill Farm',
  'Red Rock Diner',
  'Sonnenschein Family Store',
  'Travis Waldron',
  'Upland Vineyards',
  'Video Games by Dan',
  'Weiskopf Consulting',
];

const JOBS: readonly [parent: string, name: string][] = [
  ['Freeman Sporting Goods', '0969 Ocean View Road'],
  ['Freeman Sporting Goods', '55 Twin Lane'],
  ['Harbor View Condominiums', 'North tower'],
  ['Harbor View Condominiums', 'South tower'],
  ['Eastgate School', 'Playing field'],
  ['Juniper Hotel', 'Roof terrace'],
];

const VENDORS = [
  "Bob's Burger Joint",
  'Books by Bessie',
  'Brosnahan Insurance Agency',
  'Cal Telephone',
  'Chin’s Gas and Oil',
  'Cigna Health Care',
  'Computers by Jenni',
  "Diego's Road Warrior Bodyshop",
  'Ellis Equipment Rental',
  'Fidelity',
  'Hall Properties',
  'Hicks Hardware',
  'Hosting Heaven',
  'Lee Advertising',
  'Met Life Dental',
  'National Eye Care',
  'Norton Lumber and Building Materials',
  'Pacific Gas and Electric',
  'Robertson & Associates',
  'Squeaky Kleen Car Wash',
  'Tania’s Nursery',
  'Tim Philip Masonry',
  'Tony Rondonuwu',
  'United States Treasury',
  'Valley Water',
];

/** The place of the first of two customers who have left. */
const FORMER_CUSTOMER = 2;

interface Stock {
  customers: Entity[];
  vendors: Entity[];
  items: Entity[];
  bought: Entity[];
  classes: string[];
  departments: string[];
  /** Names nobody trades with any more. */
  former: Entity[];
}

export function recordTrade(company: Company, history: History): void {
  const stock = recordLists(company, history.random);
  const happenings = [
    ...sales(company, stock, history),
    ...purchases(company, stock, history),
    ...entries(company, history),
  ].sort((a, b) => a.at - b.at);
  for (let next = happenings.shift(); next; next = happenings.shift()) {
    history.at(next.at);
    for (const later of next.happen() ?? []) insert(happenings, later);
  }
  history.at(history.now - 2 * DAY);
  retire(company, stock);
}

/** Something that happens at an instant and may lead to later things. */
interface Happening {
  at: number;
  happen(): Happening[] | undefined;
}

function insert(happenings: Happening[], later: Happening): void {
  const place = happenings.findIndex((each) => each.at > later.at);
  if (place === -1) happenings.push(later);
  else happenings.splice(place, 0, later);
}

function recordLists(company: Company, random: Randomness): Stock {
  const make = (entity: string, body: Body) => create(company, entity, body, BOOKKEEPER);
  const plain = (text: string) => text.replaceAll('’', "'");
  const terms = ['Due on receipt', 'Net 10', 'Net 15', 'Net 30'].map((name) => objectNamed(company, 'Term', name));
  const currencies = company.multiCurrency ? ['GBP', 'GBP', 'GBP', 'EUR', 'USD'] : [company.homeCurrency];
  const places = company.isUnitedStates
    ? ([
        ['Salem', 'OR', '97301'],
        ['Tucson', 'AZ', '85701'],
        ['Seattle', 'WA', '98101'],
        ['San Pablo', 'CA', '94806'],
      ] as const)
    : ([
        ['Leeds', 'West Yorkshire', 'LS1 4AP'],
        ['York', 'North Yorkshire', 'YO1 7EP'],
      ] as const);
  const address = (number: number) => {
    const [City, CountrySubDivisionCode, PostalCode] = places[number % places.length] as (typeof places)[number];
    const Country = company.isUnitedStates ? 'USA' : 'United Kingdom';
    return {
      Line1: `${10 + number * 7} ${random.pick(['Mill Rd', 'Main St', 'Station Ave'])}`,
      City,
      CountrySubDivisionCode,
      PostalCode,
      Country,
    };
  };

  const customers = CUSTOMERS.map((name, index) =>
    make('Customer', {
      DisplayName: plain(name),
      CompanyName: plain(name),
      PrimaryEmailAddr: { Address: `accounts${index + 1}@customer.example` },
      PrimaryPhone: { FreeFormNumber: `(555) 555-01${String(index).padStart(2, '0')}` },
      BillAddr: address(index),
      ShipAddr: address(index),
      SalesTermRef: { value: terms[index % terms.length] },
      CurrencyRef: { value: currencies[index % currencies.length] },
      ...(index % 9 === 4 && { Notes: 'Prefers a call before delivery.' }),
    }),
  );
  for (const [parent, name] of JOBS) {
    const [id] = company.collection('Customer').lookUp('DisplayName', parent) ?? [];
    customers.push(
      make('Customer', {
        DisplayName: name,
        Job: true,
        ParentRef: { value: id },
        BillWithParent: true,
        CurrencyRef: company.object('Customer', id)?.CurrencyRef,
        BillAddr: address(customers.length),
      }),
    );
  }
  const vendors = VENDORS.map((name, index) =>
    make('Vendor', {
      DisplayName: plain(name),
      CompanyName: plain(name),
      PrimaryEmailAddr: { Address: `billing${index + 1}@vendor.example` },
      BillAddr: address(index + 3),
      TermRef: { value: terms[(index + 1) % terms.length] },
      Vendor1099: index % 7 === 3,
      CurrencyRef: { value: currencies[index % currencies.length] },
      ...(index % 5 === 2 && { AcctNum: `V-${1000 + index}` }),
    }),
  );
  for (const [GivenName, FamilyName] of [
    ['Emily', 'Platt'],
    ['John', 'Johnson'],
    ['Siobhan', "O'Brien"],
    ['Kari', 'Steblay'],
  ]) {
    make('Employee', { GivenName, FamilyName });
  }
  const classes = ['Residential', 'Commercial', 'Public'].map((Name) => make('Class', { Name }).Id);
  classes.push(make('Class', { Name: 'Gardens', SubClass: true, ParentRef: { value: classes[0] } }).Id);
  const departments = ['Headquarters', 'North yard', 'South yard'].map((Name) => make('Department', { Name }).Id);
  const former = [...customers.splice(FORMER_CUSTOMER, 2), ...vendors.splice(-2)];
  return { customers, vendors, former, classes, departments, ...recordItems(company) };
}

function recordItems(company: Company): { items: Entity[]; bought: Entity[] } {
  const account = (name: string) => ({ value: accountNamed(company, name) });
  const vat = company.isUnitedStates
    ? {}
    : {
        SalesTaxCodeRef: { value: objectNamed(company, 'TaxCode', '20.0% S') },
        PurchaseTaxCodeRef: { value: objectNamed(company, 'TaxCode', '20.0% S') },
      };
  const make = (body: Body) => create(company, 'Item', { ...vat, ...body }, BOOKKEEPER);
  const taxable = company.isUnitedStates ? { Taxable: true } : {};
  const category = create(company, 'Item', { Name: 'Garden', Type: 'Category' }, BOOKKEEPER).Id;
  const service = (Name: string, UnitPrice: number) =>
    make({ Name, Type: 'Service', UnitPrice, Description: Name, IncomeAccountRef: account('Landscaping Services') });
  const goods = (Name: string, UnitPrice: number, PurchaseCost: number) =>
    make({
      Name,
      Type: 'NonInventory',
      UnitPrice,
      PurchaseCost,
      ...taxable,
      Description: Name,
      IncomeAccountRef: account('Sales of Product Income'),
      ExpenseAccountRef: account('Cost of Goods Sold'),
    });
  const stocked = (Name: string, UnitPrice: number, PurchaseCost: number, QtyOnHand: number) =>
    make({
      Name,
      Type: 'Inventory',
      UnitPrice,
      PurchaseCost,
      ...taxable,
      SubItem: true,
      ParentRef: { value: category },
      Sku: Name.toUpperCase().replace(/[^A-Z]+/g, '-'),
      TrackQtyOnHand: true,
      QtyOnHand,
      InvStartDate: pacificDate(company.now()),
      IncomeAccountRef: account('Sales of Product Income'),
      ExpenseAccountRef: account('Cost of Goods Sold'),
      AssetAccountRef: account('Inventory Asset'),
    });
  const services = [
    service('Design', 75),
    service('Gardening', 32.5),
    service('Installation', 50),
    service('Pest Control', 35),
    service('Trimming', 42.15),
    service('Weekly Maintenance', 95),
  ];
  const sold = [goods('Sod', 12.35, 7.1), goods('Soil', 10, 6.5), goods('Lighting', 45.99, 28)];
  const inventory = [
    stocked('Rock Fountain', 275, 125, 40),
    stocked('Pump', 15, 10, 250),
    stocked('Sprinkler Heads', 2, 0.75, 1200),
    stocked('Sprinkler Pipes', 4, 2.5, 800),
  ];
  recordBundle(company, 'Irrigation set', [
    [inventory[1] as Entity, 1],
    [inventory[2] as Entity, 6],
    [inventory[3] as Entity, 12],
  ]);
  return { items: [...services, ...sold, ...inventory], bought: [...sold, ...inventory] };
}

/** Bundles cannot be made through the API; a person made this one. */
function recordBundle(company: Company, name: string, content: readonly [Entity, number][]): void {
  const { rules } = company.collection('Item');
  const work = new Work(company, BOOKKEEPER);
  const bundle = {
    Id: company.nextId(rules.sequence),
    Name: name,
    Description: name,
    Active: true,
    FullyQualifiedName: name,
    Level: 0,
    Type: 'Group',
    ItemGroupDetail: {
      ItemGroupLine: content.map(([item, Qty]) => ({ ItemRef: { value: item.Id, type: 'Item' }, Qty })),
    },
  };
  work.save(rules, bundle as unknown as Entity, {}, undefined, 'Create');
  work.commit();
}

/** An instant in working hours, `daysAgo` days back. */
function working(history: History, daysAgo: number): number {
  const { now, random } = history;
  const midnight = Math.floor((now - daysAgo * DAY) / DAY) * DAY;
  // 9 to 17 h US Pacific; today's part stays in the past.
  return Math.min(midnight + 17 * 3_600_000 + random.integer(0, 8 * 3600) * 1000, now - 60_000);
}

function line(random: Randomness, item: Entity, classes: readonly string[]): Body {
  const Qty = random.chance(0.2) ? random.integer(1, 8) + 0.5 : random.integer(1, 12);
  const price = decimal(item.UnitPrice);
  return {
    DetailType: 'SalesItemLineDetail',
    Description: item.Description ?? item.Name,
    Amount: amount(price.times(Qty)),
    SalesItemLineDetail: {
      ItemRef: { value: item.Id },
      Qty,
      UnitPrice: price.toNumber(),
      ...(random.chance(0.4) && { ClassRef: { value: random.pick(classes) } }),
    },
  };
}

function sales(company: Company, stock: Stock, history: History): Happening[] {
  const { random } = history;
  const california = company.flavour === 'us' ? objectNamed(company, 'TaxCode', 'California') : undefined;
  const happenings: Happening[] = [];
  for (let index = 0; index < history.invoices; index++) {
    const daysAgo = 1 + Math.floor((history.days - 10) * (1 - index / history.invoices));
    happenings.push({
      at: working(history, daysAgo),
      happen: () => {
        const customer = random.pick(stock.customers);
        const discount = {
          DetailType: 'DiscountLineDetail',
          DiscountLineDetail: { PercentBased: true, DiscountPercent: 5 },
        };
        const lines = Array.from({ length: random.integer(1, 4) }, () =>
          line(random, random.pick(stock.items), stock.classes),
        );
        const form: Body = {
          CustomerRef: { value: customer.Id },
          Line: random.chance(0.06) ? [...lines, discount] : lines,
          ...(california !== undefined &&
            random.chance(0.7) && { TxnTaxDetail: { TxnTaxCodeRef: { value: california } } }),
          ...(random.chance(0.3) && { DepartmentRef: { value: random.pick(stock.departments) } }),
          ...(company.flavour === 'us-ast' && { DocNumber: String(2001 + index) }),
        };
        if (index % 25 === 7) return estimateThenInvoice(company, history, daysAgo, form);
        return invoiceThenPayment(company, history, daysAgo, form);
      },
    });
  }
  return happenings;
}

function estimateThenInvoice(company: Company, history: History, daysAgo: number, form: Body): Happening[] {
  const { DocNumber, ...quoted } = form;
  const estimate = create(
    company,
    'Estimate',
    { ...quoted, ...(DocNumber !== undefined && { DocNumber: `E${String(DocNumber)}` }) },
    BOOKKEEPER,
  );
  if (history.random.chance(0.4) || daysAgo < 8) return [];
  const later = daysAgo - history.random.integer(1, 7);
  const LinkedTxn = [{ TxnId: estimate.Id, TxnType: 'Estimate' }];
  const happen = () => invoiceThenPayment(company, history, later, { ...form, LinkedTxn });
  return [{ at: working(history, later), happen }];
}

function invoiceThenPayment(company: Company, history: History, daysAgo: number, form: Body): Happening[] {
  const { random } = history;
  const invoice = create(company, 'Invoice', form, BOOKKEEPER);
  const wait = random.integer(3, 45);
  if (wait >= daysAgo || random.chance(0.07)) return [];
  const later = daysAgo - wait;
  if (random.chance(0.02)) return [{ at: working(history, later), happen: () => creditOff(company, invoice, form) }];
  return [{ at: working(history, later), happen: () => pay(company, history, invoice, later) }];
}

function pay(company: Company, history: History, invoice: Entity, daysAgo: number): Happening[] {
  const { random } = history;
  const open = decimal(company.object('Invoice', invoice.Id)?.Balance);
  if (open.isZero()) return [];
  const part = random.chance(0.08) ? amount(open.dividedBy(2)) : open.toNumber();
  const payment = create(
    company,
    'Payment',
    {
      CustomerRef: { value: invoice.CustomerRef?.value },
      TotalAmt: part,
      Line: [{ Amount: part, LinkedTxn: [{ TxnId: invoice.Id, TxnType: 'Invoice' }] }],
      PaymentMethodRef: {
        value: objectNamed(company, 'PaymentMethod', random.pick(['Check', 'Bank transfer', 'Visa'])),
      },
      PaymentRefNum: String(random.integer(1000, 99999)),
    },
    BOOKKEEPER,
  );
  const isHome = payment.CurrencyRef?.value === company.homeCurrency;
  if (daysAgo < 5 || !isHome || random.chance(0.8)) return [];
  const deposit = () => {
    create(
      company,
      'Deposit',
      {
        DepositToAccountRef: { value: accountNamed(company, 'Checking') },
        Line: [{ DetailType: 'DepositLineDetail', LinkedTxn: [{ TxnId: payment.Id, TxnType: 'Payment' }] }],
      },
      BOOKKEEPER,
    );
    return [];
  };
  return [{ at: working(history, daysAgo - 2), happen: deposit }];
}

/** A credit memo over the first line of an invoice, set against it by a payment of nothing. */
function creditOff(company: Company, invoice: Entity, form: Body): Happening[] {
  const open = decimal(company.object('Invoice', invoice.Id)?.Balance);
  const { Line, LinkedTxn: _link, DocNumber, ...rest } = form;
  const credit = create(
    company,
    'CreditMemo',
    { ...rest, Line: [(Line as Body[])[0]], ...(DocNumber !== undefined && { DocNumber: `C${String(DocNumber)}` }) },
    BOOKKEEPER,
  );
  const used = Decimal.min(open, decimal(credit.RemainingCredit)).toNumber();
  if (used <= 0) return [];
  const settles = (TxnType: string, TxnId: string) => ({ Amount: used, LinkedTxn: [{ TxnId, TxnType }] });
  create(
    company,
    'Payment',
    {
      CustomerRef: { value: invoice.CustomerRef?.value },
      TotalAmt: 0,
      Line: [settles('Invoice', invoice.Id), settles('CreditMemo', credit.Id)],
    },
    BOOKKEEPER,
  );
  return [];
}

function purchases(company: Company, stock: Stock, history: History): Happening[] {
  const { random } = history;
  const count = Math.ceil(history.invoices / 5);
  const costs = ['Rent', 'Utilities', 'Office Expenses', 'Advertising', 'Insurance', 'Travel'].map((name) =>
    accountNamed(company, name),
  );
  const vat = company.isUnitedStates ? undefined : { value: objectNamed(company, 'TaxCode', '20.0% S') };
  const cost = (): Body => ({
    DetailType: 'AccountBasedExpenseLineDetail',
    Amount: amount(new Decimal(random.integer(1500, 90_000)).dividedBy(100)),
    Description: 'Monthly cost',
    AccountBasedExpenseLineDetail: { AccountRef: { value: random.pick(costs) }, ...(vat && { TaxCodeRef: vat }) },
  });
  const goods = (): Body => {
    const item = random.pick(stock.bought);
    const Qty = random.integer(5, 40);
    return {
      DetailType: 'ItemBasedExpenseLineDetail',
      Amount: amount(decimal(item.PurchaseCost).times(Qty)),
      ItemBasedExpenseLineDetail: { ItemRef: { value: item.Id }, Qty, UnitPrice: item.PurchaseCost },
    };
  };
  return Array.from({ length: count }, (_, index) => {
    const daysAgo = 1 + Math.floor((history.days - 12) * (1 - index / count));
    const happen = (): Happening[] => {
      const vendor = random.pick(stock.vendors);
      const VendorRef = { value: vendor.Id };
      switch (index % 6) {
        case 0:
          return spend(company, vendor, cost());
        case 1: {
          const order = create(company, 'PurchaseOrder', { VendorRef, Line: [goods(), goods()] }, BOOKKEEPER);
          if (daysAgo < 10) return [];
          const LinkedTxn = [{ TxnId: order.Id, TxnType: 'PurchaseOrder' }];
          const Line = (order.Line ?? []).map(({ Id: _id, LineNum: _number, ...rest }) => rest);
          const bill = () => billThenPay(company, history, daysAgo - 5, { VendorRef, Line, LinkedTxn });
          return [{ at: working(history, daysAgo - 5), happen: bill }];
        }
        case 2:
          if (index % 4 === 0) create(company, 'VendorCredit', { VendorRef, Line: [cost()] }, BOOKKEEPER);
          return [];
        default: {
          const Line = random.chance(0.5) ? [cost()] : [goods(), cost()];
          return billThenPay(company, history, daysAgo, { VendorRef, Line, DocNumber: `V-${700 + index}` });
        }
      }
    };
    return { at: working(history, daysAgo), happen };
  });
}

function spend(company: Company, vendor: Entity, Line: Body): Happening[] {
  const isHome = vendor.CurrencyRef?.value === company.homeCurrency;
  create(
    company,
    'Purchase',
    {
      PaymentType: 'CreditCard',
      AccountRef: { value: accountNamed(company, 'Mastercard') },
      Line: [Line],
      ...(isHome && { EntityRef: { value: vendor.Id, type: 'Vendor' } }),
    },
    BOOKKEEPER,
  );
  return [];
}

function billThenPay(company: Company, history: History, daysAgo: number, form: Body): Happening[] {
  const { random } = history;
  const bill = create(company, 'Bill', form, BOOKKEEPER);
  const wait = random.integer(5, 35);
  if (wait >= daysAgo || random.chance(0.1)) return [];
  const settle = (): Happening[] => {
    const open = decimal(company.object('Bill', bill.Id)?.Balance).toNumber();
    create(
      company,
      'BillPayment',
      {
        VendorRef: { value: bill.VendorRef?.value },
        TotalAmt: open,
        PayType: 'Check',
        CheckPayment: { BankAccountRef: { value: accountNamed(company, 'Checking') } },
        Line: [{ Amount: open, LinkedTxn: [{ TxnId: bill.Id, TxnType: 'Bill' }] }],
      },
      BOOKKEEPER,
    );
    return [];
  };
  return [{ at: working(history, daysAgo - wait), happen: settle }];
}

/** Monthly depreciation and a transfer to savings. */
function entries(company: Company, history: History): Happening[] {
  const months = Math.floor(history.days / 30);
  const posting = (PostingType: string, name: string) => ({
    Amount: 412.5,
    DetailType: 'JournalEntryLineDetail',
    Description: 'Depreciation',
    JournalEntryLineDetail: { PostingType, AccountRef: { value: accountNamed(company, name) } },
  });
  return Array.from({ length: months }, (_, index) => {
    const at = working(history, (months - index) * 30 - 3);
    const happen = (): Happening[] => {
      const Line = [posting('Debit', 'Depreciation Expense'), posting('Credit', 'Accumulated Depreciation')];
      create(company, 'JournalEntry', { DocNumber: `DEP-${index + 1}`, Line }, BOOKKEEPER);
      create(
        company,
        'Transfer',
        {
          FromAccountRef: { value: accountNamed(company, 'Checking') },
          ToAccountRef: { value: accountNamed(company, 'Savings') },
          Amount: 1000 + index,
          TxnDate: addDays(pacificDate(at), 0),
        },
        BOOKKEEPER,
      );
      return [];
    };
    return { at, happen };
  });
}

/** Some names are out of use: they hide from queries, but old transactions still show them. */
function retire(company: Company, stock: Stock): void {
  const deactivate = (entity: string, id: string) => {
    const SyncToken = company.object(entity, id)?.SyncToken;
    const body = { Id: id, SyncToken, sparse: true, Active: false };
    save({ company, rules: company.collection(entity).rules, body, user: BOOKKEEPER });
  };
  for (const { Id } of stock.former) deactivate(company.object('Customer', Id) ? 'Customer' : 'Vendor', Id);
  deactivate('Item', (stock.items[3] as Entity).Id);
  deactivate('Class', stock.classes[2] as string);
  deactivate('Account', accountNamed(company, 'Client Trust'));
  deactivate('Term', objectNamed(company, 'Term', '25th of the month'));
}
