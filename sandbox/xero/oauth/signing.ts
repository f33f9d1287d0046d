import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

const KEY_ID = 'sandbox-key-1';

let keys: { publicKey: KeyObject; privateKey: KeyObject } | undefined;

/** Made when first needed, and once for all sandboxes of a process: making a key takes longer than everything else. */
function keyPair(): { publicKey: KeyObject; privateKey: KeyObject } {
  keys ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
  return keys;
}

/** A signed JSON web token (RS256). */
export function signedToken(claims: object): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const content = `${encode({ alg: 'RS256', kid: KEY_ID, typ: 'JWT' })}.${encode(claims)}`;
  return `${content}.${createSign('RSA-SHA256').update(content).sign(keyPair().privateKey, 'base64url')}`;
}

export function publicKey(): object {
  const { n, e } = keyPair().publicKey.export({ format: 'jwk' });
  return { kty: 'RSA', use: 'sig', alg: 'RS256', kid: KEY_ID, n, e };
}
