import type { CompanyFile } from '../company-file.ts';
import { refusal } from '../problem.ts';
import type { Draft, ResourceRules } from '../rules.ts';
import {
  choice,
  flag,
  group,
  link,
  list,
  money,
  needed,
  number,
  readOnly,
  text,
  whole,
  type Members,
  type Shape,
} from '../shape.ts';
import { CASH_ON_DELIVERY, cardTerms } from '../terms.ts';

/** Customers, suppliers, employees and personal contacts (sheet 6.2). */

export const NO_CARD_ID = '*None';

export const LAYOUTS = ['Service', 'Item', 'Professional', 'Miscellaneous', 'TimeBilling', 'NoDefault'];
export const DELIVERY = ['Print', 'Email', 'PrintAndEmail', 'Nothing'];

const address = list(
  {
    Location: needed(whole(1)),
    Street: text(255),
    City: text(255),
    State: text(255),
    PostCode: text(11),
    Country: text(255),
    Phone1: text(21),
    Phone2: text(21),
    Phone3: text(21),
    Fax: text(21),
    Email: text(255),
    Website: text(255),
    ContactName: text(25),
    Salutation: text(15),
  },
  5,
);

const customList = () => group({ Label: readOnly(text()), Value: text(30) });

const base: Shape = {
  CompanyName: text(50),
  LastName: text(30),
  FirstName: text(20),
  IsIndividual: flag(),
  DisplayID: text(15),
  IsActive: flag(true),
  Addresses: address,
  Notes: text(255),
  Identifiers: list({ Label: text(), Value: text() }),
  CustomList1: customList(),
  CustomList2: customList(),
  CustomList3: customList(),
  CustomField1: customList(),
  CustomField2: customList(),
  CustomField3: customList(),
  CurrentBalance: readOnly(money()),
  PhotoURI: readOnly(text()),
};

const taxCode = () => link('GeneralLedger/TaxCode');
const creditTerms = () =>
  group({ Limit: money(0), Available: readOnly(money()), PastDue: readOnly(money()), OnHold: flag() });

const bankDetails = {
  BSBNumber: text(20),
  BankAccountNumber: text(30),
  BankAccountName: text(50),
};

export const customer: ResourceRules = card('Contact/Customer', 'sme-contacts-customer', {
  SellingDetails: needed(
    group({
      SaleLayout: choice(LAYOUTS, 'NoDefault'),
      InvoiceDelivery: choice(DELIVERY, 'Print'),
      PrintedForm: text(34),
      ItemPriceLevel: readOnly(text()),
      IncomeAccount: link('GeneralLedger/Account'),
      ReceiptMemo: text(),
      SalesPerson: link('Contact/Employee'),
      SaleComment: text(),
      ShippingMethod: text(20),
      HourlyBillingRate: number(0),
      ABN: text(14),
      ABNBranch: text(11),
      TaxIdNumber: text(19),
      TaxCode: needed(taxCode()),
      FreightTaxCode: needed(taxCode()),
      UseCustomerTaxCode: flag(),
      Terms: cardTerms(),
      Credit: creditTerms(),
      Memo: text(),
    }),
  ),
  PaymentDetails: group({
    Method: text(30),
    CardNumber: text(4),
    NameOnCard: text(50),
    ...bankDetails,
    Notes: text(),
  }),
});

export const supplier: ResourceRules = card('Contact/Supplier', 'sme-contacts-supplier', {
  BuyingDetails: needed(
    group({
      PurchaseLayout: choice(LAYOUTS, 'NoDefault'),
      PrintedForm: text(34),
      PurchaseOrderDelivery: choice(DELIVERY, 'Print'),
      ExpenseAccount: link('GeneralLedger/Account'),
      PaymentMemo: text(),
      PurchaseComment: text(),
      SupplierBillingRate: number(0),
      ShippingMethod: text(20),
      IsReportable: flag(),
      CostPerHour: number(0),
      ABN: text(14),
      ABNBranch: text(11),
      TaxIdNumber: text(19),
      TaxCode: needed(taxCode()),
      FreightTaxCode: needed(taxCode()),
      UseSupplierTaxCode: flag(),
      Terms: cardTerms(),
      Credit: creditTerms(),
    }),
  ),
  PaymentDetails: group({
    ...bankDetails,
    StatementText: text(18),
    Refund: group({ PaymentMethod: text(30), CardNumber: text(4), NameOnCard: text(50), Notes: text() }),
  }),
});

export const employee = reference('Contact/Employee', 'sme-contacts-employee');
export const personal = reference('Contact/Personal', 'sme-contacts-personal');

export const CARDS = ['Contact/Customer', 'Contact/Supplier', 'Contact/Employee', 'Contact/Personal'] as const;

function card(name: 'Contact/Customer' | 'Contact/Supplier', scope: string, more: Shape): ResourceRules {
  return {
    name,
    group: 'list',
    scope,
    fields: { ...base, ...more },
    verbs: { create: true, update: true, delete: true },
    pushed: true,
    linkMembers: (members) => ({ Name: nameOf(members), DisplayID: members.DisplayID }),
    unique: cardId,
    moving: ({ uid, members }, file) => balances(uid, members, file),
    prepare,
    check(draft, problems) {
      const { IsIndividual, LastName, CompanyName, Addresses } = draft.members;
      if (IsIndividual === true ? LastName === null : CompanyName === null) {
        problems.add('Required', IsIndividual === true ? 'LastName' : 'CompanyName');
      }
      const places = (Addresses as Members[]).map((each) => Number(each.Location));
      for (const [index, place] of places.entries()) {
        if (place > 5 || places.indexOf(place) !== index)
          problems.add('SerializationError', `Addresses[${index}].Location`);
      }
    },
  };
}

/** Cards that are only read through the API. */
function reference(name: string, scope: string): ResourceRules {
  return {
    name,
    group: 'list',
    scope,
    fields: base,
    verbs: { create: false, update: false, delete: false },
    pushed: false,
    linkMembers: (members) => ({ Name: nameOf(members), DisplayID: members.DisplayID }),
    unique: cardId,
    prepare,
  };
}

export function nameOf(members: Members): string {
  if (members.IsIndividual !== true) return String(members.CompanyName ?? '');
  return [members.FirstName, members.LastName].filter((part) => part !== null && part !== undefined).join(' ');
}

/** Cards of all kinds share one series of ids; none is shown as `*None`, however many have none. */
function cardId({ DisplayID }: Members) {
  if (DisplayID === null || DisplayID === NO_CARD_ID) return [];
  return [{ scope: 'card', key: String(DisplayID).toUpperCase(), path: 'DisplayID' }];
}

function prepare({ members, file }: Draft): void {
  members.DisplayID ??= NO_CARD_ID;
  const isSold = 'SellingDetails' in members;
  const details = (members.SellingDetails ?? members.BuyingDetails) as Members | null | undefined;
  if (!details) return;
  const agreed = isSold ? 'Sales' : 'Purchases';
  details.Terms ??= file.collection('Company/Preferences').size > 0 ? usualTerms(file, agreed) : CASH_ON_DELIVERY;
  details.Credit ??= { Limit: 0, OnHold: false };
}

function usualTerms(file: CompanyFile, section: 'Sales' | 'Purchases'): Members {
  const terms = file.preference(section, 'Terms') as Members | null;
  const { PaymentIsDue, DiscountDate, BalanceDueDate, DiscountForEarlyPayment } = { ...CASH_ON_DELIVERY, ...terms };
  return { ...CASH_ON_DELIVERY, PaymentIsDue, DiscountDate, BalanceDueDate, DiscountForEarlyPayment };
}

function balances(uid: string, members: Members, file: CompanyFile): Members {
  const isSold = 'SellingDetails' in members;
  const owed = isSold ? file.ledger.card(uid) : file.ledger.card(uid).negated();
  const name = isSold ? 'SellingDetails' : 'BuyingDetails';
  const details = members[name] as Members;
  const terms = details.Credit as Members | null;
  const available = owed.negated().plus(Number(terms?.Limit ?? 0));
  const Credit = terms && { ...terms, Available: available.toDecimalPlaces(2).toNumber(), PastDue: 0 };
  return { CurrentBalance: owed.toDecimalPlaces(2).toNumber(), [name]: { ...details, Credit } };
}

/** Refuses a sale beyond the customer's credit limit, if warnings count (sheet 4.9). */
export function watchCreditLimit({ file, members, previous, warningsAsErrors }: Draft): void {
  const link = members.Customer as { UID: string };
  const terms = (file.linked(link)?.SellingDetails as Members | undefined)?.Credit as Members | undefined;
  const limit = Number(terms?.Limit ?? 0);
  if (limit === 0 || !warningsAsErrors) return;
  const before = Number(previous?.members.TotalAmount ?? 0);
  const owed = file.ledger.card(link.UID).plus(Number(members.TotalAmount)).minus(before);
  if (owed.greaterThan(limit)) throw refusal('CreditLimitExceeded', 'Customer');
}
