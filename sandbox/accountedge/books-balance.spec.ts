import fc from 'fast-check';
import { decimal, sum, zero } from '../amounts.ts';
import type { CompanyFile } from './company-file.ts';
import { Gateway } from './gateway.ts';
import { Refusal } from './problem.ts';
import type { Line, Stored } from './record.ts';
import { accountLink, layFoundation, make, ruleOf, taxLink } from './seed/foundation.ts';
import type { Link, Members } from './shape.ts';
import { create, remove, replace } from './writing.ts';

/**
 * Whatever is sold, bought, paid, settled, refunded, changed and deleted, and in whatever order: what is left of a
 * document is its total less what took something up of it, cards owe what their documents leave, the shelf holds what
 * was bought and not sold, and debits equal credits.
 */

type Step =
  | { do: 'sell' | 'buy'; party: number; cents: number; taxed: boolean; inclusive: boolean; goods: boolean }
  | { do: 'pay' | 'settle' | 'refund'; sale: boolean; pick: number; other: number; share: number }
  | { do: 'spend' | 'journal' | 'transfer'; cents: number; taxed: boolean }
  | { do: 'change' | 'delete'; pick: number; cents: number };

const flag = fc.boolean();
const pick = fc.nat(20);
const cents = fc.integer({ min: -30_000, max: 50_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('sell', 'buy'),
      party: fc.nat(1),
      cents,
      taxed: flag,
      inclusive: flag,
      goods: flag,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('pay', 'pay', 'settle', 'refund'),
      sale: flag,
      pick,
      other: pick,
      share: fc.integer({ min: 1, max: 110 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('spend', 'journal', 'transfer'),
      cents: fc.integer({ min: 0, max: 50_000 }),
      taxed: flag,
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('change', 'delete'), pick, cents }) },
);

const NOW = Date.UTC(2026, 10, 22);
const DAY = '2026-11-22T00:00:00';
const DOCUMENTS = ['Sale/Invoice', 'Purchase/Bill'];
const SETTLING = [
  'Sale/CustomerPayment',
  'Sale/CreditSettlement',
  'Sale/CreditRefund',
  'Purchase/SupplierPayment',
  'Purchase/DebitSettlement',
  'Purchase/DebitRefund',
];
const OTHERS = ['Banking/SpendMoneyTxn', 'Banking/TransferMoneyTxn', 'GeneralLedger/GeneralJournal'];

class Books {
  readonly file: CompanyFile;
  done = 0;
  refused = 0;
  private readonly parties: Record<'Customer' | 'Supplier', Link[]>;
  private readonly goods: Link;

  constructor() {
    const gateway = new Gateway({ now: () => NOW }, 1);
    const about = { name: 'Property', country: 'US', currency: 'USD' };
    this.file = gateway.addFile('00000001-0000-4000-8000-000000000001', about);
    layFoundation(this.file, 'us', '2026-01-01');
    const TaxCode = taxLink(this.file, 'TAX');
    const card = (kind: 'Customer' | 'Supplier') =>
      ['A', 'B'].map((CompanyName) => {
        const details = { TaxCode, FreightTaxCode: TaxCode };
        const body = { CompanyName, [kind === 'Customer' ? 'SellingDetails' : 'BuyingDetails']: details };
        return { UID: make(this.file, `Contact/${kind}`, body).uid };
      });
    this.parties = { Customer: card('Customer'), Supplier: card('Supplier') };
    const account = (id: string) => accountLink(this.file, id);
    this.goods = {
      UID: make(this.file, 'Inventory/Item', {
        Number: 'W',
        IsSold: true,
        IsBought: true,
        IsInventoried: true,
        IncomeAccount: account('4-1000'),
        CostOfSalesAccount: account('5-1000'),
        AssetAccount: account('1-1320'),
        SellingDetails: { TaxCode },
        BuyingDetails: { TaxCode },
      }).uid,
    };
  }

  all(...names: readonly string[]): Stored[] {
    return names.flatMap((name) => [...this.file.collection(name).all()]);
  }

  /** Does a step; what the rules refuse must leave no trace. */
  follow(step: Step): void {
    const before = JSON.stringify(this.file.snapshot().records);
    try {
      this.perform(step);
      this.done++;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.refused++;
      expect(JSON.stringify(this.file.snapshot().records)).toBe(before);
    }
  }

  private post(path: string, body: Members): void {
    create({ file: this.file, ...ruleOf(path), body, origin: 'api' });
  }

  private perform(step: Step): void {
    switch (step.do) {
      case 'sell':
      case 'buy':
        return this.trade(step);
      case 'pay':
      case 'settle':
      case 'refund':
        return this.settle(step);
      case 'spend':
      case 'journal':
      case 'transfer':
        return this.enter(step);
      case 'change':
      case 'delete':
        return this.edit(step.do, step.pick, step.cents);
    }
  }

  private trade(step: Extract<Step, { do: 'sell' | 'buy' }>): void {
    const [party, path, quantity, account] =
      step.do === 'sell'
        ? (['Customer', 'Sale/Invoice', 'ShipQuantity', '4-1000'] as const)
        : (['Supplier', 'Purchase/Bill', 'BillQuantity', '6-1000'] as const);
    const TaxCode = taxLink(this.file, step.taxed ? 'TAX' : 'EXE');
    const amount = step.cents / 100;
    const plain = { Account: accountLink(this.file, account), Total: amount, TaxCode };
    const line = step.goods
      ? { Item: this.goods, [quantity]: Math.sign(step.cents) * 3 || 1, UnitPrice: Math.abs(amount), TaxCode }
      : plain;
    const freight = step.taxed && !step.goods ? { Freight: 1.11, FreightTaxCode: TaxCode } : {};
    this.post(`${path}/${step.goods ? 'Item' : 'Service'}`, {
      Date: DAY,
      [party]: this.parties[party][step.party],
      IsTaxInclusive: step.inclusive,
      ...freight,
      Lines: step.goods ? [line] : [line, { ...plain, Total: 0.07 }],
    });
  }

  private settle({ do: what, sale, pick, other, share }: Extract<Step, { do: 'pay' | 'settle' | 'refund' }>): void {
    const documents = this.all(sale ? 'Sale/Invoice' : 'Purchase/Bill');
    const chosen = (place: number) => documents[place % Math.max(1, documents.length)];
    const [first, second] = [chosen(pick), chosen(other)];
    if (!first || !second) return;
    const left = decimal(first.members.BalanceDueAmount).abs();
    const amount = left.times(share).dividedBy(100).toDecimalPlaces(2).toNumber();
    const party = sale ? 'Customer' : 'Supplier';
    const Account = accountLink(this.file, '1-1110');
    const shared = { Date: DAY, [party]: first.members[party] };
    const target = { UID: first.uid };
    if (what === 'pay') {
      if (sale) {
        const Invoices = [{ ...target, AmountApplied: amount }];
        return this.post('Sale/CustomerPayment', { ...shared, Account, AmountReceived: amount, Invoices });
      }
      const Lines = [{ Purchase: target, AmountApplied: amount }];
      return this.post('Purchase/SupplierPayment', { ...shared, Account, Lines });
    }
    if (what === 'refund') {
      if (sale) return this.post('Sale/CreditRefund', { ...shared, Account, Invoice: target, Amount: amount });
      return this.post('Purchase/DebitRefund', { ...shared, Account, Bill: target, Amount: amount });
    }
    const Lines = [{ [sale ? 'Sale' : 'Purchase']: { UID: second.uid }, AmountApplied: amount }];
    if (sale) {
      return this.post('Sale/CreditSettlement', { ...shared, CreditFromInvoice: target, CreditAmount: amount, Lines });
    }
    return this.post('Purchase/DebitSettlement', { ...shared, DebitFromBill: target, DebitAmount: amount, Lines });
  }

  private enter({ do: what, cents, taxed }: Extract<Step, { do: 'spend' | 'journal' | 'transfer' }>): void {
    const account = (id: string) => accountLink(this.file, id);
    const Amount = cents / 100;
    if (what === 'transfer') {
      const accounts = { FromAccount: account('1-1110'), ToAccount: account('1-1120') };
      return this.post('Banking/TransferMoneyTxn', { ...accounts, Date: DAY, Amount });
    }
    if (what === 'spend') {
      const Lines = [{ Account: account('6-2000'), Amount, TaxCode: taxLink(this.file, taxed ? 'TAX' : 'EXE') }];
      const body = { Account: account('1-1110'), Date: DAY, IsTaxInclusive: taxed, Lines };
      return this.post('Banking/SpendMoneyTxn', body);
    }
    const Lines = [
      { Account: account('6-4000'), Amount },
      { Account: account('1-1710'), Amount: taxed ? Amount : Amount + 0.01, IsCredit: true },
    ];
    this.post('GeneralLedger/GeneralJournal', { DateOccurred: DAY, GSTReportingMethod: 'Sale', Lines });
  }

  private edit(what: 'change' | 'delete', pick: number, cents: number): void {
    const records = this.all(...DOCUMENTS, ...SETTLING, ...OTHERS);
    const chosen = records[pick % Math.max(1, records.length)];
    if (!chosen) return;
    const { rules, layout, uid, members } = chosen;
    if (what === 'delete') return remove(this.file, rules, layout, uid, { origin: 'api' });
    const body = { ...structuredClone(members), UID: uid, RowVersion: chosen.rowVersion };
    if (DOCUMENTS.includes(rules.name)) {
      const [line] = (body as Members).Lines as Line[];
      if (line && layout === 'Service') line.Total = cents / 100;
      else if (line) Object.assign(line, { UnitPrice: Math.abs(cents) / 100, Total: null });
    } else if (SETTLING.includes(rules.name)) return;
    else (body as Members).Memo = `changed ${cents}`;
    replace({ file: this.file, rules, layout, body, origin: 'api' }, uid);
  }

  /** Everything that has to hold, worked out afresh from the records alone. */
  check(): void {
    const taken = new Map<string, ReturnType<typeof decimal>>();
    const take = (link: unknown, amount: unknown, sign: 1 | -1) => {
      const uid = (link as Link).UID;
      taken.set(uid, (taken.get(uid) ?? zero).plus(decimal(amount).times(sign)));
    };
    for (const { rules, members } of this.all(...SETTLING)) {
      for (const line of (members.Invoices ?? members.Lines ?? []) as Members[]) {
        take(line.Sale ?? line.Purchase ?? line, line.AmountApplied, 1);
      }
      if (rules.name.endsWith('Refund')) take(members.Invoice ?? members.Bill, members.Amount, -1);
      if (rules.name === 'Sale/CreditSettlement') take(members.CreditFromInvoice, members.CreditAmount, -1);
      if (rules.name === 'Purchase/DebitSettlement') take(members.DebitFromBill, members.DebitAmount, -1);
    }
    const owed = new Map<string, ReturnType<typeof decimal>>();
    let [bought, gone] = [zero, zero];
    for (const { rules, uid, members } of this.all(...DOCUMENTS)) {
      const total = decimal(members.TotalAmount);
      const left = total.minus(taken.get(uid) ?? zero);
      expect(`${uid} ${decimal(members.BalanceDueAmount).toString()}`).toBe(`${uid} ${left.toString()}`);
      expect(total.isNegative() ? left.lessThanOrEqualTo(0) : left.greaterThanOrEqualTo(0)).toBe(true);
      const credit = rules.name === 'Sale/Invoice' ? 'Credit' : 'Debit';
      expect(members.Status).toBe(left.isZero() ? 'Closed' : left.isNegative() ? credit : 'Open');
      const card = ((members.Customer ?? members.Supplier) as Link).UID;
      owed.set(card, (owed.get(card) ?? zero).plus(left));
      const lines = members.Lines as Line[];
      bought = bought.plus(sum(lines.map((line) => decimal(line.BillQuantity))));
      gone = gone.plus(sum(lines.map((line) => decimal(line.ShipQuantity))));
    }
    for (const { UID } of this.parties.Customer) {
      expect(this.file.ledger.card(UID).toString()).toBe((owed.get(UID) ?? zero).toString());
    }
    for (const { UID } of this.parties.Supplier) {
      expect(this.file.ledger.card(UID).negated().plus(0).toString()).toBe((owed.get(UID) ?? zero).toString());
    }
    expect(this.file.ledger.stock(this.goods.UID).quantity.toString()).toBe(bought.minus(gone).toString());
    expect(this.file.ledger.difference.toString()).toBe('0');
    const balances = this.file.ledger.balances().map(([, balance]) => balance);
    expect(sum(balances).toString()).toBe('0');
  }
}

describe('the books stay balanced', () => {
  it('through random histories, and after each is put back from its snapshot', () => {
    // A failure prints its seed; FC_SEED replays it, FC_RUNS makes it longer.
    const seed = Number(process.env.FC_SEED ?? 20_261_122);
    const outcomes = { done: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 45, size: 'max' }), (steps) => {
        const books = new Books();
        for (const each of steps) {
          books.follow(each);
          books.check();
        }
        const { file } = books;
        const before = file.trialBalance();
        file.restore(JSON.parse(JSON.stringify(file.snapshot())) as ReturnType<CompanyFile['snapshot']>);
        books.check();
        expect(file.trialBalance()).toEqual(before);
        outcomes.done += books.done;
        outcomes.refused += books.refused;
      }),
      { numRuns: Number(process.env.FC_RUNS ?? 40), seed },
    );
    // A history of refusals alone would prove little.
    expect(outcomes.done).toBeGreaterThan(outcomes.refused);
    expect(outcomes.refused).toBeGreaterThan(0);
  });
});
