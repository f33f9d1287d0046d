import type { KindName } from '../../../../src/domain/contract/index.js';
import type { ChangeNotice, PollPage, Sighting } from '../../../../src/domain/provider/index.js';
import type { Bench } from '../bench.js';
import { cardsOf, type Card } from '../card.js';
import { cutAfter } from '../line.js';
import { failureOf } from '../bench.js';
import type { Promises } from './grounds.js';
import { sampled } from './reading.js';

const TEN_MINUTES = 600_000;

/** What a round of polls told. */
interface Told {
  readonly sightings: readonly Sighting[];
  readonly notices: readonly ChangeNotice[];
  readonly recheck: readonly KindName[];
  readonly cursor: string;
}

export const following: Promises = (trial, grounds) => {
  const { definition } = trial;
  const bench = () => grounds().first;
  const pass = () => grounds().clock.pass(TEN_MINUTES);

  describe.each(definition.streams.map((stream) => [stream.name, stream] as const))(
    'the stream %s',
    (_, { name, kinds }) => {
      const cards = () =>
        cardsOf(definition).filter(({ kind }) => kinds.includes(kind) && bench().accountant.enters.includes(kind));

      it('begins now, and tells of what people enter, edit and end from then on', async () => {
        const old: Record<string, string[]> = {};
        for (const card of cards()) {
          old[card.title] = [];
          for (let count = 0; count < 4; count++) old[card.title]!.push(await enter(bench(), card));
        }
        pass();
        const began = await pollAll(bench(), name, (await pollAll(bench(), name, undefined)).cursor);
        pass();
        const changed: { kind: KindName; id: string; how: string }[] = [];
        for (const card of cards()) {
          const { kind } = card;
          changed.push({ kind, id: await enter(bench(), card), how: 'entered' });
          const [edited, ...ended] = old[card.title]!;
          if (await bench().accountant.edit({ kind, id: edited! })) changed.push({ kind, id: edited!, how: 'edited' });
          for (const existence of ['archived', 'voided', 'deleted'] as const) {
            const id = ended.pop()!;
            if (await bench().accountant.end({ kind, id }, existence)) changed.push({ kind, id, how: existence });
          }
        }
        if (kinds.includes('company') && (await bench().accountant.edit({ kind: 'company', id: bench().company.id }))) {
          changed.push({ kind: 'company', id: bench().company.id, how: 'edited' });
        }
        expect(changed.length).toBeGreaterThan(0);
        pass();
        const told = await pollAll(bench(), name, began.cursor);
        expect(changed.filter(({ kind, id }) => !isTold(told, kind, id))).toEqual([]);
        expect(told.notices.filter(({ company }) => company !== bench().company.id)).toEqual([]);
        for (const { kind, id, how } of changed.filter(({ how }) => how === 'deleted')) {
          const shown = told.sightings.filter((sighting) => sighting.kind === kind && sighting.id === id);
          expect([how, shown.map(({ existence }) => existence)]).toEqual([how, shown.map(() => 'deleted')]);
        }
      });

      it('shows records as a look at them does', async () => {
        const began = await pollAll(bench(), name, undefined);
        pass();
        for (const card of cards()) await enter(bench(), card);
        if (kinds.includes('company')) await bench().accountant.edit({ kind: 'company', id: bench().company.id });
        const { sightings } = await pollAll(bench(), name, began.cursor);
        for (const sighting of sampled(sightings, 40)) {
          expect(await bench().see(sighting.kind, sighting.id)).toEqual(sighting);
        }
      });

      it('tells nothing new of books in which nothing happens', async () => {
        pass();
        const began = await pollAll(bench(), name, undefined);
        pass();
        const first = await pollAll(bench(), name, began.cursor);
        pass();
        const then = await pollAll(bench(), name, first.cursor);
        expect([...then.sightings, ...then.notices, ...then.recheck]).toEqual([]);
      });

      it.each(['before', 'after'] as const)(
        'does not pass what happens while it is polled, %s the answer',
        async (when) => {
          const editable: { kind: KindName; id: string }[] = [];
          for (const card of cards()) editable.push({ kind: card.kind, id: await enter(bench(), card) });
          if (kinds.includes('company')) editable.push({ kind: 'company', id: bench().company.id });
          pass();
          const began = await pollAll(bench(), name, (await pollAll(bench(), name, undefined)).cursor);
          pass();
          const edited = new Map<string, KindName>();
          let slipped = false;
          const editAll = async () => {
            if (slipped) return;
            slipped = true;
            for (const ref of editable) if (await bench().accountant.edit(ref)) edited.set(ref.id, ref.kind);
          };
          const during = await bench().line.meanwhile(
            async (_request, go) => {
              if (when === 'before') await editAll();
              const exchange = await go();
              await editAll();
              return exchange;
            },
            () => pollAll(bench(), name, began.cursor),
          );
          pass();
          const then = await pollAll(bench(), name, during.cursor);
          for (const [id, kind] of edited) {
            const { version } = await bench().see(kind, id);
            const shown = during.sightings.some((one) => one.kind === kind && one.id === id && one.version === version);
            const noticed = during.notices.some((notice) => notice.id === id);
            expect([kind, id, shown || noticed || isTold(then, kind, id)]).toEqual([kind, id, true]);
          }
        },
      );

      it('goes on from the same place after a poll that failed', async () => {
        const { cursor } = await pollAll(bench(), name, undefined);
        const card = cards()[0];
        pass();
        const id = card && (await enter(bench(), card));
        const failure = await bench().line.meanwhile(cutAfter, () => failureOf(() => pollAll(bench(), name, cursor)));
        expect(failure).toMatchObject({ is: 'unavailable' });
        pass();
        if (id !== undefined) expect(isTold(await pollAll(bench(), name, cursor), card!.kind, id)).toBe(true);
      });
    },
  );
};

/** Polls until there is no more. */
export const pollAll = async (bench: Bench, stream: string, from: string | undefined): Promise<Told> => {
  const pages: PollPage[] = [];
  for (let cursor = from; ; cursor = pages.at(-1)!.cursor) {
    pages.push(await bench.adapter.poll(stream, cursor));
    if (!pages.at(-1)!.more) break;
    if (pages.length > 500) throw new Error(`the stream ${stream} has no end`);
  }
  return {
    sightings: pages.flatMap((page) => page.sightings),
    notices: pages.flatMap((page) => page.notices),
    recheck: pages.flatMap((page) => page.recheck ?? []),
    cursor: pages.at(-1)!.cursor,
  };
};

const enter = (bench: Bench, { kind, facet }: Card): Promise<string> => bench.accountant.enter(kind, facet?.name);

const isTold = ({ sightings, notices, recheck }: Told, kind: KindName, id: string): boolean =>
  recheck.includes(kind) ||
  sightings.some((sighting) => sighting.kind === kind && sighting.id === id) ||
  notices.some((notice) => notice.candidates.includes(kind) && notice.id === id);
