import fc from 'fast-check';
import { exact, isDecimal, rounded, type Content, type Ref } from '../../../src/domain/contract/index.js';
import { madeUp } from '../../contract/provider/contents.js';
import type { WantedContents } from '../../contract/provider/trial.js';
import type { ToyBooks } from '../stand-in/books.js';
import type { ToyAccountant } from './accountant.js';

/** Contents that the toy takes: what is made up from the contract, mended where the toy has rules over records. */
export class ToyContents {
  private counter = 0;

  constructor(
    private readonly books: ToyBooks,
    private readonly accountant: ToyAccountant,
  ) {}

  made({ kind, count, seed, carries, over }: WantedContents): Content[] {
    const contents = madeUp(kind, { carries: (path) => carries.has(path), id: () => fc.constant('0') }, count, seed);
    return contents.map((content, index) => {
      const number = ++this.counter;
      const before = over?.[index]?.content;
      const party = (before?.contact as Ref | undefined)?.id ?? this.accountant.party();
      const mended = {
        ...(isNone(content.discount) ? without(content, 'discount') : content),
        ...(content.number !== undefined && { number: `N ${number}` }),
        ...(content.contact !== undefined && { contact: { kind: 'contact' as const, id: party } }),
        ...(Array.isArray(content.lines) && { lines: (content.lines as Content[]).map(lineOf) }),
      };
      if (kind === 'contact') return this.contact(mended, number);
      if (kind === 'credit_note') return { ...without(mended, 'allocations'), ...this.allocations(content, party) };
      if (kind === 'payment') return this.payment(mended, party);
      if (kind !== 'expense') return mended;
      return { ...mended, paidFromAccount: { kind: 'account', id: this.books.all('accounts')[0]!.id } };
    });
  }

  private contact(content: Content, number: number): Content {
    return {
      ...content,
      displayName: `${String(content.displayName).slice(0, 60).trim()} ${number}`,
      ...(content.paymentTerm !== undefined && { paymentTerm: { kind: 'payment_term', id: `days-${number % 90}` } }),
    };
  }

  private payment(content: Content, party: string): Content {
    const applied = this.allocations(content, party);
    const parts = (applied.allocations ?? []) as Content[];
    const sum = parts.reduce((total, { amount }) => total.plus(String(amount)), exact('12.34'));
    return { ...without(content, 'allocations'), ...applied, amount: sum.toFixed() };
  }

  /** Each part settles a sale of its own. */
  private allocations({ allocations }: Content, party: string): Content {
    if (!Array.isArray(allocations) || allocations.length === 0) return {};
    return {
      allocations: allocations.map((_, index) => ({
        document: { kind: 'invoice', id: this.accountant.enterOpen(party) },
        amount: `${10 + index}.5`,
      })),
    };
  }
}

const without = (content: Content, name: string): Content =>
  Object.fromEntries(Object.entries(content).filter(([field]) => field !== name));

/** A discount of nothing is no discount; what is more, the toy refuses. */
const isNone = (discount: unknown): boolean =>
  Object.values((discount ?? {}) as Content).every((value) => !isDecimal(value) || exact(value).isZero());

/** Large enough that a credit covers what it settles. */
const lineOf = (line: Content): Content => {
  const { discountPercent: _percent, discountAmount: _amount, unitPrice, quantity, ...rest } = line;
  const price = isDecimal(unitPrice) ? rounded(exact(unitPrice).abs().modulo(900).plus(100), 3) : undefined;
  const count = isDecimal(quantity) ? rounded(exact(quantity).abs().modulo(90).plus(1), 2) : undefined;
  if (price === undefined) {
    const amount = isDecimal(line.amount) ? exact(line.amount).abs().modulo(90_000) : exact('0');
    return { ...rest, amount: rounded(amount.plus(100), 2) };
  }
  return {
    ...rest,
    unitPrice: price,
    ...(count !== undefined && { quantity: count }),
    amount: rounded(exact(price).times(count ?? '1'), 2),
  };
};
