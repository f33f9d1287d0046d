import { createHash, timingSafeEqual } from 'node:crypto';

/** `ck_<prefix>_<secret>`: eight hexadecimal digits, then 256 random bits in base64url. */
const API_KEY = /^ck_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/;

export const isApiKey = (text: string): boolean => API_KEY.test(text);

export const apiKeyOf = (prefix: string, secret: string): string => `ck_${prefix}_${secret}`;

/** A long random secret needs no slow hash: there is nothing to guess. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Takes the same time wherever the two differ. */
export const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && timingSafeEqual(one, other);

/** Headers as Node gives them, with names in lower case. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What stands behind `Bearer` in the authorization header. */
export const bearerOf = ({ authorization }: Headers): string | undefined =>
  typeof authorization === 'string' ? /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(authorization)?.[1] : undefined;
