/** Fault codes and the texts seen with them in the wild (sheet 2.3). Clients must match on the code, never on the text. */
const MESSAGES = {
  500: 'Unsupported Operation',
  600: 'Duplicate RequestId',
  610: 'Object Not Found',
  620: "Transaction can't be linked",
  700: 'Invalid parent',
  800: 'Cannot delete, the object has dependencies',
  2010: 'Request has invalid or unsupported property',
  2020: 'Required param missing, need to supply the required value for the API',
  2030: 'Invalid ID',
  2050: 'String length is either shorter or longer than supported by specification',
  2080: 'Invalid Number',
  2090: 'Invalid String',
  2170: 'Invalid Enumeration',
  2300: 'The debits and credits of the journal entry differ',
  2500: 'Invalid Reference Id',
  4000: 'Error parsing query',
  4001: 'Invalid query',
  4002: 'Error processing query',
  5010: 'Stale Object Error',
  5020: 'Permission Denied',
  5030: 'Feature Not Supported',
  6000: 'A business validation error has occurred while processing your request',
  6010: 'AccountType or AccountSubType needed or mismatched',
  6070: 'Amount calculation incorrect in the request',
  6080: 'No name was given',
  6090: 'The discount line is not allowed or invalid',
  6100: 'Invalid tax code on a line',
  6140: 'Duplicate Document Number Error',
  6190: 'Invalid Company Status',
  6210: 'Account Period Closed',
  6240: 'Duplicate Name Exists Error',
  6540: 'Deposited Transaction cannot be changed',
  10000: 'An application error has occurred while processing your request',
} as const;

export type FaultCode = keyof typeof MESSAGES;

/** One business fault: thrown by rules, turned into the `Fault` envelope at the border. */
export class VendorFault extends Error {
  readonly code: FaultCode;
  readonly detail: string;
  readonly element: string;

  constructor(code: FaultCode, detail: string, element = '') {
    super(`${code} ${detail}`);
    this.code = code;
    this.detail = detail;
    this.element = element;
  }

  get status(): number {
    return this.code === 10000 ? 500 : 400;
  }

  /** The `Fault` member as the API writes it, upper camel case (sheet 2.3). */
  get body(): object {
    return {
      Error: [{ Message: MESSAGES[this.code], Detail: this.detail, code: String(this.code), element: this.element }],
      type: this.code === 10000 ? 'SystemFault' : 'ValidationFault',
    };
  }
}

const INACTIVE =
  "Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors or employees.";

export const faults = {
  unsupported: (operation: string) => new VendorFault(500, `Operation ${operation} is not supported.`),
  notFound: () => new VendorFault(610, `Object Not Found : ${INACTIVE}`),
  gone: () => new VendorFault(610, 'Another user has deleted this transaction.'),
  notLinkable: (type: string, id: string) =>
    new VendorFault(620, `Transaction ${type} with Id ${id} can't be linked to this transaction.`, 'LinkedTxn'),
  parent: (detail: string) => new VendorFault(700, detail, 'ParentRef'),
  inUse: (detail: string) => new VendorFault(800, detail),
  property: (name: string) => new VendorFault(2010, `Property Name:${name} specified is unsupported or invalid`, name),
  missing: (name: string) => new VendorFault(2020, `Required parameter ${name} is missing in the request`, name),
  badId: (value: string) => new VendorFault(2030, `Id should be a valid number. Supplied value:${value}`, 'Id'),
  length: (name: string, minimum: number, maximum: number, supplied: number) =>
    new VendorFault(
      2050,
      `String length specified does not match the supported length. Min:${minimum} Max:${maximum} supported. Supplied length:${supplied}`,
      name,
    ),
  number: (name: string, value: unknown) =>
    new VendorFault(2080, `${name} is not a valid number. Supplied value:${String(value)}`, name),
  text: (name: string) => new VendorFault(2090, `${name} contains characters that are not supported`, name),
  choice: (name: string, value: unknown) =>
    new VendorFault(2170, `${name} does not accept the value ${String(value)}`, name),
  reference: (name: string) => new VendorFault(2500, `Invalid Reference Id : ${INACTIVE}`, name),
  stale: (user: string) =>
    new VendorFault(
      5010,
      `Stale Object Error : You and ${user} were working on this at the same time. ${user} finished before you did, so your work was not saved.`,
    ),
  featureOff: (detail: string) => new VendorFault(5030, `Feature Not Supported : ${detail}`),
  business: (detail: string, element = '') => new VendorFault(6000, `Business Validation Error: ${detail}`, element),
  accountType: (detail: string) => new VendorFault(6010, detail, 'AccountType'),
  noName: () => new VendorFault(6080, 'At least one name part must be given', 'DisplayName'),
  discount: (detail: string) => new VendorFault(6090, detail, 'DiscountLineDetail'),
  lineTaxCode: (code: string) =>
    new VendorFault(6100, `Only TAX and NON can be used on a line. Supplied value:${code}`, 'TaxCodeRef'),
  unbalanced: (code: 2300 | 6000) => new VendorFault(code, 'Please balance debits and credits.', 'Line'),
  miscalculated: (value: unknown) =>
    new VendorFault(6070, `Amount is not equal to UnitPrice * Qty. Supplied value:${String(value)}`, 'Amount'),
  duplicateNumber: (number: string, type: string, id: string) =>
    new VendorFault(
      6140,
      `Duplicate Document Number Error : You must specify a different number. This number has already been used. DocNumber=${number} is assigned to TxnType=${type} with TxnId=${id}`,
      'DocNumber',
    ),
  closedBooks: (date: string) =>
    new VendorFault(6210, `Account Period Closed : The books are closed through ${date}.`, 'TxnDate'),
  duplicateName: () =>
    new VendorFault(
      6240,
      'The name supplied already exists. : Another customer, vendor or employee is already using this \nname. Please use a different name.',
    ),
  duplicateListName: (what: string) =>
    new VendorFault(6240, `The name supplied already exists. : Another ${what} is already using this name.`),
  deposited: () => new VendorFault(6540, 'Deposited Transaction cannot be changed : Remove it from the deposit first.'),
};
