import { Decimal, decimal as exact } from '../amounts.ts';
import { addDays, dayOfMonth } from './calendar.ts';
import type { Stored } from './collection.ts';
import { rateOfDay } from './exchange-rates.ts';
import { folded } from './folding.ts';
import { isContactEdit, saveNestedContact } from './nested-contacts.ts';
import type { Organisation } from './organisation.ts';
import { gives, isNew, refuse, type Draft } from './rules.ts';
import { isGuid, type Body } from './shape.ts';

/** What invoices, credit notes, quotes, orders and bank transactions have in common. */

export const ARCHIVED_CONTACT =
  'The specified contact details matched an archived contact. Archived contacts cannot currently be edited via the API.';
const NO_CONTACT = 'A Contact must be specified for this type of transaction.';

/**
 * The contact of a document: by id, or by name and number, which may make one (sheet 3.1). Fields beside the id
 * overwrite the contact. Purchase orders and quotes never make contacts.
 */
export function settleContact(draft: Draft, { makes }: { makes: boolean }): void {
  const { organisation, fields, input, previous } = draft;
  const sent = input.Contact as Body | undefined;
  if (sent) {
    const found = findContact(organisation, sent, makes);
    if (found === 'archived') draft.problems.contact.push(ARCHIVED_CONTACT);
    else if (found) {
      fields.contact = found.id;
      if (makes && isContactEdit(sent)) saveNestedContact(draft, sent, found);
    } else if (makes && typeof sent.Name === 'string' && sent.Name.trim() !== '') {
      fields.contact = saveNestedContact(draft, sent, undefined)?.id;
    } else refuse(draft, NO_CONTACT);
  } else if (!previous) refuse(draft, NO_CONTACT);
  // What the client sent was its own description of the contact; the document keeps the id alone.
  delete fields.Contact;
}

function findContact(organisation: Organisation, sent: Body, byName: boolean): Stored | 'archived' | undefined {
  const contacts = organisation.collection('Contacts');
  let found: Stored | undefined;
  if (isGuid(sent.ContactID)) found = contacts.get(sent.ContactID.toLowerCase());
  else {
    if (typeof sent.ContactNumber === 'string') found = contacts.first('number', sent.ContactNumber.toLowerCase());
    if (!found && byName && typeof sent.Name === 'string') found = contacts.first('name', foldedName(sent.Name));
  }
  return found && found.fields.ContactStatus !== 'ACTIVE' ? 'archived' : found;
}

export function foldedName(name: string): string {
  return folded(name.trim());
}

/** The currency has to be one of the organisation's; without a rate the day's is taken. */
export function settleCurrency(draft: Draft, forced?: string): void {
  const { organisation, fields } = draft;
  const preferred = organisation.fields('Contacts', fields.contact)?.DefaultCurrency;
  const code = forced ?? fields.CurrencyCode ?? (preferred === '' ? undefined : preferred) ?? organisation.baseCurrency;
  fields.CurrencyCode = code;
  if (!organisation.find('Currencies', code)) {
    refuse(draft, `Organisation is not subscribed to currency ${String(code)}`);
    return;
  }
  if (code === organisation.baseCurrency) {
    fields.CurrencyRate = '1';
    return;
  }
  const day = String(fields.Date ?? organisation.today());
  const usual = rateOfDay(organisation.baseCurrency, String(code), day);
  const changed = draft.previous && draft.previous.fields.CurrencyCode !== code;
  if (gives(draft, 'CurrencyRate') && !exact(fields.CurrencyRate).isZero()) warnOfRate(draft, usual);
  else if (isNew(draft) || changed || fields.CurrencyRate === undefined) fields.CurrencyRate = usual.toFixed();
}

function warnOfRate(draft: Draft, usual: Decimal): void {
  const rate = exact(draft.fields.CurrencyRate);
  if (rate.isNegative()) refuse(draft, 'The currency rate must be greater than zero.');
  const share = rate.dividedBy(usual);
  if (share.greaterThan(2) || share.lessThan('0.5')) {
    draft.warnings.push(`The currency rate ${rate.toFixed()} differs significantly from the market rate.`);
  }
}

/** A document without a date gets the organisation's own day; both the old and the new day have to be open. */
export function settleDate(draft: Draft): void {
  const { organisation, fields, previous } = draft;
  fields.Date ??= organisation.today();
  for (const day of [previous?.fields.Date, fields.Date]) {
    const problem = organisation.lockProblem(day);
    if (problem !== undefined) refuse(draft, problem);
  }
}

/** What the terms of a contact make of a document's date; undefined without terms. */
export function dueByTerms(terms: unknown, side: 'Sales' | 'Bills', date: string): string | undefined {
  const term = (terms as Body | undefined)?.[side] as { Day?: number; Type?: string } | undefined;
  if (term?.Day === undefined) return undefined;
  switch (term.Type) {
    case 'DAYSAFTERBILLDATE':
      return addDays(date, term.Day);
    case 'DAYSAFTERBILLMONTH':
      return addDays(dayOfMonth(date, 0, 31), term.Day);
    case 'OFCURRENTMONTH':
      return dayOfMonth(date, 0, term.Day);
    case 'OFFOLLOWINGMONTH':
      return dayOfMonth(date, 1, term.Day);
    case undefined:
    default:
      return undefined;
  }
}

/** The next free number of a series, such as `INV-0012`. */
export function nextNumber(organisation: Organisation, resource: string, prefix: string, first: number): string {
  for (;;) {
    const number = `${prefix}-${String(organisation.next(prefix, first)).padStart(4, '0')}`;
    if (organisation.collection(resource).lookUp('number', number.toLowerCase()).size === 0) return number;
  }
}

/** True when a document has anything set against it. */
export function isSettled(fields: Body): boolean {
  return !exact(fields.AmountPaid).isZero() || !exact(fields.AmountCredited).isZero();
}

/** A contact is a customer or supplier from the first document on; that is no change of the contact (sheet 3.4). */
export function markContact(organisation: Organisation, contact: unknown, flag: 'IsCustomer' | 'IsSupplier'): void {
  const stored = organisation.find('Contacts', contact);
  if (stored && stored.fields[flag] !== true) {
    organisation.patch('Contacts', stored.id, { [flag]: true }, { silent: true });
  }
}
