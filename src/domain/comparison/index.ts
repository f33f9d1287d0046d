export * from './compare.js';
export * from './meeting.js';
