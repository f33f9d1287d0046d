import fc from 'fast-check';
import {
  exact,
  isDecimal,
  rounded,
  type Content,
  type KindName,
  type Ref,
} from '../../../../src/domain/contract/index.js';
import { madeUp, seedOf } from '../contents.js';
import type { WantedContents } from '../trial.js';
import type { QuickBooksAccountant } from './accountant.js';
import { accountsOf, type Party, type Scenery } from './scenery.js';

/**
 * Contents that a company of this vendor takes. What is made up from the contract is mended where the vendor has rules
 * over several fields or records; the numbers are those of the fact sheet.
 */
export class QuickBooksContents {
  private counter = 0;

  constructor(
    private readonly scenery: Scenery,
    private readonly accountant: QuickBooksAccountant,
  ) {}

  async made(wanted: WantedContents): Promise<Content[]> {
    const { kind, features, count, seed, carries, over } = wanted;
    if (kind === 'tax_rate' && features.salesTax === 'automated') return [];
    const contents = madeUp(kind, { carries: (path) => carries.has(path), id: () => fc.constant('0') }, count, seed);
    const made: Content[] = [];
    for (const [index, content] of contents.entries()) {
      const pick = picker(seedOf(seed, String(index)));
      made.push(await this.mended(content, wanted, pick, over?.[index]?.content));
    }
    return made;
  }

  private async mended(
    made: Content,
    { kind, facet, features }: WantedContents,
    pick: Pick,
    over: Content | undefined,
  ): Promise<Content> {
    const content = texts(made);
    const number = `${++this.counter}`;
    switch (kind) {
      case 'company':
        return content;
      case 'account':
        return this.account(content, number, pick, features, over);
      case 'contact':
        return this.contact(content, number, pick, facet!, over);
      case 'item':
        return this.item(content, number, pick, features, over);
      case 'tax_rate':
        return this.taxRate(content, number, pick);
      case 'tracking_category':
        return this.trackingCategory(content, number, pick, over);
      case 'payment_term':
        return this.term(content, number, pick, over);
      case 'invoice':
      case 'credit_note':
      case 'quote':
        return this.sale(kind, content, number, pick, features, over);
      case 'bill':
      case 'vendor_credit':
      case 'purchase_order':
        return this.purchase(kind, content, number, pick, features, over);
      case 'expense':
        return this.expense(content, number, pick, features, over);
      case 'payment':
        return this.payment(content, number, pick, over);
      case 'bill_payment':
        return this.billPayment(content, number, pick, over);
      case 'journal_entry':
        return this.journalEntry(content, number, pick, features);
      case 'transfer':
        return this.transfer(content, pick);
    }
  }

  private account(
    content: Content,
    number: string,
    pick: Pick,
    features: Features,
    over: Content | undefined,
  ): Content {
    // The books need one receivable and one payable account, and nothing is posted to the rest of these types.
    const type = over ? over.type! : pick(TYPES);
    const [, vendorType] = Object.entries(TYPE_NAMES).find(([ours]) => ours === type) ?? [];
    const parents = this.scenery.accounts.filter(
      (one) =>
        one.AccountType === vendorType &&
        !['UndepositedFunds', 'RetainedEarnings', 'OpeningBalanceEquity', 'ExchangeGainOrLoss'].includes(
          String(one.AccountSubType),
        ) &&
        one.ParentRef === undefined,
    );
    return {
      ...content,
      type,
      name: unique(content.name, number, 90).replaceAll('"', "'"),
      ...(content.code !== undefined && { code: `A${number}` }),
      ...(content.description !== undefined && { description: String(content.description).slice(0, 100) }),
      ...(content.currency !== undefined && { currency: this.scenery.homeCurrency }),
      ...refs(content, 'parent', 'account', parents.length > 0 ? pick(parents).Id : undefined),
      ...refs(content, 'taxRate', 'tax_rate', features.salesTax === 'global' ? pick(this.scenery.taxCodes) : undefined),
    };
  }

  private contact(content: Content, number: string, pick: Pick, facet: string, over: Content | undefined): Content {
    const { currency: _, ...rest } = content;
    return {
      ...rest,
      isCustomer: facet === 'customer',
      isVendor: facet === 'vendor',
      displayName: unique(content.displayName, number, 400),
      ...shortened(content, { companyName: 100, firstName: 100, lastName: 100, email: 100, notes: 2000 }),
      ...(over === undefined && content.currency !== undefined && { currency: pick(this.currencies) }),
      ...(content.phones !== undefined && {
        phones: (content.phones as Content[]).map((one) => ({ ...one, number: String(one.number).slice(0, 30) })),
      }),
      ...(content.addresses !== undefined && {
        addresses: (content.addresses as Content[])
          .filter(
            ({ type, ...address }) => Object.keys(address).length > 0 && (facet === 'customer' || type === 'billing'),
          )
          .map(plainAddress),
      }),
      ...refs(content, 'paymentTerm', 'payment_term', pick(this.scenery.terms)),
    };
  }

  private item(content: Content, number: string, pick: Pick, features: Features, over: Content | undefined): Content {
    const taxable = features.salesTax === 'global' ? this.scenery.taxCodes : ['TAX', 'NON'];
    return {
      ...content,
      type: over ? over.type! : pick(['service', 'non_inventory']),
      name: unique(content.name, number, 90),
      ...(content.code !== undefined && { code: `SKU ${number}` }),
      ...shortened(content, { purchaseDescription: 1000 }),
      saleAccount: { kind: 'account', id: pick(accountsOf(this.scenery, 'Income')) },
      ...refs(content, 'purchaseAccount', 'account', pick(accountsOf(this.scenery, 'Expense'))),
      ...refs(content, 'saleTaxRate', 'tax_rate', pick(taxable)),
      ...refs(content, 'purchaseTaxRate', 'tax_rate', pick(this.scenery.taxCodes)),
      ...amounts(content, ['salePrice', 'purchaseCost'], 7),
    };
  }

  private taxRate(content: Content, number: string, pick: Pick): Content {
    const parts = ((content.components ?? []) as Content[]).slice(0, 2).map(({ rate }, at) => ({
      name: `P${at}x${number}`,
      rate: rounded(exact(String(rate)).dividedBy(4), 2),
    }));
    const { components: _components, rate: _rate, ...rest } = content;
    const whole = parts.reduce((total, { rate }) => total.plus(rate), exact('0')).toFixed();
    return {
      ...rest,
      name: `Rate ${number}`,
      agency: this.scenery.taxAgency,
      appliesTo: pick(['sales', 'purchases']),
      rate: parts.length > 0 ? whole : '7.25',
      ...(parts.length > 0 && { components: parts }),
    };
  }

  private trackingCategory(content: Content, number: string, pick: Pick, over: Content | undefined): Content {
    const dimension = over ? over.dimension! : pick(['class', 'department']);
    const list = dimension === 'class' ? 'Class' : 'Department';
    const parents = dimension === 'class' ? this.scenery.classes : this.scenery.departments;
    return {
      ...content,
      dimension,
      name: unique(content.name, number, 90),
      ...refs(content, 'parent', 'tracking_category', `${list}:${pick(parents)}`),
    };
  }

  private term(content: Content, number: string, pick: Pick, over: Content | undefined): Content {
    const { dueDays: _days, dueDayOfMonth: _day, discountDays: _discount, ...rest } = content;
    const byDays = pick([true, false]) || content.dueDays !== undefined;
    return {
      ...rest,
      ...(over && { discountPercent: over.discountPercent ?? null }),
      name: unique(content.name, number, 31),
      ...(byDays
        ? {
            dueDays: content.dueDays ?? 30,
            ...(content.discountDays !== undefined && { discountDays: content.discountDays }),
          }
        : { dueDayOfMonth: content.dueDayOfMonth ?? 15 }),
    };
  }

  private sale(
    kind: KindName,
    content: Content,
    number: string,
    pick: Pick,
    features: Features,
    over: Content | undefined,
  ): Content {
    const party = this.partyOf(this.scenery.customers, 'Customer', pick, over);
    return this.document(kind, content, number, pick, features, party, 'Customer', (line) => ({
      ...line,
      item: { kind: 'item', id: pick(this.scenery.items) },
    }));
  }

  private purchase(
    kind: KindName,
    content: Content,
    number: string,
    pick: Pick,
    features: Features,
    over: Content | undefined,
  ): Content {
    const party = this.partyOf(this.scenery.vendors, 'Vendor', pick, over);
    return this.document(kind, content, number, pick, features, party, 'Vendor', (line) => this.costLine(line, pick));
  }

  private expense(
    content: Content,
    number: string,
    pick: Pick,
    features: Features,
    over: Content | undefined,
  ): Content {
    const home = this.scenery.vendors.find(({ currency }) => currency === this.scenery.homeCurrency)!;
    const whole = this.document('expense', content, number, pick, features, home, 'Vendor', (line) =>
      this.costLine(line, pick),
    );
    const { contact: _, ...rest } = whole;
    const method = over ? over.method! : pick(['cash', 'check', 'card']);
    const refund = method === 'card' && pick([true, false, false]);
    return {
      ...rest,
      method,
      ...(content.contact !== undefined && { contact: whole.contact! }),
      ...(refund && { lines: (whole.lines as Content[]).map(reversed) }),
      paidFromAccount: {
        kind: 'account',
        id: pick(accountsOf(this.scenery, method === 'card' ? 'Credit Card' : 'Bank')),
      },
    };
  }

  private async payment(content: Content, number: string, pick: Pick, over: Content | undefined): Promise<Content> {
    const party = this.partyOf(this.scenery.customers, 'Customer', pick, over);
    const parts = await this.allocations(content, over, { invoice: 'Invoice', credit_note: 'CreditMemo' }, party);
    return {
      ...this.settling(content, number, party, 'Customer', parts, 'invoice'),
      ...refs(content, 'depositAccount', 'account', pick(accountsOf(this.scenery, 'Bank'))),
    };
  }

  private async billPayment(content: Content, number: string, pick: Pick, over: Content | undefined): Promise<Content> {
    const party = this.partyOf(this.scenery.vendors, 'Vendor', pick, over);
    const parts = await this.allocations(content, over, { bill: 'Bill', vendor_credit: 'VendorCredit' }, party);
    const method = over ? over.method! : pick(['check', 'card', 'transfer']);
    return {
      ...this.settling(content, number, party, 'Vendor', parts, 'bill'),
      method,
      paidFromAccount: {
        kind: 'account',
        id: pick(accountsOf(this.scenery, method === 'card' ? 'Credit Card' : 'Bank')),
      },
    };
  }

  private settling(
    content: Content,
    number: string,
    party: Party,
    list: string,
    parts: Content[] | undefined,
    debt: string,
  ): Content {
    const { exchangeRate: _rate, allocations: _parts, ...rest } = content;
    const applied = (parts ?? []).reduce(
      (total, part) =>
        (part.document as Ref).kind === debt ? total.plus(String(part.amount)) : total.minus(String(part.amount)),
      exact('0'),
    );
    return {
      ...rest,
      contact: { kind: 'contact', id: `${list}:${party.id}` },
      amount: applied.plus('12.34').toFixed(),
      ...(content.reference !== undefined && { reference: `R ${number}` }),
      ...(content.currency !== undefined || party.currency !== this.scenery.homeCurrency
        ? { currency: party.currency }
        : {}),
      ...(party.currency !== this.scenery.homeCurrency && { exchangeRate: '1.25' }),
      ...(parts && parts.length > 0 && { allocations: parts }),
    };
  }

  /** Each part settles a document of its own, which has 100 open. */
  private async allocations(
    content: Content,
    over: Content | undefined,
    entities: Readonly<Record<string, 'Invoice' | 'CreditMemo' | 'Bill' | 'VendorCredit'>>,
    party: Party,
  ): Promise<Content[] | undefined> {
    if (content.allocations === undefined && over?.allocations === undefined) return undefined;
    const [debt, credit] = Object.keys(entities) as [KindName, KindName];
    const wanted = ((content.allocations ?? []) as Content[]).slice(0, 3).map(({ document }) => (document as Ref).kind);
    const kinds = wanted.includes(debt) ? wanted : [debt, ...wanted];
    const parts: Content[] = [];
    for (const [index, kind] of kinds.entries()) {
      const id = await this.accountant.enterOpen(entities[kind]!, party.id);
      parts.push({ document: { kind, id }, amount: kind === credit ? '10' : `${60 + index}.5` });
    }
    return parts;
  }

  private journalEntry(content: Content, number: string, pick: Pick, features: Features): Content {
    const accounts = accountsOf(this.scenery, 'Expense', 'Bank', 'Income');
    const lines = ((content.lines as Content[]).slice(0, 3) as Content[]).map((line) => {
      const { contact, taxRate: _, ...rest } = line;
      return {
        ...rest,
        account: { kind: 'account' as const, id: pick(accounts) },
        amount: money(line.amount),
        ...(contact !== undefined && { contact: this.anybody(pick) }),
        ...this.tracking(line, pick, features, true),
      };
    });
    const missing = lines.reduce(
      (total, line) => ((line as Content).side === 'debit' ? total.plus(line.amount) : total.minus(line.amount)),
      exact('0'),
    );
    const last = {
      account: { kind: 'account' as const, id: pick(accounts) },
      side: missing.isNegative() ? 'debit' : 'credit',
      amount: missing.abs().toFixed(),
    };
    const { exchangeRate: _, ...rest } = content;
    return {
      ...rest,
      lines: [...lines, last],
      ...(content.currency !== undefined && { currency: this.scenery.homeCurrency }),
      ...(content.number !== undefined && { number: `J ${number}` }),
    };
  }

  private transfer(content: Content, pick: Pick): Content {
    const banks = accountsOf(this.scenery, 'Bank');
    const from = pick(banks);
    return {
      ...content,
      fromAccount: { kind: 'account', id: from },
      toAccount: { kind: 'account', id: pick(banks.filter((id) => id !== from)) },
      amount: money(content.amount),
      ...(content.currency !== undefined && { currency: this.scenery.homeCurrency }),
    };
  }

  /** What all documents with lines have in common. */
  private document(
    kind: KindName,
    content: Content,
    number: string,
    pick: Pick,
    features: Features,
    party: Party,
    list: string,
    priced: (line: Content) => Content,
  ): Content {
    const { exchangeRate: _rate, discount, taxMode, ...rest } = content;
    const foreign = party.currency !== this.scenery.homeCurrency;
    const header =
      features.classTracking === 'transaction' ? this.tracking({ tracking: [] }, pick, features, false) : {};
    const department =
      features.departmentTracking === 'true' && pick([true, false]) ? pick(this.scenery.departments) : undefined;
    const tax = features.salesTax === 'manual' ? pick(['1', '2']) : undefined;
    return {
      ...rest,
      contact: { kind: 'contact', id: `${list}:${party.id}` },
      lines: (content.lines as Content[]).map((line) => {
        if (isWords(line)) return { description: String(line.description ?? 'words') };
        const money = priced(amountOf(line));
        const code = features.salesTax === 'manual' ? pick(['NON', tax!]) : pick(this.scenery.taxCodes);
        const tracked = this.onLine(line, pick, features, header, department, kind !== 'purchase_order');
        return { ...money, ...refs(line, 'taxRate', 'tax_rate', code), ...tracked };
      }),
      ...(content.number !== undefined && { number: `N ${number}` }),
      ...(content.reference !== undefined && { reference: `R ${number}` }),
      ...(content.currency !== undefined || foreign ? { currency: party.currency } : {}),
      ...(foreign && { exchangeRate: '1.25' }),
      ...(taxMode !== undefined && taxMode !== 'inclusive' && { taxMode }),
      ...(discount !== undefined && kind !== 'bill' && { discount: pick([{ percent: '10' }, { percent: '2.5' }]) }),
      ...refs(content, 'paymentTerm', 'payment_term', pick(this.scenery.terms)),
      ...Object.fromEntries(
        ['billingAddress', 'shippingAddress', 'shipTo'].flatMap((name) => {
          const address = content[name] as Content | undefined;
          return address && Object.keys(address).length > 0 ? [[name, plainAddress(address)]] : [];
        }),
      ),
    };
  }

  private costLine(line: Content, pick: Pick): Content {
    const { quantity: _quantity, unitPrice: _price, ...rest } = line;
    return line.item === undefined
      ? { ...rest, account: { kind: 'account', id: pick(accountsOf(this.scenery, 'Expense')) } }
      : { ...line, item: { kind: 'item', id: pick(this.scenery.items) } };
  }

  /** Dimensions of a line: where the document keeps one for all lines, all say the same. */
  private onLine(
    line: Content,
    pick: Pick,
    features: Features,
    header: Content,
    department: string | undefined,
    hasDepartments: boolean,
  ): Content {
    const said: Content[] = [
      ...((header.tracking ?? []) as Content[]),
      ...(features.classTracking === 'line' && line.tracking !== undefined
        ? [
            {
              dimension: 'class',
              category: { kind: 'tracking_category' as const, id: `Class:${pick(this.scenery.classes)}` },
            },
          ]
        : []),
      ...(department !== undefined && hasDepartments
        ? [
            {
              dimension: 'department',
              category: { kind: 'tracking_category' as const, id: `Department:${department}` },
            },
          ]
        : []),
    ];
    return said.length > 0 ? { tracking: said } : {};
  }

  private tracking(line: Content, pick: Pick, features: Features, onLines: boolean): Content {
    if (line.tracking === undefined) return {};
    const category = (list: string, ids: readonly string[]) => ({
      kind: 'tracking_category' as const,
      id: `${list}:${pick(ids)}`,
    });
    return {
      tracking: [
        ...(features.classTracking === (onLines ? 'line' : 'transaction')
          ? [{ dimension: 'class', category: category('Class', this.scenery.classes) }]
          : []),
        ...(onLines && features.departmentTracking === 'true'
          ? [{ dimension: 'department', category: category('Department', this.scenery.departments) }]
          : []),
      ],
    };
  }

  private anybody(pick: Pick): Ref {
    return pick([true, false])
      ? { kind: 'contact', id: `Customer:${this.scenery.customers[0]!.id}` }
      : { kind: 'contact', id: `Vendor:${this.scenery.vendors[0]!.id}` };
  }

  /** A document keeps its party's currency, and what settles it keeps its party. */
  private partyOf(parties: readonly Party[], list: string, pick: Pick, over: Content | undefined): Party {
    const now = parties.find(({ id }) => `${list}:${id}` === (over?.contact as Ref | undefined)?.id);
    if (!now) return pick(parties);
    return over?.allocations === undefined ? pick(parties.filter(({ currency }) => currency === now.currency)) : now;
  }

  private get currencies(): string[] {
    return [...new Set(this.scenery.customers.map(({ currency }) => currency))];
  }
}

type Features = Readonly<Record<string, string>>;
type Pick = <T>(from: readonly T[]) => T;

/** Chooses as a seed says. */
const picker = (seed: number): Pick => {
  let state = seed;
  return (from) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x5bd1e995;
    return from[(state >>> 0) % from.length]!;
  };
};

const TYPE_NAMES = {
  bank: 'Bank',
  other_current_asset: 'Other Current Asset',
  fixed_asset: 'Fixed Asset',
  other_asset: 'Other Asset',
  credit_card: 'Credit Card',
  other_current_liability: 'Other Current Liability',
  long_term_liability: 'Long Term Liability',
  equity: 'Equity',
  income: 'Income',
  other_income: 'Other Income',
  cost_of_goods_sold: 'Cost of Goods Sold',
  expense: 'Expense',
  other_expense: 'Other Expense',
} as const;
const TYPES = Object.keys(TYPE_NAMES);

const refs = (content: Content, field: string, kind: KindName, id: string | undefined): Content =>
  content[field] === undefined || id === undefined ? {} : { [field]: { kind, id } };

/** A name that nobody else has, without the letters that the vendor does not take. */
const unique = (made: unknown, number: string, max: number): string =>
  `${String(made ?? '')
    .replace(/[:"\t\n\r\v\f\u2028\u2029]/g, ' ')
    .trim()
    .slice(0, max - 8)} ${number}`.trim();

const shortened = (content: Content, limits: Readonly<Record<string, number>>): Content =>
  Object.fromEntries(
    Object.entries(limits).flatMap(([name, max]) =>
      content[name] === undefined ? [] : [[name, String(content[name]).slice(0, max)]],
    ),
  );

const plainAddress = (address: Content): Content =>
  typeof address.postalCode === 'string' ? { ...address, postalCode: address.postalCode.slice(0, 30) } : address;

/** Dollars and cents, never nothing and never negative. */
const money = (made: unknown): string =>
  isDecimal(made) && !exact(made).isZero() ? rounded(exact(made).abs().modulo(90_000).plus('0.01'), 2) : '7.5';

const amounts = (content: Content, names: readonly string[], places: number): Content =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = content[name];
      return isDecimal(value) ? [[name, rounded(exact(value).abs().modulo(90_000), places)]] : [];
    }),
  );

const isWords = (line: Content): boolean =>
  ['item', 'account', 'quantity', 'unitPrice', 'amount'].every((name) => line[name] === undefined);

/** A line's amount is its quantity times its price; where neither is said, it is said alone. */
const amountOf = (line: Content): Content => {
  const { discountPercent: _percent, discountAmount: _amount, account: _account, ...rest } = line;
  if (!isDecimal(line.unitPrice)) {
    const { quantity: _quantity, ...plain } = rest;
    return { ...plain, amount: money(line.amount) };
  }
  const unitPrice = rounded(exact(line.unitPrice).abs().modulo(9_000).plus('0.01'), 4);
  const quantity = isDecimal(line.quantity) ? rounded(exact(line.quantity).abs().modulo(90).plus('0.5'), 3) : undefined;
  return {
    ...rest,
    unitPrice,
    ...(quantity === undefined ? {} : { quantity }),
    amount: rounded(exact(unitPrice).times(quantity ?? '1'), 2),
  };
};

const reversed = (line: Content): Content => ({
  ...line,
  ...(isDecimal(line.amount) && { amount: `-${line.amount}` }),
  ...(isDecimal(line.quantity)
    ? { quantity: `-${line.quantity}` }
    : isDecimal(line.unitPrice) && { unitPrice: `-${line.unitPrice}` }),
});

/** Texts of the character set that companies of the United States keep (fact sheet 2.1), without blanks at the ends. */
const texts = <T>(value: T): T => {
  if (typeof value === 'string') {
    return (value.replace(/[^\n\r\x20-\x7e\xa0-\xff]/gu, '_').trim() || 'x') as T;
  }
  if (Array.isArray(value)) return value.map((one) => texts(one as unknown)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, texts(member as unknown)])) as T;
};
