import { DAY, pacificStamp, readInstant } from './calendar.ts';
import type { Company } from './company.ts';
import { entitiesByPath } from './entities/index.ts';
import type { EntityRules } from './rules.ts';
import { faults, VendorFault } from './vendor-fault.ts';

const LOOK_BACK_DAYS = 30;
const MOST_OBJECTS = 1000;

/**
 * Change data capture (sheet 4.3): the current object of everything changed since, deleted stubs last. At most 1000
 * objects over the whole answer, cut without a word.
 */
export function changeData(company: Company, entities: string | undefined, changedSince: string | undefined): string {
  if (!entities) throw faults.missing('entities');
  if (!changedSince) throw faults.missing('changedSince');
  const since = readInstant(changedSince);
  if (since === undefined) throw faults.property('changedSince');
  if (since < company.now() - LOOK_BACK_DAYS * DAY) {
    throw new VendorFault(4001, `changedSince may lie ${LOOK_BACK_DAYS} days back at most`, 'changedSince');
  }
  const asked = entities.split(',').map((name) => supported(company, name.trim()));
  const room = { left: MOST_OBJECTS };
  return `{"CDCResponse":[{"QueryResponse":[${asked.map((rules) => changesOf(company, rules, since, room)).join(',')}]}]`;
}

function supported(company: Company, name: string): EntityRules {
  const rules = entitiesByPath.get(name.toLowerCase());
  const isCompany = rules?.group === 'company';
  if (!rules?.changeData || (isCompany && !company.switches.cdcCompany)) {
    throw new VendorFault(4001, `Entity ${name} is not supported for change data capture`, 'entities');
  }
  return rules;
}

function changesOf(company: Company, rules: EntityRules, since: number, room: { left: number }): string {
  const collection = company.collection(rules.name);
  const visibleUntil = company.now() - company.switches.indexLagMs;
  const rows: string[] = [];
  let current = 0;
  for (const stored of collection.changedSince(Math.ceil(since / 1000) * 1000)) {
    if (room.left === 0) break;
    if (company.switches.indexLagMs > 0 && stored.updatedAt > visibleUntil) continue;
    rows.push(company.textOf(stored));
    current++;
    room.left--;
  }
  const deletions = collection.deletions.filter(({ at }) => at >= since && at <= visibleUntil);
  for (const { id, at } of deletions.sort((a, b) => a.at - b.at)) {
    if (room.left === 0) break;
    rows.push(
      JSON.stringify({ status: 'Deleted', domain: 'QBO', Id: id, MetaData: { LastUpdatedTime: pacificStamp(at) } }),
    );
    room.left--;
  }
  if (rows.length === 0) return '{}';
  // Seen in the wild: without living rows the start position is missing.
  const start = current > 0 ? '"startPosition":1,' : '';
  return `{"${rules.name}":[${rows.join(',')}],${start}"maxResults":${rows.length},"totalCount":${rows.length}}`;
}
