import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  groupNames,
  isDecimal,
  normalDecimal,
  normalGroup,
  refKey,
  type Content,
} from '../../../../domain/contract/index.js';
import {
  isWireObject,
  parseWire,
  printWire,
  wireObjects,
  type Change,
  type Wire,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import { writableFields } from '../../../../../test/builders/content.js';
import { quickBooksContent } from '../../../../../test/builders/quickbooks-content.js';
import { ENTITIES, type Entity } from '../quickbooks.entities.js';
import { companyFeatures, type CompanyFeatures } from '../quickbooks.features.js';
import { sendable } from '../quickbooks.sightings.js';

/**
 * The lens laws (reliability.md 1.7) for every table: writing back what was read says nothing; what is written is read
 * again; what the vendor made of it stays so; and what the contract does not know survives.
 */
const RUNS = { numRuns: Number(process.env.FC_RUNS ?? 200) };

const fields = JSON.stringify({ 'PO number': '1', Colour: '2' });
const COMPANIES: Readonly<Record<string, CompanyFeatures>> = {
  'a US company': companyFeatures(
    {
      country: 'US',
      salesTax: 'manual',
      classTracking: 'line',
      departmentTracking: 'true',
      discounts: 'true',
      serviceDates: 'true',
      accountNumbers: 'true',
      salesFormFields: fields,
      purchaseOrderFields: fields,
    },
    'USD',
  ),
  'a US company with automated tax': companyFeatures(
    { country: 'US', salesTax: 'automated', classTracking: 'transaction', multicurrency: 'true', discounts: 'true' },
    'USD',
  ),
  'a company abroad': companyFeatures(
    {
      country: 'GB',
      salesTax: 'global',
      classTracking: 'line',
      departmentTracking: 'true',
      multicurrency: 'true',
      discounts: 'true',
      serviceDates: 'true',
    },
    'GBP',
  ),
  'a company of which nothing is known': companyFeatures({}, 'USD'),
};

const fixturesOf = ({ name }: Entity): WireObject[] => {
  const text = readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8');
  return wireObjects(parseWire(text));
};

const unknownValue: fc.Arbitrary<Wire> = fc.constantFrom<Wire>(
  parseWire('1.50'),
  parseWire('12345678901234567890'),
  parseWire('{"deep":[0.10,null]}'),
  'kept',
  true,
);

/** A record as the vendor might send it tomorrow: members nobody knows everywhere, and some of the known ones gone. */
const perturbed = (entity: Entity): fc.Arbitrary<WireObject> =>
  fc
    .tuple(fc.constantFrom(...fixturesOf(entity)), unknownValue, fc.array(fc.nat(), { maxLength: 4 }), fc.boolean())
    .map(([record, unknown, drops, odd]) => {
      const stays = ['Id', 'SyncToken', 'Line', 'Active', 'PayType', 'Credit', 'CheckPayment', 'CreditCardPayment'];
      const members = Object.keys(record).filter((member) => !stays.includes(member));
      const dropped = new Set(drops.map((at) => members[at % members.length]));
      const kept = Object.fromEntries(Object.entries(record).filter(([member]) => !dropped.has(member)));
      return odd ? (marked(kept, unknown) as WireObject) : kept;
    });

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

/** What the vendor keeps of a change: what is said over what was there, or the whole. */
const applied = (change: Change): WireObject =>
  change.drops.size > 0 ? change.whole() : { ...change.before, ...change.sets };

/** What this vendor says in another way by nature; all else must come back as it went. */
const reshaped = (entity: Entity, company: CompanyFeatures): readonly string[] => [
  // A price without a quantity counts once; lines by account have neither.
  'lines.quantity',
  'lines.unitPrice',
  // An item brings its own account.
  'lines.account',
  ...(company.salesTax === 'global' ? [] : ['lines.taxRate', 'taxMode', 'saleTaxRate']),
  ...(entity.name === 'BillPayment' ? ['method'] : []),
  // Never named to a company that has one only, and never changed on a record of a list.
  ...(company.multicurrency && entity.name !== 'Transfer' ? [] : ['currency']),
];

const normal = (
  entity: Entity,
  content: Content,
  company: CompanyFeatures,
  masked = reshaped(entity, company),
): Record<string, unknown> => {
  const carried = entity.mapping.carries(company);
  const reading = {
    nameOf: refKey,
    carries: (path: string) => carried.has(path) && !masked.some((one) => path === one || path.startsWith(`${one}.`)),
  };
  return Object.assign(
    {},
    ...groupNames(entity.kind).map((group) => normalGroup(entity.kind, group, content, reading)),
  );
};

const writable = (entity: Entity, content: Content): Content =>
  Object.fromEntries(writableFields(entity.kind).flatMap((name) => (name in content ? [[name, content[name]!]] : [])));

/** What a record is made with and keeps. */
const changeable = (entity: Entity, content: Content): Content =>
  entity.nature === 'transaction'
    ? content
    : Object.fromEntries(Object.entries(content).filter(([name]) => !['currency', 'type', 'dimension'].includes(name)));

/** Some lines of the new content are lines that the record has already. */
const withKnownLines = (content: Content, shown: Content): Content => {
  const known = ((shown.lines ?? []) as Content[]).filter(({ id, account }) => typeof id === 'string' && !account);
  if (!Array.isArray(content.lines)) return content;
  return {
    ...content,
    lines: (content.lines as Content[]).map((line, at) => {
      const id = known[at]?.id;
      return at % 2 === 0 && id !== undefined && id !== '4' ? { ...line, id } : line;
    }),
  };
};

describe.each(ENTITIES.map((entity) => [entity.name, entity] as const))('%s', (_, entity) => {
  const { mapping } = entity;

  describe.each(Object.entries(COMPANIES))('in %s', (__, company) => {
    it('writing back what was read says nothing', () => {
      fc.assert(
        fc.property(perturbed(entity), (record) => {
          const before = sendable(printWire(record));
          const change = mapping.write(writable(entity, mapping.read(record, company)), before, company);
          expect({ sets: printWire(change.sets), drops: [...change.drops] }).toEqual({ sets: '{}', drops: [] });
        }),
        RUNS,
      );
    });

    it('what is made is read again', () => {
      fc.assert(
        fc.property(quickBooksContent(entity, company), (content) => {
          expect(mapping.refuses(content, undefined, company)).toEqual([]);
          const record = mapping.write(content, undefined, company).whole();
          expect(normal(entity, mapping.read(parseWire(printWire(record)) as WireObject, company), company)).toEqual(
            normal(entity, { ...mapping.read({}, company), ...content }, company),
          );
        }),
        RUNS,
      );
    });

    it('what is changed is read again, and what the contract does not know survives', () => {
      fc.assert(
        fc.property(perturbed(entity), quickBooksContent(entity, company), (record, made) => {
          const before = sendable(printWire(record));
          const content = withKnownLines(changeable(entity, made), mapping.read(record, company));
          fc.pre(mapping.refuses(content, before, company).length === 0);
          const change = mapping.write(content, before, company);
          const after = applied(change);

          // A line that says no code keeps the one it has.
          const masked = [...reshaped(entity, company), 'lines.taxRate'];
          const shown = normal(entity, mapping.read(after, company), company, masked);
          const wanted = normal(entity, content, company, masked);
          expect(Object.fromEntries(Object.keys(wanted).map((name) => [name, shown[name]]))).toEqual(wanted);
          expect(after[UNKNOWN]).toEqual(record[UNKNOWN]);
          for (const line of wireObjects(after.Line)) {
            const old = wireObjects(before.Line).find(({ Id }) => Id !== undefined && Id === line.Id);
            expect(line[UNKNOWN]).toEqual(old?.[UNKNOWN] ?? line[UNKNOWN]);
            if (old) expect(line[UNKNOWN]).toEqual(old[UNKNOWN]);
          }
        }),
        RUNS,
      );
    });

    it('what the vendor was told once need not be told again', () => {
      fc.assert(
        fc.property(quickBooksContent(entity, company), (content) => {
          const once = mapping.write(content, undefined, company).whole();
          const shown = mapping.read(once, company);
          const twice = mapping.write(writable(entity, shown), undefined, company).whole();
          expect(everyDecimal(mapping.read(twice, company))).toEqual(everyDecimal(shown));
        }),
        RUNS,
      );
    });
  });
});

const everyDecimal = (content: Content): unknown =>
  JSON.parse(JSON.stringify(content), (_, value: unknown) => (isDecimal(value) ? normalDecimal(value) : value));
