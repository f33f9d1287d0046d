import type { Business } from '../business.ts';

/** What an edit page shows. */
export interface View<Row> {
  business: Business;
  row: Row;
  /** Path of the business's pages. */
  root: string;
  home: string;
}

export interface Message {
  text: string;
  isProblem: boolean;
}
