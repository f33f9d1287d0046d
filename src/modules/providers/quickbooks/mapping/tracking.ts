import {
  at,
  finding,
  keyed,
  wireAt,
  type Change,
  type Codec,
  type Row,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import type { Content, Ref } from '../../../../domain/contract/index.js';
import type { Finding } from '../../../../domain/provider/write.js';
import type { CompanyFeatures } from '../quickbooks.features.js';
import { isWords } from './pricing.js';
import { refTo } from './words.js';

/**
 * Classes and departments (sheet 3.0, 3.5). A company keeps classes either on each line or once for the transaction,
 * and departments once for the transaction; the contract keeps both on lines. So what stands on the transaction is
 * shown on each of its lines, and can be said only where all lines say the same.
 */
export interface HeaderDimension {
  readonly dimension: 'class' | 'department';
  readonly path: string;
  readonly list: 'Class' | 'Department';
  has(company: CompanyFeatures): boolean;
}

export const HEADER_CLASS: HeaderDimension = {
  dimension: 'class',
  path: 'ClassRef',
  list: 'Class',
  has: (company) => company.classes === 'transaction',
};

export const HEADER_DEPARTMENT: HeaderDimension = {
  dimension: 'department',
  path: 'DepartmentRef',
  list: 'Department',
  has: (company) => company.departments,
};

/** The value of one dimension: the dimension itself is told by where the reference stands. */
const category = (list: 'Class' | 'Department'): Codec<Content> => {
  const reference = refTo('tracking_category', list);
  return {
    read: (wire, context) => {
      const value = reference.read(wire, context);
      return value && { category: value };
    },
    write: (value, before, context) => reference.write(value.category as Ref, before, context),
    refuses: (value, context) => reference.refuses!(value.category as Ref, context).map(onCategory),
    members: () => ['category'],
  };
};

const onCategory = (one: Finding): Finding => ({ ...one, path: 'category' });

/** A dimension of a line where this company has it on the line itself, on the transaction, or not at all. */
const dimension = (
  path: string,
  list: 'Class' | 'Department',
  onLine: (company: CompanyFeatures) => boolean,
  header: HeaderDimension | undefined,
): Row<Content, CompanyFeatures> => {
  const row = at(path, category(list));
  return {
    ...row,
    // What is left on lines from the time before the company moved it to the transaction counts no more.
    read: (line, company) => (header?.has(company) ? undefined : row.read(line, company)),
    write: (value, change, company) => {
      if (onLine(company)) row.write!(value, change, company);
    },
    carries: (company) => (onLine(company) || header?.has(company) ? row.carries(company) : []),
  };
};

const classesOnLines = (company: CompanyFeatures): boolean => company.classes === 'line';

/** `detail` is the member of the vendor's line that holds its references. */
export const tracking = (
  detail: string,
  header: readonly HeaderDimension[],
  departmentsOnLines = false,
): Row<Content[], CompanyFeatures> => {
  const headerOf = (name: string) => header.find((one) => one.dimension === name);
  return keyed('dimension', {
    class: dimension(`${detail}.ClassRef`, 'Class', classesOnLines, headerOf('class')),
    department: dimension(
      `${detail}.DepartmentRef`,
      'Department',
      (company) => departmentsOnLines && company.departments,
      headerOf('department'),
    ),
  });
};

const valueOf = (line: Content, name: string): Ref | undefined =>
  ((line.tracking ?? []) as Content[]).find((one) => one.dimension === name)?.category as Ref | undefined;

/** A line with what the transaction says for all of them. */
export const withHeader = (
  line: Content,
  record: WireObject,
  header: readonly HeaderDimension[],
  company: CompanyFeatures,
): Content => {
  if (isWords(line)) return line;
  const added = header.flatMap(({ dimension, path, list, has }) => {
    const said = has(company) ? wireAt(record, path) : undefined;
    const value = said === undefined || valueOf(line, dimension) ? undefined : category(list).read(said, company);
    return value ? [{ dimension, ...value }] : [];
  });
  return added.length === 0 ? line : { ...line, tracking: [...((line.tracking ?? []) as Content[]), ...added] };
};

/** Says on the transaction what all its lines say. */
export const sayHeader = (
  lines: readonly Content[],
  header: readonly HeaderDimension[],
  change: Change,
  company: CompanyFeatures,
): void => {
  const counted = lines.filter((line) => !isWords(line));
  if (counted.length === 0) return;
  for (const { dimension, path, list, has } of header) {
    if (!has(company)) continue;
    const value = valueOf(counted[0]!, dimension);
    if (value) change.set(path, refTo('tracking_category', list).write(value, change.at(path), company));
    else change.clear(path);
  }
};

export const headerFindings = (
  lines: readonly Content[],
  header: readonly HeaderDimension[],
  company: CompanyFeatures,
): Finding[] => {
  const counted = [...lines.entries()].filter(([, line]) => !isWords(line));
  return header
    .filter(({ has }) => has(company))
    .flatMap(({ dimension }) => {
      const first = counted[0] && valueOf(counted[0][1], dimension)?.id;
      return counted
        .filter(([, line]) => valueOf(line, dimension)?.id !== first)
        .slice(0, 1)
        .map(([index]) =>
          finding(
            'one_for_document',
            `must name the same ${dimension} as the other lines: this company keeps one for the whole document`,
            `[${index}].tracking`,
          ),
        );
    });
};
