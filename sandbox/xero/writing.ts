import type { Stored } from './collection.ts';
import type { Organisation } from './organisation.ts';
import { ElementRefused, isClean, noProblems, NotFound, refused, type Problems } from './refusals.ts';
import type { Draft, ResourceRules } from './rules.ts';
import { isObject, readFields, type Body } from './shape.ts';

/** PUT makes, POST makes or changes; a request is followed wholly, or element by element (sheets 2.5 and 5). */

export interface WriteCall {
  organisation: Organisation;
  rules: ResourceRules;
  verb: 'PUT' | 'POST';
  unitDecimals: 2 | 4;
  /** What the app makes is told apart from what a person makes (`createdByMyApp`). */
  byApp: boolean;
}

/** What became of one element. */
export interface Outcome {
  input: Body;
  /** The stored object as the write left it; absent when the element was refused. */
  stored: Stored | undefined;
  problems: Problems | undefined;
  warnings: string[];
  /** The id an element asked to change, for the echo of a refusal. */
  id: string | undefined;
}

interface ReadElement {
  input: Body;
  problems: Problems;
  existing: Stored | undefined;
  /** Names an object of its own by id, so that a PUT cannot be meant. */
  named: boolean;
}

/**
 * Follows every element. With `each`, what is refused stays out and the rest is saved; otherwise one refusal undoes all.
 * A body that cannot be read, or an id that nobody has, refuses the request before anything is done.
 */
export function writeAll(call: WriteCall, elements: readonly unknown[], each: boolean, pathKey?: string): Outcome[] {
  const { organisation, rules } = call;
  const read = elements.map((element, index) => readElement(call, element, `${rules.name}[${index}]`, pathKey));
  if (each) return read.map((element) => organisation.transaction(() => attempt(call, element)));
  const outcomes: Outcome[] = [];
  try {
    organisation.transaction(() => {
      for (const element of read) outcomes.push(attempt(call, element));
      if (outcomes.some((outcome) => outcome.problems)) throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
  }
  return outcomes;
}

/** Takes back what the valid elements did. */
class Undone extends Error {}

function readElement(call: WriteCall, element: unknown, path: string, pathKey: string | undefined): ReadElement {
  const { rules, organisation, verb } = call;
  const problems = noProblems();
  const input = readFields(rules.shape, element, path, problems.element);
  const sentId = isObject(element) ? input[rules.idField] : undefined;
  const existing = pathKey !== undefined ? findByPath(organisation, rules, pathKey) : findById(call, sentId);
  if (pathKey !== undefined && !existing) throw new NotFound();
  const named = typeof sentId === 'string' && rules.shape[rules.idField]?.kind === 'guid';
  if (verb === 'POST' && pathKey === undefined && named && !existing) throw new NotFound();
  return { input, problems, existing, named };
}

function findById({ organisation, rules }: WriteCall, id: unknown): Stored | undefined {
  return organisation.find(rules.name, id);
}

/** The object a path names by id, number or code. */
export function findByPath(organisation: Organisation, rules: ResourceRules, key: string): Stored | undefined {
  return (
    organisation.find(rules.name, key.toLowerCase()) ??
    organisation.find(rules.name, key) ??
    rules.findByKey?.(organisation, key)
  );
}

function attempt(call: WriteCall, element: ReadElement): Outcome {
  const { organisation } = call;
  const warnings: string[] = [];
  try {
    const stored = organisation.transaction(() => saveElement(call, element, warnings));
    return { input: element.input, stored, problems: undefined, warnings, id: stored.id };
  } catch (error) {
    if (!(error instanceof ElementRefused)) throw error;
    return {
      input: element.input,
      stored: undefined,
      problems: error.problems,
      warnings,
      id: element.existing?.id,
    };
  }
}

function saveElement(call: WriteCall, element: ReadElement, warnings: string[]): Stored {
  const { organisation, rules, verb, unitDecimals, byApp } = call;
  const { input, problems, named } = element;
  if (verb === 'PUT' && named) throw refused(`${rules.idField} cannot be given to a new ${rules.singular}.`);
  const previous = verb === 'PUT' ? undefined : (element.existing ?? rules.natural?.(organisation, input));
  const draft: Draft = {
    organisation,
    rules,
    fields: previous ? { ...previous.fields, ...input } : { ...input },
    input,
    previous,
    problems,
    warnings,
    unitDecimals,
    silent: false,
  };
  if (!previous) draft.fields.createdByApp = byApp;
  rules.settle(draft);
  if (!isClean(problems)) throw new ElementRefused(problems);
  const id = previous?.id ?? idOf(draft);
  draft.fields[rules.idField] = id;
  const stored = organisation.put(rules.name, id, draft.fields, { silent: draft.silent });
  rules.effects?.(draft, stored);
  return organisation.find(rules.name, id) as Stored;
}

/** The rules may have given an id already: a currency and a tax rate are named by their own code. */
function idOf({ organisation, rules, fields }: Draft): string {
  const own = fields[rules.idField];
  return typeof own === 'string' ? own : organisation.random.uuid();
}

/** Saves one object outside a request: seeds, objects within others, what a person does. Throws what is refused. */
export function save(call: Omit<WriteCall, 'unitDecimals'> & { unitDecimals?: 2 | 4 }, element: Body): Stored {
  const whole: WriteCall = { unitDecimals: 4, ...call };
  const read = readElement(whole, element, call.rules.name, undefined);
  return call.organisation.transaction(() => saveElement(whole, read, []));
}
