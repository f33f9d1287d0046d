export * from './open-conflict.js';
export * from './store/conflict-store.js';
