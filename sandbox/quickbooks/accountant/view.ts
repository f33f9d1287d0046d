import type { Company } from '../company.ts';
import type { Entity } from '../entity.ts';

/** The name under which a person edits who gives none. */
export const DEFAULT_EDITOR = 'Alex Accountant';

/** What an edit page shows. */
export interface View {
  company: Company;
  object: Entity;
  /** Path of the company's pages. */
  root: string;
  home: string;
}

export interface Message {
  text: string;
  isProblem: boolean;
}
