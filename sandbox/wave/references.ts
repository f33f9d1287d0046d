import type { Business } from './business.ts';
import { notFound } from './graphql/failure.ts';
import type { Problems } from './problems.ts';

/** An id inside an input that names nothing here, told in whichever of the two channels the switch says. */
export function unknownReference(
  business: Business,
  problems: Problems,
  path: readonly (string | number)[],
  type: string,
  id: string,
): void {
  if (business.switches.unknownReference === 'NOT_FOUND') throw notFound(type, id);
  problems.add(path, `${type} '${id}' could not be found.`, 'NOT_FOUND');
}
