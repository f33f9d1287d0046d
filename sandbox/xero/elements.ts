import { ZERO_GUID } from './answer.ts';
import { dayString, midnight, msDate } from './calendar.ts';
import { noProblems, type Problems } from './refusals.ts';
import { membersOf } from './rendering.ts';
import type { ResourceRules } from './rules.ts';
import type { Body, Field, Shape, View } from './shape.ts';
import type { Switches } from './switches.ts';
import type { Outcome } from './writing.ts';

/** What an answer says of each element of a write: the stored object, or an echo of what was asked (sheet 2.5). */

/** The stored object with its outcome; a status of its own only where elements are told apart. */
export function savedElement(outcome: Outcome, view: View, each: boolean): string {
  const { stored, warnings } = outcome;
  if (!stored) throw new Error('an element that was refused is shown as saved');
  const status = each ? `"StatusAttributeString":"${warnings.length > 0 ? 'WARNING' : 'OK'}",` : '';
  const told = warnings.length > 0 ? `,"Warnings":${messages(warnings, 'Message')}` : '';
  return `{${status}${membersOf(stored.rules.shape, stored.fields, view)}${told}}`;
}

/** The values as they were asked for, whatever is stored, with the zero id for what was to be made. */
export function refusedElement(rules: ResourceRules, outcome: Outcome, view: View, each: boolean): string {
  const { switches } = view.organisation;
  const problems = outcome.problems ?? noProblems();
  const id = outcome.id ?? (rules.shape[rules.idField]?.kind === 'guid' ? ZERO_GUID : undefined);
  const { [rules.idField]: _sent, ...input } = outcome.input;
  const parts = [
    ...(each ? ['"StatusAttributeString":"ERROR"'] : []),
    ...(id === undefined ? [] : [`"${rules.idField}":${JSON.stringify(id)}`]),
    ...echoMembers(rules.shape, input, problems, switches),
    `"${rules.errorFlag}":true`,
    `"ValidationErrors":${messages(allOf(problems, switches), switches.errorText)}`,
  ];
  if (outcome.warnings.length > 0) parts.push(`"Warnings":${messages(outcome.warnings, switches.errorText)}`);
  return `{${parts.join(',')}}`;
}

/** Messages of parts stand on the parts, and on the element too where that is switched on. */
function allOf(problems: Problems, { nestedErrors }: Switches): string[] {
  if (nestedErrors === 'nested') return problems.element;
  return [...new Set([...problems.element, ...[...problems.lines.values()].flat(), ...problems.contact])];
}

function messages(texts: readonly string[], member: string): string {
  return JSON.stringify(texts.map((text) => ({ [member]: text })));
}

function echoMembers(shape: Shape, input: Body, problems: Problems, switches: Switches): string[] {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(input)) {
    const field = shape[name];
    if (!field || value === undefined) continue;
    if (name === 'LineItems' && field.kind === 'list') {
      const lines = (value as Body[]).map((line, index) => {
        const told = messages(problems.lines.get(index) ?? [], switches.errorText);
        return `{${[...echoMembers(field.of.fields, line, noProblems(), switches), `"ValidationErrors":${told}`].join(',')}}`;
      });
      parts.push(`"LineItems":[${lines.join(',')}]`);
    } else if (name === 'Contact') {
      const told = problems.contact.map((text) => ({ [switches.errorText]: text }));
      parts.push(`"Contact":${JSON.stringify({ ...(value as Body), ValidationErrors: told })}`);
    } else parts.push(`"${name}":${echoOf(field, value, switches)}`);
    if (field.kind === 'day' && field.companion !== undefined) {
      parts.push(`"${field.companion}":"${dayString(value as string)}"`);
    }
  }
  return parts;
}

function echoOf(field: Field, value: unknown, switches: Switches): string {
  switch (field.kind) {
    case 'day':
      return `"${msDate(midnight(value as string))}"`;
    case 'decimal':
      return String(value);
    case 'group':
      return `{${echoMembers(field.fields, value as Body, noProblems(), switches).join(',')}}`;
    case 'list':
      return `[${(value as Body[]).map((item) => `{${echoMembers(field.of.fields, item, noProblems(), switches).join(',')}}`).join(',')}]`;
    case 'text':
    case 'guid':
    case 'choice':
    case 'whole':
    case 'flag':
    case 'instant':
    case 'embedded':
      return JSON.stringify(value);
  }
}
