import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Logger, type LoggerService } from '@nestjs/common';
import { CONNECTION_ENTITIES } from '../../src/modules/auth/connections/store/tables.js';
import { isRefused, LEASE_MS, type TokenAnswer } from '../../src/modules/auth/connections/vault/grant.js';
import { HISTORY_ENTITIES } from '../../src/modules/history/store/tables.js';
import { type DispatchTx, Transactions, type Tx } from '../../src/platform/database/index.js';
import { OutboundHttp, type OutboundExchange, type OutboundRequest } from '../../src/platform/http/index.js';
import { Metrics } from '../../src/platform/metrics/index.js';
import { CANARY, OAuthProvider } from './auth/oauth-provider.js';
import { NotedProblems, type Process, type ProcessOptions, startProcess } from './auth/process.js';
import { stubDefinition, type StubTraits } from './auth/stub-definition.js';
import { type FreshDatabase, freshDatabase } from './database.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let fresh: FreshDatabase;
let provider: Awaited<ReturnType<typeof OAuthProvider.start>>;
const processes: Process[] = [];
const logged: string[] = [];

beforeAll(async () => {
  fresh = await freshDatabase([...CONNECTION_ENTITIES, ...HISTORY_ENTITIES], { poolSize: 40 });
  const note = (...parts: unknown[]): void => void logged.push(parts.map(String).join(' '));
  Logger.overrideLogger({ log: note, error: note, warn: note, debug: note, verbose: note } satisfies LoggerService);
});
afterAll(async () => {
  Logger.overrideLogger(['error', 'warn', 'log']);
  await fresh.drop();
});
beforeEach(async () => {
  provider = await OAuthProvider.start();
});
afterEach(async () => {
  for (const one of processes.splice(0)) one.close();
  await provider.stop();
  await fresh.asOwner('delete from connection');
  await fresh.asOwner('delete from oauth_grant');
  await fresh.asOwner('delete from data_key');
});

const start = (traits: Partial<StubTraits> = {}, more: Partial<ProcessOptions> = {}): Process => {
  const one = startProcess({
    transactions: fresh.database,
    definition: stubDefinition(traits),
    providerUrl: provider.url,
    ...more,
  });
  processes.push(one);
  return one;
};

interface Consent {
  readonly tenant: string;
  readonly grant: string;
  readonly connection: string;
}

/** A tenant with one consent and one connection on it, as connecting leaves them. */
const consent = async ({ seals, grants, connections }: Process): Promise<Consent> => {
  const [tenant, grant, id] = [randomUUID(), randomUUID(), randomUUID()];
  await fresh.asOwner(`insert into tenant (id, name, created_at) values ($1, 'Acme', now())`, [tenant]);
  const definition = stubDefinition();
  const tokens = definition.oauth.readTokens(JSON.stringify(provider.grant()));
  return fresh.database.inTenant(tenant, async (tx) => {
    const sealed = seals.seal(
      await seals.key(tx),
      { id: grant, tenant },
      { tokens, since: tx.now, formerRefreshToken: undefined, endsAt: undefined },
    );
    await grants.add(tx, { id: grant, provider: 'stub', by: 'ana' }, sealed);
    const { connection } = await connections.connect(tx, {
      ...{ id, provider: 'stub', company: randomUUID(), companyName: 'Sample Co', grant, goLive: undefined, by: 'ana' },
    });
    return { tenant, grant, connection: connection.id };
  });
};

const ask = ({ vault }: Process, { tenant, grant }: Consent, notOlderThan = 0): Promise<TokenAnswer> =>
  vault.accessToken(tenant, grant, notOlderThan);
const tokenIn = (answer: TokenAnswer): string => {
  if (isRefused(answer)) throw new Error(`refused: ${answer.refused.is}`);
  return answer.token;
};
const refusal = (answer: TokenAnswer): string | undefined => (isRefused(answer) ? answer.refused.is : undefined);
const row = async ({ grant }: Consent): Promise<Record<string, unknown>> =>
  (await fresh.asOwner('select * from oauth_grant where id = $1', [grant]))[0]!;
const stateOf = async ({ connection }: Consent): Promise<string> =>
  (await fresh.asOwner<{ state: string }>('select state from connection where id = $1', [connection]))[0]!.state;
const eventsOf = ({ connection }: Consent) =>
  fresh.asOwner<{ type: string; detail: Record<string, unknown> }>(
    'select type, detail from event where connection_id = $1 order by id',
    [connection],
  );
const emergencyFiles = ({ dataDir }: Process): string[] => {
  const directory = path.join(dataDir, 'emergency');
  return fs.existsSync(directory) ? fs.readdirSync(directory) : [];
};

describe('one refresh at a time', () => {
  test('200 callers in 4 processes through 20 rotations make one token call for each rotation', async () => {
    const all = [start(), start(), start(), start()];
    const one = await consent(all[0]!);
    for (let epoch = 1; epoch <= 20; epoch++) {
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, caller) => ask(all[caller % all.length]!, one, epoch + 1)),
      );
      expect(provider.refreshes).toBe(epoch);
      expect(new Set(answers.map(tokenIn)).size).toBe(1);
      expect(provider.accepts(tokenIn(answers[0]!))).toBe(true);
    }
  }, 60_000);

  test('a token with life left is given without asking anybody', async () => {
    const it = start();
    const one = await consent(it);
    expect(provider.accepts(tokenIn(await ask(it, one)))).toBe(true);
    expect(provider.tokenCalls).toHaveLength(0);
  });

  test('a token that is about to die is refreshed before it is used', async () => {
    const it = start();
    const one = await consent(it);
    await fresh.pass(56 * MINUTE);
    expect(provider.accepts(tokenIn(await ask(it, one)))).toBe(true);
    expect(provider.refreshes).toBe(1);
  });

  test('how old a token is, the database says, whatever the clocks of processes show', async () => {
    const it = start();
    const one = await consent(it);
    await fresh.pass(54 * MINUTE);
    await ask(it, one);
    expect(provider.refreshes).toBe(0);
    await fresh.pass(2 * MINUTE);
    await ask(it, one);
    expect(provider.refreshes).toBe(1);
  });

  test('tokens that live for minutes only do not make every request a refresh', async () => {
    provider.accessSeconds = 120;
    const it = start();
    const one = await consent(it);
    for (let call = 0; call < 5; call++) await ask(it, one);
    expect(provider.refreshes).toBe(0);
  });

  test('a refusal of an older token refreshes nothing: the newer one is given', async () => {
    const it = start();
    const one = await consent(it);
    await ask(it, one, 2);
    const answers = await Promise.all([ask(it, one, 2), ask(start(), one, 2), ask(it, one, 1)]);
    expect(answers.map((answer) => 'epoch' in answer && answer.epoch)).toEqual([2, 2, 2]);
    expect(provider.refreshes).toBe(1);
  });

  test('nobody joins the refresh of another tenant’s consent', async () => {
    const it = start();
    const one = await consent(it);
    const stranger = await consent(it);
    const [mine, theirs] = await Promise.all([ask(it, one, 2), it.vault.accessToken(stranger.tenant, one.grant, 2)]);
    expect(refusal(mine)).toBeUndefined();
    expect(refusal(theirs)).toBe('access_revoked');
  });

  test('client authentication goes by Basic, with the headers that the provider asks for', async () => {
    const it = start();
    await ask(it, await consent(it), 2);
    const [call] = provider.tokenCalls;
    expect(call!.authorization).toBe(`Basic ${Buffer.from('stub-client:stub-secret').toString('base64')}`);
    expect(call!.headers['x-stub']).toBe('yes');
    expect(call!.form.has('client_secret')).toBe(false);
  });
});

describe('write-ahead and persist before use', () => {
  test('the attempt is committed before the provider is called', async () => {
    const it = start();
    const one = await consent(it);
    let during: Record<string, unknown> | undefined;
    provider.beforeToken = async () => {
      during = await row(one);
    };
    await ask(it, one, 2);
    expect(during).toMatchObject({ state: 'refreshing', epoch: 1 });
    expect(during!.attempt_id).not.toBeNull();
    expect(during!.lease_until).not.toBeNull();
  });

  test('the new tokens are committed before the first request that uses them', async () => {
    const it = start();
    const one = await consent(it);
    const connection = await fresh.database.inTenant(one.tenant, (tx) => it.connections.get(tx, one.connection));
    await fresh.pass(56 * MINUTE);
    let during: Record<string, unknown> | undefined;
    provider.beforeApi = async () => {
      during ??= await row(one);
    };
    const line = it.lines.open(connection!);
    expect(await line.send({ method: 'GET', path: '/things', label: 'read thing' })).toMatchObject({ status: 200 });
    expect(during).toMatchObject({ state: 'ok', epoch: 2 });
  });

  test('no transaction is open and no row is locked while the provider is asked', async () => {
    const it = start();
    const one = await consent(it);
    let during: unknown;
    provider.beforeToken = async () => {
      const open = await fresh.asOwner(
        `select query from pg_stat_activity
          where datname = current_database() and usename = 'concord_app' and xact_start is not null`,
      );
      // Whoever wants the row gets it at once.
      const free = await fresh.asOwner('select 1 from oauth_grant where id = $1 for update nowait', [one.grant]);
      during = { open, free: free.length };
    };
    await ask(it, one, 2);
    expect(during).toEqual({ open: [], free: 1 });
  });

  test('a provider that sends no new refresh token means the one that it sent before', async () => {
    const it = start();
    const one = await consent(it);
    provider.omits.add('refresh_token');
    provider.rotation = 'never';
    for (const epoch of [2, 3]) expect(provider.accepts(tokenIn(await ask(it, one, epoch)))).toBe(true);
    const used = provider.tokenCalls.map(({ form }) => form.get('refresh_token'));
    expect(new Set(used).size).toBe(1);
    expect((await row(one)).refresh_sealed).not.toBeNull();
  });

  test('when the consent ends for good is not forgotten where a refresh does not say it again', async () => {
    provider.grantSeconds = (1_800 * DAY) / 1000;
    const it = start();
    const one = await consent(it);
    const { ends_at: endsAt } = await row(one);
    expect(endsAt).not.toBeNull();
    provider.grantSeconds = undefined;
    await ask(it, one, 2);
    expect((await row(one)).ends_at).toEqual(endsAt);
  });

  test('the refresh token before the present one is kept until the present one has worked', async () => {
    const it = start();
    const one = await consent(it);
    await ask(it, one, 2);
    expect((await row(one)).previous_refresh_sealed).not.toBeNull();
    provider.rotation = 'never';
    await ask(it, one, 3);
    expect((await row(one)).previous_refresh_sealed).toBeNull();
  });

  test('if the newest refresh token is refused, the one before it is tried once within the provider’s promise', async () => {
    const it = start();
    const one = await consent(it);
    const other = await consent(it);
    await ask(it, one, 2);
    // As if what was stored were not what the provider issued: the other consent’s token stands in its place.
    await ask(it, other, 2);
    provider.grace = true;
    await spoilRefreshToken(it, one);
    expect(provider.accepts(tokenIn(await ask(it, one, 3)))).toBe(true);
    expect(provider.refreshes).toBe(4);
  });

  test('an attempt that was overtaken stores nothing over newer tokens', async () => {
    const [slow, quick] = [start(), start()];
    const one = await consent(slow);
    let release: () => void = () => undefined;
    const stuck = new Promise<void>((resolve) => (release = resolve));
    let calls = 0;
    provider.beforeToken = () => (++calls === 1 ? stuck : Promise.resolve());
    const late = ask(slow, one, 2);
    while (calls === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await fresh.pass(LEASE_MS + 1);
    const winner = tokenIn(await ask(quick, one, 2));
    const before = await row(one);
    release();
    expect(tokenIn(await late)).toBe(winner);
    expect(await row(one)).toEqual(before);
    // What it brought is kept until it is clear that nobody needs it.
    expect(emergencyFiles(slow)).toHaveLength(1);
    await slow.rescue.run();
    expect(emergencyFiles(slow)).toEqual([]);
    expect(await row(one)).toEqual(before);
  });
});

/** Replaces the stored refresh token by one that the provider does not know. */
const spoilRefreshToken = async ({ seals, grants }: Process, { tenant, grant }: Consent): Promise<void> => {
  await fresh.database.inTenant(tenant, async (tx) => {
    const known = (await grants.lock(tx, grant))!;
    const tokens = { accessToken: 'x', refreshToken: 'unknown', accessExpiresIn: 3600 };
    const { refreshSealed } = seals.seal(
      await seals.key(tx),
      { id: grant, tenant },
      {
        tokens: { ...tokens, refreshExpiresIn: undefined, grantExpiresIn: undefined },
        since: tx.now,
        formerRefreshToken: undefined,
        endsAt: undefined,
      },
    );
    await grants.change(tx, known, { refreshSealed });
  });
};

/** Lets a process die at its nth boundary: a transaction begun or committed, a request sent or answered. */
class Mortality {
  private count = 0;
  private die: () => void = () => undefined;
  readonly death = new Promise<void>((resolve) => (this.die = resolve));

  constructor(private readonly dieAt: number) {}

  async pass(): Promise<void> {
    if (this.count++ < this.dieAt) return;
    this.die();
    // The dead do not go on.
    await new Promise(() => undefined);
  }
}

class MortalTransactions extends Transactions {
  constructor(private readonly mortality: Mortality) {
    super();
  }

  override async inTenant<T>(tenant: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    await this.mortality.pass();
    const result = await fresh.database.inTenant(tenant, work);
    await this.mortality.pass();
    return result;
  }

  override dispatching<T>(work: (tx: DispatchTx) => Promise<T>): Promise<T> {
    return fresh.database.dispatching(work);
  }
}

class MortalHttp extends OutboundHttp {
  constructor(private readonly mortality: Mortality) {
    super({ privateAddresses: 'allowed', metrics: new Metrics() });
  }

  override async send(request: OutboundRequest): Promise<OutboundExchange> {
    await this.mortality.pass();
    const exchange = await super.send(request);
    await this.mortality.pass();
    return exchange;
  }
}

/** A refresh that dies at a boundary; returns whether it got through before that. */
const dieAt = (boundary: number, one: Consent): Promise<boolean> => {
  const mortality = new Mortality(boundary);
  const transactions = new MortalTransactions(mortality);
  const it = start({}, { transactions, http: new MortalHttp(mortality) });
  return Promise.race([ask(it, one, 2).then(() => true), mortality.death.then(() => false)]);
};

describe('a process killed at any boundary of a refresh', () => {
  test.each(['each', 'never'] as const)(
    'leaves a consent that goes on working (new refresh tokens: %s)',
    async (rotation) => {
      provider.rotation = rotation;
      for (let boundary = 0; ; boundary++) {
        const one = await consent(start());
        const before = provider.refreshes;
        const survived = await dieAt(boundary, one);
        await fresh.pass(LEASE_MS + 1);
        const heir = start();
        expect(provider.accepts(tokenIn(await ask(heir, one, 2)))).toBe(true);
        expect(await row(one)).toMatchObject({ state: 'ok', attempt_id: null });
        expect(await stateOf(one)).toBe('active');
        expect(provider.refreshes - before).toBeLessThanOrEqual(2);
        if (survived) {
          expect(boundary).toBeGreaterThanOrEqual(8);
          break;
        }
      }
    },
    60_000,
  );

  test('at a provider without grace costs at most one more try, and then a person is asked', async () => {
    provider.grace = false;
    const traits = { lostRefreshRetryMs: 0 };
    let died = 0;
    for (let boundary = 0; ; boundary++) {
      const one = await consent(start(traits));
      const before = provider.refreshes;
      const survived = await dieAt(boundary, one);
      await fresh.pass(LEASE_MS + 1);
      const heir = start(traits);
      const answer = await ask(heir, one, 2);
      if (isRefused(answer)) {
        died += 1;
        expect(answer.refused.is).toBe('access_revoked');
        expect(await stateOf(one)).toBe('needs_reconnect');
      } else {
        expect(provider.accepts(answer.token)).toBe(true);
      }
      expect(provider.refreshes - before).toBeLessThanOrEqual(2);
      const calls = provider.refreshes;
      await fresh.pass(DAY);
      await ask(heir, one, 2);
      if (isRefused(answer)) expect(provider.refreshes).toBe(calls);
      if (survived) break;
    }
    // Only between the provider's answer and its commit.
    expect(died).toBeGreaterThan(0);
    expect(died).toBeLessThanOrEqual(4);
  }, 60_000);
});

describe('an answer that is lost', () => {
  test.each(['cut_after', 'not_json'] as const)('(%s) is asked for again with the stored token', async (fault) => {
    const it = start();
    const one = await consent(it);
    provider.faults.push(fault);
    expect(provider.accepts(tokenIn(await ask(it, one, 2)))).toBe(true);
    expect(provider.refreshes).toBe(2);
    expect(await row(one)).toMatchObject({ state: 'ok', uncertain_since: null, late_tries: 0 });
  });

  test('again and again is not asked for in a tight circle, and not given up within the provider’s promise', async () => {
    const it = start();
    const one = await consent(it);
    await fresh.pass(2 * HOUR);
    provider.faults.push(...Array.from({ length: 20 }, () => 'cut_before' as const));
    expect(refusal(await ask(it, one))).toBe('unavailable');
    expect(provider.refreshes).toBe(2);
    for (let again = 0; again < 5; again++) await ask(it, one);
    expect(provider.refreshes).toBe(2);
    await fresh.pass(11_000);
    await ask(it, one);
    expect(provider.refreshes).toBe(3);
    provider.faults.length = 0;
    await fresh.pass(MINUTE);
    expect(provider.accepts(tokenIn(await ask(it, one)))).toBe(true);
    expect(await stateOf(one)).toBe('active');
  });

  test('after the provider’s promise has run out is asked for once more, and then a person is asked', async () => {
    const it = start();
    const one = await consent(it);
    await fresh.pass(2 * HOUR);
    provider.faults.push(...Array.from({ length: 20 }, () => 'cut_before' as const));
    await ask(it, one);
    await fresh.pass(31 * MINUTE);
    const before = provider.refreshes;
    expect(refusal(await ask(it, one))).toBe('unavailable');
    expect(provider.refreshes).toBe(before + 1);
    await fresh.pass(HOUR);
    expect(refusal(await ask(it, one))).toBe('access_revoked');
    expect(provider.refreshes).toBe(before + 1);
    expect(await stateOf(one)).toBe('needs_reconnect');
    expect(it.problems.raised).toHaveLength(1);
  });

  test('does not spend the access token that still lives', async () => {
    const it = start();
    const one = await consent(it);
    const alive = tokenIn(await ask(it, one));
    await fresh.pass(56 * MINUTE);
    provider.faults.push('cut_before', 'cut_before', 'cut_before');
    expect(tokenIn(await ask(it, one))).toBe(alive);
  });
});

describe('a refusal', () => {
  test('invalid_grant never loops: one call, a dead consent, a person is asked once', async () => {
    const it = start();
    const one = await consent(it);
    provider.revokeEverything();
    for (let again = 0; again < 5; again++) expect(refusal(await ask(it, one, 2))).toBe('access_revoked');
    await fresh.pass(DAY);
    expect(refusal(await ask(start(), one))).toBe('access_revoked');
    expect(provider.refreshes).toBe(1);
    expect(await row(one)).toMatchObject({ state: 'dead', failure: 'revoked' });
    expect(await stateOf(one)).toBe('needs_reconnect');
    expect(it.problems.raised).toMatchObject([{ code: 'access_revoked', connection: one.connection }]);
    expect(await eventsOf(one)).toMatchObject([{ type: 'connection_changed', detail: { state: 'needs_reconnect' } }]);
  });

  test('invalid_grant after a lost answer is never retried in a loop', async () => {
    provider.grace = false;
    const it = start();
    const one = await consent(it);
    provider.faults.push('cut_after');
    expect(refusal(await ask(it, one, 2))).toBe('access_revoked');
    await fresh.pass(HOUR);
    await ask(it, one, 2);
    expect(provider.refreshes).toBe(2);
  });

  test('a paused company is not a dead consent: it is asked again after an hour and goes on by itself', async () => {
    const it = start();
    const one = await consent(it);
    await fresh.pass(2 * HOUR);
    provider.faults.push('lapsed');
    expect(await ask(it, one)).toMatchObject({ refused: { is: 'suspended', waitMs: expect.any(Number) } });
    expect(await stateOf(one)).toBe('suspended');
    await ask(it, one);
    expect(provider.refreshes).toBe(1);
    await fresh.pass(HOUR + 1_000);
    expect(provider.accepts(tokenIn(await ask(it, one)))).toBe(true);
    expect(await stateOf(one)).toBe('active');
    expect(it.problems.closed).toMatchObject([{ connection: one.connection }]);
  });

  test.each(['status_500', 'status_503_after', 'invalid_client'] as const)(
    '(%s) that says nothing of the consent lets it be, and the token that lives goes on',
    async (fault) => {
      const it = start();
      const one = await consent(it);
      const alive = tokenIn(await ask(it, one));
      await fresh.pass(56 * MINUTE);
      provider.faults.push(fault);
      expect(tokenIn(await ask(it, one))).toBe(alive);
      expect(tokenIn(await ask(it, one))).toBe(alive);
      expect(provider.refreshes).toBe(1);
      await fresh.pass(10 * MINUTE);
      expect(provider.accepts(tokenIn(await ask(it, one)))).toBe(true);
      expect(await stateOf(one)).toBe('active');
    },
  );

  test('a token endpoint that is down for days kills no consent', async () => {
    const it = start({ lostRefreshRetryMs: 0 });
    const one = await consent(it);
    for (let hour = 0; hour < 48; hour++) {
      await fresh.pass(HOUR);
      provider.faults.splice(0, 10, 'status_500');
      expect(refusal(await ask(it, one, 2))).toBe('unavailable');
    }
    provider.faults.length = 0;
    await fresh.pass(HOUR);
    expect(provider.accepts(tokenIn(await ask(it, one, 2)))).toBe(true);
  });

  test('failures of one consent are no matter of the others', async () => {
    const it = start();
    const [sick, well] = [await consent(it), await consent(it)];
    provider.faults.push('status_500');
    await ask(it, sick, 2);
    expect(provider.accepts(tokenIn(await ask(it, well, 2)))).toBe(true);
    expect(await row(well)).toMatchObject({ failures: 0 });
  });
});

describe('when the database is out of reach between the provider’s answer and storing it', () => {
  class Outage extends Transactions {
    /** How many more transactions come through; afterwards none does until it is raised again. */
    left = Infinity;

    override async inTenant<T>(tenant: string, work: (tx: Tx) => Promise<T>): Promise<T> {
      if (this.left-- <= 0) throw new Error(`connect ECONNREFUSED while storing ${CANARY}x`);
      return fresh.database.inTenant(tenant, work);
    }

    override dispatching<T>(work: (tx: DispatchTx) => Promise<T>): Promise<T> {
      return fresh.database.dispatching(work);
    }
  }

  test('for a moment, the tokens are stored at a later try', async () => {
    const transactions = new Outage();
    const it = start({}, { transactions });
    const one = await consent(it);
    provider.beforeToken = async () => {
      transactions.left = 0;
      setTimeout(() => (transactions.left = Infinity), 15);
    };
    expect(provider.accepts(tokenIn(await ask(it, one, 2)))).toBe(true);
    expect(await row(one)).toMatchObject({ epoch: 2, state: 'ok' });
    expect(emergencyFiles(it)).toEqual([]);
  });

  test('for long, they wait sealed on the disk, and the sweep brings them back', async () => {
    provider.grace = false;
    const transactions = new Outage();
    const it = start({ lostRefreshRetryMs: 0 }, { transactions });
    const one = await consent(it);
    provider.beforeToken = async () => {
      transactions.left = 0;
    };
    await expect(ask(it, one, 2)).rejects.toThrow('ECONNREFUSED');
    const [file] = emergencyFiles(it);
    const record = fs.readFileSync(path.join(it.dataDir, 'emergency', file!), 'utf8');
    expect(record).not.toContain(CANARY);
    expect(fs.statSync(path.join(it.dataDir, 'emergency', file!)).mode & 0o777).toBe(0o600);

    // The process dies; another one with the same disk comes up after the outage.
    provider.beforeToken = () => Promise.resolve();
    const heir = start({ lostRefreshRetryMs: 0 }, { dataDir: it.dataDir });
    await heir.keepAlive.run();
    expect(await row(one)).toMatchObject({ epoch: 2, state: 'ok' });
    expect(provider.accepts(tokenIn(await ask(heir, one, 2)))).toBe(true);
    expect(provider.refreshes).toBe(1);
    expect(emergencyFiles(heir)).toEqual([]);
  });

  test('and the consent is given up meanwhile, the tokens on the disk bring it back to life', async () => {
    provider.grace = false;
    const transactions = new Outage();
    const it = start({ lostRefreshRetryMs: 0 }, { transactions });
    const one = await consent(it);
    provider.beforeToken = async () => {
      transactions.left = 0;
    };
    await expect(ask(it, one, 2)).rejects.toThrow();
    provider.beforeToken = () => Promise.resolve();
    await fresh.asOwner(`update oauth_grant set state = 'dead', attempt_id = null where id = $1`, [one.grant]);
    await fresh.asOwner(`update connection set state = 'needs_reconnect' where id = $1`, [one.connection]);
    const heir = start({}, { dataDir: it.dataDir });
    expect(await heir.rescue.run()).toBe(1);
    expect(await stateOf(one)).toBe('active');
    expect(provider.accepts(tokenIn(await ask(heir, one)))).toBe(true);
  });

  test('and the connection is ended meanwhile, the tokens on the disk are revoked', async () => {
    const transactions = new Outage();
    const it = start({}, { transactions });
    const one = await consent(it);
    provider.beforeToken = async () => {
      transactions.left = 0;
    };
    await expect(ask(it, one, 2)).rejects.toThrow();
    await fresh.asOwner(`update oauth_grant set state = 'ended', attempt_id = null where id = $1`, [one.grant]);
    const heir = start({}, { dataDir: it.dataDir });
    expect(await heir.rescue.run()).toBe(0);
    expect(provider.revocations).toHaveLength(1);
    expect(emergencyFiles(heir)).toEqual([]);
  });

  test('a record that somebody has tampered with is not believed, and holds no other up', async () => {
    const transactions = new Outage();
    const it = start({}, { transactions });
    const one = await consent(it);
    provider.beforeToken = async () => {
      transactions.left = 0;
    };
    await expect(ask(it, one, 2)).rejects.toThrow();
    const [name] = emergencyFiles(it);
    const file = path.join(it.dataDir, 'emergency', name!);
    const record = JSON.parse(fs.readFileSync(file, 'utf8')) as { epoch: number; sealed: string };
    fs.writeFileSync(file, JSON.stringify({ ...record, attempt: randomUUID() }));
    const heir = start({}, { dataDir: it.dataDir });
    expect(await heir.rescue.run()).toBe(0);
    expect(await row(one)).toMatchObject({ epoch: 1 });
    expect(emergencyFiles(heir)).toEqual([name]);
  });
});

describe('tokens that a provider rotates silently in an ordinary answer', () => {
  const send = async (it: Process, one: Consent) => {
    const connection = await fresh.database.inTenant(one.tenant, (tx) => it.connections.get(tx, one.connection));
    const line = it.lines.open(connection!);
    return line.send({ method: 'GET', path: '/things', label: 'read thing' });
  };

  test('are stored and used from then on', async () => {
    const it = start();
    const one = await consent(it);
    provider.rotatesSilently = true;
    await send(it, one);
    expect(await row(one)).toMatchObject({ epoch: 2, state: 'ok' });
    expect(provider.accepts(tokenIn(await ask(it, one)))).toBe(true);
    expect(provider.refreshes).toBe(0);
  });

  test('do not replace newer ones that somebody has fetched meanwhile', async () => {
    const it = start();
    const one = await consent(it);
    const newer = tokenIn(await ask(it, one, 2));
    await it.vault.captureRotated(one.tenant, one.grant, 1, {
      ...{ accessToken: 'old', refreshToken: 'old', accessExpiresIn: 3600 },
      ...{ refreshExpiresIn: undefined, grantExpiresIn: undefined },
    });
    expect(tokenIn(await ask(it, one))).toBe(newer);
  });

  test('wait for the end of an attempt that is under way', async () => {
    const it = start();
    const one = await consent(it);
    const rotated = { accessToken: 'a', refreshToken: 'r', accessExpiresIn: 3600 };
    provider.beforeToken = () =>
      it.vault.captureRotated(one.tenant, one.grant, 1, {
        ...rotated,
        ...{ refreshExpiresIn: undefined, grantExpiresIn: undefined },
      });
    expect(provider.accepts(tokenIn(await ask(it, one, 2)))).toBe(true);
    expect(emergencyFiles(it)).toHaveLength(1);
    await it.rescue.run();
    expect(emergencyFiles(it)).toEqual([]);
    expect(await row(one)).toMatchObject({ epoch: 2 });
  });
});

describe('consents that nobody uses', () => {
  test('are refreshed within a day, by one process only', async () => {
    const [it, other] = [start(), start()];
    const one = await consent(it);
    await it.keepAlive.run();
    expect(provider.refreshes).toBe(0);
    await fresh.pass(21 * HOUR);
    await Promise.all([it.keepAlive.run(), other.keepAlive.run()]);
    await it.keepAlive.run();
    expect(provider.refreshes).toBe(1);
    expect(await row(one)).toMatchObject({ epoch: 2 });
  });

  test('and whose refresh was left in the middle are taken up again by the sweep', async () => {
    const one = await consent(start());
    await dieAt(3, one);
    await fresh.pass(LEASE_MS + 1);
    expect(await row(one)).toMatchObject({ state: 'refreshing' });
    await fresh.pass(2 * HOUR);
    await start().keepAlive.run();
    expect(await row(one)).toMatchObject({ state: 'ok', epoch: 2 });
  });

  test('are told of 30, 7 and 1 days before they end, each time once', async () => {
    provider.grantSeconds = (40 * DAY) / 1000;
    const it = start();
    const one = await consent(it);
    const warnings = async (): Promise<unknown[]> => {
      for (let round = 0; round < 2; round++) await it.keepAlive.run();
      return (await eventsOf(one)).map(({ detail }) => detail.days);
    };
    provider.grantSeconds = undefined;
    expect(await warnings()).toEqual([]);
    await fresh.pass(11 * DAY);
    expect(await warnings()).toEqual([30]);
    await fresh.pass(10 * DAY);
    expect(await warnings()).toEqual([30]);
    await fresh.pass(13 * DAY);
    expect(await warnings()).toEqual([30, 7]);
    await fresh.pass(5.5 * DAY);
    expect(await warnings()).toEqual([30, 7, 1]);
  });

  test('of a database restored from a backup all count as uncertain, and each tries its stored token', async () => {
    const it = start({ lostRefreshRetryMs: 0 });
    const [lucky, unlucky] = [await consent(it), await consent(it)];
    expect(await it.keepAlive.distrustAll()).toBe(2);
    expect(await row(lucky)).toMatchObject({ state: 'uncertain' });
    expect(provider.accepts(tokenIn(await ask(it, lucky)))).toBe(true);
    provider.revokeEverything();
    expect(refusal(await ask(it, unlucky))).toBe('access_revoked');
    expect(provider.refreshes).toBe(2);
  });
});

describe('a line to the books', () => {
  const open = async (it: Process, one: Consent) => {
    const connection = await fresh.database.inTenant(one.tenant, (tx) => it.connections.get(tx, one.connection));
    return it.lines.open(connection!);
  };
  const read = { method: 'GET', path: '/things', query: { q: "a 'b' + c&d" }, label: 'read thing' } as const;

  test('sends with a live token below the provider’s base and notes what came back', async () => {
    const it = start();
    const line = await open(it, await consent(it));
    const exchange = await line.send(read);
    expect(exchange).toMatchObject({ status: 200 });
    expect(JSON.parse((exchange as { body: string }).body)).toEqual({
      path: '/api/things',
      query: `?q=${encodeURIComponent("a 'b' + c&d").replaceAll("'", '%27')}`,
    });
    expect(line.notes).toEqual([{ label: 'read thing', status: 200, requestId: 'request-1', ms: expect.any(Number) }]);
  });

  test('refreshes once and replays once when the token is refused', async () => {
    const it = start();
    const line = await open(it, await consent(it));
    provider.expireAccess();
    expect(await line.send(read)).toMatchObject({ status: 200 });
    expect(provider.apiCalls.map(({ status }) => status)).toEqual([401, 200]);
    expect(provider.refreshes).toBe(1);
    expect(line.notes.map(({ status }) => status)).toEqual([401, 200]);
  });

  test('takes a second refusal as the answer', async () => {
    const it = start();
    const line = await open(it, await consent(it));
    provider.beforeApi = async () => provider.expireAccess();
    expect(await line.send(read)).toMatchObject({ status: 401 });
    expect(provider.apiCalls).toHaveLength(2);
    expect(provider.refreshes).toBe(1);
  });

  test('many requests that are refused at once cost one refresh', async () => {
    const it = start();
    const one = await consent(it);
    const lines = await Promise.all(Array.from({ length: 10 }, () => open(it, one)));
    await Promise.all(lines.map((line) => line.send(read)));
    provider.expireAccess();
    const exchanges = await Promise.all(lines.map((line) => line.send(read)));
    expect(exchanges.every((exchange) => 'status' in exchange && exchange.status === 200)).toBe(true);
    expect(provider.refreshes).toBe(1);
  });

  test('holds a request back when the consent is gone, with what that means', async () => {
    const it = start();
    const one = await consent(it);
    const line = await open(it, one);
    provider.revokeEverything();
    expect(await line.send(read)).toMatchObject({ held: { is: 'access_revoked' } });
    expect(await line.send(read)).toMatchObject({ held: { is: 'access_revoked' } });
    expect(provider.refreshes).toBe(1);
  });

  test('holds a request back when the provider’s limit leaves no room for longer than two seconds', async () => {
    const limits = [
      { name: 'minute', scope: 'connection', drawnBy: 'all', allows: { calls: 2, perMs: MINUTE } },
      { name: 'batch', scope: 'connection', drawnBy: 'named', allows: { calls: 1, perMs: HOUR } },
    ] as const;
    const it = start({ limits });
    const [one, other] = [await consent(it), await consent(it)];
    const line = await open(it, one);
    expect(await line.send(read)).toMatchObject({ status: 200 });
    expect(await line.send(read)).toMatchObject({
      held: { is: 'rate_limited', waitMs: expect.any(Number) },
    });
    expect(provider.apiCalls).toHaveLength(1);
    expect(line.notes.at(-1)).toMatchObject({ label: 'read thing', status: undefined });
    // Another company has its own budget, and only those that name a limit draw from it.
    expect(await (await open(it, other)).send({ ...read, draws: ['batch'] })).toMatchObject({ status: 200 });
  });

  test('gives its place among few back after each request', async () => {
    const limits = [{ name: 'concurrent', scope: 'application', drawnBy: 'all', allows: { concurrent: 1 } }] as const;
    const it = start({ limits });
    const line = await open(it, await consent(it));
    for (let call = 0; call < 3; call++) expect(await line.send(read)).toMatchObject({ status: 200 });
  });

  test('does not leave the provider’s API, whatever an id looks like', async () => {
    const it = start();
    const line = await open(it, await consent(it));
    for (const path of [
      '/../token',
      '/%2e%2e/token',
      '//elsewhere.example/x',
      '@elsewhere.example/',
      '/..\\..\\token',
    ]) {
      const exchange = await line.send({ ...read, path });
      if ('unanswered' in exchange) expect(exchange.unanswered).toBe('not_sent');
      else
        expect(JSON.parse((exchange as { body: string }).body)).toMatchObject({
          path: expect.stringMatching(/^\/api\//),
        });
    }
  });
});

describe('keys', () => {
  test('swapping the sealed tokens of two rows, or of two columns, makes them refuse to open', async () => {
    const it = start();
    const [one, other] = [await consent(it), await consent(it)];
    await fresh.asOwner(
      `update oauth_grant g set access_sealed = o.access_sealed from oauth_grant o where g.id = $1 and o.id = $2`,
      [one.grant, other.grant],
    );
    await expect(ask(it, one)).rejects.toThrow('cannot be opened');
    await fresh.asOwner(`update oauth_grant set access_sealed = refresh_sealed where id = $1`, [other.grant]);
    await expect(ask(it, other)).rejects.toThrow('cannot be opened');
  });

  test.each(['access_sealed', 'refresh_sealed', 'previous_refresh_sealed'])(
    'one changed byte anywhere in %s makes it refuse to open; nobody is called and no consent dies of it',
    async (column) => {
      const it = start();
      const [one, other] = [await consent(it), await consent(it)];
      await ask(it, one, 2);
      const calls = provider.refreshes;
      const [{ bytes }] = (await fresh.asOwner<{ bytes: number }>(
        `select length(${column}) as bytes from oauth_grant where id = $1`,
        [one.grant],
      )) as [{ bytes: number }];
      const flip = (at: number) =>
        fresh.asOwner(
          `update oauth_grant set ${column} = set_byte(${column}, $2, get_byte(${column}, $2) # 1) where id = $1`,
          [one.grant, at],
        );
      for (const at of [0, 1, 12, 13, 28, 29, bytes - 1]) {
        await flip(at);
        await expect(ask(it, one, column === 'access_sealed' ? 0 : 3)).rejects.toThrow('cannot be opened');
        await flip(at);
      }
      expect(provider.refreshes).toBe(calls);
      expect(await row(one)).toMatchObject({ state: 'ok', epoch: 2 });
      expect(await stateOf(one)).toBe('active');
      for (const whole of [one, other]) expect(provider.accepts(tokenIn(await ask(it, whole, 3)))).toBe(true);
    },
  );

  test('in another environment, with another master key, a copy of the database calls nobody', async () => {
    const { Keyring } = await import('../../src/modules/auth/connections/vault/keyring.js');
    const it = start();
    const one = await consent(it);
    const copy = start({}, { keyring: Keyring.of([`staging:${Buffer.alloc(32, 9).toString('base64')}`]) });
    await expect(ask(copy, one, 2)).rejects.toThrow('k1 is not in CONCORD_MASTER_KEY');
    await copy.keepAlive.run();
    expect(provider.tokenCalls).toEqual([]);
    expect(await row(one)).toMatchObject({ state: 'ok', epoch: 1, attempt_id: null });
    expect(provider.accepts(tokenIn(await ask(it, one, 2)))).toBe(true);
  });

  test('of the same name and another content open nothing either', async () => {
    const { Keyring } = await import('../../src/modules/auth/connections/vault/keyring.js');
    const one = await consent(start());
    const copy = start({}, { keyring: Keyring.of([`k1:${Buffer.alloc(32, 9).toString('base64')}`]) });
    await expect(ask(copy, one, 2)).rejects.toThrow('cannot be opened');
    expect(provider.tokenCalls).toEqual([]);
  });

  test('a data key of another tenant opens nothing', async () => {
    const it = start();
    const [one, other] = [await consent(it), await consent(it)];
    await fresh.asOwner(
      `update data_key k set wrapped = o.wrapped from data_key o where k.tenant_id = $1 and o.tenant_id = $2`,
      [one.tenant, other.tenant],
    );
    await expect(ask(it, one)).rejects.toThrow('cannot be opened');
  });

  test('a new master key takes over piece by piece, interrupted or not, and the old one may leave', async () => {
    const { Keyring } = await import('../../src/modules/auth/connections/vault/keyring.js');
    const entry = (id: string, byte: number): string => `${id}:${Buffer.alloc(32, byte).toString('base64')}`;
    const old = start();
    const consents = [await consent(old), await consent(old), await consent(old)];
    const both = start({}, { keyring: Keyring.of([entry('k2', 2), entry('k1', 1)]) });
    for (const one of consents) expect(provider.accepts(tokenIn(await ask(both, one)))).toBe(true);

    // The first run dies after its first transaction; the second goes on.
    const mortality = new Mortality(3);
    const mortal = start(
      {},
      {
        keyring: Keyring.of([entry('k2', 2), entry('k1', 1)]),
        transactions: new MortalTransactions(mortality),
      },
    );
    void mortal.rotation.run();
    await mortality.death;
    while ((await both.rotation.run()) > 0);
    expect(await fresh.asOwner(`select 1 from data_key where master_key = 'k1'`)).toHaveLength(0);

    const only = start({}, { keyring: Keyring.of([entry('k2', 2)]) });
    for (const one of consents) expect(provider.accepts(tokenIn(await ask(only, one)))).toBe(true);
    await expect(ask(old, consents[0]!)).rejects.toThrow('k2 is not in CONCORD_MASTER_KEY');
  });

  test('a new data key seals at once what is written, and the sweep what is not', async () => {
    const it = start();
    const [busy, idle] = [await consent(it), await consent(it)];
    for (const { tenant } of [busy, idle]) expect(await it.rotation.renew(tenant)).toBe(2);
    await ask(it, busy, 2);
    expect(await row(busy)).toMatchObject({ key_version: 2 });
    expect(await row(idle)).toMatchObject({ key_version: 1 });
    const token = tokenIn(await ask(it, idle));
    while ((await it.rotation.run()) > 0);
    expect(await row(idle)).toMatchObject({ key_version: 2, epoch: 1 });
    expect(tokenIn(await ask(it, idle))).toBe(token);
    expect(provider.accepts(tokenIn(await ask(it, idle, 2)))).toBe(true);
  });

  test('a sweep in the middle of a refresh loses nothing', async () => {
    const it = start();
    const one = await consent(it);
    await it.rotation.renew(one.tenant);
    provider.beforeToken = async () => void (await it.rotation.run());
    expect(provider.accepts(tokenIn(await ask(it, one, 2)))).toBe(true);
    expect(provider.accepts(tokenIn(await ask(it, one, 3)))).toBe(true);
  });
});

test('no token stands anywhere in the database, the log or the metrics', async () => {
  const it = start({}, { problems: new NotedProblems() });
  const one = await consent(it);
  for (const fault of ['cut_after', 'not_json', 'status_500', 'lapsed'] as const) {
    provider.faults.push(fault);
    await ask(it, one, 99).catch(() => undefined);
    await fresh.pass(2 * HOUR);
  }
  await ask(it, one);
  provider.revokeEverything();
  await ask(it, one, 99);
  const hidden = Buffer.from(CANARY).toString('hex');
  for (const { name } of await fresh.asOwner<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  )) {
    const rows = await fresh.asOwner<{ text: string }>(`select t::text as text from "${name}" t`);
    for (const { text } of rows) {
      expect(text).not.toContain(CANARY);
      expect(text).not.toContain(hidden);
    }
  }
  expect(logged.length).toBeGreaterThan(0);
  expect(logged.join('\n')).not.toContain(CANARY);
  expect(JSON.stringify(it.problems.raised)).not.toContain(CANARY);
  expect(await it.metrics.registry.metrics()).not.toContain(CANARY);
});
