import fc from 'fast-check';
import { Decimal, decimal as exact, sum } from '../amounts.ts';
import { allocate, deallocate } from './allocations.ts';
import type { Stored } from './collection.ts';
import type { Line } from './lines.ts';
import type { Organisation } from './organisation.ts';
import { ElementRefused } from './refusals.ts';
import type { Allocation } from './resources/credit-notes.ts';
import type { Target } from './resources/payments.ts';
import { layFoundation } from './seed/foundation.ts';
import type { Credit } from './settlement.ts';
import type { Body } from './shape.ts';
import { Vendor } from './vendor.ts';
import { save } from './writing.ts';

/**
 * Whatever is made, changed, paid, credited, voided and deleted, and in whatever order: what is due on an invoice is its
 * total less what payments and credits settle of it, PAID means that nothing is due, what remains of a credit is what was
 * not used, and every document's debits equal its credits.
 */

type Step =
  | { do: 'invoice' | 'bill' | 'credit' | 'debit'; party: number; cents: number; kind: number; draft: boolean }
  | { do: 'pay' | 'refund' | 'batch' | 'allocate'; pick: number; other: number; share: number }
  | { do: 'unpay' | 'unbatch' | 'deallocate' | 'void' | 'delete' | 'approve' | 'reopen'; pick: number }
  | { do: 'edit'; pick: number; cents: number; kind: number }
  | { do: 'spend' | 'journal' | 'transfer'; cents: number; kind: number };

const cents = fc.integer({ min: 1, max: 60_000 });
const pick = fc.nat(12);
const kind = fc.nat(5);
const share = fc.integer({ min: 1, max: 120 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('invoice', 'bill', 'credit', 'debit'),
      party: fc.nat(1),
      cents,
      kind,
      draft: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('pay', 'refund', 'batch', 'allocate'), pick, other: pick, share }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('unpay', 'unbatch', 'deallocate', 'void', 'delete', 'approve', 'reopen'),
      pick,
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('edit' as const), pick, cents, kind }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('spend', 'journal', 'transfer'), cents, kind }) },
);

const TYPES = ['Exclusive', 'Inclusive', 'NoTax'] as const;
const APPROVED = ['AUTHORISED', 'PAID'];

class Books {
  readonly organisation: Organisation;
  private readonly parties: string[];
  private readonly outcomes: { done: number; refused: number };

  constructor(outcomes: { done: number; refused: number }) {
    const vendor = new Vendor({ now: () => Date.UTC(2026, 10, 2, 1) }, 1);
    this.organisation = vendor.addOrganisation('c0ffee00-0001-4000-8000-000000000001', 'nz');
    this.outcomes = outcomes;
    layFoundation(this.organisation, 'Property');
    this.parties = ['A', 'B'].map((Name) => this.save('PUT', 'Contacts', { Name }).id);
  }

  private save(verb: 'PUT' | 'POST', resource: string, element: Body): Stored {
    const { organisation } = this;
    return save({ organisation, rules: organisation.collection(resource).rules, verb, byApp: true }, element);
  }

  all(resource: string): Body[] {
    return [...this.organisation.collection(resource).all()].map(({ fields }) => fields);
  }

  private chosen(resource: string, place: number, fits: (fields: Body) => boolean = () => true): Body | undefined {
    const candidates = this.all(resource).filter(fits);
    return candidates[place % Math.max(1, candidates.length)];
  }

  /** Does a step; what the rules refuse is refused, and must leave no trace. */
  follow(step: Step): void {
    const before = JSON.stringify(this.organisation.snapshot().records);
    try {
      this.perform(step);
      this.outcomes.done++;
    } catch (error) {
      if (!(error instanceof ElementRefused)) throw error;
      this.outcomes.refused++;
      expect(JSON.stringify(this.organisation.snapshot().records)).toBe(before);
    }
  }

  private lines(amount: number, variety: number, isSale: boolean): Body[] {
    const unit = new Decimal(amount).dividedBy(100);
    const first = { Description: 'x', UnitAmount: unit.toFixed(), AccountCode: isSale ? '200' : '400' };
    const more = { Description: 'y', Quantity: '3', UnitAmount: '0.35', AccountCode: isSale ? '260' : '404' };
    const discounted = isSale && variety === 4 ? { ...first, DiscountRate: '12.5' } : first;
    return variety === 5 ? [discounted, more, { Description: 'Words' }] : variety > 2 ? [discounted, more] : [first];
  }

  private perform(step: Step): void {
    switch (step.do) {
      case 'invoice':
      case 'bill':
      case 'credit':
      case 'debit':
        this.document(step);
        break;
      case 'pay':
      case 'refund':
        this.pay(step.do === 'pay' ? 'Invoices' : 'CreditNotes', step.pick, step.share);
        break;
      case 'batch':
        this.batch(step.pick, step.other, step.share);
        break;
      case 'allocate':
        this.allocate(step.pick, step.other, step.share);
        break;
      case 'deallocate':
        this.deallocate(step.pick);
        break;
      case 'unpay':
        this.settleAway('Payments', 'PaymentID', step.pick);
        break;
      case 'unbatch':
        this.settleAway('BatchPayments', 'BatchPaymentID', step.pick);
        break;
      case 'void':
      case 'delete':
      case 'approve':
        this.status(step.pick, { void: 'VOIDED', delete: 'DELETED', approve: 'AUTHORISED' }[step.do]);
        break;
      case 'reopen':
        this.status(step.pick, 'DRAFT');
        break;
      case 'edit':
        this.edit(step.pick, step.cents, step.kind);
        break;
      case 'spend':
      case 'journal':
      case 'transfer':
        this.bank(step.do, step.cents, step.kind);
    }
  }

  private document(step: Extract<Step, { party: number }>): void {
    const isCredit = step.do === 'credit' || step.do === 'debit';
    const isSale = step.do === 'invoice' || step.do === 'credit';
    const Type = { invoice: 'ACCREC', bill: 'ACCPAY', credit: 'ACCRECCREDIT', debit: 'ACCPAYCREDIT' }[step.do];
    this.save('PUT', isCredit ? 'CreditNotes' : 'Invoices', {
      Type,
      Contact: { ContactID: this.parties[step.party] },
      DueDate: '2026-12-01',
      LineAmountTypes: TYPES[step.kind % 3],
      LineItems: this.lines(step.cents, isCredit && step.kind === 4 ? 3 : step.kind, isSale),
      Status: step.draft ? 'DRAFT' : 'AUTHORISED',
    });
  }

  private share(amount: unknown, percent: number): string {
    return exact(amount).times(percent).dividedBy(100).toDecimalPlaces(2).toFixed();
  }

  private pay(resource: 'Invoices' | 'CreditNotes', place: number, percent: number): void {
    const target = this.chosen(resource, place);
    if (!target) return;
    const isInvoice = resource === 'Invoices';
    this.save('PUT', 'Payments', {
      [isInvoice ? 'Invoice' : 'CreditNote']: isInvoice
        ? { InvoiceID: target.InvoiceID }
        : { CreditNoteID: target.CreditNoteID },
      Account: { Code: '090' },
      Date: '2026-11-02',
      Amount: this.share(isInvoice ? target.AmountDue : target.RemainingCredit, percent),
    });
  }

  private batch(place: number, other: number, percent: number): void {
    const targets = [this.chosen('Invoices', place), this.chosen('Invoices', other)];
    this.save('PUT', 'BatchPayments', {
      Account: { Code: '090' },
      Date: '2026-11-02',
      Payments: targets.flatMap((target) =>
        target ? [{ Invoice: { InvoiceID: target.InvoiceID }, Amount: this.share(target.AmountDue, percent) }] : [],
      ),
    });
  }

  private allocate(place: number, other: number, percent: number): void {
    const { organisation } = this;
    const credit = this.chosen('CreditNotes', place, (each) => each.Status === 'AUTHORISED');
    const isSale = credit?.Type === 'ACCRECCREDIT';
    const invoice = this.chosen(
      'Invoices',
      other,
      (each) => each.Status === 'AUTHORISED' && (each.Type === 'ACCREC') === isSale && each.contact === credit?.contact,
    );
    const stored = organisation.find('CreditNotes', credit?.CreditNoteID);
    if (!invoice || !stored) return;
    const least = Decimal.min(exact(invoice.AmountDue), exact(stored.fields.RemainingCredit));
    const Amount = this.share(least.toFixed(), percent);
    organisation.transaction(() =>
      allocate(organisation, stored, { Amount, Invoice: { InvoiceID: invoice.InvoiceID } }),
    );
  }

  private deallocate(place: number): void {
    const { organisation } = this;
    const credit = this.chosen('CreditNotes', place, (each) => ((each.Allocations ?? []) as unknown[]).length > 0);
    const stored = organisation.find('CreditNotes', credit?.CreditNoteID);
    const [first] = (credit?.Allocations ?? []) as Allocation[];
    if (stored && first) organisation.transaction(() => deallocate(organisation, stored, first.AllocationID));
  }

  private settleAway(resource: string, idField: string, place: number): void {
    const chosen = this.chosen(resource, place);
    if (chosen) this.save('POST', resource, { [idField]: chosen[idField], Status: 'DELETED' });
  }

  private status(place: number, Status: string): void {
    const documents = [...this.all('Invoices'), ...this.all('CreditNotes')];
    const chosen = documents[place % Math.max(1, documents.length)];
    if (!chosen) return;
    const [resource, idField] = chosen.InvoiceID ? ['Invoices', 'InvoiceID'] : ['CreditNotes', 'CreditNoteID'];
    this.save('POST', String(resource), { [String(idField)]: chosen[String(idField)], Status });
  }

  private edit(place: number, amount: number, variety: number): void {
    const chosen = this.chosen('Invoices', place);
    if (!chosen) return;
    const isSale = chosen.Type === 'ACCREC';
    const [first] = chosen.LineItems as Line[];
    const changes: Body =
      variety === 0
        ? { LineAmountTypes: TYPES[amount % 3] }
        : variety === 1
          ? { LineItems: [{ LineItemID: first?.LineItemID, UnitAmount: new Decimal(amount).dividedBy(100).toFixed() }] }
          : { LineItems: this.lines(amount, variety, isSale) };
    this.save('POST', 'Invoices', { InvoiceID: chosen.InvoiceID, ...changes });
  }

  private bank(what: 'spend' | 'journal' | 'transfer', amount: number, variety: number): void {
    const Amount = new Decimal(amount).dividedBy(100).toFixed();
    if (what === 'transfer') {
      this.save('PUT', 'BankTransfers', { FromBankAccount: { Code: '090' }, ToBankAccount: { Code: '091' }, Amount });
    } else if (what === 'spend') {
      const Contact = { ContactID: this.parties[0] };
      const LineItems = this.lines(amount, variety, false);
      this.save('PUT', 'BankTransactions', { Type: 'SPEND', Contact, BankAccount: { Code: '090' }, LineItems });
    } else {
      const JournalLines = [
        { LineAmount: Amount, AccountCode: '400' },
        { LineAmount: `-${variety === 0 ? '1' : Amount}`, AccountCode: '850' },
      ];
      this.save('PUT', 'ManualJournals', { Narration: 'x', Status: 'POSTED', JournalLines });
    }
  }

  /** Everything that has to hold, worked out afresh from the documents alone. */
  check(): void {
    const payments = this.all('Payments').filter((each) => each.Status === 'AUTHORISED');
    const paid = (resource: string, id: unknown) =>
      sum(payments.filter((each) => same(each.target as Target, resource, id)).map((each) => exact(each.Amount)));
    for (const invoice of this.all('Invoices')) {
      if (invoice.Status === 'VOIDED' || invoice.Status === 'DELETED') continue;
      this.checkTotals(invoice);
      const credits = (invoice.credits ?? []) as Credit[];
      const credited = sum(credits.map((each) => exact(each.amount)));
      const settled = paid('Invoices', invoice.InvoiceID).plus(credited);
      expect([exact(invoice.AmountDue).toFixed(2), invoice.Type]).toEqual([
        exact(invoice.Total).minus(settled).toFixed(2),
        invoice.Type,
      ]);
      expect(exact(invoice.AmountDue).isNegative() && APPROVED.includes(String(invoice.Status))).toBe(false);
      const isClosed = invoice.Status === 'PAID';
      expect(isClosed).toBe(isClosed && exact(invoice.AmountDue).isZero());
      expect(isClosed === (invoice.FullyPaidOnDate !== undefined)).toBe(true);
      if (!settled.isZero()) expect(APPROVED).toContain(invoice.Status);
      for (const credit of credits) {
        const held = (this.organisation.fields(credit.resource, credit.id)?.Allocations ?? []) as Allocation[];
        expect(held.find((each) => each.AllocationID === credit.allocation)?.Amount).toBe(credit.amount);
      }
    }
    for (const note of this.all('CreditNotes')) {
      if (note.Status === 'VOIDED' || note.Status === 'DELETED') continue;
      this.checkTotals(note);
      const held = (note.Allocations ?? []) as Allocation[];
      const used = sum(held.map((each) => exact(each.Amount))).plus(paid('CreditNotes', note.CreditNoteID));
      expect(exact(note.RemainingCredit).toFixed(2)).toBe(exact(note.Total).minus(used).toFixed(2));
    }
    for (const journal of this.all('ManualJournals')) {
      const lines = journal.JournalLines as Body[];
      expect(sum(lines.map((each) => exact(each.LineAmount))).toFixed(2)).toBe('0.00');
    }
    for (const batch of this.all('BatchPayments').filter((each) => each.Status === 'AUTHORISED')) {
      const children = payments.filter((each) => each.BatchPaymentID === batch.BatchPaymentID);
      expect(sum(children.map((each) => exact(each.Amount))).toFixed(2)).toBe(exact(batch.TotalAmount).toFixed(2));
    }
    for (const party of this.parties) this.checkBalance(party);
    for (const spent of this.all('BankTransactions').filter((each) => each.Type === 'SPEND')) this.checkTotals(spent);
  }

  /** What a contact shows as open against its documents. */
  private checkBalance(party: string): void {
    for (const [side, charge, credit] of [
      ['receivable', 'ACCREC', 'ACCRECCREDIT'],
      ['payable', 'ACCPAY', 'ACCPAYCREDIT'],
    ] as const) {
      const open = (resource: string, type: string) =>
        this.all(resource).filter(
          (each) => each.contact === party && each.Type === type && each.Status === 'AUTHORISED',
        );
      const owed = sum(open('Invoices', charge).map((each) => exact(each.AmountDue)));
      const credited = sum(open('CreditNotes', credit).map((each) => exact(each.RemainingCredit)));
      const { outstanding } = this.organisation.balances.of(party, side, '2026-11-02');
      expect([side, outstanding.toFixed(2)]).toEqual([side, owed.minus(credited).toFixed(2)]);
    }
  }

  /** The receivable or payable of a document against its lines and its tax. */
  private checkTotals({ LineItems, LineAmountTypes, SubTotal, TotalTax, Total }: Body): void {
    const lines = LineItems as Line[];
    const amounts = sum(lines.map((line) => exact(line.LineAmount)));
    const tax = sum(lines.map((line) => exact(line.TaxAmount)));
    const nets = LineAmountTypes === 'Inclusive' ? amounts.minus(tax) : amounts;
    expect([SubTotal, TotalTax, Total].map((each) => exact(each).toFixed(2))).toEqual(
      [nets, tax, nets.plus(tax)].map((each) => each.toFixed(2)),
    );
  }
}

function same(target: Target, resource: string, id: unknown): boolean {
  return target.resource === resource && target.id === id;
}

describe('the books stay balanced', () => {
  it('through random histories', () => {
    // A failure prints its seed; FC_SEED replays it, FC_RUNS makes it longer.
    const seed = Number(process.env.FC_SEED ?? 20_261_102);
    const outcomes = { done: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), (steps) => {
        const books = new Books(outcomes);
        for (const each of steps) books.follow(each);
        books.check();
      }),
      { numRuns: Number(process.env.FC_RUNS ?? 60), seed },
    );
    // A test of refusals alone would prove little.
    expect(outcomes.done).toBeGreaterThan(outcomes.refused);
  });
});
