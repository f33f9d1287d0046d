import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { derivedKey, Keyring, MasterKeyMissingError } from './keyring.js';

const entry = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(tmpdir(), 'concord-keyring-'));
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

test('the first key seals and all of them open', () => {
  const ring = Keyring.of([entry('k2'), entry('k1')]);
  expect(ring.current.id).toBe('k2');
  expect(ring.of('k1').secret).toHaveLength(32);
});

test('a key that is not on the ring is asked for by its id', () => {
  expect(() => Keyring.of([entry('k2')]).of('k1')).toThrow(MasterKeyMissingError);
});

test('keys that are alike by name, or too short, make no ring', () => {
  expect(() => Keyring.of([entry('k1'), entry('k1')])).toThrow('same id');
  expect(() => Keyring.of([`k1:${randomBytes(16).toString('base64')}`])).toThrow('32 bytes');
  expect(() => Keyring.of([])).toThrow('at least one');
});

test('without a key of the operator’s, one is made once, for us alone to read', () => {
  const made = Keyring.open(undefined, directory);
  const file = path.join(directory, 'master.key');
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(Keyring.open(undefined, directory).current).toEqual(made.current);
  expect(fs.readdirSync(directory)).toEqual(['master.key']);
});

test('a key file that others may read is refused', () => {
  Keyring.open(undefined, directory);
  fs.chmodSync(path.join(directory, 'master.key'), 0o644);
  expect(() => Keyring.open(undefined, directory)).toThrow('others may read it');
});

test('the operator’s keys come before the file', () => {
  expect(Keyring.open([entry('k9')], directory).current.id).toBe('k9');
  expect(fs.readdirSync(directory)).toEqual([]);
});

test('a key for one purpose is not the key for another', () => {
  const { current } = Keyring.of([entry('k1')]);
  const [one, other] = [derivedKey(current, 'one purpose'), derivedKey(current, 'another')];
  expect(one).toHaveLength(32);
  expect(one.equals(other)).toBe(false);
  expect(one.equals(derivedKey(current, 'one purpose'))).toBe(true);
});
