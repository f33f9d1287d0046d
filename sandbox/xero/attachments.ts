import { decimal as exact } from '../amounts.ts';
import { msDate, timeString } from './calendar.ts';
import type { Stored } from './collection.ts';
import type { Attachment, Note, Organisation } from './organisation.ts';
import { refused } from './refusals.ts';

/** Files and notes that hang on documents, contacts and accounts (sheet 3.1). */

const MOST = 10;
const LARGEST = 10 * 1024 * 1024;
const FORBIDDEN = /[<>:"/\\|?*\0+]/;
const LONGEST_NOTE = 2500;

const keyOf = ({ rules, id }: Stored) => `${rules.name}/${id}`;

export function attachmentsOf(organisation: Organisation, stored: Stored): readonly Attachment[] {
  return organisation.attachments.get(keyOf(stored)) ?? [];
}

/** Adds a file, or replaces the one of the same name. */
export function attach(
  organisation: Organisation,
  stored: Stored,
  file: { name: string; type: string; content: Buffer; online: boolean },
): Attachment {
  const { name, type, content, online } = file;
  if (name === '' || FORBIDDEN.test(name)) throw refused('The file name holds characters that are not allowed.');
  if (content.length === 0) throw refused('The file is empty.');
  if (content.length > LARGEST) throw refused('The file is larger than 10 MB.');
  const before = attachmentsOf(organisation, stored);
  const same = before.find((each) => each.name === name);
  if (!same && before.length >= MOST) throw refused('An object may have 10 attachments at most.');
  const attachment: Attachment = {
    id: same?.id ?? organisation.random.uuid(),
    name,
    type,
    length: content.length,
    online,
    content: content.toString('base64'),
  };
  organisation.attachments.set(keyOf(stored), [...before.filter((each) => each !== same), attachment]);
  touch(organisation, stored);
  return attachment;
}

/** The object itself does not change; whether its webhook tells of what hangs on it is uncertain. */
function touch(organisation: Organisation, stored: Stored): void {
  const tells = organisation.switches.attachmentTellsParent;
  organisation.patch(stored.rules.name, stored.id, {}, { silent: !tells });
}

export function attachmentText(stored: Stored, attachment: Attachment, base: string): string {
  const { id, name, type, length, online } = attachment;
  return JSON.stringify({
    AttachmentID: id,
    FileName: name,
    Url: `${base}/api.xro/2.0/${stored.rules.name}/${stored.id}/Attachments/${encodeURIComponent(name)}`,
    MimeType: type,
    ContentLength: length,
    IncludeOnline: online,
  });
}

export function addNote(organisation: Organisation, stored: Stored, details: unknown): Note {
  if (typeof details !== 'string' || details.trim() === '') throw refused('Details must be specified.');
  if (details.length > LONGEST_NOTE) throw refused('Details may have 2500 characters at most.');
  const note: Note = { at: organisation.now(), details };
  const key = keyOf(stored);
  organisation.notes.set(key, [...(organisation.notes.get(key) ?? []), note]);
  touch(organisation, stored);
  return note;
}

/** The newest first: notes, and what the vendor itself remembers. */
export function historyOf(organisation: Organisation, stored: Stored): string[] {
  const notes = organisation.notes.get(keyOf(stored)) ?? [];
  const entries = notes.map((note) => historyText('Note', note.at, note.details));
  const total = stored.fields.Total === undefined ? '' : ` for ${exact(stored.fields.Total).toFixed(2)}`;
  if (stored.updatedAt > stored.createdAt) {
    entries.push(historyText('Edited', stored.updatedAt, `Updated through the Xero API.`));
  }
  entries.unshift(historyText('Created', stored.createdAt, `${stored.rules.singular} created${total}.`));
  return entries.reverse();
}

export function historyText(changes: string, at: number, details: string): string {
  return JSON.stringify({
    Changes: changes,
    DateUTCString: timeString(at),
    DateUTC: msDate(at),
    User: 'System Generated',
    Details: details,
  });
}
