import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { RESOLVERS } from './resolvers.js';

// Prints the schema that the code declares; with --check it only compares, and says so when they differ.

const FILE = new URL('../../src/graphql/schema.graphql', import.meta.url);
const HEADING = '# Printed from the code by `npm run schema:print`; do not edit.\n\n';

const application = await NestFactory.create(GraphQLSchemaBuilderModule, { logger: false });
await application.init();
const schema = await application.get(GraphQLSchemaFactory).create(RESOLVERS);
await application.close();
const printed = `${HEADING}${printSchema(lexicographicSortSchema(schema))}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(FILE, printed);
} else if (readFileSync(FILE, 'utf8') !== printed) {
  process.stderr.write('src/graphql/schema.graphql is not what the code declares: npm run schema:print\n');
  process.exitCode = 1;
}
