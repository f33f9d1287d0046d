export * from './delivery-store.js';
export * from './problem-store.js';
export * from './snapshot-store.js';
export * from './stream-store.js';
export * from './twin-store.js';
export * from './wait-store.js';
export * from './work-store.js';
export * from './write-store.js';
