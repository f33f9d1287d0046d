import { isWireObject, sameWire, wireAt, type Wire, type WireObject } from './wire.js';

/**
 * What a write says about a record, collected row by row. `sets` holds whole top-level members; a vendor with sparse
 * updates sends them as they are. `drops` names members that must no longer be there and for which the vendor has no
 * blank value: only a write of the whole record, with those left out, can say that.
 */
export class Change {
  readonly sets: WireObject = {};
  readonly drops = new Set<string>();

  /** `before` is the record as last seen; absent when it is to be created. */
  constructor(readonly before: WireObject | undefined) {}

  /** What the record will say at a path when this change is made. */
  at(path: string): Wire | undefined {
    const [member] = split(path);
    if (Object.hasOwn(this.sets, member)) return wireAt(this.sets, path);
    return this.drops.has(path) || this.drops.has(member) ? undefined : wireAt(this.before, path);
  }

  /** Says a value; what the record says already is not said again. */
  set(path: string, wire: Wire): void {
    if (sameWire(this.at(path), wire)) return;
    const [member, rest] = split(path);
    this.drops.delete(path);
    this.sets[member] = rest === undefined ? wire : within(this.at(member), rest, wire);
  }

  /** Says that nothing stands there any more: by the blank where the vendor takes one, else by leaving it out. */
  clear(path: string, blank?: Wire): void {
    if (this.at(path) === undefined) return;
    if (blank !== undefined) return this.set(path, blank);
    const [member, rest] = split(path);
    if (rest === undefined) delete this.sets[member];
    else this.sets[member] = without(this.at(member), rest);
    this.drops.add(path);
  }

  /** The whole record after the change, with everything of it that the change does not speak of. */
  whole(): WireObject {
    const record: WireObject = { ...this.before, ...this.sets };
    for (const path of this.drops) if (!path.includes('.')) delete record[path];
    return record;
  }
}

const split = (path: string): [member: string, rest: string | undefined] => {
  const dot = path.indexOf('.');
  return dot < 0 ? [path, undefined] : [path.slice(0, dot), path.slice(dot + 1)];
};

/** A copy of an object in which `path` says `wire`. */
const within = (object: Wire | undefined, path: string, wire: Wire): WireObject => {
  const [member, rest] = split(path);
  const copy: WireObject = isWireObject(object) ? { ...object } : {};
  copy[member] = rest === undefined ? wire : within(copy[member], rest, wire);
  return copy;
};

/** A copy of an object in which `path` says nothing. */
const without = (object: Wire | undefined, path: string): WireObject => {
  const [member, rest] = split(path);
  const copy: WireObject = isWireObject(object) ? { ...object } : {};
  if (rest === undefined) delete copy[member];
  else if (isWireObject(copy[member])) copy[member] = without(copy[member], rest);
  return copy;
};
