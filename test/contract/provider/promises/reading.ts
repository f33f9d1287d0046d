import type { KindName } from '../../../../src/domain/contract/index.js';
import type { ListPage, Sighting } from '../../../../src/domain/provider/index.js';
import { failureOf, type Bench } from '../bench.js';
import { cardsOf, isReadable } from '../card.js';
import type { Promises } from './grounds.js';

export const reading: Promises = (trial, grounds) => {
  const kinds = [
    ...new Set(
      cardsOf(trial.definition)
        .filter(isReadable)
        .map(({ kind }) => kind),
    ),
  ];
  const past = () => grounds().past;

  describe('a list', () => {
    it.each(kinds)('of %s shows every record once, the ended ones that are still there too', async (kind) => {
      const pages = await pagesOf(past(), kind);
      const sightings = pages.flatMap((page) => page.sightings);
      const expected = await past().accountant.all(kind);
      expect(pages.flatMap((page) => page.unreadable ?? [])).toEqual([]);
      expect(summary(sightings)).toEqual(summary(expected));
      expect([...new Set(sightings.map((one) => one.kind))]).toEqual(expected.length > 0 ? [kind] : []);
    });

    it.each(kinds)('of %s shows records as a look at them does', async (kind) => {
      const sightings = sampled(
        (await pagesOf(past(), kind)).flatMap((page) => page.sightings),
        25,
      );
      const seen = await past().look(
        kind,
        sightings.map(({ id }) => id),
      );
      expect(seen.map((one) => one.found === 'record' && one.sighting)).toEqual(sightings);
    });

    it('goes over several pages for some kind, and a record that is deleted meanwhile hides no other', async () => {
      const longest = await longestList(past(), kinds);
      expect(longest.pages).toBeGreaterThan(1);
      const { kind } = longest;
      const before = (await past().accountant.all(kind)).map(({ id }) => id);
      const first = await past().adapter.list(kind, undefined);
      const ended: string[] = [];
      for (const { id } of sampled(first.sightings, 40)) {
        if (ended.length < 3 && (await past().accountant.end({ kind, id }, 'deleted'))) ended.push(id);
      }
      const rest = await pagesOf(past(), kind, first.next);
      const shown = [first, ...rest].flatMap((page) => page.sightings.map(({ id }) => id));
      expect(new Set(shown).size).toBe(shown.length);
      expect(before.filter((id) => !shown.includes(id) && !ended.includes(id))).toEqual([]);
    });

    it('that is asked to go on from nowhere says so', async () => {
      expect(await failureOf(() => past().adapter.list(kinds.at(-1)!, 'nowhere'))).toBeDefined();
    });
  });

  describe('a look', () => {
    it('at very many records of all kinds tells of each of them, once', async () => {
      const sightings = (await Promise.all(kinds.map((kind) => past().adapter.list(kind, undefined)))).flatMap((page) =>
        sampled(page.sightings, 60),
      );
      const targets = sightings.map(({ kind, id }) => ({ candidates: [kind], id }));
      const seen = await past().adapter.observe(targets);
      expect(seen).toHaveLength(targets.length);
      expect(new Set(seen.map(({ target }) => target))).toEqual(new Set(targets));
      for (const one of seen) {
        expect(one).toMatchObject({ found: 'record', sighting: { kind: one.target.candidates[0], id: one.target.id } });
      }
    });

    it('takes fewer calls than records where there are many', async () => {
      const kind = (await longestList(past(), kinds)).kind;
      const ids = (await past().adapter.list(kind, undefined)).sightings.slice(0, 50).map(({ id }) => id);
      const before = past().line.exchanges.length;
      await past().look(kind, ids);
      expect(past().line.exchanges.length - before).toBeLessThan(ids.length);
    });

    it.each(kinds)('at a %s that never was finds none, and breaks nothing', async (kind) => {
      const [known] = (await past().adapter.list(kind, undefined)).sightings;
      const strange = ['', ' ', "x'; --", '../../company', 'a/b?c=d#e', '-1', '9'.repeat(30), '💥', '999999'];
      const targets = [...strange, ...(known ? [known.id] : [])].map((id) => ({ candidates: [kind], id }));
      const seen = await past().adapter.observe(targets);
      expect(seen).toHaveLength(targets.length);
      for (const one of seen) {
        const expected = one.target.id === known?.id ? ['record'] : ['gone', 'unreadable'];
        expect([one.target.id, one.found, expected.includes(one.found)]).toEqual([one.target.id, one.found, true]);
      }
    });

    it('finds out the kind where it is one of several', async () => {
      for (const set of trial.definition.indistinctKinds ?? []) {
        const sightings: Sighting[] = [];
        for (const kind of set) sightings.push(...sampled((await past().adapter.list(kind, undefined)).sightings, 5));
        expect(sightings.length).toBeGreaterThan(set.length);
        const seen = await past().adapter.observe(sightings.map(({ id }) => ({ candidates: set, id })));
        for (const { id, kind } of sightings) {
          const one = seen.find(({ target }) => target.id === id);
          expect(one).toMatchObject({ found: 'record', sighting: { id, kind } });
        }
      }
    });

    it('at a company shows what decides about writing to it', async () => {
      for (const bench of grounds().benches) {
        const { content, id } = await bench.see('company', bench.company.id);
        expect(id).toBe(bench.company.id);
        expect(content.name).toMatch(/\S/);
        expect(content.baseCurrency).toMatch(/^[A-Z]{3}$/);
        expect(Object.values(content.features ?? {}).every((value) => typeof value === 'string')).toBe(true);
      }
    });
  });
};

/** All pages of a list, from the beginning or from where one left off. */
export const pagesOf = async (bench: Bench, kind: KindName, from?: string): Promise<ListPage[]> => {
  const pages: ListPage[] = [];
  for (let cursor = from; ; cursor = pages.at(-1)!.next) {
    pages.push(await bench.adapter.list(kind, cursor));
    if (pages.at(-1)!.next === undefined) return pages;
    if (pages.length > 500) throw new Error(`the list of ${kind} has no end`);
  }
};

const longestList = async (bench: Bench, kinds: readonly KindName[]): Promise<{ kind: KindName; pages: number }> => {
  const lists: { kind: KindName; pages: number; rows: number; first: ListPage }[] = [];
  for (const kind of kinds) {
    const pages = await pagesOf(bench, kind);
    lists.push({ kind, pages: pages.length, rows: pages.flatMap((page) => page.sightings).length, first: pages[0]! });
  }
  const [longest] = lists.sort((one, other) => other.rows - one.rows);
  return longest!;
};

/** Some of many, evenly. */
export const sampled = <T>(all: readonly T[], most: number): T[] => {
  const step = Math.max(1, all.length / most);
  return Array.from({ length: Math.min(most, all.length) }, (_, index) => all[Math.floor(index * step)]!);
};

const summary = (records: readonly { readonly id: string; readonly existence: string }[]): string[] =>
  records.map(({ id, existence }) => `${id} ${existence}`).sort();
