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
import { draftCalls, findingsOf, readAnswers } from './xero.calls.js';
import { poll } from './xero.changes.js';
import { XeroClient } from './xero.client.js';
import { companyFeatures, knowing, type XeroCompany } from './xero.features.js';
import { listPage } from './xero.listing.js';
import { namesakes, trace } from './xero.look-up.js';
import { observe } from './xero.observing.js';
import type { Books } from './xero.reading.js';

/** The verbs, each in the file that is named after it. */
export class XeroAdapter implements ProviderAdapter {
  private readonly client: XeroClient;

  constructor(private readonly session: Session) {
    this.client = new XeroClient(session);
  }

  observe(targets: readonly Target[]): Promise<readonly Observation[]> {
    return observe(this.books, targets);
  }

  list(kind: KindName, cursor: string | undefined): Promise<ListPage> {
    return listPage(this.books, kind, cursor);
  }

  poll(stream: string, cursor: string | undefined): Promise<PollPage> {
    return poll(this.books, stream, cursor);
  }

  namesakes(wanted: readonly Namesake[]): Promise<readonly (readonly Sighting[])[]> {
    return namesakes(this.books, wanted);
  }

  preflight(write: Write): readonly Finding[] {
    return findingsOf(write, this.featuresFor(write));
  }

  draft(writes: readonly Write[], newKey: () => string): readonly CallDraft[] {
    return draftCalls(this.session.company, writes, newKey, (write) => this.featuresFor(write));
  }

  interpret(call: CallDraft, writes: readonly Write[], exchange: ProviderExchange): readonly WriteAnswer[] {
    return readAnswers(call, writes, exchange, (write) => this.featuresFor(write));
  }

  trace(write: Write): Promise<Trace> {
    return trace({ ...this.books, features: this.featuresFor(write) }, write);
  }

  private get books(): Books {
    return { client: this.client, company: this.session.company, features: this.features };
  }

  private featuresFor(write: Write): XeroCompany {
    return knowing(this.features, write);
  }

  private get features(): XeroCompany {
    return companyFeatures(this.session.features, this.session.baseCurrency);
  }
}
