import { VendorFault } from '../vendor-fault.ts';

export interface Token {
  kind: 'word' | 'text' | 'number' | 'symbol' | 'end';
  text: string;
  column: number;
}

const SYMBOLS = ['<=', '>=', '=', '<', '>', '(', ')', ',', '*'];

export function parseFault(found: string, column: number, expected: string): VendorFault {
  return new VendorFault(
    4000,
    `QueryParserError: Encountered " "${found}" "" at line 1, column ${column}. Was expecting one of: ${expected}`,
  );
}

/** Splits a statement into words, quoted texts (`\'` is a quote inside), numbers and symbols. */
export function tokenise(statement: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < statement.length) {
    const character = statement[at] as string;
    if (/\s/.test(character)) {
      at++;
      continue;
    }
    const column = at + 1;
    if (character === "'") {
      const { text, next } = readQuoted(statement, at);
      tokens.push({ kind: 'text', text, column });
      at = next;
      continue;
    }
    const symbol = SYMBOLS.find((each) => statement.startsWith(each, at));
    if (symbol !== undefined) {
      tokens.push({ kind: 'symbol', text: symbol, column });
      at += symbol.length;
      continue;
    }
    const number = /^[+-]?\d+(\.\d+)?/.exec(statement.slice(at, at + 40));
    if (number) {
      tokens.push({ kind: 'number', text: number[0], column });
      at += number[0].length;
      continue;
    }
    const word = /^[A-Za-z_][A-Za-z0-9_.]*/.exec(statement.slice(at, at + 200));
    if (!word) throw parseFault(character, column, '<word>');
    tokens.push({ kind: 'word', text: word[0], column });
    at += word[0].length;
  }
  tokens.push({ kind: 'end', text: '<EOF>', column: statement.length + 1 });
  return tokens;
}

function readQuoted(statement: string, start: number): { text: string; next: number } {
  let text = '';
  let at = start + 1;
  while (at < statement.length) {
    const character = statement[at] as string;
    if (character === '\\' && at + 1 < statement.length) {
      text += statement[at + 1];
      at += 2;
    } else if (character === "'") return { text, next: at + 1 };
    else {
      text += character;
      at++;
    }
  }
  throw parseFault('<EOF>', statement.length + 1, '"\'"');
}
