import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<string>();

/** Does some work of which every error shall carry the id. */
export const correlated = (id: string, work: () => void): void => current.run(id, work);

/** Of the HTTP request that is being answered; what formats errors for Apollo is told nothing else of it. */
export const correlationId = (): string => current.getStore() ?? 'unknown';
