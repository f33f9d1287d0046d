import { count, flag, oneOf, type SwitchValues } from '../switches.ts';

/** Every point on which the vendor's behaviour is undocumented or told in two ways, with a default (sheet, [uncertain]). */
export const SWITCHES = {
  // Authorisation
  slashlessToken: oneOf(['redirect', 'accept'], 'redirect', 'a POST to the OAuth endpoints without the trailing slash'),
  codeSeconds: count(60, 'how long an authorisation code lives'),
  basicCredentials: flag(false, 'client credentials may come as HTTP Basic instead of in the form'),
  invalidClientStatus: oneOf(['400', '401'], '401', 'the HTTP status of invalid_client'),
  businessIdOfSeveral: oneOf(['absent', 'null'], 'absent', 'businessId beside a token for several businesses'),
  refreshTokenDays: count(0, 'how long a refresh token lives unused; 0 is for ever'),
  replayedRefresh: oneOf(['refuse', 'endGrant'], 'refuse', 'an old refresh token ends the whole grant'),
  refreshNeeds: oneOf(
    ['nothing', 'redirectUri', 'scope'],
    'nothing',
    'what a refresh has to repeat beside the token, else invalid_request or invalid_scope',
  ),
  lapsedPlanBody: oneOf(['json', 'html'], 'json', 'the body of the 403 when the plan lapsed'),
  applicationOfFullAccess: oneOf(['null', 'application'], 'null', 'oAuthApplication asked with a full-access token'),
  // Transport
  errorStatus: oneOf(['400', '200'], '400', 'the HTTP status of errors without data'),
  unauthenticatedStatus: oneOf(['200', '401'], '200', 'the HTTP status of UNAUTHENTICATED'),
  missingScope: oneOf(
    ['error', '403'],
    'error',
    'a field beyond the scopes: an errors entry, or HTTP 403 for the whole',
  ),
  variableErrorCode: oneOf(
    ['BAD_USER_INPUT', 'VARIABLE_VALUE'],
    'BAD_USER_INPUT',
    'the code for variables that cannot be coerced',
  ),
  parseErrorCode: oneOf(
    ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED'],
    'GRAPHQL_PARSE_FAILED',
    'the code for a document that cannot be parsed',
  ),
  stringLiterals: oneOf(
    ['refuse', 'refuseArguments', 'accept'],
    'refuse',
    'inline texts for String: refused everywhere, only as arguments themselves (not inside inline objects), or accepted',
  ),
  inaccessibleBusiness: oneOf(['NOT_FOUND', 'null'], 'NOT_FOUND', 'business(id) without access: error, or just null'),
  missingChild: oneOf(
    ['NOT_FOUND', 'null'],
    'NOT_FOUND',
    'a deleted or foreign child asked by id: error, or just null',
  ),
  unknownReference: oneOf(
    ['inputError', 'NOT_FOUND'],
    'inputError',
    'an id inside a mutation input that names nothing: didSucceed false, or a top-level error',
  ),
  inputErrorsOnSuccess: oneOf(['empty', 'null'], 'empty', 'inputErrors beside didSucceed true'),
  pageSizeOverLimit: oneOf(['refuse', 'clip'], 'refuse', 'a pageSize above 200'),
  modifiedBounds: oneOf(
    ['exclusive', 'inclusive'],
    'exclusive',
    'whether modifiedAtAfter and -Before include the instant',
  ),
  timestamps: oneOf(['milliseconds', 'seconds'], 'milliseconds', 'the precision of createdAt and modifiedAt'),
  moneySeparators: flag(true, 'Money.value has thousands separators'),
  minorUnits: oneOf(['string', 'number'], 'string', 'the JSON type of minorUnitValue'),
  // Lists
  accountNamesUnique: flag(false, 'a second account of the same name is refused'),
  customerNamesUnique: flag(false, 'a second customer of the same name is refused'),
  addressPatch: oneOf(
    ['replace', 'merge'],
    'replace',
    'an address in customerPatch replaces the old one, or fills it up',
  ),
  customerWithInvoices: oneOf(
    ['archive', 'refuse'],
    'archive',
    'customerDelete of a customer with invoices or estimates archives it, or is refused',
  ),
  archiveWithBalance: oneOf(['refuse', 'allow'], 'refuse', 'accountArchive of an account with a balance'),
  postingsRaiseSequence: flag(false, 'a moved balance raises the sequence of the account'),
  sameDayRate: oneOf(['replace', 'refuse'], 'replace', 'a tax rate for a day that has another one already'),
  // Invoices, payments, estimates
  invoiceNumbersUnique: flag(false, 'a second invoice with the same number is refused'),
  invoiceCurrency: oneOf(['business', 'customer'], 'business', 'whose currency an invoice without one gets'),
  discountPercentage: oneOf(['percent', 'fraction'], 'percent', 'whether 10 or 0.1 is a discount of ten percent'),
  approveAgain: oneOf(['harmless', 'refuse'], 'harmless', 'approving what is approved already'),
  sentInvoicePatch: oneOf(['allow', 'refuse'], 'allow', 'invoicePatch of an invoice that was sent'),
  paidInvoicePatch: oneOf(
    ['restricted', 'free'],
    'restricted',
    'customer, currency, rate, lines and discount of an invoice with payments are fixed',
  ),
  paymentsTouchInvoice: flag(true, 'recording, editing or deleting a payment changes modifiedAt of its invoice'),
  overdueTouchesInvoice: flag(false, 'becoming overdue changes modifiedAt'),
  unpaidAgain: oneOf(['stage', 'UNPAID'], 'stage', 'the status once the last payment is gone: as before, or UNPAID'),
  providerPayments: oneOf(['locked', 'editable'], 'locked', 'payments that the vendor processed itself'),
  pdfLagMs: count(0, 'how long after a change pdfUrl is null'),
  // Money transactions
  ownersAccountAnchors: flag(false, 'DUE_TO_YOU_AND_OTHER_OWNERS accounts are anchors too'),
  duplicateExternalId: oneOf(
    ['refuse', 'repeat'],
    'refuse',
    'a known externalId: didSucceed false, or the first id again',
  ),
  transactionTaxes: oneOf(['onTop', 'inside'], 'onTop', 'taxes of a line are beside its amount, or part of it'),
  bulkCreate: oneOf(['whole', 'partial'], 'whole', 'one bad transaction refuses all of moneyTransactionsCreate'),
  // Webhooks
  webhookIds: oneOf(
    ['encoded', 'bare'],
    'encoded',
    'ids in webhook bodies as in the API, or the uuids and numbers in them',
  ),
  webhookSignature: oneOf(['hex', 'timestamped'], 'hex', 'HMAC over the body, or t=…,v1=… over time and body'),
  webhooksNeedGrant: flag(true, 'nothing is delivered for a business without a live grant with the scope'),
} as const;

export type Switches = SwitchValues<typeof SWITCHES>;
