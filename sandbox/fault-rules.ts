import { z } from 'zod';
import type { Randomness } from './randomness.ts';

/** Rules by which a control endpoint puts faults in the way of calls: before they do anything, or after they did it all. */
export interface FaultRule<Kind extends string> {
  match: { method?: string; path?: string; realm?: string; entity?: string; operation?: string };
  fault: Kind | 'latency';
  when: 'before' | 'after';
  ms?: number;
  retryAfter?: number;
  times?: number;
  probability: number;
}

interface ActiveRule<Kind extends string> extends FaultRule<Kind> {
  hits: number;
  path: RegExp | undefined;
}

/** What a call is, for matching and counting. */
export interface CallKind {
  method: string;
  pathAndQuery: string;
  realm: string | undefined;
  entity: string | undefined;
  operation: string;
}

export interface Disturbance<Kind extends string> {
  delayBefore: number;
  delayAfter: number;
  before: FaultRule<Kind> | undefined;
  after: FaultRule<Kind> | undefined;
}

/** The body with which rules of these kinds are added. */
export function faultRulesBody<Kind extends string>(kinds: readonly Kind[]) {
  return z.strictObject({
    rules: z.array(
      z.strictObject({
        match: z
          .strictObject({
            method: z.string().optional(),
            path: z.string().refine(isExpression, 'has to be a regular expression').optional(),
            realm: z.string().optional(),
            entity: z.string().optional(),
            operation: z.string().optional(),
          })
          .default({}),
        fault: z.enum(kinds),
        when: z.enum(['before', 'after']).default('before'),
        ms: z.number().min(0).optional(),
        retryAfter: z.number().min(0).optional(),
        times: z.int().min(1).optional(),
        probability: z.number().min(0).max(1).default(1),
      }),
    ),
  });
}

function isExpression(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

export class FaultRules<Kind extends string> {
  private rules: ActiveRule<Kind>[] = [];
  private readonly random: Randomness;

  constructor(random: Randomness) {
    this.random = random;
  }

  add(rules: readonly FaultRule<Kind>[]): void {
    for (const rule of rules) {
      const { path } = rule.match;
      this.rules.push({ ...rule, hits: 0, path: path === undefined ? undefined : new RegExp(path) });
    }
  }

  clear(): void {
    this.rules = [];
  }

  list(): object[] {
    return this.rules.map(({ path: _compiled, ...rule }) => rule);
  }

  /** Delays of all matching rules add up; of the other faults the first one that fires counts, before and after. */
  plan(call: CallKind): Disturbance<Kind> | undefined {
    if (this.rules.length === 0) return undefined;
    const plan: Disturbance<Kind> = { delayBefore: 0, delayAfter: 0, before: undefined, after: undefined };
    for (const rule of this.rules) {
      if (rule.times !== undefined && rule.hits >= rule.times) continue;
      if (rule.fault !== 'latency' && (plan.before || plan[rule.when])) continue;
      if (!matches(rule, call) || !this.random.chance(rule.probability)) continue;
      rule.hits++;
      if (rule.fault === 'latency') plan[rule.when === 'before' ? 'delayBefore' : 'delayAfter'] += rule.ms ?? 1000;
      else plan[rule.when] = rule;
    }
    return plan;
  }
}

function matches<Kind extends string>(rule: ActiveRule<Kind>, call: CallKind): boolean {
  const { method, realm, entity, operation } = rule.match;
  return (
    (method === undefined || method.toUpperCase() === call.method) &&
    (realm === undefined || realm === call.realm) &&
    (entity === undefined || entity.toLowerCase() === call.entity?.toLowerCase()) &&
    (operation === undefined || operation === call.operation) &&
    (rule.path === undefined || rule.path.test(call.pathAndQuery))
  );
}
