import { GraphQLError, Kind, type GraphQLScalarType, type GraphQLSchema, type ValueNode } from 'graphql';
import { Decimal } from '../../amounts.ts';
import { isDay, readInstant } from '../calendar.ts';

/** How the vendor's scalars are read and written (sheet 2.4). */
interface Scalar {
  serialize(value: unknown): unknown;
  parse(value: unknown): unknown;
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?$/;

const decimal: Scalar = {
  serialize: (value) => (value instanceof Decimal ? value.toFixed() : value),
  parse(value) {
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text === 'string' && DECIMAL.test(text.trim())) return new Decimal(text.trim());
    throw new GraphQLError(`Decimal cannot represent value: ${JSON.stringify(value)}`);
  },
};

const date: Scalar = {
  serialize: (value) => value,
  parse(value) {
    if (typeof value === 'string' && isDay(value)) return value;
    throw new GraphQLError(`Date cannot represent value: ${JSON.stringify(value)}`);
  },
};

/** Instants are milliseconds inside. */
const dateTime: Scalar = {
  serialize: (value) => new Date(value as number).toISOString(),
  parse(value) {
    const instant = typeof value === 'string' ? readInstant(value) : undefined;
    if (instant !== undefined) return instant;
    throw new GraphQLError(`DateTime cannot represent value: ${JSON.stringify(value)}`);
  },
};

const text = (name: string, pattern: RegExp): Scalar => ({
  serialize: (value) => value,
  parse(value) {
    if (typeof value === 'string' && pattern.test(value)) return value;
    throw new GraphQLError(`${name} cannot represent value: ${JSON.stringify(value)}`);
  },
});

const anything: Scalar = { serialize: (value) => value, parse: (value) => value };

const SCALARS: Readonly<Record<string, Scalar>> = {
  Decimal: decimal,
  Date: date,
  DateTime: dateTime,
  URL: text('URL', /^https?:\/\//),
  HexColorCode: text('HexColorCode', /^#[0-9a-fA-F]{6}$/),
  JSON: anything,
};

export function attachScalars(schema: GraphQLSchema): void {
  for (const [name, { serialize, parse }] of Object.entries(SCALARS)) {
    const type = schema.getType(name) as GraphQLScalarType;
    type.serialize = serialize;
    type.parseValue = parse;
    type.parseLiteral = (node: ValueNode) => parse(plainValue(node));
  }
}

/** An inline literal as the JSON it stands for. */
function plainValue(node: ValueNode): unknown {
  switch (node.kind) {
    case Kind.STRING:
    case Kind.ENUM:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.INT:
    case Kind.FLOAT:
      // Digits stay as they were written; a number might lose some.
      return node.value;
    case Kind.LIST:
      return node.values.map(plainValue);
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, plainValue(value)]));
    case Kind.NULL:
    case Kind.VARIABLE:
      return null;
  }
}
