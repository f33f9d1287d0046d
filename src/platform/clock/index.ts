export * from './clock.js';
export * from './duties.js';
export * from './identifiers.js';
export * from './pauses.js';
export * from './timers.js';
