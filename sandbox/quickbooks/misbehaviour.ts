import { authenticationFailed, authorizationFailed, cut, faultAnswer, html, throttled, type Answer } from './answer.ts';
import type { Randomness } from '../randomness.ts';
import { VendorFault } from './vendor-fault.ts';

/** Faults that a control endpoint puts in the way of calls: before they do anything, or after they did it all. */
export const FAULT_KINDS = [
  'latency',
  '429',
  '500',
  '502',
  '503',
  '504',
  'cut',
  'hang',
  'html200',
  'fault200',
  '6190',
  '4002',
  '401',
  '403',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultRule {
  match: { method?: string; path?: string; realm?: string; entity?: string; operation?: string };
  fault: FaultKind;
  when: 'before' | 'after';
  ms?: number;
  retryAfter?: number;
  times?: number;
  probability: number;
}

interface ActiveRule extends FaultRule {
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

export interface Disturbance {
  delayBefore: number;
  delayAfter: number;
  before: FaultRule | undefined;
  after: FaultRule | undefined;
}

const LONGEST_REQUEST_MS = 120_000;

export class Misbehaviour {
  private rules: ActiveRule[] = [];
  private readonly random: Randomness;

  constructor(random: Randomness) {
    this.random = random;
  }

  add(rules: readonly FaultRule[]): void {
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
  plan(call: CallKind): Disturbance | undefined {
    if (this.rules.length === 0) return undefined;
    const plan: Disturbance = { delayBefore: 0, delayAfter: 0, before: undefined, after: undefined };
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

function matches(rule: ActiveRule, call: CallKind): boolean {
  const { method, realm, entity, operation } = rule.match;
  return (
    (method === undefined || method.toUpperCase() === call.method) &&
    (realm === undefined || realm === call.realm) &&
    (entity === undefined || entity.toLowerCase() === call.entity?.toLowerCase()) &&
    (operation === undefined || operation === call.operation) &&
    (rule.path === undefined || rule.path.test(call.pathAndQuery))
  );
}

export interface FaultSurroundings {
  now: number;
  time: string;
  throttleBody: 'xml' | 'json';
  companyStatusHttp: number;
}

/** The answer a fault gives in place of the real one. */
export function disturbedAnswer(
  rule: FaultRule,
  { now, time, throttleBody, companyStatusHttp }: FaultSurroundings,
): Answer {
  switch (rule.fault) {
    case '429':
      return throttled(throttleBody, rule.retryAfter, now, time);
    case '500':
      return faultAnswer(new VendorFault(10000, 'System Failure Error: an unexpected error occurred.'), time);
    case '502':
      return html(502, '502 Bad Gateway');
    case '503':
      return withRetryAfter(html(503, '503 Service Unavailable'), rule);
    case '504':
      return html(504, '504 Gateway Time-out');
    case 'cut':
      return cut();
    case 'hang':
      return cut(rule.ms ?? LONGEST_REQUEST_MS);
    case 'html200':
      return html(200, 'Maintenance');
    case 'fault200': {
      const fault = faultAnswer(new VendorFault(10000, 'System Failure Error: an unexpected error occurred.'), time);
      return { ...fault, status: 200 };
    }
    case '6190': {
      const detail = 'Subscription period has ended or canceled or there was a billing problem';
      return { ...faultAnswer(new VendorFault(6190, detail), time), status: companyStatusHttp };
    }
    case '4002':
      return faultAnswer(
        new VendorFault(4002, 'QueryProcessingError: an e-mail address in the data is not valid'),
        time,
      );
    case '401':
      return authenticationFailed('Token expired', now);
    case '403':
      return authorizationFailed(now);
    case 'latency':
      throw new Error('a delay has no answer of its own');
  }
}

function withRetryAfter(answer: Answer, { retryAfter }: FaultRule): Answer {
  return retryAfter === undefined ? answer : { ...answer, headers: { 'Retry-After': String(retryAfter) } };
}
