import fc from 'fast-check';
import {
  fieldsOf,
  incomplete,
  malformed,
  type Content,
  type KindName,
  type Value,
} from '../../../src/domain/contract/index.js';
import type { Finding } from '../../../src/domain/provider/index.js';
import { contentOf, type ContentTraits } from '../../builders/content.js';

/** Made-up contents for trials: from the contract's declarations, the same ones for the same seed. */
export const madeUp = (kind: KindName, traits: ContentTraits, count: number, seed: number): Content[] =>
  fc.sample(contentOf(kind, traits), { numRuns: count, seed });

/** Names the same number for the same texts, so that every use of a seed draws other contents. */
export const seedOf = (seed: number, ...names: readonly string[]): number =>
  [...names.join('/')].reduce((mixed, letter) => (Math.imul(mixed, 31) + letter.codePointAt(0)!) | 0, seed | 0);

/**
 * Leaves out what the provider is certain to refuse, finding by finding. Throws where that takes away what a record
 * needs: then the trial makes up contents that its provider's own rules do not take.
 */
export const narrowed = (
  kind: KindName,
  content: Content,
  findings: (content: Content) => readonly Finding[],
): Content => {
  let narrow = content;
  for (let rounds = 0; rounds < 20; rounds++) {
    const found = findings(narrow);
    if (found.length === 0) {
      const wrong = [...malformed(kind, narrow), ...incomplete(kind, narrow)];
      if (wrong.length > 0) throw new Error(`no ${kind} as the contract wants it: ${shown(wrong)} ${shown(narrow)}`);
      return narrow;
    }
    const less = lessOf(kind, narrow, found[0]!.path);
    if (less === undefined) throw new Error(`the trial's ${kind} is refused: ${shown(found)} ${shown(narrow)}`);
    narrow = less;
  }
  throw new Error(`the trial's ${kind} is refused for ever: ${shown(findings(narrow))} ${shown(narrow)}`);
};

/** A content without what a finding complains of: where an element needs that, without the element. */
const lessOf = (kind: KindName, content: Content, path: string): Content | undefined => {
  const less = without(content, path);
  const element = path.slice(0, Math.max(0, path.lastIndexOf('.')));
  const isBroken = (whole: Content) => incomplete(kind, whole).some((issue) => issue.path.startsWith(`${element}.`));
  return less && element && isBroken(less) ? lessOf(kind, content, element) : less;
};

/** A content without what stands at a path; undefined where nothing stands there. */
const without = (content: Content, path: string): Content | undefined => {
  const steps = stepsOf(path);
  const copy = structuredClone(content);
  const last = steps.pop();
  let at: Value | undefined = copy;
  for (const step of steps) at = (at as Record<string, Value> | undefined)?.[step];
  if (last === undefined || at === null || typeof at !== 'object' || !Object.hasOwn(at, last)) return undefined;
  if (Array.isArray(at)) at.splice(Number(last), 1);
  else delete (at as Content)[last];
  return copy;
};

/** `lines[2].amount` as `lines`, `2`, `amount`; names in dictionaries may hold anything but a bracket. */
const stepsOf = (path: string): string[] => {
  const [field = '', ...rest] = path.split(/\.(.*)/s);
  if (field === 'custom') return [field, ...rest.filter(Boolean)];
  return path.split(/[.[\]]+/).filter(Boolean);
};

/** Whether a path of a finding leads to something that the contract declares. */
export const isContractPath = (kind: KindName, path: string): boolean => {
  if (path === '') return true;
  const [name, ...steps] = stepsOf(path);
  const field = fieldsOf(kind)[name!];
  let shape = field?.shape;
  for (const step of steps) {
    if (shape?.is === 'dictionary') return true;
    if (shape?.is === 'list' && /^\d+$/.test(step)) continue;
    const fields = shape?.is === 'list' || shape?.is === 'object' ? shape.fields : undefined;
    shape = fields && Object.hasOwn(fields, step) ? fields[step]!.shape : undefined;
    if (!shape) return false;
  }
  return field !== undefined;
};

export const shown = (value: unknown): string => JSON.stringify(value);
