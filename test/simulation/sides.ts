import {
  type Base,
  imageOf,
  type Meeting,
  NO_BASE,
  otherSide,
  readingOf,
  type RefBook,
  type Side,
  SIDES,
  type View,
} from '../../src/domain/comparison/index.js';
import {
  type Content,
  type Existence,
  fieldsOf,
  groupFields,
  groupNames,
  type KindName,
  type Ref,
} from '../../src/domain/contract/index.js';
import { type Confirmed, type Plan, type PlannedWrite, settle } from '../../src/domain/planning/index.js';

/** Two sides that each name records their own way: `a7` in the app is `b7` in the books. */
export const MIRRORED_REFS: RefBook = {
  twinOf: (side, ref) => (ref.id.startsWith(side[0]!) ? `${ref.kind}#${ref.id.slice(1)}` : undefined),
  refAt: (side, twin) => {
    const [kind, id] = twin.split('#') as [KindName, string];
    return { kind, id: `${side[0]!}${id}` };
  },
};

export interface Sides {
  readonly kind: KindName;
  readonly app: View;
  readonly books: View;
  readonly base: Base;
}

/** A content with the given side's names for everything that it refers to, and that side's line ids. */
export const wordedFor = (side: Side, kind: KindName, content: Content): Content => {
  const named = JSON.parse(JSON.stringify(content), (key, value: unknown) =>
    key === 'id' && typeof value === 'string' ? `${side[0]!}${value.replace(/^[ab]/, '')}` : value,
  ) as Content;
  const lines = fieldsOf(kind).lines;
  if (!lines || !Array.isArray(named.lines)) return named;
  return {
    ...named,
    lines: (named.lines as Content[]).map((line, index) => ({ ...line, id: `${side[0]!}line${index}` })),
  };
};

/** Both sides showing the same content, settled. */
export const agreeing = (kind: KindName, content: Content): Sides => {
  const views = Object.fromEntries(
    SIDES.map((side) => [side, { existence: 'present', content: wordedFor(side, kind, content), version: '1' }]),
  ) as Record<Side, View>;
  const groups = Object.fromEntries(
    groupNames(kind).map((group) => [
      group,
      { app: imageOf(kind, group, views.app.content), books: imageOf(kind, group, views.books.content) },
    ]),
  );
  const lines = ((views.app.content.lines ?? []) as Content[]).map((_, index) => ({
    app: `aline${index}`,
    books: `bline${index}`,
  }));
  return { kind, ...views, base: { groups, lines, existence: { app: 'present', books: 'present' } } };
};

/** One side after an edit: some groups as in another content, and perhaps another existence. */
export interface Edit {
  readonly groups: readonly string[];
  readonly from: Content;
  readonly existence?: Existence;
}

export const edited = (sides: Sides, side: Side, { groups, from, existence }: Edit): Sides => {
  const source = wordedFor(side, sides.kind, from);
  const content: Content = { ...sides[side].content };
  for (const group of groups) {
    for (const name of Object.keys(groupFields(sides.kind, group))) {
      if (source[name] === undefined) delete content[name];
      else content[name] = source[name];
    }
  }
  return { ...sides, [side]: { ...sides[side], content, existence: existence ?? sides[side].existence } };
};

export const meetingOf = ({ kind, app, books, base }: Sides, more: Partial<Meeting> = {}): Meeting => ({
  kind,
  app,
  books,
  base,
  pending: {},
  refs: MIRRORED_REFS,
  carries: () => true,
  decides: new Set(),
  ...more,
});

/** Both sides after the plan's writes, and the base after they were settled. */
export const carriedOut = (sides: Sides, plan: Plan): Sides => {
  const after = { ...sides };
  const confirmed: Confirmed[] = [];
  for (const write of plan.writes) {
    const before = sides[write.side];
    const shown = written(before, write);
    after[write.side] = shown;
    confirmed.push({ write, before: before.content, after: shown.content });
  }
  const meeting = meetingOf(sides);
  const readings = { app: readingOf(meeting, 'app'), books: readingOf(meeting, 'books') };
  const base = settle({ kind: sides.kind, base: sides.base, settling: plan.settle, confirmed, readings });
  return { ...after, base };
};

const written = (before: View, write: PlannedWrite): View => {
  const start = write.operation === 'create' || write.operation === 'restore' ? {} : before.content;
  const content = Object.fromEntries(
    Object.entries({ ...start, ...write.content }).filter(([, value]) => value !== null),
  );
  const existence = write.existence?.[write.side] ?? before.existence;
  return { existence, content: withIds(content, write.side), version: `${before.version}+` };
};

/** Each side gives new lines an id of its own. */
const withIds = (content: Content, side: Side): Content => {
  if (!Array.isArray(content.lines)) return content;
  const taken = new Set((content.lines as Content[]).map(({ id }) => id));
  let next = 0;
  const fresh = (): string => {
    do next += 1;
    while (taken.has(`${side[0]!}new${next}`));
    return `${side[0]!}new${next}`;
  };
  return { ...content, lines: (content.lines as Content[]).map((line) => (line.id ? line : { ...line, id: fresh() })) };
};

/** The same with the sides' names exchanged. */
export const mirrored = (sides: Sides): Sides => {
  const swap = <T>(value: T): T =>
    JSON.parse(JSON.stringify(value), (key, inner: unknown) =>
      (key === 'id' || key === 'app' || key === 'books') && typeof inner === 'string'
        ? inner.replace(/^[ab]/, (c) => (c === 'a' ? 'b' : 'a'))
        : inner,
    ) as T;
  const { kind, app, books, base } = sides;
  return {
    kind,
    app: swap(books),
    books: swap(app),
    base: {
      ...base,
      groups: Object.fromEntries(
        Object.entries(base.groups).map(([group, images]) => [
          group,
          { app: swap(images.books), books: swap(images.app) },
        ]),
      ),
      lines: base.lines.map((pair) => ({ app: pair.books.replace(/^b/, 'a'), books: pair.app.replace(/^a/, 'b') })),
      ...(base.existence && { existence: { app: base.existence.books, books: base.existence.app } }),
    },
  };
};

export const mirroredRef = (ref: Ref): Ref => ({ ...ref, id: ref.id.replace(/^[ab]/, (c) => (c === 'a' ? 'b' : 'a')) });

export const fresh = (kind: KindName, side: Side, content: Content): Partial<Sides> & { base: Base } => ({
  kind,
  [side]: { existence: 'present', content: wordedFor(side, kind, content), version: '1' },
  [otherSide(side)]: undefined,
  base: NO_BASE,
});
