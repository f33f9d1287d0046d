/** Days and instants as the vendor writes them (sheet 2.4): `YYYY-MM-DD`, and UTC with milliseconds and `Z`. */

export const DAY = 86_400_000;
const LAST_DAY = Date.UTC(9999, 11, 31);

const zones = new Map<string, Intl.DateTimeFormat>();

/** The calendar day at an instant in a time zone such as `America/Toronto`. */
export function dayIn(timezone: string, instant: number): string {
  let format = zones.get(timezone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: timezone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    zones.set(timezone, format);
  }
  return format.format(instant);
}

/** True for a calendar day that exists, such as 2024-02-29. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const instant = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(text);
}

/** Held to the last day that has four digits for its year. */
export function addDays(day: string, days: number): string {
  const instant = Math.min(Date.parse(`${day}T00:00:00Z`) + days * DAY, LAST_DAY);
  return new Date(instant).toISOString().slice(0, 10);
}

const STAMP = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/i;

/** Milliseconds since the epoch; a time without an offset is UTC. Undefined when the text is no instant. */
export function readInstant(text: string): number | undefined {
  const trimmed = text.trim();
  if (!STAMP.test(trimmed)) return undefined;
  const hasOffset = trimmed.length === 10 || /(?:Z|[+-]\d{2}:?\d{2})$/i.test(trimmed.slice(11));
  const instant = Date.parse(hasOffset ? trimmed : `${trimmed}Z`);
  return Number.isNaN(instant) ? undefined : instant;
}
