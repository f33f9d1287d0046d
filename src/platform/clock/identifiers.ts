import { randomBytes } from 'node:crypto';

/** Makes ids and secrets; the simulation puts a seeded source in its place. */
export abstract class Identifiers {
  /** A UUID of version 7 (RFC 9562): ordered by time, so that indexes grow at one end. */
  abstract id(): string;
  /** Unguessable text of the given number of random bytes, in base64url. */
  abstract secret(bytes: number): string;
}

export class RandomIdentifiers extends Identifiers {
  override id(): string {
    return uuidV7(Date.now(), randomBytes(10));
  }

  override secret(bytes: number): string {
    return randomBytes(bytes).toString('base64url');
  }
}

/** RFC 9562 section 5.7: 48 bits of milliseconds, version, 74 random bits and the variant. */
export const uuidV7 = (milliseconds: number, random: Uint8Array): string => {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(milliseconds, 0, 6);
  bytes.set(random.subarray(0, 10), 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/** Whether a text has the form of an id of ours; whatever else a caller names is not there. */
export const isId = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
