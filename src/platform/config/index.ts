export * from './own-secret.js';
export * from './settings.js';
