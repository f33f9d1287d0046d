import {
  type Content,
  type Existence,
  exact,
  fingerprint,
  type KindName,
  normalDecimal,
  type Ref,
} from '../../src/domain/contract/index.js';
import type { ChangeNotice, Sighting } from '../../src/domain/provider/index.js';

/** What kind of provider the model plays. */
export interface Traits {
  /** Refuses writes to versions that are not the newest. */
  readonly guardsVersions: boolean;
  /** Remembers idempotency keys for so long. */
  readonly keyWindowMs: number | undefined;
  /** Can be asked for the trace of a lost create. */
  readonly traceable: boolean;
  /** Kinds that can only be deleted and made anew, by two calls. */
  readonly replaces: readonly KindName[];
  /** How long reads may trail writes. */
  readonly lagMs: number;
  /** Whether versions can be ordered. */
  readonly ordered: boolean;
  /** Whether notices name the version. */
  readonly namesVersions: boolean;
  /** Refuses to archive or void, and not only to delete, what present records refer to. */
  readonly keepsNamed: boolean;
}

export interface Stored {
  readonly kind: KindName;
  readonly id: string;
  readonly content: Content;
  readonly existence: Existence;
  readonly version: number;
  readonly createdAt: number;
  readonly changedAt: number;
  /** Of the write that created it; customers do not see it. */
  readonly marker: string | undefined;
}

/** One change of one record, for whoever judges afterwards what happened. */
export interface LedgerEntry {
  readonly ref: Ref;
  readonly by: 'accountant' | 'api';
  readonly before: Content | undefined;
  readonly after: Content;
  readonly existence: Existence;
  /** The write was made on an older version than this one overwrote; only an unguarded provider lets that happen. */
  readonly blind: boolean;
}

export interface ModelWrite {
  readonly kind: KindName;
  readonly operation: string;
  readonly id?: string;
  readonly version?: string;
  readonly content: Content;
  readonly marker: string;
}

export type ModelAnswer =
  | { readonly ok: Sighting | null }
  | {
      readonly refused: 'stale' | 'gone' | 'invalid' | 'duplicate';
      readonly message: string;
      readonly candidates?: readonly string[];
    };

/**
 * A small accounting product in memory, with the habits that hurt: it fills in what was left open, trims, renumbers
 * lines, bumps versions when something else touches a record, and may lag behind its own writes.
 */
export class ModelBooks {
  private readonly objects = new Map<string, Stored>();
  private readonly shadows = new Map<string, Stored>();
  private readonly answers = new Map<string, { at: number; answer: readonly ModelAnswer[] }>();
  private counter = 0;
  readonly ledger: LedgerEntry[] = [];
  /** Changes that a webhook would tell of, in order. */
  readonly outbox: (Omit<ChangeNotice, 'company'> & { readonly at: string })[] = [];
  /** Reads and writes served, by name. */
  readonly served: string[] = [];

  constructor(
    readonly traits: Traits,
    private readonly now: () => Date,
  ) {}

  // The accountant, who sees the newest state.

  all(): readonly Stored[] {
    return [...this.objects.values()];
  }

  enter(kind: KindName, content: Content): string {
    const stored = this.put(kind, undefined, this.normal(kind, content, undefined), 'present', 'accountant', undefined);
    return stored.id;
  }

  edit(ref: Ref, change: Content): void {
    const before = this.objects.get(keyOf(ref))!;
    this.put(
      ref.kind,
      before,
      this.normal(ref.kind, laidOver(before.content, change), before),
      before.existence,
      'accountant',
      undefined,
    );
  }

  end(ref: Ref, existence: Existence): boolean {
    const before = this.objects.get(keyOf(ref))!;
    if (this.isKept(ref, existence)) return false;
    this.put(ref.kind, before, before.content, existence, 'accountant', undefined);
    return true;
  }

  // The API.

  observe(ref: Ref): { readonly sighting?: Sighting; readonly gone?: true } {
    this.served.push('observe');
    const stored = this.visible(ref);
    if (!stored) return {};
    return stored.existence === 'deleted' ? { gone: true } : { sighting: this.sightingOf(stored) };
  }

  named(kind: KindName, name: string): Sighting[] {
    this.served.push('namesakes');
    const field = kind === 'contact' ? 'displayName' : 'number';
    return this.all()
      .filter((one) => one.kind === kind && one.existence === 'present' && one.content[field] === name.trim())
      .map((one) => this.sightingOf(one));
  }

  marked(kind: KindName, marker: string): Sighting[] {
    this.served.push('trace');
    return this.all()
      .filter((one) => one.kind === kind && one.marker === marker && this.visible(one) !== undefined)
      .map((one) => this.sightingOf(this.visible(one)!));
  }

  since(cursor: number): { notices: Omit<ChangeNotice, 'company'>[]; cursor: number } {
    this.served.push('poll');
    return { notices: this.outbox.slice(cursor), cursor: this.outbox.length };
  }

  write(key: string, writes: readonly ModelWrite[]): readonly ModelAnswer[] {
    const window = this.traits.keyWindowMs;
    const known = this.answers.get(key);
    const now = this.now().getTime();
    if (window !== undefined && known && now - known.at < window) return known.answer;
    const answer = writes.map((write) => this.writeOne(write));
    this.answers.set(key, { at: now, answer });
    return answer;
  }

  private writeOne(write: ModelWrite): ModelAnswer {
    this.served.push(`write ${write.operation}`);
    const before = write.id === undefined ? undefined : this.objects.get(keyOf({ kind: write.kind, id: write.id }));
    if (write.id !== undefined) {
      if (!before || before.existence === 'deleted') return { refused: 'gone', message: 'Object not found.' };
      if (this.traits.guardsVersions && this.versionOf(before) !== write.version) {
        return { refused: 'stale', message: 'You and somebody else were working on this at the same time.' };
      }
    }
    const blind = before !== undefined && this.versionOf(before) !== write.version;
    switch (write.operation) {
      case 'create':
        return this.save(write, undefined, write.content, 'present', false);
      case 'update':
        return this.save(write, before, laidOver(before!.content, write.content), before!.existence, blind);
      case 'restore':
        return this.save(write, before, before!.content, 'present', blind);
      case 'archive':
        return this.isKept(before!, 'archived') ? IN_USE : this.save(write, before, before!.content, 'archived', blind);
      case 'void':
        return this.isKept(before!, 'voided') ? IN_USE : this.save(write, before, before!.content, 'voided', blind);
      default:
        if (this.isKept(before!, 'deleted')) return IN_USE;
        this.put(write.kind, before, before!.content, 'deleted', 'api', undefined, blind);
        return { ok: null };
    }
  }

  private save(
    write: ModelWrite,
    before: Stored | undefined,
    content: Content,
    existence: Existence,
    blind: boolean,
  ): ModelAnswer {
    const normal = this.normal(write.kind, content, before);
    const refusal = this.refuse(write.kind, before?.id, normal, existence);
    if (refusal) return refusal;
    return { ok: this.sightingOf(this.put(write.kind, before, normal, existence, 'api', write.marker, blind)) };
  }

  private refuse(
    kind: KindName,
    id: string | undefined,
    content: Content,
    existence: Existence,
  ): ModelAnswer | undefined {
    if (existence !== 'present') return undefined;
    if (typeof content.amount === 'string' && exact(content.amount).greaterThan(MOST)) {
      return { refused: 'invalid', message: 'The amount is too large.' };
    }
    const contact = content.contact as Ref | undefined;
    if (contact && this.objects.get(keyOf(contact))?.existence !== 'present') {
      return { refused: 'invalid', message: 'The contact is not active.' };
    }
    for (const part of (content.allocations ?? []) as { document: Ref }[]) {
      if (this.objects.get(keyOf(part.document))?.existence !== 'present') {
        return { refused: 'invalid', message: 'The document is not open.' };
      }
    }
    const namesakes = this.all().filter(
      (one) =>
        one.kind === 'contact' &&
        kind === 'contact' &&
        one.id !== id &&
        one.existence === 'present' &&
        one.content.displayName === content.displayName,
    );
    return namesakes.length > 0
      ? { refused: 'duplicate', message: 'The name is used already.', candidates: namesakes.map((one) => one.id) }
      : undefined;
  }

  /** What this product makes of what it is given; the same again changes nothing more. */
  private normal(kind: KindName, content: Content, before: Stored | undefined): Content {
    const normal: Content = {};
    for (const [name, value] of Object.entries(content)) {
      if (value === null || value === '') continue;
      normal[name] = typeof value === 'string' ? value.trim() : value;
    }
    if (kind === 'invoice') {
      normal.dueDate ??= normal.issueDate ?? null;
      normal.number ??= before?.content.number ?? `A${1000 + this.counter}`;
    }
    if (Array.isArray(normal.lines)) {
      const kept = new Set(((before?.content.lines ?? []) as Content[]).map((line) => line.id));
      let next = 1 + Math.max(0, ...[...kept].map(Number));
      normal.lines = (normal.lines as Content[]).map((line) => ({
        ...line,
        ...(typeof line.amount === 'string' && { amount: normalDecimal(exact(line.amount).toFixed(2)) }),
        id: kept.has(line.id ?? null) ? line.id! : String(next++),
      }));
      normal.total = (normal.lines as Content[])
        .reduce((sum, line) => sum.plus(String(line.amount ?? '0')), exact('0'))
        .toFixed();
    }
    return normal;
  }

  private put(
    kind: KindName,
    before: Stored | undefined,
    content: Content,
    existence: Existence,
    by: LedgerEntry['by'],
    marker: string | undefined,
    blind = false,
  ): Stored {
    const at = this.now().getTime();
    const stored: Stored = {
      kind,
      id: before?.id ?? `b${++this.counter}`,
      content,
      existence,
      version: (before?.version ?? 0) + 1,
      createdAt: before?.createdAt ?? at,
      changedAt: at,
      marker: before?.marker ?? marker,
    };
    const key = keyOf(stored);
    if (before) this.shadows.set(key, before);
    this.objects.set(key, stored);
    this.ledger.push({ ref: { kind, id: stored.id }, by, before: before?.content, after: content, existence, blind });
    this.tell(stored);
    // What settles a document touches it.
    for (const part of (content.allocations ?? []) as { document: Ref }[]) this.touch(part.document);
    return stored;
  }

  private touch(ref: Ref): void {
    const stored = this.objects.get(keyOf(ref));
    if (!stored) return;
    this.shadows.set(keyOf(ref), stored);
    const touched = { ...stored, version: stored.version + 1, changedAt: this.now().getTime() };
    this.objects.set(keyOf(ref), touched);
    this.tell(touched);
  }

  private tell(stored: Stored): void {
    this.outbox.push({
      candidates: [stored.kind],
      id: stored.id,
      at: new Date(stored.changedAt).toISOString(),
      ...(this.traits.namesVersions && { version: this.versionOf(stored) }),
    });
  }

  private versionOf({ version }: Stored): string {
    return this.traits.ordered ? String(version) : fingerprint([version]).slice(0, 8);
  }

  private visible(ref: Ref): Stored | undefined {
    const stored = this.objects.get(keyOf(ref));
    if (!stored || this.now().getTime() - stored.changedAt >= this.traits.lagMs) return stored;
    return this.shadows.get(keyOf(ref));
  }

  private isKept(ref: Ref, from: Existence): boolean {
    return (from === 'deleted' || this.traits.keepsNamed) && this.isReferred(ref);
  }

  /** Whether the last that happened to a record is that it was deleted, and not by the accountant. */
  wasDeletedByApi(ref: Ref): boolean {
    const last = this.ledger.findLast((entry) => keyOf(entry.ref) === keyOf(ref));
    return last?.by === 'api' && last.existence === 'deleted';
  }

  isReferred(ref: Ref): boolean {
    return this.all().some(
      (one) =>
        one.existence === 'present' &&
        ((one.content.contact as Ref | undefined)?.id === ref.id ||
          ((one.content.allocations ?? []) as { document: Ref }[]).some((part) => part.document.id === ref.id)),
    );
  }

  private sightingOf(stored: Stored): Sighting {
    return {
      kind: stored.kind,
      id: stored.id,
      existence: stored.existence,
      content: stored.content,
      version: this.versionOf(stored),
      raw: null,
      createdAt: new Date(stored.createdAt).toISOString(),
      changedAt: new Date(stored.changedAt).toISOString(),
    };
  }
}

/** More than this is refused of a payment. */
const MOST = '1000';

const IN_USE: ModelAnswer = { refused: 'invalid', message: 'It is used by other transactions.' };

const keyOf = (ref: Ref): string => `${ref.kind}/${ref.id}`;

const laidOver = (before: Content, change: Content): Content =>
  Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== null));
