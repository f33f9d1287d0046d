import { quickbooksTrial } from './quickbooks/quickbooks.trial.js';
import type { ProviderTrial } from './trial.js';

/** How each provider is put on trial, by name. A provider without a trial fails the build. */
export const TRIALS: Readonly<Record<string, ProviderTrial>> = { quickbooks: quickbooksTrial };
