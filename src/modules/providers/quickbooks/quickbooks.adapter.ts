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
import { draftCalls, findingsOf, readAnswers } from './quickbooks.calls.js';
import { pollChanges, pollCompany, pollTaxes } from './quickbooks.changes.js';
import { QuickBooksClient } from './quickbooks.client.js';
import { companyFeatures, type CompanyFeatures } from './quickbooks.features.js';
import { listPage } from './quickbooks.listing.js';
import { namesakes, trace } from './quickbooks.look-up.js';
import { observe } from './quickbooks.observing.js';

/** The verbs, each in the file that is named after it. */
export class QuickBooksAdapter implements ProviderAdapter {
  private readonly client: QuickBooksClient;

  constructor(private readonly session: Session) {
    this.client = new QuickBooksClient(session);
  }

  observe(targets: readonly Target[]): Promise<readonly Observation[]> {
    return observe(this.client, targets, this.features, this.session.company);
  }

  list(kind: KindName, cursor: string | undefined): Promise<ListPage> {
    return listPage(this.client, kind, cursor, this.features, this.session.company);
  }

  poll(stream: string, cursor: string | undefined): Promise<PollPage> {
    switch (stream) {
      case 'taxes':
        return pollTaxes(this.client, this.session.company, this.features, cursor);
      case 'company':
        return pollCompany(this.client, this.session.company, this.features, cursor);
      case 'changes':
        return pollChanges(this.client, this.session, this.features, cursor);
      default:
        throw new Error(`QuickBooks has no stream ${stream}`);
    }
  }

  namesakes(wanted: readonly Namesake[]): Promise<readonly (readonly Sighting[])[]> {
    return namesakes(this.client, wanted, this.features);
  }

  preflight(write: Write): readonly Finding[] {
    return findingsOf(write, this.features);
  }

  draft(writes: readonly Write[], newKey: () => string): readonly CallDraft[] {
    return draftCalls(this.session.company, writes, newKey, this.features);
  }

  interpret(call: CallDraft, writes: readonly Write[], exchange: ProviderExchange): readonly WriteAnswer[] {
    return readAnswers(call, writes, exchange, this.features);
  }

  trace(write: Write): Promise<Trace> {
    return trace(this.client, write, this.features, this.session.now());
  }

  private get features(): CompanyFeatures {
    return companyFeatures(this.session.features, this.session.baseCurrency);
  }
}
