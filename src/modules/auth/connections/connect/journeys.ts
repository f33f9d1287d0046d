import { Injectable } from '@nestjs/common';
import { Identifiers } from '../../../../platform/clock/index.js';
import { Transactions, type Tx } from '../../../../platform/database/index.js';
import { type Tenant, TenantStore } from '../../access/store/tenant-store.js';
import { hashOf, isSame } from '../../access/bearer.js';
import { TicketStore } from '../store/ticket-store.js';
import { DataKeys } from '../vault/data-keys.js';
import { seal, type SealPlace, unseal } from '../vault/seal.js';
import type { Ticket } from './ticket.js';

/** What a browser that brings a ticket gets to see. */
export type TicketSight =
  | { readonly is: 'unknown' }
  /** It can be used no more; there is an address to go back to. */
  | { readonly is: 'expired' | 'invalid'; readonly ticket: Ticket }
  | { readonly is: 'good'; readonly ticket: Ticket; readonly tenant: Tenant };

/** What becomes of a browser that comes back from the provider. */
export type Arrival =
  | { readonly is: 'unknown' }
  | { readonly is: 'expired' | 'invalid'; readonly ticket: Ticket }
  | { readonly is: 'welcome'; readonly ticket: Ticket; readonly verifier: string | undefined };

/**
 * The way of a browser from our page to the provider and back. Tickets, states and browsers are known by hashes of
 * secrets; a state is good once, for the browser that set out with it, at the provider that it set out to.
 */
@Injectable()
export class Journeys {
  constructor(
    private readonly transactions: Transactions,
    private readonly identifiers: Identifiers,
    private readonly tickets: TicketStore,
    private readonly tenants: TenantStore,
    private readonly dataKeys: DataKeys,
  ) {}

  /** Looks at a ticket and changes nothing: pages are opened by more than people. */
  async look(secret: string, browser: string | undefined): Promise<TicketSight> {
    return this.with(secret, (tx, ticket) => this.sight(tx, ticket, browser));
  }

  /** Binds a ticket to the browser that confirmed it. The same browser may do so again until it has come back. */
  async confirm(secret: string, browser: string): Promise<TicketSight> {
    return this.with(secret, async (tx, ticket) => {
      const sight = await this.sight(tx, ticket, browser);
      if (sight.is === 'good' && ticket.state === 'open') await this.tickets.start(tx, ticket.id, hashOf(browser));
      return sight;
    });
  }

  /** Returns the state with which a browser sets out to the provider. */
  async setOut(ticket: Ticket, browser: string, verifier: string | undefined): Promise<string> {
    const state = this.identifiers.secret(32);
    await this.transactions.inTenant(ticket.tenant, async (tx) => {
      await this.tickets.setOut(tx, {
        stateHash: hashOf(state),
        ticket: ticket.id,
        browserHash: hashOf(browser),
        verifier: verifier === undefined ? undefined : await this.sealed(tx, ticket.id, verifier),
      });
    });
    return state;
  }

  /** Takes a browser in that comes back with a state. Whoever is turned away leaves the state as it is. */
  async arrive(provider: string, state: string, browser: string | undefined): Promise<Arrival> {
    const stateHash = hashOf(state);
    const journey = await this.transactions.dispatching((tx) => this.tickets.journey(tx, stateHash));
    if (!journey) return { is: 'unknown' };
    return this.transactions.inTenant(journey.tenant, async (tx): Promise<Arrival> => {
      const ticket = await this.tickets.lock(tx, journey.ticket);
      if (!ticket) return { is: 'unknown' };
      const own = browser !== undefined && isSame(hashOf(browser), journey.browserHash);
      if (!own || ticket.provider !== provider || ticket.state !== 'started') return { is: 'invalid', ticket };
      const arrived = await this.tickets.arrive(tx, stateHash);
      // A callback that comes twice at once: the faster one goes on, and the ticket is its.
      if (!arrived) return { is: 'invalid', ticket };
      if (arrived.expired) {
        await this.tickets.end(tx, ticket.id, 'expired');
        return { is: 'expired', ticket };
      }
      return { is: 'welcome', ticket, verifier: await this.opened(tx, ticket.id, arrived) };
    });
  }

  /** Removes what ended more than a day ago. */
  async sweep(): Promise<void> {
    await this.transactions.dispatching((tx) => this.tickets.sweep(tx, new Date(tx.now.getTime() - 24 * 3_600_000)));
  }

  private async with(secret: string, work: (tx: Tx, ticket: Ticket) => Promise<TicketSight>): Promise<TicketSight> {
    const found = await this.transactions.dispatching((tx) => this.tickets.find(tx, hashOf(secret)));
    if (!found) return { is: 'unknown' };
    return this.transactions.inTenant(found.tenant, async (tx) => {
      const ticket = await this.tickets.lock(tx, found.ticket);
      return ticket ? work(tx, ticket) : { is: 'unknown' };
    });
  }

  private async sight(tx: Tx, ticket: Ticket, browser: string | undefined): Promise<TicketSight> {
    if (ticket.state !== 'ended' && ticket.expiresAt <= tx.now) return { is: 'expired', ticket };
    const bound = ticket.state === 'open' || isBoundTo(ticket, browser);
    const tenant = bound && ticket.state !== 'ended' ? await this.tenants.current(tx) : undefined;
    return tenant ? { is: 'good', ticket, tenant } : { is: 'invalid', ticket };
  }

  private async sealed(tx: Tx, ticket: string, verifier: string): Promise<{ sealed: Buffer; keyVersion: number }> {
    const key = await this.dataKeys.newest(tx);
    return { sealed: seal(key.secret, verifier, placeOf(tx, ticket, key.version)), keyVersion: key.version };
  }

  private async opened(
    tx: Tx,
    ticket: string,
    { verifierSealed, keyVersion }: { verifierSealed: Uint8Array | undefined; keyVersion: number | undefined },
  ): Promise<string | undefined> {
    if (!verifierSealed || keyVersion === undefined) return undefined;
    const { secret } = await this.dataKeys.of(tx, keyVersion);
    return unseal(secret, verifierSealed, placeOf(tx, ticket, keyVersion)).toString('utf8');
  }
}

const isBoundTo = ({ browserHash }: Ticket, browser: string | undefined): boolean =>
  browserHash !== undefined && browser !== undefined && isSame(hashOf(browser), browserHash);

const placeOf = ({ tenant }: Tx, ticket: string, keyVersion: number): SealPlace => ({
  tenant,
  owner: `ticket ${ticket}`,
  field: 'verifier',
  keyVersion,
});
