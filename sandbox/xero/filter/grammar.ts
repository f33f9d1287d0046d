import { QueryRefused } from '../refusals.ts';
import { tokensOf, type Token } from './tokens.ts';

/** The filter language of `where` (sheet 4.4): comparisons, AND and OR, parentheses, a few functions of text. */

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type Expression =
  | { kind: 'and' | 'or'; left: Expression; right: Expression }
  | { kind: 'compare'; operator: Operator; left: Operand; right: Operand }
  | { kind: 'truth'; operand: Operand };

export type Operand =
  | { kind: 'literal'; value: string | boolean | null }
  | { kind: 'number'; text: string }
  | { kind: 'guid'; text: string }
  | { kind: 'time'; instant: number }
  | { kind: 'path'; names: string[] }
  | { kind: 'call'; of: Operand; method: Method; argument: Operand | undefined };

const METHODS = ['contains', 'startswith', 'endswith', 'tolower', 'toupper'] as const;
export type Method = (typeof METHODS)[number];

export function parseFilter(text: string): Expression {
  const reader = new Reader(tokensOf(text));
  const expression = reader.or();
  reader.expectEnd();
  return expression;
}

class Reader {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  or(): Expression {
    let left = this.and();
    while (this.takes('or', '||')) left = { kind: 'or', left, right: this.and() };
    return left;
  }

  expectEnd(): void {
    const token = this.tokens[this.at];
    if (token) throw new QueryRefused(`Unexpected '${token.text}'`);
  }

  private and(): Expression {
    let left = this.condition();
    while (this.takes('and', '&&')) left = { kind: 'and', left, right: this.condition() };
    return left;
  }

  private condition(): Expression {
    if (this.takesSymbol('(')) {
      const inner = this.or();
      this.expect(')');
      return inner;
    }
    const left = this.operand();
    const operator = this.operator();
    return operator ? { kind: 'compare', operator, left, right: this.operand() } : { kind: 'truth', operand: left };
  }

  private operator(): Operator | undefined {
    const token = this.tokens[this.at];
    if (token?.kind !== 'symbol') return undefined;
    const operator = token.text === '=' ? '==' : token.text;
    if (!['==', '!=', '<', '<=', '>', '>='].includes(operator)) return undefined;
    this.at++;
    return operator as Operator;
  }

  private operand(): Operand {
    const token = this.tokens[this.at++];
    if (!token) throw new QueryRefused('Expression expected');
    if (token.kind === 'string') return this.calls({ kind: 'literal', value: token.text });
    if (token.kind === 'number') return { kind: 'number', text: token.text };
    if (token.kind === 'symbol') throw new QueryRefused(`Unexpected '${token.text}'`);
    const word = token.text.toLowerCase();
    if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' };
    if (word === 'null') return { kind: 'literal', value: null };
    if (this.isSymbol('(')) return this.constructed(word);
    return this.calls(this.path(token.text));
  }

  /** `Guid("…")` and `DateTime(2026,11,01)`. */
  private constructed(word: string): Operand {
    this.expect('(');
    const parts: Token[] = [];
    while (!this.isSymbol(')')) {
      const token = this.tokens[this.at++];
      if (!token) throw new QueryRefused("')' expected");
      if (token.text !== ',') parts.push(token);
    }
    this.expect(')');
    const [first] = parts;
    if (word === 'guid' && parts.length === 1 && first?.kind === 'string') return { kind: 'guid', text: first.text };
    const numbers = parts.map((part) => (part.kind === 'number' ? Number(part.text) : Number.NaN));
    if (word === 'datetime' && (numbers.length === 3 || numbers.length === 6) && numbers.every(Number.isInteger)) {
      const [year, month, day, hour = 0, minute = 0, second = 0] = numbers as [number, number, number];
      const instant = Date.UTC(year, month - 1, day, hour, minute, second);
      const isReal = new Date(instant).getUTCMonth() === month - 1 && new Date(instant).getUTCDate() === day;
      if (isReal) return { kind: 'time', instant };
    }
    throw new QueryRefused(`'${word}' cannot be called like this`);
  }

  private path(first: string): Operand {
    const names = [first];
    while (this.isSymbol('.')) {
      const next = this.tokens[this.at + 1];
      const after = this.tokens[this.at + 2];
      if (next?.kind !== 'name' || (after?.kind === 'symbol' && after.text === '(')) break;
      names.push(next.text);
      this.at += 2;
    }
    return { kind: 'path', names };
  }

  private calls(of: Operand): Operand {
    let operand = of;
    while (this.takesSymbol('.')) {
      const token = this.tokens[this.at++];
      const method = token?.text.toLowerCase() as Method;
      if (token?.kind !== 'name' || !METHODS.includes(method)) {
        throw new QueryRefused(`No applicable method '${token?.text ?? ''}' exists`);
      }
      this.expect('(');
      const argument = this.isSymbol(')') ? undefined : this.operand();
      this.expect(')');
      const wantsArgument = method !== 'tolower' && method !== 'toupper';
      if (wantsArgument !== (argument !== undefined)) throw new QueryRefused(`'${token.text}' has the wrong arguments`);
      operand = { kind: 'call', of: operand, method, argument };
    }
    return operand;
  }

  private takes(word: string, symbol: string): boolean {
    const token = this.tokens[this.at];
    const fits =
      token?.kind === 'name' ? token.text.toLowerCase() === word : token?.kind === 'symbol' && token.text === symbol;
    if (fits) this.at++;
    return fits;
  }

  private isSymbol(text: string): boolean {
    const token = this.tokens[this.at];
    return token?.kind === 'symbol' && token.text === text;
  }

  private takesSymbol(text: string): boolean {
    const fits = this.isSymbol(text);
    if (fits) this.at++;
    return fits;
  }

  private expect(text: string): void {
    if (!this.takesSymbol(text)) throw new QueryRefused(`'${text}' expected`);
  }
}
