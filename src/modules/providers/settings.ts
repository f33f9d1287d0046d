import type { ProviderDefinition, ProviderSettings } from '../../domain/provider/index.js';

/** The providers' own settings: from the environment, or those of the sandbox where it stands in. */
export class ProviderSettingsBook {
  private readonly settings = new Map<string, ProviderSettings | undefined>();

  /** `sandbox` is the root URL of the sandboxes, where they run. Throws an Error that names what is missing. */
  constructor(
    definitions: readonly ProviderDefinition[],
    environment: Readonly<Record<string, string | undefined>>,
    sandbox: string | undefined,
  ) {
    for (const definition of definitions) this.settings.set(definition.name, read(definition, environment, sandbox));
  }

  /** Settings of a provider that is set up; undefined for one that the operator has no credentials for. */
  find(provider: string): ProviderSettings | undefined {
    return this.settings.get(provider);
  }

  of(provider: string): ProviderSettings {
    const settings = this.find(provider);
    if (!settings) throw new Error(`${provider} is not set up here`);
    return settings;
  }
}

/** Whether the operator has given any credentials of a real provider; if none, the sandbox stands in. */
export const anyCredentials = (
  definitions: readonly ProviderDefinition[],
  environment: Readonly<Record<string, string | undefined>>,
): boolean => definitions.some(({ oauth }) => Boolean(environment[oauth.clientIdSetting]));

const read = (
  { settings, title, oauth }: ProviderDefinition,
  environment: Readonly<Record<string, string | undefined>>,
  sandbox: string | undefined,
): ProviderSettings | undefined => {
  if (sandbox !== undefined && !environment[oauth.clientIdSetting]) {
    return Object.fromEntries(settings.map(({ name, inSandbox }) => [name, inSandbox.replace('{sandbox}', sandbox)]));
  }
  if (!environment[oauth.clientIdSetting]) return undefined;
  const missing = settings.filter((setting) => !environment[setting.name] && setting.default === undefined);
  if (missing.length > 0) {
    throw new Error(`${title} needs ${missing.map(({ name, says }) => `${name} (${says})`).join(', ')}`);
  }
  return Object.fromEntries(settings.map((setting) => [setting.name, environment[setting.name] || setting.default!]));
};
