export * from './app-record.js';
export * from './store/record-store.js';
