import { decimal } from '../amounts.ts';
import { targetOf, type Company } from './company.ts';
import type { Entity, User } from './entity.ts';
import { referencesIn, type Body } from './shape.ts';
import { faults } from './vendor-fault.ts';
import { Work } from './work.ts';

export const MERGEABLE = ['Customer', 'Vendor', 'Account', 'Item', 'Class', 'Department'] as const;
export type Mergeable = (typeof MERGEABLE)[number];

/**
 * Two list objects become one, as a person does it in the product: everything that pointed to the loser points to the
 * winner, which keeps its id (sheet 3.2).
 */
export function mergeObjects(company: Company, entity: Mergeable, winner: string, loser: string, user: User): void {
  const kept = company.find(entity, winner);
  const lost = company.find(entity, loser);
  if (!kept || !lost || winner === loser) throw faults.reference(kept ? 'loser' : 'winner');
  if (kept.object.CurrencyRef?.value !== lost.object.CurrencyRef?.value) {
    throw faults.business('Names with different currencies cannot be merged.');
  }
  if (entity === 'Account' && kept.object.AccountType !== lost.object.AccountType) {
    throw faults.business('Accounts of different types cannot be merged.');
  }
  const work = new Work(company, user);
  const { switches } = company;
  for (const collection of company.all()) {
    const { rules } = collection;
    for (const stored of collection.all()) {
      if (!pointsTo(company, stored.object, rules.name, entity, loser)) continue;
      const operation = switches.mergeTouchesTransactions || rules.group === 'list' ? 'Update' : 'silent';
      const step = work.edit(rules.name, stored.object.Id, operation);
      step.object = structuredClone(step.object);
      for (const { reference, to, holder } of referencesIn(rules.fields, step.object)) {
        if (targetOf(to, reference, holder) === entity && reference.value === loser) reference.value = winner;
      }
    }
  }
  const survivor = work.edit(entity, winner);
  survivor.announced = false;
  const opening = decimal(kept.hidden.opening).plus(decimal(lost.hidden.opening));
  if (!opening.isZero()) survivor.hidden.opening = opening.toString();
  renameChildren(work, entity, String(lost.object.FullyQualifiedName), String(kept.object.FullyQualifiedName));
  if (switches.mergedShownAs === 'deleted') work.delete(lost.rules, lost, false);
  else {
    const remains = work.edit(entity, loser);
    remains.announced = false;
    remains.object.Active = false;
    remains.hidden.opening = undefined;
    const field = lost.rules.suffixed;
    if (field) remains.object[field] = `${String(remains.object[field])} (deleted)`;
  }
  work.announce({ entity, id: winner, operation: 'Merge', deletedId: loser });
  work.commit();
}

/** What was below the loser is below the winner now, by full name too. */
function renameChildren(work: Work, entity: Mergeable, before: string, after: string): void {
  for (const { object } of work.company.collection(entity).all()) {
    const full = object.FullyQualifiedName;
    if (!full?.startsWith(`${before}:`)) continue;
    work.edit(entity, object.Id, 'silent').object.FullyQualifiedName = after + full.slice(before.length);
  }
}

function pointsTo(company: Company, object: Entity, name: string, entity: string, id: string): boolean {
  const { rules } = company.collection(name);
  for (const { reference, to, holder } of referencesIn(rules.fields, object as Body)) {
    if (reference.value === id && targetOf(to, reference, holder) === entity) return true;
  }
  return false;
}
