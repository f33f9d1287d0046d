import { createHash } from 'node:crypto';
import type { CompanyFile } from './company-file.ts';
import type { Listed } from './query/listing.ts';
import { pathOf, type Stored } from './record.ts';
import { addressInText, headerTextOf, shownHeader, shownRecord, textOf } from './rendering.ts';
import { CARDS, customer } from './resources/cards.ts';
import { resources } from './resources/index.ts';
import { shapeOf, type ResourceRules } from './rules.ts';
import { choice, date, flag, group, guid, link, list, money, text, type Members, type Shape } from './shape.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One path below a company file, with what can be done there. */
export interface Route {
  /** As the gateway spells it: `Sale/Invoice/Item`. */
  path: string;
  scopes: readonly string[];
  /** Whose records it writes; absent where nothing can be written. */
  rules?: ResourceRules;
  layout?: string;
  onList: readonly Method[];
  onItem: readonly Method[];
  /** One object instead of a list. */
  isSingle: boolean;
  listed(file: CompanyFile, scopes: readonly string[]): Listed;
  /** JSON of one record, addresses still to be put in. */
  text(stored: Stored, file: CompanyFile): string;
}

const routes = new Map<string, Route>();

/** The route a path leads to, whatever its letter case (sheet 4.1). */
export function routeOf(path: string): Route | undefined {
  return routes.get(path.toLowerCase());
}

export function allRoutes(): Route[] {
  return [...routes.values()];
}

function add(route: Route): void {
  routes.set(route.path.toLowerCase(), route);
}

for (const rules of resources.values()) {
  if (rules.layouts === undefined) add(plainRoute(rules));
  else {
    add(headerRoute(rules));
    for (const layout of Object.keys(rules.layouts)) add(layoutRoute(rules, layout));
  }
}
add(contactRoute());
add(journalRoute());

function methodsOf({ verbs }: ResourceRules): { onList: Method[]; onItem: Method[] } {
  return {
    onList: verbs.create ? ['GET', 'POST'] : ['GET'],
    onItem: ['GET', ...(verbs.update ? (['PUT'] as const) : []), ...(verbs.delete ? (['DELETE'] as const) : [])],
  };
}

function plainRoute(rules: ResourceRules): Route {
  return {
    path: rules.name,
    scopes: [rules.scope],
    rules,
    ...methodsOf(rules),
    isSingle: rules.single === true,
    listed: (file) => recordsOf(file, rules, rules.fields, shownRecord),
    text: textOf,
  };
}

function layoutRoute(rules: ResourceRules, layout: string): Route {
  return {
    ...plainRoute(rules),
    path: `${rules.name}/${layout}`,
    layout,
    listed(file) {
      const all = recordsOf(file, rules, shapeOf(rules, layout), shownRecord);
      const own = (stored: Stored): boolean => stored.layout === layout;
      return {
        ...all,
        records: () => keep(all.records(), own),
        changedSince: (instant) => keep(all.changedSince?.(instant) ?? [], own),
        find(uid) {
          const found = all.find?.(uid);
          return found && own(found) ? found : undefined;
        },
      };
    },
  };
}

/** All layouts together, without lines; only for reading (sheet 5.3). */
function headerRoute(rules: ResourceRules): Route {
  const shape: Shape = { ...rules.fields, [rules.layoutMember as string]: text() };
  return {
    ...plainRoute(rules),
    onList: ['GET'],
    onItem: ['GET'],
    listed: (file) => recordsOf(file, rules, shape, shownHeader),
    text: headerTextOf,
  };
}

function recordsOf(
  file: CompanyFile,
  rules: ResourceRules,
  shape: Shape,
  show: (stored: Stored, file: CompanyFile) => Members,
): Listed {
  const collection = file.collection(rules.name);
  return {
    shape,
    records: () => collection.byUidOrder(),
    changedSince: (instant) => collection.changedSince(instant),
    find: (uid) => collection.get(uid),
    show: (stored) => show(stored, file),
  };
}

function* keep(records: Iterable<Stored>, wanted: (stored: Stored) => boolean): Generator<Stored> {
  for (const stored of records) if (wanted(stored)) yield stored;
}

/** Cards of every kind that the token may see, with the kind (sheet 6.2). */
function contactRoute(): Route {
  const scopeOf = (name: string): string => resources.get(name)?.scope ?? '';
  const typeOf = (stored: Stored): string => stored.rules.name.replace('Contact/', '');
  const show = (stored: Stored, file: CompanyFile): Members => {
    const { UID, ...rest } = shownRecord(stored, file);
    return { UID, Type: typeOf(stored), ...rest };
  };
  const base = Object.entries(customer.fields).filter(
    ([name]) => name !== 'SellingDetails' && name !== 'PaymentDetails',
  );
  return {
    path: 'Contact',
    scopes: CARDS.map(scopeOf),
    onList: ['GET'],
    onItem: ['GET'],
    isSingle: false,
    listed(file, scopes) {
      const names = CARDS.filter((name) => scopes.includes(scopeOf(name)) || scopes.includes('CompanyFile'));
      return {
        shape: { Type: choice(['Customer', 'Supplier', 'Employee', 'Personal']), ...Object.fromEntries(base) },
        records: () => names.flatMap((name) => [...file.collection(name).all()]),
        changedSince: (instant) => names.flatMap((name) => [...file.collection(name).changedSince(instant)]),
        find: (uid) => file.find(uid, ...names),
        show: (stored) => show(stored, file),
      };
    },
    text: (stored, file) => JSON.stringify(show(stored, file)),
  };
}

const JOURNAL_TYPES: Readonly<Record<string, string>> = {
  'Sale/Invoice': 'Sale',
  'Sale/CustomerPayment': 'CashReceipt',
  'Sale/CreditRefund': 'CashPayment',
  'Purchase/Bill': 'Purchase',
  'Purchase/SupplierPayment': 'CashPayment',
  'Purchase/DebitRefund': 'CashReceipt',
  'Banking/SpendMoneyTxn': 'CashPayment',
  'Banking/ReceiveMoneyTxn': 'CashReceipt',
  'Banking/TransferMoneyTxn': 'General',
  'GeneralLedger/GeneralJournal': 'General',
};

/** What every transaction came to in the accounts (sheet 6.17); made up from them whenever it is asked for. */
function journalRoute(): Route {
  const line: Shape = {
    Account: link('GeneralLedger/Account'),
    Amount: money(),
    IsCredit: flag(),
    LineDescription: text(),
  };
  const shape: Shape = {
    DisplayID: text(),
    JournalType: choice(['General', 'Sale', 'Purchase', 'CashPayment', 'CashReceipt', 'Inventory']),
    SourceTransaction: group({ UID: guid(), TransactionType: text(), URI: text() }),
    DateOccurred: date(),
    Description: text(),
    Lines: list(line),
  };
  const rules: ResourceRules = {
    name: 'GeneralLedger/JournalTransaction',
    group: 'transaction',
    scope: 'sme-general-ledger',
    fields: shape,
    verbs: { create: false, update: false, delete: false },
    pushed: false,
    linkMembers: () => ({}),
  };
  const all = (file: CompanyFile): Stored[] =>
    Object.keys(JOURNAL_TYPES).flatMap((name) =>
      [...file.collection(name).all()]
        .filter((stored) => stored.postings.length > 0)
        .map((stored) => journalOf(stored, rules, file)),
    );
  return {
    path: rules.name,
    scopes: [rules.scope],
    onList: ['GET'],
    onItem: ['GET'],
    isSingle: false,
    listed: (file) => ({
      shape,
      records: () => all(file),
      find: (uid) => all(file).find((stored) => stored.uid === uid),
      show: (stored) => shownRecord(stored, file),
    }),
    text: textOf,
  };
}

function journalOf(source: Stored, rules: ResourceRules, file: CompanyFile): Stored {
  const { members } = source;
  const isPostedAsJournal = source.rules.name === 'Banking/TransferMoneyTxn' && !file.switches.transferNative;
  const type = isPostedAsJournal ? 'GeneralJournal' : (source.rules.name.split('/')[1] as string);
  return {
    ...source,
    rules,
    layout: undefined,
    uid: derivedUid(source.uid),
    shown: undefined,
    members: {
      DisplayID: members[source.rules.numbered?.member ?? 'Number'],
      JournalType: JOURNAL_TYPES[source.rules.name],
      SourceTransaction: {
        UID: source.uid,
        TransactionType: type,
        URI: addressInText(`${pathOf(source)}/${source.uid}`),
      },
      DateOccurred: members[source.rules.dateMember ?? 'Date'],
      Description: members.JournalMemo ?? members.Memo ?? null,
      Lines: source.postings.map(({ account, amount }) => ({
        Account: { UID: account },
        Amount: amount.abs().toNumber(),
        IsCredit: amount.isNegative(),
        LineDescription: null,
      })),
    },
  };
}

/** A UID that follows from another one. */
function derivedUid(uid: string): string {
  const hex = createHash('sha1').update(uid).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
