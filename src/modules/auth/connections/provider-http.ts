import { Injectable } from '@nestjs/common';
import type {
  NoResponse,
  ProviderDefinition,
  ProviderRequest,
  ProviderResponse,
  ProviderSettings,
} from '../../../domain/provider/index.js';
import { OutboundHttp } from '../../../platform/http/index.js';
import { ProviderSettingsBook } from '../../providers/index.js';

/** Requests to one provider's hosts, with its settings; sent as they are, answered whatever comes back. */
@Injectable()
export class ProviderHttp {
  constructor(
    private readonly http: OutboundHttp,
    private readonly settings: ProviderSettingsBook,
  ) {}

  isSetUp({ name }: ProviderDefinition): boolean {
    return this.settings.find(name) !== undefined;
  }

  settingsOf({ name }: ProviderDefinition): ProviderSettings {
    return this.settings.of(name);
  }

  /** One request to the API with an access token. */
  async call(
    definition: ProviderDefinition,
    { method, path, query = {}, headers = {}, body, label, deadlineMs }: ProviderRequest,
    accessToken: string,
  ): Promise<{ readonly answer: ProviderResponse | NoResponse; readonly ms: number }> {
    const settings = this.settingsOf(definition);
    const base = definition.baseUrl(settings).replace(/\/+$/, '');
    const url = urlBelow(base, path, query);
    if (!url) {
      const message = `the path of "${label}" leads away from the API of ${definition.title}`;
      return { answer: { unanswered: 'not_sent', message }, ms: 0 };
    }
    return this.http.send({
      provider: definition.name,
      label,
      method,
      url,
      origins: [new URL(base).origin],
      headers: { ...headers, authorization: `Bearer ${accessToken}` },
      ...(body !== undefined && { body }),
      ...(deadlineMs !== undefined && { deadlineMs }),
    });
  }

  /** One request to an endpoint of the authorisation server, with the client's own credentials. */
  async authorize(
    definition: ProviderDefinition,
    { url, label, contentType, body, headers = {} }: AuthorizationRequest,
  ): Promise<ProviderResponse | NoResponse> {
    const settings = this.settingsOf(definition);
    const { clientIdSetting, clientSecretSetting } = definition.oauth;
    const client = `${settings[clientIdSetting] ?? ''}:${settings[clientSecretSetting] ?? ''}`;
    const { answer } = await this.http.send({
      provider: definition.name,
      label,
      method: 'POST',
      url,
      origins: [new URL(url).origin],
      headers: {
        accept: 'application/json',
        ...headers,
        'content-type': contentType,
        authorization: `Basic ${Buffer.from(client).toString('base64')}`,
      },
      body,
      deadlineMs: AUTHORIZATION_DEADLINE_MS,
    });
    return answer;
  }
}

export interface AuthorizationRequest {
  readonly url: string;
  readonly label: string;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Well below the lease of an attempt at new tokens. */
const AUTHORIZATION_DEADLINE_MS = 15_000;

/** A path with an id in it that turns out to be `../…` must not leave the API. */
const urlBelow = (base: string, path: string, query: Readonly<Record<string, string>>): string | undefined => {
  if (!path.startsWith('/')) return undefined;
  const url = new URL(`${base}${path}`);
  const root = new URL(base);
  const below = root.pathname === '/' ? '/' : `${root.pathname}/`;
  if (url.origin !== root.origin || !url.pathname.startsWith(below)) return undefined;
  // Not by URLSearchParams, which writes a space as a plus that not every vendor reads.
  url.search = Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return url.href;
};
