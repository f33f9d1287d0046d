import type { KindName } from '../../../domain/contract/index.js';
import type { Write } from '../../../domain/provider/index.js';

/**
 * What of an organisation's settings decides about what may be sent to it (sheet 3.9), and the codes by which it wants
 * its accounts and items named: lines say codes, which people change, while our ids are the vendor's GUIDs (sheet 9.3).
 * Kept as texts in the `features` of the company record, so that the tables and the drafting of calls stay pure.
 */
export interface XeroCompany {
  /** ISO 3166 code, such as `NZ`. */
  readonly country: string;
  readonly baseCurrency: string | undefined;
  readonly multicurrency: boolean;
  /** Documents dated on or before this day can no longer be changed. */
  readonly closedUntil: string | undefined;
  readonly accounts: Codes;
  readonly items: Codes;
  /** Ids of the tracking categories by name. */
  readonly dimensions: ReadonlyMap<string, string>;
}

/** Codes and the ids of the records that bear them. */
export class Codes {
  private readonly ids: ReadonlyMap<string, string>;

  constructor(private readonly codes: ReadonlyMap<string, string>) {
    this.ids = new Map([...codes].map(([id, code]) => [code, id]));
  }

  codeOf(id: string): string | undefined {
    return this.codes.get(id);
  }

  idOf(code: string): string | undefined {
    return this.ids.get(code);
  }

  /** The same with what is known better. */
  with(known: Iterable<readonly [id: string, code: string]>): Codes {
    return new Codes(new Map([...this.codes, ...known]));
  }
}

/** Reads an organisation's features; whatever is not known counts as switched off. */
export const companyFeatures = (
  features: Readonly<Record<string, string>>,
  baseCurrency: string | undefined,
): XeroCompany => ({
  country: features.country ?? '',
  baseCurrency: baseCurrency ?? features.homeCurrency,
  multicurrency: features.multicurrency === 'true',
  closedUntil: features.booksClosedUntil,
  accounts: new Codes(names(features.accountCodes)),
  items: new Codes(names(features.itemCodes)),
  dimensions: names(features.trackingCategories),
});

/** The same with the codes that a write brings along: its records may be younger than what the company last said. */
export const knowing = (company: XeroCompany, { referred = [] }: Pick<Write, 'referred'>): XeroCompany => {
  const codes = (kind: KindName): (readonly [string, string])[] =>
    referred.flatMap((one) =>
      one.kind === kind && typeof one.content.code === 'string' ? [[one.id, one.content.code] as const] : [],
    );
  const [accounts, items] = [codes('account'), codes('item')];
  return accounts.length + items.length === 0
    ? company
    : { ...company, accounts: company.accounts.with(accounts), items: company.items.with(items) };
};

/** Texts by name as one text. */
export const namesText = (of: ReadonlyMap<string, string>): string => JSON.stringify(Object.fromEntries(of));

const names = (text: string | undefined): ReadonlyMap<string, string> => {
  if (text === undefined) return new Map();
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return new Map();
  }
};
