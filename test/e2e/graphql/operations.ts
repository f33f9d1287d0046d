/** What the operation is about, in a trial of who may do it. */
export interface Subjects {
  readonly connection: string;
  readonly conflict: string;
  readonly walk: string;
  readonly twin: string;
  readonly key: string;
  readonly grant: string;
  /** The books' id of a record. */
  readonly booksId: string;
}

export interface Trial {
  readonly document: string;
  readonly variables?: (of: Subjects) => Readonly<Record<string, unknown>>;
}

const NODES = 'edges { cursor node { __typename } } pageInfo { hasNextPage endCursor }';
const REFUSED = '__typename ... on Refused { code message issues { path rule message } }';
const RECORD = { kind: 'contact', id: 'of nobody' };

/** One document for each query and mutation of the schema; naming one of the subjects where it names anything. */
export const TRIALS: Readonly<Record<string, Trial>> = {
  providers: { document: '{ providers { name } }' },
  tenant: { document: '{ tenant { id } }' },
  connections: { document: `{ connections { ${NODES} } }` },
  connection: {
    document: 'query ($id: ID!) { connection(id: $id) { id companyName } }',
    variables: ({ connection }) => ({ id: connection }),
  },
  records: { document: `{ records { ${NODES} } }` },
  record: {
    document: 'query ($key: RecordKey!) { record(key: $key) { name content books { content } } }',
    variables: ({ connection, booksId }) => ({ key: { kind: 'contact', connection, booksId } }),
  },
  recordHistory: {
    document: `query ($connection: ID!, $booksId: ID!) {
      recordHistory(kind: contact, connection: $connection, booksId: $booksId) { ${NODES} } }`,
    variables: ({ connection, booksId }) => ({ connection, booksId }),
  },
  conflicts: {
    document: `query ($filter: ConflictFilterInput) { conflicts(filter: $filter) { ${NODES} } }`,
    variables: ({ connection }) => ({ filter: { connection } }),
  },
  conflict: {
    document: 'query ($id: ID!) { conflict(id: $id) { id reason app { content } } }',
    variables: ({ conflict }) => ({ id: conflict }),
  },
  policies: { document: '{ policies { kind } }' },
  walks: {
    document: `query ($filter: WalkFilterInput) { walks(filter: $filter) { ${NODES} } }`,
    variables: ({ connection }) => ({ filter: { connection } }),
  },
  walk: {
    document: 'query ($id: ID!) { walk(id: $id) { id steps { step } items { says } } }',
    variables: ({ walk }) => ({ id: walk }),
  },
  problems: {
    document: `query ($filter: ProblemFilterInput) { problems(filter: $filter) { ${NODES} } }`,
    variables: ({ connection }) => ({ filter: { connection } }),
  },
  changes: { document: `{ changes { ${NODES} } }` },
  health: { document: '{ health { openWalks } }' },
  apiKeys: { document: '{ apiKeys { prefix } }' },
  supportGrants: { document: '{ supportGrants { id } }' },

  createTenant: { document: 'mutation { createTenant(name: "Tried", externalId: "tried") { known } }' },
  deleteTenant: {
    document: `mutation { deleteTenant(id: "00000000-0000-7000-8000-00000000dead") { ${REFUSED} } }`,
  },
  createApiKey: {
    document: 'mutation { createApiKey(scope: tenant, role: support, name: "tried") { prefix } }',
  },
  revokeApiKey: {
    document: `mutation ($id: ID!) { revokeApiKey(id: $id) { ${REFUSED} } }`,
    variables: ({ key }) => ({ id: key }),
  },
  grantSupport: {
    document: `mutation { grantSupport(actor: "key:00000000-0000-0000-0000-000000000000", reason: "tried", seconds: 1) {
      until } }`,
  },
  endSupport: {
    document: `mutation ($id: ID!) { endSupport(id: $id) { ${REFUSED} } }`,
    variables: ({ grant }) => ({ id: grant }),
  },
  createBrowserToken: {
    document: 'mutation { createBrowserToken(actor: "ana", role: support, seconds: 1) { expiresAt } }',
  },
  beginConnection: {
    document: `mutation { beginConnection(provider: "model", returnUrl: "https://elsewhere.example") { ${REFUSED} } }`,
  },
  reconnect: {
    document: `mutation ($id: ID!) { reconnect(connection: $id, returnUrl: "https://app.example.com/books") {
      ${REFUSED} } }`,
    variables: ({ connection }) => ({ id: connection }),
  },
  disconnect: {
    document: `mutation ($id: ID!) { disconnect(connection: $id) { ${REFUSED} } }`,
    variables: ({ connection }) => ({ id: connection }),
  },
  setGoLive: {
    document: `mutation ($id: ID!) { setGoLive(connection: $id, goLive: "2026-02-01") { ${REFUSED} } }`,
    variables: ({ connection }) => ({ id: connection }),
  },
  setCreates: {
    document: `mutation ($id: ID!) { setCreates(connection: $id, kinds: [contact]) { ${REFUSED} } }`,
    variables: ({ connection }) => ({ id: connection }),
  },
  upsertRecords: {
    document: `mutation ($records: [RecordInput!]!) { upsertRecords(key: "tried", records: $records) { ${REFUSED} } }`,
    variables: () => ({ records: [{ ...RECORD, content: {} }] }),
  },
  deleteRecord: { document: `mutation { deleteRecord(kind: contact, id: "of nobody") { ${REFUSED} } }` },
  syncNow: {
    document: `mutation ($id: ID!) { syncNow(connection: $id) { ${REFUSED} } }`,
    variables: ({ connection }) => ({ id: connection }),
  },
  setPolicy: { document: `mutation { setPolicy(kind: transfer, rule: review) { ${REFUSED} } }` },
  clearPolicy: { document: `mutation { clearPolicy(kind: transfer) { ${REFUSED} } }` },
  setGranularity: { document: `mutation { setGranularity(kind: transfer, granularity: group) { ${REFUSED} } }` },
  decideConflict: {
    document: `mutation ($decision: ConflictDecisionInput!) { decideConflict(decision: $decision) { ${REFUSED} } }`,
    variables: ({ conflict }) => ({ decision: { conflict, verb: 'keep_app' } }),
  },
  decideConflicts: {
    document: `mutation ($decisions: [ConflictDecisionInput!]!) {
      decideConflicts(decisions: $decisions) { ${REFUSED} } }`,
    variables: ({ conflict }) => ({ decisions: [{ conflict, verb: 'keep_books' }] }),
  },
  linkRecords: {
    document: `mutation ($id: ID!, $booksId: ID!) {
      linkRecords(connection: $id, kind: contact, appId: "own", booksId: $booksId) { ${REFUSED} } }`,
    variables: ({ connection, booksId }) => ({ id: connection, booksId }),
  },
  unlinkRecords: {
    document: `mutation ($twin: ID!) { unlinkRecords(twin: $twin) { ${REFUSED} } }`,
    variables: ({ twin }) => ({ twin }),
  },
};

/** Nothing has these ids. */
export const NOTHING: Subjects = {
  connection: '00000000-0000-7000-8000-00000000dead',
  conflict: '00000000-0000-7000-8000-00000000dead',
  walk: '00000000-0000-7000-8000-00000000dead',
  twin: '00000000-0000-7000-8000-00000000dead',
  key: '00000000-0000-7000-8000-00000000dead',
  grant: '00000000-0000-7000-8000-00000000dead',
  booksId: 'b999999',
};
