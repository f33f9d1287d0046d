import type { Company } from './company.ts';
import type { ChangeOperation, CompanyEvent, Entity, Hidden, User } from './entity.ts';
import type { EntityRules } from './rules.ts';
import type { Stored } from './collection.ts';

interface Step {
  rules: EntityRules;
  previous: Stored | undefined;
  object: Entity;
  hidden: Hidden;
  operation: ChangeOperation | 'silent';
  /** The object goes for good; a deactivation is told as Delete too, but the object stays. */
  removes: boolean;
  /** Whether webhooks tell of this step by itself. */
  announced: boolean;
}

/**
 * One unit of work: objects are copied into it, changed, and all stored together by `commit`. A rule that throws on the
 * way leaves the company as it was.
 */
export class Work {
  readonly company: Company;
  private readonly user: User;
  private readonly steps = new Map<string, Step>();
  private readonly extraEvents: Omit<CompanyEvent, 'realm' | 'at'>[] = [];

  constructor(company: Company, user: User) {
    this.company = company;
    this.user = user;
  }

  /** The object as this work would leave it; undefined when it does not exist or is being deleted. */
  peek(entity: string, id: string): Entity | undefined {
    const step = this.steps.get(`${entity}/${id}`);
    if (step) return step.removes ? undefined : step.object;
    return this.company.find(entity, id)?.object;
  }

  peekHidden(entity: string, id: string): Hidden | undefined {
    return this.steps.get(`${entity}/${id}`)?.hidden ?? this.company.find(entity, id)?.hidden;
  }

  /**
   * A copy of a stored object to be changed. A `silent` change shows no new version: it is how computed names follow a
   * parent.
   */
  edit(entity: string, id: string, operation: ChangeOperation | 'silent' = 'Update'): Step {
    const known = this.steps.get(`${entity}/${id}`);
    if (known) {
      if (known.operation === 'silent') known.operation = operation;
      return known;
    }
    const previous = this.company.find(entity, id);
    if (!previous) throw new Error(`${entity} ${id} is edited but does not exist`);
    const step: Step = {
      rules: previous.rules,
      previous,
      object: { ...previous.object },
      hidden: { ...previous.hidden },
      operation,
      removes: false,
      announced: true,
    };
    this.steps.set(`${entity}/${id}`, step);
    return step;
  }

  /** Stores `object`, which has its id, when the work is committed. */
  save(
    rules: EntityRules,
    object: Entity,
    hidden: Hidden,
    previous: Stored | undefined,
    operation: ChangeOperation,
  ): void {
    const step: Step = { rules, previous, object, hidden, operation, removes: false, announced: true };
    this.steps.set(`${rules.name}/${object.Id}`, step);
  }

  delete(rules: EntityRules, previous: Stored, announced = true): void {
    const { object, hidden } = previous;
    const step: Step = { rules, previous, object, hidden, operation: 'Delete', removes: true, announced };
    this.steps.set(`${rules.name}/${object.Id}`, step);
  }

  announce(event: Omit<CompanyEvent, 'realm' | 'at'>): void {
    this.extraEvents.push(event);
  }

  commit(): void {
    const { company } = this;
    // Accounts first: what is posted looks for the account it belongs to.
    const isAccount = (step: Step) => step.rules.name === 'Account';
    const steps = [...this.steps.values()].sort((a, b) => Number(isAccount(b)) - Number(isAccount(a)));
    for (const step of steps) {
      if (step.removes && step.previous) company.remove(step.previous);
      else company.store(step.rules, step.object, step.hidden, step.previous, step.operation === 'silent', this.user);
    }
    company.publishBalances();
    for (const { rules, object, operation, announced } of this.steps.values()) {
      if (announced && operation !== 'silent') company.emit({ entity: rules.name, id: object.Id, operation });
    }
    for (const event of this.extraEvents) company.emit(event);
  }
}
