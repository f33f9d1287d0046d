export * from './open-conflict.js';
export * from './store/conflict-store.js';
export * from './store/conflict-views.js';
export * from './conflicts.module.js';
export { CONFLICT_ENTITIES } from './store/tables.js';
