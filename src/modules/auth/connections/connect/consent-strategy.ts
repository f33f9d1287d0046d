import type { Request } from 'express';
import { Strategy, type StateStore } from 'passport-oauth2';
import type { ProviderDefinition, ProviderSettings, TokenSet } from '../../../../domain/provider/index.js';
import type { TokenEndpoint } from '../vault/token-endpoint.js';

/** How a consent can fail to become tokens. */
export class ConsentFailedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConsentFailedError';
  }
}

/**
 * Where states are kept, in the form that passport-oauth2 wants. It tells the forms apart by the number of parameters:
 * five to store and three to verify, with or without PKCE; what `verify` hands back as a text is the code verifier.
 */
export interface ConsentStates {
  store(
    request: Request,
    verifier: string | undefined,
    state: unknown,
    meta: unknown,
    done: (error: Error | null, state?: string) => void,
  ): void;
  verify(
    request: Request,
    state: string,
    done: (error: Error | null, ok?: boolean | string, info?: unknown) => void,
  ): void;
}

/** One provider's consent by passport-oauth2; its definition is all that it knows of the provider. */
export class ConsentStrategy extends Strategy {
  constructor(
    definition: ProviderDefinition,
    settings: ProviderSettings,
    callbackUrl: string,
    states: ConsentStates,
    endpoint: TokenEndpoint,
  ) {
    const { oauth } = definition;
    super(
      {
        authorizationURL: oauth.authorizationUrl(settings),
        tokenURL: oauth.tokenUrl(settings),
        clientID: settings[oauth.clientIdSetting] ?? '',
        clientSecret: settings[oauth.clientSecretSetting] ?? '',
        callbackURL: callbackUrl,
        scope: [...oauth.scopes],
        pkce: oauth.pkce,
        state: true,
        store: states as unknown as StateStore,
        skipUserProfile: true,
        passReqToCallback: true,
      },
      // The number of parameters decides what passport-oauth2 hands over.
      (_request: Request, _access: string, _refresh: string, tokens: unknown, _profile: unknown, done: Done) =>
        done(null, tokens as Express.User),
    );
    // Its own client knows neither our limits of size and time nor client authentication by Basic.
    const exchange = (code: string, params: { readonly code_verifier?: string }, done: Exchanged): void => {
      endpoint.exchange(definition, { code, redirectUri: callbackUrl, verifier: params.code_verifier }).then(
        (outcome) =>
          outcome.got === 'tokens'
            ? done(null, outcome.tokens.accessToken, outcome.tokens.refreshToken, outcome.tokens)
            : done(new ConsentFailedError(`the code brought no tokens: ${outcome.got}`)),
        (error: Error) => done(error),
      );
    };
    Object.assign(this._oauth2, { getOAuthAccessToken: exchange });
  }
}

type Exchanged = (error: Error | null, access?: string, refresh?: string, tokens?: TokenSet) => void;
type Done = (error: Error | null, user?: Express.User) => void;

/** What a strategy hands over on success. */
export const tokensOf = (user: unknown): TokenSet => user as TokenSet;
