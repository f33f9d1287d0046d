import type { KindName } from '../../../src/domain/contract/index.js';
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
} from '../../../src/domain/provider/index.js';
import { ToyCalls } from './toy.calls.js';
import { ToyClient } from './toy.client.js';
import type { Places } from './toy.places.js';
import { ToyReading } from './toy.reading.js';

/** The verbs; every write is a call, or several, of its own. */
export class ToyAdapter implements ProviderAdapter {
  private readonly reading: ToyReading;
  private readonly calls: ToyCalls;

  constructor(session: Session, places: Places) {
    const context = { baseCurrency: session.baseCurrency };
    this.reading = new ToyReading(new ToyClient(session), places, session.company, context);
    this.calls = new ToyCalls(places, session.company, context);
  }

  observe(targets: readonly Target[]): Promise<readonly Observation[]> {
    return this.reading.observe(targets);
  }

  list(kind: KindName, cursor: string | undefined): Promise<ListPage> {
    return this.reading.list(kind, cursor);
  }

  poll(stream: string, cursor: string | undefined): Promise<PollPage> {
    return this.reading.poll(stream, cursor);
  }

  namesakes(wanted: readonly Namesake[]): Promise<readonly (readonly Sighting[])[]> {
    return this.reading.namesakes(wanted);
  }

  preflight(write: Write): readonly Finding[] {
    return this.calls.preflight(write);
  }

  draft(writes: readonly Write[], newKey: () => string): readonly CallDraft[] {
    return writes.map((write) => this.calls.draft(write, newKey()));
  }

  interpret(call: CallDraft, writes: readonly Write[], exchange: ProviderExchange): readonly WriteAnswer[] {
    return writes
      .filter(({ intent }) => call.intents.includes(intent))
      .map((write) => this.calls.interpret(write, exchange));
  }

  trace(write: Write): Promise<Trace> {
    return this.reading.trace(write, this.calls);
  }
}
