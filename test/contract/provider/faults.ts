/** What can go wrong between us and any provider, before or after it did what was asked. */
export const FAULTS = [
  'too many calls',
  'an error before anything was done',
  'an error after all was done',
  'a line that is cut before anything was done',
  'a line that is cut after all was done',
  'a page in place of an answer',
  'a fault inside an answer of success',
  'a lapsed subscription',
  'a withdrawn consent',
] as const;
export type Fault = (typeof FAULTS)[number];
