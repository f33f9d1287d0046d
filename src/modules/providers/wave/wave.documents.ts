/**
 * What is asked of this vendor: one GraphQL document for each need. Every value is a variable, because a text inside a
 * document is refused (sheet 2.1). All of them are checked against the vendor's schema by a test.
 */

const MONEY = '{ raw minorUnitValue value currency { code exponent } }';
const ADDRESS = '{ addressLine1 addressLine2 city province { code } country { code } postalCode }';

const CONTACT = `id name firstName lastName displayId email mobile phone fax tollFree website internalNotes currency { code }
  address ${ADDRESS} shippingDetails { name address ${ADDRESS} phone instructions } createdAt modifiedAt isArchived`;

const CUSTOMER = `${CONTACT} outstandingAmount ${MONEY}`;

const PRODUCT = `id name description unitPrice isArchived createdAt modifiedAt incomeAccount { id } expenseAccount { id }
  defaultSalesTaxes { id }`;

const SALES_TAX = 'id name abbreviation rate isCompound isArchived createdAt modifiedAt';

const ACCOUNT = `id name description displayId currency { code } type { value } subtype { value } isArchived sequence balance`;

const LINES = `items { id description quantity unitPrice subtotal ${MONEY} taxes { salesTax { id } } product { id } }`;

const SALES = `id createdAt modifiedAt status title subhead poNumber memo footer exchangeRate currency { code } customer { id }
  ${LINES} subtotal ${MONEY} taxTotal ${MONEY} discountTotal ${MONEY} total ${MONEY}`;

const INVOICE = `${SALES} invoiceNumber invoiceDate dueDate amountDue ${MONEY}
  discounts { name ... on FixedInvoiceDiscount { amount } ... on PercentageInvoiceDiscount { percentage } }`;

const ESTIMATE = `${SALES} estimateNumber estimateDate dueDate
  discounts { name ... on FixedEstimateDiscount { amount } ... on PercentageEstimateDiscount { percentage } }`;

const PAYMENT = `id amount paymentDate paymentMethod memo exchangeRate origin paymentProvider transactionId createdAt modifiedAt
  invoiceCurrency { code } account { id } customer { id } invoice { id }`;

const PAGE_INFO = 'pageInfo { currentPage totalPages totalCount }';

/** The vendor's sorts of record that are read by id, under the field of a business that shows one. */
export const SELECTIONS = {
  customer: CUSTOMER,
  vendor: CONTACT,
  product: PRODUCT,
  salesTax: SALES_TAX,
  account: ACCOUNT,
  invoice: INVOICE,
  estimate: ESTIMATE,
  invoicePayment: PAYMENT,
} as const;
export type One = keyof typeof SELECTIONS;

/** A document with its name, which the vendor's own log shows. */
export interface Document {
  readonly name: string;
  readonly text: string;
}

const document = (name: string, kind: 'query' | 'mutation', variables: string, body: string): Document => ({
  name,
  text: `${kind} ${name}${variables} {\n${body}\n}`,
});

/** So many records of one sort by their ids, under the aliases `r0`, `r1`…; variables `business` and `id0`, `id1`…. */
export const lookDocument = (one: One, count: number): Document => {
  const each = Array.from({ length: count }, (_, at) => at);
  const name = `Look${capitalised(one)}`;
  return document(
    name,
    'query',
    `($business: ID!, ${each.map((at) => `$id${at}: ID!`).join(', ')})`,
    `business(id: $business) { id
      ${each.map((at) => `r${at}: ${one}(id: $id${at}) { ...Shown }`).join('\n')} }
    }
    fragment Shown on ${TYPES[one]} { ${SELECTIONS[one]}`,
  );
};

const TYPES: Readonly<Record<One, string>> = {
  customer: 'Customer',
  vendor: 'Vendor',
  product: 'Product',
  salesTax: 'SalesTax',
  account: 'Account',
  invoice: 'Invoice',
  estimate: 'AREstimate',
  invoicePayment: 'InvoicePayment',
};

/** Lists by the time of the last change; an invoice comes with its payments, of which there is no list. */
const CHANGED = {
  customers: `sort: [MODIFIED_AT_ASC], modifiedAtAfter: $after) { ${PAGE_INFO} edges { node { ${CUSTOMER} } } }`,
  vendors: `modifiedAtAfter: $after) { ${PAGE_INFO} edges { node { ${CONTACT} } } }`,
  products: `sort: [MODIFIED_AT_ASC], modifiedAtAfter: $after) { ${PAGE_INFO} edges { node { ${PRODUCT} } } }`,
  salesTaxes: `modifiedAtAfter: $after) { ${PAGE_INFO} edges { node { ${SALES_TAX} } } }`,
  invoices: `sort: [MODIFIED_AT_ASC], modifiedAtAfter: $after) {
    ${PAGE_INFO} edges { node { ${INVOICE} payments { ${PAYMENT} } } } }`,
  estimates: `sort: MODIFIED_AT_ASC, modifiedAtAfter: $after) { ${PAGE_INFO} edges { node { ${ESTIMATE} } } }`,
} as const;
export type Many = keyof typeof CHANGED;
export const MANY = Object.keys(CHANGED) as readonly Many[];

/** What of a list changed after an instant, oldest change first where the vendor can sort; `after`, `page`, `pageSize`. */
export const pageDocument = (many: Many): Document =>
  document(
    `Page${capitalised(many)}`,
    'query',
    '($business: ID!, $after: DateTime!, $page: Int!, $pageSize: Int!)',
    `business(id: $business) { id list: ${many}(page: $page, pageSize: $pageSize, ${CHANGED[many]} }`,
  );

/**
 * What changed in all lists at once, and how many there are of each, which tells of deletions (sheet 5.3): variables
 * `customersAfter`, `customersPage`… for each list. A business in the old invoicing is not asked about documents.
 */
export const tickDocument = (): Document =>
  document(
    'Tick',
    'query',
    `($business: ID!, $pageSize: Int!, $invoicing: Boolean!, ${MANY.map(
      (many) => `$${many}After: DateTime!, $${many}Page: Int!`,
    ).join(', ')})`,
    `business(id: $business) { id
      ${MANY.map((many) => {
        const include = isDocuments(many) ? ' @include(if: $invoicing)' : '';
        const list = `${many}(page: $${many}Page, pageSize: $pageSize, ${CHANGED[many].replace('$after', `$${many}After`)}`;
        return `${many}: ${list.replace(/\) \{/, `)${include} {`)}
      ${many}Count: ${many}(page: 1, pageSize: 1)${include} { pageInfo { currentPage totalCount } }`;
      }).join('\n      ')} }`,
  );

export const isDocuments = (many: Many): boolean => many === 'invoices' || many === 'estimates';

/** All accounts, of which there are no times of change. */
export const ACCOUNTS: Document = document(
  'Accounts',
  'query',
  '($business: ID!, $page: Int!, $pageSize: Int!)',
  `business(id: $business) { id list: accounts(page: $page, pageSize: $pageSize) { ${PAGE_INFO} edges { node { ${ACCOUNT} } } } }`,
);

/** The newest records of a list first, in which what was just made is looked for. */
const NEWEST = {
  customers: `sort: [CREATED_AT_DESC]) { ${PAGE_INFO} edges { node { ${CUSTOMER} } } }`,
  products: `sort: [CREATED_AT_DESC]) { ${PAGE_INFO} edges { node { ${PRODUCT} } } }`,
  invoices: `sort: [CREATED_AT_DESC]) { ${PAGE_INFO} edges { node { ${INVOICE} } } }`,
  estimates: `sort: CREATED_AT_DESC) { ${PAGE_INFO} edges { node { ${ESTIMATE} } } }`,
} as const;
export type Newest = keyof typeof NEWEST;
export const NEWEST_LISTS = Object.keys(NEWEST) as readonly Newest[];

export const newestDocument = (many: Newest): Document =>
  document(
    `Newest${capitalised(many)}`,
    'query',
    '($business: ID!, $page: Int!, $pageSize: Int!)',
    `business(id: $business) { id list: ${many}(page: $page, pageSize: $pageSize, ${NEWEST[many]} }`,
  );

/** Documents whose number holds a text; the vendor looks for a part of it, so 12 finds 112 as well (sheet 3.2). */
export const INVOICES_NUMBERED: Document = document(
  'InvoicesNumbered',
  'query',
  '($business: ID!, $number: String!, $page: Int!, $pageSize: Int!)',
  `business(id: $business) { id list: invoices(page: $page, pageSize: $pageSize, invoiceNumber: $number) {
    ${PAGE_INFO} edges { node { ${INVOICE} } } } }`,
);

export const ESTIMATES_NUMBERED: Document = document(
  'EstimatesNumbered',
  'query',
  '($business: ID!, $number: String!, $page: Int!, $pageSize: Int!)',
  `business(id: $business) { id list: estimates(page: $page, pageSize: $pageSize, estimateNumber: $number) {
    ${PAGE_INFO} edges { node { ${ESTIMATE} } } } }`,
);

/** The payments of one invoice. */
export const PAYMENTS_OF: Document = document(
  'PaymentsOf',
  'query',
  '($business: ID!, $invoice: ID!)',
  `business(id: $business) { id invoice(id: $invoice) { id payments { ${PAYMENT} } } }`,
);

/** The business, with the accounts that money is in. */
export const BUSINESS: Document = document(
  'Business',
  'query',
  '($business: ID!, $page: Int!, $pageSize: Int!)',
  `business(id: $business) {
    id name isPersonal organizationalType currency { code } timezone address ${ADDRESS} phone website
    isClassicAccounting isClassicInvoicing isArchived emailSendEnabled createdAt modifiedAt
    anchors: accounts(page: $page, pageSize: $pageSize, subtypes: [CASH_AND_BANK, CREDIT_CARD, LOANS], isArchived: false) {
      ${PAGE_INFO} edges { node { id currency { code } } } }
  }`,
);

/** Names of the products that can be sold, in order. */
export const PRODUCT_NAMES: Document = document(
  'ProductNames',
  'query',
  '($business: ID!, $page: Int!, $pageSize: Int!)',
  `business(id: $business) { id list: products(page: $page, pageSize: $pageSize, sort: [NAME_ASC], isSold: true, isArchived: false) {
    ${PAGE_INFO} edges { node { id name } } } }`,
);

/** The businesses that a token reaches: its only one, or all that its person has. */
export const BUSINESSES: Document = document(
  'Businesses',
  'query',
  '($page: Int!, $pageSize: Int!)',
  `business { id name isArchived }
  businesses(page: $page, pageSize: $pageSize) { ${PAGE_INFO} edges { node { id name isArchived } } }`,
);

/** The vendor's mutations that are used, with what each of them shows of the record afterwards. */
const MUTATIONS = {
  accountCreate: ['account', ACCOUNT],
  accountPatch: ['account', ACCOUNT],
  accountArchive: undefined,
  customerCreate: ['customer', CUSTOMER],
  customerPatch: ['customer', CUSTOMER],
  customerDelete: undefined,
  productCreate: ['product', PRODUCT],
  productPatch: ['product', PRODUCT],
  productArchive: ['product', PRODUCT],
  salesTaxCreate: ['salesTax', SALES_TAX],
  salesTaxPatch: ['salesTax', SALES_TAX],
  salesTaxArchive: ['salesTax', SALES_TAX],
  invoiceCreate: ['invoice', INVOICE],
  invoicePatch: ['invoice', INVOICE],
  invoiceApprove: ['invoice', INVOICE],
  invoiceDelete: undefined,
  invoicePaymentCreateManual: ['invoicePayment', PAYMENT],
  invoicePaymentPatch: ['invoicePayment', PAYMENT],
  invoicePaymentDelete: undefined,
  estimateCreate: ['estimate', ESTIMATE],
  estimatePatch: ['estimate', ESTIMATE],
  estimateApprove: ['estimate', ESTIMATE],
  estimateMarkAccepted: ['estimate', ESTIMATE],
  estimateDelete: undefined,
  moneyTransactionCreate: ['transaction', 'id'],
} as const;
export type Mutation = keyof typeof MUTATIONS;
export const MUTATION_NAMES = Object.keys(MUTATIONS) as readonly Mutation[];

/** The member of a mutation's answer that shows the record; none where the vendor shows nothing. */
export const shownBy = (mutation: Mutation): string | undefined => MUTATIONS[mutation]?.[0];

/** One mutation; variable `input`. */
export const mutationDocument = (mutation: Mutation): Document => {
  const shown = MUTATIONS[mutation];
  const name = capitalised(mutation);
  return document(
    name,
    'mutation',
    `($input: ${name}Input!)`,
    `${mutation}(input: $input) { didSucceed inputErrors { path message code } ${
      shown ? `${shown[0]} { ${shown[1]} }` : ''
    } }`,
  );
};

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
