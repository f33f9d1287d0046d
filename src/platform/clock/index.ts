export * from './clock.js';
export * from './identifiers.js';
