import type { Content } from '../contract/content.js';
import { fieldsOf, groupFields } from '../contract/kinds.js';
import type { KindName } from '../contract/kind-names.js';
import { matchElements, type LinePair } from '../contract/lines.js';
import { normalElement, normalGroup, sameNormal, type Reading } from '../contract/normal-form.js';
import { imageOf } from '../comparison/compare.js';
import { otherSide, type Base, type Images, type Side } from '../comparison/meeting.js';
import type { PlannedWrite, Settling } from './plan.js';

/** A planned write that was carried out. */
export interface Confirmed {
  readonly write: Pick<PlannedWrite, 'side' | 'operation' | 'groups' | 'content' | 'paired' | 'sources' | 'existence'>;
  /** What the written side showed before the write; absent when it did not exist there. */
  readonly before: Content | undefined;
  /**
   * What the written side answered; absent where it cannot be read back or where somebody may have changed it since.
   * Then what was sent counts as its image, and whatever it shows differently later counts as an edit.
   */
  readonly after: Content | undefined;
}

export interface SettleInput {
  readonly kind: KindName;
  readonly base: Base;
  readonly settling: Settling;
  readonly confirmed: readonly Confirmed[];
  /** For pairing lines by content. */
  readonly readings: Readonly<Record<Side, Reading>>;
}

/**
 * The new base, group by group: what was observed, sent and answered (ENGINE A2, A7). Groups that neither settled nor
 * were confirmed keep their base.
 */
export const settle = ({ kind, base, settling, confirmed, readings }: SettleInput): Base => {
  const groups: Record<string, Images> = { ...base.groups, ...settling.groups };
  for (const { write, before, after } of confirmed) {
    const [to, from] = [write.side, otherSide(write.side)];
    for (const group of write.groups) {
      const counterpart = confirmed.find((other) => other.write.side === from && other.write.groups.includes(group));
      if (write.paired.includes(group) && !counterpart) continue;
      groups[group] = {
        [to]: imageAfter(kind, group, write.content, before, after),
        [from]: counterpart
          ? imageAfter(kind, group, counterpart.write.content, counterpart.before, counterpart.after)
          : write.sources[group]!,
      } as Images;
    }
  }
  const existence = confirmed.reduce(
    (known, { write }) => write.existence ?? known,
    settling.existence ?? base.existence,
  );
  return {
    groups,
    lines: pairLines(kind, groups, base.lines, readings),
    ...(existence && { existence }),
    ...((settling.apart ?? base.apart) && { apart: true }),
  };
};

const imageAfter = (
  kind: KindName,
  group: string,
  sent: Content,
  before: Content | undefined,
  after: Content | undefined,
): Content => imageOf(kind, group, after ?? { ...before, ...pick(sent, Object.keys(groupFields(kind, group))) });

const pick = (content: Content, names: readonly string[]): Content =>
  Object.fromEntries(names.filter((name) => name in content).map((name) => [name, content[name]!]));

/**
 * The base after a write of several calls that stopped half way: what the record shows alike is settled; of the rest
 * the source counts as changed since nothing, so that the next walk goes on from there (ENGINE D1).
 */
export const settlePart = (
  kind: KindName,
  base: Base,
  write: Confirmed['write'],
  shown: Content,
  readings: Readonly<Record<Side, Reading>>,
): Base => {
  const [to, from] = [write.side, otherSide(write.side)];
  const groups: Record<string, Images> = { ...base.groups };
  for (const group of write.groups) {
    const source = write.sources[group]!;
    const there = imageOf(kind, group, shown);
    const alike = sameNormal(
      normalGroup(kind, group, source, readings[from]),
      normalGroup(kind, group, there, readings[to]),
    );
    groups[group] = { [to]: there, [from]: alike ? source : {} } as Images;
  }
  return {
    ...base,
    groups,
    lines: pairLines(kind, groups, base.lines, readings),
    ...(write.existence && { existence: write.existence }),
  };
};

/** Which line of the app is which line of the books, by the pairs known, by content, and in the order they were sent. */
const pairLines = (
  kind: KindName,
  groups: Readonly<Record<string, Images>>,
  known: readonly LinePair[],
  readings: Readonly<Record<Side, Reading>>,
): readonly LinePair[] => {
  const shape = fieldsOf(kind).lines?.shape;
  const images = groups.money;
  if (shape?.is !== 'list' || !images) return known;
  const [app, books] = [images.app, images.books].map((image) => (image.lines ?? []) as Content[]);
  const partners = new Map(known.map((pair) => [pair.app, pair.books]));
  const matching = matchElements(app!, books!, {
    partner: (id) => partners.get(id),
    text: (line, of) =>
      of === 'from'
        ? normalElement(shape.fields, line, 'lines', images.app, readings.app)
        : normalElement(shape.fields, line, 'lines', images.books, readings.books),
    inOrder: true,
  });
  return [...matching].flatMap(([one, other]) => {
    const [appId, booksId] = [app![one]!.id, books![other]!.id];
    return typeof appId === 'string' && typeof booksId === 'string' ? [{ app: appId, books: booksId }] : [];
  });
};
