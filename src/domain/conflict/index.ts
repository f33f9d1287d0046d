export * from './conflict.js';
export * from './policy.js';
