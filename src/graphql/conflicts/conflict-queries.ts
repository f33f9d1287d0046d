import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { ConflictViews } from '../../modules/conflicts/index.js';
import { Transactions } from '../../platform/database/index.js';
import { Cursors, instant, type Page } from '../paging.js';
import { conflictShown } from './conflict-shown.js';
import type { ConflictsArgs } from './conflict.inputs.js';
import type { ConflictType } from './conflict.types.js';

const cursors = new Cursors('conflicts', z.object({ raisedAt: instant, id: z.guid() }));

/** Conflicts as the API shows them. */
@Injectable()
export class ConflictQueries {
  constructor(
    private readonly transactions: Transactions,
    private readonly views: ConflictViews,
  ) {}

  /** The newest first; the open ones, unless the filter says otherwise. */
  async page(tenant: string, { filter, first, after, contractVersion }: ConflictsArgs): Promise<Page<ConflictType>> {
    const before = cursors.read(after);
    const rows = await this.transactions.inTenant(tenant, (tx) =>
      this.views.page(tx, { open: true, ...filter }, first + 1, before),
    );
    return cursors.page(
      rows,
      first,
      ({ raisedAt, id }) => ({ raisedAt, id }),
      (view) => conflictShown(view, contractVersion),
    );
  }

  /** One conflict, open or not. */
  async get(tenant: string, id: string, contract: number): Promise<ConflictType | null> {
    const [view] = await this.transactions.inTenant(tenant, (tx) => this.views.get(tx, [id]));
    return view ? conflictShown(view, contract) : null;
  }
}
