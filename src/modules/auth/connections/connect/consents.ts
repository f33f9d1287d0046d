import { Injectable, Logger } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import passport from 'passport';
import type { ProviderDefinition, TokenSet } from '../../../../domain/provider/index.js';
import { told } from '../../../../platform/log/index.js';
import { ProviderRegistry, ProviderSettingsBook } from '../../../providers/index.js';
import { TokenEndpoint } from '../vault/token-endpoint.js';
import { type ConsentStates, ConsentStrategy, tokensOf } from './consent-strategy.js';
import { type Arrival, Journeys } from './journeys.js';
import { PublicUrl } from './public-url.js';
import type { Ticket } from './ticket.js';

/** What a browser has brought back from a provider. */
export type Consent =
  | Exclude<Arrival, { is: 'welcome' }>
  | { readonly is: 'denied' | 'failed'; readonly ticket: Ticket }
  | { readonly is: 'given'; readonly ticket: Ticket; readonly tokens: TokenSet };

/** A browser that passes through passport; passport itself knows nothing of tickets. */
interface Passage {
  readonly browser: string | undefined;
  /** On the way out. */
  readonly ticket?: Ticket;
  /** On the way back. */
  arrival?: Arrival;
}

/** Consent at every provider that is set up: one passport-oauth2 strategy for each, without sessions. */
@Injectable()
export class Consents {
  private readonly logger = new Logger('connect');
  /** A passport of our own: the shared one belongs to whoever else uses it. */
  private readonly passport = new passport.Passport();
  private readonly passages = new WeakMap<Request, Passage>();
  private readonly served = new Set<string>();

  constructor(
    registry: ProviderRegistry,
    settings: ProviderSettingsBook,
    endpoint: TokenEndpoint,
    publicUrl: PublicUrl,
    private readonly journeys: Journeys,
  ) {
    for (const definition of registry.all) {
      const given = settings.find(definition.name);
      if (!given) continue;
      const callbackUrl = publicUrl.of(`/connect/callback/${definition.name}`);
      const states = this.statesOf(definition);
      this.served.add(definition.name);
      // By name, so that passport makes an instance for each request.
      this.passport.use(
        definition.name,
        new ConsentStrategy(definition, given, callbackUrl, states, endpoint) as passport.Strategy,
      );
    }
  }

  /** Whether there is a provider of that name, set up here. */
  serves(provider: string): boolean {
    return this.served.has(provider);
  }

  /** Sends a browser to the provider: answers the request with a redirect. */
  leave(request: Request, response: Response, ticket: Ticket, browser: string): Promise<void> {
    this.passages.set(request, { browser, ticket });
    return new Promise((resolve, reject) => {
      response.once('finish', resolve);
      const ended = (error: unknown): void => reject(error instanceof Error ? error : new Error('no redirect'));
      this.authenticate(ticket.provider, ended)(request, response, ended);
    });
  }

  /** Takes in a browser that comes back; whatever it brings, the answer is a value. */
  async receive(request: Request, response: Response, provider: string, browser: string | undefined): Promise<Consent> {
    const { state, error, code } = request.query;
    if (typeof state !== 'string') return { is: 'unknown' };
    if (typeof error === 'string') {
      const arrival = await this.journeys.arrive(provider, state, browser);
      if (arrival.is !== 'welcome') return arrival;
      return { is: error === 'access_denied' ? 'denied' : 'failed', ticket: arrival.ticket };
    }
    const passage: Passage = { browser };
    this.passages.set(request, passage);
    // Without a code passport would set out anew; the state is spent all the same.
    if (typeof code !== 'string') {
      const arrival = await this.journeys.arrive(provider, state, browser);
      return arrival.is === 'welcome' ? { is: 'failed', ticket: arrival.ticket } : arrival;
    }
    const user = await new Promise<unknown>((resolve) => {
      const ended = (problem: unknown, found?: unknown): void => {
        if (problem) this.logger.warn(`${provider}: ${told(problem)}`);
        resolve(found || undefined);
      };
      this.authenticate(provider, ended)(request, response, ended);
    });
    const { arrival } = passage;
    if (arrival?.is !== 'welcome') return arrival ?? { is: 'unknown' };
    const { ticket } = arrival;
    return user ? { is: 'given', ticket, tokens: tokensOf(user) } : { is: 'failed', ticket };
  }

  private authenticate(
    provider: string,
    ended: (error: unknown, user?: unknown) => void,
  ): (request: Request, response: Response, next: NextFunction) => void {
    return this.passport.authenticate(provider, { session: false }, ended) as (
      request: Request,
      response: Response,
      next: NextFunction,
    ) => void;
  }

  private statesOf({ name }: ProviderDefinition): ConsentStates {
    return {
      store: (request, verifier, _state, _meta, done) => {
        const { ticket, browser } = this.passages.get(request) ?? {};
        if (!ticket || browser === undefined) return done(new Error('nobody confirmed this journey'));
        this.journeys.setOut(ticket, browser, verifier).then(
          (state) => done(null, state),
          (error: Error) => done(error),
        );
      },
      verify: (request, state, done) => {
        const passage = this.passages.get(request)!;
        this.journeys.arrive(name, state, passage.browser).then(
          (arrival) => {
            passage.arrival = arrival;
            done(null, arrival.is === 'welcome' && (arrival.verifier ?? true));
          },
          (error: Error) => done(error),
        );
      },
    };
  }
}
