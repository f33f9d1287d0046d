export * from './exchange.js';
export * from './failure.js';
export * from './observation.js';
export * from './provider.js';
export * from './write.js';
