/** What is wrong with the input of a mutation, as it goes out in `inputErrors` (sheet 2.2). */
export interface InputError {
  path: string[] | null;
  message: string;
  code: string;
}

type Path = readonly (string | number)[];

/** Gathers everything that is wrong with one input; paths are told below `input`. */
export class Problems {
  readonly list: InputError[];
  private readonly base: Path;

  constructor(base: Path = ['input'], list: InputError[] = []) {
    this.base = base;
    this.list = list;
  }

  get any(): boolean {
    return this.list.length > 0;
  }

  add(path: Path | null, message: string, code = 'INVALID'): void {
    this.list.push({ path: path && [...this.base, ...path].map(String), message, code });
  }

  required(path: Path): void {
    this.add(path, 'This field is required.', 'REQUIRED');
  }

  /** Gathers what is wrong deeper inside the same input. */
  below(path: Path): Problems {
    return new Problems([...this.base, ...path], this.list);
  }
}
