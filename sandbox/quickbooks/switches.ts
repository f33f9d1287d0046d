/**
 * Every point at which the vendor's behaviour is uncertain or varies between companies, with a default. A client that is
 * right keeps working whichever way a switch stands.
 */

interface Flag {
  initial: boolean;
  about: string;
}
interface Amount {
  initial: number;
  about: string;
}
interface Choice<T extends string> {
  initial: T;
  of: readonly T[];
  about: string;
}

const flag = (initial: boolean, about: string): Flag => ({ initial, about });
const count = (initial: number, about: string): Amount => ({ initial, about });
const oneOf = <const T extends string>(of: readonly T[], initial: NoInfer<T>, about: string): Choice<T> => ({
  initial,
  of,
  about,
});

export const SWITCHES = {
  requestIdMemoryHours: count(24, 'how long a requestid is remembered'),
  requestIdForNames: flag(true, 'requestid protects name-list entities too (false: it has no effect on them)'),
  requestIdConflict: oneOf(['replay', '600'], 'replay', 'a requestid reused with another body'),
  requestIdRemembersFaults: flag(true, 'a fault is replayed for the same requestid like a success'),
  featureOff: oneOf(['drop', '5030'], 'drop', 'ClassRef, DepartmentRef, Deposit … sent while the feature is off'),
  indexLagMs: count(0, 'how long created objects are missing from query, and changed ones from CDC'),
  maxResultsOverCap: oneOf(['clip', 'error'], 'clip', 'MAXRESULTS above 1000'),
  filters: oneOf(['strict', 'lenient'], 'strict', 'WHERE and ORDERBY on properties that are not filterable'),
  textComparison: oneOf(['exact', 'anyCase'], 'exact', 'letter case in WHERE comparisons of text'),
  entityNameCase: oneOf(['any', 'exact'], 'any', 'letter case of the entity name in queries'),
  idOrder: oneOf(['numeric', 'text'], 'numeric', 'ORDERBY Id'),
  totalCountOnSmallPages: flag(false, 'totalCount beside rows when all rows fit into the page'),
  batchResponseShuffled: flag(false, 'batch responses come in random order'),
  batchMetering: oneOf(['call', 'items'], 'call', 'a batch counts as one Core call, or each item by its own kind'),
  reactivationKeepsSuffix: flag(false, 'a reactivated name keeps its " (deleted)" suffix'),
  overApplication: oneOf(['reject', 'unapplied'], 'reject', 'a payment line above the open balance'),
  longIds: flag(false, 'new objects get 19-digit ids'),
  journalUnbalanced: oneOf(['6000', '2300'], '2300', 'the code for unequal debits and credits'),
  journalSingleControlLine: flag(true, 'a journal entry may hold one A/R or A/P line only'),
  missingSyncToken: oneOf(['2020', '5010'], '2020', 'the code for an update without SyncToken'),
  noopUpdateBumps: flag(true, 'an update that changes nothing still raises SyncToken and LastUpdatedTime'),
  nullIsAbsentInSparse: flag(true, 'null in a sparse update counts as not mentioned (false: it clears)'),
  sparseRequiresRefs: flag(false, 'sparse updates insist on CustomerRef, VendorRef or the name'),
  estimateStatusOnInvoice: oneOf(['Closed', 'Converted'], 'Closed', 'TxnStatus of an estimate once invoiced'),
  lineWithoutItem: oneOf(
    ['text', 'services'],
    'text',
    'a sales line without ItemRef: text only, or the item "Services"',
  ),
  taxInclusiveInput: oneOf(['net', 'gross'], 'net', 'Amount of a TaxInclusive line sent without TaxInclusiveAmt'),
  documentNumberScope: oneOf(['type', 'family'], 'type', 'where sales form numbers must be unique'),
  billNumberScope: oneOf(['vendor', 'company'], 'vendor', 'where bill numbers must be unique'),
  autoNumberReplacesSent: flag(false, 'with automatic numbering a sent DocNumber is replaced'),
  deactivateWithBalance: oneOf(['reject', 'allow'], 'reject', 'Active=false on a name that has a balance'),
  inactivationEvent: oneOf(['Delete', 'Update'], 'Delete', 'the webhook operation when a list object is deactivated'),
  mergedShownAs: oneOf(['deleted', 'inactive'], 'deleted', 'what remains of the loser of a merge'),
  mergeTouchesTransactions: flag(true, 'transactions pointed to the survivor change LastUpdatedTime'),
  quantityOnUpdate: oneOf(['ignore', 'reject'], 'ignore', 'QtyOnHand in an item update'),
  voidAgain: oneOf(['harmless', '6000'], 'harmless', 'voiding what is void'),
  billPaymentCardLink: oneOf(
    ['BillPaymentCreditCard', 'BillPaymentCheck'],
    'BillPaymentCreditCard',
    'LinkedTxn type on a bill that was paid by card',
  ),
  cdcCompany: flag(true, 'CompanyInfo and Preferences can be asked from CDC'),
  characterSet: oneOf(['strict', 'lenient'], 'strict', 'US companies refuse what is not ISO-8859-1'),
  todayZone: oneOf(['pacific', 'utc'], 'pacific', 'the zone of the default TxnDate'),
  disconnectAnswers: oneOf(['401', '403'], '403', 'API calls after a person disconnected the company'),
  authFailureEnvelope: oneOf(['lowercase', 'xml'], 'lowercase', '401 as lower-case JSON, or as the older XML fault'),
  refreshMinimumIntervalMs: count(0, 'a refresh sooner than this after the last one is refused'),
  companyStatusHttp: oneOf(['400', '403'], '403', 'the HTTP status that carries fault 6190'),
  webhooksNeedGrant: flag(true, 'nothing is delivered for a company without a live grant'),
  gzip: flag(true, 'large answers are compressed when the client accepts it'),
} as const;

type SwitchName = keyof typeof SWITCHES;
type Widened<T> = T extends boolean ? boolean : T extends number ? number : T;
type ValueOf<S> = S extends Choice<infer T> ? T : S extends { initial: infer I } ? Widened<I> : never;
export type Switches = { -readonly [Name in SwitchName]: ValueOf<(typeof SWITCHES)[Name]> };

export function initialSwitches(): Switches {
  const values = Object.entries(SWITCHES).map(([name, each]) => [name, each.initial]);
  return Object.fromEntries(values) as Switches;
}

/** Sets the given switches, all or none; answers what is wrong, in words, or undefined. */
export function setSwitches(switches: Switches, wanted: Record<string, unknown>): string | undefined {
  for (const [name, value] of Object.entries(wanted)) {
    if (!Object.hasOwn(SWITCHES, name)) {
      return `there is no switch "${name}"; the switches are ${Object.keys(SWITCHES).join(', ')}`;
    }
    const known: Flag | Amount | Choice<string> = SWITCHES[name as SwitchName];
    if ('of' in known ? !known.of.includes(value as string) : typeof value !== typeof known.initial) {
      const allowed = 'of' in known ? `one of ${known.of.join(', ')}` : `a ${typeof known.initial}`;
      return `the switch "${name}" must be ${allowed}`;
    }
  }
  Object.assign(switches, wanted);
  return undefined;
}
