import type { KindName, Ref } from '../../../../src/domain/contract/index.js';
import type { Accountant, Entry } from '../trial.js';
import { ENTITIES_OF, idOf, isList, placeOf } from './entities.js';
import { Refused, type Body, type IntuitApi, type IntuitRecord } from './intuit-api.js';
import { accountsOf, type Scenery } from './scenery.js';
import { unknownIn, unknownTo } from './unknown-members.js';

/** Somebody who works in the books of one company through the vendor's API. */
export class QuickBooksAccountant implements Accountant {
  readonly enters = Object.keys(ENTITIES_OF) as KindName[];
  private counter = 0;

  constructor(
    private readonly api: IntuitApi,
    private readonly realm: string,
    private readonly scenery: Scenery,
  ) {}

  async enter(kind: KindName, facet?: string): Promise<string> {
    if (kind === 'tax_rate') return this.enterTax();
    const number = ++this.counter;
    const entities = ENTITIES_OF[kind]!;
    const entity = entities.find((one) => one.toLowerCase() === facet) ?? entities[number % entities.length]!;
    return idOf(kind, entity, (await this.api.save(entity, await this.bodyOf(entity, number))).Id);
  }

  async edit({ kind, id: ours }: Ref): Promise<boolean> {
    const words = `edited ${++this.counter}`;
    if (kind === 'company') {
      const { CompanyInfo } = await this.api.dump();
      const { SyncToken } = CompanyInfo![0]!;
      await this.api.save('CompanyInfo', { Id: '1', SyncToken, sparse: true, LegalName: words });
      return true;
    }
    if (kind === 'tax_rate') return false;
    const { entity, id } = placeOf(kind, ours);
    const change = EDITS[entity]?.(words) ?? { PrivateNote: words };
    return this.tried(() => this.api.change(entity, id, change));
  }

  async end({ kind, id: ours }: Ref, existence: 'archived' | 'voided' | 'deleted'): Promise<boolean> {
    if (kind === 'tax_rate' || kind === 'company') return false;
    const { entity, id } = placeOf(kind, ours);
    switch (existence) {
      case 'archived':
        return isList(entity) && this.tried(() => this.api.change(entity, id, { Active: false }));
      case 'deleted':
        return (
          !isList(entity) &&
          this.tried(async () => {
            const { SyncToken } = await this.api.read(entity, id);
            await this.api.save(entity, { Id: id, SyncToken }, '?operation=delete');
          })
        );
      case 'voided':
        return this.tried(async () => this.makeVoid(entity, id));
    }
  }

  async all(kind: KindName): Promise<Entry[]> {
    const entities = await this.api.dump();
    if (kind === 'company') {
      const record = [entities.CompanyInfo![0]!, entities.Preferences![0]!];
      return [
        { id: this.realm, existence: 'present', version: record.map(({ SyncToken }) => SyncToken).join(), record },
      ];
    }
    return ENTITIES_OF[kind]!.flatMap((entity) =>
      entities[entity]!.filter(({ Type }) => Type !== 'Category').map((record) => entryOf(kind, entity, record)),
    );
  }

  async addUnknown({ kind, id: ours }: Ref): Promise<boolean> {
    const { entity, id } = placeOf(kind, ours);
    const change = unknownTo(entity, await this.api.read(entity, id), this.scenery);
    if (change) await this.api.change(entity, id, change);
    return change !== undefined;
  }

  async unknownOf({ kind, id: ours }: Ref): Promise<unknown> {
    const { entity, id } = placeOf(kind, ours);
    return unknownIn(entity, await this.api.read(entity, id));
  }

  async merge(kind: KindName): Promise<{ winner: string; loser: string } | undefined> {
    const [entity] = ENTITIES_OF[kind]!;
    if (!isList(entity!) || entity === 'Term') return undefined;
    const [winner, loser] = [
      await this.enter(kind, entity!.toLowerCase()),
      await this.enter(kind, entity!.toLowerCase()),
    ];
    const places = [placeOf(kind, winner), placeOf(kind, loser)];
    if (places[0]!.entity !== places[1]!.entity) return this.merge(kind);
    const pair = { realm: this.realm, entity: places[0]!.entity, winner: places[0]!.id, loser: places[1]!.id };
    await this.api.control('POST', '/merge', pair);
    return { winner, loser };
  }

  /** An open invoice, bill or credit that a payment can settle; answers its id and what is open. */
  async enterOpen(entity: 'Invoice' | 'CreditMemo' | 'Bill' | 'VendorCredit', party: string): Promise<string> {
    const number = ++this.counter;
    const reference = entity === 'Invoice' || entity === 'CreditMemo' ? 'CustomerRef' : 'VendorRef';
    const body = { ...(await this.bodyOf(entity, number)), [reference]: { value: party } };
    return (await this.api.save(entity, body)).Id;
  }

  private async tried(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof Refused && error.status === 400) return false;
      throw error;
    }
  }

  private async makeVoid(entity: string, id: string): Promise<void> {
    const { SyncToken } = await this.api.read(entity, id);
    if (entity === 'Invoice') await this.api.save(entity, { Id: id, SyncToken }, '?operation=void');
    else if (entity === 'Payment' || entity === 'BillPayment') {
      await this.api.save(entity, { Id: id, SyncToken, sparse: true }, '?operation=update&include=void');
    } else if (entity === 'CreditMemo' || entity === 'Purchase') {
      await this.api.control('POST', '/void', { realm: this.realm, entity, id });
    } else throw new Refused(400, `${entity} cannot be voided`);
  }

  private async enterTax(): Promise<string> {
    const name = `Levy ${++this.counter}`;
    const { TaxAgency } = await this.api.dump();
    const answer = await this.api.call('POST', 'taxservice/taxcode', {
      TaxCode: name,
      TaxRateDetails: [
        { TaxRateName: name, RateValue: '3.5', TaxAgencyId: TaxAgency![0]!.Id, TaxApplicableOn: 'Sales' },
      ],
    });
    return String(answer.TaxCodeId);
  }

  private async bodyOf(entity: string, number: number): Promise<Body> {
    const { customers, vendors, items } = this.scenery;
    const account = (...types: string[]): Body => ({ value: accountsOf(this.scenery, ...types)[0] });
    const Line = [
      {
        DetailType: 'SalesItemLineDetail',
        Amount: 100,
        SalesItemLineDetail: { ItemRef: { value: items[0] }, Qty: 2, UnitPrice: 50 },
      },
    ];
    const costs = [
      {
        DetailType: 'AccountBasedExpenseLineDetail',
        Amount: 100,
        AccountBasedExpenseLineDetail: { AccountRef: account('Expense') },
      },
    ];
    const CustomerRef = { value: customers[0]!.id };
    const VendorRef = { value: vendors[0]!.id };
    const name = `Entered ${number}`;
    switch (entity) {
      case 'Account':
        return { Name: name, AccountType: 'Expense' };
      case 'Item':
        return { Name: name, Type: 'Service', IncomeAccountRef: account('Income') };
      case 'Class':
      case 'Department':
        return { Name: name };
      case 'Term':
        return { Name: name, DueDays: number % 900 };
      case 'Customer':
      case 'Vendor':
        return { DisplayName: name };
      case 'Invoice':
      case 'CreditMemo':
      case 'Estimate':
        return { CustomerRef, Line };
      case 'Bill':
      case 'VendorCredit':
      case 'PurchaseOrder':
        return { VendorRef, Line: costs };
      case 'Payment':
        return { CustomerRef, TotalAmt: 100 };
      case 'BillPayment': {
        const bill = await this.enterOpen('Bill', vendors[0]!.id);
        return {
          VendorRef,
          TotalAmt: 100,
          PayType: 'Check',
          CheckPayment: { BankAccountRef: account('Bank') },
          Line: [{ Amount: 100, LinkedTxn: [{ TxnId: bill, TxnType: 'Bill' }] }],
        };
      }
      case 'Purchase':
        return { PaymentType: 'Cash', AccountRef: account('Bank'), Line: costs };
      case 'JournalEntry':
        return {
          Line: ['Debit', 'Credit'].map((PostingType, at) => ({
            DetailType: 'JournalEntryLineDetail',
            Amount: 100,
            JournalEntryLineDetail: { PostingType, AccountRef: { value: accountsOf(this.scenery, 'Expense')[at] } },
          })),
        };
      case 'Transfer': {
        const [from, to] = accountsOf(this.scenery, 'Bank');
        return { FromAccountRef: { value: from }, ToAccountRef: { value: to }, Amount: 100 };
      }
      default:
        throw new Error(`nobody enters a ${entity} here`);
    }
  }
}

/** What a person changes of a list's record; the notes of everything else. */
const EDITS: Readonly<Record<string, (words: string) => Body>> = {
  Account: (Description) => ({ Description }),
  Item: (Description) => ({ Description }),
  Class: (Name) => ({ Name }),
  Department: (Name) => ({ Name }),
  Term: (Name) => ({ Name }),
  Customer: (CompanyName) => ({ CompanyName }),
  Vendor: (CompanyName) => ({ CompanyName }),
};

const entryOf = (kind: KindName, entity: string, { SyncToken, MetaData: _, ...record }: IntuitRecord): Entry => ({
  id: idOf(kind, entity, record.Id),
  existence: record.Active === false ? 'archived' : isVoided(record) ? 'voided' : 'present',
  version: SyncToken,
  record,
});

/** Nothing but the note and the zeroes says that a transaction is void. */
const isVoided = ({ PrivateNote, TotalAmt, Amount }: Body): boolean =>
  String(PrivateNote).startsWith('Voided') && [TotalAmt, Amount].some((value) => value === 0);
