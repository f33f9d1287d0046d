import type { Action, CompanyFile } from './company-file.ts';
import type { Hidden, Stored } from './record.ts';
import type { Members } from './shape.ts';

interface Step {
  rules: Stored['rules'];
  layout: string | undefined;
  uid: string;
  members: Members;
  hidden: Hidden;
  previous: Stored | undefined;
  action: Action;
}

/**
 * One unit of work: records are copied into it, changed, and all stored together by `commit`. A rule that throws on the
 * way leaves the file as it was.
 */
export class Work {
  readonly file: CompanyFile;
  private readonly steps = new Map<string, Step>();

  constructor(file: CompanyFile) {
    this.file = file;
  }

  /** The record as this work would leave it; undefined when it does not exist or is being deleted. */
  peek(uid: string): { members: Members; hidden: Hidden } | undefined {
    const step = this.steps.get(uid);
    if (step) return step.action === 'Deleted' ? undefined : step;
    return this.file.find(uid);
  }

  /** A copy of a stored record to be changed, with a new version and an event like any other change. */
  edit(uid: string): Step {
    const known = this.steps.get(uid);
    if (known) return known;
    const previous = this.file.find(uid);
    if (!previous) throw new Error(`${uid} is edited but does not exist`);
    const { rules, layout, members, hidden } = previous;
    const step: Step = {
      rules,
      layout,
      uid,
      members: { ...members },
      hidden: { ...hidden },
      previous,
      action: 'Updated',
    };
    this.steps.set(uid, step);
    return step;
  }

  save(step: Omit<Step, 'action'>): void {
    this.steps.set(step.uid, { ...step, action: step.previous ? 'Updated' : 'Created' });
  }

  remove(previous: Stored): void {
    const { rules, layout, uid, members, hidden } = previous;
    this.steps.set(uid, { rules, layout, uid, members, hidden, previous, action: 'Deleted' });
  }

  commit(): void {
    const { file } = this;
    const told = [...this.steps.values()].map((step) => {
      if (step.action === 'Deleted') file.remove(step.previous as Stored);
      return {
        action: step.action,
        stored: step.action === 'Deleted' ? step.previous : file.store(step, step.previous),
      };
    });
    for (const { stored, action } of told) file.tell(stored as Stored, action);
    file.changed();
  }
}
