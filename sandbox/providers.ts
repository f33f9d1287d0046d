import { accountedge } from './accountedge/index.ts';
import type { MakeProvider } from './provider.ts';
import { quickbooks } from './quickbooks/index.ts';
import { wave } from './wave/index.ts';
import { xero } from './xero/index.ts';

/** Every vendor that has a stand-in here. A new one is one folder and one line. */
export const providers: readonly MakeProvider[] = [quickbooks, wave, xero, accountedge];
