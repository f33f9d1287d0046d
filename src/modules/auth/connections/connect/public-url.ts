/** The address under which browsers and providers reach Concord. It may lie below a path of a host. */
export class PublicUrl {
  private readonly root: string;
  /** Whether cookies may travel over it unencrypted: never in production. */
  readonly secure: boolean;

  constructor(root: string, production: boolean) {
    this.root = root.replace(/\/+$/, '');
    this.secure = production || this.root.startsWith('https:');
  }

  /** `path` begins with a slash. */
  of(path: string): string {
    return `${this.root}${path}`;
  }
}
