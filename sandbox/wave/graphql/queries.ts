import type { GraphQLEnumType, GraphQLSchema } from 'graphql';
import { country, province } from '../countries.ts';
import { currencyFacts } from '../currencies.ts';
import { CLIENT, PERSON } from '../vendor.ts';
import { authenticated, businessFor, reachable, requireScopes, type Context } from './context.ts';
import { pageOf, type PageArguments } from './listing.ts';
import { accountSubtypes, accountTypes, type FieldTable } from './objects.ts';

/** When the application and the person came to be. */
const LONG_AGO = Date.UTC(2024, 0, 15, 9);

/** The root queries (sheet 3.1). Lists of codes are those of the schema's enums. */
export function queryFields(schema: GraphQLSchema): FieldTable {
  const codes = (name: string) => (schema.getType(name) as GraphQLEnumType).getValues().map((value) => value.name);
  return {
    _: () => null,
    oAuthApplication(_source: unknown, _args: object, context: Context) {
      const { isFullAccess } = authenticated(context);
      if (isFullAccess && context.vendor.switches.applicationOfFullAccess === 'null') return null;
      return {
        id: Buffer.from('OAuthApplication:1').toString('base64'),
        name: CLIENT.name,
        clientId: CLIENT.id,
        createdAt: LONG_AGO,
        modifiedAt: LONG_AGO,
      };
    },
    user(_source: unknown, _args: object, context: Context) {
      requireScopes(context, ['user:read']);
      return { ...PERSON, createdAt: LONG_AGO, modifiedAt: LONG_AGO };
    },
    businesses(_source: unknown, args: PageArguments & { isArchived?: boolean | null }, context: Context) {
      requireScopes(context, ['business:read']);
      const all = reachable(context).filter(
        (business) => typeof args.isArchived !== 'boolean' || business.settings.isArchived === args.isArchived,
      );
      return pageOf(all, args, context.vendor.switches.pageSizeOverLimit);
    },
    business(_source: unknown, { id }: { id?: string | null }, context: Context) {
      requireScopes(context, ['business:read']);
      const isNamed = id !== null && id !== undefined;
      const wanted = isNamed ? id : reachable(context)[0]?.id;
      if (wanted === undefined) return null;
      const isReached = reachable(context).some((business) => business.id === wanted);
      if (!isReached && context.vendor.switches.inaccessibleBusiness === 'null') return null;
      return businessFor(context, wanted);
    },
    currencies: known(() => codes('CurrencyCode').map(currencyFacts)),
    currency: known(({ code }: { code: string }) => currencyFacts(code)),
    countries: known(() => codes('CountryCode').map(country)),
    country: known(({ code }: { code: string }) => country(code)),
    province: known(({ code }: { code: string }) => province(code) ?? null),
    accountTypes: known(accountTypes),
    accountSubtypes: known(accountSubtypes),
  };
}

/** What is the same for everybody, but only told to who is somebody. */
const known =
  <Args>(resolve: (args: Args) => unknown) =>
  (_source: unknown, args: Args, context: Context) => {
    authenticated(context);
    return resolve(args);
  };
