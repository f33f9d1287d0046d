import type { Side } from '../balances.ts';
import { ARCHIVED_CONTACT, foldedName } from '../documents.ts';
import { folded } from '../folding.ts';
import { defineResource, gives, isNew, refuse, type Draft } from '../rules.ts';
import {
  choice,
  derived,
  flag,
  fromPage,
  group,
  guid,
  inDetail,
  instant,
  list,
  money,
  readOnly,
  text,
  type Body,
  type View,
} from '../shape.ts';
import { paymentTerms, wantsArchived } from './settings.ts';

/** Customers and suppliers alike (sheet 3.4). */

const address = {
  AddressType: choice('POBOX', 'STREET'),
  AddressLine1: text(500),
  AddressLine2: text(500),
  AddressLine3: text(500),
  AddressLine4: text(500),
  City: text(255),
  Region: text(255),
  PostalCode: text(50),
  Country: text(50),
  AttentionTo: text(255),
};

const phone = {
  PhoneType: choice('DDI', 'DEFAULT', 'FAX', 'MOBILE'),
  PhoneNumber: text(50),
  PhoneAreaCode: text(10),
  PhoneCountryCode: text(20),
};

const ADDRESS_SLOTS = ['STREET', 'POBOX'];
const PHONE_SLOTS = ['DDI', 'DEFAULT', 'FAX', 'MOBILE'];
const EMPTY_ADDRESS = { City: '', Region: '', PostalCode: '', Country: '' };
const EMPTY_PHONE = { PhoneNumber: '', PhoneAreaCode: '', PhoneCountryCode: '' };

const trackingDefaults = { TrackingCategoryName: text(100), TrackingOptionName: text(100) };
const amounts = group({ Outstanding: money(), Overdue: money() });

export const contacts = defineResource({
  name: 'Contacts',
  singular: 'Contact',
  idField: 'ContactID',
  scopes: ['accounting.contacts'],
  put: 'many',
  post: 'many',
  errorFlag: 'HasValidationErrors',
  attachments: true,
  notes: true,
  webhook: 'CONTACT',
  shape: {
    ContactID: guid(),
    ContactNumber: text(50),
    AccountNumber: text(50),
    ContactStatus: choice('ACTIVE', 'ARCHIVED', 'GDPRREQUEST'),
    Name: text(255),
    FirstName: text(255),
    LastName: text(255),
    EmailAddress: text(255),
    CompanyNumber: text(50),
    BankAccountDetails: text(255),
    TaxNumber: text(50),
    TaxNumberType: choice('SSN', 'EIN', 'ITIN', 'ATIN'),
    AccountsReceivableTaxType: text(50),
    AccountsPayableTaxType: text(50),
    Addresses: inDetail(list(address)),
    Phones: list(phone),
    UpdatedDateUTC: readOnly(instant()),
    IsSupplier: inDetail(readOnly(flag())),
    IsCustomer: inDetail(readOnly(flag())),
    DefaultCurrency: text(3),
    ContactGroups: inDetail(readOnly(list({ ContactGroupID: guid(), Name: text(255) }))),
    ContactPersons: inDetail(
      fromPage(list({ FirstName: text(255), LastName: text(255), EmailAddress: text(255), IncludeInEmails: flag() })),
    ),
    SalesDefaultLineAmountType: fromPage(choice('INCLUSIVE', 'EXCLUSIVE', 'NONE')),
    PurchasesDefaultLineAmountType: fromPage(choice('INCLUSIVE', 'EXCLUSIVE', 'NONE')),
    SalesDefaultAccountCode: inDetail(fromPage(text(10))),
    PurchasesDefaultAccountCode: inDetail(fromPage(text(10))),
    SalesTrackingCategories: inDetail(fromPage(list(trackingDefaults))),
    PurchasesTrackingCategories: inDetail(fromPage(list(trackingDefaults))),
    PaymentTerms: fromPage(paymentTerms),
    XeroNetworkKey: fromPage(text(100)),
    MergedToContactID: readOnly(guid()),
    Balances: inDetail(
      derived(group({ AccountsReceivable: amounts, AccountsPayable: amounts }), (fields, view) =>
        balancesOf(fields, view),
      ),
    ),
    HasAttachments: derived(flag(), (fields, { organisation }) =>
      organisation.attachments.has(`Contacts/${String(fields.ContactID)}`),
    ),
    HasValidationErrors: derived(flag(), () => false),
  },
  list: {
    paging: 'offered',
    modifiedSince: true,
    where: true,
    csv: { ids: 'ContactID' },
    search: ['Name', 'FirstName', 'LastName', 'ContactNumber', 'CompanyNumber', 'EmailAddress'],
    summary: true,
    pagingForcedBy: ['summaryonly'],
    optimised: ['Name', 'EmailAddress', 'AccountNumber', 'ContactID', 'UpdatedDateUTC'],
    shows: (fields, params) => fields.ContactStatus === 'ACTIVE' || wantsArchived(params),
  },
  indexes: {
    name: (fields) => (fields.ContactStatus === 'ACTIVE' ? foldedName(String(fields.Name)) : undefined),
    Name: (fields) => folded(String(fields.Name)),
    number: (fields) =>
      typeof fields.ContactNumber === 'string' && fields.ContactNumber !== ''
        ? fields.ContactNumber.toLowerCase()
        : undefined,
  },
  findByKey: (organisation, key) => organisation.collection('Contacts').first('number', key.toLowerCase()),
  natural(organisation, input) {
    const contacts = organisation.collection('Contacts');
    const byNumber = typeof input.ContactNumber === 'string' ? input.ContactNumber.toLowerCase() : undefined;
    const byName = typeof input.Name === 'string' ? foldedName(input.Name) : undefined;
    return contacts.first('number', byNumber) ?? contacts.first('name', byName);
  },
  settle,
  outline: (fields) =>
    `"ContactID":${JSON.stringify(fields.ContactID)},"Name":${JSON.stringify(fields.Name)},"Addresses":[],"Phones":[],` +
    '"ContactGroups":[],"ContactPersons":[],"HasValidationErrors":false',
});

/** What is open at a contact, in base currency; absent for one that never traded. */
function balancesOf(fields: Body, { organisation }: View): Body | undefined {
  if (fields.IsCustomer !== true && fields.IsSupplier !== true) return undefined;
  const today = organisation.today();
  const shown = (side: Side): Body => {
    const { outstanding, overdue } = organisation.balances.of(String(fields.ContactID), side, today);
    return { Outstanding: organisation.cents(outstanding).toFixed(), Overdue: organisation.cents(overdue).toFixed() };
  };
  return { AccountsReceivable: shown('receivable'), AccountsPayable: shown('payable') };
}

function settle(draft: Draft): void {
  const { organisation, fields, input, previous } = draft;
  const { unarchiving } = organisation.switches;
  if (previous && previous.fields.ContactStatus !== 'ACTIVE') {
    const comesBack = input.ContactStatus === 'ACTIVE' && unarchiving === 'allowed';
    if (!comesBack) refuse(draft, ARCHIVED_CONTACT);
  }
  if (isNew(draft)) Object.assign(fields, { IsCustomer: false, IsSupplier: false });
  fields.ContactStatus ??= 'ACTIVE';
  settleName(draft);
  if (typeof fields.EmailAddress === 'string' && fields.EmailAddress !== '') checkEmail(draft, fields.EmailAddress);
  settleNumber(draft);
  const merges = organisation.switches.addressSlots === 'merged';
  fields.Addresses = slots(
    'AddressType',
    ADDRESS_SLOTS,
    EMPTY_ADDRESS,
    previous?.fields.Addresses,
    input.Addresses,
    merges,
  );
  fields.Phones = slots('PhoneType', PHONE_SLOTS, EMPTY_PHONE, previous?.fields.Phones, input.Phones, merges);
  const persons = (fields.ContactPersons ?? []) as Body[];
  if (persons.length > 5) refuse(draft, 'A contact may have 5 contact persons at most.');
  fields.ContactPersons = persons.map((person) => ({ ...person, IncludeInEmails: person.IncludeInEmails ?? false }));
  for (const person of persons) if (person.EmailAddress) checkEmail(draft, String(person.EmailAddress));
  settleTerms(draft);
  for (const name of ['AccountsReceivableTaxType', 'AccountsPayableTaxType']) {
    const type = input[name];
    if (type !== undefined && type !== '' && !organisation.find('TaxRates', type)) {
      refuse(draft, `The TaxType code '${String(type)}' does not exist.`);
    }
  }
  const currency = input.DefaultCurrency;
  if (currency !== undefined && currency !== '' && !organisation.find('Currencies', currency)) {
    refuse(draft, `Organisation is not subscribed to currency ${String(currency)}`);
  }
}

function settleName(draft: Draft): void {
  const { organisation, fields, previous } = draft;
  const name = typeof fields.Name === 'string' ? fields.Name.trim() : '';
  fields.Name = name;
  if (name === '') {
    refuse(draft, 'The contact name must be specified.');
    return;
  }
  if (/[<>]/.test(name)) refuse(draft, 'The contact name cannot contain angle brackets.');
  if (fields.ContactStatus !== 'ACTIVE') return;
  const holder = organisation.collection('Contacts').first('name', foldedName(name));
  if (holder && holder.id !== previous?.id) {
    refuse(
      draft,
      `The contact name ${name} is already assigned to another contact. The contact name must be unique across all active contacts.`,
    );
  }
}

function settleNumber(draft: Draft): void {
  const { organisation, fields, previous } = draft;
  if (!gives(draft, 'ContactNumber') || fields.ContactNumber === '') return;
  const number = String(fields.ContactNumber);
  const holder = organisation.collection('Contacts').first('number', number.toLowerCase());
  if (holder && holder.id !== previous?.id) {
    refuse(draft, `The contact number ${number} is already assigned to another contact.`);
  }
}

function checkEmail(draft: Draft, email: string): void {
  if (!/^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>".]+$/.test(email)) refuse(draft, 'Email address must be valid.');
}

/** Addresses and phones are fixed slots: what is sent goes into the slot of its type, the others stay. */
function slots(
  type: string,
  names: readonly string[],
  empty: Body,
  before: unknown,
  sent: unknown,
  merges: boolean,
): Body[] {
  const held = new Map(((before ?? []) as Body[]).map((slot) => [String(slot[type]), slot]));
  for (const slot of (sent ?? []) as Body[]) {
    const name = String(slot[type] ?? names[0]);
    const kept = merges ? held.get(name) : undefined;
    held.set(name, { ...empty, ...kept, ...slot, [type]: name });
  }
  return names.map((name) => held.get(name) ?? { [type]: name, ...empty });
}

const TERM_TYPES = ['DAYSAFTERBILLDATE', 'DAYSAFTERBILLMONTH', 'OFCURRENTMONTH', 'OFFOLLOWINGMONTH'];

/** Terms exist only here (sheet 3.8); an empty object unsets them. */
function settleTerms(draft: Draft): void {
  const { fields, input, previous } = draft;
  const sent = input.PaymentTerms as Body | undefined;
  if (!sent) {
    fields.PaymentTerms = previous?.fields.PaymentTerms ?? {};
    return;
  }
  const held = Object.keys(sent).length === 0 ? {} : { ...(previous?.fields.PaymentTerms as Body | undefined) };
  for (const [side, term] of Object.entries(sent) as [string, Body][]) {
    if (Object.keys(term).length === 0) {
      delete (held as Body)[side];
      continue;
    }
    const dayFits = typeof term.Day === 'number' && term.Day >= 0 && term.Day <= 31;
    if (!dayFits || !TERM_TYPES.includes(String(term.Type)))
      refuse(draft, 'Payment terms need a Day from 0 to 31 and a Type.');
    (held as Body)[side] = { Day: term.Day, Type: term.Type };
  }
  fields.PaymentTerms = held;
}
