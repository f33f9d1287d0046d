import type { Body, IntuitRecord } from './intuit-api.js';
import { accountsOf, type Scenery } from './scenery.js';

/** Members of the vendor's records that the contract has no words for, and that people set all the same. */
const MEMBERS: Readonly<Record<string, Body>> = {
  Customer: {
    Title: 'Dr',
    Suffix: 'Jr',
    PrintOnCheckName: 'To the order of',
    ResaleNum: 'R-1',
    PreferredDeliveryMethod: 'Email',
  },
  Vendor: { Title: 'Ms', PrintOnCheckName: 'To the order of', AcctNum: 'V-77', Vendor1099: true, BillRate: 12.5 },
  Item: { SalesTaxIncluded: true, PurchaseTaxIncluded: true },
  Invoice: {
    TrackingNum: 'TRK-1',
    ShipDate: '2026-01-05',
    BillEmail: { Address: 'pay@x.example' },
    PrintStatus: 'NeedToPrint',
  },
  CreditMemo: { BillEmail: { Address: 'pay@x.example' }, PrintStatus: 'NeedToPrint' },
  Estimate: { AcceptedBy: 'Pat', AcceptedDate: '2026-01-06', BillEmail: { Address: 'pay@x.example' } },
  PurchaseOrder: { Memo: 'to the vendor', POEmail: { Address: 'orders@x.example' } },
  Bill: {},
  VendorCredit: {},
  Purchase: {},
  JournalEntry: { Adjustment: true },
};

/** Members of lines, under the member that holds a line's details. */
const LINE_MEMBERS: Readonly<Record<string, Body>> = {
  SalesItemLineDetail: { MarkupInfo: { PercentBased: true, Percent: 5 } },
  AccountBasedExpenseLineDetail: { MarkupInfo: { PercentBased: true, Percent: 5 }, BillableStatus: 'Billable' },
  ItemBasedExpenseLineDetail: { MarkupInfo: { PercentBased: true, Percent: 5 } },
  JournalEntryLineDetail: { BillableStatus: 'NotBillable' },
};

interface Line {
  readonly Id?: string;
  readonly DetailType?: string;
  readonly LinkedTxn?: unknown;
  readonly [member: string]: unknown;
}

/** What has to be said to set them on a record; undefined where its entity has none. */
export const unknownTo = (entity: string, record: IntuitRecord, scenery: Scenery): Body | undefined => {
  const members = MEMBERS[entity];
  if (entity === 'Payment') return { PaymentMethodRef: { value: '3' }, TxnSource: 'IntuitPayment' };
  if (!members) return undefined;
  const lines = linesOf(record).map((line) => {
    const more = LINE_MEMBERS[line.DetailType ?? ''];
    const customer =
      line.DetailType === 'AccountBasedExpenseLineDetail' ? { CustomerRef: { value: scenery.customers[0]!.id } } : {};
    return more ? { ...line, [line.DetailType!]: { ...(line[line.DetailType!] as Body), ...more, ...customer } } : line;
  });
  return {
    ...members,
    ...(entity === 'Item' && { PrefVendorRef: { value: scenery.vendors[0]!.id } }),
    ...(['Bill', 'VendorCredit'].includes(entity) && {
      APAccountRef: { value: accountsOf(scenery, 'Accounts Payable')[0] },
    }),
    ...(lines.length > 0 && {
      Line: [
        ...lines,
        ...(entity === 'JournalEntry'
          ? [{ DetailType: 'DescriptionOnly', Description: 'a remark', DescriptionLineDetail: {} }]
          : []),
      ],
    }),
  };
};

/** How they stand on a record. */
export const unknownIn = (entity: string, record: IntuitRecord): unknown => {
  const members = Object.keys({
    ...MEMBERS[entity],
    ...(entity === 'Payment' && { PaymentMethodRef: 0, TxnSource: 0 }),
  });
  return {
    ...Object.fromEntries([...members, 'PrefVendorRef', 'APAccountRef'].map((name) => [name, record[name]])),
    lines: linesOf(record).map((line) => {
      const { DetailType = '' } = line;
      const known = LINE_MEMBERS[DetailType];
      const detail = line[DetailType] as Body | undefined;
      const told = known ? Object.keys({ ...known, CustomerRef: 0 }).map((name) => detail?.[name]) : [];
      return [line.Id, DetailType, ...told, entity === 'JournalEntry' && !known ? line.Description : ''];
    }),
  };
};

const linesOf = ({ Line }: IntuitRecord): Line[] =>
  ((Line ?? []) as Line[]).filter(
    ({ DetailType, LinkedTxn }) => DetailType !== 'SubTotalLineDetail' && LinkedTxn === undefined,
  );
