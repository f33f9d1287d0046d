import type { Decimal } from '../../amounts.ts';
import { PRODUCT_EXPENSE, PRODUCT_INCOME, type Subtype } from '../account-types.ts';
import type { Business } from '../business.ts';
import type { Product } from '../records.ts';
import { unknownReference } from '../references.ts';
import { given, isFilled, type Write, type WriteTo } from '../write.ts';

export interface ProductInput {
  name?: string | null;
  description?: string | null;
  unitPrice?: Decimal | null;
  defaultSalesTaxIds?: string[] | null;
  incomeAccountId?: string | null;
  expenseAccountId?: string | null;
}

export function createProduct(write: Write<ProductInput>): Product | undefined {
  const { business, input, problems } = write;
  isFilled(problems, 'name', input.name);
  checkReferences(write);
  if (problems.any) return undefined;
  return store(business, {
    ...business.newRow('Product'),
    name: input.name ?? '',
    description: input.description ?? null,
    unitPrice: price(input.unitPrice),
    incomeAccountId: input.incomeAccountId ?? null,
    expenseAccountId: input.expenseAccountId ?? null,
    defaultSalesTaxIds: input.defaultSalesTaxIds ?? [],
    isArchived: false,
  });
}

export function patchProduct(write: WriteTo<Product, ProductInput>): Product | undefined {
  const { business, target, input, problems } = write;
  if (input.name !== undefined) isFilled(problems, 'name', input.name);
  if (input.unitPrice === null) problems.required(['unitPrice']);
  checkReferences(write);
  if (problems.any) return undefined;
  const change = given(input, ['name', 'description', 'incomeAccountId', 'expenseAccountId']) as Partial<Product>;
  if (input.unitPrice) change.unitPrice = price(input.unitPrice);
  if (input.defaultSalesTaxIds !== undefined) change.defaultSalesTaxIds = input.defaultSalesTaxIds ?? [];
  return store(business, { ...target, ...change, modifiedAt: business.now() });
}

export function archiveProduct({ business, target }: WriteTo<Product, object>): Product {
  return store(business, { ...target, isArchived: true, modifiedAt: business.now() });
}

function checkReferences({ business, input, problems }: Write<ProductInput>): void {
  const check = (field: 'incomeAccountId' | 'expenseAccountId', allowed: readonly Subtype[]) => {
    const id = input[field];
    if (id === null || id === undefined) return;
    const account = business.accounts.get(id);
    if (!account) unknownReference(business, problems, [field], 'Account', id);
    else if (!allowed.includes(account.subtype)) {
      problems.add([field], `The subtype of the account has to be one of ${allowed.join(', ')}.`);
    }
  };
  check('incomeAccountId', PRODUCT_INCOME);
  check('expenseAccountId', PRODUCT_EXPENSE);
  (input.defaultSalesTaxIds ?? []).forEach((id, index) => {
    if (!business.salesTaxes.get(id)) {
      unknownReference(business, problems, ['defaultSalesTaxIds', index], 'SalesTax', id);
    }
  });
}

/** Five places, half away from zero (sheet 2.4). */
function price(value: Decimal | null | undefined): string {
  return value?.toDecimalPlaces(5).toFixed() ?? '0';
}

function store(business: Business, product: Product): Product {
  business.products.put(product);
  business.surroundings.changed();
  return product;
}
