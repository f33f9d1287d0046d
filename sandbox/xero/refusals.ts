/** What the vendor says no with. Rules throw these; the border turns them into its envelopes (sheet 2.4). */

/** The request as a whole cannot be followed: bad JSON, an unknown filter field, nothing sent. */
export class RequestRefused extends Error {
  readonly number: number;
  readonly type: string;

  constructor(number: number, type: string, message: string) {
    super(message);
    this.number = number;
    this.type = type;
  }
}

/** A value of the wrong JSON type, an unknown enumeration member, a date in no accepted form. */
export function invalidData(message: string): RequestRefused {
  return new RequestRefused(14, 'PostDataInvalidException', message);
}

/** A filter or order that cannot be followed. The number is the border's business, because it is uncertain. */
export class QueryRefused extends Error {}

/** An unknown address, or an element that names an id nobody has: the whole request is 404. */
export class NotFound extends Error {
  constructor() {
    super('The resource you are looking for cannot be found');
  }
}

/** An answer that is a bare status. */
export class BareStatus extends Error {
  readonly status: number;

  constructor(status: number) {
    super(String(status));
    this.status = status;
  }
}

/** What is wrong with one element, by the place at which the vendor says it. */
export interface Problems {
  element: string[];
  /** By index of the line item. */
  lines: Map<number, string[]>;
  contact: string[];
}

export function noProblems(): Problems {
  return { element: [], lines: new Map(), contact: [] };
}

export function isClean(problems: Problems): boolean {
  return problems.element.length === 0 && problems.lines.size === 0 && problems.contact.length === 0;
}

/** One element of a request breaks a business rule. */
export class ElementRefused extends Error {
  readonly problems: Problems;

  constructor(problems: Problems) {
    super([...problems.element, ...[...problems.lines.values()].flat(), ...problems.contact].join(' '));
    this.problems = problems;
  }
}

export function refused(...messages: string[]): ElementRefused {
  return new ElementRefused({ ...noProblems(), element: messages });
}
