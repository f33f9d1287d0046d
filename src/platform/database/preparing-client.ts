import pg from 'pg';

/** Statements that a connection keeps prepared at most; each holds memory in the server, too. */
const PREPARED_MOST = 200;
/** Statements that it remembers having sent; then it begins to count anew. */
const REMEMBERED_MOST = 1_000;
/** A statement that comes this often is likely to come for ever. */
const OFTEN = 3;

type Send = (text: string | pg.QueryConfig, values?: unknown, callback?: unknown) => Promise<pg.QueryResult>;

/**
 * A connection that makes little of what every transaction and every statement costs beside its work: a statement that
 * comes again and again is parsed and planned once, and `begin` travels together with the statement after it. Neither
 * changes what is asked or answered (docs/adr/0017).
 */
export class PreparingClient extends pg.Client {
  private readonly prepared = new Map<string, string>();
  private readonly sent = new Map<string, number>();
  private readonly send: Send;
  private names = 0;
  /** A transaction was begun here of which the server has not been told. */
  private begun = false;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.send = this.query.bind(this) as unknown as Send;
    const query: Send = (text, values, callback) =>
      typeof text === 'string' && callback === undefined
        ? this.ask(text, (values ?? []) as unknown[])
        : this.send(text, values, callback);
    this.query = query as unknown as typeof this.query;
  }

  private async ask(text: string, values: unknown[]): Promise<pg.QueryResult> {
    if (text === 'begin') {
      this.begun = true;
      return NOTHING;
    }
    if (this.begun) {
      this.begun = false;
      if (text === 'commit' || text === 'rollback') return NOTHING;
      if (values.length === 0) {
        const results = (await this.send(`begin; ${text}`)) as unknown as pg.QueryResult[];
        return results.at(-1)!;
      }
      await this.send('begin');
    }
    if (values.length === 0) return this.send(text);
    const name = this.nameOf(text);
    if (name === undefined) return this.send(text, values);
    return this.send({ name, text, values }).catch((error: unknown) => {
      // A migration has changed what the statement answers: whoever repeats the transaction gets it prepared anew.
      if ((error as { code?: unknown }).code === CHANGED) this.prepared.clear();
      throw error;
    });
  }

  /** Undefined while it has not come often. */
  private nameOf(text: string): string | undefined {
    const known = this.prepared.get(text);
    if (known !== undefined || this.prepared.size >= PREPARED_MOST) return known;
    const times = (this.sent.get(text) ?? 0) + 1;
    if (times < OFTEN) {
      if (this.sent.size >= REMEMBERED_MOST) this.sent.clear();
      this.sent.set(text, times);
      return undefined;
    }
    this.sent.delete(text);
    this.names += 1;
    const name = `s${this.names}`;
    this.prepared.set(text, name);
    return name;
  }
}

/** PostgreSQL's code for "cached plan must not change result type", among others. */
export const CHANGED = '0A000';

const NOTHING: pg.QueryResult = { command: '', rowCount: null, oid: 0, fields: [], rows: [] };
