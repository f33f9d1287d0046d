import { Injectable, type PipeTransform, UsePipes, ValidationPipe, type ValidationError } from '@nestjs/common';
import type { Issue } from '../../domain/contract/index.js';
import { ApiError } from '../errors/api-error.js';

/**
 * Checks the arguments of operations by their decorators. An argument that is null counts as one that is left out;
 * inside JSON values null means to clear, and stays.
 */
@Injectable()
export class ArgumentPipe extends ValidationPipe implements PipeTransform {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      exceptionFactory: (errors) => new ApiError('BAD_INPUT', undefined, issuesOf(errors)),
    });
  }

  override async transform(value: unknown, metadata: Parameters<ValidationPipe['transform']>[1]): Promise<unknown> {
    // Nest hands parents and contexts through here, too; only what came from the caller is checked.
    return metadata.type === 'body' ? super.transform(withoutNulls(value), metadata) : value;
  }
}

/** Every resolver checks its arguments alike. */
export const ChecksArguments = (): ClassDecorator => UsePipes(new ArgumentPipe());

const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (value === null || typeof value !== 'object') return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Instances (dates, JSON values) are values and no containers of arguments.
  if (prototype !== null && prototype !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([name, member]) => [name, withoutNulls(member)]),
  );
};

const issuesOf = (errors: readonly ValidationError[], prefix = ''): Issue[] =>
  errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const path = /^\d+$/.test(property) ? `${prefix}[${property}]` : prefix === '' ? property : `${prefix}.${property}`;
    const own = Object.entries(constraints).map(([rule, message]) => ({ path, rule, message }));
    return [...own, ...issuesOf(children, path)];
  });
