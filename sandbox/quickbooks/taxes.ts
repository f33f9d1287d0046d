import { amount, cents, Decimal, decimal, sum, zero } from '../amounts.ts';
import type { Company } from './company.ts';
import type { Address, Entity, Line, Reference, TaxDetail } from './entity.ts';
import { gives, type Draft } from './rules.ts';
import { choice, decimal as number, detail, flag, group, list, money, reference, text, whole } from './shape.ts';
import { faults } from './vendor-fault.ts';

/** The tax block of a transaction (sheet 3.8). */
export const taxDetail = group({
  TxnTaxCodeRef: reference('TaxCode'),
  TotalTax: money(),
  TaxReviewStatus: text(50),
  TaxLine: list(
    group({
      Id: text(50),
      LineNum: whole(0, 100_000),
      Amount: money(),
      DetailType: choice('TaxLineDetail'),
      TaxLineDetail: detail({
        TaxRateRef: reference('TaxRate'),
        PercentBased: flag(),
        TaxPercent: number(),
        NetAmountTaxable: money(),
        TaxInclusiveAmount: money(),
        OverrideDeltaAmount: money(),
      }),
    }),
    750,
  ),
});

export const globalTaxCalculation = choice('TaxExcluded', 'TaxInclusive', 'NotApplicable');

/** How a company taxes: not at all, US codes chosen by the caller, US automated sales tax, or a code on every line. */
export type TaxMode = 'none' | 'us' | 'automated' | 'global';

export function taxModeOf(company: Company): TaxMode {
  if (!company.prefers('TaxPrefs.UsingSalesTax')) return 'none';
  if (!company.isUnitedStates) return 'global';
  return company.prefers('TaxPrefs.PartnerTaxEnabled') ? 'automated' : 'us';
}

/** A line as the tax rules see it. `own` is what the client sent: with inclusive prices the gross amount. */
export interface TaxedLine {
  line: Line;
  detail: { TaxCodeRef?: Reference; TaxInclusiveAmt?: number };
  own: Decimal;
}

export interface TaxResult {
  total: Decimal;
  /** Whether line amounts contain their tax. */
  inclusive: boolean;
}

type Side = 'SalesTaxRateList' | 'PurchaseTaxRateList';

interface Component {
  rate: string;
  percent: Decimal;
  appliesTo: string;
}

/** The rates behind a code on a day, in the order in which they apply. */
function componentsOf(company: Company, code: string, side: Side, day: string): Component[] {
  const details = (company.object('TaxCode', code)?.[side] as { TaxRateDetail?: RateDetail[] } | undefined)
    ?.TaxRateDetail;
  return [...(details ?? [])]
    .sort((a, b) => (a.TaxOrder ?? 0) - (b.TaxOrder ?? 0))
    .map((each) => ({
      rate: each.TaxRateRef.value,
      percent: percentOn(company.object('TaxRate', each.TaxRateRef.value), day),
      appliesTo: each.TaxTypeApplicable,
    }));
}

interface RateDetail {
  TaxRateRef: Reference;
  TaxTypeApplicable: string;
  TaxOrder?: number;
}

function percentOn(rate: Entity | undefined, day: string): Decimal {
  const steps = (rate?.EffectiveTaxRate ?? []) as { RateValue: number; EffectiveDate: string }[];
  const current = steps.findLast((step) => step.EffectiveDate.slice(0, 10) <= day);
  return decimal(current?.RateValue ?? rate?.RateValue ?? 0);
}

/** The tax of each component on a net amount, unrounded. */
function applyComponents(components: readonly Component[], net: Decimal): Decimal[] {
  let soFar = zero;
  return components.map(({ percent, appliesTo }) => {
    const base = appliesTo === 'TaxOnTax' ? soFar : appliesTo === 'TaxOnAmountPlusTax' ? net.plus(soFar) : net;
    const tax = base.times(percent).dividedBy(100);
    soFar = soFar.plus(tax);
    return tax;
  });
}

/** Sums by rate, for the TaxLine list. */
class Totals {
  readonly byRate = new Map<string, { percent: Decimal; net: Decimal; tax: Decimal }>();

  add({ rate, percent }: Component, net: Decimal, tax: Decimal): void {
    const known = this.byRate.get(rate);
    if (known) {
      known.net = known.net.plus(net);
      known.tax = known.tax.plus(tax);
    } else this.byRate.set(rate, { percent, net, tax });
  }

  roundEach(): void {
    for (const each of this.byRate.values()) each.tax = cents(each.tax);
  }

  get total(): Decimal {
    return sum([...this.byRate.values()].map((each) => each.tax));
  }

  lines(): Line[] {
    return [...this.byRate].map(([rate, { percent, net, tax }]) => ({
      Amount: amount(tax),
      DetailType: 'TaxLineDetail',
      TaxLineDetail: {
        TaxRateRef: { value: rate },
        PercentBased: true,
        TaxPercent: percent.toNumber(),
        NetAmountTaxable: amount(net),
      },
    }));
  }
}

export interface TaxQuestion {
  draft: Draft;
  lines: readonly TaxedLine[];
  /** The part of every line that the discount leaves over. */
  remaining: Decimal;
  side: Side;
  party?: Entity;
}

/** Writes codes into lines and TxnTaxDetail into the object; answers the total. */
export function settleTax(question: TaxQuestion): TaxResult {
  const { draft, lines, side } = question;
  const { object, company } = draft;
  const mode = taxModeOf(company);
  if (mode === 'global') return settleGlobalTax(question);
  object.GlobalTaxCalculation = undefined;
  const taxesForm = mode !== 'none' && side === 'SalesTaxRateList';
  for (const { detail: lineDetail } of lines) {
    lineDetail.TaxInclusiveAmt = undefined;
    if (mode === 'none') lineDetail.TaxCodeRef = undefined;
    const code = lineDetail.TaxCodeRef?.value;
    if (code !== undefined && code !== 'TAX' && code !== 'NON') throw faults.lineTaxCode(code);
  }
  if (!taxesForm) {
    draft.hidden.taxGiven = undefined;
    object.TxnTaxDetail = side === 'SalesTaxRateList' ? { TotalTax: 0 } : undefined;
    return { total: zero, inclusive: false };
  }
  return mode === 'us' ? settleUsTax(question) : settleAutomatedTax(question);
}

function taxableBase({ lines, remaining }: TaxQuestion): Decimal {
  const taxable = lines.filter(({ detail: lineDetail }) => lineDetail.TaxCodeRef?.value === 'TAX');
  return sum(taxable.map(({ own }) => own)).times(remaining);
}

/** The caller names the code on the header; the vendor computes by it, whatever total was sent. */
function settleUsTax(question: TaxQuestion): TaxResult {
  const { draft, party } = question;
  const { object } = draft;
  let code = object.TxnTaxDetail?.TxnTaxCodeRef?.value;
  if (code === undefined && !draft.previous && party?.Taxable === true) {
    code = (party.DefaultTaxCodeRef as Reference | undefined)?.value;
  }
  const totals = code === undefined ? new Totals() : usTotals(question, code);
  object.TxnTaxDetail = detailOf(code, totals.total, totals);
  return { total: totals.total, inclusive: false };
}

function usTotals(question: TaxQuestion, code: string): Totals {
  const { draft } = question;
  const base = taxableBase(question);
  const components = componentsOf(draft.company, code, 'SalesTaxRateList', dayOf(draft));
  const totals = new Totals();
  if (base.isZero()) return totals;
  const taxes = applyComponents(components, base);
  components.forEach((component, index) => totals.add(component, base, taxes[index] as Decimal));
  totals.roundEach();
  return totals;
}

/** The engine picks the code by address and replaces a sent one; a sent TotalTax stands and is spread over the rates. */
function settleAutomatedTax(question: TaxQuestion): TaxResult {
  const { draft, party } = question;
  const { object, company, hidden } = draft;
  const exempt = party?.Taxable === false || party?.TaxExemptionReasonId !== undefined;
  const code = automatedCode(company, object);
  const computed = exempt || code === undefined ? new Totals() : usTotals(question, code);
  const given = givenTotal(draft);
  hidden.taxGiven = given !== undefined || undefined;
  if (given !== undefined) spread(computed, given);
  const total = given ?? computed.total;
  object.TxnTaxDetail = detailOf(code, total, computed);
  if (given !== undefined) object.TxnTaxDetail.TaxReviewStatus = 'AST_TAX_OVERRIDE';
  return { total, inclusive: false };
}

/** One code per state, found by where the goods go, else by where the company sits. */
function automatedCode(company: Company, object: Entity): string | undefined {
  const own = company.object('CompanyInfo', '1')?.CompanyAddr as Address | undefined;
  for (const address of [object.ShipAddr, object.BillAddr, own] as (Address | undefined)[]) {
    const state = address?.CountrySubDivisionCode;
    if (state === undefined) continue;
    for (const id of company.collection('TaxCode').lookUp('Name', automatedCodeName(state)) ?? []) return id;
  }
  return undefined;
}

export function automatedCodeName(state: string): string {
  return `Automated sales tax ${state}`;
}

/**
 * The total a client insists on: sent with this request, or with an earlier one when this request leaves lines and tax
 * alone. Sending an old TxnTaxDetail back with new lines therefore keeps the stale tax (sheet 3.8).
 */
function givenTotal(draft: Draft): Decimal | undefined {
  const { input, previous, hidden } = draft;
  const sent = (input.TxnTaxDetail as TaxDetail | undefined)?.TotalTax;
  if (sent !== undefined) return decimal(sent);
  const untouched = !['TxnTaxDetail', 'Line', 'GlobalTaxCalculation'].some((field) => gives(draft, field));
  return previous && hidden.taxGiven && draft.sparse && untouched
    ? decimal(previous.TxnTaxDetail?.TotalTax)
    : undefined;
}

function spread(totals: Totals, given: Decimal): void {
  const computed = totals.total;
  const entries = [...totals.byRate.values()];
  let left = given;
  entries.forEach((entry, index) => {
    const last = index === entries.length - 1;
    const share = last || computed.isZero() ? left : cents(given.times(entry.tax).dividedBy(computed));
    entry.tax = share;
    left = left.minus(share);
  });
}

/** A code on every line; amounts with or without their tax. */
function settleGlobalTax(question: TaxQuestion): TaxResult {
  const { draft, lines, remaining, side } = question;
  const { object, company, hidden } = draft;
  object.GlobalTaxCalculation ??= 'TaxExcluded';
  const mode = object.GlobalTaxCalculation;
  const inclusive = mode === 'TaxInclusive';
  const day = dayOf(draft);
  const totals = new Totals();
  for (const taxed of lines) {
    const code = mode === 'NotApplicable' ? undefined : taxed.detail.TaxCodeRef?.value;
    if (mode === 'NotApplicable') taxed.detail.TaxCodeRef = undefined;
    const components = code === undefined ? [] : componentsOf(company, code, side, day);
    const onOne = applyComponents(components, new Decimal(1));
    const factor = sum(onOne).plus(1);
    if (inclusive) showGross(taxed, factor, company.switches.taxInclusiveInput);
    else taxed.detail.TaxInclusiveAmt = undefined;
    const net = inclusive
      ? decimal(taxed.detail.TaxInclusiveAmt).times(remaining).dividedBy(factor)
      : taxed.own.times(remaining);
    components.forEach((component, index) => {
      totals.add(component, net, cents(net.times(onOne[index] as Decimal)));
    });
  }
  const given = givenTotal(draft);
  hidden.taxGiven = given !== undefined || undefined;
  const sentLines = (draft.input.TxnTaxDetail as TaxDetail | undefined)?.TaxLine;
  if (given !== undefined) spread(totals, given);
  const total = given ?? totals.total;
  object.TxnTaxDetail = detailOf(undefined, total, totals);
  if (given !== undefined && sentLines && sentLines.length > 0) object.TxnTaxDetail.TaxLine = sentLines;
  return { total, inclusive };
}

/** With inclusive prices Amount reads back net and TaxInclusiveAmt gross (sheet 8, item 17). */
function showGross(taxed: TaxedLine, factor: Decimal, input: 'net' | 'gross'): void {
  const sent = taxed.detail.TaxInclusiveAmt;
  const gross = sent !== undefined ? decimal(sent) : input === 'gross' ? taxed.own : cents(taxed.own.times(factor));
  taxed.detail.TaxInclusiveAmt = amount(gross);
  taxed.line.Amount = amount(gross.dividedBy(factor));
}

function detailOf(code: string | undefined, total: Decimal, totals: Totals): TaxDetail {
  const taxLines = totals.lines();
  return {
    ...(code !== undefined && { TxnTaxCodeRef: { value: code } }),
    TotalTax: amount(total),
    ...(taxLines.length > 0 && { TaxLine: taxLines }),
  };
}

function dayOf({ object, company }: Draft): string {
  return object.TxnDate ?? company.today();
}

/** The account that holds tax owed. */
export function taxAccountOf(company: Company): Entity | undefined {
  return company.accountOfSubtype(company.isUnitedStates ? 'SalesTaxPayable' : 'GlobalTaxPayable');
}
