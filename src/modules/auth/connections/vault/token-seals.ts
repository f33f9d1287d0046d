import { Injectable } from '@nestjs/common';
import type { TokenSet } from '../../../../domain/provider/index.js';
import type { Tx } from '../../../../platform/database/index.js';
import type { SealedTokens } from '../store/grant-store.js';
import { type DataKey, DataKeys } from './data-keys.js';
import type { EmergencyRecord } from './emergency-records.js';
import type { Grant } from './grant.js';
import { seal, type SealPlace, unseal } from './seal.js';

const FIELDS = { access: 'accessSealed', refresh: 'refreshSealed', previous: 'previousRefreshSealed' } as const;
type Field = keyof typeof FIELDS;

/** New tokens, and what they follow. */
export interface FreshTokens {
  readonly tokens: TokenSet;
  /** When they were asked for; their lives are counted from here, which is never too late. */
  readonly since: Date;
  /** The refresh token that they replace, kept until the new one has worked. */
  readonly formerRefreshToken: string | undefined;
  /** When the consent ends, as far as was known; kept where the provider does not repeat it. */
  readonly endsAt: Date | undefined;
}

type Address = Pick<Grant, 'id' | 'tenant'>;

/** Seals and opens the tokens of grants; each one is bound to its grant and its column. */
@Injectable()
export class TokenSeals {
  constructor(private readonly dataKeys: DataKeys) {}

  /** The key that seals now. Got before a provider is called, so that its answer can be sealed without a database. */
  key(tx: Tx): Promise<DataKey> {
    return this.dataKeys.newest(tx);
  }

  seal(key: DataKey, grant: Address, fresh: FreshTokens): Required<SealedTokens> {
    const { tokens, since, formerRefreshToken: former } = fresh;
    // A provider that sends no new refresh token means the old one to go on.
    const refreshToken = tokens.refreshToken ?? former;
    const previous = refreshToken === former ? undefined : former;
    const sealed = (field: Field, token: string | undefined): Buffer | null =>
      token === undefined ? null : seal(key.secret, token, placeOf(grant, field, key.version));
    const after = (seconds: number | undefined): Date | null =>
      seconds === undefined ? null : new Date(since.getTime() + seconds * 1000);
    return {
      accessSealed: sealed('access', tokens.accessToken),
      refreshSealed: sealed('refresh', refreshToken),
      previousRefreshSealed: sealed('previous', previous),
      keyVersion: key.version,
      accessExpiresAt: after(tokens.accessExpiresIn)!,
      refreshExpiresAt: after(tokens.refreshExpiresIn),
      endsAt: after(tokens.grantExpiresIn) ?? fresh.endsAt ?? null,
    };
  }

  async open(tx: Tx, grant: Grant, field: Field): Promise<string | undefined> {
    const sealed = grant[FIELDS[field]];
    if (!sealed) return undefined;
    const { secret } = await this.dataKeys.of(tx, grant.keyVersion);
    return unseal(secret, sealed, placeOf(grant, field, grant.keyVersion)).toString('utf8');
  }

  /** The same tokens under the newest key. */
  async reseal(tx: Tx, grant: Grant): Promise<Partial<SealedTokens>> {
    const key = await this.dataKeys.newest(tx);
    const again = async (field: Field): Promise<Buffer | null> => {
      const token = await this.open(tx, grant, field);
      return token === undefined ? null : seal(key.secret, token, placeOf(grant, field, key.version));
    };
    return {
      accessSealed: await again('access'),
      refreshSealed: await again('refresh'),
      previousRefreshSealed: await again('previous'),
      keyVersion: key.version,
    };
  }

  emergency(
    key: DataKey,
    grant: Pick<Grant, 'id' | 'tenant' | 'epoch'>,
    attempt: string,
    fresh: FreshTokens,
  ): EmergencyRecord {
    const record = { tenant: grant.tenant, grant: grant.id, epoch: grant.epoch, attempt, keyVersion: key.version };
    return { ...record, sealed: seal(key.secret, JSON.stringify(fresh), placeOfRecord(record)).toString('base64') };
  }

  async openEmergency(tx: Tx, record: EmergencyRecord): Promise<FreshTokens> {
    const { secret } = await this.dataKeys.of(tx, record.keyVersion);
    const text = unseal(secret, Buffer.from(record.sealed, 'base64'), placeOfRecord(record)).toString('utf8');
    const { since, endsAt, ...fresh } = JSON.parse(text) as Stored;
    return { ...fresh, since: new Date(since), endsAt: endsAt === undefined ? undefined : new Date(endsAt) };
  }
}

type Stored = Omit<FreshTokens, 'since' | 'endsAt'> & { readonly since: string; readonly endsAt?: string };

const placeOf = ({ tenant, id }: Address, field: Field, keyVersion: number): SealPlace => ({
  tenant,
  owner: `grant ${id}`,
  field,
  keyVersion,
});

const placeOfRecord = ({ tenant, grant, epoch, attempt, keyVersion }: Omit<EmergencyRecord, 'sealed'>): SealPlace => ({
  tenant,
  owner: `grant ${grant}`,
  field: `emergency record ${epoch}/${attempt}`,
  keyVersion,
});
