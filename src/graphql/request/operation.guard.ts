import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type GqlContextType, GqlExecutionContext } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { Admissions } from './admissions.js';
import type { RequestContext } from './request-context.js';

/** The one door: every query, mutation and subscription passes here, by its name in the schema. */
@Injectable()
export class OperationGuard implements CanActivate {
  constructor(private readonly admissions: Admissions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // Plain HTTP (webhooks, the connect pages) has doors of its own.
    if (context.getType<GqlContextType>() !== 'graphql') return true;
    const operation = GqlExecutionContext.create(context);
    const { fieldName } = operation.getInfo<GraphQLResolveInfo>();
    await this.admissions.enter(operation.getContext<RequestContext>(), fieldName);
    return true;
  }
}
