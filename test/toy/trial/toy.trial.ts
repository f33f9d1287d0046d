import { KIND_NAMES } from '../../../src/domain/contract/index.js';
import type { AbilityColumn } from '../../contract/provider/ability-table.js';
import type { Fault } from '../../contract/provider/faults.js';
import type {
  CompanyOnTrial,
  FaultMeaning,
  NamesakeHabit,
  ProviderTrial,
  Refusal,
  Stand,
} from '../../contract/provider/trial.js';
import type { TrialClock } from '../../contract/provider/trial-clock.js';
import { toyProvider } from '../provider/index.js';
import type { ToyBooks } from '../stand-in/books.js';
import { SIGNING_SECRET, ToyServer, type ToyFault } from '../stand-in/server.js';
import type { ToyTraits } from '../traits.js';
import { ToyAccountant } from './accountant.js';
import { ToyContents } from './contents.js';

const NUMBER: NamesakeHabit = { anyCase: false, inactiveToo: false };

const unclear = (carriedOut: boolean): FaultMeaning => ({ read: 'unavailable', write: 'lost_answer', carriedOut });

const FAULTS: Readonly<Record<Exclude<Fault, 'a withdrawn consent'>, ToyFault>> = {
  'too many calls': '429',
  'an error before anything was done': '500',
  'an error after all was done': '502 after',
  'a line that is cut before anything was done': 'cut',
  'a line that is cut after all was done': 'cut after',
  'a page in place of an answer': 'page',
  'a fault inside an answer of success': 'fault in 200',
  'a lapsed subscription': 'lapsed',
};

const abilitiesOf = ({ writeOnly, replaces, derivesTerms }: ToyTraits): AbilityColumn => ({
  ...(Object.fromEntries(KIND_NAMES.map((kind) => [kind, 'absent'])) as AbilityColumn),
  company: 'r',
  account: 'r',
  payment_term: derivesTerms ? 'r' : 'absent',
  contact: 'r c u a',
  invoice: 'r c u d v',
  bill: 'r c u d',
  credit_note: 'r c u d',
  payment: replaces ? 'r c d replace' : 'r c u d',
  expense: writeOnly ? 'c' : 'r c',
});

export interface ToyStand extends Stand {
  /** Carries out the next request of this sort, such as `POST receipts`, and loses the answer. */
  loseAnswerTo(sort: string): void;
}

export interface ToyTrial extends ProviderTrial {
  start(clock: TrialClock): Promise<ToyStand>;
}

/** The toy on trial, as awkward as one likes. */
export const toyTrial = (traits: ToyTraits): ToyTrial => {
  const definition = toyProvider(traits);
  return {
    definition,
    abilities: abilitiesOf(traits),
    companies: ['a company', 'another company of the same person'],
    faults: {
      'too many calls': { read: 'rate_limited', write: 'rate_limited', carriedOut: false },
      'an error before anything was done': unclear(false),
      'an error after all was done': unclear(true),
      'a line that is cut before anything was done': unclear(false),
      'a line that is cut after all was done': unclear(true),
      'a page in place of an answer': unclear(false),
      'a fault inside an answer of success': unclear(false),
      'a lapsed subscription': { read: 'suspended', write: 'suspended', carriedOut: false },
      'a withdrawn consent': { read: 'access_revoked', write: 'access_revoked', carriedOut: false },
    },
    webhookFormats: traits.pollOnly ? [] : ['plain'],
    namesakes: {
      contact: { anyCase: true, inactiveToo: true },
      invoice: NUMBER,
      bill: NUMBER,
      credit_note: NUMBER,
    },
    insists: {},
    batchSize: 1,

    start: async (clock) => {
      const people = [
        { name: 'ann', companies: ['one', 'two'] },
        { name: 'ben', companies: ['past'] },
        { name: 'cleo', companies: ['spare'] },
      ];
      const server = await ToyServer.start({ traits, now: () => clock.now(), people });
      const settings = Object.fromEntries(
        definition.settings.map(({ name, inSandbox }) => [name, inSandbox.replace('{sandbox}', server.url)]),
      );
      const companyOf = (id: string): CompanyOnTrial => companyOnTrial(server.books.get(id)!, traits);
      const [one, two, past, spare] = ['one', 'two', 'past', 'spare'].map(companyOf);
      await fill(past!);
      return {
        settings,
        companies: [one!, two!],
        past: past!,
        spare: spare!,
        webhooks: {
          secret: SIGNING_SECRET,
          sendTo: (url) => {
            server.webhookUrl = url;
            return Promise.resolve();
          },
          flush: async () => {
            for (const id of server.books.keys()) await server.deliver(id);
          },
          forge: (company, { id }) =>
            server.send({ company, events: [{ n: 1, resource: 'documents', id }] }, 'another secret'),
        },
        consentTo: ({ id }) => ({
          person: people.find(({ companies }) => companies.includes(id))!.name,
          company: id,
          decision: 'allow',
        }),
        provoke: (fault, { id }) => {
          if (fault === 'a withdrawn consent') server.consents.withdraw(id);
          else server.faults.set(id, FAULTS[fault]);
          return Promise.resolve();
        },
        calm: () => {
          server.faults.clear();
          return Promise.resolve();
        },
        loseAnswerTo: (sort) => {
          server.losesAnswerTo = sort;
        },
        close: () => server.stop(),
      };
    },
  };
};

const companyOnTrial = (books: ToyBooks, traits: ToyTraits): CompanyOnTrial => {
  const accountant = new ToyAccountant(books, traits);
  const contents = new ToyContents(books, accountant);
  return {
    id: books.id,
    accountant,
    contents: (wanted) => Promise.resolve(contents.made(wanted)),
    refusals: () => refusals(books, accountant, traits),
  };
};

/** More sales than two pages hold, some of everything else, and some that were ended. */
const fill = async ({ accountant }: CompanyOnTrial): Promise<void> => {
  for (let count = 0; count < 45; count++) await accountant.enter('invoice');
  for (const kind of accountant.enters) {
    for (let count = 0; count < 3; count++) {
      const id = await accountant.enter(kind);
      const existence = (['archived', 'voided', 'deleted'] as const)[count]!;
      await accountant.end({ kind, id }, existence);
    }
    await accountant.enter(kind);
  }
};

const refusals = async (books: ToyBooks, accountant: ToyAccountant, traits: ToyTraits): Promise<Refusal[]> => {
  const taken = await accountant.enter('contact');
  const off = await accountant.enter('contact');
  await accountant.end({ kind: 'contact', id: off }, 'archived');
  const party = accountant.party();
  const small = accountant.enterOpen(party);
  return [
    {
      says: 'a name that is taken',
      kind: 'contact',
      operation: 'create',
      content: { displayName: String(books.find('contacts', taken)!.body.name).toUpperCase(), isCustomer: true },
      failure: { is: 'duplicate', message: /taken/, candidates: [taken] },
    },
    {
      says: 'a party that was switched off',
      kind: 'invoice',
      operation: 'create',
      content: { contact: { kind: 'contact', id: off }, issueDate: '2026-02-03', lines: [{ amount: '1' }] },
      failure: { is: 'invalid', message: /switched off/, field: /party/ },
    },
    {
      says: 'more money than is open',
      kind: 'payment',
      operation: 'create',
      content: {
        contact: { kind: 'contact', id: party },
        date: '2026-02-03',
        amount: '5000',
        allocations: [{ document: { kind: 'invoice', id: small }, amount: '1000.01' }],
      },
      failure: { is: 'invalid', message: /than is open/, field: /applied/ },
    },
    {
      says: 'to pay more with an entered payment than is open',
      kind: 'payment',
      operation: traits.replaces ? 'replace' : 'update',
      target: { kind: 'payment', id: await accountant.enter('payment') },
      content: {
        contact: { kind: 'contact', id: party },
        date: '2026-02-03',
        amount: '5000',
        allocations: [{ document: { kind: 'invoice', id: small }, amount: '1000.01' }],
      },
      failure: { is: 'invalid', message: /than is open/, field: /applied/ },
    },
  ];
};
