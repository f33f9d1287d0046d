/** What the gateway refuses, with the names, codes and statuses of its error table (sheet 4.9). */
const CATALOGUE = {
  SerializationError: [400, 50, 'The value could not be read'],
  Required: [400, 100, 'A required value is missing'],
  NotFound: [400, 150, 'The referenced record does not exist'],
  Duplicate: [400, 200, 'A record with this value exists already'],
  ItemLinkedToSales: [400, 9002, 'The item is used by sales'],
  ItemWithInventory: [400, 9005, 'The item has a quantity on hand'],
  InvoicePaid: [400, 10001, 'Payments or credits are applied to the document'],
  TransactionsCannotBeDeleted: [400, 25003, 'Transactions must be reversed, they cannot be changed or deleted'],
  CreditLimitExceeded: [400, 25005, 'The credit limit of the customer is exceeded'],
  IncorrectAccountType: [400, 25006, 'The account cannot be used here'],
  DatePriorToBeginningOfFinancialYear: [400, 25008, 'The date is before the beginning of the financial year'],
  DateInLockPeriod: [400, null, 'The date is in the locked period'],
  BusinessEvent_DateOccured_InLockPeriod: [400, null, 'The date is in the locked period'],
  DepositToAccountMismatch: [400, 26000, 'Money cannot be deposited to this account'],
  TransferBetweenSameAccount: [400, 29000, 'Money cannot be transferred from an account to itself'],
  OrderConvertedToInvoice: [400, 37001, 'The order has been converted and cannot be changed'],
  LayoutTypeMismatch: [400, 37004, 'The document has another layout'],
  AccountHeaderNotAllowed: [400, null, 'A header account cannot be posted to'],
  Line_JobHeaderNotAllowed: [400, null, 'A header job cannot be posted to'],
  ConsolidatedTaxCode: [400, null, 'A consolidated tax code cannot be used on a line'],
  FreightHasNotBeenSet: [400, null, 'Freight needs a tax code'],
  FreightNotSupported: [400, null, 'Freight is not supported where lines have no item'],
  InvalidQuery: [400, 90004, 'The query is not understood'],
  JournalNotBalanced: [400, 90005, 'Debits and credits differ'],
  AmountAppliedMismatch: [400, 90006, 'The amounts applied do not add up'],
  AmountAppliedExceedsBalance: [400, 90007, 'More is applied than is left'],
  LineTotalMismatch: [400, 90008, 'The total of the line differs from quantity, price and discount'],
  EventNotSupported: [400, 90010, 'There are no events for this topic'],
  CallbackVerificationFailed: [400, 90011, 'The target did not answer the challenge'],
  RecordInUse: [400, 90012, 'The record is in use'],
  ForeignCurrencyNotSupported: [400, 90013, 'Documents in foreign currencies can only be read'],
  FieldTooLong: [400, 90015, 'The value is too long'],
  SubscriptionLimitReached: [400, null, 'There are five subscriptions already'],
  OAuthTokenIsInvalid: [401, 31001, 'The access token is invalid or expired'],
  CompanyFileLoginInvalid: [401, 90001, 'The company file needs a valid login'],
  DeveloperInactive: [403, null, 'The API key is missing or not active'],
  AccessDenied: [403, null, 'Access to the company file is denied'],
  RateLimitError: [403, null, 'API key has been rate limited'],
  ResourceNotFound: [404, 90002, 'There is no such resource'],
  ResourceGone: [410, 90002, 'The resource has been removed'],
  MethodNotAllowed: [405, 90003, 'The method is not allowed on this resource'],
  OperationNotSupportedByFile: [405, 90014, 'The company file cannot do this'],
  IncorrectRowVersionSupplied: [409, 111, 'The row version given is not the current one'],
  InternalError: [500, null, 'An internal error has occurred'],
  CompanyFileBusy: [503, 90009, 'The company file is in use by another task'],
  GatewayTimeout: [504, null, 'The company file did not answer in time'],
} as const satisfies Record<string, readonly [status: number, code: number | null, message: string]>;

export type ProblemName = keyof typeof CATALOGUE;

export interface Problem {
  name: ProblemName;
  /** `AdditionalDetails`: usually the path of the member, such as `Lines[2].RowVersion`. */
  details: string | null;
  /** Where it says more than the table. */
  message?: string;
  severity?: 'Error' | 'Warning';
}

/** A refused request; the whole of it, however many things are wrong. */
export class Refusal extends Error {
  readonly problems: readonly Problem[];
  readonly status: number;

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ name, details }) => (details === null ? name : `${name}: ${details}`)).join('; '));
    this.problems = problems;
    this.status = CATALOGUE[(problems[0] as Problem).name][0];
  }

  /** The error envelope. */
  get body(): object {
    return envelope(this.problems);
  }

  get first(): Problem {
    return this.problems[0] as Problem;
  }
}

export function refusal(name: ProblemName, details: string | null = null): Refusal {
  return new Refusal([{ name, details }]);
}

export function envelope(problems: readonly Problem[]): object {
  return {
    Errors: problems.map(({ name, details, message, severity }) => ({
      Name: name,
      Message: message ?? messageOf(name),
      AdditionalDetails: details,
      ErrorCode: CATALOGUE[name][1],
      Severity: severity ?? 'Error',
      LearnMore: null,
    })),
    Information: null,
  };
}

export function messageOf(name: ProblemName): string {
  return CATALOGUE[name][2];
}

export function statusOf(name: ProblemName): number {
  return CATALOGUE[name][0];
}

/** Gathers what is wrong with a request, so that all of it is told at once. */
export class Problems {
  private readonly found: Problem[] = [];

  add(name: ProblemName, details: string): void {
    this.found.push({ name, details });
  }

  throwAny(): void {
    if (this.found.length > 0) throw new Refusal(this.found);
  }
}
