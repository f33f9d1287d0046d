import type { ProviderAdapter, ProviderExchange, ProviderRequest } from '../../../domain/provider/index.js';
import type { Connection } from './connection.js';

/** What one exchange with a provider looked like; kept in the history and counted, without any content. */
export interface ExchangeNote {
  readonly label: string;
  readonly status: number | undefined;
  /** The provider's own id of the request, which its support asks for. */
  readonly requestId: string | undefined;
  readonly ms: number;
}

/** An open line to the books of one connection: paced, authorised, recorded. */
export interface BooksLine {
  readonly adapter: ProviderAdapter;
  /** Sends a drafted call as it is. Never throws for what a provider answers or fails to answer. */
  send(request: ProviderRequest): Promise<ProviderExchange>;
  /** Every exchange on this line so far, in order. */
  readonly notes: readonly ExchangeNote[];
}

export abstract class BooksLines {
  abstract open(connection: Connection): BooksLine;
}
