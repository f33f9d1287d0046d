import fc from 'fast-check';
import { exact, isDecimal, rounded, type Content, type Ref } from '../../src/domain/contract/index.js';
import type { Entity } from '../../src/modules/providers/quickbooks/quickbooks.entities.js';
import type { CompanyFeatures } from '../../src/modules/providers/quickbooks/quickbooks.features.js';
import { contentOf } from './content.js';

/** Contents that a QuickBooks company with these features takes: within its limits and with ids of its own. */
export const quickBooksContent = (entity: Entity, company: CompanyFeatures): fc.Arbitrary<Content> => {
  const carried = entity.mapping.carries(company);
  return contentOf(entity.kind, {
    carries: (path) => carried.has(path),
    id: (to, role) => {
      const digits = fc.oneof(fc.integer({ min: 1, max: 300 }).map(String), fc.constant('9007199254740993123'));
      if (to === 'contact') {
        return fc
          .tuple(role ? fc.constant(role) : fc.constantFrom('customer' as const, 'vendor' as const), digits)
          .map(([of, id]) => `${of === 'customer' ? 'Customer' : 'Vendor'}:${id}`);
      }
      if (to === 'tracking_category') {
        return digits.map((id) => `${entity.kind === 'tracking_category' ? entity.name : 'Class'}:${id}`);
      }
      return to === 'tax_rate' && company.salesTax !== 'global' ? fc.constantFrom('TAX', 'NON', '2', '3') : digits;
    },
  }).map((content) => taken(entity, content, company));
};

const SALES = ['Invoice', 'CreditMemo', 'Estimate'];
const PURCHASES = ['Bill', 'VendorCredit', 'PurchaseOrder', 'Purchase'];

const taken = (entity: Entity, made: Content, company: CompanyFeatures): Content => {
  const content: Content = { ...made };
  if ('currency' in content && !company.multicurrency) content.currency = company.baseCurrency ?? null;
  if (content.currency === null) delete content.currency;
  if (content.taxMode === 'inclusive') content.taxMode = 'exclusive';
  if (typeof content.number === 'string') content.number = content.number.slice(0, 21);
  if (typeof content.reference === 'string') content.reference = content.reference.slice(0, 21);
  if (content.custom) content.custom = definedOnly(content.custom as Content, entity, company);
  if (content.discount) content.discount = oneDiscount(content.discount as Content, company);
  if (content.discount === null) delete content.discount;
  if (SALES.includes(entity.name) || PURCHASES.includes(entity.name)) {
    content.lines = documentLines(entity, content.lines as Content[], company);
  }
  for (const name of ['name', 'displayName']) {
    if (typeof content[name] === 'string') content[name] = plainName(content[name]);
  }
  for (const name of ['billingAddress', 'shippingAddress', 'shipTo']) {
    if (content[name]) content[name] = shortCode(content[name] as Content);
  }
  if (content.addresses) content.addresses = (content.addresses as Content[]).map(shortCode);
  if (typeof content.state === 'string') content.state = stateOf(entity, content.state);
  switch (entity.name) {
    case 'Purchase':
      content.method = isNegative(content.lines as Content[]) ? 'card' : (content.method ?? 'cash');
      break;
    case 'JournalEntry':
      content.lines = (content.lines as Content[]).map((line) =>
        withTracking(line, company.classes === 'line', company),
      );
      break;
    case 'Class':
    case 'Department':
      content.dimension = entity.name.toLowerCase();
      break;
    case 'Account':
      content.type ??= 'bank';
      if (typeof content.code === 'string') content.code = content.code.replaceAll(':', '-').slice(0, 7);
      break;
    case 'Item':
      content.type = content.type === 'service' ? 'service' : 'non_inventory';
      content.saleAccount ??= { kind: 'account', id: '79' };
      for (const name of ['salePrice', 'purchaseCost']) {
        if (isDecimal(content[name]) && exact(content[name]).abs().greaterThan('99999999999')) content[name] = '75';
      }
      if (typeof content.code === 'string') content.code = content.code.slice(0, 100);
      break;
    case 'Term':
      if (!('dueDays' in content) && !('dueDayOfMonth' in content)) content.dueDays = 30;
      if ('dueDayOfMonth' in content) delete content.discountDays;
      break;
    case 'Customer':
    case 'Vendor':
      if (content.addresses) {
        content.addresses = (content.addresses as Content[]).filter(
          ({ type, ...rest }) =>
            Object.values(rest).some((text) => String(text).trim() !== '') &&
            (entity.name === 'Customer' || type === 'billing'),
        );
      }
      if (content.phones) {
        content.phones = (content.phones as Content[]).map((one) => ({
          ...one,
          number: String(one.number).slice(0, 30),
        }));
      }
      break;
  }
  return content;
};

const shortCode = (address: Content): Content =>
  typeof address.postalCode === 'string' ? { ...address, postalCode: address.postalCode.slice(0, 30) } : address;

const stateOf = ({ name }: Entity, state: string): string => {
  const held =
    name === 'Estimate'
      ? ['sent', 'accepted', 'declined', 'closed']
      : name === 'PurchaseOrder'
        ? ['open', 'closed']
        : ['open'];
  return held.includes(state) ? state : held[0]!;
};

const plainName = (text: string): string =>
  text
    .replace(/[:"\t\n\r\v\f\u2028\u2029]/g, ' ')
    .trim()
    .slice(0, 30) || 'x';

const definedOnly = (custom: Content, entity: Entity, company: CompanyFeatures): Content => {
  const defined = [...(entity.name === 'PurchaseOrder' ? company.orderFields : company.salesFields).keys()];
  return Object.fromEntries(
    Object.values(custom)
      .slice(0, defined.length)
      .map((text, at) => [defined[at]!, text]),
  );
};

const oneDiscount = ({ percent, amount }: Content, { discounts }: CompanyFeatures): Content | null => {
  if (!discounts) return null;
  const [name, value] = isDecimal(percent) ? ['percent', percent] : ['amount', amount];
  return isDecimal(value) && !exact(value).isZero() ? { [name!]: value } : null;
};

const isWords = (line: Content): boolean =>
  ['item', 'account', 'quantity', 'unitPrice', 'amount'].every((name) => line[name] === undefined);

const documentLines = (entity: Entity, lines: readonly Content[], company: CompanyFeatures): Content[] => {
  const sells = SALES.includes(entity.name);
  const header = sells || entity.name === 'PurchaseOrder';
  const classes = company.classes === 'line' || (company.classes === 'transaction' && header);
  const departments = company.departments && entity.name !== 'PurchaseOrder';
  return lines.map((line) => {
    if (isWords(line)) return { ...(line.description !== undefined && { description: line.description }) };
    const { discountPercent: _, discountAmount: __, ...rest } = line;
    const money: Content = { ...rest };
    if (sells) money.item ??= { kind: 'item', id: '2' };
    else if (!money.item) money.account ??= { kind: 'account', id: '7' };
    if (isDecimal(money.unitPrice) && isDecimal(money.quantity)) {
      const product = exact(money.quantity).times(money.unitPrice).abs();
      if (product.greaterThan('1e13')) money.quantity = '0.5';
    }
    if (isDecimal(money.unitPrice)) {
      const count = isDecimal(money.quantity) ? money.quantity : '1';
      if (sells || money.item || !isDecimal(money.amount)) {
        money.amount = rounded(exact(count).times(money.unitPrice), 2);
      }
    } else money.amount ??= '1.10';
    if (company.salesTax === 'manual' && (money.taxRate as Ref | undefined)?.id === '3') {
      money.taxRate = { kind: 'tax_rate', id: '2' };
    }
    return withTracking(money, classes, { ...company, departments });
  });
};

/** Where a dimension stands on the document, all lines say the same. */
const withTracking = (
  line: Content,
  classes: boolean,
  { departments, classes: place }: Pick<CompanyFeatures, 'departments' | 'classes'>,
): Content => {
  const { tracking, ...rest } = line;
  const value = (dimension: string, list: string): Content => ({
    dimension,
    category: { kind: 'tracking_category', id: `${list}:1` },
  });
  const said = [
    ...(classes && (tracking !== undefined || place === 'transaction') ? [value('class', 'Class')] : []),
    ...(departments ? [value('department', 'Department')] : []),
  ];
  return said.length > 0 ? { ...rest, tracking: said } : rest;
};

const isNegative = (lines: readonly Content[]): boolean =>
  lines.reduce((total, { amount }) => (isDecimal(amount) ? total.plus(amount) : total), exact('0')).isNegative();
