import { type Content, fingerprint, groupFields, type KindName } from '../../../domain/contract/index.js';
import type { PlannedWrite } from '../../../domain/planning/index.js';
import type { Write } from '../../../domain/provider/index.js';
import { type Intent, refusalBeingUndone, type Snapshot, type Twin } from '../store/index.js';

/** Words an intent as the adapter takes it; `snapshot` is the record as the books showed it. */
export const writeOf = (intent: Intent, snapshot: Snapshot | undefined): Write => {
  const refused = refusalBeingUndone(intent);
  return { ...wordingOf(intent, snapshot), ...(refused && { refused }) };
};

const wordingOf = (intent: Intent, snapshot: Snapshot | undefined): Write => ({
  intent: intent.id,
  kind: intent.kind,
  ...(intent.facet !== '' && { facet: intent.facet }),
  operation: intent.write.operation,
  ...(intent.target && {
    target: {
      id: intent.target.id,
      version: intent.target.version,
      content: intent.target.content,
      raw: snapshot?.raw ?? null,
    },
  }),
  content: intent.write.content,
  marker: intent.marker,
  ...(intent.sentAt && { sentAt: intent.sentAt.toISOString() }),
  done: intent.done,
});

/** The same before there is an intent, for finding what the provider is certain to refuse. */
export const previewOf = (twin: Twin, write: PlannedWrite, snapshot: Snapshot | undefined): Write => ({
  intent: '',
  kind: twin.kind,
  ...(twin.facet !== '' && { facet: twin.facet }),
  operation: write.operation,
  ...(write.operation !== 'create' && snapshot && { target: snapshot }),
  content: write.content,
  marker: '',
  done: [],
});

/** Tells whether a write is the one that was refused before: the same change of the same version of the record. */
export const markOf = (kind: KindName, write: PlannedWrite, snapshot: Pick<Snapshot, 'version'> | undefined): string =>
  fingerprint({
    operation: write.operation,
    // A replacement says the whole record again, and the provider may number it anew each time it is made again.
    content: write.operation === 'replace' ? moving(kind, write) : write.content,
    version: write.operation === 'create' ? null : (snapshot?.version ?? null),
  });

const moving = (kind: KindName, { groups, content }: PlannedWrite): Content =>
  Object.fromEntries(
    Object.entries(content).filter(([name]) => groups.some((group) => name in groupFields(kind, group))),
  );
