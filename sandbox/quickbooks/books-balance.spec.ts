import fc from 'fast-check';
import { Decimal } from '../amounts.ts';
import type { Company } from './company.ts';
import type { Entity, Line } from './entity.ts';
import { CONNECTED_USER, Vendor } from './vendor.ts';
import { VendorFault } from './vendor-fault.ts';
import { layFoundation } from './seed/foundation.ts';
import { makeVoid, remove, save } from './writing.ts';

/**
 * Whatever is created, changed, voided and deleted, and in whatever order: an invoice's balance is its total less what
 * payments and credits settle of it, a payment's rest is what its lines leave over, and debits equal credits.
 */

type Step =
  | { do: 'invoice' | 'credit' | 'bill' | 'vendorCredit'; party: number; cents: number; taxed: boolean }
  | { do: 'pay' | 'payBill'; pick: number; share: number; extra: number; withCredit: boolean; twice: boolean }
  | { do: 'change' | 'void' | 'delete'; pick: number; cents: number };

const party = fc.nat(1);
const cents = fc.integer({ min: 0, max: 50_000 });
const pick = fc.nat(12);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('invoice', 'credit', 'bill', 'vendorCredit'),
      party,
      cents,
      taxed: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('pay', 'payBill'),
      pick,
      share: fc.integer({ min: 1, max: 110 }),
      extra: fc.nat(5000),
      withCredit: fc.boolean(),
      twice: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('change', 'void', 'delete'), pick, cents }) },
);

const SETTLED_ENTITIES = ['Invoice', 'CreditMemo', 'Bill', 'VendorCredit'];
const EDITABLE = ['Invoice', 'CreditMemo', 'Payment', 'Bill', 'VendorCredit', 'BillPayment'];

class Books {
  readonly company: Company;
  private readonly parties: Record<string, string[]>;
  private readonly item: string;
  private readonly rent: string;
  private readonly checking: string;
  private readonly taxCode: string;

  constructor(flavour: 'us' | 'uk') {
    const vendor = new Vendor({ now: () => Date.UTC(2026, 1, 3) }, 1);
    this.company = vendor.addCompany('1', flavour);
    layFoundation(this.company, 'Property');
    const named = (entity: string, name: string) =>
      [...(this.company.collection(entity).lookUp('Name', name) ?? [])][0] ?? '';
    this.rent = named('Account', 'Rent');
    this.checking = named('Account', 'Checking');
    this.taxCode = named('TaxCode', flavour === 'us' ? 'Tucson' : '20.0% S');
    this.item = named('Item', 'Hours');
    const make = (entity: string) =>
      ['A', 'B'].map((name) => this.save(entity, { DisplayName: `${entity} ${name}` }).Id);
    this.parties = { Customer: make('Customer'), Vendor: make('Vendor') };
  }

  save(entity: string, body: object): Entity {
    const rules = this.company.collection(entity).rules;
    return save({ company: this.company, rules, body: body as Record<string, unknown>, user: CONNECTED_USER }).object;
  }

  all(entity: string): Entity[] {
    return [...this.company.collection(entity).all()].map((stored) => stored.object);
  }

  /** Does a step; what the rules refuse is refused, and must leave no trace. */
  follow(step: Step): void {
    try {
      this.perform(step);
    } catch (error) {
      if (!(error instanceof VendorFault)) throw error;
    }
  }

  private perform(step: Step): void {
    switch (step.do) {
      case 'invoice':
      case 'credit':
        this.save(step.do === 'invoice' ? 'Invoice' : 'CreditMemo', {
          CustomerRef: { value: this.parties.Customer?.[step.party] },
          Line: this.sold(step.cents, step.taxed),
          ...(step.taxed &&
            this.company.isUnitedStates && { TxnTaxDetail: { TxnTaxCodeRef: { value: this.taxCode } } }),
        });
        break;
      case 'bill':
      case 'vendorCredit':
        this.save(step.do === 'bill' ? 'Bill' : 'VendorCredit', {
          VendorRef: { value: this.parties.Vendor?.[step.party] },
          Line: [
            {
              DetailType: 'AccountBasedExpenseLineDetail',
              Amount: step.cents / 100,
              AccountBasedExpenseLineDetail: { AccountRef: { value: this.rent } },
            },
          ],
        });
        break;
      case 'pay':
        this.settle('Invoice', 'CreditMemo', 'Payment', step, (target) => ({ CustomerRef: target.CustomerRef }));
        break;
      case 'payBill':
        this.settle('Bill', 'VendorCredit', 'BillPayment', step, (target) => ({
          VendorRef: target.VendorRef,
          PayType: 'Check',
          CheckPayment: { BankAccountRef: { value: this.checking } },
        }));
        break;
      case 'change':
      case 'void':
      case 'delete':
        this.edit(step.do, step.pick, step.cents);
    }
  }

  private sold(cents: number, taxed: boolean): object[] {
    const amount = cents / 100;
    const TaxCodeRef = this.company.isUnitedStates
      ? { value: taxed ? 'TAX' : 'NON' }
      : taxed
        ? { value: this.taxCode }
        : undefined;
    const line = { ItemRef: { value: this.item }, Qty: 1, UnitPrice: amount, ...(TaxCodeRef && { TaxCodeRef }) };
    return [{ DetailType: 'SalesItemLineDetail', Amount: amount, SalesItemLineDetail: line }];
  }

  private settle(
    charge: string,
    credit: string,
    payment: string,
    step: Extract<Step, { do: 'pay' | 'payBill' }>,
    more: (target: Entity) => object,
  ): void {
    const targets = this.all(charge);
    const target = targets[step.pick % Math.max(1, targets.length)];
    if (!target) return;
    const links = (type: string, id: string, Amount: number) => ({ Amount, LinkedTxn: [{ TxnId: id, TxnType: type }] });
    const applied = new Decimal(target.Balance ?? 0).times(step.share).dividedBy(100).toDecimalPlaces(2);
    const half = applied.dividedBy(2).toDecimalPlaces(2);
    const parts = step.twice ? [half, applied.minus(half)] : [applied];
    const Line = parts.map((part) => links(charge, target.Id, part.toNumber()));
    let credited = new Decimal(0);
    const credits = this.all(credit).filter((each) => (each.Balance ?? 0) > 0);
    if (step.withCredit && credits.length > 0) {
      const other = credits[step.pick % credits.length] as Entity;
      credited = step.twice ? new Decimal(other.Balance ?? 0) : Decimal.min(other.Balance ?? 0, applied);
      Line.push(links(credit, other.Id, credited.toNumber()));
    }
    const rest = Decimal.max(applied.minus(credited), 0);
    const TotalAmt = rest.plus(new Decimal(step.extra).dividedBy(100)).toNumber();
    this.save(payment, { ...more(target), TotalAmt, Line });
  }

  private edit(action: 'change' | 'void' | 'delete', pick: number, cents: number): void {
    const objects = EDITABLE.flatMap((entity) => this.all(entity).map((object) => ({ entity, object })));
    const chosen = objects[pick % Math.max(1, objects.length)];
    if (!chosen) return;
    const { entity, object } = chosen;
    const rules = this.company.collection(entity).rules;
    const version = { Id: object.Id, SyncToken: object.SyncToken };
    const request = { company: this.company, rules, body: version, user: CONNECTED_USER };
    if (action === 'void' && rules.void) makeVoid(request);
    else if (action === 'delete') remove(request);
    else if (entity === 'Payment' || entity === 'BillPayment') this.save(entity, { ...object, TotalAmt: cents / 100 });
    else if (object.CustomerRef) this.save(entity, { ...version, sparse: true, Line: this.sold(cents, false) });
    else this.save(entity, { ...object, PrivateNote: `changed ${cents}` });
  }

  /** Everything that has to hold, worked out afresh from the documents alone. */
  check(): void {
    const applied = new Map<string, Decimal>();
    const payments = [...this.all('Payment'), ...this.all('BillPayment')];
    for (const payment of payments) {
      for (const line of payment.Line ?? []) {
        const { TxnType, TxnId } = (line as Line).LinkedTxn?.[0] ?? { TxnType: '', TxnId: '' };
        const key = `${TxnType}/${TxnId}`;
        applied.set(key, (applied.get(key) ?? new Decimal(0)).plus(line.Amount ?? 0));
      }
    }
    for (const entity of SETTLED_ENTITIES) {
      for (const object of this.all(entity)) {
        const settled = applied.get(`${entity}/${object.Id}`) ?? new Decimal(0);
        expect(`${entity} ${object.Id}: ${new Decimal(object.TotalAmt ?? 0).minus(settled).toString()}`).toBe(
          `${entity} ${object.Id}: ${new Decimal(object.Balance ?? 0).toString()}`,
        );
        expect(object.Balance).toBeGreaterThanOrEqual(0);
        const links = (object.LinkedTxn ?? []).map((link) => link.TxnId).sort();
        const paying = payments.filter((each) => each.Line?.some((line) => line.LinkedTxn?.[0]?.TxnId === object.Id));
        expect(links).toEqual(paying.map((each) => each.Id).sort());
      }
    }
    for (const payment of this.all('Payment')) {
      const used = (payment.Line ?? []).map((line) =>
        new Decimal(line.Amount ?? 0).times(line.LinkedTxn?.[0]?.TxnType === 'CreditMemo' ? -1 : 1),
      );
      const rest = used.reduce((left, each) => left.minus(each), new Decimal(payment.TotalAmt ?? 0));
      expect(rest.toNumber()).toBe(payment.UnappliedAmt);
      expect(rest.isNegative()).toBe(false);
      expect(rest.greaterThan(payment.TotalAmt ?? 0)).toBe(false);
    }
    expect(this.company.ledger.difference.toString()).toBe('0');
    for (const [index, id] of (this.parties.Customer ?? []).entries()) {
      const own = (entity: string) => this.all(entity).filter((each) => each.CustomerRef?.value === id);
      const total = (objects: Entity[]) => objects.reduce((sum, each) => sum.plus(each.TotalAmt ?? 0), new Decimal(0));
      const owed = total(own('Invoice'))
        .minus(total(own('CreditMemo')))
        .minus(total(own('Payment')));
      expect([index, this.company.object('Customer', id)?.Balance]).toEqual([index, owed.toNumber()]);
    }
  }
}

describe('the books stay balanced', () => {
  it.each(['us', 'uk'] as const)('through random histories of a %s company', (flavour) => {
    // A failure prints its seed; FC_SEED replays it, FC_RUNS makes it longer.
    const seed = Number(process.env.FC_SEED ?? 20_260_203);
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 45, size: 'max' }), (steps) => {
        const books = new Books(flavour);
        for (const each of steps) {
          books.follow(each);
          books.check();
        }
      }),
      { numRuns: Number(process.env.FC_RUNS ?? 120), seed },
    );
  });
});
