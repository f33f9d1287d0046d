export * from './cause.js';
export * from './event.js';
export * from './store/history-store.js';
export * from './store/history-views.js';
export * from './history.module.js';
export * from './sequencer.js';
export * from './store/chain-store.js';
export { HISTORY_ENTITIES } from './store/tables.js';
