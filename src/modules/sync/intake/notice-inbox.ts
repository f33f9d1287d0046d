import { Injectable, Logger } from '@nestjs/common';
import type { ChangeNotice, ProviderDefinition, RawDelivery } from '../../../domain/provider/index.js';
import { Identifiers } from '../../../platform/clock/index.js';
import { Transactions } from '../../../platform/database/index.js';
import { told } from '../../../platform/log/index.js';
import { ConnectionStore, type Route } from '../../auth/index.js';
import { ProviderRegistry, ProviderSettingsBook } from '../../providers/index.js';
import { DeliveryStore, ProblemStore, type StoredDelivery, type Unpacked } from '../store/index.js';
import { Raising } from './raising.js';

export type Receipt = 'stored' | 'forged' | 'unknown_provider';

/** Deliveries that came at the same moment are stored by one insert. */
const GATHER_MS = 2;
const GATHER_MOST = 500;
const UNPACK_MOST = 500;

interface Waiting {
  readonly delivery: StoredDelivery;
  readonly stored: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Where webhooks arrive. A delivery with a good signature is stored whole before the vendor gets its answer, and nothing
 * else is done in the vendor's time; then it is unpacked into notices for each tenant (ENGINE F1, F2; docs/adr/0008).
 */
@Injectable()
export class NoticeInbox {
  private readonly logger = new Logger('webhooks');
  private gathered: Waiting[] = [];
  private gathering: NodeJS.Timeout | undefined;
  private unpacking: Promise<void> | undefined;

  constructor(
    private readonly transactions: Transactions,
    private readonly identifiers: Identifiers,
    private readonly registry: ProviderRegistry,
    private readonly settings: ProviderSettingsBook,
    private readonly connections: ConnectionStore,
    private readonly deliveries: DeliveryStore,
    private readonly problems: ProblemStore,
    private readonly raising: Raising,
  ) {}

  async receive(provider: string, raw: RawDelivery): Promise<Receipt> {
    const definition = this.registry.find(provider);
    const settings = this.settings.find(provider);
    if (!definition?.webhook || !settings) return 'unknown_provider';
    const secrets = (settings[definition.webhook.secretSetting] ?? '').split(' ').filter((secret) => secret !== '');
    if (!definition.webhook.verify(raw, secrets)) {
      await this.transactions.dispatching((tx) => this.deliveries.count(tx, provider, 'forged', 1));
      return 'forged';
    }
    await this.store(provider, raw);
    void this.unpackWaiting();
    return 'stored';
  }

  /** Unpacks what waits, until nothing does; one run at a time in each process. */
  unpackWaiting(): Promise<void> {
    this.unpacking ??= this.unpackAll()
      .catch((error: unknown) => this.logger.warn(`unpacking stopped: ${told(error)}`))
      .finally(() => (this.unpacking = undefined));
    return this.unpacking;
  }

  private store(provider: string, { headers, body }: RawDelivery): Promise<void> {
    const delivery = { id: this.identifiers.id(), provider, headers, body, receivedAt: new Date() };
    return new Promise<void>((stored, failed) => {
      this.gathered.push({ delivery, stored, failed });
      if (this.gathered.length >= GATHER_MOST) void this.storeGathered();
      else this.gathering ??= setTimeout(() => void this.storeGathered(), GATHER_MS);
    });
  }

  private async storeGathered(): Promise<void> {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    const waiting = this.gathered;
    this.gathered = [];
    if (waiting.length === 0) return;
    try {
      await this.transactions.dispatching((tx) =>
        this.deliveries.add(
          tx,
          waiting.map(({ delivery }) => ({ ...delivery, receivedAt: tx.now })),
        ),
      );
      for (const { stored } of waiting) stored();
    } catch (error) {
      for (const { failed } of waiting) failed(error);
    }
  }

  private async unpackAll(): Promise<void> {
    for (;;) {
      const claimed = await this.transactions.dispatching((tx) => this.deliveries.claim(tx, UNPACK_MOST));
      if (claimed.length === 0) return;
      for (const [provider, deliveries] of Map.groupBy(claimed, (delivery) => delivery.provider)) {
        await this.unpack(this.registry.of(provider), deliveries);
      }
    }
  }

  /** Many deliveries at once: notices of one record fold into one raise, of one tenant into one transaction. */
  private async unpack(definition: ProviderDefinition, deliveries: readonly StoredDelivery[]): Promise<void> {
    const read = deliveries.map((delivery) => ({ delivery, ...readingOf(definition, delivery) }));
    const heard = read.flatMap(({ delivery, notices }) =>
      notices.map((notice) => ({ ...notice, delivery: delivery.id })),
    );
    const companies = [...new Set(heard.map(({ company }) => company))];
    const routes = await this.transactions.dispatching((tx) =>
      this.connections.routesTo(tx, definition.name, companies),
    );
    for (const route of routes) {
      const mine = heard.filter(({ company }) => company === route.company);
      const troubled = read.filter(
        ({ unreadable, notices }) => unreadable && notices.some(({ company }) => company === route.company),
      );
      await this.tell(
        route,
        mine,
        troubled.map(({ unreadable }) => unreadable!),
      );
    }
    const known = new Set(routes.map(({ company }) => company));
    const unpacked = read.map(({ delivery, notices, unreadable }): Unpacked => ({
      id: delivery.id,
      notices: notices.length,
      orphans: notices.filter(({ company }) => !known.has(company)).length,
      unreadable,
    }));
    await this.note(definition.name, unpacked);
  }

  private async tell(route: Route, heard: readonly Heard[], unreadable: readonly string[]): Promise<void> {
    await this.transactions.inTenant(route.tenant, async (tx) => {
      const connection = await this.connections.get(tx, route.connection);
      if (!connection || connection.state === 'disconnected') return;
      const fresh: Heard[] = [];
      for (const [delivery, notices] of Map.groupBy(heard, (notice) => notice.delivery)) {
        const events = notices.flatMap(({ eventId }) => eventId ?? []);
        const unheard = await this.deliveries.unheard(tx, connection.id, delivery, events);
        fresh.push(...notices.filter(({ eventId }) => eventId === undefined || unheard.delete(eventId)));
      }
      const lane = fresh.length <= 20 ? 'interactive' : 'routine';
      const cause = { by: 'webhook', ...(fresh[0] && { id: fresh[0].delivery }) } as const;
      await this.raising.booksNoticed(tx, connection, newestOfEach(fresh), lane, cause);
      for (const message of unreadable) {
        const about = { connection: connection.id, twin: undefined, detail: {} };
        await this.problems.raise(tx, [{ code: 'unreadable_delivery', message, ...about }]);
      }
    });
  }

  private async note(provider: string, unpacked: readonly Unpacked[]): Promise<void> {
    const sum = (of: (one: Unpacked) => number): number => unpacked.reduce((total, one) => total + of(one), 0);
    await this.transactions.dispatching(async (tx) => {
      await this.deliveries.unpacked(tx, unpacked);
      await this.deliveries.count(tx, provider, 'accepted', unpacked.length);
      const orphans = sum((one) => one.orphans);
      if (orphans > 0) await this.deliveries.count(tx, provider, 'orphan', orphans);
      const unreadable = sum((one) => (one.unreadable ? 1 : 0));
      if (unreadable > 0) await this.deliveries.count(tx, provider, 'unreadable', unreadable);
    });
  }
}

type Heard = ChangeNotice & { readonly delivery: string };

const readingOf = (
  { webhook }: ProviderDefinition,
  delivery: StoredDelivery,
): { notices: readonly ChangeNotice[]; unreadable: string | undefined } => {
  const { notices, unreadable } = webhook!.read(delivery);
  return { notices, unreadable };
};

/** Several notices of one record ask for one look; the newest hint of its time counts, and no merge is forgotten. */
const newestOfEach = (heard: readonly Heard[]): readonly ChangeNotice[] =>
  [...Map.groupBy(heard, ({ candidates, id }) => `${candidates.join()}/${id}`).values()].map((notices) => {
    const newest = notices.reduce((one, other) => ((other.at ?? '') >= (one.at ?? '') ? other : one));
    const merged = notices.find(({ mergedInto }) => mergedInto !== undefined);
    // Versions and times are only believed where all notices agree that there was one change.
    const { version: _version, ...hint } = newest;
    return { ...(notices.length === 1 ? newest : hint), ...(merged && { mergedInto: merged.mergedInto! }) };
  });
