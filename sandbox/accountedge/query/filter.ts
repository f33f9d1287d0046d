import { refusal } from '../problem.ts';
import type { Field, Members, Shape } from '../shape.ts';
import { guid, moment, text, number as numberField } from '../shape.ts';
import type { Switches } from '../switches.ts';
import { parseFilter, type Condition, type Operator } from './grammar.ts';
import type { Literal } from './tokens.ts';

/** What a filter lets through, and what it says about the two members that are found without scanning. */
export interface Filter {
  matches(record: Members): boolean;
  /** No record last modified before this, as told, can match. */
  modifiedSince: number | undefined;
  /** Only this record can match. */
  uid: string | undefined;
}

/** Members every record has beside its own. */
const BASE: Shape = {
  UID: guid(),
  RowVersion: text(),
  Created: moment(),
  LastModified: moment(),
};

/** What can be asked of a link. */
const LINK: Shape = { UID: guid(), Name: text(), Number: text(), Code: text(), DisplayID: text() };

const MEMOS = ['JournalMemo', 'Memo', 'Notes', 'Description', 'Comment'];

type Kind = 'text' | 'number' | 'flag' | 'moment' | 'guid';
type Test = (record: Members) => boolean;
type Scope = ReadonlyMap<string, Shape>;

/** Reads a filter over records of this shape; anything not understood is InvalidQuery. */
export function readFilter(source: string, shape: Shape, switches: Switches): Filter {
  const condition = parseFilter(source);
  const compiler = new Compiler({ ...BASE, ...shape }, switches);
  const matches = compiler.test(condition, new Map());
  return { matches, ...boundsOf(condition) };
}

/** A member to sort by: only those that hold one value. */
export function requireSortable(path: readonly string[], shape: Shape): void {
  kindOf(path, { ...BASE, ...shape }, '$orderby');
}

class Compiler {
  private readonly shape: Shape;
  private readonly switches: Switches;

  constructor(shape: Shape, switches: Switches) {
    this.shape = shape;
    this.switches = switches;
  }

  test(condition: Condition, variables: Scope): Test {
    switch (condition.kind) {
      case 'and': {
        const [left, right] = [this.test(condition.left, variables), this.test(condition.right, variables)];
        return (record) => left(record) && right(record);
      }
      case 'or': {
        const [left, right] = [this.test(condition.left, variables), this.test(condition.right, variables)];
        return (record) => left(record) || right(record);
      }
      case 'compare':
        return this.compare(condition, variables);
      case 'match': {
        const { how, text, field } = condition;
        if (!this.known(field, variables, 'text')) return always;
        if (!this.switches.memoFilters && MEMOS.includes(field.at(-1) ?? '')) throw refusal('InvalidQuery', '$filter');
        return (record) => {
          const value = at(record, field);
          if (typeof value !== 'string') return false;
          if (how === 'substringof') return value.includes(text);
          return how === 'startswith' ? value.startsWith(text) : value.endsWith(text);
        };
      }
      case 'flag':
        if (!this.known(condition.field, variables, 'flag')) return always;
        return (record) => at(record, condition.field) === true;
      case 'lambda':
        return this.lambda(condition, variables);
    }
  }

  private compare({ operator, field, literal }: Extract<Condition, { kind: 'compare' }>, variables: Scope): Test {
    if (operator === 'ne' && !this.switches.filterNotEqual) throw refusal('InvalidQuery', '$filter');
    const kind = literal.kind === 'null' ? undefined : literal.kind;
    if (!this.known(field, variables, kind)) return always;
    if (!this.switches.memoFilters && MEMOS.includes(field.at(-1) ?? '')) throw refusal('InvalidQuery', '$filter');
    if (literal.kind === 'null' && operator !== 'eq' && operator !== 'ne') throw refusal('InvalidQuery', '$filter');
    return (record) => holds(operator, at(record, field), literal);
  }

  private lambda({ how, field, variable, inner }: Extract<Condition, { kind: 'lambda' }>, variables: Scope): Test {
    const list = fieldAt(field, this.shape, variables);
    if (list?.kind !== 'list') {
      if (this.switches.unknownFilterField === 'ignore') return always;
      throw refusal('InvalidQuery', '$filter');
    }
    const row: Shape = list.row === undefined ? {} : { [list.row]: numberField(), RowVersion: text() };
    const flat: Shape = list.flatLink === undefined ? {} : { UID: guid() };
    const scope = new Map(variables).set(variable, { ...row, ...flat, ...list.fields });
    const test = inner ? this.test(inner, scope) : always;
    return (record) => {
      const lines = at(record, field);
      if (!Array.isArray(lines)) return how === 'all';
      const check = (line: Members) => test({ ...record, [variable]: line });
      return how === 'any' ? lines.some(check) : lines.every(check);
    };
  }

  /** Whether the member exists and holds what it is compared with; false when unknown members are ignored. */
  private known(field: readonly string[], variables: Scope, kind: Kind | undefined): boolean {
    const found = fieldAt(field, this.shape, variables);
    if (!found) {
      if (this.switches.unknownFilterField === 'ignore') return false;
      throw refusal('InvalidQuery', '$filter');
    }
    // A whole link or group can only be asked whether it is there.
    if (kind !== undefined && comparedAs(found) !== kind) throw refusal('InvalidQuery', '$filter');
    return true;
  }
}

function kindOf(path: readonly string[], shape: Shape, option: string): Kind {
  const field = fieldAt(path, shape, new Map());
  const kind = field && comparedAs(field);
  if (kind === undefined) throw refusal('InvalidQuery', option);
  return kind;
}

function comparedAs(field: Field): Kind | undefined {
  switch (field.kind) {
    case 'text':
    case 'choice':
      return 'text';
    case 'number':
      return 'number';
    case 'flag':
      return 'flag';
    case 'date':
    case 'moment':
      return 'moment';
    case 'guid':
      return 'guid';
    case 'link':
    case 'group':
    case 'list':
    case 'words':
      return undefined;
  }
}

/** The field at the end of a path; letters count. */
function fieldAt(path: readonly string[], shape: Shape, variables: Scope): Field | undefined {
  let fields: Shape | undefined = shape;
  let field: Field | undefined;
  for (const [index, name] of path.entries()) {
    const scope = index === 0 ? variables.get(name) : undefined;
    if (scope) {
      fields = scope;
      continue;
    }
    field = fields && Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!field) return undefined;
    fields = field.kind === 'link' ? LINK : field.kind === 'group' ? field.fields : undefined;
  }
  return field;
}

export function at(record: Members, path: readonly string[]): unknown {
  let value: unknown = record;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Members)[name];
  }
  return value;
}

function holds(operator: Operator, value: unknown, literal: Literal): boolean {
  if (literal.kind === 'null') return (operator === 'eq') === ((value ?? null) === null);
  if (value === null || value === undefined) return operator === 'ne';
  const [left, right] = [comparable(value, literal.kind), literal.value];
  switch (operator) {
    case 'eq':
      return left === right;
    case 'ne':
      return left !== right;
    case 'gt':
      return left > right;
    case 'ge':
      return left >= right;
    case 'lt':
      return left < right;
    case 'le':
      return left <= right;
  }
}

function comparable(value: unknown, kind: Literal['kind']): string | number | boolean {
  // What is shown is well formed, and a poll compares it for every record.
  if (kind === 'moment') return Date.parse(`${String(value)}Z`);
  return value as string | number | boolean;
}

const always: Test = () => true;

/** What has to hold whatever the rest of the filter says. */
function boundsOf(condition: Condition): { modifiedSince: number | undefined; uid: string | undefined } {
  if (condition.kind === 'and') {
    const [left, right] = [boundsOf(condition.left), boundsOf(condition.right)];
    const moments = [left.modifiedSince, right.modifiedSince].filter((each) => each !== undefined);
    return { modifiedSince: moments.length === 0 ? undefined : Math.max(...moments), uid: left.uid ?? right.uid };
  }
  const nothing = { modifiedSince: undefined, uid: undefined };
  if (condition.kind !== 'compare' || condition.field.length !== 1) return nothing;
  const { field, operator, literal } = condition;
  if (field[0] === 'LastModified' && literal.kind === 'moment' && ['ge', 'gt', 'eq'].includes(operator)) {
    return { ...nothing, modifiedSince: literal.value };
  }
  return field[0] === 'UID' && operator === 'eq' && literal.kind === 'guid'
    ? { ...nothing, uid: literal.value }
    : nothing;
}
