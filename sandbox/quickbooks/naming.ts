import type { Company } from './company.ts';
import type { Entity } from './entity.ts';
import type { Draft, UniqueKey } from './rules.ts';
import { faults } from './vendor-fault.ts';

const SUFFIX = / \(deleted(?: \d+)?\)$/;

/**
 * Active or not. Entities with a suffix show ` (deleted)` behind the name of an inactive object, which frees the name for
 * another one (sheet 3.2).
 */
export function settleActivity(draft: Draft): void {
  const { object, previous, rules, company } = draft;
  object.Active ??= true;
  const field = rules.suffixed;
  const name = field && object[field];
  if (!field || name === undefined) return;
  const wasActive = previous?.Active !== false;
  if (!object.Active && (wasActive || !SUFFIX.test(name))) object[field] = suffixed(draft, name);
  if (object.Active && !wasActive && !company.switches.reactivationKeepsSuffix && name === previous?.[field]) {
    object[field] = name.replace(SUFFIX, '');
  }
}

function suffixed(draft: Draft, name: string): string {
  for (let copy = 1; ; copy++) {
    const candidate = copy === 1 ? `${name} (deleted)` : `${name} (deleted ${copy})`;
    const keys =
      draft.rules.unique?.({ ...draft.object, DisplayName: candidate, Name: candidate }, draft.company) ?? [];
    const taken = keys.some(({ scope, key }) => {
      const holder = draft.company.holderOf(scope, key);
      return holder !== undefined && holder !== draft.object.Id;
    });
    if (!taken) return candidate;
  }
}

export interface Hierarchy {
  /** The field that holds the object's own part of the full name. */
  nameField: 'Name' | 'DisplayName';
  /** The flag that says there is a parent. */
  childFlag: 'SubAccount' | 'SubItem' | 'SubClass' | 'SubDepartment' | 'Job';
  levels: number;
  /** Refuses parents of another type. */
  accepts?(parent: Entity, child: Entity): boolean;
}

/** Checks the parent and writes the `Parent:Child` name, into the objects below as well. */
export function settleHierarchy(draft: Draft, hierarchy: Hierarchy): void {
  const { object, rules, work, input } = draft;
  const { nameField, childFlag } = hierarchy;
  if (object[childFlag] === false && object.ParentRef && input.ParentRef === undefined) object.ParentRef = undefined;
  // Where the flag is read-only it still says what was; only a client that says it now contradicts itself.
  if (input[childFlag] === true && !object.ParentRef) throw faults.parent(`${childFlag} needs a ParentRef`);
  object[childFlag] = object.ParentRef !== undefined;

  const names = [String(object[nameField])];
  let parentId = object.ParentRef?.value;
  while (parentId !== undefined) {
    const parent = work.peek(rules.name, parentId);
    if (!parent) throw faults.parent('The parent does not exist');
    if (parentId === object.Id) throw faults.parent('An object cannot be below itself');
    if (names.length === 1 && hierarchy.accepts && !hierarchy.accepts(parent, object)) {
      throw faults.parent('The parent is of another type or cannot have children');
    }
    names.unshift(String(parent[nameField]));
    if (names.length > hierarchy.levels) throw faults.parent(`There are more than ${hierarchy.levels} levels`);
    parentId = parent.ParentRef?.value;
  }
  object.FullyQualifiedName = names.join(':');
  if (nameField === 'DisplayName' || rules.name === 'Item') object.Level = names.length - 1;
}

/** After a rename the full names of everything below follow, without becoming new versions. */
export function renameBranch(draft: Draft, nameField: 'Name' | 'DisplayName'): void {
  const { previous, object, company, work, rules } = draft;
  if (!previous || previous.FullyQualifiedName === object.FullyQualifiedName) return;
  const rename = (parent: Entity) => {
    for (const id of company.childrenOf(rules.name, parent.Id)) {
      const child = work.edit(rules.name, id, 'silent').object;
      child.FullyQualifiedName = `${parent.FullyQualifiedName}:${String(child[nameField])}`;
      rename(child);
    }
  };
  rename(object);
}

/** Names that nobody else in the same list may have, whatever their letter case. */
export function uniqueName(what: string, name: string | undefined): UniqueKey[] {
  if (name === undefined) return [];
  return [{ scope: what, key: name.toLowerCase(), fault: () => faults.duplicateListName(what) }];
}

/** One name space for customers, vendors and employees (sheet 5.3). */
export function uniqueDisplayName(object: Entity): UniqueKey[] {
  if (object.DisplayName === undefined) return [];
  // A vendor meets a customer of the same name here; ids tell holders apart because the lists share one sequence.
  return [{ scope: 'names', key: object.DisplayName.toLowerCase(), fault: faults.duplicateName }];
}

export function activeChildren(company: Company, entity: string, id: string): boolean {
  return [...company.childrenOf(entity, id)].some((child) => company.object(entity, child)?.Active !== false);
}
