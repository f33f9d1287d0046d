import { Injectable, Logger } from '@nestjs/common';
import type { ProviderDefinition, ProviderFailure, TokenSet } from '../../../../domain/provider/index.js';
import { Identifiers, Pauses } from '../../../../platform/clock/index.js';
import { Transactions, type Tx } from '../../../../platform/database/index.js';
import { told } from '../../../../platform/log/index.js';
import { Metrics } from '../../../../platform/metrics/index.js';
import { ProviderRegistry } from '../../../providers/index.js';
import { GrantStore } from '../store/grant-store.js';
import { ConsentEffects } from './consent-effects.js';
import type { DataKey } from './data-keys.js';
import { EmergencyRecords } from './emergency-records.js';
import {
  coolDownMs,
  type Grant,
  type GrantFailure,
  isLeased,
  isOver,
  isRefused,
  LEASE_MS,
  PAUSE_MS,
  type Step,
  stepFor,
  type TokenAnswer,
  uncertainSince,
} from './grant.js';
import { TokenEndpoint, type TokenOutcome } from './token-endpoint.js';
import { type FreshTokens, TokenSeals } from './token-seals.js';

/** How often somebody who waits for another process's attempt looks again. */
const LOOK_MS = 100;
/** Pauses between attempts at storing new tokens; after the last one only the emergency record holds them. */
const STORING_MS = [100, 300, 900, 2_700] as const;

/** One attempt at new tokens, written down before the provider is called. */
interface Attempt {
  /** As it was when the attempt began, but for the attempt itself. */
  readonly grant: Grant & { readonly attempt: string };
  readonly startedAt: Date;
  readonly refreshToken: string;
  readonly previousToken: string | undefined;
  readonly key: DataKey;
  /** What the grant's count of late tries was before. */
  readonly lateTriesBefore: number;
}

type Turn =
  | { readonly is: 'answer'; readonly answer: TokenAnswer }
  | { readonly is: 'wait' }
  | { readonly is: 'attempt'; readonly attempt: Attempt };

/**
 * The tokens of all grants (reliability.md 4.2). However many ask at once, in however many processes, one of them calls
 * the provider: within a process they share one flight, among processes a lease on the grant's row. An attempt is
 * committed before the call and new tokens are committed before their use, so that a process may die anywhere.
 */
@Injectable()
export class TokenVault {
  private readonly logger = new Logger('vault');
  private readonly flights = new Map<string, Promise<TokenAnswer>>();
  private readonly refreshes;

  constructor(
    private readonly transactions: Transactions,
    private readonly identifiers: Identifiers,
    private readonly pauses: Pauses,
    private readonly registry: ProviderRegistry,
    private readonly grants: GrantStore,
    private readonly seals: TokenSeals,
    private readonly endpoint: TokenEndpoint,
    private readonly effects: ConsentEffects,
    private readonly emergencies: EmergencyRecords,
    metrics: Metrics,
  ) {
    this.refreshes = metrics.counter('concord_token_refreshes_total', 'Attempts at new tokens, by what came of them.', [
      'provider',
      'outcome',
    ]);
  }

  /**
   * An access token of a grant, refreshed first if it has little life left. `notOlderThan` is the lowest epoch that
   * will do: whoever was refused with the token of epoch n asks for n + 1, and gets what others have fetched meanwhile.
   */
  async accessToken(tenant: string, grant: string, notOlderThan = 0): Promise<TokenAnswer> {
    // By tenant too: nobody joins the flight of another tenant's grant.
    const name = `${tenant}/${grant}`;
    const flight = this.flights.get(name);
    if (!flight) return this.takeOff(name, tenant, grant, notOlderThan);
    const answer = await flight;
    if (isRefused(answer) || answer.epoch >= notOlderThan) return answer;
    // It was begun by somebody who was content with less.
    return this.accessToken(tenant, grant, notOlderThan);
  }

  /** New tokens whatever life the present ones have: keeps an idle grant from dying. */
  async renew(tenant: string, grant: string): Promise<TokenAnswer> {
    const known = await this.transactions.inTenant(tenant, (tx) => this.grants.get(tx, grant));
    return this.accessToken(tenant, grant, (known?.epoch ?? 0) + 1);
  }

  /**
   * Takes in tokens that came with an ordinary answer to a request made with the token of `epoch`. They count only if
   * nobody has fetched newer ones.
   */
  async captureRotated(tenant: string, grant: string, epoch: number, tokens: TokenSet): Promise<void> {
    const waiting = await this.transactions.inTenant(tenant, async (tx) => {
      const known = await this.grants.lock(tx, grant);
      if (!known || known.epoch !== epoch || isOver(known)) return undefined;
      const key = await this.seals.key(tx);
      const formerRefreshToken = await this.seals.open(tx, known, 'refresh');
      const fresh = { tokens, since: tx.now, formerRefreshToken, endsAt: known.endsAt };
      // An attempt under way may bring still newer ones: whether it does decides what these are good for.
      if (isLeased(known, tx.now)) return this.seals.emergency(key, known, 'captured', fresh);
      await this.store(tx, known, key, fresh);
      return undefined;
    });
    if (waiting) await this.emergencies.keep(waiting);
  }

  private takeOff(name: string, tenant: string, grant: string, notOlderThan: number): Promise<TokenAnswer> {
    const flight = this.fly(tenant, grant, notOlderThan).finally(() => this.flights.delete(name));
    this.flights.set(name, flight);
    return flight;
  }

  /** Goes on until the grant's row has an answer: what is used is always what is stored. */
  private async fly(tenant: string, grant: string, notOlderThan: number): Promise<TokenAnswer> {
    for (let waited = 0; ;) {
      const turn = await this.transactions.inTenant(tenant, (tx) => this.turn(tx, grant, notOlderThan));
      if (turn.is === 'answer') return turn.answer;
      if (turn.is === 'attempt') {
        await this.carryOut(turn.attempt);
        continue;
      }
      if (waited >= LEASE_MS + LOOK_MS) return { refused: BUSY };
      await this.pauses.wait(LOOK_MS);
      waited += LOOK_MS;
    }
  }

  private async turn(tx: Tx, id: string, notOlderThan: number): Promise<Turn> {
    const seen = await this.grants.get(tx, id);
    if (!seen) return { is: 'answer', answer: { refused: DISCONNECTED } };
    const definition = this.registry.of(seen.provider);
    const { lostRefreshRetryMs } = definition.oauth;
    const stepOf = (grant: Grant): Step => stepFor(grant, { now: tx.now, notOlderThan, lostRefreshRetryMs });
    const first = stepOf(seen);
    if (first.do === 'refresh' && !this.endpoint.isSetUp(definition)) {
      return { is: 'answer', answer: { refused: notSetUp(definition) } };
    }
    if (first.do !== 'refresh' && first.do !== 'give_up') return this.obey(tx, definition, seen, first);
    // Before anything is changed: nobody else changes it meanwhile, and it is still so.
    const locked = (await this.grants.lock(tx, id)) ?? seen;
    return this.obey(tx, definition, locked, stepOf(locked));
  }

  private async obey(tx: Tx, definition: ProviderDefinition, grant: Grant, step: Step): Promise<Turn> {
    switch (step.do) {
      case 'use': {
        const token = (await this.seals.open(tx, grant, 'access'))!;
        return { is: 'answer', answer: { token, epoch: grant.epoch, expiresAt: grant.accessExpiresAt } };
      }
      case 'wait':
        return { is: 'wait' };
      case 'refuse':
        return { is: 'answer', answer: { refused: refusalOf(definition, grant, step) } };
      case 'give_up':
        await this.die(tx, grant, 'lost');
        return { is: 'answer', answer: { refused: refusalOf(definition, grant, REVOKED) } };
      case 'refresh':
        return { is: 'attempt', attempt: await this.begin(tx, grant, step.late) };
    }
  }

  /** Written before the call: whoever finds it unfinished knows that the provider may have been asked. */
  private async begin(tx: Tx, grant: Grant, late: boolean): Promise<Attempt> {
    const attempt = this.identifiers.id();
    const unknownSince = uncertainSince(grant);
    const lateTries = grant.lateTries + (late ? 1 : 0);
    await this.grants.change(tx, grant, {
      state: 'refreshing',
      attemptId: attempt,
      attemptStartedAt: tx.now,
      leaseUntil: new Date(tx.now.getTime() + LEASE_MS),
      uncertainSince: unknownSince ?? null,
      lateTries,
    });
    return {
      grant: { ...grant, attempt, uncertainSince: unknownSince, lateTries },
      startedAt: tx.now,
      refreshToken: (await this.seals.open(tx, grant, 'refresh'))!,
      previousToken: await this.seals.open(tx, grant, 'previous'),
      key: await this.seals.key(tx),
      lateTriesBefore: grant.lateTries,
    };
  }

  private async carryOut(attempt: Attempt): Promise<void> {
    const definition = this.registry.of(attempt.grant.provider);
    const { oauth } = definition;
    let used = attempt.refreshToken;
    let outcome = await this.endpoint.refresh(definition, used);
    let failure = failureOf(definition, outcome);
    const sinceRefresh = attempt.startedAt.getTime() - attempt.grant.refreshedAt.getTime();
    if (failure === 'revoked' && attempt.previousToken !== undefined && sinceRefresh <= oauth.lostRefreshRetryMs) {
      // The newest token has never worked. The one before it may still do, within the provider's own promise.
      used = attempt.previousToken;
      outcome = await this.endpoint.refresh(definition, used);
      failure = failureOf(definition, outcome);
    }
    this.refreshes.inc({ provider: definition.name, outcome: failure ?? 'tokens' });
    if (outcome.got === 'tokens') {
      await this.keep(attempt, {
        tokens: outcome.tokens,
        since: attempt.startedAt,
        formerRefreshToken: used,
        endsAt: attempt.grant.endsAt,
      });
    } else {
      await this.settle(attempt, failure ?? 'lost');
    }
  }

  /** New tokens are stored before they are used, and on the disk beside the database where it cannot be reached. */
  private async keep(attempt: Attempt, fresh: FreshTokens): Promise<void> {
    const { grant, key } = attempt;
    const record = this.seals.emergency(key, grant, grant.attempt, fresh);
    let file: string | undefined;
    for (let again = 0; ; again++) {
      try {
        const stored = await this.transactions.inTenant(grant.tenant, (tx) => this.store(tx, grant, key, fresh));
        if (stored && file !== undefined) await this.emergencies.drop(file);
        // Somebody has gone on without us: what these tokens are good for is decided when that attempt has ended.
        if (!stored) await this.emergencies.keep(record);
        return;
      } catch (error) {
        this.logger.error(`new tokens of grant ${grant.id} could not be stored: ${told(error)}`);
        file ??= await this.emergencies.keep(record).catch((problem: unknown) => {
          this.logger.error(`nor on the disk: ${told(problem)}`);
          return undefined;
        });
        const wait = STORING_MS[again];
        if (wait === undefined) throw error;
        await this.pauses.wait(wait);
      }
    }
  }

  private async store(tx: Tx, seen: Grant, key: DataKey, fresh: FreshTokens): Promise<boolean> {
    const stored = await this.grants.renew(tx, seen, this.seals.seal(key, seen, fresh), fresh.since);
    if (stored && seen.failure === 'paused') await this.effects.revived(tx, seen);
    return stored;
  }

  private async settle({ grant, startedAt, lateTriesBefore }: Attempt, failure: GrantFailure): Promise<void> {
    await this.transactions.inTenant(grant.tenant, async (tx) => {
      const failures = grant.failures + 1;
      const after = (ms: number): Date => new Date(tx.now.getTime() + ms);
      const failed = { attemptId: null, leaseUntil: null, failure, failures };
      switch (failure) {
        case 'revoked':
          await this.die(tx, grant, 'revoked');
          return;
        case 'paused':
          if (await this.grants.change(tx, grant, { ...failed, state: 'paused', notBefore: after(PAUSE_MS) })) {
            await this.effects.paused(tx, grant);
          }
          return;
        case 'unavailable': {
          // Not executed, so nothing has become less certain than it was.
          const state = grant.uncertainSince ? 'uncertain' : 'ok';
          const notBefore = after(coolDownMs(failures));
          await this.grants.change(tx, grant, { ...failed, state, notBefore, lateTries: lateTriesBefore });
          return;
        }
        case 'lost': {
          const unknownSince = grant.uncertainSince ?? startedAt;
          // Once at once: most answers are lost only once.
          const notBefore = failures > 1 ? after(coolDownMs(failures)) : null;
          await this.grants.change(tx, grant, {
            ...failed,
            state: 'uncertain',
            uncertainSince: unknownSince,
            notBefore,
          });
          return;
        }
      }
    });
  }

  private async die(tx: Tx, seen: Grant, how: 'revoked' | 'lost'): Promise<void> {
    const dead = { state: 'dead', attemptId: null, leaseUntil: null, failure: how, accessSealed: null } as const;
    if (await this.grants.change(tx, seen, dead)) await this.effects.died(tx, seen, how);
  }
}

const REVOKED = { do: 'refuse', is: 'access_revoked' } as const;

const BUSY: ProviderFailure = { is: 'unavailable', message: 'another process is renewing the access and takes long' };
const notSetUp = ({ title }: ProviderDefinition): ProviderFailure => ({
  is: 'unavailable',
  message: `${title} is not set up here`,
});
const DISCONNECTED: ProviderFailure = { is: 'access_revoked', message: 'there is no consent any more' };

const failureOf = (definition: ProviderDefinition, outcome: TokenOutcome): GrantFailure | undefined => {
  switch (outcome.got) {
    case 'tokens':
      return undefined;
    case 'nothing':
      return 'unavailable';
    case 'silence':
      return 'lost';
    case 'refusal':
      return definition.oauth.refreshRefused(outcome.response);
  }
};

const refusalOf = (
  { title }: ProviderDefinition,
  { state }: Grant,
  step: Extract<Step, { do: 'refuse' }>,
): ProviderFailure => {
  switch (step.is) {
    case 'access_revoked':
      return state === 'ending' || state === 'ended'
        ? DISCONNECTED
        : {
            is: 'access_revoked',
            message: `${title} no longer accepts the consent; somebody has to connect it again.`,
          };
    case 'suspended':
      return { is: 'suspended', waitMs: step.waitMs, message: `${title} has paused the access.` };
    case 'unavailable':
      return { is: 'unavailable', message: `${title} gave no new access token; it is asked again soon.` };
  }
};
