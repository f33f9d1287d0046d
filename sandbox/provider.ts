import type { IncomingMessage, ServerResponse } from 'node:http';

export interface ProviderOptions {
  /** Real time; a provider may move its own time ahead of it. */
  clock: { now(): number };
  /** From which every random choice follows: faults with a probability, ids, token values. */
  seed: number;
  /** Start with companies that have no history. */
  empty: boolean;
  /** Told of errors in the sandbox itself. */
  report(error: unknown): void;
}

/** One vendor's stand-in as the host sees it: a folder that answers everything below `/<name>`. */
export interface SandboxProvider {
  readonly name: string;
  readonly title: string;
  /** Pages for people, relative to the provider's root. */
  readonly pages: readonly { path: string; label: string }[];
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** All that has to outlive a restart, ready for JSON. */
  snapshot(): unknown;
  restore(state: unknown): void;
  onChange(listener: () => void): void;
  close(): Promise<void>;
}

export type MakeProvider = (options: ProviderOptions) => SandboxProvider;
