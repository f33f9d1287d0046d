import type { Settings } from '../../platform/config/index.js';

export interface GraphqlOptions {
  readonly settings: Settings;
  /** A key that development's GraphiQL is opened with. */
  readonly developmentKey?: string | undefined;
}

/** Where the API is. */
export const GRAPHQL_PATH = '/graphql';

/** How the API is served. */
export class GraphqlSettings {
  readonly production: boolean;
  readonly corsOrigins: ReadonlySet<string>;
  readonly developmentKey: string | undefined;

  constructor({ settings, developmentKey }: GraphqlOptions) {
    this.production = settings.NODE_ENV === 'production';
    this.corsOrigins = new Set(settings.CONCORD_CORS_ORIGINS);
    this.developmentKey = this.production ? undefined : developmentKey;
  }
}
