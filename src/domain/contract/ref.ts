import type { KindName } from './kind-names.js';

/** A record as one side names it: the id is that side's own. */
export interface Ref {
  readonly kind: KindName;
  readonly id: string;
}

export const sameRef = (one: Ref, other: Ref): boolean => one.kind === other.kind && one.id === other.id;

/** A key for maps and locks; ids may hold colons, so the kind comes first. */
export const refKey = (ref: Ref): string => `${ref.kind}:${ref.id}`;
