export * from './addresses.js';
export * from './outbound-http.js';
