import { Injectable } from '@nestjs/common';
import { ProblemViews, type ProblemView } from '../../modules/sync/index.js';
import { Transactions } from '../../platform/database/index.js';
import { loading } from '../request/loading.js';
import { PerRequest, type RequestContext } from '../request/request-context.js';
import { problemShown, type ProblemType } from './problem.types.js';

/** What answers read of problems, once for each request. */
@Injectable()
export class ProblemLoads {
  private readonly openOfTwins = new PerRequest((request) =>
    loading<string, ProblemView[]>(this.transactions, request, async (tx, twins) =>
      Map.groupBy(await this.views.openOfTwins(tx, twins), ({ twin }) => twin!),
    ),
  );

  constructor(
    private readonly transactions: Transactions,
    private readonly views: ProblemViews,
  ) {}

  async openOf(request: RequestContext, twin: string): Promise<readonly ProblemType[]> {
    return ((await this.openOfTwins.of(request).load(twin)) ?? []).map(problemShown);
  }
}
