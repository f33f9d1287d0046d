import type { Company } from '../company.ts';
import type { Draft, EntityRules } from '../rules.ts';
import { renameBranch, settleActivity, settleHierarchy, uniqueName } from '../naming.ts';
import { defineEntity } from '../rules.ts';
import { choice, decimal, flag, label, readOnly, reference, text, whole } from '../shape.ts';
import { faults } from '../vendor-fault.ts';

/** Class and Department: two trees of tracking values (sheet 3.5). The UI calls a department a location. */
export const trackingClass = trackingEntity('Class', 'SubClass', 'CUDM', tracksClasses);
export const department = trackingEntity('Department', 'SubDepartment', 'CUM', tracksDepartments);

function trackingEntity(
  name: 'Class' | 'Department',
  childFlag: 'SubClass' | 'SubDepartment',
  webhook: string,
  isOn: (company: Company) => boolean,
): EntityRules {
  return defineEntity({
    name,
    group: 'list',
    webhook,
    suffixed: 'Name',
    filters: ['Name', 'FullyQualifiedName'],
    required: ['Name'],
    fields: {
      Name: label(100),
      [childFlag]: name === 'Class' ? flag() : readOnly(flag()),
      ParentRef: reference(name),
      FullyQualifiedName: readOnly(text(600)),
      Active: flag(),
    },
    unique: (object) => uniqueName(name.toLowerCase(), object.FullyQualifiedName),
    prepare(draft) {
      settleActivity(draft);
      settleHierarchy(draft, { nameField: 'Name', childFlag, levels: 5 });
    },
    settle({ company, previous }) {
      if (!previous && !isOn(company)) throw faults.featureOff(`${name} tracking is switched off`);
    },
    effects(draft) {
      renameBranch(draft, 'Name');
    },
  });
}

export function tracksClasses(company: Company): boolean {
  return tracksClassesPerTxn(company) || tracksClassesPerLine(company);
}

export function tracksClassesPerTxn(company: Company): boolean {
  return company.prefers('AccountingInfoPrefs.ClassTrackingPerTxn');
}

export function tracksClassesPerLine(company: Company): boolean {
  return company.prefers('AccountingInfoPrefs.ClassTrackingPerTxnLine');
}

export function tracksDepartments(company: Company): boolean {
  return company.prefers('AccountingInfoPrefs.TrackDepartments');
}

/** Payment terms (sheet 3.6): a number of days, or a day of the month. */
export const term = defineEntity({
  name: 'Term',
  group: 'list',
  webhook: 'CU',
  filters: ['Name', 'Type', 'DueDays', 'DayOfMonthDue'],
  required: ['Name'],
  fields: {
    Name: label(31),
    Active: flag(),
    Type: readOnly(choice('STANDARD', 'DATE_DRIVEN')),
    DueDays: whole(0, 999),
    DiscountDays: whole(0, 999),
    DiscountPercent: decimal(7, 0, 100),
    DayOfMonthDue: whole(1, 31),
    DueNextMonthDays: whole(0, 999),
    DiscountDayOfMonth: whole(0, 31),
  },
  unique: (object) => uniqueName('term', object.Name),
  prepare: settleActivity,
  settle(draft) {
    const { object } = draft;
    if (object.DueDays === undefined && object.DayOfMonthDue === undefined) throw faults.missing('DueDays');
    // A sparse update may turn one form into the other; what belongs to the form left behind goes.
    const dateDriven = draft.input.DayOfMonthDue !== undefined || object.DueDays === undefined;
    object.Type = dateDriven ? 'DATE_DRIVEN' : 'STANDARD';
    drop(draft, dateDriven ? ['DueDays', 'DiscountDays'] : ['DayOfMonthDue', 'DueNextMonthDays', 'DiscountDayOfMonth']);
    if (dateDriven) object.DueNextMonthDays ??= 0;
    else object.DiscountDays ??= 0;
    object.DiscountPercent ??= 0;
  },
});

function drop(draft: Draft, fields: readonly string[]): void {
  for (const field of fields) draft.object[field] = undefined;
}

export const paymentMethod = defineEntity({
  name: 'PaymentMethod',
  group: 'list',
  webhook: 'CUM',
  suffixed: 'Name',
  filters: ['Name', 'Type'],
  required: ['Name'],
  fields: { Name: label(31), Active: flag(), Type: choice('CREDIT_CARD', 'NON_CREDIT_CARD') },
  unique: (object) => uniqueName('payment method', object.Name),
  prepare: settleActivity,
  settle({ object }) {
    object.Type ??= 'NON_CREDIT_CARD';
  },
});
