import { Decimal } from '../../amounts.ts';
import { folded } from '../folding.ts';
import { QueryRefused } from '../refusals.ts';
import type { Body, Shape, View } from '../shape.ts';
import { parseFilter, type Expression, type Method, type Operand, type Operator } from './grammar.ts';
import { pathOf, type Value, type ValueKind } from './paths.ts';

export interface Filter {
  /** Throws QueryRefused when it meets nothing where it needs a text. */
  test(fields: Body, view: View): boolean;
  /** Every path it looks at. */
  paths: ReadonlySet<string>;
  /** Texts that a path has to equal for any object to fit, folded: a way to skip the rest. */
  equalities: ReadonlyMap<string, string>;
}

interface Getter {
  kind: ValueKind | 'null';
  path: string | undefined;
  constant: Value;
  get(fields: Body, view: View): Value;
}

type Test = (fields: Body, view: View) => boolean;

export function compileFilter(text: string, shape: Shape, summary: boolean): Filter {
  const compiler = new Compiler(shape, summary);
  const expression = parseFilter(text);
  const test = compiler.test(expression);
  return { test, paths: compiler.paths, equalities: compiler.equalities(expression) };
}

class Compiler {
  readonly paths = new Set<string>();
  private readonly shape: Shape;
  private readonly summary: boolean;

  constructor(shape: Shape, summary: boolean) {
    this.shape = shape;
    this.summary = summary;
  }

  test(expression: Expression): Test {
    switch (expression.kind) {
      case 'and': {
        const [left, right] = [this.test(expression.left), this.test(expression.right)];
        return (fields, view) => left(fields, view) && right(fields, view);
      }
      case 'or': {
        const [left, right] = [this.test(expression.left), this.test(expression.right)];
        return (fields, view) => left(fields, view) || right(fields, view);
      }
      case 'compare':
        return compare(expression.operator, this.getter(expression.left), this.getter(expression.right));
      case 'truth': {
        const { kind, get } = this.getter(expression.operand);
        if (kind !== 'flag') throw new QueryRefused("Expression of type 'Boolean' expected");
        return (fields, view) => get(fields, view) === true;
      }
    }
  }

  equalities(expression: Expression): Map<string, string> {
    if (expression.kind === 'and') {
      return new Map([...this.equalities(expression.left), ...this.equalities(expression.right)]);
    }
    const found = new Map<string, string>();
    if (expression.kind !== 'compare' || expression.operator !== '==') return found;
    const sides = [this.getter(expression.left), this.getter(expression.right)];
    const path = sides.find((side) => side.path !== undefined)?.path;
    const constant = sides.find((side) => side.path === undefined)?.constant;
    if (path !== undefined && typeof constant === 'string') found.set(path, folded(constant));
    return found;
  }

  private getter(operand: Operand): Getter {
    const constant = (kind: Getter['kind'], value: Value): Getter => ({
      kind,
      path: undefined,
      constant: value,
      get: () => value,
    });
    switch (operand.kind) {
      case 'literal':
        if (operand.value === null) return constant('null', undefined);
        return constant(typeof operand.value === 'string' ? 'text' : 'flag', operand.value);
      case 'number':
        return constant('decimal', new Decimal(operand.text));
      case 'guid':
        return constant('text', operand.text.toLowerCase());
      case 'time':
        return constant('instant', operand.instant);
      case 'path': {
        const path = pathOf(this.shape, operand.names, this.summary);
        this.paths.add(path.name);
        return { kind: path.kind, path: path.name, constant: undefined, get: path.get };
      }
      case 'call':
        return this.call(operand.method, this.getter(operand.of), operand.argument && this.getter(operand.argument));
    }
  }

  private call(method: Method, of: Getter, argument: Getter | undefined): Getter {
    if (of.kind !== 'text' || (argument && argument.kind !== 'text')) {
      throw new QueryRefused(`No applicable method '${method}' exists in the type`);
    }
    const get = (fields: Body, view: View): Value => {
      const value = of.get(fields, view);
      const part = argument?.get(fields, view);
      if (typeof value !== 'string' || (argument && typeof part !== 'string')) {
        throw new QueryRefused('Object reference not set to an instance of an object.');
      }
      return callOn(method, value, typeof part === 'string' ? part : '');
    };
    const isText = method === 'tolower' || method === 'toupper';
    return { kind: isText ? 'text' : 'flag', path: undefined, constant: undefined, get };
  }
}

function callOn(method: Method, value: string, part: string): Value {
  const [whole, wanted] = [folded(value), folded(part)];
  switch (method) {
    case 'contains':
      return whole.includes(wanted);
    case 'startswith':
      return whole.startsWith(wanted);
    case 'endswith':
      return whole.endsWith(wanted);
    case 'tolower':
      return value.toLowerCase();
    case 'toupper':
      return value.toUpperCase();
  }
}

function compare(operator: Operator, left: Getter, right: Getter): Test {
  const comparable = left.kind === right.kind || left.kind === 'null' || right.kind === 'null';
  const isOrdering = operator !== '==' && operator !== '!=';
  if (!comparable || (isOrdering && (left.kind === 'flag' || left.kind === 'text'))) {
    throw new QueryRefused(`Operator '${operator}' incompatible with operand types`);
  }
  return (fields, view) => {
    const order = orderOf(left.get(fields, view), right.get(fields, view));
    switch (operator) {
      case '==':
        return order === 0;
      case '!=':
        return order !== 0;
      case '<':
        return order < 0;
      case '<=':
        return order <= 0;
      case '>':
        return order > 0;
      case '>=':
        return order >= 0;
    }
  };
}

/** Letter case and accents never matter; nothing equals only nothing, and is neither more nor less than anything. */
export function orderOf(a: Value, b: Value): number {
  if (a === undefined || b === undefined) return a === b ? 0 : Number.NaN;
  if (a instanceof Decimal && b instanceof Decimal) return a.comparedTo(b);
  if (typeof a === 'string' && typeof b === 'string') {
    const [left, right] = [folded(a), folded(b)];
    return left < right ? -1 : left > right ? 1 : 0;
  }
  return Number(a) - Number(b);
}
