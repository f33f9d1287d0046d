import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Where a sealed value belongs; it opens nowhere else, so that rows and columns cannot be swapped. */
export interface SealPlace {
  readonly tenant: string;
  /** The row: a grant, a ticket, a data key. */
  readonly owner: string;
  readonly field: string;
  /** The version of the key that seals it. */
  readonly keyVersion: number;
}

/** The value was changed, belongs elsewhere, or was sealed with another key. Nothing tells which. */
export class SealBrokenError extends Error {
  constructor({ owner, field }: SealPlace) {
    super(`the sealed ${field} of ${owner} cannot be opened`);
    this.name = 'SealBrokenError';
  }
}

/** Names the algorithm, so that another one can follow. 1: AES-256-GCM, IV of 12 bytes, tag of 16 bytes, ciphertext. */
const FORMAT = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + IV_BYTES + TAG_BYTES;

/**
 * Seals a value with a key of 32 bytes. The IV is random and never taken from elsewhere: a repeated one would lay the
 * key open.
 */
export const seal = (key: Buffer, plain: Uint8Array | string, place: SealPlace): Buffer => {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(bound(place));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([Buffer.of(FORMAT), iv, cipher.getAuthTag(), sealed]);
};

/** Opens what was sealed for the same place with the same key; throws SealBrokenError for anything else. */
export const unseal = (key: Buffer, sealed: Uint8Array, place: SealPlace): Buffer => {
  if (sealed[0] !== FORMAT || sealed.length < HEAD_BYTES) throw new SealBrokenError(place);
  const iv = sealed.subarray(1, 1 + IV_BYTES);
  const tag = sealed.subarray(1 + IV_BYTES, HEAD_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
    .setAAD(bound(place))
    .setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]);
  } catch {
    throw new SealBrokenError(place);
  }
};

/** The additional data: every part of the place, written so that no two places look alike. */
const bound = ({ tenant, owner, field, keyVersion }: SealPlace): Buffer =>
  Buffer.from(JSON.stringify([FORMAT, tenant, owner, field, keyVersion]));
