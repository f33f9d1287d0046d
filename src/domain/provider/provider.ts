import type { Content } from '../contract/content.js';
import type { KindName } from '../contract/kind-names.js';
import type { ProviderExchange, ProviderRequest, ProviderResponse } from './exchange.js';
import type { ProviderFailure } from './failure.js';
import type { ChangeNotice, Observation, Sighting, Target } from './observation.js';
import type { CallDraft, Finding, Operation, Trace, Write, WriteAnswer } from './write.js';

/**
 * The contract that every provider folder satisfies, and the only thing the engine knows of a provider. An ability is a
 * method or a field that exists; nothing throws "unsupported".
 */
export interface ProviderDefinition {
  /** Lower case, as in paths and settings: `quickbooks`. */
  readonly name: string;
  /** As people call it: `QuickBooks Online`. */
  readonly title: string;
  readonly settings: readonly SettingDeclaration[];
  /** Base URL of the API for this connection's settings. */
  baseUrl(settings: ProviderSettings): string;
  readonly oauth: OAuthDefinition;
  readonly webhook?: WebhookDefinition;
  /** Every kind: what can be done with it here, or why it is absent. */
  readonly kinds: Readonly<Record<KindName, KindDefinition | AbsentKind>>;
  /** Sets of kinds that its notices cannot tell apart before the record is read (ENGINE C5). */
  readonly indistinctKinds?: readonly (readonly KindName[])[];
  readonly streams: readonly StreamDefinition[];
  readonly limits: readonly LimitDefinition[];
  /** The provider's id of a request, which its support asks for. */
  requestId(response: ProviderResponse): string | undefined;
  /** Whether the answer says that the access token is no longer good. */
  tokenRefused(response: ProviderResponse): boolean;
  /** New tokens that came with an ordinary answer, where the provider rotates them silently. */
  rotatedTokens?(response: ProviderResponse): TokenSet | undefined;
  connect(session: Session): ProviderAdapter;
}

/** Values of the declared settings, by name; in development they point to the sandbox. */
export type ProviderSettings = Readonly<Record<string, string>>;

export interface SettingDeclaration {
  /** As an environment variable: `QUICKBOOKS_CLIENT_ID`. */
  readonly name: string;
  readonly says: string;
  readonly secret: boolean;
  readonly default?: string;
  /** What it is when the sandbox stands in for the provider; `{sandbox}` is the sandbox's root URL. */
  readonly inSandbox: string;
}

/** What an adapter works with: one company of the provider, seen through a paced, recorded, authorised line. */
export interface Session {
  readonly company: string;
  /** What the company can do (class tracking, multicurrency…), as its own record last said. */
  readonly features: Readonly<Record<string, string>>;
  readonly baseCurrency: string | undefined;
  /** Answers whatever came back, refused tokens already refreshed and replayed once; never throws for a bad status. */
  send(request: ProviderRequest): Promise<ProviderExchange>;
  now(): Date;
}

/** The verbs. Those marked pure do no I/O, so that what they return can be stored before it is acted on. */
export interface ProviderAdapter {
  /** Looks at records, in as few calls as the provider allows; one observation for each target, in any order. */
  observe(targets: readonly Target[]): Promise<readonly Observation[]>;
  /** One page of all records of a kind, inactive ones included; throws ProviderFailureError. */
  list(kind: KindName, cursor: string | undefined): Promise<ListPage>;
  /** What changed in a stream since the cursor; throws ProviderFailureError. */
  poll(stream: string, cursor: string | undefined): Promise<PollPage>;
  /** Records whose natural key is already that of the given content (ENGINE C4); one list for each, in order. */
  namesakes(wanted: readonly Namesake[]): Promise<readonly (readonly Sighting[])[]>;
  /** Pure: what the provider is certain to refuse. */
  preflight(write: Write): readonly Finding[];
  /** Pure: the next calls of these writes, batched as the provider allows; `newKey` names each call. */
  draft(writes: readonly Write[], newKey: () => string): readonly CallDraft[];
  /** Pure: what an exchange means for each write of its call. */
  interpret(call: CallDraft, writes: readonly Write[], exchange: ProviderExchange): readonly WriteAnswer[];
  /**
   * Looks for what became of a write whose answer was lost: of its next call, if some of them are done. Absent where the
   * provider offers no way to look; not asked about kinds that are `untraceable`.
   */
  trace?(write: Write): Promise<Trace>;
}

export interface Namesake {
  readonly kind: KindName;
  readonly facet?: string;
  readonly content: Content;
}

export interface ListPage {
  readonly sightings: readonly Sighting[];
  /** Absent at the end. */
  readonly next?: string;
  /** Records of this page that the provider itself fails to show; the id is known where it tells. */
  readonly unreadable?: readonly UnreadableRecord[];
}

export interface UnreadableRecord {
  readonly kind: KindName;
  readonly id?: string;
  readonly failure: ProviderFailure;
}

export interface PollPage {
  /** Records that the poll already showed whole. */
  readonly sightings: readonly Sighting[];
  /** Records that the poll only named, or that it says are gone. */
  readonly notices: readonly ChangeNotice[];
  readonly cursor: string;
  /** Whether to poll again at once. */
  readonly more: boolean;
  /** Kinds of which the poll may have missed deletions: a full list of them tells. */
  readonly recheck?: readonly KindName[];
}

export interface AbsentKind {
  /** Why the provider has no API for it; shown to people. */
  readonly absent: string;
}

export interface KindDefinition {
  /** Drafting is the adapter's; here stands which operations there are. Reading is `observe`, unless `unreadable`. */
  readonly operations: readonly Operation[];
  /** Why what people would expect is impossible, per operation or trait; shown to people. */
  readonly impossible: Readonly<Partial<Record<Operation | 'draft', string>>>;
  readonly noticedBy: 'webhook' | 'feed' | 'poll' | 'none';
  /**
   * The contract paths that can be read and written for a company with these features: `memo`, `lines.description`,
   * `billingAddress.*`.
   */
  carries(features: Readonly<Record<string, string>>): ReadonlySet<string>;
  /** Fields whose value the provider may choose or reshape by itself (ENGINE A1). */
  readonly decides: readonly string[];
  /** Document states that it can hold; a record in another state is held back and said (ENGINE A5). */
  readonly states?: readonly string[];
  /** Several cards for one record (customer and vendor of a contact): which card belongs to which role (ENGINE C1). */
  readonly facets?: readonly FacetDefinition[];
  /** Set where what was written cannot be read back: what was sent is then what the books are taken to show. */
  readonly unreadable?: string;
  /**
   * Negative when the first version is the older one; absent where versions have no order. A record that looks older
   * than what is known of it is the provider's read lag and nobody's edit.
   */
  compareVersions?(one: string, other: string): number;
  /** Whether the provider refuses a write to a version that is not the newest. Otherwise: re-read before and after (D6). */
  readonly guardsVersions: boolean;
  readonly recovery: Recovery;
}

export interface FacetDefinition {
  /** Equal to the role in which documents name such a record: `customer`, `vendor`. */
  readonly name: string;
  /** Whether a record of the books with this id is a card of this facet. */
  owns(id: string): boolean;
  /** The contract's flag that says whether the record has this facet, such as `isCustomer`. */
  readonly flag: string;
  /** What this card cannot hold though the kind carries it: `notes`, or by key an element such as `addresses.shipping`. */
  readonly lacks?: readonly string[];
  /** What can be done with this card, where that is less than with the kind's others; none for one that is only read. */
  readonly operations?: readonly Operation[];
}

/** How a lost answer of a create is recovered (ENGINE D4). */
export interface Recovery {
  /** For how long the provider's own idempotency key is trusted with an identical resend. */
  readonly keyWindowMs?: number;
  /** In words, for the documentation and for people: how it is looked for, or why it cannot be. */
  readonly lookUp: string;
  /** Set where there is no way to look: what is not known is asked of a person. */
  readonly untraceable?: true;
  /** How long a write may stay invisible to a look-up. */
  readonly settleMs: number;
}

/** A source of changes that is polled: a change feed or queries. */
export interface StreamDefinition {
  readonly name: string;
  readonly kinds: readonly KindName[];
  /** Default interval; a webhook's safety sweep is sparse. */
  readonly everyMs: number;
  readonly says: string;
}

export interface LimitDefinition {
  readonly name: string;
  /** Whose calls count together. */
  readonly scope: 'connection' | 'application';
  /** Drawn by every request, or only by those that name it. */
  readonly drawnBy: 'all' | 'named';
  readonly allows: { readonly calls: number; readonly perMs: number } | { readonly concurrent: number };
}

export interface TokenSet {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** Seconds from now. */
  readonly accessExpiresIn: number;
  readonly refreshExpiresIn: number | undefined;
  /** Seconds to the end of the grant whatever its use. */
  readonly grantExpiresIn: number | undefined;
}

export interface OAuthDefinition {
  authorizationUrl(settings: ProviderSettings): string;
  tokenUrl(settings: ProviderSettings): string;
  revocationUrl(settings: ProviderSettings): string | undefined;
  readonly clientIdSetting: string;
  readonly clientSecretSetting: string;
  readonly scopes: readonly string[];
  readonly pkce: boolean;
  /**
   * How the client proves itself at the token and revocation endpoints: by Basic where nothing is said, or by
   * `client_id` and `client_secret` among the form's fields (RFC 6749, 2.3.1).
   */
  readonly clientCredentials?: 'basic' | 'form';
  /** Headers that a token request carries besides client authentication. */
  readonly tokenHeaders?: Readonly<Record<string, string>>;
  /** Reads a token endpoint's answer of status 200; throws if it is none. */
  readTokens(body: string): TokenSet;
  /** The companies that a new consent reaches: from the callback's query, or by asking with the token. */
  companies(consent: {
    readonly query: Readonly<Record<string, string>>;
    send(request: ProviderRequest): Promise<ProviderExchange>;
  }): Promise<readonly CompanyIdentity[]>;
  /** Why a refresh was refused. `paused` is not dead (ENGINE G, DESIGN). */
  refreshRefused(response: ProviderResponse): 'revoked' | 'paused' | 'unavailable';
  /** After a refresh whose answer was lost: for how long the stored refresh token may be tried again. */
  readonly lostRefreshRetryMs: number;
  /** The body and type of a revocation request. */
  revocation(refreshToken: string): { readonly contentType: string; readonly body: string };
}

export interface CompanyIdentity {
  readonly id: string;
  readonly name?: string;
}

/** A webhook delivery as it came over the wire. */
export interface RawDelivery {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface WebhookDefinition {
  /** The setting that holds the signing secret; several live secrets are separated by spaces. */
  readonly secretSetting: string;
  /** Constant-time check over the raw bytes. */
  verify(delivery: RawDelivery, secrets: readonly string[]): boolean;
  /** Reads a verified delivery; `unreadable` says why it cannot be read. */
  read(delivery: RawDelivery): { readonly notices: readonly ChangeNotice[]; readonly unreadable?: string };
}

/** Reads the failure out of a call that carried no write. */
export type FailureReader = (exchange: ProviderExchange) => ProviderFailure | undefined;

export const isAbsent = (kind: KindDefinition | AbsentKind): kind is AbsentKind => 'absent' in kind;
