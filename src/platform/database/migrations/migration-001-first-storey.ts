import { Migration } from '@mikro-orm/migrations';

/**
 * The first storey: every table, the row-level security that keeps tenants apart, and the time that all stored times
 * come from. The roles themselves are made by `prepare-roles.ts`, because a cluster has them once.
 */
export class Migration001FirstStorey extends Migration {
  override up(): void {
    for (const statement of [...TIME, ...TABLES, ...ROW_SECURITY, ...APPEND_ONLY, ...FORGETTING, ...GRANTS]) {
      this.addSql(statement);
    }
  }
}

/** One time for everything that is stored; tests move it instead of sleeping (ENGINE G4). */
const TIME = [
  `create table test_clock (
     singular boolean primary key default true check (singular),
     offset_ms bigint not null default 0
   )`,
  `insert into test_clock default values`,
  `create function concord_now() returns timestamptz language sql stable parallel safe
     as $$ select clock_timestamp() + (select offset_ms from test_clock) * interval '1 millisecond' $$`,
  `create function current_tenant() returns uuid language sql stable parallel safe
     as $$ select nullif(current_setting('concord.tenant', true), '')::uuid $$`,
];

const TABLES = [
  // Who may come in.
  `create table tenant (
     id uuid primary key,
     name text not null,
     external_id text unique,
     created_at timestamptz(3) not null,
     deleted_at timestamptz(3),
     deleted_by text,
     forgotten_at timestamptz(3)
   )`,
  `create table api_key (
     id uuid primary key,
     tenant_id uuid references tenant,
     role text not null,
     name text not null,
     prefix text not null,
     hash bytea not null unique,
     created_at timestamptz(3) not null,
     created_by text not null,
     last_used_at timestamptz(3),
     revoked_at timestamptz(3)
   )`,
  `create index api_key_tenant on api_key (tenant_id)`,
  `create table support_grant (
     id uuid primary key,
     tenant_id uuid not null references tenant,
     actor text not null,
     reason text not null,
     granted_by text not null,
     granted_at timestamptz(3) not null,
     until timestamptz(3) not null
   )`,
  `create index support_grant_actor on support_grant (tenant_id, actor)`,

  // Consents and the companies they reach.
  `create table data_key (
     tenant_id uuid not null references tenant,
     version int not null,
     wrapped bytea not null,
     master_key text not null,
     created_at timestamptz(3) not null,
     primary key (tenant_id, version)
   )`,
  `create table oauth_grant (
     id uuid primary key,
     tenant_id uuid not null references tenant,
     provider text not null,
     epoch int not null,
     state text not null,
     access_sealed bytea,
     refresh_sealed bytea,
     previous_refresh_sealed bytea,
     key_version int not null,
     access_expires_at timestamptz(3) not null,
     refresh_expires_at timestamptz(3),
     ends_at timestamptz(3),
     warned_days int,
     attempt_id uuid,
     attempt_started_at timestamptz(3),
     lease_until timestamptz(3),
     uncertain_since timestamptz(3),
     late_tries int not null default 0,
     not_before timestamptz(3),
     refreshed_at timestamptz(3) not null,
     failure text,
     failures int not null default 0,
     created_at timestamptz(3) not null,
     created_by text not null
   )`,
  `create index oauth_grant_tenant on oauth_grant (tenant_id)`,
  `create index oauth_grant_keep_alive on oauth_grant (refreshed_at) where state not in ('dead', 'ended')`,
  `create table connection (
     id uuid primary key,
     tenant_id uuid not null references tenant,
     provider text not null,
     company text not null,
     company_name text,
     grant_id uuid references oauth_grant,
     state text not null,
     state_reason text,
     go_live date not null,
     creates jsonb not null default '[]',
     features jsonb not null default '{}',
     base_currency text,
     not_before timestamptz(3),
     first_look_at timestamptz(3),
     connected_at timestamptz(3) not null,
     connected_by text not null,
     disconnected_at timestamptz(3),
     served_at timestamptz(3) not null default '-infinity',
     unique (tenant_id, provider, company)
   )`,
  `create index connection_company on connection (provider, company)`,
  `create table connect_ticket (
     id uuid primary key,
     tenant_id uuid not null references tenant,
     provider text not null,
     connection_id uuid,
     actor text not null,
     return_url text not null,
     go_live date,
     secret_hash bytea not null unique,
     state text not null,
     browser_hash bytea,
     result text,
     created_at timestamptz(3) not null,
     expires_at timestamptz(3) not null,
     used_at timestamptz(3)
   )`,
  `create table oauth_state (
     state_hash bytea primary key,
     tenant_id uuid not null references tenant,
     ticket_id uuid not null references connect_ticket,
     browser_hash bytea not null,
     verifier_sealed bytea,
     key_version int,
     expires_at timestamptz(3) not null,
     consumed_at timestamptz(3)
   )`,

  // The app side.
  `create table record (
     tenant_id uuid not null references tenant,
     kind text not null,
     id text not null,
     version int not null,
     existence text not null,
     contract int not null,
     content jsonb not null,
     facts jsonb not null default '{}',
     pending jsonb not null default '{}',
     number text,
     cause jsonb not null,
     created_at timestamptz(3) not null,
     updated_at timestamptz(3) not null,
     primary key (tenant_id, kind, id)
   )`,
  `create index record_number on record (tenant_id, number) where number is not null`,
  `create index record_updated on record (tenant_id, kind, updated_at, id)`,
  `create index record_name on record (tenant_id, kind,
     lower(btrim(coalesce(content->>'displayName', content->>'name', content->>'number'))))`,
  `create index record_ended on record (tenant_id, kind) where existence <> 'present'`,
  `create table record_version (
     tenant_id uuid not null,
     kind text not null,
     id text not null,
     version int not null,
     existence text not null,
     contract int not null,
     content jsonb not null,
     cause jsonb not null,
     at timestamptz(3) not null,
     primary key (tenant_id, kind, id, version)
   )`,
  `create table push (
     tenant_id uuid not null references tenant,
     key text not null,
     fingerprint text not null,
     result jsonb not null,
     at timestamptz(3) not null,
     primary key (tenant_id, key)
   )`,

  // The street.
  `create table twin (
     id uuid primary key,
     tenant_id uuid not null references tenant,
     connection_id uuid not null references connection,
     kind text not null,
     facet text not null default '',
     app_id text,
     books_id text,
     base jsonb not null default '{"groups":{},"lines":[]}',
     holds jsonb not null default '[]',
     refusal jsonb,
     created_at timestamptz(3) not null
   )`,
  `create unique index twin_app on twin (connection_id, kind, facet, app_id) where app_id is not null`,
  `create unique index twin_books on twin (connection_id, kind, facet, books_id) where books_id is not null`,
  `create index twin_record on twin (tenant_id, kind, app_id)`,
  `create index twin_books_ref on twin (connection_id, kind, books_id)`,
  `create table former_ref (
     tenant_id uuid not null references tenant,
     connection_id uuid not null references connection,
     kind text not null,
     facet text not null,
     side text not null,
     ref text not null,
     twin_id uuid not null,
     at timestamptz(3) not null,
     primary key (connection_id, kind, facet, side, ref)
   )`,
  `create index former_ref_twin on former_ref (twin_id)`,
  `create table snapshot (
     tenant_id uuid not null references tenant,
     connection_id uuid not null references connection,
     kind text not null,
     books_id text not null,
     facet text,
     existence text not null,
     contract int not null,
     content jsonb not null,
     version text not null,
     raw jsonb,
     number text,
     created_there text,
     changed_there text,
     changed_by text,
     merged_into text,
     as_of timestamptz(3) not null,
     ended_at timestamptz(3),
     primary key (connection_id, kind, books_id)
   )`,
  `create index snapshot_number on snapshot (tenant_id, number) where number is not null`,
  `create index snapshot_listing on snapshot (connection_id, kind, as_of)`,
  `create table work_item (
     twin_id uuid primary key,
     tenant_id uuid not null,
     connection_id uuid not null,
     kind text not null,
     lane smallint not null,
     wanted bigint not null,
     done bigint not null default 0,
     look boolean not null,
     not_before timestamptz(3) not null,
     walk_id uuid,
     attempts int not null default 0,
     cause jsonb not null
   )`,
  `create index work_item_due on work_item (lane, not_before) where wanted > done and walk_id is null`,
  `create index work_item_batch on work_item (connection_id, kind, lane, not_before) where wanted > done and walk_id is null`,
  `create index work_item_walk on work_item (walk_id) where walk_id is not null`,
  `create table worker (
     name text primary key,
     places int not null,
     seen_at timestamptz(3) not null
   )`,
  `create table walk (
     id uuid primary key,
     tenant_id uuid not null,
     connection_id uuid not null,
     kind text not null,
     lane smallint not null,
     graph int not null,
     open boolean not null default true,
     lease_until timestamptz(3) not null,
     items int not null,
     started_at timestamptz(3) not null,
     ended_at timestamptz(3),
     ending text
   )`,
  `create index walk_open on walk (lease_until) where open`,
  `create index walk_listing on walk (tenant_id, started_at desc, id)`,
  `create index walk_ended on walk (tenant_id, ended_at) where not open`,
  `create table walk_step (
     walk_id uuid not null references walk on delete cascade,
     tenant_id uuid not null,
     step text not null,
     epoch int not null,
     done boolean not null default false,
     started_at timestamptz(3) not null,
     finished_at timestamptz(3),
     calls jsonb not null default '[]',
     primary key (walk_id, step)
   )`,
  `create table walk_item (
     walk_id uuid not null references walk on delete cascade,
     twin_id uuid not null,
     tenant_id uuid not null,
     position int not null,
     wanted bigint not null,
     look boolean not null,
     attempts int not null,
     seen jsonb,
     plan jsonb,
     written jsonb,
     outcome jsonb,
     primary key (walk_id, twin_id)
   )`,
  `create index walk_item_twin on walk_item (twin_id)`,
  `create table intent (
     id uuid primary key,
     tenant_id uuid not null references tenant,
     connection_id uuid not null,
     twin_id uuid not null,
     walk_id uuid not null,
     kind text not null,
     facet text not null,
     side text not null default 'books',
     creates boolean not null,
     write jsonb not null,
     target jsonb,
     marker text not null,
     decision_id uuid,
     state text not null,
     created_at timestamptz(3) not null,
     sent_at timestamptz(3),
     answered_at timestamptz(3),
     done jsonb not null default '[]',
     answer jsonb,
     failure jsonb,
     looks int not null default 0,
     absent_since timestamptz(3),
     call_id uuid,
     settled_at timestamptz(3)
   )`,
  `create unique index intent_open on intent (twin_id, side) where state in ('planned', 'in_flight', 'uncertain')`,
  `create index intent_unsettled on intent (twin_id) where settled_at is null and state in ('confirmed', 'void')`,
  `create index intent_creates on intent (connection_id, kind) where creates and state in ('planned', 'in_flight', 'uncertain')`,
  `create index intent_twin on intent (twin_id, created_at)`,
  `create table call (
     id uuid primary key,
     tenant_id uuid not null references tenant,
     connection_id uuid not null,
     walk_id uuid not null,
     intents uuid[] not null,
     request jsonb not null,
     provider_key text,
     state text not null,
     attempts int not null default 1,
     sent_at timestamptz(3) not null,
     answered_at timestamptz(3),
     status int,
     request_id text,
     ms int
   )`,
  `create index call_walk on call (walk_id)`,
  `create index call_kept on call (tenant_id, sent_at) where request ? 'body'`,
  `create table wait (
     twin_id uuid not null,
     needs_twin uuid not null,
     tenant_id uuid not null,
     side text not null,
     until text not null,
     path text not null,
     primary key (twin_id, needs_twin, side, until)
   )`,
  `create index wait_needs on wait (needs_twin, side, until)`,

  // What people see to.
  `create table conflict (
     id uuid primary key,
     tenant_id uuid not null references tenant,
     connection_id uuid not null,
     twin_id uuid not null,
     kind text not null,
     reason text not null,
     groups jsonb not null,
     base jsonb,
     app jsonb,
     books jsonb,
     candidates jsonb not null,
     fingerprint text not null,
     money_effect numeric,
     open boolean not null default true,
     decision jsonb,
     raised_at timestamptz(3) not null,
     updated_at timestamptz(3) not null,
     closed_at timestamptz(3),
     ending text
   )`,
  `create unique index conflict_open on conflict (twin_id) where open`,
  `create index conflict_listing on conflict (tenant_id, open, raised_at, id)`,
  `create table decision (
     id uuid primary key,
     tenant_id uuid not null references tenant,
     conflict_id uuid not null references conflict,
     verb text not null,
     choices jsonb not null,
     fingerprint text not null,
     actor text not null,
     at timestamptz(3) not null
   )`,
  `create index decision_conflict on decision (conflict_id)`,
  `create table policy (
     tenant_id uuid not null references tenant,
     kind text not null,
     field_group text not null default '',
     rule text not null,
     set_by text not null,
     set_at timestamptz(3) not null,
     primary key (tenant_id, kind, field_group)
   )`,
  `create table granularity (
     tenant_id uuid not null references tenant,
     kind text not null,
     granularity text not null,
     set_by text not null,
     set_at timestamptz(3) not null,
     primary key (tenant_id, kind)
   )`,
  `create table problem (
     id uuid primary key,
     tenant_id uuid not null references tenant,
     connection_id uuid,
     twin_id uuid,
     subject text not null,
     code text not null,
     message text not null,
     detail jsonb not null,
     open boolean not null default true,
     times int not null default 1,
     raised_at timestamptz(3) not null,
     last_at timestamptz(3) not null,
     closed_at timestamptz(3)
   )`,
  `create unique index problem_open on problem (tenant_id, subject, code) where open`,
  `create index problem_listing on problem (tenant_id, open, raised_at, id)`,
  `create index problem_twin on problem (twin_id) where open`,

  // Intake.
  `create table delivery (
     id uuid primary key,
     provider text not null,
     headers jsonb not null,
     body bytea not null,
     received_at timestamptz(3) not null,
     claimed_until timestamptz(3),
     unpacked_at timestamptz(3),
     notices int,
     orphans int,
     unreadable text
   )`,
  `create index delivery_kept on delivery (received_at) where unpacked_at is not null and body <> ''`,
  `create index delivery_waiting on delivery (received_at) where unpacked_at is null`,
  `create table heard_event (
     tenant_id uuid not null references tenant,
     connection_id uuid not null,
     event_id text not null,
     delivery_id uuid not null,
     at timestamptz(3) not null,
     primary key (connection_id, event_id)
   )`,
  `create table intake_counter (
     provider text not null,
     what text not null,
     count bigint not null default 0,
     last_at timestamptz(3) not null,
     primary key (provider, what)
   )`,
  `create table stream (
     connection_id uuid not null references connection,
     name text not null,
     tenant_id uuid not null references tenant,
     cursor text,
     every_ms bigint not null,
     due_at timestamptz(3) not null,
     lease_until timestamptz(3),
     looked_at timestamptz(3),
     found int not null default 0,
     failure text,
     why text not null,
     primary key (connection_id, name)
   )`,
  `create index stream_due on stream (due_at)`,

  // History.
  `create table event (
     id uuid primary key,
     tenant_id uuid not null references tenant,
     at timestamptz(3) not null,
     type text not null,
     cause jsonb not null,
     connection_id uuid,
     twin_id uuid,
     kind text,
     app_id text,
     books_id text,
     number text,
     detail jsonb not null,
     emptied boolean not null default false
   )`,
  `create index event_twin on event (twin_id, at) where twin_id is not null`,
  `create index event_app on event (tenant_id, kind, app_id, at) where app_id is not null`,
  `create index event_books on event (tenant_id, kind, books_id, at) where books_id is not null`,
  `create index event_number on event (tenant_id, number) where number is not null`,
  `create table unchained (
     event_id uuid primary key,
     tenant_id uuid not null
   )`,
  `create index unchained_tenant on unchained (tenant_id)`,
  `create table chain_head (
     tenant_id uuid primary key,
     sequence bigint not null,
     hash bytea not null
   )`,
  `create table chain (
     tenant_id uuid not null,
     sequence bigint not null,
     event_id uuid not null,
     previous bytea not null,
     hash bytea not null,
     primary key (tenant_id, sequence)
   )`,
  `create unique index chain_event on chain (event_id)`,

  // Shared limits: no tenant, no content, and nothing that is worth a log of its own. A crash empties them.
  `create unlogged table limit_bucket (
     key text primary key,
     empty_at timestamptz not null
   )`,
  `create unlogged table limit_slot (
     key text not null,
     slot smallint not null,
     holder uuid,
     until timestamptz not null,
     primary key (key, slot)
   )`,
  `create index limit_slot_holder on limit_slot (holder) where holder is not null`,
];

/** Tables that hold one tenant's rows. */
const TENANTED = [
  'support_grant',
  'data_key',
  'oauth_grant',
  'connection',
  'connect_ticket',
  'oauth_state',
  'record',
  'record_version',
  'push',
  'twin',
  'former_ref',
  'snapshot',
  'work_item',
  'walk',
  'walk_step',
  'walk_item',
  'intent',
  'call',
  'wait',
  'conflict',
  'decision',
  'policy',
  'granularity',
  'problem',
  'heard_event',
  'stream',
  'event',
  'unchained',
  'chain_head',
  'chain',
];

const ROW_SECURITY = [
  ...TENANTED.flatMap((table) => [
    `alter table ${table} enable row level security`,
    `alter table ${table} force row level security`,
    `create policy own_tenant on ${table} to concord_app
       using (tenant_id = current_tenant()) with check (tenant_id = current_tenant())`,
    `create policy all_tenants on ${table} to concord_dispatch using (true) with check (true)`,
  ]),
  `alter table tenant enable row level security`,
  `alter table tenant force row level security`,
  `create policy own_tenant on tenant to concord_app using (id = current_tenant()) with check (id = current_tenant())`,
  `create policy all_tenants on tenant to concord_dispatch using (true) with check (true)`,
  `alter table api_key enable row level security`,
  `alter table api_key force row level security`,
  `create policy own_tenant on api_key to concord_app
     using (tenant_id = current_tenant()) with check (tenant_id = current_tenant())`,
  `create policy all_tenants on api_key to concord_dispatch using (true) with check (true)`,
];

/** What an event is left with when its tenant is forgotten: its id, time and type, which the chain's numbers point to. */
const EMPTIED = {
  emptied: 'true',
  cause: `'{"by":"system"}'`,
  connection_id: 'null',
  twin_id: 'null',
  kind: 'null',
  app_id: 'null',
  books_id: 'null',
  number: 'null',
  detail: `'{}'`,
};

/** History is added to and never changed (reliability.md 6.5); only a whole tenant is forgotten. */
const APPEND_ONLY = [
  `create function refuse_change() returns trigger language plpgsql
     as $$ begin raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation'; end $$`,
  ...['chain', 'decision', 'record_version'].map(
    (table) =>
      `create trigger ${table}_append_only before update on ${table} for each row execute function refuse_change()`,
  ),
  `create trigger event_append_only before update on event for each row
     when (not new.emptied or new.detail <> '{}' or new.id <> old.id or new.tenant_id <> old.tenant_id or new.at <> old.at or new.type <> old.type)
     execute function refuse_change()`,
];

/** Tables whose rows go with their tenant, in an order in which nothing refers to what has gone. */
export const FORGOTTEN = [
  ...['oauth_state', 'connect_ticket', 'heard_event', 'stream', 'snapshot', 'former_ref', 'wait', 'work_item'],
  ...['walk_item', 'walk_step', 'walk', 'call', 'intent', 'decision', 'conflict', 'problem', 'policy', 'granularity'],
  ...['twin', 'push', 'record_version', 'record', 'connection', 'oauth_grant', 'data_key', 'support_grant', 'api_key'],
];

/** Tables that stay as the proof of what was: numbers and hashes, and events that say nothing any more. */
export const KEPT_OF_FORGOTTEN = ['chain', 'chain_head', 'event', 'unchained'];

/**
 * Deleting a tenant (ENGINE G7). Only here does anything run as the owner, because nobody else may empty an event; it
 * reaches no other tenant than that of the transaction. Row-level security binds the owner too, hence its policies.
 */
const FORGETTING = [
  ...[...FORGOTTEN, 'event'].map(
    (table) => `create policy forgetting on ${table} to current_user
      using (tenant_id = current_tenant()) with check (tenant_id = current_tenant())`,
  ),
  `create policy forgetting on tenant to current_user using (id = current_tenant()) with check (id = current_tenant())`,
  `create function forget_tenant(forgotten uuid) returns bigint language plpgsql security definer
     set search_path = public, pg_temp as $$
     declare events bigint;
     begin
       if forgotten is distinct from current_tenant() then
         raise exception 'a tenant is forgotten in its own transaction' using errcode = 'insufficient_privilege';
       end if;
       -- Every row of the tenant holds this one for as long as its transaction lasts: whoever is writing ends first.
       perform from tenant where id = forgotten for update;
       ${FORGOTTEN.map((table) => `delete from ${table} where tenant_id = forgotten;`).join('\n       ')}
       update event
          set ${Object.entries(EMPTIED)
            .map(([column, value]) => `${column} = ${value}`)
            .join(', ')}
        where tenant_id = forgotten and not emptied and type <> 'tenant_deleted';
       get diagnostics events = row_count;
       update tenant set name = '', deleted_at = coalesce(deleted_at, concord_now()), forgotten_at = concord_now()
        where id = forgotten;
       return events;
     end $$`,
  `revoke execute on function forget_tenant(uuid) from public`,
  `grant execute on function forget_tenant(uuid) to concord_app`,
];

/**
 * `concord_app` works within a tenant and cannot leave it. `concord_dispatch` sees across tenants, but only what routing
 * needs: ids, due times, leases, key hashes (ENGINE G1).
 */
const GRANTS = [
  `grant usage on schema public to concord_app, concord_dispatch`,
  `grant select on test_clock to concord_app, concord_dispatch`,
  ...TENANTED.map((table) => `grant select, insert, update, delete on ${table} to concord_app`),
  ...['event', 'chain', 'decision', 'record_version'].map((table) => `revoke update on ${table} from concord_app`),
  `revoke delete on event, chain, decision from concord_app`,
  `grant select, insert, update on tenant to concord_app`,
  `grant select, insert, update on api_key to concord_app`,

  `grant select (id, external_id, deleted_at, forgotten_at) on tenant to concord_dispatch`,
  `grant select, insert, update on api_key to concord_dispatch`,
  `grant select (id, tenant_id, provider, company, state, not_before, served_at, grant_id, first_look_at) on connection to concord_dispatch`,
  `grant update (served_at) on connection to concord_dispatch`,
  `grant select (id, tenant_id, provider, secret_hash, state, browser_hash, expires_at) on connect_ticket to concord_dispatch`,
  `grant select (state_hash, tenant_id, ticket_id, browser_hash, expires_at, consumed_at) on oauth_state to concord_dispatch`,
  `grant delete on connect_ticket, oauth_state to concord_dispatch`,
  `grant select (id, tenant_id, provider, state, key_version, refreshed_at, refresh_expires_at, ends_at, warned_days,
     lease_until, not_before)
     on oauth_grant to concord_dispatch`,
  `grant select (tenant_id, version, master_key) on data_key to concord_dispatch`,
  `grant select (twin_id, tenant_id, connection_id, kind, lane, wanted, done, look, not_before, walk_id, attempts),
     update (look, not_before, walk_id) on work_item to concord_dispatch`,
  `grant select, insert, update, delete on walk, walk_step to concord_dispatch`,
  `grant select (walk_id, twin_id, tenant_id, look),
     insert (walk_id, twin_id, tenant_id, position, wanted, look, attempts) on walk_item to concord_dispatch`,
  `grant select, insert, update, delete on delivery, intake_counter to concord_dispatch`,
  `grant select (connection_id, name, tenant_id, due_at, lease_until), update (lease_until) on stream to concord_dispatch`,
  `grant select on unchained to concord_dispatch`,
  `grant select, insert, update, delete on limit_bucket, limit_slot, worker to concord_dispatch`,
];
