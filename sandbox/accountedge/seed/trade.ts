import { cents, decimal } from '../../amounts.ts';
import type { Randomness } from '../../randomness.ts';
import { balanceOf } from '../applications.ts';
import { atMidnight, DAY, HOUR, utcDay } from '../calendar.ts';
import type { CompanyFile } from '../company-file.ts';
import type { Stored } from '../record.ts';
import type { Members } from '../shape.ts';
import { accountLink, edit, linkTo, make, TAX, taxLink, type Flavour } from './foundation.ts';

/** A past: names, items, and transactions in the order in which they happened. */

export interface History {
  at(instant: number): void;
  start: number;
  now: number;
  random: Randomness;
  invoices: number;
}

const CUSTOMERS = [
  "O'Neil's Hardware",
  'Birch Lane Studio',
  'Cedar & Slate Architects',
  'Dockside Coffee',
  'Eastgate School',
  'Harbor View Condominiums',
  'Juniper Hotel',
  'Lakeside Clinic',
  'Mill Road Bakery',
  'Northwind Traders',
  'Pine Street Books',
  'Quarry Hill Farm',
  'Zoë & Söhne GmbH',
];

const SUPPLIERS = [
  "Bob's Timber",
  'Brosnahan Insurance Agency',
  'Coastal Telephone',
  'Ellis Equipment Rental',
  'Hall Properties',
  'Hicks Fasteners',
  'Norton Lumber',
  'Robertson & Associates',
  'Valley Paints',
];

interface Stock {
  customers: Stored[];
  suppliers: Stored[];
  services: Stored[];
  goods: Stored[];
}

/** Something that happens at an instant and may lead to later things. */
interface Happening {
  at: number;
  happen(): Happening[];
}

export function recordTrade(file: CompanyFile, flavour: Flavour, history: History): void {
  const trade = new Trade(file, flavour, history);
  const happenings = trade.plan().sort((a, b) => a.at - b.at);
  for (let next = happenings.shift(); next; next = happenings.shift()) {
    history.at(next.at);
    for (const later of next.happen()) insert(happenings, later);
  }
  history.at(history.now - 2 * DAY);
  trade.retire();
}

function insert(happenings: Happening[], later: Happening): void {
  const place = happenings.findIndex((each) => each.at > later.at);
  if (place === -1) happenings.push(later);
  else happenings.splice(place, 0, later);
}

class Trade {
  private readonly file: CompanyFile;
  private readonly flavour: Flavour;
  private readonly history: History;
  private readonly stock: Stock;

  constructor(file: CompanyFile, flavour: Flavour, history: History) {
    this.file = file;
    this.flavour = flavour;
    this.history = history;
    this.stock = this.recordLists();
  }

  /** Spread over the whole time; what follows from them is planned as they happen. */
  plan(): Happening[] {
    const { invoices } = this.history;
    const some = (share: number, happen: (at: number) => Happening[]) =>
      this.spread(Math.round(invoices * share), happen);
    return [
      ...this.opening(),
      ...some(1, (at) => this.sell(at)),
      ...some(0.08, (at) => this.credit(at)),
      ...some(0.25, (at) => this.quote(at)),
      ...some(0.45, (at) => this.buy(at)),
      ...some(0.05, (at) => this.returnGoods(at)),
      ...some(0.2, (at) => this.order(at)),
      ...some(0.05, (at) => this.saleOrder(at)),
      ...some(0.45, (at) => this.spend(at)),
      ...some(0.08, (at) => this.receive(at)),
      ...some(0.15, (at) => this.transfer(at)),
      ...some(0.2, (at) => this.journal(at)),
    ];
  }

  /** Somebody nobody trades with any more, and a note on somebody else. */
  retire(): void {
    const [customer] = this.stock.customers.slice(-1);
    if (customer) edit(this.file, this.current(customer), { IsActive: false });
  }

  private spread(count: number, happen: (at: number) => Happening[]): Happening[] {
    const { start, now, random } = this.history;
    const [first, length] = [start + 3 * DAY, now - DAY - (start + 3 * DAY)];
    if (length <= 0) return [];
    return Array.from({ length: count }, () => {
      const at = Math.floor((first + random.number() * length) / HOUR) * HOUR;
      return { at, happen: () => happen(at) };
    });
  }

  private later(at: number, days: number, happen: (at: number) => Happening[]): Happening[] {
    const instant = at + days * DAY;
    return instant < this.history.now - HOUR ? [{ at: instant, happen: () => happen(instant) }] : [];
  }

  private opening(): Happening[] {
    const at = this.history.start + DAY;
    return [{ at, happen: () => this.open(at) }];
  }

  /** The owner's money, and the first goods on the shelf. */
  private open(at: number): Happening[] {
    const account = (id: string) => accountLink(this.file, id);
    make(this.file, 'GeneralLedger/GeneralJournal', {
      DateOccurred: day(at),
      GSTReportingMethod: 'Purchase',
      Memo: 'Capital paid in',
      Lines: [
        { Account: account('1-1110'), Amount: 60_000, IsCredit: false },
        { Account: account('3-8000'), Amount: 60_000, IsCredit: true },
      ],
    });
    const [supplier] = this.stock.suppliers;
    const lines = this.stock.goods.map((item) => this.boughtLine(item, 400));
    make(this.file, 'Purchase/Bill/Item', {
      Date: day(at),
      Supplier: to(supplier),
      IsTaxInclusive: false,
      Lines: lines,
    });
    return [];
  }

  private sell(at: number): Happening[] {
    const { random } = this.history;
    const customer = random.pick(this.stock.customers);
    const layout = random.pick([
      'Item',
      'Item',
      'Item',
      'Service',
      'Service',
      'Professional',
      'Miscellaneous',
      'TimeBilling',
    ]);
    const foreign = this.foreignOf(customer);
    const stored = make(this.file, `Sale/Invoice/${layout}`, {
      Date: day(at),
      Customer: to(customer),
      IsTaxInclusive: random.chance(0.3),
      CustomerPurchaseOrderNumber: random.chance(0.3) ? `PO-${random.integer(1000, 9999)}` : null,
      Category: random.chance(0.5) ? this.category() : null,
      Lines: this.soldLines(layout, 1),
      ...(layout === 'Item' && random.chance(0.2) && { Freight: 12.5, FreightTaxCode: this.tax('none') }),
      ...foreign,
    });
    return random.chance(0.82) ? this.later(at, random.integer(5, 45), (then) => this.payInvoice(then, stored)) : [];
  }

  private payInvoice(at: number, invoice: Stored): Happening[] {
    const { random } = this.history;
    const { members, hidden } = this.current(invoice);
    const left = balanceOf(members, hidden);
    if (!left.greaterThan(0)) return [];
    const amount = random.chance(0.1) ? cents(left.dividedBy(2)) : left;
    const isBanked = random.chance(0.7);
    make(this.file, 'Sale/CustomerPayment', {
      DepositTo: isBanked ? 'Account' : 'UndepositedFunds',
      Account: isBanked ? accountLink(this.file, '1-1110') : null,
      Customer: members.Customer,
      Date: day(at),
      AmountReceived: amount.toNumber(),
      PaymentMethod: random.pick(['Cheque', 'EFTPOS', 'Visa', 'Other']),
      Memo: 'Payment; thank you',
      Invoices: [{ UID: invoice.uid, AmountApplied: amount.toNumber(), Type: 'Invoice' }],
      ForeignCurrency: members.ForeignCurrency,
      CurrencyExchangeRate: members.CurrencyExchangeRate,
    });
    return [];
  }

  /** A credit, which later settles an open invoice or is paid out. */
  private credit(at: number): Happening[] {
    const { random } = this.history;
    const customer = random.pick(this.stock.customers.filter((each) => !this.isForeign(each)));
    const stored = make(this.file, 'Sale/Invoice/Service', {
      Date: day(at),
      Customer: to(customer),
      IsTaxInclusive: false,
      JournalMemo: 'Credit for returned goods',
      Lines: [this.serviceLine(-random.integer(10, 60))],
    });
    return this.later(at, 6, (then) => this.useCredit(then, stored));
  }

  private useCredit(at: number, credit: Stored): Happening[] {
    const { members, hidden } = this.current(credit);
    const left = balanceOf(members, hidden).negated();
    const open = [...this.file.collection('Sale/Invoice').all()].find(
      (each) =>
        uidOf(each.members.Customer) === uidOf(members.Customer) &&
        balanceOf(each.members, each.hidden).greaterThanOrEqualTo(left) &&
        each.members.ForeignCurrency === null,
    );
    const amount = left.toNumber();
    if (open) {
      make(this.file, 'Sale/CreditSettlement', {
        CreditFromInvoice: to(credit),
        Customer: members.Customer,
        Date: day(at),
        CreditAmount: amount,
        Memo: 'Credit applied',
        Lines: [{ Type: 'Invoice', Sale: to(open), AmountApplied: amount }],
      });
    } else {
      make(this.file, 'Sale/CreditRefund', {
        Account: accountLink(this.file, '1-1110'),
        Invoice: to(credit),
        Customer: members.Customer,
        Date: day(at),
        Amount: amount,
        Memo: 'Credit paid out',
      });
    }
    return [];
  }

  private quote(at: number): Happening[] {
    const { random } = this.history;
    const customer = random.pick(this.stock.customers.filter((each) => !this.isForeign(each)));
    const layout = random.pick(['Item', 'Service']);
    const stored = make(this.file, `Sale/Quote/${layout}`, {
      Date: day(at),
      Customer: to(customer),
      IsTaxInclusive: false,
      Lines: this.soldLines(layout, 1),
    });
    const Status = random.pick(['Accepted', 'Declined', 'Open']);
    if (Status !== 'Open') edit(this.file, stored, { Status });
    return [];
  }

  private buy(at: number): Happening[] {
    const { random } = this.history;
    const supplier = random.pick(this.stock.suppliers);
    const isItems = random.chance(0.5);
    const stored = make(this.file, `Purchase/Bill/${isItems ? 'Item' : 'Service'}`, {
      Date: day(at),
      Supplier: to(supplier),
      SupplierInvoiceNumber: `INV-${random.integer(100_000, 999_999)}`,
      IsTaxInclusive: false,
      Category: random.chance(0.3) ? this.category() : null,
      Lines: isItems
        ? [this.boughtLine(random.pick(this.stock.goods), random.integer(10, 60))]
        : [this.costLine(random.integer(40, 600))],
    });
    return random.chance(0.85) ? this.later(at, random.integer(7, 40), (then) => this.payBill(then, stored)) : [];
  }

  private payBill(at: number, bill: Stored): Happening[] {
    const { members, hidden } = this.current(bill);
    const left = balanceOf(members, hidden);
    if (!left.greaterThan(0)) return [];
    make(this.file, 'Purchase/SupplierPayment', {
      PayFrom: 'Account',
      Account: accountLink(this.file, '1-1110'),
      Supplier: members.Supplier,
      Date: day(at),
      Memo: 'Payment of a bill',
      Lines: [{ Type: 'Bill', Purchase: to(bill), AmountApplied: left.toNumber() }],
    });
    return [];
  }

  /** A supplier's credit, which later settles a bill of theirs or is paid back. */
  private returnGoods(at: number): Happening[] {
    const supplier = this.history.random.pick(this.stock.suppliers);
    const stored = make(this.file, 'Purchase/Bill/Service', {
      Date: day(at),
      Supplier: to(supplier),
      IsTaxInclusive: false,
      JournalMemo: 'Goods returned',
      Lines: [this.costLine(-this.history.random.integer(10, 40))],
    });
    return this.later(at, 9, (then) => this.useDebit(then, stored));
  }

  private useDebit(at: number, debit: Stored): Happening[] {
    const { members, hidden } = this.current(debit);
    const left = balanceOf(members, hidden).negated();
    const open = [...this.file.collection('Purchase/Bill').all()].find(
      (each) =>
        uidOf(each.members.Supplier) === uidOf(members.Supplier) &&
        balanceOf(each.members, each.hidden).greaterThanOrEqualTo(left),
    );
    const amount = left.toNumber();
    if (open) {
      make(this.file, 'Purchase/DebitSettlement', {
        DebitFromBill: to(debit),
        Supplier: members.Supplier,
        Date: day(at),
        DebitAmount: amount,
        Lines: [{ Type: 'Bill', Purchase: to(open), AmountApplied: amount }],
      });
    } else {
      make(this.file, 'Purchase/DebitRefund', {
        DepositTo: 'Account',
        Account: accountLink(this.file, '1-1110'),
        Bill: to(debit),
        Supplier: members.Supplier,
        Date: day(at),
        Amount: amount,
      });
    }
    return [];
  }

  private order(at: number): Happening[] {
    const { random } = this.history;
    const supplier = random.pick(this.stock.suppliers);
    const Lines = [this.boughtLine(random.pick(this.stock.goods), random.integer(5, 40))];
    const body = { Date: day(at), Supplier: to(supplier), IsTaxInclusive: false, Lines };
    const stored = make(this.file, 'Purchase/Order/Item', body);
    if (random.chance(0.4)) return [];
    return this.later(at, random.integer(4, 20), (then) => {
      make(this.file, 'Purchase/Bill/Item', { ...body, Date: day(then), Order: to(stored) });
      return [];
    });
  }

  private saleOrder(at: number): Happening[] {
    const customer = this.history.random.pick(this.stock.customers.filter((each) => !this.isForeign(each)));
    make(this.file, 'Sale/Order/Item', {
      Date: day(at),
      Customer: to(customer),
      IsTaxInclusive: false,
      Lines: this.soldLines('Item', 1),
    });
    return [];
  }

  private spend(at: number): Happening[] {
    const { random } = this.history;
    const [account, memo] = random.pick([
      ['6-2000', 'Rent of the month'],
      ['6-3000', 'Telephone'],
      ['6-1000', 'Paper and pens'],
    ] as const);
    make(this.file, 'Banking/SpendMoneyTxn', {
      PayFrom: 'Account',
      Account: accountLink(this.file, random.pick(['1-1110', '2-1100'])),
      Contact: random.chance(0.6) ? to(random.pick(this.stock.suppliers)) : null,
      Date: day(at),
      Memo: memo,
      Lines: [{ Account: accountLink(this.file, account), Amount: random.integer(20, 900), TaxCode: this.tax('none') }],
    });
    return [];
  }

  private receive(at: number): Happening[] {
    make(this.file, 'Banking/ReceiveMoneyTxn', {
      DepositTo: 'Account',
      Account: accountLink(this.file, '1-1120'),
      Date: day(at),
      Memo: 'Interest',
      Lines: [{ Account: accountLink(this.file, '8-1000'), Amount: this.history.random.integer(1, 40) }],
    });
    return [];
  }

  private transfer(at: number): Happening[] {
    make(this.file, 'Banking/TransferMoneyTxn', {
      FromAccount: accountLink(this.file, '1-1110'),
      ToAccount: accountLink(this.file, '1-1120'),
      Date: day(at),
      Amount: this.history.random.integer(1, 20) * 100,
      Memo: 'To savings',
    });
    return [];
  }

  private journal(at: number): Happening[] {
    const Amount = this.history.random.integer(50, 400);
    make(this.file, 'GeneralLedger/GeneralJournal', {
      DateOccurred: day(at),
      GSTReportingMethod: 'Purchase',
      Memo: 'Depreciation',
      Lines: [
        { Account: accountLink(this.file, '6-4000'), Amount, IsCredit: false },
        { Account: accountLink(this.file, '1-1710'), Amount, IsCredit: true },
      ],
    });
    return [];
  }

  private soldLines(layout: string, sign: 1 | -1): Members[] {
    const { random } = this.history;
    const count = random.integer(1, 3);
    return Array.from({ length: count }, () => this.soldLine(layout, sign));
  }

  private soldLine(layout: string, sign: 1 | -1): Members {
    const { random } = this.history;
    const Job = random.chance(0.2)
      ? linkTo(this.file, 'GeneralLedger/Job', 'Number', random.pick(['J100', 'J200']))
      : null;
    if (layout === 'Item') {
      const item = random.pick([...this.stock.goods, ...this.stock.services]);
      return {
        Item: to(item),
        Description: item.members.Name,
        ShipQuantity: sign * random.integer(1, 6),
        UnitPrice: item.members.BaseSellingPrice,
        DiscountPercent: random.chance(0.15) ? 10 : 0,
        TaxCode: this.tax('usual'),
        Job,
      };
    }
    if (layout === 'TimeBilling') {
      return {
        Activity: linkTo(this.file, 'TimeBilling/Activity', 'DisplayID', 'DESIGN'),
        Description: 'Design',
        Hours: random.integer(1, 8),
        Rate: 75,
        TaxCode: this.tax('none'),
      };
    }
    return { ...this.serviceLine(sign * random.integer(30, 800)), Job };
  }

  private serviceLine(amount: number): Members {
    return {
      Description: this.history.random.pick(['Fitting', 'Repair', 'Advice', 'Delivery & set-up']),
      Account: accountLink(this.file, '4-2000'),
      Total: amount,
      TaxCode: this.tax('usual'),
    };
  }

  private boughtLine(item: Stored, quantity: number): Members {
    const details = item.members.BuyingDetails as Members;
    return {
      Item: to(item),
      Description: item.members.Name,
      BillQuantity: quantity,
      UnitPrice: details.StandardCost,
      TaxCode: this.tax('none'),
    };
  }

  private costLine(amount: number): Members {
    return {
      Description: 'Supplies',
      Account: accountLink(this.file, '6-1000'),
      Total: amount,
      TaxCode: this.tax('none'),
    };
  }

  private recordLists(): Stock {
    const { history, file } = this;
    history.at(history.start + HOUR);
    const address = (index: number) => [
      {
        Location: 1,
        Street: `${10 + index * 7} Mill Road`,
        City: this.flavour === 'us' ? 'Salem' : 'Perth',
        State: this.flavour === 'us' ? 'OR' : 'WA',
        PostCode: this.flavour === 'us' ? '97301' : '6000',
        Country: this.flavour === 'us' ? 'USA' : 'Australia',
        Phone1: `555 01${String(index).padStart(2, '0')}`,
        Email: `accounts${index + 1}@contact.example`,
      },
    ];
    const taxes = { TaxCode: this.tax('usual'), FreightTaxCode: this.tax('none') };
    const terms = (index: number) => ({
      PaymentIsDue: index % 4 === 3 ? 'DayOfMonthAfterEOM' : 'InAGivenNumberOfDays',
      DiscountDate: index % 5 === 2 ? 10 : 0,
      BalanceDueDate: [30, 14, 60, 15][index % 4],
      DiscountForEarlyPayment: index % 5 === 2 ? 2 : 0,
    });
    const customers = CUSTOMERS.map((CompanyName, index) =>
      make(file, 'Contact/Customer', {
        CompanyName,
        DisplayID: index % 3 === 0 ? `CUS${String(index + 1).padStart(5, '0')}` : null,
        Addresses: address(index),
        SellingDetails: { ...taxes, Terms: terms(index), SaleLayout: 'Service' },
      }),
    );
    customers.push(
      make(file, 'Contact/Customer', {
        IsIndividual: true,
        FirstName: 'Geeta',
        LastName: 'Gardener',
        Notes: 'Prefers a call before delivery.',
        Addresses: address(40),
        SellingDetails: { ...taxes, Terms: { PaymentIsDue: 'CashOnDelivery' } },
      }),
    );
    const suppliers = SUPPLIERS.map((CompanyName, index) =>
      make(file, 'Contact/Supplier', {
        CompanyName,
        Addresses: address(index + 20),
        BuyingDetails: { TaxCode: this.tax('none'), FreightTaxCode: this.tax('none'), Terms: terms(index + 1) },
      }),
    );
    return { customers, suppliers, ...this.recordItems() };
  }

  private recordItems(): Pick<Stock, 'services' | 'goods'> {
    const { file } = this;
    const account = (id: string) => accountLink(file, id);
    const service = (Number: string, Name: string, price: number) =>
      make(file, 'Inventory/Item', {
        Number,
        Name,
        IsSold: true,
        IncomeAccount: account('4-2000'),
        SellingDetails: { BaseSellingPrice: price, TaxCode: this.tax('usual') },
      });
    const goods = (Number: string, Name: string, price: number, cost: number) =>
      make(file, 'Inventory/Item', {
        Number,
        Name,
        IsSold: true,
        IsBought: true,
        IsInventoried: true,
        IncomeAccount: account('4-1000'),
        CostOfSalesAccount: account('5-1000'),
        AssetAccount: account('1-1320'),
        BuyingDetails: { StandardCost: cost, TaxCode: this.tax('none') },
        SellingDetails: { BaseSellingPrice: price, TaxCode: this.tax('usual') },
      });
    make(file, 'Inventory/Item', {
      Number: 'PKG',
      Name: 'Packaging',
      IsBought: true,
      ExpenseAccount: account('6-1000'),
      BuyingDetails: { StandardCost: 0.85, TaxCode: this.tax('none') },
    });
    return {
      services: [service('FIT', 'Fitting, per hour', 64), service('PLAN', 'Planning', 120)],
      goods: [
        goods('W-10', 'Widget, small', 12.5, 6.2),
        goods('W-20', 'Widget, large', 39.9, 21.75),
        goods('HINGE', 'Hinge set', 7.25, 3.1),
      ],
    };
  }

  /** Some customers of a file with several currencies are invoiced in theirs. */
  private foreignOf(customer: Stored): Members {
    if (!this.isForeign(customer)) return {};
    const code = this.stock.customers.indexOf(customer) % 2 === 0 ? 'USD' : 'NZD';
    const link = linkTo(this.file, 'GeneralLedger/Currency', 'Code', code);
    const rate = this.file.linked(link)?.CurrencyRate;
    return { ForeignCurrency: link, CurrencyExchangeRate: decimal(rate).toNumber() };
  }

  private isForeign(customer: Stored): boolean {
    const place = this.stock.customers.indexOf(customer);
    return this.flavour === 'au' && (place === 2 || place === 5);
  }

  private category(): Members {
    return linkTo(this.file, 'GeneralLedger/Category', 'DisplayID', this.history.random.pick(['RET', 'WHO']));
  }

  private tax(which: 'none' | 'usual'): Members {
    return taxLink(this.file, TAX[this.flavour][which]);
  }

  private current(stored: Stored): Stored {
    return this.file.find(stored.uid) as Stored;
  }
}

function to(stored: Stored | undefined): Members {
  return { UID: stored?.uid };
}

function uidOf(link: unknown): unknown {
  return (link as Members | null)?.UID;
}

function day(instant: number): string {
  return atMidnight(utcDay(instant));
}
