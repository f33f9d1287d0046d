/** What is to happen after a company was connected or reconnected; called once that is committed. */
export abstract class Connected {
  abstract connected(tenant: string, connection: string): Promise<void>;
}
