import { VendorFault } from '../vendor-fault.ts';
import { parseFault, tokenise, type Token } from './tokens.ts';

/**
 * The query language (sheet 4.2), by recursive descent:
 *
 *   SELECT * | <props> | COUNT(*) FROM <Entity> [WHERE <condition> [AND <condition>]…]
 *   [ORDERBY | ORDER BY <prop> [ASC | DESC] [, …]] [STARTPOSITION n] [MAXRESULTS m]
 */

export interface Condition {
  property: string;
  operator: '=' | '<' | '>' | '<=' | '>=' | 'IN' | 'LIKE';
  values: string[];
}

export interface Order {
  property: string;
  descending: boolean;
}

export interface Query {
  entity: string;
  counts: boolean;
  properties: string[];
  conditions: Condition[];
  orders: Order[];
  startPosition: number;
  maxResults: number | undefined;
}

export function parseQuery(statement: string): Query {
  return new Parser(tokenise(statement)).query();
}

class Parser {
  private readonly tokens: Token[];
  private at = 0;

  constructor(tokens: Token[]) {
    this.tokens = tokens;
  }

  query(): Query {
    this.keyword('SELECT');
    const selection = this.selection();
    this.keyword('FROM');
    const entity = this.word('<entity name>');
    const conditions = this.takes('WHERE') ? this.conditions() : [];
    const orders = this.orders();
    let startPosition = 1;
    let maxResults: number | undefined;
    if (this.takes('STARTPOSITION')) startPosition = this.position();
    if (this.takes('MAXRESULTS')) maxResults = this.position();
    if (this.current.kind !== 'end') {
      throw this.unexpected('"where" "orderby" "startposition" "maxresults" <EOF>');
    }
    return { entity, ...selection, conditions, orders, startPosition, maxResults };
  }

  private selection(): { counts: boolean; properties: string[] } {
    if (this.takesSymbol('*')) return { counts: false, properties: [] };
    if (this.isWord('COUNT') && this.tokens[this.at + 1]?.text === '(') {
      this.at++;
      this.symbol('(');
      this.symbol('*');
      this.symbol(')');
      return { counts: true, properties: [] };
    }
    const properties = [this.word('"*" "count" <property>')];
    while (this.takesSymbol(',')) properties.push(this.word('<property>'));
    return { counts: false, properties };
  }

  private conditions(): Condition[] {
    const conditions = [this.condition()];
    while (this.takes('AND')) conditions.push(this.condition());
    return conditions;
  }

  private condition(): Condition {
    const property = this.word('<property>');
    if (this.takes('IN')) {
      this.symbol('(');
      const values = [this.value()];
      while (this.takesSymbol(',')) values.push(this.value());
      this.symbol(')');
      return { property, operator: 'IN', values };
    }
    if (this.takes('LIKE')) return { property, operator: 'LIKE', values: [this.value()] };
    const token = this.current;
    for (const operator of ['=', '<=', '>=', '<', '>'] as const) {
      if (this.takesSymbol(operator)) return { property, operator, values: [this.value()] };
    }
    throw parseFault(token.text, token.column, '"=" "<" ">" "<=" ">=" "in" "like"');
  }

  private value(): string {
    const token = this.current;
    const bareWord = token.kind === 'word' && /^(true|false|null)$/i.test(token.text);
    if (token.kind !== 'text' && token.kind !== 'number' && !bareWord) throw this.unexpected('<value>');
    this.at++;
    return bareWord ? token.text.toLowerCase() : token.text;
  }

  private orders(): Order[] {
    if (!this.takes('ORDERBY')) {
      if (!this.takes('ORDER')) return [];
      this.keyword('BY');
    }
    const orders: Order[] = [];
    do {
      const property = this.word('<property>');
      const descending = this.takes('DESC');
      if (!descending) this.takes('ASC');
      orders.push({ property, descending });
    } while (this.takesSymbol(','));
    return orders;
  }

  private position(): number {
    const token = this.current;
    if (token.kind !== 'number' || !/^-?\d+$/.test(token.text)) throw this.unexpected('<number>');
    this.at++;
    const value = Number(token.text);
    if (value < 1) {
      throw new VendorFault(4001, `QueryValidationError: value ${value} is too small. Min allowed value is 1`);
    }
    return value;
  }

  private get current(): Token {
    return this.tokens[this.at] as Token;
  }

  private isWord(word: string): boolean {
    return this.current.kind === 'word' && this.current.text.toUpperCase() === word;
  }

  private takes(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.at++;
    return true;
  }

  private takesSymbol(symbol: string): boolean {
    if (this.current.kind !== 'symbol' || this.current.text !== symbol) return false;
    this.at++;
    return true;
  }

  private keyword(word: string): void {
    if (!this.takes(word)) throw this.unexpected(`"${word.toLowerCase()}"`);
  }

  private symbol(symbol: string): void {
    if (!this.takesSymbol(symbol)) throw this.unexpected(`"${symbol}"`);
  }

  private word(expected: string): string {
    if (this.current.kind !== 'word') throw this.unexpected(expected);
    const { text } = this.current;
    this.at++;
    return text;
  }

  private unexpected(expected: string): VendorFault {
    return parseFault(this.current.text, this.current.column, expected);
  }
}
