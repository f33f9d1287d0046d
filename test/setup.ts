// CommonJS packages that require() Nest, an ESM package, must find it already evaluated (docs/adr/0003).
import 'reflect-metadata';
await import('@nestjs/common');
await import('@nestjs/core');
await import('@nestjs/bullmq');
export {};
