// Who may come in.
export * from './access/api-keys.js';
export * from './access/authenticator.js';
export { BROWSER_ROLES, type BrowserRole, type BrowserToken, BrowserTokenRefused } from './access/browser-tokens.js';
export { type BrowserTokenRequest, BrowserTokens, LONGEST_BROWSER_TOKEN_SECONDS } from './access/browser-tokens.js';
export * from './access/entrance.js';
export * from './access/permissions.js';
export * from './access/principal.js';
export type { ApiKey } from './access/store/api-key-store.js';
export type { SupportGrant } from './access/store/support-grant-store.js';
export { ACCESS_ENTITIES } from './access/store/tables.js';
export type { Tenant } from './access/store/tenant-store.js';
export * from './access/support-access.js';
export * from './access/tenants.js';

// Connections and the lines to their books.
export * from './connections/books-line.js';
export * from './connections/connect/connect-refused.js';
export * from './connections/connect/connecting.js';
export { Journeys } from './connections/connect/journeys.js';
export { CONNECT_RESULTS, type ConnectResultCode } from './connections/connect/ticket.js';
export * from './connections/connected.js';
export * from './connections/connection.js';
export * from './connections/connection-problems.js';
export * from './connections/connections.js';
export * from './connections/store/connection-store.js';
export { CONNECTION_ENTITIES } from './connections/store/tables.js';
export { KeepAlive } from './connections/vault/keep-alive.js';
export { KeyRotation } from './connections/vault/key-rotation.js';
export * from './connections/vault/keyring.js';

export * from './auth.module.js';
