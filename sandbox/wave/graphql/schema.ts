import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  assertValidSchema,
  buildSchema,
  isAbstractType,
  isObjectType,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';
import { BUSINESS_FIELDS } from './business-fields.ts';
import type { Context } from './context.ts';
import { mutationFields } from './mutations.ts';
import { OBJECT_FIELDS, TYPES_BEHIND, type FieldTable } from './objects.ts';
import { queryFields } from './queries.ts';
import { attachScalars } from './scalars.ts';

/** The published schema with everything it promises behind it. A resolver for what it does not have is a mistake. */
export function waveSchema(): GraphQLSchema {
  const schema = buildSchema(readFileSync(join(import.meta.dirname, '../schema.graphql'), 'utf8'));
  attachScalars(schema);
  attach(schema, 'Query', queryFields(schema));
  attach(schema, 'Mutation', mutationFields());
  attach(schema, 'Business', BUSINESS_FIELDS);
  for (const [type, fields] of Object.entries(OBJECT_FIELDS)) attach(schema, type, fields);
  for (const [name, typeOf] of Object.entries(TYPES_BEHIND)) {
    const type = schema.getType(name);
    if (!isAbstractType(type)) throw new Error(`the schema has no interface or union ${name}`);
    type.resolveType = (source) => typeOf(source as never);
  }
  for (const root of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      if (!field.resolve) throw new Error(`nothing answers ${root?.name}.${field.name}`);
    }
  }
  assertValidSchema(schema);
  return schema;
}

function attach(schema: GraphQLSchema, name: string, fields: FieldTable): void {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`the schema has no type ${name}`);
  const known = type.getFields();
  for (const [field, resolve] of Object.entries(fields)) {
    const definition = known[field];
    if (!definition) throw new Error(`the schema has no field ${name}.${field}`);
    definition.resolve = resolve as unknown as GraphQLFieldResolver<unknown, Context>;
  }
}
