import { Injectable } from '@nestjs/common';
import type { ProviderDefinition, ProviderResponse, TokenSet } from '../../../../domain/provider/index.js';
import { ProviderHttp } from '../provider-http.js';

/** What a request for tokens came to. Bodies of this endpoint are shown to nobody but the definition's own readers. */
export type TokenOutcome =
  | { readonly got: 'tokens'; readonly tokens: TokenSet }
  /** The provider said no, in words that its definition reads. */
  | { readonly got: 'refusal'; readonly response: ProviderResponse }
  /** Nothing was executed. */
  | { readonly got: 'nothing'; readonly message: string }
  /** The answer was lost, or cannot be read: new tokens may have been issued, and the old ones be void. */
  | { readonly got: 'silence'; readonly message: string };

/** A provider's token and revocation endpoints (RFC 6749, RFC 7009), with client authentication by Basic. */
@Injectable()
export class TokenEndpoint {
  constructor(private readonly http: ProviderHttp) {}

  /** Whether the operator has given credentials for this provider. */
  isSetUp(definition: ProviderDefinition): boolean {
    return this.http.isSetUp(definition);
  }

  /** The tokens for an authorization code; `verifier` where PKCE is in use. */
  exchange(
    definition: ProviderDefinition,
    grant: { readonly code: string; readonly redirectUri: string; readonly verifier: string | undefined },
  ): Promise<TokenOutcome> {
    return this.ask(definition, 'exchange code', {
      grant_type: 'authorization_code',
      code: grant.code,
      redirect_uri: grant.redirectUri,
      ...(grant.verifier !== undefined && { code_verifier: grant.verifier }),
    });
  }

  refresh(definition: ProviderDefinition, refreshToken: string): Promise<TokenOutcome> {
    return this.ask(definition, 'refresh tokens', { grant_type: 'refresh_token', refresh_token: refreshToken });
  }

  /** Whether the grant is certain to be revoked; a token that the provider no longer knows counts as revoked. */
  async revoke(definition: ProviderDefinition, refreshToken: string): Promise<boolean> {
    const url = definition.oauth.revocationUrl(this.http.settingsOf(definition));
    if (url === undefined) return true;
    const { contentType, body } = definition.oauth.revocation(refreshToken);
    const answer = await this.http.authorize(definition, { url, label: 'revoke tokens', contentType, body });
    return 'status' in answer && answer.status < 500 && answer.status !== 401 && answer.status !== 429;
  }

  private async ask(
    definition: ProviderDefinition,
    label: string,
    form: Readonly<Record<string, string>>,
  ): Promise<TokenOutcome> {
    const { oauth } = definition;
    const answer = await this.http.authorize(definition, {
      url: oauth.tokenUrl(this.http.settingsOf(definition)),
      label,
      contentType: 'application/x-www-form-urlencoded',
      body: new URLSearchParams(form).toString(),
      ...(oauth.tokenHeaders && { headers: oauth.tokenHeaders }),
    });
    if ('unanswered' in answer) {
      return { got: answer.unanswered === 'not_sent' ? 'nothing' : 'silence', message: answer.message };
    }
    if (answer.status !== 200) return { got: 'refusal', response: answer };
    try {
      return { got: 'tokens', tokens: oauth.readTokens(answer.body) };
    } catch {
      // What it says of the reason may quote the body, which holds tokens.
      return { got: 'silence', message: 'the answer of the token endpoint cannot be read' };
    }
  }
}
