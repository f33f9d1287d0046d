import { randomBytes } from 'node:crypto';
import { seal, SealBrokenError, type SealPlace, unseal } from './seal.js';

const key = randomBytes(32);
const place: SealPlace = { tenant: 'tenant-1', owner: 'grant 1', field: 'access', keyVersion: 1 };

test('what is sealed opens for the same place, whatever its length', () => {
  for (const text of ['', 'x', 'a token of some length', 'ü'.repeat(2_000)]) {
    expect(unseal(key, seal(key, text, place), place).toString('utf8')).toBe(text);
  }
});

test('flipping any bit of a sealed value makes it refuse to open', () => {
  const sealed = seal(key, 'a token', place);
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    expect(() => unseal(key, changed, place)).toThrow(SealBrokenError);
  }
});

test('cutting a sealed value anywhere makes it refuse to open', () => {
  const sealed = seal(key, 'a token', place);
  for (let length = 0; length < sealed.length; length++) {
    expect(() => unseal(key, sealed.subarray(0, length), place)).toThrow(SealBrokenError);
  }
});

test.each<[string, Partial<SealPlace>]>([
  ['of another tenant', { tenant: 'tenant-2' }],
  ['of another row', { owner: 'grant 2' }],
  ['of another column', { field: 'refresh' }],
  ['of another key version', { keyVersion: 2 }],
])('a sealed value does not open in the place %s', (_what, other) => {
  expect(() => unseal(key, seal(key, 'a token', place), { ...place, ...other })).toThrow(SealBrokenError);
});

test('no two places look alike, however their parts are cut', () => {
  const one = { ...place, tenant: 'a', owner: 'b","c' };
  const other = { ...place, tenant: 'a","b', owner: 'c' };
  expect(() => unseal(key, seal(key, 'a token', one), other)).toThrow(SealBrokenError);
});

test('another key does not open it, and the refusal tells neither the value nor the key', () => {
  const sealed = seal(key, 'secret-token', place);
  const refusal = (): string => {
    try {
      unseal(randomBytes(32), sealed, place);
      return '';
    } catch (error) {
      return String(error);
    }
  };
  expect(refusal()).toBe('SealBrokenError: the sealed access of grant 1 cannot be opened');
});

test('the same value sealed twice looks different each time', () => {
  const seen = new Set(Array.from({ length: 500 }, () => seal(key, 'a token', place).subarray(1, 13).toString('hex')));
  expect(seen.size).toBe(500);
});
