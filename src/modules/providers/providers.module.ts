import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { ProviderDefinition } from '../../domain/provider/index.js';
import { ProviderRegistry } from './registry.js';
import { ProviderSettingsBook } from './settings.js';

/** The providers and their settings, for whoever connects, reads or writes. */
@Global()
@Module({})
export class ProvidersModule {
  static with(
    definitions: readonly ProviderDefinition[],
    environment: Readonly<Record<string, string | undefined>>,
    sandbox: string | undefined,
  ): DynamicModule {
    const provided = [
      { provide: ProviderRegistry, useValue: new ProviderRegistry(definitions) },
      { provide: ProviderSettingsBook, useValue: new ProviderSettingsBook(definitions, environment, sandbox) },
    ];
    return { module: ProvidersModule, providers: provided, exports: provided };
  }
}
