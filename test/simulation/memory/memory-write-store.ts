import type { KindName } from '../../../src/domain/contract/index.js';
import {
  answerIn,
  type Call,
  type CallNote,
  type Intent,
  type IntentOutcome,
  isOpen,
  isRefusal,
  makesRecord,
  type NewCall,
  type NewIntent,
  WriteStore,
} from '../../../src/modules/sync/store/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryWriteStore extends WriteStore {
  private readonly intents;
  private readonly calls;

  constructor(database: MemoryDatabase) {
    super();
    this.intents = database.table<Intent>();
    this.calls = database.table<Call>();
  }

  override async get(_tx: Tx, ids: readonly string[]): Promise<Intent[]> {
    return ids.flatMap((id) => this.intents.get(id) ?? []);
  }

  override async unfinishedOf(_tx: Tx, twins: readonly string[]): Promise<Intent[]> {
    return this.intents.all().filter((intent) => twins.includes(intent.twin) && isUnfinished(intent));
  }

  override async openCreates(_tx: Tx, connection: string, kind: KindName): Promise<Intent[]> {
    return this.intents
      .all()
      .filter((intent) => intent.connection === connection && intent.kind === kind)
      .filter((intent) => makesRecord(intent) && isOpen(intent.state));
  }

  override async plan(tx: Tx, intents: readonly NewIntent[]): Promise<string[]> {
    return intents.flatMap((intent) => {
      const taken = this.intents
        .all()
        .some(({ twin, state, write }) => twin === intent.twin && write.side === intent.write.side && isOpen(state));
      if (taken) return [];
      this.intents.set(intent.id, {
        ...intent,
        state: 'planned',
        createdAt: tx.now,
        sentAt: undefined,
        done: [],
        answer: undefined,
        failure: undefined,
        looks: 0,
        absentSince: undefined,
        settled: false,
      });
      return [intent.id];
    });
  }

  override async send(tx: Tx, call: NewCall): Promise<void> {
    this.calls.set(call.id, { ...call, sentAt: tx.now, attempts: 1, state: 'in_flight' });
    for (const id of call.draft.intents) {
      const intent = this.intents.get(id)!;
      const state = isOpen(intent.state) ? 'in_flight' : intent.state;
      this.intents.set(id, { ...intent, state, sentAt: intent.sentAt ?? tx.now });
    }
  }

  override async callOf(_tx: Tx, intent: string): Promise<Call | undefined> {
    return this.calls.all().findLast(({ draft }) => draft.intents.includes(intent));
  }

  override async resend(_tx: Tx, id: string): Promise<void> {
    const call = this.calls.get(id)!;
    this.calls.set(id, { ...call, attempts: call.attempts + 1, state: 'in_flight' });
  }

  override async record(
    _tx: Tx,
    call: string | undefined,
    _note: CallNote | undefined,
    outcomes: readonly IntentOutcome[],
  ): Promise<string[]> {
    const sent = call === undefined ? undefined : this.calls.get(call);
    if (sent) {
      const known = outcomes.some(({ state }) => state !== 'uncertain');
      this.calls.set(sent.id, { ...sent, state: known ? 'answered' : 'unanswered' });
    }
    return outcomes.flatMap((outcome) => {
      const intent = this.intents.get(outcome.intent);
      if (!intent || !mayBecome(intent, outcome)) return [];
      this.intents.set(intent.id, {
        ...intent,
        state: outcome.state,
        settled: false,
        failure: failureAfter(intent, outcome),
        answer: answerIn(outcome) ?? intent.answer,
        done: outcome.state === 'planned' && outcome.sighting ? [...intent.done, outcome.sighting] : intent.done,
        looks: outcome.state === 'uncertain' ? intent.looks + 1 : intent.looks,
        absentSince: outcome.state === 'planned' ? undefined : intent.absentSince,
      });
      return [intent.id];
    });
  }

  override async noteAbsent(tx: Tx, id: string): Promise<void> {
    const intent = this.intents.get(id)!;
    this.intents.set(id, { ...intent, absentSince: intent.absentSince ?? tx.now, looks: intent.looks + 1 });
  }

  override async settle(_tx: Tx, intents: readonly string[]): Promise<void> {
    for (const id of intents) {
      const intent = this.intents.get(id);
      if (intent) this.intents.set(id, { ...intent, settled: true });
    }
  }

  override async absorb(_tx: Tx, gone: string, survivor: string): Promise<void> {
    for (const intent of this.intents.all().filter(({ twin }) => twin === gone)) {
      this.intents.set(intent.id, { ...intent, twin: survivor });
    }
  }

  all(): Intent[] {
    return this.intents.all();
  }
}

const failureAfter = (intent: Intent, outcome: IntentOutcome): Intent['failure'] => {
  switch (outcome.state) {
    case 'confirmed':
      return intent.failure;
    case 'planned':
      return outcome.failure ?? intent.failure;
    case 'uncertain':
      return intent.failure && isRefusal(intent.failure) ? intent.failure : outcome.failure;
    case 'refused':
    case 'void':
      return outcome.failure;
  }
};

/** An answer is believed from any open state; a void one too, when the very answer turns up late. */
const mayBecome = (intent: Intent, outcome: IntentOutcome): boolean =>
  isOpen(intent.state) || (intent.state === 'void' && outcome.state === 'confirmed');

const isUnfinished = ({ state, settled, done }: Intent): boolean =>
  isOpen(state) || (!settled && (state === 'confirmed' || (state === 'void' && done.length > 0)));
