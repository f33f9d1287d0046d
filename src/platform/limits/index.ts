export * from './limits.js';
export * from './memory-limits.js';
export * from './pacing.js';
export * from './postgres-limits.js';
