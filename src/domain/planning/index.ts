export * from './explain.js';
export * from './make-plan.js';
export * from './plan.js';
export * from './settle.js';
