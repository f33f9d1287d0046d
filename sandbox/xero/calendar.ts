/**
 * Dates and times as the vendor reads and writes them (sheet 2.3). A calendar day is kept as `YYYY-MM-DD` and travels as
 * midnight UTC of that day, whatever the organisation's zone is; an instant is kept in milliseconds since the epoch.
 */

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The zones of the seeded organisations by the vendor's names for them. */
const ZONES: Readonly<Record<string, string>> = {
  NEWZEALANDSTANDARDTIME: 'Pacific/Auckland',
  AUSEASTERNSTANDARDTIME: 'Australia/Sydney',
  EASTERNSTANDARDTIME: 'America/New_York',
  PACIFICSTANDARDTIME: 'America/Los_Angeles',
  GMTSTANDARDTIME: 'Europe/London',
  UTC: 'UTC',
};

const formats = new Map<string, Intl.DateTimeFormat>();

/** The calendar day in a zone named as the vendor names zones; UTC for a name that is not known. */
export function localDay(instant: number, zone: string): string {
  let format = formats.get(zone);
  if (!format) {
    // Canadian English writes days as YYYY-MM-DD.
    format = new Intl.DateTimeFormat('en-CA', { timeZone: ZONES[zone] ?? 'UTC', dateStyle: 'short' });
    formats.set(zone, format);
  }
  return format.format(instant);
}

/** `/Date(1793577600123+0000)/`, without the offset where the vendor leaves it out. */
export function msDate(instant: number, offset = true): string {
  return `/Date(${instant}${offset ? '+0000' : ''})/`;
}

export function midnight(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** `2026-11-01T00:00:00`: how the companion `…String` fields show a calendar day. */
export function dayString(day: string): string {
  return `${day}T00:00:00`;
}

/** A time without a zone, to the second. */
export function timeString(instant: number): string {
  return new Date(instant).toISOString().slice(0, 19);
}

const MS_DATE = /^\/Date\((-?\d+)(?:[+-]\d{4})?\)\/$/;
const ISO = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Reads a day in any form the vendor accepts; undefined for any other, such as `20260101`. */
export function readDay(text: string): string | undefined {
  const ms = MS_DATE.exec(text);
  if (ms) {
    const instant = new Date(Number(ms[1]));
    return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString().slice(0, 10);
  }
  const day = ISO.exec(text)?.[1];
  return day !== undefined && isDay(day) ? day : undefined;
}

/** True for a calendar day that exists, such as 2024-02-29. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const instant = midnight(text);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(text);
}

const ISO_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?$/i;
const RFC_1123 = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Reads a time stamp, UTC when it names no zone; undefined when it is none. */
export function readInstant(text: string): number | undefined {
  const trimmed = text.trim();
  if (RFC_1123.test(trimmed)) return Date.parse(trimmed);
  if (isDay(trimmed)) return midnight(trimmed);
  const match = ISO_TIME.exec(trimmed);
  if (!match) return undefined;
  const [, day, time = '', zone = 'Z'] = match;
  const instant = Date.parse(`${day}T${time.length === 5 ? `${time}:00` : time}${zone.toUpperCase()}`);
  return Number.isNaN(instant) ? undefined : instant;
}

export function addDays(day: string, days: number): string {
  return new Date(midnight(day) + days * DAY).toISOString().slice(0, 10);
}

/** The given day of a month counted from `day`'s month, held to the month's last day. */
export function dayOfMonth(day: string, monthsLater: number, wanted: number): string {
  const [year, month] = day.split('-').map(Number) as [number, number];
  const last = new Date(Date.UTC(year, month + monthsLater, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + monthsLater, Math.min(wanted, last))).toISOString().slice(0, 10);
}

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October'];
MONTHS.push('November', 'December');

/** `31 December 2025`, for messages. */
export function spelledDay(day: string): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  return `${date} ${MONTHS[month - 1]} ${year}`;
}
