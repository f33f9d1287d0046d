import type { ProviderDefinition } from '../../domain/provider/index.js';

/** The providers by name. Nothing outside a provider's folder writes a provider's name. */
export class ProviderRegistry {
  private readonly byName: ReadonlyMap<string, ProviderDefinition>;

  constructor(readonly all: readonly ProviderDefinition[]) {
    this.byName = new Map(all.map((definition) => [definition.name, definition]));
    if (this.byName.size !== all.length) throw new Error('two providers have the same name');
  }

  find(name: string): ProviderDefinition | undefined {
    return this.byName.get(name);
  }

  /** For names that come from our own rows. */
  of(name: string): ProviderDefinition {
    const definition = this.byName.get(name);
    if (!definition) throw new Error(`no provider is called ${name}`);
    return definition;
  }
}
