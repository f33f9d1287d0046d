export * from './connections/books-line.js';
export * from './connections/connected.js';
export * from './connections/connection.js';
export * from './connections/store/connection-store.js';
