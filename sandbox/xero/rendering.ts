import { Decimal } from '../amounts.ts';
import { dayString, midnight, msDate, timeString } from './calendar.ts';
import type { Body, DecimalField, Field, Level, Shape, View } from './shape.ts';

/**
 * Objects as the vendor's JSON text. It is written by hand because numbers keep their trailing zeros on the wire
 * (`40.00`, `1.0000000000`), which no number of JavaScript can.
 */

const RANK: Readonly<Record<Level, number>> = { list: 0, page: 1, single: 2 };

/** The members of an object as text, without braces. */
export function membersOf(shape: Shape, holder: Body, view: View): string {
  const parts: string[] = [];
  for (const name of Object.keys(shape)) {
    const field = shape[name] as Field;
    if (view.summary && field.detail) continue;
    const hidden = RANK[view.level] < RANK[field.from];
    if (hidden && field.below === 'absent') continue;
    const value = hidden ? undefined : field.derive ? field.derive(holder, view) : holder[name];
    const text = textOf(field, value, holder, view);
    if (text === undefined) continue;
    parts.push(`"${name}":${text}`);
    const companion = companionOf(field, value);
    if (companion !== undefined) parts.push(companion);
  }
  return parts.join(',');
}

export function render(shape: Shape, holder: Body, view: View): string {
  return `{${membersOf(shape, holder, view)}}`;
}

function textOf(field: Field, value: unknown, holder: Body, view: View): string | undefined {
  if (field.kind === 'embedded') return embeddedText(field.target(holder), view);
  if (value === undefined || value === null) {
    const showsEmpty = field.kind === 'list' && (field.below === 'empty' || RANK[view.level] >= RANK[field.from]);
    return showsEmpty ? '[]' : undefined;
  }
  switch (field.kind) {
    case 'text':
    case 'guid':
    case 'choice':
      return JSON.stringify(value);
    case 'flag':
    case 'whole':
      return String(value);
    case 'decimal':
      return decimalText(field, value as string, view);
    case 'day':
      return `"${msDate(midnight(value as string), field.offset)}"`;
    case 'instant':
      return `"${msDate(value as number, field.offset === 'whenRead' ? !view.written : field.offset)}"`;
    case 'group':
      return render(field.fields, value as Body, view);
    case 'list':
      return `[${(value as Body[]).map((item) => render(field.of.fields, item, view)).join(',')}]`;
  }
}

function decimalText(field: DecimalField, value: string, view: View): string {
  const places = field.places === 'unit' ? view.unitDecimals : field.places;
  return new Decimal(value).toFixed(places);
}

function companionOf(field: Field, value: unknown): string | undefined {
  if (field.kind === 'day' && field.companion !== undefined) {
    return `"${field.companion}":"${dayString(value as string)}"`;
  }
  if (field.kind === 'instant' && field.companion !== undefined) {
    return `"${field.companion}":"${timeString(value as number)}${field.companion.startsWith('Updated') ? 'Z' : ''}"`;
  }
  return undefined;
}

function embeddedText(target: { resource: string; id: string } | undefined, view: View): string | undefined {
  if (!target) return undefined;
  const stored = view.organisation.find(target.resource, target.id);
  if (!stored) return undefined;
  const { rules, fields } = stored;
  return view.level === 'single' ? render(rules.shape, fields, view) : `{${rules.outline(fields, view)}}`;
}
