import type { Business } from './business.ts';
import type { Problems } from './problems.ts';

/**
 * One mutation on its way: what is wrong is added to `problems`, and nothing is stored once there is any. A rule answers
 * the row it wrote, or undefined.
 */
export interface Write<Input> {
  business: Business;
  input: Input;
  problems: Problems;
}

/** A write that is about something that exists. */
export interface WriteTo<Target, Input> extends Write<Input> {
  target: Target;
}

/** The given ones of some fields of an input: what a patch does not mention stays. */
export function given<Input extends object, Name extends keyof Input>(
  input: Input,
  names: readonly Name[],
): Partial<Pick<Input, Name>> {
  const result: Partial<Pick<Input, Name>> = {};
  for (const name of names) if (name in input && input[name] !== undefined) result[name] = input[name];
  return result;
}

/** True when the text is there and not blank; otherwise says that it has to be. */
export function isFilled(problems: Problems, name: string, value: string | null | undefined): boolean {
  if (typeof value === 'string' && value.trim() !== '') return true;
  problems.required([name]);
  return false;
}
