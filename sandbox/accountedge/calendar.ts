/** Dates and times as the gateway writes them (sheet 4.1): no zone designator, document dates at midnight. */

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** What stands where no LastModified is told. */
export const NO_TIME = '0001-01-01T00:00:00';

const STAMP = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})(\.\d{1,3})?)?$/;

/** `2026-11-22T03:04:05.123`, UTC. */
export function stamp(instant: number): string {
  return new Date(instant).toISOString().slice(0, 23);
}

/** Milliseconds since the epoch of a date or time without zone, taken as UTC; undefined when it is neither. */
export function readStamp(text: string): number | undefined {
  const match = STAMP.exec(text);
  if (!match) return undefined;
  const [, day = '', time = '00:00:00', fraction = ''] = match;
  const instant = Date.parse(`${day}T${time}${fraction}Z`);
  if (Number.isNaN(instant) || !new Date(instant).toISOString().startsWith(day)) return undefined;
  return instant;
}

/** The calendar day of a document date, `2026-11-22`. */
export function dayOf(date: unknown): string {
  return typeof date === 'string' ? date.slice(0, 10) : '';
}

export function atMidnight(day: string): string {
  return `${day}T00:00:00`;
}

export function utcDay(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

export function addDays(day: string, days: number): string {
  return utcDay(Date.parse(`${day}T00:00:00Z`) + days * DAY);
}

/** The given day of the month `monthsLater` after `day`'s, held to the month's last day. */
export function dayOfMonth(day: string, monthsLater: number, wanted: number): string {
  const [year, month] = day.split('-').map(Number) as [number, number];
  const last = new Date(Date.UTC(year, month + monthsLater, 0)).getUTCDate();
  return utcDay(Date.UTC(year, month - 1 + monthsLater, Math.min(Math.max(wanted, 1), last)));
}
