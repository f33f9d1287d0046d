/** Who or what set something in motion; every event and every version of a record names one. */
export interface Cause {
  readonly by:
    | 'push' // the SaaS's own edit
    | 'books' // an edit seen in the books
    | 'webhook'
    | 'poll'
    | 'person' // a decision, a policy, a link
    | 'sync_now'
    | 'dependency' // a record that this one waited for was settled
    | 'sweep'
    | 'system';
  /** The person or API key, where there is one: `finance:ana@example.com`, `key:3f…`. */
  readonly actor?: string;
  /** What to look up for more: a delivery, a push key, a decision, a twin. */
  readonly id?: string;
}
