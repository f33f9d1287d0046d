import DataLoader from 'dataloader';
import { type Transactions, type Tx } from '../../platform/database/index.js';
import type { RequestContext } from './request-context.js';

/**
 * Gathers what many fields of one answer ask for into one transaction of the caller's tenant. `load` answers for all
 * keys at once, by key.
 */
export const loading = <Key, Value>(
  transactions: Transactions,
  request: RequestContext,
  load: (tx: Tx, keys: readonly Key[]) => Promise<ReadonlyMap<string, Value>>,
  textOf: (key: Key) => string = String,
): DataLoader<Key, Value | undefined, string> =>
  new DataLoader<Key, Value | undefined, string>(
    async (keys) => {
      const found = await transactions.inTenant(request.tenant, (tx) => load(tx, keys));
      return keys.map((key) => found.get(textOf(key)));
    },
    { cacheKeyFn: textOf, cache: !request.lasting, maxBatchSize: 500 },
  );
