import type { KindName } from '../../../domain/contract/index.js';
import type {
  CallDraft,
  Finding,
  ListPage,
  Namesake,
  Observation,
  PollPage,
  ProviderAdapter,
  ProviderExchange,
  Session,
  Sighting,
  Target,
  Trace,
  Write,
  WriteAnswer,
} from '../../../domain/provider/index.js';
import { draftCalls, findingsOf, readAnswers } from './wave.calls.js';
import { pollAccounts, pollBooks, pollCompany } from './wave.changes.js';
import { WaveClient } from './wave.client.js';
import { waveCompany, type WaveCompany } from './wave.company.js';
import { listPage } from './wave.listing.js';
import { namesakes, trace } from './wave.look-up.js';
import { observe } from './wave.observing.js';

/** The verbs, each in the file that is named after it. */
export class WaveAdapter implements ProviderAdapter {
  private readonly client: WaveClient;

  constructor(private readonly session: Session) {
    this.client = new WaveClient(session);
  }

  observe(targets: readonly Target[]): Promise<readonly Observation[]> {
    return observe(this.client, targets, this.business);
  }

  list(kind: KindName, cursor: string | undefined): Promise<ListPage> {
    return listPage(this.client, kind, cursor, this.business);
  }

  poll(stream: string, cursor: string | undefined): Promise<PollPage> {
    switch (stream) {
      case 'books':
        return pollBooks(this.client, this.business, cursor);
      case 'accounts':
        return pollAccounts(this.client, this.business, cursor);
      case 'company':
        return pollCompany(this.client, this.business, cursor);
      default:
        throw new Error(`Wave has no stream ${stream}`);
    }
  }

  namesakes(wanted: readonly Namesake[]): Promise<readonly (readonly Sighting[])[]> {
    return namesakes(this.client, wanted, this.business);
  }

  preflight(write: Write): readonly Finding[] {
    return findingsOf(write, this.business);
  }

  draft(writes: readonly Write[]): readonly CallDraft[] {
    return draftCalls(writes, this.business);
  }

  interpret(call: CallDraft, writes: readonly Write[], exchange: ProviderExchange): readonly WriteAnswer[] {
    return readAnswers(call, writes, exchange, this.business);
  }

  trace(write: Write): Promise<Trace> {
    return trace(this.client, write, this.business);
  }

  private get business(): WaveCompany {
    return waveCompany(this.session.company, this.session.features, this.session.baseCurrency);
  }
}
