/** The time of a trial: it stands still until a test lets it pass, for the stand-in and for the session alike. */
export class TrialClock {
  private at = Date.parse('2026-03-02T17:00:00Z');

  now(): number {
    return this.at;
  }

  pass(ms: number): void {
    this.at += ms;
  }
}
