export * from './app-record.js';
export * from './store/record-store.js';
export * from './store/record-views.js';
export * from './records.module.js';
export { RECORD_ENTITIES } from './store/tables.js';
