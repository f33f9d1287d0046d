import { amount, Decimal, decimal, sum, zero } from '../amounts.ts';
import type { Company } from './company.ts';
import type { Entity, Hidden, Line, LinkedTxn } from './entity.ts';
import { showHomeAmounts } from './exchange.ts';
import type { Draft, EntityRules, Posting } from './rules.ts';
import { faults } from './vendor-fault.ts';
import type { Work } from './work.ts';

/**
 * Payments settle open items: invoices and bills are charges, credit memos and vendor credits are credits, and a journal
 * entry is either, by its receivable or payable line. Each open item remembers in `hidden.applied` what settles it, so
 * its balance is always its amount less that.
 */

export interface PaymentSide {
  payment: 'Payment' | 'BillPayment';
  party: 'Customer' | 'Vendor';
  /** The entities that payment lines may link to, by TxnType. */
  targets: Readonly<Record<string, string>>;
  /** The TxnType under which the payment shows in its targets. */
  linkType(payment: Entity, company: Company): string;
}

interface OpenItem {
  isCharge: boolean;
  /** What the item is worth, positive. */
  worth: Decimal;
}

interface Application {
  entity: string;
  id: string;
  type: string;
  amount: Decimal;
}

/** The links of a payment's lines, several lines to one target added up. */
function applicationsOf(side: PaymentSide, lines: readonly Line[]): Map<string, Application> {
  const found = new Map<string, Application>();
  for (const line of lines) {
    const [link, ...more] = line.LinkedTxn ?? [];
    if (!link) throw faults.missing('Line.LinkedTxn');
    if (more.length > 0) throw faults.notLinkable(link.TxnType, link.TxnId);
    const entity = side.targets[link.TxnType];
    if (entity === undefined) throw faults.notLinkable(link.TxnType, link.TxnId);
    const key = `${entity}/${link.TxnId}`;
    const known = found.get(key);
    const value = decimal(line.Amount);
    if (known) known.amount = known.amount.plus(value);
    else found.set(key, { entity, id: link.TxnId, type: link.TxnType, amount: value });
  }
  return found;
}

/**
 * Checks the lines of a payment against what they settle; answers by how much the payment's own amount is used up.
 * Lines above an open balance are refused, or cut where the company takes the rest as unapplied.
 */
export function settleApplications(draft: Draft, side: PaymentSide, party: Entity): Decimal {
  const { object, company, work } = draft;
  const family = familyOf(company, side.party, party.Id);
  let charges = zero;
  let credits = zero;
  const lines: Line[] = [];
  for (const line of (object.Line ?? []).map((each) => ({ ...each }))) {
    const [application] = applicationsOf(side, [line]).values();
    if (!application) continue;
    const item = openItemOf(work, side, application, family);
    const target = work.peek(application.entity, application.id) as Entity;
    if (target.CurrencyRef?.value !== object.CurrencyRef?.value) {
      throw faults.business('Payment and transaction have different currencies.', 'Line');
    }
    const others = appliedTo(work.peekHidden(application.entity, application.id), object.Id);
    const already = sum(lines.filter((each) => sameTarget(each, line)).map((each) => decimal(each.Amount)));
    const open = item.worth.minus(others).minus(already);
    if (application.amount.greaterThan(open)) {
      if (company.switches.overApplication === 'reject') {
        throw faults.business('The amount applied is greater than the open balance of the transaction.', 'Line');
      }
      line.Amount = amount(open);
    }
    if (decimal(line.Amount).isZero()) continue;
    if (item.isCharge) charges = charges.plus(decimal(line.Amount));
    else credits = credits.plus(decimal(line.Amount));
    line.LineEx = lineNoise(target, open);
    lines.push(line);
  }
  object.Line = lines;
  const used = charges.minus(credits);
  if (used.isNegative()) throw faults.business('The credits are greater than what they are applied to.', 'Line');
  if (used.greaterThan(decimal(object.TotalAmt))) {
    throw faults.business('The payment amount is less than the amounts applied.', 'TotalAmt');
  }
  return used;
}

function sameTarget(a: Line, b: Line): boolean {
  return a.LinkedTxn?.[0]?.TxnId === b.LinkedTxn?.[0]?.TxnId;
}

function openItemOf(work: Work, side: PaymentSide, application: Application, family: ReadonlySet<string>): OpenItem {
  const { entity, id, type } = application;
  const target = work.peek(entity, id);
  const hidden = work.peekHidden(entity, id);
  const rules = work.company.collection(entity).rules;
  if (!target || !hidden || hidden.voided) throw faults.notLinkable(type, id);
  const postings = rules.postings?.(target, hidden, work.company) ?? [];
  const worth = sum(
    postings
      .filter((posting: Posting) => posting.party !== undefined && family.has(posting.party))
      .map((posting) => posting.amount),
  );
  const owed = side.party === 'Customer' ? worth : worth.negated();
  if (owed.isZero()) throw faults.notLinkable(type, id);
  return { isCharge: owed.isPositive(), worth: owed.abs() };
}

/** A payment may settle what belongs to the same customer, its jobs, or the customer the job is below. */
function familyOf(company: Company, entity: 'Customer' | 'Vendor', id: string): Set<string> {
  let root = id;
  for (let parent = company.object(entity, root)?.ParentRef; parent; parent = company.object(entity, root)?.ParentRef) {
    root = parent.value;
  }
  const family = new Set<string>();
  const add = (member: string) => {
    family.add(`${entity}:${member}`);
    for (const child of company.childrenOf(entity, member)) add(child);
  };
  add(root);
  return family;
}

function appliedTo(hidden: Hidden | undefined, exceptPayment?: string): Decimal {
  const entries = Object.entries(hidden?.applied ?? {});
  return sum(entries.filter(([payment]) => payment !== exceptPayment).map(([, value]) => decimal(value)));
}

/** The members real answers carry beside each payment line (sheet 3.11). */
function lineNoise(target: Entity, open: Decimal): object {
  const entry = (Name: string, Value: string) => ({
    name: '{http://schema.intuit.com/finance/v3}NameValue',
    declaredType: 'com.intuit.schema.finance.v3.NameValue',
    scope: 'javax.xml.bind.JAXBElement$GlobalScope',
    value: { Name, Value },
    nil: false,
    globalScope: true,
    typeSubstituted: false,
  });
  const number = target.DocNumber === undefined ? [] : [entry('txnReferenceNumber', target.DocNumber)];
  return { any: [entry('txnId', target.Id), entry('txnOpenBalance', open.toFixed(2)), ...number] };
}

/** Carries the difference between the lines a payment had and has into the transactions they settle. */
export function moveApplications(
  company: Company,
  work: Work,
  side: PaymentSide,
  payment: Entity,
  before: readonly Line[],
  after: readonly Line[],
): void {
  const was = applicationsOf(side, before);
  const is = applicationsOf(side, after);
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    const then = was.get(key);
    const now = is.get(key);
    if (then && now?.amount.equals(then.amount)) continue;
    const { entity, id } = (now ?? then) as Application;
    const target = work.edit(entity, id);
    const applied = { ...target.hidden.applied };
    if (now) applied[payment.Id] = now.amount.toString();
    else delete applied[payment.Id];
    target.hidden.applied = Object.keys(applied).length > 0 ? applied : undefined;
    const links = (target.hidden.linkedBy ?? []).filter((link) => link.TxnId !== payment.Id);
    if (now) links.push({ TxnId: payment.Id, TxnType: side.linkType(payment, company) });
    relink(target, links);
    showOpenBalance({ ...target, company });
  }
}

/** Replaces the links other transactions made; those the transaction made itself stay. */
export function relink(target: { object: Entity; hidden: Hidden }, links: LinkedTxn[]): void {
  const before = new Set((target.hidden.linkedBy ?? []).map((link) => `${link.TxnType}/${link.TxnId}`));
  const own = (target.object.LinkedTxn ?? []).filter((link) => !before.has(`${link.TxnType}/${link.TxnId}`));
  target.hidden.linkedBy = links;
  target.object.LinkedTxn = [...own, ...links];
}

/** Balance, and what else shows how much of an item is still open. */
export function showOpenBalance(item: { object: Entity; hidden: Hidden; rules: EntityRules; company: Company }): void {
  const { object, hidden, rules, company } = item;
  if (!['Invoice', 'CreditMemo', 'Bill', 'VendorCredit'].includes(rules.name)) return;
  const open = decimal(object.TotalAmt).minus(decimal(object.Deposit)).minus(appliedTo(hidden));
  if (open.isNegative()) {
    throw faults.business('The amount is less than what has already been applied to the transaction.', 'TotalAmt');
  }
  object.Balance = amount(open);
  if (rules.name === 'CreditMemo') object.RemainingCredit = amount(open);
  showHomeAmounts(company, object, ['Balance']);
}

/** What payments settle stays with the name it belongs to. */
export function keepParty({ object, previous, hidden }: Draft, field: 'CustomerRef' | 'VendorRef'): void {
  if (hidden.applied && previous && previous[field]?.value !== object[field]?.value) {
    throw faults.business('The transaction has payments, its name cannot be changed.', field);
  }
}

/** Receivable and payable lines that payments settle stay as they are. */
export function keepPartyPostings({ object, previous, hidden, rules, company }: Draft): void {
  if (!hidden.applied || !previous) return;
  const parties = (each: Entity) =>
    (rules.postings?.(each, hidden, company) ?? [])
      .filter((posting) => posting.party !== undefined)
      .map((posting) => `${posting.party}=${posting.amount.toString()}`)
      .join();
  if (parties(previous) !== parties(object)) {
    throw faults.business('The transaction has payments, its receivable and payable lines cannot be changed.', 'Line');
  }
}

export function refuseWhileApplied({ hidden }: Draft): void {
  if (hidden.applied) throw faults.inUse('Unlink the payments of the transaction before deleting it.');
}

/** Takes a transaction out of every payment that settles it; the payments keep their amount, unapplied. */
export function releaseApplications(draft: Draft): void {
  const { hidden, object, company, work } = draft;
  for (const paymentId of Object.keys(hidden.applied ?? {})) {
    const side = company.find('Payment', paymentId) ? PAYMENT : BILL_PAYMENT;
    const payment = work.edit(side.payment, paymentId);
    if (payment.hidden.depositedIn !== undefined) throw faults.deposited();
    const others = (payment.object.Line ?? []).filter((line) => line.LinkedTxn?.[0]?.TxnId !== object.Id);
    payment.object.Line = stillCovered(work, side, payment.object, others);
    moveApplications(company, work, side, payment.object, others, payment.object.Line);
    if (side === PAYMENT) {
      payment.object.UnappliedAmt = amount(decimal(payment.object.TotalAmt).minus(usedBy(work, side, payment.object)));
    }
  }
  const gone = new Set(Object.keys(hidden.applied ?? {}));
  hidden.applied = undefined;
  relink(
    draft,
    (hidden.linkedBy ?? []).filter((link) => !gone.has(link.TxnId)),
  );
}

/**
 * What is left of a payment's lines when one of them was taken out: credits without a charge become open again, and so
 * do charges that neither credits nor the payment's own amount cover any more.
 */
function stillCovered(work: Work, side: PaymentSide, payment: Entity, lines: Line[]): Line[] {
  const isCharge = lines.map((line) => isChargeLine(work, side, payment, line));
  const total = (charges: boolean) =>
    sum(lines.filter((_line, index) => isCharge[index] === charges).map((line) => decimal(line.Amount)));
  let credits = Decimal.min(total(false), total(true));
  let charges = Decimal.min(total(true), decimal(payment.TotalAmt).plus(credits));
  const kept: Line[] = [];
  lines.forEach((line, index) => {
    const used = Decimal.min(decimal(line.Amount), isCharge[index] ? charges : credits);
    if (isCharge[index]) charges = charges.minus(used);
    else credits = credits.minus(used);
    if (!used.isZero()) kept.push({ ...line, Amount: amount(used) });
  });
  return kept;
}

function usedBy(work: Work, side: PaymentSide, payment: Entity): Decimal {
  return sum(
    (payment.Line ?? []).map((line) => {
      const value = decimal(line.Amount);
      return isChargeLine(work, side, payment, line) ? value : value.negated();
    }),
  );
}

function isChargeLine(work: Work, side: PaymentSide, payment: Entity, line: Line): boolean {
  const [application] = applicationsOf(side, [line]).values();
  const party = (side.party === 'Customer' ? payment.CustomerRef : payment.VendorRef)?.value ?? '';
  return openItemOf(work, side, application as Application, familyOf(work.company, side.party, party)).isCharge;
}

export const PAYMENT: PaymentSide = {
  payment: 'Payment',
  party: 'Customer',
  targets: {
    Invoice: 'Invoice',
    CreditMemo: 'CreditMemo',
    JournalEntry: 'JournalEntry',
    Expense: 'Purchase',
    Check: 'Purchase',
    CreditCardCredit: 'Purchase',
  },
  linkType: () => 'Payment',
};

export const BILL_PAYMENT: PaymentSide = {
  payment: 'BillPayment',
  party: 'Vendor',
  targets: { Bill: 'Bill', VendorCredit: 'VendorCredit', JournalEntry: 'JournalEntry' },
  linkType: (payment, company) =>
    payment.PayType === 'CreditCard' ? company.switches.billPaymentCardLink : 'BillPaymentCheck',
};
