import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsInstance } from 'class-validator';
import { GraphQLError, GraphQLScalarType, Kind as Ast, type ValueNode } from 'graphql';

/** Deeper than any content; what is deeper is somebody's attempt to exhaust us. */
const DEEPEST = 12;

const literal = (node: ValueNode, variables: Readonly<Record<string, unknown>>): unknown => {
  switch (node.kind) {
    case Ast.STRING:
    case Ast.BOOLEAN:
    case Ast.ENUM:
      return node.value;
    case Ast.INT:
    case Ast.FLOAT:
      return Number(node.value);
    case Ast.NULL:
      return null;
    case Ast.LIST:
      return node.values.map((value) => literal(value, variables));
    case Ast.OBJECT:
      // A member named `__proto__` stays a member: `fromEntries` defines, it does not assign.
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, literal(value, variables)]));
    case Ast.VARIABLE:
      return opened(variables[node.name.value]);
  }
};

/** A variable inside a literal was a JSON value before, and is closed already. */
const opened = (value: unknown): unknown => (value instanceof Json ? value.value : value);

/** Refuses what could not be stored at all; what may stand in a content is the contract's to say. */
const storable = (value: unknown, depth = 0): unknown => {
  if (depth > DEEPEST) throw new GraphQLError(`a JSON value may be nested ${DEEPEST} levels deep`);
  if (typeof value === 'string' && !value.isWellFormed()) throw new GraphQLError('a text has half a surrogate pair');
  if (value !== null && typeof value === 'object') {
    for (const [name, member] of Object.entries(value)) {
      if (!name.isWellFormed() || name.includes('\u0000')) throw new GraphQLError('a member’s name is not well formed');
      storable(member, depth + 1);
    }
  }
  return value;
};

/**
 * A JSON value among arguments. What checks arguments walks through objects and rebuilds them; a content is the
 * contract's to check, so it travels closed.
 */
export class Json {
  readonly #value: unknown;

  constructor(value?: unknown) {
    this.#value = value;
  }

  get value(): unknown {
    return this.#value;
  }
}

/** For an argument that is a JSON value: it is taken as it came. */
export const IsJson = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ obj, key }: { obj: Readonly<Record<string, unknown>>; key: string }) => obj[key]),
    IsInstance(Json),
  );

/**
 * A value in the contract's shapes: an object of fields, decimals as strings. The contract says what may stand in it
 * (docs/api.md); money written as a number is refused by it.
 */
export const JsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  description: 'A value in the shapes of the entity contract; decimals are strings, never numbers.',
  serialize: (value) => value,
  parseValue: (value) => new Json(storable(value)),
  parseLiteral: (node, variables) => new Json(storable(literal(node, variables ?? {}))),
});
