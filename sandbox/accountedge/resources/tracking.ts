import type { ResourceRules } from '../rules.ts';
import { choice, date, flag, link, needed, number, text } from '../shape.ts';

/** What sales and purchases are told apart by: jobs on lines, categories on whole documents (sheet 6.5). */

export const job: ResourceRules = {
  name: 'GeneralLedger/Job',
  group: 'list',
  scope: 'sme-general-ledger',
  fields: {
    Number: needed(text(15)),
    IsHeader: flag(),
    Name: text(30),
    Description: text(),
    ParentJob: link('GeneralLedger/Job'),
    LinkedCustomer: link('Contact/Customer'),
    PercentComplete: number(0),
    StartDate: date(),
    FinishDate: date(),
    Contact: text(50),
    Manager: text(50),
    IsActive: flag(true),
    TrackReimbursables: flag(),
  },
  verbs: { create: true, update: true, delete: true },
  pushed: false,
  linkMembers: ({ Number, Name }) => ({ Number, Name }),
  unique: ({ Number }) => [{ scope: 'job', key: String(Number).toUpperCase(), path: 'Number' }],
  prepare({ members }) {
    members.Name ??= members.Number;
    members.PercentComplete ??= 0;
  },
  check({ members, file, uid }, problems) {
    const parent = file.linked(members.ParentJob);
    const isItself = (members.ParentJob as { UID?: string } | null)?.UID === uid;
    if (isItself || (parent && parent.IsHeader !== true)) problems.add('NotFound', 'ParentJob');
  },
};

export const category: ResourceRules = {
  name: 'GeneralLedger/Category',
  group: 'list',
  scope: 'sme-general-ledger',
  fields: { DisplayID: needed(text(15)), Name: text(30), Description: text(), IsActive: flag(true) },
  verbs: { create: true, update: true, delete: true },
  pushed: false,
  linkMembers: ({ Name, DisplayID }) => ({ Name, DisplayID }),
  unique: ({ DisplayID }) => [{ scope: 'category', key: String(DisplayID).toUpperCase(), path: 'DisplayID' }],
  prepare({ members }) {
    members.Name ??= members.DisplayID;
  },
};

export const activity: ResourceRules = {
  name: 'TimeBilling/Activity',
  group: 'list',
  scope: 'sme-timebilling',
  fields: {
    DisplayID: needed(text(30)),
    Name: text(30),
    IsActive: flag(true),
    Type: choice(['Hourly', 'NonHourly'], 'Hourly'),
    Status: choice(['Chargeable', 'NonChargeable'], 'Chargeable'),
    IncomeAccount: link('GeneralLedger/Account'),
  },
  verbs: { create: false, update: false, delete: false },
  pushed: false,
  linkMembers: ({ Name, DisplayID }) => ({ Name, DisplayID }),
};
