import fc from 'fast-check';
import { exact, rounded, type Content, type KindName, type Ref } from '../../../../src/domain/contract/index.js';
import { madeUp, seedOf } from '../contents.js';
import type { WantedContents } from '../trial.js';
import type { WaveAccountant } from './accountant.js';
import { accountsOf, type Customer, type Scenery } from './scenery.js';

/**
 * Contents that a business of this vendor takes. What is made up from the contract is mended where the vendor has rules
 * over several fields or records; the numbers are those of the fact sheet.
 */
export class WaveContents {
  private counter = 0;

  constructor(
    private readonly scenery: Scenery,
    private readonly accountant: WaveAccountant,
  ) {}

  async made({ kind, facet, count, seed, carries, over }: WantedContents): Promise<Content[]> {
    if (facet === 'vendor') return [];
    const contents = madeUp(kind, { carries: (path) => carries.has(path), id: () => fc.constant('0') }, count, seed);
    const made: Content[] = [];
    for (const [index, content] of contents.entries()) {
      const pick = picker(seedOf(seed, String(index)));
      made.push(await this.mended(kind, content, pick, over?.[index]?.content));
    }
    return made;
  }

  private async mended(kind: KindName, content: Content, pick: Pick, over: Content | undefined): Promise<Content> {
    const number = `${++this.counter}`;
    switch (kind) {
      case 'account':
        return {
          ...content,
          name: `${text(content.name)} ${number}`,
          type: over ? over.type! : pick(['bank', 'other_current_asset', 'credit_card', 'expense', 'income', 'equity']),
          ...(content.code !== undefined && { code: `A${number}` }),
          ...(over ? { currency: over.currency! } : content.currency !== undefined && { currency: this.home }),
        };
      case 'contact':
        return this.contact(content, number, pick);
      case 'item':
        return {
          ...content,
          name: `${text(content.name)} ${number}`,
          ...(content.salePrice !== undefined && { salePrice: money(content.salePrice) }),
          ...refs(content, 'saleAccount', 'account', pick(accountsOf(this.scenery, 'INCOME'))),
          ...refs(content, 'purchaseAccount', 'account', pick(accountsOf(this.scenery, 'EXPENSE'))),
          ...refs(content, 'saleTaxRate', 'tax_rate', pick(this.scenery.taxes)),
        };
      case 'tax_rate':
        return {
          ...content,
          name: `${text(content.name)} ${number}`,
          code: `T${number}`,
          rate: over ? over.rate! : pick(['7.25', '0', '13', '4.3751']),
        };
      case 'invoice':
        return this.sale(content, number, pick, over, ['draft', 'open']);
      case 'quote':
        return this.sale(content, number, pick, over, ['draft', 'sent', 'accepted']);
      case 'payment':
        return this.payment(content, pick, over);
      case 'expense':
        return this.expense(content, pick);
      case 'journal_entry':
        return this.journalEntry(content, pick);
      case 'company':
      case 'tracking_category':
      case 'payment_term':
      case 'purchase_order':
      case 'credit_note':
      case 'bill':
      case 'vendor_credit':
      case 'bill_payment':
      case 'transfer':
        throw new Error(`there is no ${kind} here`);
    }
  }

  private get home(): string {
    return this.scenery.homeCurrency;
  }

  private contact(content: Content, number: string, pick: Pick): Content {
    return {
      ...content,
      isCustomer: true,
      displayName: `${text(content.displayName)} ${number}`,
      ...(content.email !== undefined && { email: `someone${number}@trial.example` }),
      ...(content.website !== undefined && { website: `https://trial.example/${number}` }),
      ...(content.currency !== undefined && { currency: pick([this.home, 'EUR']) }),
      ...(content.phones !== undefined && {
        phones: (content.phones as Content[]).map((one, at) => ({ ...one, number: `555-01${at}${number}` })),
      }),
      ...(content.addresses !== undefined && {
        addresses: (content.addresses as Content[]).map(({ type, line1, line2, city, postalCode }): Content => ({
          type: type!,
          ...(line1 !== undefined && { line1 }),
          ...(line2 !== undefined && { line2 }),
          ...(city !== undefined && { city }),
          ...(postalCode !== undefined && { postalCode: '28801' }),
          ...pick<Content>([{ country: 'US', region: 'NC' }, { country: 'CA', region: 'ON' }, { country: 'US' }]),
        })),
      }),
    };
  }

  private sale(
    content: Content,
    number: string,
    pick: Pick,
    over: Content | undefined,
    states: readonly string[],
  ): Content {
    const { exchangeRate: _, discount, taxMode, ...rest } = content;
    const customer = this.customerOf(pick, over);
    const issueDate = text(content.issueDate);
    return {
      ...rest,
      contact: { kind: 'contact', id: `Customer:${customer.id}` },
      lines: (content.lines as Content[]).map((line) => ({
        ...(line.description !== undefined && { description: line.description }),
        item: { kind: 'item', id: pick(this.scenery.products) },
        ...priceOf(line, pick),
        ...(taxMode !== 'none' && refs(line, 'taxRate', 'tax_rate', pick(this.scenery.taxes))),
      })),
      ...(content.dueDate !== undefined && { dueDate: laterDay(issueDate) }),
      ...(content.expiryDate !== undefined && { expiryDate: laterDay(issueDate) }),
      ...(content.number !== undefined && { number: `N ${number}` }),
      ...(content.reference !== undefined && { reference: `R ${number}` }),
      currency: customer.currency,
      ...(customer.currency !== this.home && { exchangeRate: '1.25' }),
      ...(taxMode !== undefined && taxMode !== 'inclusive' && { taxMode }),
      ...(discount !== undefined && { discount: pick([{ amount: '0.5' }, { amount: '0.25' }]) }),
      ...(over ? { state: over.state! } : content.state !== undefined && { state: pick(states) }),
    };
  }

  private async payment(content: Content, pick: Pick, over: Content | undefined): Promise<Content> {
    const customer = this.customerOf(pick, over);
    const [settled] = (over?.allocations ?? []) as Content[];
    const invoice =
      (settled?.document as Ref | undefined)?.id ?? (await this.accountant.enterInvoice('SAVED', customer));
    const amount = pick(['60.5', '12.34', '99']);
    const { exchangeRate: _, ...rest } = content;
    return {
      ...rest,
      contact: { kind: 'contact', id: `Customer:${customer.id}` },
      amount,
      allocations: [{ document: { kind: 'invoice', id: invoice }, amount }],
      currency: customer.currency,
      ...(customer.currency !== this.home && { exchangeRate: '1.25' }),
      depositAccount: { kind: 'account', id: pick(this.banks) },
    };
  }

  private expense(content: Content, pick: Pick): Content {
    const { currency: _, ...rest } = content;
    return {
      ...rest,
      paidFromAccount: { kind: 'account', id: pick(this.banks) },
      lines: (content.lines as Content[]).map((line) => ({
        ...(line.description !== undefined && { description: line.description }),
        account: { kind: 'account', id: pick(accountsOf(this.scenery, 'EXPENSE')) },
        amount: money(line.amount),
      })),
    };
  }

  private journalEntry(content: Content, pick: Pick): Content {
    const { currency: _, ...rest } = content;
    const lines = (content.lines as Content[]).slice(0, 3).map(({ side, amount, description }) => ({
      account: { kind: 'account' as const, id: pick(accountsOf(this.scenery, 'EXPENSE', 'INCOME')) },
      side: side!,
      amount: money(amount),
      ...(description !== undefined && { description }),
    }));
    const debit = lines.reduce(
      (total, line) => (line.side === 'debit' ? total.plus(line.amount) : total.minus(line.amount)),
      exact('0'),
    );
    const [whole] = lines;
    const balanced = debit.isZero() ? [...lines, { ...whole!, side: 'debit', amount: '1' }] : lines;
    const missing = debit.isZero() ? exact('1') : debit;
    return {
      ...rest,
      lines: [
        ...balanced,
        {
          account: { kind: 'account', id: pick(this.banks) },
          side: missing.isNegative() ? 'debit' : 'credit',
          amount: missing.abs().toFixed(),
        },
      ],
      ...(content.number !== undefined && { number: text(content.number) }),
    };
  }

  private get banks(): string[] {
    return this.scenery.accounts
      .filter(({ subtype, currency }) => subtype === 'CASH_AND_BANK' && currency === this.home)
      .map(({ id }) => id);
  }

  private customerOf(pick: Pick, over: Content | undefined): Customer {
    const own = (over?.contact as Ref | undefined)?.id.replace('Customer:', '');
    const { customers } = this.scenery;
    // A document keeps its currency.
    return customers.find(({ id }) => id === own) ?? pick(customers);
  }
}

type Pick = <T>(from: readonly T[]) => T;

const picker = (seed: number): Pick => {
  let state = seed;
  return (from) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return from[(state >>> 8) % from.length]!;
  };
};

const text = (value: unknown): string => String(value);

/** Between one and some thousands, in cents. */
const money = (value: unknown): string => {
  const amount = rounded(exact(text(value ?? '1')).abs(), 2);
  return exact(amount).lessThan(1) || exact(amount).greaterThan(9999) ? '17.25' : exact(amount).toFixed();
};

/** An amount alone, or a quantity and a price. */
const priceOf = (line: Content, pick: Pick): Content =>
  line.unitPrice === undefined && line.amount !== undefined
    ? { amount: money(line.amount) }
    : { unitPrice: money(line.unitPrice), ...(pick([true, false]) && { quantity: pick(['1', '2', '0.5', '3']) }) };

const refs = (content: Content, name: string, kind: KindName, id: string): Content =>
  content[name] === undefined ? {} : { [name]: { kind, id } };

const laterDay = (date: string): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + 30 * 86_400_000).toISOString().slice(0, 10);
