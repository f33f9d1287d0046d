/** Scopes are `resource:operation`; writing does not imply reading, and `*` is every operation (sheet 1.3). */
const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  account: ['read', 'write'],
  business: ['read', 'write'],
  checkout: ['read'],
  customer: ['read', 'write'],
  estimate: ['read', 'write', 'send'],
  invoice: ['read', 'write', 'send'],
  product: ['read', 'write'],
  sales_tax: ['read', 'write'],
  // Reading is accepted although nothing can be read with it.
  transaction: ['read', 'write'],
  user: ['read'],
  vendor: ['read', 'write'],
};

export const OFFLINE_ACCESS = 'offline_access';

export function isScope(text: string): boolean {
  if (text === OFFLINE_ACCESS) return true;
  const [resource = '', operation = '', ...more] = text.split(':');
  const operations = Object.hasOwn(OPERATIONS, resource) ? OPERATIONS[resource] : undefined;
  return more.length === 0 && operations !== undefined && (operation === '*' || operations.includes(operation));
}

export function covers(granted: readonly string[], wanted: string): boolean {
  return granted.includes(wanted) || granted.includes(`${wanted.split(':')[0]}:*`);
}
