import { refusal } from '../problem.ts';
import { tokensOf, type Literal, type Token } from './tokens.ts';

/** `$filter` as a tree (sheet 4.2). */
export type Condition =
  | { kind: 'and' | 'or'; left: Condition; right: Condition }
  | { kind: 'compare'; operator: Operator; field: string[]; literal: Literal }
  | { kind: 'match'; how: 'substringof' | 'startswith' | 'endswith'; field: string[]; text: string }
  | { kind: 'flag'; field: string[] }
  | { kind: 'lambda'; how: 'any' | 'all'; field: string[]; variable: string; inner: Condition | undefined };

export type Operator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

const OPERATORS: readonly string[] = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'];
const MATCHES: readonly string[] = ['substringof', 'startswith', 'endswith'];

export function parseFilter(filter: string): Condition {
  const parser = new Parser(tokensOf(filter));
  const condition = parser.either();
  parser.end();
  return condition;
}

class Parser {
  private readonly tokens: readonly Token[];
  private place = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  either(): Condition {
    let left = this.both();
    while (this.takeWord('or')) left = { kind: 'or', left, right: this.both() };
    return left;
  }

  end(): void {
    if (this.place < this.tokens.length) this.fail();
  }

  private both(): Condition {
    let left = this.one();
    while (this.takeWord('and')) left = { kind: 'and', left, right: this.one() };
    return left;
  }

  private one(): Condition {
    if (this.takeSign('(')) {
      const inner = this.either();
      this.need(')');
      return inner;
    }
    const literal = this.takeLiteral();
    if (literal) return this.compare(literal);
    const name = this.takeName();
    if (MATCHES.includes(name.toLowerCase())) return this.match(name.toLowerCase() as 'substringof');
    const path = name.split('/');
    const last = path.at(-1);
    if ((last === 'any' || last === 'all') && this.takeSign('(')) return this.lambda(last, path.slice(0, -1));
    const operator = this.takeOperator();
    if (operator === undefined) return { kind: 'flag', field: path };
    const value = this.takeLiteral() ?? this.fail();
    return { kind: 'compare', operator, field: path, literal: value };
  }

  /** The literal may stand on the left. */
  private compare(literal: Literal): Condition {
    const operator = this.takeOperator() ?? this.fail();
    return { kind: 'compare', operator: MIRRORED[operator], field: this.takeName().split('/'), literal };
  }

  private match(how: 'substringof' | 'startswith' | 'endswith'): Condition {
    this.need('(');
    // substringof names the text first, the others the member.
    const text = how === 'substringof' ? this.takeText() : undefined;
    if (text !== undefined) this.need(',');
    const field = this.takeName().split('/');
    if (text === undefined) this.need(',');
    const condition: Condition = { kind: 'match', how, field, text: text ?? this.takeText() };
    this.need(')');
    const operator = this.takeOperator();
    if (operator === undefined) return condition;
    // `substringof(…) eq true` says the same.
    const value = this.takeLiteral();
    if (operator !== 'eq' || value?.value !== true) this.fail();
    return condition;
  }

  private lambda(how: 'any' | 'all', field: string[]): Condition {
    if (how === 'any' && this.takeSign(')')) return { kind: 'lambda', how, field, variable: '', inner: undefined };
    const variable = this.takeName();
    this.need(':');
    const inner = this.either();
    this.need(')');
    return { kind: 'lambda', how, field, variable, inner };
  }

  private takeOperator(): Operator | undefined {
    const token = this.tokens[this.place];
    if (token?.kind !== 'name' || !OPERATORS.includes(token.text)) return undefined;
    this.place++;
    return token.text as Operator;
  }

  private takeWord(word: string): boolean {
    const token = this.tokens[this.place];
    if (token?.kind !== 'name' || token.text !== word) return false;
    this.place++;
    return true;
  }

  private takeSign(sign: string): boolean {
    const token = this.tokens[this.place];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    this.place++;
    return true;
  }

  private takeLiteral(): Literal | undefined {
    const token = this.tokens[this.place];
    if (token?.kind !== 'literal') return undefined;
    this.place++;
    return token.literal;
  }

  private takeText(): string {
    const literal = this.takeLiteral();
    return literal?.kind === 'text' ? literal.value : this.fail();
  }

  private takeName(): string {
    const token = this.tokens[this.place];
    if (token?.kind !== 'name' || OPERATORS.includes(token.text)) return this.fail();
    this.place++;
    return token.text;
  }

  private need(sign: string): void {
    if (!this.takeSign(sign)) this.fail();
  }

  private fail(): never {
    throw refusal('InvalidQuery', '$filter');
  }
}

const MIRRORED: Readonly<Record<Operator, Operator>> = { eq: 'eq', ne: 'ne', gt: 'lt', ge: 'le', lt: 'gt', le: 'ge' };
