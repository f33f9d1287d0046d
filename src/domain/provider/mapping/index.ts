export * from './change.js';
export * from './codec.js';
export * from './list.js';
export * from './mapping.js';
export * from './object.js';
export * from './row.js';
export * from './wire.js';
