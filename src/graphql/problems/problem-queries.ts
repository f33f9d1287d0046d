import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { type ProblemFilter, ProblemViews } from '../../modules/sync/index.js';
import { Transactions } from '../../platform/database/index.js';
import { Cursors, instant, type Page, type PageArgs } from '../paging.js';
import { problemShown, type ProblemType } from './problem.types.js';

const cursors = new Cursors('problems', z.object({ raisedAt: instant, id: z.guid() }));

/** Problems as the API shows them. */
@Injectable()
export class ProblemQueries {
  constructor(
    private readonly transactions: Transactions,
    private readonly views: ProblemViews,
  ) {}

  /** The newest first; the open ones, unless the filter says otherwise. */
  async page(
    tenant: string,
    { filter, first, after }: PageArgs & { readonly filter?: ProblemFilter },
  ): Promise<Page<ProblemType>> {
    const before = cursors.read(after);
    const rows = await this.transactions.inTenant(tenant, (tx) =>
      this.views.page(tx, { open: true, ...filter }, first + 1, before),
    );
    return cursors.page(rows, first, ({ raisedAt, id }) => ({ raisedAt, id }), problemShown);
  }
}
