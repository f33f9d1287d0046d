import { readStamp } from '../calendar.ts';
import { refusal } from '../problem.ts';
import { GUID } from '../shape.ts';

export type Literal =
  | { kind: 'text'; value: string }
  | { kind: 'number'; value: number }
  | { kind: 'flag'; value: boolean }
  | { kind: 'moment'; value: number }
  | { kind: 'guid'; value: string }
  | { kind: 'null'; value: null };

export type Token =
  | { kind: 'name'; text: string }
  | { kind: 'literal'; literal: Literal }
  | { kind: 'sign'; text: '(' | ')' | ',' | ':' };

const PATTERN = new RegExp(
  [
    String.raw`(?<space>\s+)`,
    String.raw`(?<typed>datetime|guid)'(?<inner>[^']*)'`,
    String.raw`'(?<text>(?:[^']|'')*)'`,
    String.raw`(?<number>-?\d+(?:\.\d+)?[mMdDfFlL]?)(?![\w.])`,
    String.raw`(?<name>[A-Za-z_][\w/]*)`,
    String.raw`(?<sign>[(),:])`,
  ].join('|'),
  'y',
);

/** Takes a filter apart; what fits no token is refused. */
export function tokensOf(filter: string): Token[] {
  const tokens: Token[] = [];
  PATTERN.lastIndex = 0;
  while (PATTERN.lastIndex < filter.length) {
    const groups = PATTERN.exec(filter)?.groups;
    if (!groups) throw refusal('InvalidQuery', '$filter');
    const { typed, inner = '', text, number, name, sign } = groups;
    if (typed !== undefined) tokens.push({ kind: 'literal', literal: typedLiteral(typed, inner) });
    else if (text !== undefined) tokens.push(literal('text', text.replaceAll("''", "'")));
    else if (number !== undefined) tokens.push(literal('number', Number.parseFloat(number)));
    else if (name !== undefined) tokens.push(named(name));
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign as '(' });
  }
  return tokens;
}

function named(name: string): Token {
  if (name === 'true' || name === 'false') return literal('flag', name === 'true');
  if (name === 'null') return { kind: 'literal', literal: { kind: 'null', value: null } };
  return { kind: 'name', text: name };
}

function literal(kind: 'text' | 'number' | 'flag', value: string | number | boolean): Token {
  return { kind: 'literal', literal: { kind, value } as Literal };
}

function typedLiteral(kind: string, inner: string): Literal {
  if (kind === 'guid') {
    if (!GUID.test(inner)) throw refusal('InvalidQuery', '$filter');
    return { kind: 'guid', value: inner.toLowerCase() };
  }
  const value = readStamp(inner);
  if (value === undefined) throw refusal('InvalidQuery', '$filter');
  return { kind: 'moment', value };
}
