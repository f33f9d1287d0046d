import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from 'jose';
import {
  ACCESS_ENTITIES,
  ApiKeys,
  Authenticator,
  BrowserTokens,
  CONNECTION_ENTITIES,
  derivedKey,
  Entrance,
  Keyring,
  type Principal,
  type Role,
  SupportAccess,
  Tenants,
} from '../../src/modules/auth/index.js';
import { HISTORY_ENTITIES } from '../../src/modules/history/index.js';
import { SYNC_ENTITIES } from '../../src/modules/sync/index.js';
import { Clock } from '../../src/platform/clock/index.js';
import { Metrics } from '../../src/platform/metrics/index.js';
import { type Application, startApplication } from './auth/application.js';
import { type FreshDatabase, freshDatabase } from './database.js';

const SECOND = 1_000;
const MINUTE = 60_000;
const BOOTSTRAP = 'bootstrap-secret-of-forty-characters-abcd';
const ROOT: Principal = { tenant: undefined, role: 'admin', actor: 'key:bootstrap', via: 'bootstrap_key' };
const NOBODY = randomUUID();

class SetClock extends Clock {
  private ms = Date.parse('2026-03-02T09:00:00Z');

  override now(): Date {
    return new Date(this.ms);
  }

  pass(ms: number): void {
    this.ms += ms;
  }
}

const masterKey = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;
const keyring = Keyring.of([masterKey('k2'), masterKey('k1')]);

let clock: SetClock;
let fresh: FreshDatabase;
let application: Application;
let tenant: string;

beforeAll(async () => {
  clock = new SetClock();
  fresh = await freshDatabase([...CONNECTION_ENTITIES, ...ACCESS_ENTITIES, ...HISTORY_ENTITIES, ...SYNC_ENTITIES]);
  application = await startApplication({
    ...{ fresh, definitions: [], providerUrl: undefined, keyring, clock, bootstrapKey: BOOTSTRAP },
  });
});
afterAll(async () => {
  await application.close();
  await fresh.drop();
});
beforeEach(async () => {
  tenant = await newTenant();
});

const newTenant = async (): Promise<string> => {
  const made = await application.get(Tenants).create(ROOT, { name: 'Acme' });
  if (made.outcome !== 'created') throw new Error(made.outcome);
  return made.tenant.id;
};
const deleteTenant = (id: string) => fresh.asOwner('update tenant set deleted_at = now() where id = $1', [id]);
const keyOf = async (role: Role, of: string | undefined, by = ROOT): Promise<{ id: string; secret: string }> => {
  const created = await application.get(ApiKeys).create(by, { tenant: of, role, name: 'a test' });
  if (created.outcome !== 'created') throw new Error(created.why);
  return created;
};
const principalOf = (bearer: string | undefined): Promise<Principal | undefined> =>
  application.get(Authenticator).principalOf(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` });
const supportOf = async (of?: string): Promise<Principal> => (await principalOf((await keyOf('support', of)).secret))!;
const eventsOf = (of: string) =>
  fresh.asOwner<{ type: string; cause: Record<string, unknown>; detail: Record<string, unknown> }>(
    'select type, cause, detail from event where tenant_id = $1 order by id',
    [of],
  );
const countOf = async (outcome: string): Promise<number> => {
  const metric = application.get(Metrics).registry.getSingleMetric('concord_authentications_total')!;
  const { values } = await metric.get();
  return values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0;
};

describe('an API key', () => {
  test('lets its bearer in with its role, into its tenant', async () => {
    const { id, secret } = await keyOf('app', tenant);
    expect(await principalOf(secret)).toEqual({ tenant, role: 'app', actor: `key:${id}`, via: 'api_key' });
  });

  test('of the platform belongs to no tenant', async () => {
    const { id, secret } = await keyOf('support', undefined);
    expect(await principalOf(secret)).toEqual({
      ...{ tenant: undefined, role: 'support', actor: `key:${id}`, via: 'api_key' },
    });
  });

  test('has 256 random bits behind a prefix by which leaked ones are found', async () => {
    const created = await application.get(ApiKeys).create(ROOT, { tenant, role: 'app', name: 'backend' });
    const [, prefix, secret] = /^ck_([0-9a-f]{8})_(.+)$/.exec((created as { secret: string }).secret)!;
    expect(created).toMatchObject({ outcome: 'created', prefix });
    expect(Buffer.from(secret!, 'base64url')).toHaveLength(32);
  });

  test('is stored as its SHA-256 and nowhere else', async () => {
    const { id, secret } = await keyOf('app', tenant);
    const [row] = await fresh.asOwner<{ hash: Buffer; text: string }>(
      'select hash, k::text as text from api_key k where id = $1',
      [id],
    );
    expect(row!.hash.equals(createHash('sha256').update(secret).digest())).toBe(true);
    const told = JSON.stringify([row!.text, await eventsOf(tenant), await application.get(ApiKeys).list(tenant)]);
    expect(told).not.toContain(secret);
    expect(told).not.toContain(secret.slice('ck_00000000_'.length));
  });

  test('that is made or revoked is told in the history of its tenant, by whom', async () => {
    const { id } = await keyOf('finance', tenant);
    await application.get(ApiKeys).revoke(ROOT, id);
    expect((await eventsOf(tenant)).slice(-2)).toMatchObject([
      { type: 'key_created', cause: { by: 'person', actor: ROOT.actor, id }, detail: { role: 'finance' } },
      { type: 'key_revoked', cause: { by: 'person', actor: ROOT.actor, id } },
    ]);
  });

  test('that was revoked lets nobody in any more, and is still listed', async () => {
    const { id, secret } = await keyOf('app', tenant);
    expect(await application.get(ApiKeys).revoke(ROOT, id)).toBe(true);
    expect(await principalOf(secret)).toBeUndefined();
    expect(await application.get(ApiKeys).revoke(ROOT, id)).toBe(false);
    const [listed] = await application.get(ApiKeys).list(tenant);
    expect(listed).toMatchObject({ id, tenant, role: 'app', name: 'a test', createdBy: ROOT.actor });
    expect(listed!.revokedAt).toBeInstanceOf(Date);
  });

  test('of the platform can be revoked, too', async () => {
    const { id, secret } = await keyOf('app', undefined);
    expect(await application.get(ApiKeys).revoke(ROOT, id)).toBe(true);
    expect(await principalOf(secret)).toBeUndefined();
  });

  test('notes its last use at most once a minute', async () => {
    const { secret } = await keyOf('app', tenant);
    const lastUse = async () => (await application.get(ApiKeys).list(tenant))[0]!.lastUsedAt;
    expect(await lastUse()).toBeUndefined();
    await principalOf(secret);
    const first = (await lastUse())!;
    await fresh.pass(MINUTE - 5 * SECOND);
    await principalOf(secret);
    expect(await lastUse()).toEqual(first);
    await fresh.pass(6 * SECOND);
    await principalOf(secret);
    expect((await lastUse())!.getTime()).toBeGreaterThanOrEqual(first.getTime() + MINUTE);
  });

  test('takes over from another while both are good', async () => {
    const [former, next] = [await keyOf('app', tenant), await keyOf('app', tenant)];
    expect(await principalOf(former.secret)).toBeDefined();
    expect(await principalOf(next.secret)).toBeDefined();
    await application.get(ApiKeys).revoke(ROOT, former.id);
    expect(await principalOf(former.secret)).toBeUndefined();
    expect(await principalOf(next.secret)).toBeDefined();
  });

  test('of a deleted tenant lets nobody in', async () => {
    const { secret } = await keyOf('app', tenant);
    await deleteTenant(tenant);
    expect(await principalOf(secret)).toBeUndefined();
  });

  test('that differs in one character lets nobody in', async () => {
    const { secret } = await keyOf('app', tenant);
    for (const at of [3, 12, secret.length - 2]) {
      const other = secret[at] === 'a' ? 'b' : 'a';
      expect(await principalOf(`${secret.slice(0, at)}${other}${secret.slice(at + 1)}`)).toBeUndefined();
    }
    for (const odd of [secret.slice(0, -1), `${secret}a`, ` ${secret}`, secret.toUpperCase(), `${secret}\n`]) {
      expect(await principalOf(odd)).toBeUndefined();
    }
  });

  test('is read from the authorization header as a bearer, and from nowhere else', async () => {
    const { secret } = await keyOf('app', tenant);
    const authenticator = application.get(Authenticator);
    for (const authorization of [
      secret,
      `Basic ${secret}`,
      `Bearer  ${secret}`,
      `Bearer ${secret} ${secret}`,
      'Bearer',
    ]) {
      expect(await authenticator.principalOf({ authorization })).toBeUndefined();
    }
    expect(await authenticator.principalOf({ authorization: [`Bearer ${secret}`] })).toBeUndefined();
    expect(await authenticator.principalOf({ cookie: `authorization=Bearer ${secret}`, 'x-api-key': secret })).toBe(
      undefined,
    );
    expect(await authenticator.principalOf({ authorization: `bearer ${secret}` })).toBeDefined();
  });
});

describe('keys are made', () => {
  test('by an administrator of a tenant for that tenant only', async () => {
    const other = await newTenant();
    const admin = (await principalOf((await keyOf('admin', tenant)).secret))!;
    const keys = application.get(ApiKeys);
    const wanted = { role: 'app', name: 'x' } as const;
    expect(await keys.create(admin, { ...wanted, tenant })).toMatchObject({ outcome: 'created' });
    const forbidden = { outcome: 'refused', why: 'forbidden' };
    expect(await keys.create(admin, { ...wanted, tenant: other })).toEqual(forbidden);
    expect(await keys.create(admin, { ...wanted, tenant: undefined })).toEqual(forbidden);
    expect(await keys.list(other)).toEqual([]);
  });

  test.each([NOBODY, 'no id at all', ''])('for no tenant that is not there ("%s")', async (unknown) => {
    expect(await application.get(ApiKeys).create(ROOT, { tenant: unknown, role: 'app', name: 'x' })).toEqual({
      ...{ outcome: 'refused', why: 'unknown_tenant' },
    });
  });

  test('for no tenant that was deleted', async () => {
    await deleteTenant(tenant);
    expect(await application.get(ApiKeys).create(ROOT, { tenant, role: 'app', name: 'x' })).toEqual({
      ...{ outcome: 'refused', why: 'unknown_tenant' },
    });
  });

  test('and revoked by nobody of another tenant, and not by a tenant where they are the platform’s', async () => {
    const other = await newTenant();
    const admin = (await principalOf((await keyOf('admin', other)).secret))!;
    const [theirs, platforms] = [await keyOf('app', tenant), await keyOf('app', undefined)];
    for (const { id, secret } of [theirs, platforms]) {
      expect(await application.get(ApiKeys).revoke(admin, id)).toBe(false);
      expect(await principalOf(secret)).toBeDefined();
    }
    for (const id of [NOBODY, 'no id at all']) expect(await application.get(ApiKeys).revoke(ROOT, id)).toBe(false);
  });

  test('and a tenant’s list has none of another’s and none of the platform’s', async () => {
    const other = await newTenant();
    const [mine, theirs, platforms] = [
      await keyOf('app', tenant),
      await keyOf('app', other),
      await keyOf('app', undefined),
    ];
    const idsOf = async (of: string | undefined) => (await application.get(ApiKeys).list(of)).map(({ id }) => id);
    expect(await idsOf(tenant)).toEqual([mine.id]);
    const all = await idsOf(undefined);
    expect(all).toContain(platforms.id);
    expect(all).not.toContain(mine.id);
    expect(all).not.toContain(theirs.id);
  });
});

describe('the bootstrap key', () => {
  test('is an administrator of the platform and needs no row', async () => {
    expect(await principalOf(BOOTSTRAP)).toEqual(ROOT);
    const hash = createHash('sha256').update(BOOTSTRAP).digest();
    expect(await fresh.asOwner('select 1 from api_key where hash = $1', [hash])).toEqual([]);
  });

  test('is good whole or not at all', async () => {
    for (const odd of [BOOTSTRAP.slice(0, -1), `${BOOTSTRAP}x`, BOOTSTRAP.toUpperCase()]) {
      expect(await principalOf(odd)).toBeUndefined();
    }
  });

  test('that was not set lets nobody in', async () => {
    const bare = await startApplication({ fresh, definitions: [], providerUrl: undefined });
    try {
      for (const bearer of [BOOTSTRAP, 'undefined', '']) {
        const headers = { authorization: `Bearer ${bearer}` };
        expect(await bare.get(Authenticator).principalOf(headers)).toBeUndefined();
      }
    } finally {
      await bare.close();
    }
  });
});

describe('a browser token', () => {
  const request = { actor: 'ana@example.com', role: 'finance', seconds: 900 } as const;
  const tokenOf = async (more: Partial<Parameters<BrowserTokens['create']>[0]> = {}) =>
    (await application.get(BrowserTokens).create({ tenant, ...request, ...more })).token;

  test('lets one person into one tenant in one role', async () => {
    expect(await principalOf(await tokenOf())).toEqual({
      ...{ tenant, role: 'finance', actor: 'finance:ana@example.com', via: 'browser_token' },
    });
  });

  test('ends when it says so, with ten seconds for clocks that differ', async () => {
    const { token, expiresAt } = await application.get(BrowserTokens).create({ tenant, ...request, seconds: 60 });
    expect(expiresAt.getTime() - clock.now().getTime()).toBe(MINUTE);
    clock.pass(MINUTE + 9 * SECOND);
    expect(await principalOf(token)).toBeDefined();
    clock.pass(2 * SECOND);
    expect(await principalOf(token)).toBeUndefined();
  });

  test('names who signed it, for whom and until when', async () => {
    const token = await tokenOf();
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'JWT', kid: 'k2' });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({
      ...{ iss: 'concord', aud: 'concord-api', sub: 'ana@example.com', tenant, role: 'finance' },
    });
    expect(claims.exp! - claims.nbf!).toBe(900);
    expect(claims.jti).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each<[string, object]>([
    ['the role of a backend', { role: 'app' }],
    ['the role of an administrator', { role: 'admin' }],
    ['a role that there is not', { role: 'owner' }],
    ['more than a quarter of an hour', { seconds: 901 }],
    ['no time', { seconds: 0 }],
    ['less than no time', { seconds: -60 }],
    ['half a second', { seconds: 0.5 }],
    ['no number', { seconds: Number.NaN }],
    ['nobody', { actor: '' }],
    ['a name of blanks', { actor: ' ana' }],
    ['a name of two lines', { actor: 'ana\nadmin' }],
    ['a name without end', { actor: 'a'.repeat(201) }],
  ])('is not made for %s', async (_what, more) => {
    await expect(tokenOf(more)).rejects.toMatchObject({ code: 'invalid_browser_token' });
  });

  describe('is not let in', () => {
    const now = (): number => Math.floor(clock.now().getTime() / SECOND);
    const signing = (id = 'k2'): Uint8Array => derivedKey(keyring.of(id), 'signing of browser tokens');
    const claims = () => ({
      ...{ iss: 'concord', aud: 'concord-api', sub: 'ana', jti: randomUUID(), tenant, role: 'finance' },
      ...{ iat: now(), nbf: now(), exp: now() + 60 },
    });
    const header = { alg: 'HS256', typ: 'JWT', kid: 'k2' };
    const forged = (change: object = {}, head: object = {}, key = signing()): Promise<string> =>
      new SignJWT({ ...claims(), ...change }).setProtectedHeader({ ...header, ...head }).sign(key);
    const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

    test('(unless everything is right)', async () => {
      expect(await principalOf(await forged())).toBeDefined();
      expect(await principalOf(await forged({}, { kid: 'k1' }, signing('k1')))).toBeDefined();
    });

    test.each<[string, () => Record<string, unknown>]>([
      ['of another issuer', () => ({ iss: 'somebody' })],
      ['for another audience', () => ({ aud: 'another-api' })],
      ['without an audience', () => ({ aud: undefined })],
      ['that has ended', () => ({ iat: now() - 120, nbf: now() - 120, exp: now() - 60 })],
      ['without an end', () => ({ exp: undefined })],
      ['that begins later', () => ({ nbf: now() + 60, exp: now() + 120 })],
      ['without a beginning', () => ({ nbf: undefined })],
      ['that lives for a year', () => ({ iat: now() - 1_000, exp: now() + 31_536_000 })],
      ['that does not say since when', () => ({ iat: undefined })],
      ['in the role of an administrator', () => ({ role: 'admin' })],
      ['in the role of a backend', () => ({ role: 'app' })],
      ['in several roles', () => ({ role: ['finance'] })],
      ['without a role', () => ({ role: undefined })],
      ['without a tenant', () => ({ tenant: undefined })],
      ['for several tenants', () => ({ tenant: [NOBODY] })],
      ['of nobody', () => ({ sub: undefined })],
    ])('one %s', async (_what, change) => expect(await principalOf(await forged(change()))).toBeUndefined());

    test('one that was signed with another key, whatever it says', async () => {
      expect(await principalOf(await forged({}, {}, signing('k1')))).toBeUndefined();
      expect(await principalOf(await forged({}, {}, keyring.current.secret))).toBeUndefined();
      expect(await principalOf(await forged({}, { kid: 'k9' }))).toBeUndefined();
      expect(await principalOf(await forged({}, { kid: undefined }))).toBeUndefined();
      expect(await principalOf(await forged({}, { typ: 'at+jwt' }))).toBeUndefined();
    });

    test('one with another algorithm: none, a longer hash, or a key of the forger’s own', async () => {
      expect(await principalOf(`${encoded({ ...header, alg: 'none' })}.${encoded(claims())}.`)).toBeUndefined();
      expect(await principalOf(`${encoded({ ...header, alg: 'NONE' })}.${encoded(claims())}.x`)).toBeUndefined();
      const longer = Buffer.concat([signing(), signing()]);
      expect(await principalOf(await forged({}, { alg: 'HS512' }, longer))).toBeUndefined();
      const { privateKey, publicKey } = await generateKeyPair('ES256');
      const jwk = await exportJWK(publicKey);
      const own = new SignJWT(claims()).setProtectedHeader({ ...header, alg: 'ES256', jwk });
      expect(await principalOf(await own.sign(privateKey))).toBeUndefined();
    });

    test('one whose content was changed after it was signed', async () => {
      const [head, , signature] = (await tokenOf()).split('.');
      expect(await principalOf(`${head}.${encoded({ ...claims(), tenant: NOBODY })}.${signature}`)).toBeUndefined();
      const [, body] = (await tokenOf()).split('.');
      const other = createHmac('sha256', 'guessed').update(`${head}.${body}`).digest('base64url');
      for (const odd of [`${head}.${body}.${other}`, `${head}.${body}.`, `${head}.${body}`, `${head}..${signature}`]) {
        expect(await principalOf(odd)).toBeUndefined();
      }
    });

    test('one whose master key has left the ring', async () => {
      const token = await tokenOf();
      const later = new BrowserTokens(Keyring.of([masterKey('k3')]), clock, { id: randomUUID, secret: () => '' });
      expect(await later.principalOf(token)).toBeUndefined();
    });
  });

  test('of a deleted tenant is let into nothing', async () => {
    const principal = (await principalOf(await tokenOf()))!;
    await deleteTenant(tenant);
    expect(await application.get(Entrance).admit(principal, 'conflicts', undefined)).toEqual({
      ...{ admitted: false, why: 'unknown_tenant' },
    });
  });
});

test('attempts to come in are counted by what came of them, and by nothing else', async () => {
  const counted = async (outcome: string, attempt: () => Promise<unknown>): Promise<number> => {
    const before = await countOf(outcome);
    await attempt();
    return (await countOf(outcome)) - before;
  };
  const { secret } = await keyOf('app', tenant);
  const { token } = await application.get(BrowserTokens).create({ tenant, actor: 'ana', role: 'finance', seconds: 60 });
  expect(await counted('api_key', () => principalOf(secret))).toBe(1);
  expect(await counted('browser_token', () => principalOf(token))).toBe(1);
  expect(await counted('bootstrap_key', () => principalOf(BOOTSTRAP))).toBe(1);
  expect(await counted('no_bearer', () => principalOf(undefined))).toBe(1);
  expect(await counted('refused_key', () => principalOf(`ck_00000000_${'x'.repeat(43)}`))).toBe(1);
  expect(await counted('refused_token', () => principalOf('made.up.token'))).toBe(1);
});

describe('the entrance', () => {
  const admit = (principal: Principal, operation: string, named?: string) =>
    application.get(Entrance).admit(principal, operation, named);
  const refused = (why: string) => ({ admitted: false, why });
  const of = (role: Role): Principal => ({ tenant, role, actor: `key:${role}`, via: 'api_key' });
  const platforms = (role: Role): Principal => ({ ...of(role), tenant: undefined });

  test('lets a caller into its tenant, which it need not name', async () => {
    expect(await admit(of('app'), 'records')).toEqual({ admitted: true, tenant });
    expect(await admit(of('app'), 'records', tenant)).toEqual({ admitted: true, tenant });
  });

  test('lets nobody do what the table does not say, whatever they name', async () => {
    expect(await admit(of('support'), 'decideConflict')).toEqual(refused('forbidden'));
    expect(await admit(platforms('app'), 'setPolicy', tenant)).toEqual(refused('forbidden'));
    expect(await admit(ROOT, 'dropEverything', tenant)).toEqual(refused('forbidden'));
  });

  test('lets nobody into another tenant, and does not tell whether there is one', async () => {
    const other = await newTenant();
    for (const named of [other, NOBODY, 'no id at all', '', tenant.toUpperCase()]) {
      expect(await admit(of('app'), 'records', named)).toEqual(refused('unknown_tenant'));
    }
    expect(await admit(of('admin'), 'apiKeys', other)).toEqual(refused('unknown_tenant'));
  });

  test('asks the platform’s own callers which tenant they mean', async () => {
    expect(await admit(platforms('app'), 'records')).toEqual(refused('tenant_required'));
    expect(await admit(platforms('app'), 'records', tenant)).toEqual({ admitted: true, tenant });
    for (const named of [NOBODY, 'no id at all']) {
      expect(await admit(platforms('app'), 'records', named)).toEqual(refused('unknown_tenant'));
    }
  });

  test('lets a tenant’s own support in without a grant', async () => {
    expect(await admit(await supportOf(tenant), 'recordHistory')).toEqual({ admitted: true, tenant });
  });
});

describe('the platform’s support', () => {
  const admit = (principal: Principal, operation: string, named: string) =>
    application.get(Entrance).admit(principal, operation, named);
  const grantTo = ({ actor }: Principal, more: object = {}) =>
    application.get(SupportAccess).grant(ROOT, { tenant, actor, reason: 'ticket 4711', seconds: 3600, ...more });
  const UNKNOWN = { admitted: false, why: 'unknown_tenant' };

  test('sees nothing of a tenant without a grant for it', async () => {
    const support = await supportOf();
    expect(await admit(support, 'recordHistory', tenant)).toEqual(UNKNOWN);
    const other = await newTenant();
    await grantTo(support, { tenant: other });
    expect(await admit(support, 'recordHistory', tenant)).toEqual(UNKNOWN);
    expect(await admit(support, 'recordHistory', other)).toEqual({ admitted: true, tenant: other });
  });

  test('sees it with one, and each use leaves an event that says who looked at what and why', async () => {
    const support = await supportOf();
    const granted = await grantTo(support);
    expect(granted).toMatchObject({ outcome: 'granted' });
    const { id } = granted as { id: string };
    await admit(support, 'recordHistory', tenant);
    await admit(support, 'walk', tenant);
    const person = (actor: string) => ({ by: 'person', actor, id });
    expect((await eventsOf(tenant)).slice(1)).toMatchObject([
      {
        type: 'support_granted',
        cause: person(ROOT.actor),
        detail: { did: 'granted', actor: support.actor, reason: 'ticket 4711' },
      },
      {
        ...{ type: 'support_granted', cause: person(support.actor) },
        detail: { did: 'used', operation: 'recordHistory', reason: 'ticket 4711' },
      },
      { type: 'support_granted', cause: person(support.actor), detail: { did: 'used', operation: 'walk' } },
    ]);
  });

  test('reads under a grant and changes nothing', async () => {
    const support = await supportOf();
    await grantTo(support);
    for (const operation of ['decideConflict', 'upsertRecords', 'disconnect', 'createApiKey', 'createBrowserToken']) {
      expect(await admit(support, operation, tenant)).toEqual({ admitted: false, why: 'forbidden' });
    }
  });

  test('is out again when its time is over', async () => {
    const support = await supportOf();
    await grantTo(support, { seconds: 60 });
    await fresh.pass(59 * SECOND);
    expect(await admit(support, 'walk', tenant)).toEqual({ admitted: true, tenant });
    await fresh.pass(2 * SECOND);
    expect(await admit(support, 'walk', tenant)).toEqual(UNKNOWN);
  });

  test('is out again when somebody ends the grant, which is told', async () => {
    const support = await supportOf();
    const { id } = (await grantTo(support)) as { id: string };
    expect(await application.get(SupportAccess).end(ROOT, tenant, id)).toBe(true);
    expect(await admit(support, 'walk', tenant)).toEqual(UNKNOWN);
    expect(await application.get(SupportAccess).end(ROOT, tenant, id)).toBe(false);
    expect((await eventsOf(tenant)).at(-1)).toMatchObject({
      ...{ type: 'support_granted', cause: { actor: ROOT.actor, id }, detail: { did: 'ended', actor: support.actor } },
    });
  });

  test('has a grant for itself, and not for another key', async () => {
    const [granted, other] = [await supportOf(), await supportOf()];
    await grantTo(granted);
    expect(await admit(other, 'walk', tenant)).toEqual(UNKNOWN);
  });

  test('leaves no event where it was not let in', async () => {
    await admit(await supportOf(), 'walk', tenant);
    expect((await eventsOf(tenant)).map(({ type }) => type)).toEqual(['tenant_created']);
  });

  test.each([0, -1, 8 * 3600 + 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'is granted no time of %p seconds',
    async (seconds) => {
      expect(await grantTo(await supportOf(), { seconds })).toEqual({ outcome: 'refused', why: 'invalid_seconds' });
    },
  );

  test.each([NOBODY, 'no id at all'])('is granted nothing for a tenant that is not there ("%s")', async (unknown) => {
    expect(await grantTo(await supportOf(), { tenant: unknown })).toEqual({
      ...{ outcome: 'refused', why: 'unknown_tenant' },
    });
  });

  test('is granted and ended by an administrator of a tenant for that tenant only', async () => {
    const support = await supportOf();
    const other = await newTenant();
    const admin: Principal = { ...ROOT, tenant: other, actor: 'key:admin' };
    const access = application.get(SupportAccess);
    const request = { tenant, actor: support.actor, reason: 'x', seconds: 60 };
    expect(await access.grant(admin, request)).toEqual({ outcome: 'refused', why: 'forbidden' });
    const { id } = (await grantTo(support)) as { id: string };
    expect(await access.end(admin, tenant, id)).toBe(false);
    expect(await access.end(admin, other, id)).toBe(false);
    expect(await access.end(ROOT, tenant, 'no id at all')).toBe(false);
    expect(await access.end(ROOT, 'no id at all', id)).toBe(false);
    expect(await admit(support, 'walk', tenant)).toEqual({ admitted: true, tenant });
    expect(await access.list(tenant)).toMatchObject([{ id, actor: support.actor, grantedBy: ROOT.actor }]);
    expect(await access.list(other)).toEqual([]);
  });
});

describe('a tenant', () => {
  const create = (name: string, externalId?: string, by = ROOT) =>
    application.get(Tenants).create(by, { name, ...(externalId !== undefined && { externalId }) });

  test('is made with its first event', async () => {
    const externalId = randomUUID();
    const made = await create('Birch & Co', externalId);
    expect(made).toMatchObject({ outcome: 'created', tenant: { name: 'Birch & Co', externalId } });
    const { id } = (made as { tenant: { id: string } }).tenant;
    expect(await application.get(Tenants).get(id)).toEqual((made as { tenant: unknown }).tenant);
    expect(await eventsOf(id)).toMatchObject([
      {
        type: 'tenant_created',
        cause: { by: 'person', actor: ROOT.actor },
        detail: { name: 'Birch & Co', externalId },
      },
    ]);
  });

  test('of one external id is made once, however often and however fast it is asked for', async () => {
    const externalId = randomUUID();
    const made = await Promise.all(Array.from({ length: 8 }, (_, at) => create(`Name ${at}`, externalId)));
    expect(made.map(({ outcome }) => outcome).sort()).toEqual(['created', ...Array<string>(7).fill('known')]);
    const ids = new Set(made.map((one) => (one as { tenant: { id: string } }).tenant.id));
    expect(ids.size).toBe(1);
    expect(await eventsOf([...ids][0]!)).toHaveLength(1);
  });

  test('without an external id is another one each time', async () => {
    expect((await create('Same')).outcome).toBe('created');
    expect((await create('Same')).outcome).toBe('created');
  });

  test('is made by the platform only: a tenant’s administrator learns nothing of others', async () => {
    const externalId = randomUUID();
    await create('Secret name', externalId);
    const admin: Principal = { ...ROOT, tenant, actor: 'key:admin' };
    expect(await create('x', externalId, admin)).toEqual({ outcome: 'refused', why: 'forbidden' });
    expect(await create('x', randomUUID(), admin)).toEqual({ outcome: 'refused', why: 'forbidden' });
  });

  test('that was deleted is not there, and its external id is not given again', async () => {
    const externalId = randomUUID();
    const { tenant: made } = (await create('Gone', externalId)) as { tenant: { id: string } };
    await deleteTenant(made.id);
    expect(await application.get(Tenants).get(made.id)).toBeUndefined();
    expect(await create('Gone', externalId)).toEqual({ outcome: 'refused', why: 'deleted' });
  });

  test.each([NOBODY, 'no id at all', ''])('that never was is not there ("%s")', async (id) => {
    expect(await application.get(Tenants).get(id)).toBeUndefined();
  });
});
