import { Query, Resolver } from '@nestjs/graphql';
import { ProviderRegistry, ProviderSettingsBook } from '../../modules/providers/index.js';
import { providerOf } from './capabilities.js';
import { Provider } from './provider.types.js';

@Resolver(() => Provider)
export class ProvidersResolver {
  constructor(
    private readonly registry: ProviderRegistry,
    private readonly settings: ProviderSettingsBook,
  ) {}

  @Query(() => [Provider], {
    description: 'The accounting products, what each can do with each kind, and why not the rest.',
  })
  providers(): Provider[] {
    return this.registry.all.map((definition) =>
      providerOf(definition, this.settings.find(definition.name) !== undefined),
    );
  }
}
