import { randomUUID } from 'node:crypto';
import { Browser } from './browser.ts';
import type { Concord } from './concord.ts';
import { eventually } from './eventually.ts';
import type { Portal } from './quickbooks.ts';

export type Content = Record<string, unknown>;

/** One entry of the feed that a SaaS reads to learn what changed in its own records, and what people are asked. */
export interface Change {
  cursor: string;
  type: string;
  kind: string | null;
  id: string | null;
  content: Content | null;
}

/**
 * A SaaS product that sells to small businesses, with Concord behind it: it connects a customer's books, pushes its own
 * records, and follows the feed of changes.
 */
export class Shop {
  readonly concord: Concord;
  readonly tenant: string;
  readonly connection: string;
  /** The versions that the shop knows of its records, for the next push. */
  private readonly versions = new Map<string, number>();

  private constructor(concord: Concord, tenant: string, connection: string) {
    this.concord = concord;
    this.tenant = tenant;
    this.connection = connection;
  }

  /** One that was opened before. */
  static of(concord: Concord, tenant: string, connection: string): Shop {
    return new Shop(concord, tenant, connection);
  }

  /** A new tenant, and its company connected by the redirects that take a person's browser there and back. */
  static async open(admin: Concord, name: string, portal: Portal, realm: string): Promise<Shop> {
    const { createTenant } = await admin.ask<{ createTenant: { tenant: { id: string } } }>(
      'mutation ($name: String!) { createTenant(name: $name) { tenant { id } } }',
      { name },
    );
    const tenant = createTenant.tenant.id;
    const { createApiKey } = await admin
      .within(tenant)
      .ask<{ createApiKey: { secret: string } }>(
        'mutation { createApiKey(scope: tenant, role: app, name: "the shop") { secret } }',
      );
    const concord = admin.as(createApiKey.secret);
    const home = `${admin.url}/graphql`;
    const { beginConnection } = await concord.ask<{ beginConnection: { authorizeUrl?: string; message?: string } }>(
      `mutation ($home: String!) { beginConnection(provider: "quickbooks", returnUrl: $home) {
        ... on ConnectInvitation { authorizeUrl } ... on Refused { message } } }`,
      { home },
    );
    if (beginConnection.authorizeUrl === undefined) throw new Error(`not connected: ${beginConnection.message}`);
    await portal.consentTo(realm);
    const back = await new Browser().consent(beginConnection.authorizeUrl, home);
    await portal.consentTo(undefined);
    const connection = back.searchParams.get('connection');
    if (back.searchParams.get('result') !== 'connected' || connection === null) {
      throw new Error(`connecting ended with ${back.searchParams.get('result')}`);
    }
    return new Shop(concord, tenant, connection);
  }

  /** The shop as one person of its staff sees it, through its frontend. */
  async as(person: string, role: 'finance' | 'support'): Promise<Shop> {
    const { createBrowserToken } = await this.concord.ask<{ createBrowserToken: { token: string } }>(
      'mutation ($person: String!, $role: BrowserRole!) { createBrowserToken(actor: $person, role: $role) { token } }',
      { person, role },
    );
    return new Shop(this.concord.as(createBrowserToken.token), this.tenant, this.connection);
  }

  /** Whether Concord still knows its tenant and connection. */
  async exists(): Promise<boolean> {
    try {
      const { connection } = await this.concord.ask<{ connection: object | null }>(
        'query ($id: ID!) { connection(id: $id) { id } }',
        { id: this.connection },
      );
      return connection !== null;
    } catch {
      return false;
    }
  }

  /** Whether the reference records of the books have been read once. */
  async firstLooked(): Promise<true | undefined> {
    const { connection } = await this.concord.ask<{ connection: { firstLookAt: string | null } }>(
      'query ($id: ID!) { connection(id: $id) { firstLookAt } }',
      { id: this.connection },
    );
    return connection.firstLookAt === null ? undefined : true;
  }

  /** Whether nothing is under way and nobody is asked anything. */
  async quiet(): Promise<true | undefined> {
    const { connection } = await this.concord.ask<{ connection: { counts: Record<string, number> } }>(
      'query ($id: ID!) { connection(id: $id) { counts { pending conflicts problems } } }',
      { id: this.connection },
    );
    return Object.values(connection.counts).every((count) => count === 0) || undefined;
  }

  /** Which reference kinds may be created in the books. */
  async allowCreating(kinds: string[]): Promise<void> {
    await this.concord.ask(
      `mutation ($connection: ID!, $kinds: [Kind!]!) {
        setCreates(connection: $connection, kinds: $kinds) { __typename } }`,
      { connection: this.connection, kinds },
    );
  }

  /** Pushes a record as the shop has it now. Throws an Error when it was not stored. */
  async push(kind: string, id: string, content: Content): Promise<void> {
    const key = `${kind}:${id}`;
    const record = { kind, id, content, ...(this.versions.has(key) && { basedOn: this.versions.get(key) }) };
    const { upsertRecords } = await this.concord.ask<{
      upsertRecords: { outcomes?: { __typename: string; version?: number; issues?: object[] }[]; message?: string };
    }>(
      `mutation ($key: String!, $records: [RecordInput!]!) { upsertRecords(key: $key, records: $records) {
        ... on RecordsPushed { outcomes { __typename
          ... on RecordStored { version } ... on RecordInReview { version } ... on RecordStale { version }
          ... on RecordInvalid { issues { path rule message } } } }
        ... on Refused { message } } }`,
      { key: randomUUID(), records: [record] },
    );
    const outcome = upsertRecords.outcomes?.[0];
    if (outcome?.__typename !== 'RecordStored' && outcome?.__typename !== 'RecordInReview') {
      throw new Error(`${key} was not stored: ${JSON.stringify(outcome ?? upsertRecords)}`);
    }
    this.versions.set(key, outcome.version!);
  }

  /** The record as Concord keeps it for the shop. */
  async read(kind: string, id: string): Promise<ShopRecord> {
    const { record } = await this.concord.ask<{ record: ShopRecord }>(
      `query ($key: RecordKey!) { record(key: $key) { ${SHOP_RECORD} } }`,
      { key: { kind, id } },
    );
    this.versions.set(`${kind}:${id}`, record.version);
    return record;
  }

  /** The books' id of a record, once it has one. */
  booksIdOf(kind: string, id: string): Promise<string> {
    return eventually(`${kind} ${id} in the books`, async () => {
      const { books } = await this.read(kind, id);
      return books[0]?.id ?? undefined;
    });
  }

  /** Says that a record of the shop and one of the books are the same. */
  async link(kind: string, appId: string, booksId: string): Promise<void> {
    const { linkRecords } = await this.concord.ask<{ linkRecords: { __typename: string; message?: string } }>(
      `mutation ($connection: ID!, $kind: Kind!, $appId: ID!, $booksId: ID!) {
        linkRecords(connection: $connection, kind: $kind, appId: $appId, booksId: $booksId) {
          __typename ... on Refused { message } } }`,
      { connection: this.connection, kind, appId, booksId },
    );
    if (linkRecords.__typename !== 'RecordsLinked') throw new Error(`not linked: ${linkRecords.message}`);
  }

  /** The feed after a place in it, as its reader sees it. */
  async changesAfter(cursor: string | null): Promise<Change[]> {
    const { changes } = await this.concord.ask<{
      changes: { edges: { cursor: string; node: Omit<Change, 'cursor'> }[] };
    }>(
      `query ($after: String) { changes(after: $after, first: 100) { edges { cursor node {
        type kind id content } } } }`,
      { after: cursor },
    );
    return changes.edges.map(({ cursor: at, node }) => ({ ...node, cursor: at }));
  }

  /** The end of the feed at this moment. */
  async newest(): Promise<string | null> {
    for (let cursor: string | null = null; ;) {
      const changes: Change[] = await this.changesAfter(cursor);
      const end = changes.at(-1);
      if (!end) return cursor;
      cursor = end.cursor;
    }
  }

  async openConflicts(): Promise<OpenConflict[]> {
    const found = await this.concord.all<{ id: string; fields: Omit<OpenConflict, 'id'>[] }>(
      'conflicts',
      '',
      'id fields { field app books }',
    );
    return found.flatMap(({ id, fields }) =>
      fields.filter(({ app, books }) => app !== books).map((field) => ({ id, ...field })),
    );
  }

  async decide(conflict: string, verb: string): Promise<void> {
    const { decideConflict } = await this.concord.ask<{ decideConflict: { __typename: string } }>(
      `mutation ($decision: ConflictDecisionInput!) { decideConflict(decision: $decision) { __typename } }`,
      { decision: { conflict, verb } },
    );
    if (decideConflict.__typename !== 'DecisionAccepted') throw new Error(`not decided: ${decideConflict.__typename}`);
  }

  /** What happened to a record, oldest first, a sentence for each event. */
  async historyOf(kind: string, id: string): Promise<string[]> {
    const events = await this.concord.all<HistoryEvent>(
      'recordHistory',
      `kind: ${kind}, id: ${JSON.stringify(id)}`,
      'at type groups cause { by actor }',
    );
    return events.reverse().map(({ at, type, groups, cause }) => {
      const who = CAUSES[cause.by] ?? cause.by;
      const what = groups.length === 0 ? '' : ` (${groups.join(', ')})`;
      return `${at.slice(11, 19)}  ${type.replaceAll('_', ' ')}${what}, ${who}${cause.by === 'person' ? ` ${cause.actor}` : ''}`;
    });
  }
}

const CAUSES: Record<string, string> = {
  push: 'pushed by the shop',
  webhook: 'after QuickBooks’ webhook',
  books: 'from QuickBooks',
  person: 'by',
};

interface HistoryEvent {
  at: string;
  type: string;
  groups: string[];
  cause: { by: string; actor: string | null };
}

/** One field that both sides edited. */
export interface OpenConflict {
  id: string;
  field: string;
  app: unknown;
  books: unknown;
}

export interface ShopRecord {
  kind: string;
  id: string;
  name: string;
  version: number;
  existence: string;
  content: Content;
  facts: Content;
  books: { id: string | null; existence: string | null; difference: { inStep: boolean } }[];
}

export const SHOP_RECORD = 'kind id name version existence content facts books { id existence difference { inStep } }';
