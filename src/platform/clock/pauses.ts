/** Waiting within a piece of work; tests let the time pass instead. */
export abstract class Pauses {
  abstract wait(ms: number): Promise<void>;
}

export class SystemPauses extends Pauses {
  override wait(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}
