import type { Content } from '../../domain/contract/index.js';
import type { Entry } from '../../modules/sync/index.js';
import type { Subject } from './subject.types.js';

/** What people call a record with this content, facts included; its id where it has no name. */
export const nameIn = (content: Content | undefined, id: string): string => {
  const names = [content?.displayName, content?.name, content?.number];
  return names.find((name) => typeof name === 'string' && name.trim() !== '')?.toString() ?? id;
};

type Named = Pick<Entry, 'twin' | 'record' | 'snapshot'>;

export const nameOf = ({ twin, record, snapshot }: Named): string =>
  nameIn(record ? { ...record.facts, ...record.content } : snapshot?.content, twin.app ?? twin.books ?? twin.id);

export const subjectOf = (of: Named): Subject => ({
  twin: of.twin.id,
  kind: of.twin.kind,
  appId: of.twin.app ?? null,
  booksId: of.twin.books ?? null,
  name: nameOf(of),
});
