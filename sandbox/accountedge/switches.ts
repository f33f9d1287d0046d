import { count, flag, initialValues, oneOf, type SwitchValues } from '../switches.ts';

/**
 * Every point at which the gateway's behaviour is uncertain, varies between sites, or can be switched off. The names the
 * sheet gives (`quirk_…`) are kept.
 */
export const SWITCHES = {
  profile: oneOf(
    ['gateway', 'myob'],
    'gateway',
    'myob: no rotation, no webhooks, no gateway block in Info, If-Match ignored, as at the cloud API',
  ),
  transactionUpdate: flag(true, 'capability TransactionUpdate: transactions can be changed'),
  transactionDelete: flag(true, 'capability TransactionDelete: transactions can be deleted'),
  transferNative: flag(true, 'capability TransferNative (false: a transfer is posted as a journal)'),
  quirk_401_unknown_path: flag(false, 'an unknown path answers 401 instead of 404'),
  quirk_list_wrapped_items: flag(false, 'the list of company files is an object with items instead of a bare array'),
  quirk_empty_company_list: flag(false, 'the list of company files is empty, as for new keys'),
  regionalUri: flag(false, 'the Uri of a company file names another host than the one that was asked'),
  foreignNextPage: flag(false, 'NextPageLink points to a foreign host'),
  expiresIn: oneOf(['string', 'number'], 'string', 'the JSON type of expires_in'),
  legacyScope: flag(true, 'the scope CompanyFile is accepted and stands for all'),
  refreshTokenDays: count(7, 'how long an unused refresh token lives'),
  accessDeniedBody: oneOf(['wrapped', 'unwrapped'], 'wrapped', 'the body of 403 AccessDenied'),
  deletedAnswers: oneOf(['404', '410'], '404', 'the status for a record that was deleted'),
  listCount: flag(true, 'lists tell Count (false: null)'),
  topOverMaximum: oneOf(['clamp', 'error'], 'clamp', '$top above 1000'),
  orderByKeys: oneOf(['many', 'one'], 'many', 'how many keys $orderby takes'),
  filterNotEqual: flag(true, 'the operator ne is known'),
  unknownFilterField: oneOf(['error', 'ignore'], 'error', 'a filter on a member that does not exist'),
  memoFilters: flag(true, 'memos, notes and descriptions can be filtered'),
  lastModifiedOf: oneOf(
    ['all', 'transactions'],
    'all',
    'which records tell LastModified (the others 0001-01-01T00:00:00)',
  ),
  lastModifiedOffsetMinutes: count(0, 'by how much LastModified is ahead of UTC'),
  lastModifiedPrecision: oneOf(['ms', 's'], 'ms', 'LastModified with milliseconds or cut to seconds'),
  putOmitted: oneOf(['reset', 'keep'], 'reset', 'what becomes of members that a PUT leaves out'),
  deleteIfMatch: flag(true, 'DELETE honours If-Match'),
  lineVersions: oneOf(['document', 'line'], 'document', 'a PUT renews the RowVersion of all lines, or of changed ones'),
  lockPeriodError: oneOf(
    ['DateInLockPeriod', 'BusinessEvent_DateOccured_InLockPeriod'],
    'DateInLockPeriod',
    'the name of the error for a date in the locked period',
  ),
  prepaidSpelling: oneOf(['Prepaid', 'PrePaid'], 'Prepaid', 'how the payment term is spelled in answers'),
  paymentMethods: oneOf(
    ['any', 'Cheque', 'Check'],
    'any',
    'any text, or only the fixed names with this spelling of the paper one',
  ),
  documentNumberLength: count(13, 'longest number of a document (8 in AccountEdge files)'),
  taxCodeLength: count(5, 'longest code of a tax code (3 in AccountRight)'),
  itemTextLength: count(30, 'longest number and name of an item'),
  memoLength: count(255, 'longest memo'),
  itemLinesWithoutItem: flag(true, 'item layouts take lines with an account and no item'),
  consolidatedTaxOnLines: flag(true, 'lines take consolidated tax codes'),
  inactiveReferences: flag(true, 'documents may point to inactive records'),
  paidDocumentMemo: flag(true, 'memos and the like of a paid document can be changed'),
  foreignUpdate: oneOf(['400', '405'], '400', 'PUT on a document in a foreign currency'),
  gzip: flag(true, 'answers are compressed when the client accepts it'),
} as const;

export type Switches = SwitchValues<typeof SWITCHES>;

export const initialSwitches = (): Switches => initialValues(SWITCHES);

/** Lengths that are a matter of a switch. */
export type LengthSwitch = 'documentNumberLength' | 'taxCodeLength' | 'itemTextLength' | 'memoLength';
