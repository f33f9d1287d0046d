import type { Stored } from './collection.ts';
import { ElementRefused } from './refusals.ts';
import type { Draft } from './rules.ts';
import type { Body } from './shape.ts';
import { save } from './writing.ts';

const IDENTITY = ['ContactID', 'ContactNumber', 'Name'];

/** True when a contact inside a document says more than which contact is meant. */
export function isContactEdit(sent: Body): boolean {
  return Object.entries(sent).some(
    ([name, value]) => !IDENTITY.includes(name) && value !== undefined && value !== null,
  );
}

/**
 * A contact written inside a document: made, or overwritten with what stands beside its id. Contact persons that are not
 * listed are dropped (sheet 3.1).
 */
export function saveNestedContact(draft: Draft, sent: Body, found: Stored | undefined): Stored | undefined {
  const { organisation } = draft;
  const rules = organisation.collection('Contacts').rules;
  const element = found
    ? { ...sent, ContactID: found.id, ContactPersons: sent.ContactPersons ?? [] }
    : { ...sent, ContactID: undefined };
  try {
    return save({ organisation, rules, verb: 'POST', byApp: true }, element);
  } catch (error) {
    if (!(error instanceof ElementRefused)) throw error;
    draft.problems.contact.push(...error.problems.element);
    return undefined;
  }
}
