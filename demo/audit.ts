import type { Concord } from './concord.ts';
import type { Entry, Portal } from './quickbooks.ts';
import { type Content, SHOP_RECORD, type ShopRecord } from './shop.ts';

export interface Audit {
  /** Records that were compared field by field. */
  compared: number;
  /** Fields that differ and that no open conflict or problem explains, as sentences. */
  drift: string[];
  /** Records that exist twice on a side, as sentences. */
  duplicates: string[];
}

/**
 * Compares everything that the books hold with everything that Concord keeps for the SaaS, by a mapping of its own: what
 * Concord believes of either side does not enter, only the pairs of ids do.
 */
export const audit = async (concord: Concord, portal: Portal, realm: string, since: Date): Promise<Audit> => {
  const { entities, deleted } = await portal.dump(realm);
  const records = await concord.all<ShopRecord>('records', '', SHOP_RECORD);
  const conflicts = await concord.all<{ record: { appId: string | null } | null }>('conflicts', '', 'record { appId }');
  const inReview = new Set(conflicts.map(({ record }) => record?.appId));

  const drift: string[] = [];
  const duplicates: string[] = [];
  const paired = new Map<string, string>();
  let compared = 0;
  const appIdOf = new Map(
    records.flatMap(({ kind, id, books }) =>
      books.flatMap((side) => (side.id === null ? [] : [[`${kind}/${side.id}`, id] as const])),
    ),
  );
  for (const record of records) {
    const reading = READINGS[record.kind];
    if (!reading) continue;
    for (const { id: booksId } of record.books) {
      if (booksId === null) continue;
      const other = paired.get(`${record.kind}/${booksId}`);
      if (other !== undefined)
        duplicates.push(`${record.kind} ${booksId} of the books is both ${other} and ${record.id}`);
      paired.set(`${record.kind}/${booksId}`, record.id);
      if (inReview.has(record.id)) continue;
      const { entity, id } = placeOf(booksId, reading.entity);
      const entry = entities[entity]?.find(({ Id }) => Id === id);
      const gone = deleted.some((one) => one.entity === entity && one.id === id);
      compared += 1;
      if (record.existence === 'deleted') {
        if (!gone && entry) drift.push(`${record.kind} ${record.name} is deleted in the app and stands in the books`);
        continue;
      }
      if (!entry) {
        drift.push(`${record.kind} ${record.name} stands in the app and is missing in the books`);
        continue;
      }
      const books = reading.of(entry, (kind, ref) => appIdOf.get(`${kind}/${ref}`));
      for (const [field, value] of Object.entries(books)) {
        const app = plain(record.content[field] ?? record.facts[field]);
        if (JSON.stringify(app) !== JSON.stringify(plain(value))) {
          drift.push(
            `${record.kind} ${record.name}: ${field} is ${JSON.stringify(app)} in the app and ${JSON.stringify(plain(value))} in the books`,
          );
        }
      }
    }
  }
  duplicates.push(
    ...doubles(
      'the app',
      records.filter(({ existence }) => existence === 'present').map(({ kind, name }) => `${kind} ${name}`),
    ),
  );
  for (const [entity, title] of [
    ['Customer', 'DisplayName'],
    ['Item', 'FullyQualifiedName'],
    ['Invoice', 'DocNumber'],
  ] as const) {
    const born = (entities[entity] ?? []).filter((one) => bornAfter(one, since));
    duplicates.push(
      ...doubles(
        'the books',
        born.map((one) => `${entity} ${String(one[title])}`),
      ),
    );
  }
  return { compared, drift, duplicates };
};

interface Reading {
  entity: string;
  /** The fields that both sides have, in the app's words; `ref` answers the app's id of a record of the books. */
  of(entry: Entry, ref: (kind: string, id: string) => string | undefined): Content;
}

/** QuickBooks' own names of things, read a second time by somebody who has not seen the adapter. */
const READINGS: Record<string, Reading> = {
  contact: {
    entity: 'Customer',
    of: (entry) => ({
      displayName: entry.DisplayName,
      email: (entry.PrimaryEmailAddr as { Address?: string } | undefined)?.Address,
    }),
  },
  item: { entity: 'Item', of: (entry) => ({ name: entry.Name, description: entry.Description }) },
  invoice: {
    entity: 'Invoice',
    of: (entry, ref) => ({
      contact: ref('contact', `Customer:${valueOf(entry.CustomerRef)}`),
      issueDate: entry.TxnDate,
      dueDate: entry.DueDate,
      number: entry.DocNumber,
      memo: entry.PrivateNote,
      lines: (entry.Line as Line[])
        .filter(({ DetailType }) => DetailType === 'SalesItemLineDetail')
        .map(({ Description, Amount }) => ({ description: Description, amount: Amount })),
      total: entry.TotalAmt,
      balance: entry.Balance,
    }),
  },
  payment: {
    entity: 'Payment',
    of: (entry, ref) => ({
      contact: ref('contact', `Customer:${valueOf(entry.CustomerRef)}`),
      date: entry.TxnDate,
      amount: entry.TotalAmt,
    }),
  },
};

interface Line {
  DetailType: string;
  Description?: string;
  Amount: number;
}

const valueOf = (reference: unknown): string => (reference as { value: string }).value;

/** Concord names a record of the books by its entity and id where a kind has several. */
const placeOf = (booksId: string, usual: string): { entity: string; id: string } => {
  const [first = '', second] = booksId.split(':');
  return second === undefined ? { entity: usual, id: first } : { entity: first, id: second };
};

/** One spelling of what says the same: no trailing zeroes, no empty fields, of references and lines what both tell. */
const plain = (value: unknown): unknown => {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return /^-?\d+(\.\d+)?$/.test(value) ? String(Number(value)) : value;
  if (Array.isArray(value)) return value.map(plainLine);
  return (value as { id?: unknown }).id ?? value;
};

const plainLine = (line: Content): Content => ({
  description: plain(line.description),
  amount: plain(line.amount ?? Number(line.quantity ?? 1) * Number(line.unitPrice)),
});

const doubles = (side: string, names: string[]): string[] => {
  const seen = new Set<string>();
  return names.flatMap((name) => {
    const known = seen.has(name);
    seen.add(name);
    return known ? [`${name} exists twice in ${side}`] : [];
  });
};

const bornAfter = (entry: Entry, since: Date): boolean =>
  new Date((entry.MetaData as { CreateTime: string }).CreateTime) >= since;
