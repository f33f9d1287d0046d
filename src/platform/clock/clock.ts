/** Time as the process sees it; stored times come from the database's own `concord_now()` instead (ENGINE G4). */
export abstract class Clock {
  abstract now(): Date;
}

export class SystemClock extends Clock {
  override now(): Date {
    return new Date();
  }
}
