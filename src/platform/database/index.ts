export * from './database.js';
export * from './migrate.js';
export * from './roles.js';
export * from './transactions.js';
export * from './wakeups.js';
