export * from './providers.js';
export * from './providers.module.js';
export * from './registry.js';
export * from './settings.js';
