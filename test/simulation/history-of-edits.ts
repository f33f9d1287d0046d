import type { Content, KindName, Ref } from '../../src/domain/contract/index.js';
import type { AppRecord } from '../../src/modules/records/index.js';
import type { PushedRecord, PushOutcome } from '../../src/modules/sync/intake/app-edits.js';
import { TENANT, type World } from './world.js';

type Entered = Pick<PushedRecord, 'kind' | 'id' | 'content'>;

/**
 * Random people on both sides: a SaaS that pushes (also on old versions), an accountant, and a reviewer. Every text they
 * enter is unique, so that whoever judges can follow each single edit to where it ended.
 */
export class People {
  private edits = 0;
  private pushes = 0;
  private documents = 0;
  /** Every acknowledged text, with the side it was entered at. */
  readonly entered: { readonly text: string; readonly side: 'app' | 'books'; readonly record: string }[] = [];

  constructor(private readonly world: World) {}

  private text(): string {
    return `e${++this.edits}`;
  }

  private noteBooks(text: string, ref: Ref): void {
    this.entered.push({ text, side: 'books', record: `${ref.kind}/${ref.id}` });
  }

  /** One push of one record by the SaaS: a new one, or an edit of one it knows, sometimes of an older version. */
  saasEdits(): void {
    const { random, records } = this.world;
    const known = records.all().filter(({ existence }) => existence === 'present');
    const contacts = known.filter(({ kind }) => kind === 'contact');
    const invoices = known.filter(({ kind }) => kind === 'invoice');
    const choice = random.below(10);
    const texts: string[] = [];
    const text = this.noting(texts);
    const push = { kind: 'contact' as KindName, id: '', basedOn: 0, content: {} as Content };
    if (contacts.length === 0 || choice === 0) {
      Object.assign(push, this.contact(text));
    } else if (choice === 1 || (choice < 4 && invoices.length === 0)) {
      Object.assign(push, this.invoiceOf(random.pick(contacts), text));
    } else if (choice === 2 && invoices.length > 0) {
      Object.assign(push, this.paymentOf(random.pick(invoices), text));
    } else if (known.length > 0) {
      const record = random.pick(known);
      const older = random.chance(0.3) ? random.below(record.version) + 1 : record.version;
      const [basis] = records.versionsOf(record, TENANT).filter(({ version }) => version === older);
      Object.assign(push, {
        kind: record.kind,
        id: record.id,
        basedOn: older,
        content: this.change(record.kind, basis!.content, text),
      });
    } else return;
    this.push(push, texts);
  }

  /** The SaaS changes a payment, if there is one. */
  saasPays(): void {
    const { random, records } = this.world;
    const payments = records.all().filter(({ kind, existence }) => kind === 'payment' && existence === 'present');
    if (payments.length === 0) return;
    const { kind, id, version, content } = random.pick(payments);
    const texts: string[] = [];
    this.push({ kind, id, basedOn: version, content: this.change(kind, content, this.noting(texts)) }, texts);
  }

  /** The SaaS enters a record that refers to those which it entered first. */
  saasEnters(kind: 'contact' | 'invoice' | 'payment'): void {
    const records = this.world.records.all();
    const first = (of: KindName): AppRecord => records.find((record) => record.kind === of)!;
    const texts: string[] = [];
    const text = this.noting(texts);
    const entered = {
      contact: () => this.contact(text),
      invoice: () => this.invoiceOf(first('contact'), text),
      payment: () => this.paymentOf(first('invoice'), text),
    };
    this.push({ basedOn: 0, ...entered[kind]() }, texts);
  }

  /** Texts that are noted as they are made up. */
  private noting(texts: string[]): () => string {
    return () => {
      texts.push(this.text());
      return texts.at(-1)!;
    };
  }

  private contact(text: () => string): Entered {
    return {
      kind: 'contact',
      id: `c${++this.documents}`,
      content: { displayName: text(), email: text(), isCustomer: true },
    };
  }

  private invoiceOf({ id }: AppRecord, text: () => string): Entered {
    const content = {
      contact: { kind: 'contact', id },
      issueDate: '2026-03-02',
      state: this.world.random.chance(0.9) ? 'open' : 'draft',
      memo: text(),
      lines: [{ description: text(), amount: '10.00' }],
    };
    return { kind: 'invoice', id: `i${++this.documents}`, content };
  }

  private paymentOf(invoice: AppRecord, text: () => string): Entered {
    const allocations = [{ document: { kind: 'invoice', id: invoice.id }, amount: '1' }];
    const content = {
      contact: invoice.content.contact!,
      date: '2026-03-03',
      amount: '1.00',
      memo: text(),
      allocations,
    };
    return { kind: 'payment', id: `p${++this.documents}`, content };
  }

  /** Texts count as entered once the push is acknowledged. */
  private push(push: Omit<PushedRecord, 'existence'>, texts: readonly string[]): void {
    const { scheduler, edits } = this.world;
    const key = `push-${++this.pushes}`;
    scheduler.spawn('saas', key, async () => {
      const [outcome] = await edits.upsertRecords(TENANT, 'key:saas', { key, records: [push] });
      if (acknowledged(outcome!)) {
        for (const entered of texts)
          this.entered.push({ text: entered, side: 'app', record: `${push.kind}/${push.id}` });
      }
    });
  }

  saasDeletes(): void {
    const { random, records, scheduler, edits } = this.world;
    const known = records.all().filter(({ existence, kind }) => existence === 'present' && kind !== 'contact');
    if (known.length === 0) return;
    const { kind, id } = random.pick(known);
    scheduler.spawn('saas', `delete ${kind} ${id}`, async () => {
      await edits.deleteRecord(TENANT, 'key:saas', kind, id);
    });
  }

  /**
   * A customer is gone: the contact is archived, its invoices voided and its payments deleted, in whatever order the
   * SaaS happens to tell it. Sometimes it forgets some of them.
   */
  saasClosesAccount(): void {
    const { random, records, scheduler, edits } = this.world;
    const present = records.all().filter(({ existence }) => existence === 'present');
    const contacts = present.filter(({ kind }) => kind === 'contact');
    if (contacts.length === 0) return;
    const contact = random.pick(contacts);
    const dependents = present
      .filter(({ content }) => (content.contact as Ref | undefined)?.id === contact.id)
      .filter(() => random.chance(0.9));
    const closing = [contact, ...dependents]
      .map((record) => ({ record, at: random.next() }))
      .sort((one, other) => one.at - other.at)
      .map(({ record }) => record);
    scheduler.spawn('saas', `close ${contact.id}`, async () => {
      for (const { kind, id, version } of closing) {
        if (kind === 'payment') {
          await edits.deleteRecord(TENANT, 'key:saas', kind, id);
          continue;
        }
        const existence = kind === 'contact' ? 'archived' : 'voided';
        const record = { kind, id, basedOn: version, content: {}, existence } as const;
        await edits.upsertRecords(TENANT, 'key:saas', { key: `push-${++this.pushes}`, records: [record] });
      }
    });
  }

  accountantEdits(): void {
    const { random, books } = this.world;
    const present = books.all().filter(({ existence }) => existence === 'present');
    const contacts = present.filter(({ kind }) => kind === 'contact');
    const choice = random.below(10);
    if (contacts.length === 0 || choice === 0) {
      const [name, email] = [this.text(), this.text()];
      const id = books.enter('contact', { displayName: name, email, isCustomer: true });
      this.noteBooks(name, { kind: 'contact', id });
      this.noteBooks(email, { kind: 'contact', id });
    } else if (choice === 1) {
      const [memo, line] = [this.text(), this.text()];
      const contact = { kind: 'contact', id: random.pick(contacts).id } as const;
      const content = {
        contact,
        issueDate: '2026-03-04',
        state: 'open',
        memo,
        lines: [{ description: line, amount: '20' }],
      };
      const id = books.enter('invoice', content);
      this.noteBooks(memo, { kind: 'invoice', id });
      this.noteBooks(line, { kind: 'invoice', id });
    } else {
      const record = random.pick(present);
      const texts: string[] = [];
      const change = this.change(record.kind, record.content, () => {
        texts.push(this.text());
        return texts.at(-1)!;
      });
      books.edit(record, change);
      for (const text of texts) this.noteBooks(text, record);
    }
  }

  accountantEnds(): void {
    const { random, books } = this.world;
    const present = books.all().filter(({ existence, kind }) => existence === 'present' && kind !== 'contact');
    if (present.length === 0) return;
    const record = random.pick(present);
    books.end(record, record.kind === 'invoice' && random.chance(0.5) ? 'voided' : 'deleted');
  }

  reviewerDecides(): void {
    const { random, conflicts, scheduler, decisions } = this.world;
    const open = conflicts.all().filter(({ ended }) => ended === undefined);
    if (open.length === 0) return;
    const { id, fingerprint, reason } = random.pick(open);
    const verb = random.pick(
      reason === 'outcome_unknown' ? (['keep_app'] as const) : (['keep_app', 'keep_books', 'leave_apart'] as const),
    );
    const always = verb !== 'leave_apart' && random.chance(0.05);
    scheduler.spawn('reviewer', `decide ${id}`, async () => {
      await decisions.decideConflict(TENANT, 'finance:ana', { conflict: id, fingerprint, verb, always });
    });
  }

  /** A change of one or two groups of a record. */
  private change(kind: KindName, current: Content, text: () => string): Content {
    const { random } = this.world;
    const lines = (current.lines ?? []) as Content[];
    const changes: Partial<Record<KindName, readonly (() => Content)[]>> = {
      contact: [
        () => ({ displayName: text() }),
        () => ({ email: text() }),
        () => ({ notes: text() }),
        () => ({ email: null }),
      ],
      invoice: [
        () => ({ memo: text() }),
        () => ({ lines: [...lines, { description: text(), amount: `${1 + random.below(9)}.50` }] }),
        () => ({ lines: lines.map((line, index) => (index === 0 ? { ...line, description: text() } : line)) }),
        () => ({ lines: [...lines].reverse() }),
        () => ({ issueDate: `2026-03-${10 + random.below(9)}`, memo: text() }),
      ],
      payment: [
        () => ({ memo: text() }),
        () => ({ memo: text(), date: `2026-03-${10 + random.below(9)}` }),
        // The books refuse so much money.
        () => ({ memo: text(), amount: random.chance(0.5) ? '5000.00' : '2.00' }),
      ],
    };
    return random.pick(changes[kind] ?? [() => ({ memo: text() })])();
  }
}

const acknowledged = ({ outcome }: PushOutcome): boolean =>
  outcome === 'created' || outcome === 'updated' || outcome === 'merged' || outcome === 'in_review';
