export { GRAPHQL_PATH, type GraphqlOptions } from './http/graphql-settings.js';
export { GraphqlModule } from './graphql.module.js';
