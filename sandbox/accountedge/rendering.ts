import { NO_TIME, SECOND, stamp, MINUTE } from './calendar.ts';
import type { CompanyFile } from './company-file.ts';
import { pathOf, type Line, type Stored } from './record.ts';
import { shapeOf } from './rules.ts';
import type { Field, Link, Members, Shape } from './shape.ts';

/** Stands for the address of the company file in texts that are kept; no address holds it. */
const HERE = '\uE0CF';

/** An address below the company file, for texts that are kept. */
export function addressInText(path: string): string {
  return `${HERE}/${path}`;
}

/** `LastModified` as it is told, in milliseconds; undefined when it is not. */
export function toldLastModified(stored: Stored, file: CompanyFile): number | undefined {
  const { lastModifiedOf, lastModifiedOffsetMinutes, lastModifiedPrecision } = file.switches;
  if (lastModifiedOf === 'transactions' && stored.rules.group !== 'transaction') return undefined;
  const shifted = stored.lastModified + lastModifiedOffsetMinutes * MINUTE;
  return lastModifiedPrecision === 's' ? shifted - (shifted % SECOND) : shifted;
}

/** The record as a client sees it, with names and addresses in its links; not to be changed. */
export function shownRecord(stored: Stored, file: CompanyFile): Members {
  const kept = stored.shown;
  if (kept && kept.epoch === file.textEpoch && !stored.rules.moving) return kept.object;
  const { rules, layout, members } = stored;
  const shape = shapeOf(rules, layout);
  const object: Members = { UID: stored.uid };
  const moving = rules.moving?.(stored, file);
  for (const [name, field] of Object.entries(shape)) {
    object[name] = shownValue(field, moving?.[name] ?? members[name], file);
  }
  for (const [name, value] of Object.entries(moving ?? {})) if (!(name in shape)) object[name] = value;
  object.URI = rules.single ? `${HERE}/${rules.name}` : `${HERE}/${pathOf(stored)}/${stored.uid}`;
  const told = toldLastModified(stored, file);
  object.Created = stamp(stored.created);
  object.LastModified = told === undefined ? NO_TIME : stamp(told);
  object.RowVersion = stored.rowVersion;
  stored.shown = { epoch: file.textEpoch, object };
  return object;
}

/** JSON of a record; addresses still have to be put in by `withAddresses`. */
export function textOf(stored: Stored, file: CompanyFile): string {
  const object = shownRecord(stored, file);
  if (stored.rules.moving || !stored.shown) return JSON.stringify(object);
  return (stored.shown.text ??= JSON.stringify(object));
}

/** What the header-only list of sales and purchases shows: no lines, and the layout (sheet 5.3). */
export function shownHeader(stored: Stored, file: CompanyFile): Members {
  const { rules, layout } = stored;
  const object = shownRecord(stored, file);
  if (stored.shown?.header) return stored.shown.header;
  const header: Members = { UID: object.UID };
  for (const name of Object.keys(rules.fields)) header[name] = object[name] ?? null;
  if (rules.layoutMember !== undefined) header[rules.layoutMember] = layout;
  for (const name of ['URI', 'Created', 'LastModified', 'RowVersion']) header[name] = object[name];
  if (stored.shown) stored.shown.header = header;
  return header;
}

export function headerTextOf(stored: Stored, file: CompanyFile): string {
  shownRecord(stored, file);
  if (!stored.shown) return JSON.stringify(shownHeader(stored, file));
  return (stored.shown.headerText ??= JSON.stringify(shownHeader(stored, file)));
}

/** Puts the address of the company file in, or takes the URI members out. */
export function withAddresses(text: string, address: string, generateUris: boolean): string {
  return generateUris ? text.replaceAll(HERE, address) : text.replaceAll(/,"URI":"\uE0CF[^"]*"/g, '');
}

export function addressOf(stored: Stored, address: string): string {
  return `${address}/${pathOf(stored)}/${stored.uid}`;
}

function shownValue(field: Field, value: unknown, file: CompanyFile): unknown {
  if (value === null || value === undefined) return field.kind === 'list' || field.kind === 'words' ? [] : null;
  switch (field.kind) {
    case 'link':
      return shownLink((value as Link).UID, field.to, file);
    case 'group':
      return shownGroup(field.fields, value as Members, file);
    case 'list':
      return (value as Line[]).map((line) => {
        const shown = shownGroup(field.fields, line, file);
        if (field.row !== undefined) {
          return { [field.row]: line[field.row], ...shown, RowVersion: line.RowVersion };
        }
        if (field.flatLink === undefined) return shown;
        return { UID: line.UID, ...shown, ...flatLink(String(line.UID), file) };
      });
    case 'choice':
      return value === 'Prepaid' ? file.switches.prepaidSpelling : value;
    case 'text':
    case 'number':
    case 'flag':
    case 'date':
    case 'guid':
    case 'moment':
    case 'words':
      return value;
  }
}

function shownGroup(shape: Shape, members: Members, file: CompanyFile): Members {
  const object: Members = {};
  for (const [name, field] of Object.entries(shape)) object[name] = shownValue(field, members[name], file);
  return object;
}

function shownLink(uid: string, to: readonly string[], file: CompanyFile): Members | null {
  const target = file.find(uid);
  if (!target) return { UID: uid, URI: `${HERE}/${to[0] ?? ''}/${uid}` };
  return { UID: uid, ...target.rules.linkMembers(target.members), URI: `${HERE}/${pathOf(target)}/${uid}` };
}

function flatLink(uid: string, file: CompanyFile): Members {
  const target = file.find(uid);
  return target ? { Number: target.members.Number, URI: `${HERE}/${pathOf(target)}/${uid}` } : { Number: null };
}
