import { Decimal, decimal as exact, sum, zero } from '../amounts.ts';
import type { Organisation } from './organisation.ts';
import { isNew, refuse, validationErrors, type Draft } from './rules.ts';
import {
  decimal,
  derived,
  group,
  guid,
  list,
  money,
  readOnly,
  shownAs,
  text,
  type Body,
  type Shape,
  type View,
} from './shape.ts';

/** Line items: their amounts, taxes, items, accounts and tracking, and which line is which (sheet 3.1). */

export interface Tracking {
  category: string;
  option: string;
}

export interface Line extends Body {
  LineItemID: string;
  Description?: string;
  Quantity?: string;
  UnitAmount?: string;
  LineAmount?: string;
  TaxType?: string;
  TaxAmount?: string;
  DiscountRate?: string;
  DiscountAmount?: string;
  /** The account's id; its code may change. */
  account?: string;
  item?: string;
  /** The item's code as it was sent, for the time after the item is gone. */
  itemCode?: string;
  tracking?: Tracking[];
}

export type LineAmountTypes = 'Exclusive' | 'Inclusive' | 'NoTax';

const tracking: Shape = {
  Name: text(100),
  Option: text(100),
  TrackingCategoryID: guid(),
  TrackingOptionID: guid(),
};

function codeOf(holder: Body, { organisation }: View): unknown {
  return organisation.fields('Accounts', holder.account)?.Code;
}

function itemCodeOf(holder: Body, { organisation }: View): unknown {
  return organisation.fields('Items', holder.item)?.Code ?? holder.itemCode;
}

/** The names of tracking as they are now; lists may leave the option's id out (sheet 3.1). */
export function shownTracking(held: unknown, { organisation, level }: View): Body[] {
  return ((held ?? []) as Tracking[]).map(({ category, option }) => {
    const fields = organisation.fields('TrackingCategories', category);
    const found = ((fields?.Options ?? []) as Body[]).find((each) => each.TrackingOptionID === option);
    const showsId = level === 'single' || organisation.switches.trackingOptionInLists;
    return {
      Name: fields?.Name,
      Option: found?.Name,
      TrackingCategoryID: category,
      ...(showsId ? { TrackingOptionID: option } : { Options: [] }),
    };
  });
}

export const trackingShape = { ...tracking, Options: { ...readOnly(list({})), below: 'absent' as const } };

/** `places` are the decimals of unit amounts: 4 always for quotes and purchase orders. */
export function lineShape(places: 'unit' | 4): Shape {
  return {
    ItemCode: shownAs(text(30), itemCodeOf),
    Description: text(4000),
    UnitAmount: decimal(places),
    TaxType: text(50),
    TaxAmount: money(),
    LineAmount: money(),
    AccountCode: shownAs(text(10), codeOf),
    Item: derived(group({ ItemID: guid(), Name: text(50), Code: text(30) }), (line, { organisation }) =>
      organisation.fields('Items', line.item),
    ),
    Tracking: shownAs(list(trackingShape), (line, view) => (line.tracking ? shownTracking(line.tracking, view) : [])),
    Quantity: decimal(4),
    DiscountRate: decimal(2),
    DiscountAmount: money(),
    LineItemID: guid(),
    AccountID: derived(guid(), (line) => line.account),
    ValidationErrors: validationErrors,
  };
}

export interface LineContext {
  types: LineAmountTypes;
  /** Whether items are sold or bought here: which of their details fill a line. */
  direction: 'sale' | 'purchase';
  /** Approved documents need accounts; drafts do not (sheet 3.10). */
  strict: boolean;
  discounts: boolean;
  /** Unknown accounts, and tax from the account: not on quotes. */
  taxFromAccount: boolean;
  trackingById: boolean;
  unitDecimals: 2 | 4;
  /** A tax amount that is sent has to be the computed one. */
  exactTax: boolean;
}

const MONEY_FIELDS = ['Quantity', 'UnitAmount', 'LineAmount', 'TaxType', 'DiscountRate', 'DiscountAmount', 'ItemCode'];

/**
 * The new set of lines: an id that is sent keeps its line, no id makes a new one, and what is not sent is gone.
 */
function settleLines(draft: Draft, before: readonly Line[], sent: readonly Body[], context: LineContext): Line[] {
  const merges = draft.organisation.switches.lineUpdate === 'merges';
  const known = new Map(before.map((line) => [line.LineItemID, line]));
  return sent.map((input, index) => {
    const id = input.LineItemID as string | undefined;
    const existing = id === undefined ? undefined : known.get(id);
    if (id !== undefined && !existing) {
      refuseLine(draft, index, `The line item ${id} does not belong to this document.`);
    }
    return settleLine(draft, index, input, existing, merges, context);
  });
}

/**
 * Holds the stored lines against the rules again, as when a draft is approved; `afresh` works out their amounts and taxes
 * too, as when amounts are meant differently.
 */
function recountLines(draft: Draft, lines: readonly Line[], context: LineContext, afresh: boolean): Line[] {
  return lines.map((line, index) => {
    const { TaxAmount: _tax, LineAmount, ...rest } = line;
    const isText = rest.Quantity === undefined && rest.UnitAmount === undefined;
    const input = !afresh
      ? {}
      : isText
        ? rest
        : { ...rest, Quantity: rest.Quantity ?? '1', UnitAmount: rest.UnitAmount ?? LineAmount };
    return settleLine(draft, index, input, line, true, context);
  });
}

function settleLine(
  draft: Draft,
  index: number,
  input: Body,
  existing: Line | undefined,
  merges: boolean,
  context: LineContext,
): Line {
  const { organisation } = draft;
  const line: Line = {
    ...(existing && merges ? existing : {}),
    LineItemID: existing?.LineItemID ?? organisation.random.uuid(),
  };
  for (const name of ['Description', 'TaxType', 'Quantity', 'UnitAmount', 'DiscountRate', 'DiscountAmount'] as const) {
    if (Object.hasOwn(input, name)) line[name] = input[name] === '' ? undefined : (input[name] as string);
  }
  settleItem(draft, index, line, input, context);
  settleAccount(draft, index, line, input, context);
  if (Object.hasOwn(input, 'Tracking')) line.tracking = settleTracking(draft, index, input.Tracking as Body[], context);
  if (!context.discounts && (line.DiscountRate !== undefined || line.DiscountAmount !== undefined)) {
    if (exact(input.DiscountRate).isZero() && exact(input.DiscountAmount).isZero()) {
      delete line.DiscountRate;
      delete line.DiscountAmount;
    } else refuseLine(draft, index, 'Discounts are not supported on this type of document.');
  }
  const moneyIsUntouched =
    existing !== undefined && merges && MONEY_FIELDS.every((name) => !Object.hasOwn(input, name));
  settleAmount(draft, index, line, input, context);
  const keepsTax = moneyIsUntouched && Object.hasOwn(line, 'TaxAmount') && !Object.hasOwn(input, 'AccountCode');
  settleTax(draft, index, line, input, context, keepsTax);
  return line;
}

/** An item fills what the line leaves open (sheet 3.1). */
function settleItem(draft: Draft, index: number, line: Line, input: Body, context: LineContext): void {
  const code = input.ItemCode;
  if (typeof code !== 'string') return;
  if (code === '') {
    delete line.item;
    delete line.itemCode;
    return;
  }
  const item = draft.organisation.collection('Items').first('code', code.toLowerCase());
  if (!item) {
    refuseLine(draft, index, `Item code '${code}' is not valid.`);
    return;
  }
  line.item = item.id;
  line.itemCode = code;
  const { fields } = item;
  const sells = context.direction === 'sale';
  const details = ((sells ? fields.SalesDetails : fields.PurchaseDetails) ?? {}) as Body;
  const description = sells ? fields.Description : (fields.PurchaseDescription ?? fields.Description);
  if (line.Description === undefined && typeof description === 'string') line.Description = description;
  if (line.UnitAmount === undefined && input.LineAmount === undefined) {
    line.UnitAmount = (details.UnitPrice as string | undefined) ?? line.UnitAmount;
  }
  if (line.TaxType === undefined && typeof details.TaxType === 'string') line.TaxType = details.TaxType;
  if (line.account === undefined && input.AccountCode === undefined && typeof details.account === 'string') {
    line.account = details.account;
  }
}

/** Accounts that no document may post to by name: the vendor posts to them itself (sheet 3.3). */
const CONTROL_ACCOUNTS = ['DEBTORS', 'CREDITORS'];

function settleAccount(draft: Draft, index: number, line: Line, input: Body, context: LineContext): void {
  const code = input.AccountCode;
  if (typeof code === 'string' && code !== '') {
    const account = draft.organisation.collection('Accounts').first('code', code.toLowerCase());
    const fits =
      account?.fields.Status === 'ACTIVE' &&
      account.fields.Type !== 'BANK' &&
      !CONTROL_ACCOUNTS.includes(String(account.fields.SystemAccount));
    if (fits) line.account = account.id;
    else if (context.strict || account)
      refuseLine(draft, index, `Account code '${code}' is not a valid code for this document.`);
    else {
      delete line.account;
      draft.warnings.push(`Account code '${code}' has been removed as it does not match a recognised account.`);
    }
  } else if (code === '') delete line.account;
  if (!context.strict) return;
  const account = draft.organisation.fields('Accounts', line.account);
  const saysMoney = hasAmount(line) || input.LineAmount !== undefined;
  if (!account && saysMoney && code === undefined) refuseLine(draft, index, 'Account code must be specified.');
  else if (account && account.Status !== 'ACTIVE') {
    refuseLine(draft, index, `Account code '${String(account.Code)}' is not a valid code for this document.`);
  }
}

/** A line without any amount is text. */
function hasAmount(line: Line): boolean {
  return line.Quantity !== undefined || line.UnitAmount !== undefined || !exact(line.LineAmount).isZero();
}

function settleAmount(draft: Draft, index: number, line: Line, input: Body, context: LineContext): void {
  const { organisation } = draft;
  const sent = input.LineAmount === undefined ? undefined : new Decimal(input.LineAmount as string);
  const places = context.unitDecimals;
  if (line.UnitAmount !== undefined) line.UnitAmount = new Decimal(line.UnitAmount).toDecimalPlaces(places).toFixed();
  if (line.Quantity !== undefined) line.Quantity = new Decimal(line.Quantity).toDecimalPlaces(4).toFixed();
  if (sent === undefined && line.Quantity === undefined && line.UnitAmount === undefined) {
    if ((line.Description ?? '') === '' && line.item === undefined) {
      refuseLine(draft, index, 'Description must be specified for a line without amounts.');
    }
    line.LineAmount = '0';
    return;
  }
  if (line.Quantity === undefined || line.UnitAmount === undefined) deriveFactor(line, sent, places);
  const gross = new Decimal(line.Quantity as string).times(line.UnitAmount as string);
  const discount = line.DiscountRate === undefined ? undefined : new Decimal(line.DiscountRate);
  let net = organisation.cents(discount ? gross.times(new Decimal(100).minus(discount)).dividedBy(100) : gross);
  if (!discount && line.DiscountAmount !== undefined) net = net.minus(line.DiscountAmount);
  // A full discount beside a line total has been seen refused whatever the total was (sheet 8, item 9).
  const disagrees = sent !== undefined && (!organisation.cents(sent).equals(net) || discount?.equals(100) === true);
  if (disagrees) {
    const [given, expected] = [sent, net].map((value) => value.toFixed(2));
    refuseLine(draft, index, `The line total ${given} does not match the expected line total ${expected}`);
  }
  if (net.abs().greaterThan('9999999999.99')) refuseLine(draft, index, 'The line total is too large.');
  line.LineAmount = net.toFixed();
}

/** Works out the factor that was left open; one, when there is nothing to work it out from. */
function deriveFactor(line: Line, sent: Decimal | undefined, places: number): void {
  const discounted = new Decimal(100).minus(line.DiscountRate ?? 0).dividedBy(100);
  const total = sent && !discounted.isZero() ? sent.dividedBy(discounted).plus(line.DiscountAmount ?? 0) : sent;
  if (line.Quantity === undefined && line.UnitAmount === undefined) {
    line.Quantity = '1';
    line.UnitAmount = (total ?? zero).toDecimalPlaces(places).toFixed();
  } else if (line.Quantity === undefined) {
    const unit = exact(line.UnitAmount);
    line.Quantity = total && !unit.isZero() ? total.dividedBy(unit).toDecimalPlaces(4).toFixed() : '1';
  } else {
    const quantity = exact(line.Quantity);
    line.UnitAmount = total && !quantity.isZero() ? total.dividedBy(quantity).toDecimalPlaces(places).toFixed() : '0';
  }
}

const CLASS_FLAGS: Readonly<Record<string, string>> = {
  ASSET: 'CanApplyToAssets',
  EQUITY: 'CanApplyToEquity',
  EXPENSE: 'CanApplyToExpenses',
  LIABILITY: 'CanApplyToLiabilities',
  REVENUE: 'CanApplyToRevenue',
};

function settleTax(draft: Draft, index: number, line: Line, input: Body, context: LineContext, keeps: boolean): void {
  const { organisation } = draft;
  const account = organisation.fields('Accounts', line.account);
  if (context.types === 'NoTax') {
    line.TaxType = hasAmount(line) ? 'NONE' : undefined;
    line.TaxAmount = '0';
    return;
  }
  if (line.TaxType === undefined && context.taxFromAccount && hasAmount(line)) {
    line.TaxType = account?.TaxType as string | undefined;
  }
  const rate = line.TaxType === undefined ? undefined : organisation.fields('TaxRates', line.TaxType);
  if (line.TaxType !== undefined && rate?.Status !== 'ACTIVE') {
    refuseLine(draft, index, `The TaxType code '${line.TaxType}' does not exist or cannot be used here.`);
    return;
  }
  const flagName = CLASS_FLAGS[String(account?.Class)];
  if (rate && flagName !== undefined && rate[flagName] !== true) {
    const message = `The TaxType code '${line.TaxType}' cannot be used with account code '${String(account?.Code)}'.`;
    refuseLine(draft, index, message);
  }
  const computed = taxOf(organisation, exact(line.LineAmount), rate, context.types);
  if (input.TaxAmount === undefined) {
    if (!keeps) line.TaxAmount = computed.toFixed();
    return;
  }
  const given = organisation.cents(exact(input.TaxAmount));
  if (context.exactTax && !given.equals(computed)) {
    refuseLine(draft, index, `The tax amount ${given.toFixed(2)} does not match the expected ${computed.toFixed(2)}.`);
  }
  line.TaxAmount = given.toFixed();
}

/** Tax is worked out and rounded line by line (sheet 3.1). */
export function taxOf(
  organisation: Organisation,
  net: Decimal,
  rate: Body | undefined,
  types: LineAmountTypes,
): Decimal {
  const share = exact(rate?.EffectiveRate).dividedBy(100);
  if (types === 'NoTax') return zero;
  return organisation.cents(types === 'Inclusive' ? net.times(share).dividedBy(share.plus(1)) : net.times(share));
}

/** Tracking by names or by ids; each category once, two at most. */
export function settleTracking(
  draft: Draft,
  index: number | undefined,
  sent: readonly Body[],
  { trackingById }: Pick<LineContext, 'trackingById'>,
): Tracking[] {
  const complain = (message: string) =>
    index === undefined ? refuse(draft, message) : refuseLine(draft, index, message);
  if (sent.length > 2) complain('A line may have two tracking categories at most.');
  const result: Tracking[] = [];
  for (const entry of sent) {
    const found = findOption(draft.organisation, entry, trackingById);
    if (found) result.push(found);
    else complain(`The tracking option ${JSON.stringify(entry.Option ?? entry.TrackingOptionID ?? '')} is not valid.`);
  }
  if (new Set(result.map((each) => each.category)).size < result.length) {
    complain('A tracking category may be used once on a line.');
  }
  return result;
}

function findOption(organisation: Organisation, entry: Body, byId: boolean): Tracking | undefined {
  const same = (a: unknown, b: unknown) => String(a).toLowerCase() === String(b).toLowerCase();
  for (const { id, fields } of organisation.collection('TrackingCategories').all()) {
    if (fields.Status !== 'ACTIVE') continue;
    if (entry.TrackingCategoryID !== undefined && entry.TrackingCategoryID !== id) continue;
    if (entry.TrackingCategoryID === undefined && entry.Name !== undefined && !same(entry.Name, fields.Name)) continue;
    for (const option of fields.Options as Body[]) {
      if (option.Status !== 'ACTIVE') continue;
      const isIt =
        entry.TrackingOptionID !== undefined
          ? entry.TrackingOptionID === option.TrackingOptionID
          : !byId && entry.Option !== undefined && same(entry.Option, option.Name);
      if (isIt) return { category: id, option: String(option.TrackingOptionID) };
    }
  }
  return undefined;
}

export interface Totals {
  SubTotal: string;
  TotalTax: string;
  Total: string;
  TotalDiscount: string | undefined;
}

export function totalsOf(organisation: Organisation, lines: readonly Line[], types: LineAmountTypes): Totals {
  const amounts = sum(lines.map((line) => exact(line.LineAmount)));
  const tax = sum(lines.map((line) => exact(line.TaxAmount)));
  const subTotal = types === 'Inclusive' ? amounts.minus(tax) : amounts;
  const discounts = sum(
    lines.map((line) => {
      if (line.DiscountRate === undefined && line.DiscountAmount === undefined) return zero;
      const gross = organisation.cents(exact(line.Quantity).times(exact(line.UnitAmount)));
      return gross.minus(exact(line.LineAmount));
    }),
  );
  return {
    SubTotal: subTotal.toFixed(),
    TotalTax: tax.toFixed(),
    Total: subTotal.plus(tax).toFixed(),
    TotalDiscount: discounts.isZero() ? undefined : discounts.toFixed(),
  };
}

/** Totals that are sent have to be those of the lines. */
export function checkTotals(draft: Draft): void {
  for (const name of ['SubTotal', 'TotalTax', 'Total']) {
    const sent = draft.input[name];
    if (sent !== undefined && !exact(sent).equals(exact(draft.fields[name]))) {
      refuse(draft, 'The document total does not equal the sum of the lines.');
    }
  }
}

export function refuseLine(draft: Draft, index: number, message: string): void {
  const messages = draft.problems.lines.get(index) ?? [];
  if (!messages.includes(message)) draft.problems.lines.set(index, [...messages, message]);
}

/** The lines a write leaves, whether they were sent, have to be worked out again, or simply stay. */
export function formLines(draft: Draft, context: LineContext): Line[] {
  const before = (draft.previous?.fields.LineItems ?? []) as Line[];
  const sent = draft.input.LineItems as Body[] | undefined;
  if (sent) return settleLines(draft, before, sent, context);
  const meansDifferently = !isNew(draft) && draft.previous?.fields.LineAmountTypes !== draft.fields.LineAmountTypes;
  const isApproved = context.strict && draft.previous?.fields.Status !== draft.fields.Status;
  return meansDifferently || isApproved ? recountLines(draft, before, context, meansDifferently) : [...before];
}
