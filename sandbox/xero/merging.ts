import type { Organisation } from './organisation.ts';
import { refused } from './refusals.ts';

/**
 * A person merges two contacts: the documents of one go over to the other, and it stays as an archived row that names
 * the survivor (sheet 3.4).
 */
export function mergeContacts(organisation: Organisation, winner: string, loser: string): void {
  const [kept, gone] = [organisation.find('Contacts', winner), organisation.find('Contacts', loser)];
  if (!kept || !gone || winner === loser) throw refused('A merge needs two different contacts.');
  organisation.transaction(() => {
    for (const collection of organisation.all()) {
      if (!Object.hasOwn(collection.rules.indexes, 'Contact.ContactID')) continue;
      for (const id of [...collection.lookUp('Contact.ContactID', loser)]) {
        organisation.patch(collection.rules.name, id, { contact: winner });
      }
    }
    organisation.patch('Contacts', loser, { ContactStatus: 'ARCHIVED', MergedToContactID: winner });
    const { IsCustomer, IsSupplier } = gone.fields;
    organisation.patch('Contacts', winner, {
      IsCustomer: kept.fields.IsCustomer === true || IsCustomer === true,
      IsSupplier: kept.fields.IsSupplier === true || IsSupplier === true,
    });
  });
}
