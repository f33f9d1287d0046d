import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  exact,
  groupNames,
  isDecimal,
  normalGroup,
  refKey,
  rounded,
  type Content,
  type KindName,
  type Ref,
} from '../../../../domain/contract/index.js';
import {
  isWireObject,
  parseWire,
  printWire,
  wireObjects,
  type Mapping,
  type Wire,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import { contentOf, writableFields } from '../../../../../test/builders/content.js';
import { companyFeatures, namesText, type XeroCompany } from '../xero.features.js';
import { RESOURCES, resourceOfRow } from '../xero.resources.js';
import { optionsIn } from '../xero.sightings.js';
import { trackingCategory } from './tracking-category.js';

/**
 * The lens laws for every table: writing back what was read says nothing; what is made is read again; what is changed is
 * read again, and what the contract does not know survives.
 */
const RUNS = { numRuns: Number(process.env.FC_RUNS ?? 100) };

const guid = (number: number): string =>
  `${String(number).padStart(8, '0')}-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** Accounts 1 to 40 have codes as in the fixtures, and others of their own. */
const CODES: Readonly<Record<number, string>> = { 1: '200', 2: '090', 3: '310', 4: '091' };
const codes = (more: Readonly<Record<number, string>>, prefix: string): string =>
  namesText(
    new Map(Array.from({ length: 40 }, (_, at) => [guid(at + 1), more[at + 1] ?? `${prefix}${at + 1}`] as const)),
  );

const KNOWN = {
  accountCodes: codes(CODES, 'A'),
  itemCodes: codes({ 20: 'GB1' }, 'I'),
  trackingCategories: namesText(new Map([['Region', guid(50)]])),
};

const COMPANIES: Readonly<Record<string, XeroCompany>> = {
  'a company of several currencies': companyFeatures({ ...KNOWN, country: 'US', multicurrency: 'true' }, 'NZD'),
  'a company of one currency': companyFeatures({ ...KNOWN, country: 'US' }, 'NZD'),
};

const fixture = (name: string): WireObject[] =>
  wireObjects(parseWire(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')));

interface Subject {
  readonly kind: KindName;
  readonly mapping: Mapping<XeroCompany>;
  readonly rows: readonly WireObject[];
}

const SUBJECTS: readonly Subject[] = [
  ...RESOURCES.map(({ kind, mapping, name }) => ({
    kind,
    mapping,
    rows: fixture(name).filter((row) => resourceOfRow(name, row)?.kind === kind),
  })),
  { kind: 'tracking_category', mapping: trackingCategory, rows: optionsIn(fixture('TrackingCategories')) },
];

const UNKNOWN = 'Unheard';

const marked = (wire: Wire, unknown: Wire): Wire =>
  Array.isArray(wire)
    ? wire.map((element) => marked(element, unknown))
    : isWireObject(wire)
      ? {
          ...Object.fromEntries(Object.entries(wire).map(([name, member]) => [name, marked(member, unknown)])),
          [UNKNOWN]: unknown,
        }
      : wire;

const perturbed = ({ rows }: Subject): fc.Arbitrary<WireObject> =>
  fc
    .tuple(fc.constantFrom(...rows), fc.constantFrom<Wire>('kept', true, parseWire('1.50')), fc.boolean())
    .map(([row, unknown, odd]) => (odd ? (marked(row, unknown) as WireObject) : row));

const TAXES = ['OUTPUT2', 'INPUT2', 'NONE', 'TAX001'];

const made = (subject: Subject, company: XeroCompany): fc.Arbitrary<Content> => {
  const carried = subject.mapping.carries(company);
  return contentOf(subject.kind, {
    carries: (path) => carried.has(path),
    id: (to) => {
      if (to === 'tax_rate') return fc.constantFrom(...TAXES);
      if (to === 'payment_term') return fc.constantFrom('DAYSAFTERBILLDATE:20', 'OFFOLLOWINGMONTH:15');
      if (to === 'tracking_category') return fc.constant(`${guid(50)}:${guid(51)}`);
      return fc.integer({ min: 1, max: 40 }).map(guid);
    },
  }).map((content) => taken(subject.kind, content, company));
};

const places = (value: unknown, most: number): string =>
  rounded(
    exact(isDecimal(value) ? value : '1')
      .abs()
      .plus('0.01'),
    most,
  )
    .slice(0, 12)
    .replace(/\.$/, '');

/** Bends a content to what this vendor takes. */
const taken = (kind: KindName, content: Content, company: XeroCompany): Content => {
  const bent: Content = { ...content };
  for (const [name, value] of Object.entries(bent)) {
    if (typeof value === 'string' && ['number', 'name', 'code', 'displayName', 'reference', 'memo'].includes(name)) {
      bent[name] =
        value
          .replace(/[^ -~]|[<>]/g, 'x')
          .trim()
          .slice(0, 10) || 'x';
    }
  }
  if ('currency' in bent && (!company.multicurrency || kind === 'journal_entry')) bent.currency = 'NZD';
  delete bent.discount;
  if (isDecimal(bent.exchangeRate) && exact(bent.exchangeRate).isZero()) delete bent.exchangeRate;
  if (kind === 'account') {
    bent.type = 'income';
    bent.code ??= '999';
  }
  if (kind === 'item') {
    bent.type = 'service';
    bent.code ??= 'X';
    for (const name of ['salePrice', 'purchaseCost']) if (name in bent) bent[name] = places(bent[name], 4);
  }
  if (kind === 'contact') bent.email = 'someone@example.com';
  if (kind === 'tax_rate') {
    delete bent.rate;
    bent.components = [{ name: 'Part', rate: '8.25', compound: false }];
  }
  if (kind === 'tracking_category') bent.dimension = 'Region';
  if (Array.isArray(bent.allocations)) bent.allocations = distinct(bent.allocations as Content[]);
  if (kind === 'payment' || kind === 'bill_payment') {
    bent.amount = places(bent.amount, 2);
    const document = { kind: kind === 'payment' ? 'invoice' : 'bill', id: guid(7) } as Ref;
    bent.allocations = [{ document, amount: bent.amount }];
    if (kind === 'payment') bent.depositAccount ??= { kind: 'account', id: guid(2) };
  }
  if (kind === 'transfer') bent.amount = places(bent.amount, 2);
  if (kind === 'expense') bent.contact ??= { kind: 'contact', id: guid(30) };
  if (typeof bent.state === 'string') bent.state = kind === 'quote' ? 'sent' : 'open';
  if (kind === 'credit_note' || kind === 'vendor_credit') bent.state = 'open';
  if (Array.isArray(bent.lines)) {
    bent.lines =
      kind === 'journal_entry' ? journalLines(bent.lines as Content[]) : (bent.lines as Content[]).map(lineOf(kind));
  }
  return bent;
};

const distinct = (parts: readonly Content[]): Content[] => [
  ...new Map(parts.map((one) => [(one.document as Ref).id, { ...one, amount: places(one.amount, 2) }])).values(),
];

const journalLines = (lines: readonly Content[]): Content[] => {
  const [first = {}] = lines;
  const amount = places(first.amount, 2);
  const account = { kind: 'account' as const, id: guid(3) };
  return [
    { account, ...first, ...{ side: 'debit', amount, tracking: null }, ...regional(first.tracking) },
    { account, side: 'credit', amount },
  ];
};

const lineOf =
  (kind: KindName) =>
  (line: Content): Content => {
    const { discountPercent, discountAmount: _, amount: __, tracking, ...rest } = line;
    const percent = ['invoice', 'quote', 'purchase_order'].includes(kind) && isDecimal(discountPercent);
    return {
      ...rest,
      description: 'said',
      account: line.account ?? { kind: 'account', id: guid(1) },
      quantity: places(line.quantity, 4),
      unitPrice: places(line.unitPrice, 4),
      ...(percent && { discountPercent: '12.5' }),
      ...regional(tracking),
    };
  };

/** A company has two dimensions at most, and this one has one. */
const regional = (tracking: Content[string] | undefined): Content =>
  Array.isArray(tracking) && tracking.length > 0
    ? { tracking: [{ dimension: 'Region', category: { kind: 'tracking_category', id: `${guid(50)}:${guid(51)}` } }] }
    : {};

const normal = (subject: Subject, content: Content, company: XeroCompany): Record<string, unknown> => {
  const carried = subject.mapping.carries(company);
  const masked = [...subject.mapping.decides, 'lines.amount'];
  const reading = {
    nameOf: refKey,
    carries: (path: string) => carried.has(path) && !masked.some((one) => path === one || path.startsWith(`${one}.`)),
  };
  return Object.assign(
    {},
    ...groupNames(subject.kind).map((group) => normalGroup(subject.kind, group, content, reading)),
  ) as Record<string, unknown>;
};

const writable = ({ kind }: Subject, content: Content): Content =>
  Object.fromEntries(writableFields(kind).flatMap((name) => (name in content ? [[name, content[name]!]] : [])));

/** What something was settled with keeps its day. */
const keepingDay = (content: Content, shown: Content): Content =>
  Array.isArray(shown.allocations) && typeof shown.issueDate === 'string'
    ? { ...content, issueDate: shown.issueDate }
    : content;

/** As the vendor keeps it: ids and signs that it adds itself are there once more. */
const printed = (wire: WireObject): WireObject => parseWire(printWire(wire)) as WireObject;

describe.each(SUBJECTS.map((subject) => [subject.kind, subject] as const))('%s', (_, subject) => {
  const { mapping } = subject;

  describe.each(Object.entries(COMPANIES))('in %s', (__, company) => {
    it('writing back what was read says nothing', () => {
      fc.assert(
        fc.property(perturbed(subject), (row) => {
          const change = mapping.write(writable(subject, mapping.read(row, company)), row, company);
          expect({ sets: printWire(change.sets), drops: [...change.drops] }).toEqual({ sets: '{}', drops: [] });
        }),
        RUNS,
      );
    });

    it('what is made is read again', () => {
      fc.assert(
        fc.property(made(subject, company), (content) => {
          expect(mapping.refuses(content, undefined, company)).toEqual([]);
          const record = printed(mapping.write(content, undefined, company).whole());
          expect(normal(subject, mapping.read(record, company), company)).toMatchObject(
            normal(subject, content, company),
          );
        }),
        RUNS,
      );
    });

    it('what is changed is read again, and what the contract does not know survives', () => {
      fc.assert(
        fc.property(perturbed(subject), made(subject, company), (row, wanted) => {
          const content = keepingDay(wanted, mapping.read(row, company));
          fc.pre(mapping.refuses(content, row, company).length === 0);
          const change = mapping.write(content, row, company);
          const after = printed({ ...row, ...change.sets });
          expect(normal(subject, mapping.read(after, company), company)).toMatchObject(
            normal(subject, content, company),
          );
          expect(after[UNKNOWN]).toEqual(row[UNKNOWN]);
          for (const line of wireObjects(after.LineItems)) {
            const old = wireObjects(row.LineItems).find(({ LineItemID }) => LineItemID === line.LineItemID);
            if (old) expect(line[UNKNOWN]).toEqual(old[UNKNOWN]);
          }
        }),
        RUNS,
      );
    });
  });
});
