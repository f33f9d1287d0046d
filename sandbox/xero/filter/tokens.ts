import { QueryRefused } from '../refusals.ts';

export type Token =
  | { kind: 'name'; text: string }
  | { kind: 'string'; text: string }
  | { kind: 'number'; text: string }
  | { kind: 'symbol'; text: string };

const PATTERN = /\s*(?:([A-Za-z_][A-Za-z0-9_]*)|"((?:[^"\\]|\\.)*)"|(-?\d+(?:\.\d+)?)|(&&|\|\||[!=<>]=|[=<>(),.!]))/y;

/** Cuts a filter into names, texts, numbers and symbols. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  PATTERN.lastIndex = 0;
  let at = 0;
  while (text.slice(at).trim() !== '') {
    PATTERN.lastIndex = at;
    const match = PATTERN.exec(text);
    if (!match) throw new QueryRefused(`Invalid character '${text.slice(at).trim()[0]}' at position ${at}`);
    const [, name, string, number, symbol] = match;
    if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (string !== undefined) tokens.push({ kind: 'string', text: string.replace(/\\(.)/g, '$1') });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else tokens.push({ kind: 'symbol', text: symbol as string });
    at = PATTERN.lastIndex;
  }
  return tokens;
}
