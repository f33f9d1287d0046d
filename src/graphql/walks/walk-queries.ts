import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { TwinStore, WalkViews } from '../../modules/sync/index.js';
import { Transactions } from '../../platform/database/index.js';
import { Cursors, instant, type Page } from '../paging.js';
import type { WalksArgs } from './walk.inputs.js';
import { walkShown, type WalkType } from './walk.types.js';

const cursors = new Cursors('walks', z.object({ startedAt: instant, id: z.guid() }));

/** Walks as the API shows them; they are kept for as long as the operator has set. */
@Injectable()
export class WalkQueries {
  constructor(
    private readonly transactions: Transactions,
    private readonly views: WalkViews,
    private readonly twins: TwinStore,
  ) {}

  /** The newest first. */
  async page(tenant: string, { filter = {}, first, after }: WalksArgs): Promise<Page<WalkType>> {
    const before = cursors.read(after);
    const { record, ...rest } = filter;
    const rows = await this.transactions.inTenant(tenant, async (tx) => {
      const twins = record && (await this.twins.ofRecords(tx, [record])).map(({ id }) => id);
      return this.views.page(tx, { ...rest, ...(twins && { twins }) }, first + 1, before);
    });
    return cursors.page(rows, first, ({ startedAt, id }) => ({ startedAt, id }), walkShown);
  }

  async get(tenant: string, id: string): Promise<WalkType | null> {
    const view = await this.transactions.inTenant(tenant, (tx) => this.views.get(tx, id));
    return view ? walkShown(view) : null;
  }
}
