import type { ProviderDefinition } from '../../domain/provider/index.js';
import { quickbooks } from './quickbooks/index.js';

/** THE LIST: a provider is one folder and one line here. */
export const PROVIDERS: readonly ProviderDefinition[] = [quickbooks];
