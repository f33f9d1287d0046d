export * from './cause.js';
export * from './event.js';
export * from './store/history-store.js';
