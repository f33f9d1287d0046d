import type { CompanyFile } from '../company-file.ts';
import type { Stored } from '../record.ts';

/** What an edit page shows. */
export interface View {
  file: CompanyFile;
  stored: Stored;
  /** Path of the company file's pages. */
  root: string;
  home: string;
}

export interface Message {
  text: string;
  isProblem: boolean;
}
