import { Injectable } from '@nestjs/common';
import { AppEdits, ConcurrentPush, type Push, PushKeyReused, type PushOutcome } from '../../modules/sync/index.js';
import { sqlState } from '../../platform/database/index.js';
import { Refused } from '../errors/refused.js';

/** How often a push is tried that others get in the way of. */
const TRIES = 5;
/** PostgreSQL's code for a key that another transaction has just stored: the same push, sent twice at once. */
const TAKEN = '23505';

/** Pushes of the SaaS; those that meet others at the same moment are tried again, so that callers need not. */
@Injectable()
export class Pushing {
  constructor(private readonly edits: AppEdits) {}

  async push(tenant: string, actor: string, push: Push): Promise<readonly PushOutcome[] | Refused> {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      try {
        return await this.edits.upsertRecords(tenant, actor, push);
      } catch (error) {
        if (error instanceof PushKeyReused) return new Refused('KEY_REUSED');
        if (!(error instanceof ConcurrentPush) && sqlState(error) !== TAKEN) throw error;
      }
    }
    return new Refused('BUSY');
  }
}
