export * from './log.module.js';
export * from './told.js';
