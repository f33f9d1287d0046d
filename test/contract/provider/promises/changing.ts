import { groupNames, groupOf, KINDS, type Content, type Field } from '../../../../src/domain/contract/index.js';
import type { Sighting } from '../../../../src/domain/provider/index.js';
import { RUNS, type Bench } from '../bench.js';
import { cardsThat, isReadable, type Card } from '../card.js';
import { carriedFields, isBelow } from '../normal.js';
import type { ProviderTrial } from '../trial.js';
import { forEachOf, type Promises } from './grounds.js';

export const changing: Promises = (trial, grounds) => {
  const updatable = cardsThat(
    trial.definition,
    (card) => card.ability.operations.includes('update') && isReadable(card),
  );

  describe.each(trial.companies.map((says, index) => [says, index] as const))('a change, in %s,', (_, index) => {
    const bench = () => grounds().benches[index]!;

    forEachOf(updatable)('of %s: of one group changes that group and nothing else', async (_, card) => {
      const groups = writtenGroups(bench(), card);
      const records = await bench().created(card, groups.length * Math.ceil(RUNS / 2), 'groups');
      if (index === 0) expect(records.length).toBeGreaterThan(0);
      const contents = await bench().contentsOver(card, records, 'groups');
      const patches = records.map((record, at) =>
        patchOf(bench(), trial, card, groups[at % groups.length]!, record, contents[at]!),
      );
      const after = await bench().done(
        records.map((record, at) => bench().write(card, 'update', patches[at]!, record)),
      );
      records.forEach((record, at) => {
        expect(after[at]).toMatchObject({ id: record.id, existence: 'present' });
        expect({
          group: groups[at % groups.length],
          patch: patches[at],
          shown: bench().normal(card, after[at]!.content),
        }).toEqual({
          group: groups[at % groups.length],
          patch: patches[at],
          shown: bench().normal(card, laidOver(record.content, patches[at]!)),
        });
      });
    });
  });

  describe('a change', () => {
    const bench = () => grounds().first;

    forEachOf(updatable)('of %s: clears a field, or it is said that the field must stay', async (_, card) => {
      const insists = trial.insists[card.kind] ?? [];
      const fields = clearable(bench(), card);
      const wanted = await bench().wanted(card, 24, 'clear');
      const refused = new Set(
        wanted.flatMap((content) =>
          bench()
            .adapter.preflight(bench().write(card, 'create', content))
            .map(({ path }) => path.split(/[.[]/)[0]!),
        ),
      );
      const pool = await bench().created(card, 24, 'clear');
      const cleared = fields.flatMap((field) => {
        const at = pool.findIndex(({ content }) => content[field] !== undefined);
        return at < 0 ? [] : [{ field, record: pool.splice(at, 1)[0]! }];
      });
      // What no record can hold cannot be cleared either.
      const held = fields.filter((field) => !refused.has(field) || cleared.some((one) => one.field === field));
      expect(cleared.map(({ field }) => field)).toEqual(held);
      for (const { field, record } of cleared) {
        const write = bench().write(card, 'update', { [field]: null }, record);
        const findings = bench().adapter.preflight(write);
        if (findings.length > 0) expect([field, findings]).toMatchObject([field, [{ path: field }]]);
        const { answer } = (await bench().carryOut(findings.length > 0 ? [] : [write])).get(write.intent) ?? {};
        if (insists.includes(field) && answer?.outcome !== 'done') {
          if (answer) expect([field, answer.failure.is]).toEqual([field, 'invalid']);
          continue;
        }
        const shown = answer?.outcome === 'done' ? answer.sighting!.content : (answer ?? findings);
        expect([field, bench().normal(card, shown as unknown as Content)]).toEqual([
          field,
          bench().normal(card, laidOver(record.content, { [field]: null })),
        ]);
      }
    });

    forEachOf(cardsThat(trial.definition, (card) => hasLines(card) && card.ability.operations.includes('update')))(
      'of %s: keeps the identity of lines that stay, wherever they stand',
      async (_, card) => {
        const pool = await bench().created(card, 16, 'lines');
        const record = pool.find(({ content }) => linesOf(content).length >= 3)!;
        const [first, second, ...others] = linesOf(record.content);
        const { id: _id, ...newcomer } = second!;
        const lines = [newcomer, ...others, { ...first, description: 'said anew' }];
        const after = await bench().doneOne(bench().write(card, 'update', { ...moneyOf(card, record), lines }, record));

        const shown = linesOf(after!.content);
        const alone = (content: Content, line: Content) => bench().normal(card, { ...content, lines: [line] }).money;
        expect(shown).toHaveLength(lines.length);
        if (trial.renamesLines !== undefined) {
          expect(trial.renamesLines).toMatch(/\.$/);
          expect(bench().normal(card, after!.content).money).toEqual(
            bench().normal(card, { ...record.content, ...moneyOf(card, record), lines }).money,
          );
          return;
        }
        for (const sent of lines) {
          if (sent.id === undefined) continue;
          const line = shown.find(({ id }) => id === sent.id);
          expect(line).toBeDefined();
          expect(alone(after!.content, line!)).toEqual(alone(after!.content, sent));
        }
        expect(shown.map(({ id }) => id)).not.toContain(second!.id);
        const before = new Set(linesOf(record.content).map(({ id }) => id));
        expect(shown.filter(({ id }) => !before.has(id!))).toHaveLength(1);
      },
    );

    forEachOf(updatable)('of %s: leaves alone what the contract does not know', async (_, card) => {
      const { id } = await bench().createdOne(card, 'unknown');
      const ref = { kind: card.kind, id };
      if (!(await bench().accountant.addUnknown(ref))) return;
      const before = await bench().accountant.unknownOf(ref);
      for (const group of writtenGroups(bench(), card)) {
        const seen = await bench().see(card.kind, id);
        const [content] = await bench().contentsOver(card, [seen], `unknown ${group}`);
        const patch =
          Array.isArray(seen.content.lines) && groupOf(card.kind, 'lines') === group
            ? { ...moneyOf(card, seen), lines: reworded(seen.content) }
            : patchOf(bench(), trial, card, group, seen, content!);
        await bench().doneOne(bench().write(card, 'update', patch, seen));
        expect([group, await bench().accountant.unknownOf(ref)]).toEqual([group, before]);
      }
    });

    forEachOf(updatable)('of %s: by somebody else shows in the version', async (_, card) => {
      const record = await bench().createdOne(card, 'version');
      if (!(await bench().accountant.edit({ kind: card.kind, id: record.id }))) return;
      const seen = await bench().see(card.kind, record.id);
      expect(seen.version).not.toBe(record.version);
      expect(seen.content).not.toEqual(record.content);
      expect(card.ability.compareVersions?.(record.version, seen.version) ?? -1).toBeLessThan(0);
      expect(card.ability.compareVersions?.(seen.version, record.version) ?? 1).toBeGreaterThan(0);
    });

    forEachOf(updatable.filter(([, { ability }]) => ability.guardsVersions))(
      'of %s: is refused where somebody else changed the record since it was looked at',
      async (_, card) => {
        const record = await bench().createdOne(card, 'stale');
        expect(await bench().accountant.edit({ kind: card.kind, id: record.id })).toBe(true);
        const before = await bench().entry(card.kind, record.id);
        const [content] = await bench().contentsOver(card, [record], 'stale');
        for (const group of writtenGroups(bench(), card)) {
          const patch = patchOf(bench(), trial, card, group, record, content!);
          expect(await bench().failed(bench().write(card, 'update', patch, record))).toMatchObject({ is: 'stale' });
        }
        expect(await bench().entry(card.kind, record.id)).toEqual(before);
      },
    );
  });
};

/** Groups of which something can be written. */
const writtenGroups = (bench: Bench, card: Card): string[] =>
  groupNames(card.kind).filter((group) => carriedFields(card, group, bench.carries(card)).length > 0);

/**
 * What has to be said so that one group of a record says what a content says: its fields, and null for those that the
 * content has not. What the provider never changes is left out.
 */
const patchOf = (
  bench: Bench,
  trial: ProviderTrial,
  card: Card,
  group: string,
  record: Sighting,
  content: Content,
): Content => {
  const insists = trial.insists[card.kind] ?? [];
  const patch: Content = {};
  for (const name of carriedFields(card, group, bench.carries(card))) {
    const value = content[name];
    if (value !== undefined) patch[name] = value;
    else if (record.content[name] !== undefined && isOptional(card, name) && !insists.includes(name))
      patch[name] = null;
  }
  const findings = bench.adapter.preflight(bench.write(card, 'update', patch, record));
  const refused = new Set(findings.map(({ path }) => path.split(/[.[]/)[0]!));
  return Object.fromEntries(Object.entries(patch).filter(([name]) => !refused.has(name)));
};

/** A record's content after a patch. */
const laidOver = (content: Content, patch: Content): Content =>
  Object.fromEntries(Object.entries({ ...content, ...patch }).filter(([, value]) => value !== null));

const fieldOfGroup = ({ kind }: Card, name: string): Field => KINDS[kind].groups[groupOf(kind, name)!]![name]!;

const isOptional = (card: Card, name: string): boolean => !fieldOfGroup(card, name).required;

/** Fields that can be empty, and whose emptiness the provider would not fill by itself. */
const clearable = (bench: Bench, card: Card): string[] =>
  groupNames(card.kind)
    .flatMap((group) => carriedFields(card, group, bench.carries(card)))
    .filter((name) => isOptional(card, name) && !isBelow(name, card.ability.decides))
    .filter((name) => !card.facet?.lacks?.includes(name));

const hasLines = ({ kind }: Card): boolean => groupOf(kind, 'lines') !== undefined;

const linesOf = (content: Content): Content[] => (content.lines ?? []) as Content[];

/** The other fields of the group that lines are in, as they are. */
const moneyOf = (card: Card, { content }: Sighting): Content =>
  Object.fromEntries(
    Object.keys(KINDS[card.kind].groups[groupOf(card.kind, 'lines')!]!).flatMap((name) =>
      content[name] === undefined ? [] : [[name, content[name]!]],
    ),
  );

const reworded = (content: Content): Content[] =>
  linesOf(content).map((line, at) => (at === 0 ? { ...line, description: 'said anew' } : line));
