import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { Request, Response } from 'express';
import { GRAPHQL_PATH } from './graphql-settings.js';

const WELCOME = `# The API of Concord. Ctrl-Enter runs the operation under the cursor.
# A platform-wide key names a tenant in the headers below: "x-concord-tenant".

query Providers {
  providers { name title setUp }
}

query Health {
  health { at openWalks queueLagSeconds connections { state connections } }
}

mutation FirstTenant {
  createTenant(name: "Birch Lane", externalId: "1") { known tenant { id name } }
}
`;

/** A workbench for the API, in development only; it is all in one page and fetches nothing from elsewhere. */
export const graphiqlPage = (request: Request, response: Response, key: string | undefined): void => {
  const headers = {
    authorization: `Bearer ${key !== undefined && isNearby(request) ? key : '<key>'}`,
    'x-concord-tenant': '',
  };
  const options = {
    title: 'Concord',
    endpoint: GRAPHQL_PATH,
    defaultQuery: WELCOME,
    headers: JSON.stringify(headers, null, 2),
    shouldPersistHeaders: false,
    subscriptionsProtocol: 'WS' as const,
    connectionParams: headers,
  };
  response
    .setHeader(
      'content-security-policy',
      "default-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:; frame-ancestors 'none'; base-uri 'none'",
    )
    .type('html')
    .send(renderGraphiQL(options));
};

/** A key is shown on this machine only, and to no name that a stranger's page could have pointed here. */
const isNearby = ({ socket: { remoteAddress = '' }, headers: { host = '' } }: Request): boolean =>
  /^(::1|(::ffff:)?127\.0\.0\.\d+)$/.test(remoteAddress) && /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host);
