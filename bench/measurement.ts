import type { Stage } from './stage.ts';

/** One line of the table. */
export interface Row {
  what: string;
  measured: string;
  /** What is aimed at, and whether it was reached; absent where there is no aim. */
  aim?: { says: string; reached: boolean };
  /** Why the aim was missed; shown only then. */
  reason?: string;
}

export interface Outcome {
  rows: Row[];
  /** For the line of JSON. */
  figures: Record<string, number>;
}

/** One thing that the bench measures, by itself or with all others. */
export interface Measurement {
  name: string;
  says: string;
  run(stage: Stage): Promise<Outcome>;
}
