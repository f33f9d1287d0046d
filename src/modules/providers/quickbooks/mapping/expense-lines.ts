import {
  at,
  decimal,
  identity,
  list,
  text,
  wireAt,
  type ElementForm,
  type Row,
} from '../../../../domain/provider/mapping/index.js';
import type { Content } from '../../../../domain/contract/index.js';
import type { CompanyFeatures } from '../quickbooks.features.js';
import { amountFindings, isDetail, isWords, NO_LINE_DISCOUNT, priced } from './pricing.js';
import { headerFindings, sayHeader, tracking, withHeader, type HeaderDimension } from './tracking.js';
import { purchaseTaxCode, withTax } from './tax.js';
import { refTo } from './words.js';

/** Lines of bills, vendor credits, purchase orders and purchases (sheet 3.12): by item or by account. */

const BY_ITEM = 'ItemBasedExpenseLineDetail';
const BY_ACCOUNT = 'AccountBasedExpenseLineDetail';

const hasItem = (line: Content): boolean => (line.item ?? null) !== null;
const hasAccount = (line: Content): boolean => (line.account ?? null) !== null;

/** `header` is what these documents keep once for all their lines. */
export const expenseLines = (header: readonly HeaderDimension[]): Row<Content[], CompanyFeatures> => {
  const itemLine: ElementForm<CompanyFeatures> = {
    is: (line) => isDetail(BY_ITEM)(line) && wireAt(line, `${BY_ITEM}.ItemRef`) !== undefined,
    says: hasItem,
    start: { DetailType: BY_ITEM },
    table: {
      id: identity(at('Id', text())),
      item: at(`${BY_ITEM}.ItemRef`, refTo('item')),
      description: at('Description', text({ max: 4000 })),
      quantity: at(`${BY_ITEM}.Qty`, decimal()),
      unitPrice: at(`${BY_ITEM}.UnitPrice`, decimal()),
      amount: at('Amount', decimal()),
      taxRate: purchaseTaxCode(`${BY_ITEM}.TaxCodeRef`),
      tracking: tracking(BY_ITEM, header),
      ...NO_LINE_DISCOUNT,
    },
  };

  const accountLine: ElementForm<CompanyFeatures> = {
    is: isDetail(BY_ACCOUNT),
    says: (line) => hasAccount(line) && !hasItem(line),
    start: { DetailType: BY_ACCOUNT },
    table: {
      id: identity(at('Id', text())),
      account: at(`${BY_ACCOUNT}.AccountRef`, refTo('account')),
      description: at('Description', text({ max: 4000 })),
      amount: at('Amount', decimal()),
      taxRate: purchaseTaxCode(`${BY_ACCOUNT}.TaxCodeRef`),
      tracking: tracking(BY_ACCOUNT, header),
      ...NO_LINE_DISCOUNT,
    },
  };

  /** Without an item the line is only a text, and an amount on it would be ignored. */
  const textLine: ElementForm<CompanyFeatures> = {
    is: (line) => isDetail(BY_ITEM)(line) || isDetail('DescriptionOnly')(line),
    says: isWords,
    start: { DetailType: BY_ITEM, Amount: ZERO, [BY_ITEM]: {} },
    table: { id: identity(at('Id', text())), description: at('Description', text({ max: 4000 })) },
  };

  return list('Line', {
    forms: [itemLine, accountLine, textLine],
    identity: ({ id }) => (typeof id === 'string' ? id : undefined),
    noise: isDetail('SubTotalLineDetail'),
    otherwise: 'must name an item or an account, or be a text alone',
    shown: (line, wire, record, company) =>
      withHeader(
        withTax(withTax(line, wire, record, BY_ITEM, company), wire, record, BY_ACCOUNT, company),
        record,
        header,
        company,
      ),
    said: (lines, before, change, company) => {
      sayHeader(lines, header, change, company);
      return lines.map((line) => priced(line, before(line)));
    },
    refuses: (lines, before, company) => [
      ...amountFindings(lines, before, hasItem),
      ...headerFindings(lines, header, company),
    ],
  });
};

const ZERO = decimal().write('0', undefined, undefined);
