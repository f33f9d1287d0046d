/**
 * Dates and time stamps as the vendor writes them (sheet 2.2): plain `YYYY-MM-DD` dates, and time stamps with a US
 * Pacific offset whatever the company's own zone is.
 */

const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** The instants, by year, between which US Pacific time is seven hours behind UTC instead of eight. */
const summers = new Map<number, { from: number; to: number }>();

function summer(year: number): { from: number; to: number } {
  let known = summers.get(year);
  if (!known) {
    const sunday = (month: number, nth: number) => {
      const first = new Date(Date.UTC(year, month, 1)).getUTCDay();
      return 1 + ((7 - first) % 7) + 7 * (nth - 1);
    };
    known = { from: Date.UTC(year, 2, sunday(2, 2), 10), to: Date.UTC(year, 10, sunday(10, 1), 9) };
    summers.set(year, known);
  }
  return known;
}

function pacificOffsetHours(instant: number): 7 | 8 {
  const { from, to } = summer(new Date(instant).getUTCFullYear());
  return instant >= from && instant < to ? 7 : 8;
}

/** `2026-02-03T09:14:05-08:00`: the form of MetaData times, second precision. */
export function pacificStamp(instant: number): string {
  const offset = pacificOffsetHours(instant);
  return `${new Date(instant - offset * HOUR).toISOString().slice(0, 19)}-0${offset}:00`;
}

/** `2026-02-03T09:14:05.481-08:00`: the form of the `time` in response envelopes. */
export function pacificStampWithMilliseconds(instant: number): string {
  const offset = pacificOffsetHours(instant);
  return `${new Date(instant - offset * HOUR).toISOString().slice(0, 23)}-0${offset}:00`;
}

/** The calendar day on the vendor's servers. */
export function pacificDate(instant: number): string {
  return new Date(instant - pacificOffsetHours(instant) * HOUR).toISOString().slice(0, 10);
}

export function utcDate(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

const STAMP = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * Reads a date or time stamp as milliseconds since the epoch; undefined when it is neither.
 * A time without an offset, and a plain date, are taken in Pacific time.
 */
export function readInstant(text: string): number | undefined {
  const match = STAMP.exec(text.trim());
  if (!match) return undefined;
  const [, day, time = '00:00:00', zone] = match;
  const offset = zone === undefined ? 'Z' : zone.toUpperCase() === 'Z' ? 'Z' : zone.replace(/^(...)(\d\d)$/, '$1:$2');
  const instant = Date.parse(`${day}T${time.length === 5 ? `${time}:00` : time}${offset}`);
  if (Number.isNaN(instant)) return undefined;
  return zone === undefined ? instant + pacificOffsetHours(instant + 8 * HOUR) * HOUR : instant;
}

/** True for a calendar day that exists, such as 2024-02-29. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const instant = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(text);
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

export function daysBetween(earlier: string, later: string): number {
  return Math.round((Date.parse(`${later}T00:00:00Z`) - Date.parse(`${earlier}T00:00:00Z`)) / DAY);
}

/** The given day of a month counted from `date`'s month, held to the month's last day. */
export function dayOfMonth(date: string, monthsLater: number, day: number): string {
  const [year, month] = date.split('-').map(Number) as [number, number];
  const last = new Date(Date.UTC(year, month - 1 + monthsLater + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + monthsLater, Math.min(day, last))).toISOString().slice(0, 10);
}
