import { UnreadableWire, isWireObject, wireObjects, type WireObject } from '../../../domain/provider/mapping/index.js';
import { ProviderFailureError, type ProviderFailure, type Sighting } from '../../../domain/provider/index.js';
import type { CompanyRecord } from './mapping/company.js';
import { chunksOf, IDS_PER_CALL, PAGE_SIZE, shaped, type XeroClient } from './xero.client.js';
import type { XeroCompany } from './xero.features.js';
import { isForeign, resourceOfRow, type Resource } from './xero.resources.js';
import { companySighting, optionSighting, optionsIn, sightingOf } from './xero.sightings.js';
import { textAt, textOf } from './xero.wire.js';

/**
 * Rows of the vendor as sightings, with what lists leave out (sheet 4.2): ids of tracking options, contacts of payments,
 * and the ids behind codes that came to be after the company was last read.
 */

export type Seen =
  | { readonly sighting: Sighting }
  /** It stands in the same list and is no record of any kind of ours. */
  | { readonly foreign: true }
  | { readonly failure: ProviderFailure };

export interface SeenRow {
  readonly row: WireObject;
  /** Absent where the vendor's type is none of ours. */
  readonly resource: Resource | undefined;
  readonly seen: Seen;
}

/** All that reading needs to know: the line, the tenant, and what the company record says. */
export interface Books {
  readonly client: XeroClient;
  readonly company: string;
  readonly features: XeroCompany;
}

/** Throws ProviderFailureError only where what lists leave out cannot be had. */
export const seeRows = async (books: Books, name: string, rows: readonly WireObject[]): Promise<readonly SeenRow[]> => {
  const complete = await completed(books, name, rows);
  // Prices of items stand beside codes only, which a person may have given to another account since.
  const known = name === 'Items' && rows.length > 0 ? await withCodesOfToday(books) : books.features;
  const seen = complete.map((row) => seeRow(name, row, known));
  if (known !== books.features || !seen.some((one) => 'failure' in one.seen)) return seen;
  const fresh = await withCodesOfToday(books);
  return seen.map((one) => ('failure' in one.seen ? seeRow(name, one.row, fresh) : one));
};

const seeRow = (name: string, row: WireObject, features: XeroCompany): SeenRow => {
  const resource = resourceOfRow(name, row);
  if (!resource || isForeign(resource, row)) return { row, resource, seen: { foreign: true } };
  return { row, resource, seen: see(() => sightingOf(resource, row, features), `${name} ${textAt(row, resource.id)}`) };
};

const see = (read: () => Sighting, called: string): Seen => {
  try {
    return { sighting: read() };
  } catch (problem) {
    if (!(problem instanceof UnreadableWire)) throw problem;
    return { failure: { is: 'unreadable', message: `Xero shows ${called} with ${problem.message}` } };
  }
};

/** The codes of accounts and items as they are now. */
export const withCodesOfToday = async ({ client, features }: Books): Promise<XeroCompany> => {
  const [accounts, items] = await Promise.all([client.list(['Accounts']), client.list(['Items'])]);
  return {
    ...features,
    accounts: features.accounts.with(codesIn(accounts.rows, 'AccountID')),
    items: features.items.with(codesIn(items.rows, 'ItemID')),
  };
};

export const codesIn = (rows: readonly WireObject[], id: string): (readonly [string, string])[] =>
  rows.flatMap((row) => {
    const [is, code] = [textOf(row[id]), textOf(row.Code)];
    return is === undefined || code === undefined ? [] : [[is, code] as const];
  });

const completed = async (books: Books, name: string, rows: readonly WireObject[]): Promise<readonly WireObject[]> =>
  name === 'Payments' ? withContacts(books, rows) : withOptions(books, rows);

const LINES = ['LineItems', 'JournalLines'];

const lacksOption = (value: WireObject): boolean =>
  textAt(value, 'TrackingOptionID') === undefined && textAt(value, 'Option') !== undefined;

const trackingIn = (row: WireObject): WireObject[] =>
  LINES.flatMap((member) => wireObjects(row[member])).flatMap((line) => wireObjects(line.Tracking));

/** Lists may name an option without its id. */
const withOptions = async ({ client }: Books, rows: readonly WireObject[]): Promise<readonly WireObject[]> => {
  if (!rows.some((row) => trackingIn(row).some(lacksOption))) return rows;
  const options = optionsIn((await readCategories(client)).rows);
  const find = (value: WireObject): WireObject | undefined =>
    options.find(
      (option) =>
        option.Name === value.Option &&
        (textAt(value, 'TrackingCategoryID') === undefined
          ? option.Dimension === value.Name
          : option.TrackingCategoryID === value.TrackingCategoryID),
    );
  const mended = (value: WireObject): WireObject => {
    const option = lacksOption(value) ? find(value) : undefined;
    if (!option) return value;
    const { TrackingCategoryID = null, TrackingOptionID = null } = option;
    return { ...value, TrackingCategoryID, TrackingOptionID };
  };
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([member, wire]) => [
        member,
        LINES.includes(member) && Array.isArray(wire)
          ? wire.map((line) =>
              isWireObject(line) && Array.isArray(line.Tracking)
                ? { ...line, Tracking: line.Tracking.map((value) => (isWireObject(value) ? mended(value) : value)) }
                : line,
            )
          : wire,
      ]),
    ),
  );
};

/** Lists of payments show a skeleton of the document, which may lack whose it is. */
const withContacts = async ({ client }: Books, rows: readonly WireObject[]): Promise<readonly WireObject[]> => {
  const lacking = rows.filter(
    (row) =>
      resourceOfRow('Payments', row) &&
      (textAt(row, 'Invoice.Contact.ContactID') === undefined || textAt(row, 'Invoice.CurrencyCode') === undefined),
  );
  const ids = [...new Set(lacking.flatMap((row) => textAt(row, 'Invoice.InvoiceID') ?? []))];
  if (ids.length === 0) return rows;
  const invoices = new Map<string, WireObject>();
  for (const chunk of chunksOf(ids, IDS_PER_CALL)) {
    const { rows: found } = await client.list(['Invoices'], 'Invoices', {
      query: { IDs: chunk.join(','), page: '1', pageSize: `${PAGE_SIZE}` },
    });
    for (const one of found) invoices.set(textAt(one, 'InvoiceID') ?? '', one);
  }
  return rows.map((row) => {
    const invoice = invoices.get(textAt(row, 'Invoice.InvoiceID') ?? '');
    if (!invoice || !isWireObject(row.Invoice)) return row;
    const { Contact = null, CurrencyCode = null } = invoice;
    return { ...row, Invoice: { ...row.Invoice, Contact, CurrencyCode } };
  });
};

export const readCategories = (client: XeroClient): ReturnType<XeroClient['list']> =>
  client.list(['TrackingCategories'], 'TrackingCategories', { query: { includeArchived: 'true' } });

/** The settings of an organisation that are read as a whole, at one moment. */
export interface Settings {
  readonly company: Sighting;
  readonly accounts: readonly WireObject[];
  readonly items: readonly WireObject[];
  readonly options: readonly Sighting[];
}

export const readSettings = async ({ client, company, features }: Books): Promise<Settings> => {
  const [organisation, actions, accounts, items, categories] = await Promise.all([
    client.list(['Organisation'], 'Organisations'),
    client.list(['Organisation', 'Actions'], 'Actions'),
    client.list(['Accounts']),
    client.list(['Items']),
    readCategories(client),
  ]);
  const [own] = organisation.rows;
  if (!own) throw new ProviderFailureError({ is: 'unreadable', message: 'Xero answered without the organisation' });
  const record: CompanyRecord = {
    Organisation: own,
    Actions: [...actions.rows],
    Accounts: accounts.rows.map(only('AccountID', 'Code')),
    Items: items.rows.map(only('ItemID', 'Code')),
    TrackingCategories: categories.rows
      .filter(({ Status }) => Status === 'ACTIVE')
      .map(only('TrackingCategoryID', 'Name')),
  };
  return shaped(() => ({
    company: companySighting(company, record, features),
    accounts: accounts.rows,
    items: items.rows,
    options: optionsIn(categories.rows).map((option) => optionSighting(option, features)),
  }));
};

const only =
  (...members: readonly string[]) =>
  (row: WireObject): WireObject =>
    Object.fromEntries(members.flatMap((member) => (row[member] === undefined ? [] : [[member, row[member]]])));
