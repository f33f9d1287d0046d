import { Injectable } from '@nestjs/common';
import type { Selectable } from 'kysely';
import { type DispatchTx, rowsOf, type Tx } from '../../../../platform/database/index.js';
import { type ConnectResultCode, type Ticket, TICKET_MS } from '../connect/ticket.js';
import type { ConnectionTables } from './tables.js';

export type NewTicket = Pick<Ticket, 'id' | 'provider' | 'connection' | 'actor' | 'returnUrl' | 'goLive'> & {
  readonly secretHash: Buffer;
};

/** A journey to the provider that a browser is on. */
export interface Journey {
  readonly tenant: string;
  readonly ticket: string;
  readonly browserHash: Uint8Array;
}

export interface NewJourney {
  readonly stateHash: Buffer;
  readonly ticket: string;
  readonly browserHash: Uint8Array;
  readonly verifier: { readonly sealed: Buffer; readonly keyVersion: number } | undefined;
}

export interface ArrivedJourney {
  readonly verifierSealed: Uint8Array | undefined;
  readonly keyVersion: number | undefined;
  readonly expired: boolean;
}

@Injectable()
export class TicketStore {
  async add(tx: Tx, { connection, goLive, ...ticket }: NewTicket): Promise<Date> {
    const expiresAt = new Date(tx.now.getTime() + TICKET_MS);
    await rowsOf<ConnectionTables>(tx)
      .insertInto('connect_ticket')
      .values({
        ...ticket,
        ...{ tenantId: tx.tenant, connectionId: connection ?? null, goLive: goLive ?? null, state: 'open' as const },
        ...{ browserHash: null, result: null, createdAt: tx.now, expiresAt, usedAt: null },
      })
      .execute();
    return expiresAt;
  }

  /** Where the ticket with this secret is. */
  async find(tx: DispatchTx, secretHash: Buffer): Promise<{ tenant: string; ticket: string } | undefined> {
    return rowsOf<ConnectionTables>(tx)
      .selectFrom('connect_ticket')
      .select(['tenantId as tenant', 'id as ticket'])
      .where('secretHash', '=', secretHash)
      .executeTakeFirst();
  }

  /** The ticket, and nobody else changes it until the transaction ends. */
  async lock(tx: Tx, id: string): Promise<Ticket | undefined> {
    const row = await rowsOf<ConnectionTables>(tx)
      .selectFrom('connect_ticket')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    return row && ticketOf(row);
  }

  /** The ticket is bound to a browser from here on. */
  async start(tx: Tx, id: string, browserHash: Uint8Array): Promise<void> {
    await rowsOf<ConnectionTables>(tx)
      .updateTable('connect_ticket')
      .set({ state: 'started', browserHash, usedAt: tx.now })
      .where('id', '=', id)
      .execute();
  }

  async end(tx: Tx, id: string, result: ConnectResultCode): Promise<void> {
    await rowsOf<ConnectionTables>(tx)
      .updateTable('connect_ticket')
      .set({ state: 'ended', result })
      .where('id', '=', id)
      .execute();
  }

  async setOut(tx: Tx, { stateHash, ticket, browserHash, verifier }: NewJourney): Promise<void> {
    await rowsOf<ConnectionTables>(tx)
      .insertInto('oauth_state')
      .values({
        ...{ stateHash, tenantId: tx.tenant, ticketId: ticket, browserHash, consumedAt: null },
        ...{ verifierSealed: verifier?.sealed ?? null, keyVersion: verifier?.keyVersion ?? null },
        expiresAt: new Date(tx.now.getTime() + TICKET_MS),
      })
      .execute();
  }

  async journey(tx: DispatchTx, stateHash: Buffer): Promise<Journey | undefined> {
    return rowsOf<ConnectionTables>(tx)
      .selectFrom('oauth_state')
      .select(['tenantId as tenant', 'ticketId as ticket', 'browserHash'])
      .where('stateHash', '=', stateHash)
      .executeTakeFirst();
  }

  /** Ends a journey for good; undefined if somebody has done so before. It may have taken too long. */
  async arrive(tx: Tx, stateHash: Buffer): Promise<ArrivedJourney | undefined> {
    const row = await rowsOf<ConnectionTables>(tx)
      .updateTable('oauth_state')
      .set({ consumedAt: tx.now })
      .where('stateHash', '=', stateHash)
      .where('consumedAt', 'is', null)
      .returning(['verifierSealed', 'keyVersion', 'expiresAt'])
      .executeTakeFirst();
    return (
      row && {
        verifierSealed: row.verifierSealed ?? undefined,
        keyVersion: row.keyVersion ?? undefined,
        expired: row.expiresAt <= tx.now,
      }
    );
  }

  /** Removes what ended before a time; the history keeps what came of it. */
  async sweep(tx: DispatchTx, before: Date): Promise<void> {
    const rows = rowsOf<ConnectionTables>(tx);
    await rows.deleteFrom('oauth_state').where('expiresAt', '<', before).execute();
    await rows
      .deleteFrom('connect_ticket')
      .where('expiresAt', '<', new Date(before.getTime() - TICKET_MS))
      .execute();
  }
}

const ticketOf = (row: Selectable<ConnectionTables['connect_ticket']>): Ticket => ({
  id: row.id,
  tenant: row.tenantId,
  provider: row.provider,
  connection: row.connectionId ?? undefined,
  actor: row.actor,
  returnUrl: row.returnUrl,
  goLive: row.goLive ?? undefined,
  state: row.state,
  browserHash: row.browserHash ?? undefined,
  expiresAt: row.expiresAt,
});
