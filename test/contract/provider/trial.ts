import type { Content, Existence, KindName, Ref } from '../../../src/domain/contract/index.js';
import type {
  FailureKind,
  Operation,
  ProviderDefinition,
  ProviderSettings,
  Sighting,
} from '../../../src/domain/provider/index.js';
import type { AbilityColumn } from './ability-table.js';
import type { Fault } from './faults.js';
import type { TrialClock } from './trial-clock.js';

/**
 * How one provider is put on trial: which stand-in answers in the vendor's place, how people work in its books, and
 * what is peculiar to it. Everything else the suite takes from the provider's own definition.
 */
export interface ProviderTrial {
  readonly definition: ProviderDefinition;
  /** What can be expected of the provider, from the fact sheets. */
  readonly abilities: AbilityColumn;
  /** The companies that the suite writes to, in words: as different as companies of this provider are. */
  readonly companies: readonly string[];
  /** What each fault means to a read and to a write here, or why the provider has no such fault. */
  readonly faults: Readonly<Record<Fault, FaultMeaning | Impossible>>;
  /** Formats of the provider's webhooks; none where it has none. */
  readonly webhookFormats: readonly string[];
  /** How the provider tells a natural key that is taken, for every kind that can be created and has one. */
  readonly namesakes: Readonly<Partial<Record<KindName, NamesakeHabit | Impossible>>>;
  /** Fields that the contract does not require and the provider does, by kind: they cannot be cleared. */
  readonly insists: Readonly<Partial<Record<KindName, readonly string[]>>>;
  /** Writes that one call can carry. */
  readonly batchSize: number;
  /** Why lines are other lines after every write that says them, where the provider gives them new ids. */
  readonly renamesLines?: string;
  start(clock: TrialClock): Promise<Stand>;
}

export interface Impossible {
  /** Why there is no such thing at this provider. */
  readonly never: string;
}

export interface FaultMeaning {
  readonly read: FailureKind;
  readonly write: FailureKind;
  /** Whether the write was carried out all the same. */
  readonly carriedOut: boolean;
}

export interface NamesakeHabit {
  /** Whether the key is the same whatever the case of its letters. */
  readonly anyCase: boolean;
  /** Whether records that are switched off are found by it. */
  readonly inactiveToo: boolean;
}

/** A stand-in that runs, with companies whose books nobody else works in. */
export interface Stand {
  readonly settings: ProviderSettings;
  /** In the order of the trial's descriptions. */
  readonly companies: readonly CompanyOnTrial[];
  /** A company with a past: more records of some kind than a page holds, and some that were ended. */
  readonly past: CompanyOnTrial;
  /** One more, whose consent may be withdrawn. */
  readonly spare: CompanyOnTrial;
  /** Present where the provider has webhooks. */
  readonly webhooks?: WebhookSender;
  /** What a person fills into the page that asks for consent, the pressed button included. */
  consentTo(company: CompanyOnTrial): Readonly<Record<string, string>>;
  /** Puts a fault in the way of every call to a company, until calmed. */
  provoke(fault: Fault, company: CompanyOnTrial): Promise<void>;
  calm(): Promise<void>;
  close(): Promise<void>;
}

export interface CompanyOnTrial {
  /** The provider's id of the company. */
  readonly id: string;
  readonly accountant: Accountant;
  /**
   * Made-up contents that this company's rules take, with references to records that are there. What the provider's
   * preflight complains about is left out by the suite. None where the company cannot have such a record.
   */
  contents(wanted: WantedContents): Promise<readonly Content[]>;
  /**
   * Writes that only the provider itself knows to be wrong, and how it refuses them; at least one replacement of each kind
   * that is replaced.
   */
  refusals(): Promise<readonly Refusal[]>;
}

export interface WantedContents {
  readonly kind: KindName;
  readonly facet: string | undefined;
  readonly count: number;
  /** From which all that is made up follows. */
  readonly seed: number;
  /** The contract paths that can be read and written for this company. */
  readonly carries: ReadonlySet<string>;
  readonly features: Readonly<Record<string, string>>;
  /** The records that these contents are to be written over, one each, where they are for updates. */
  readonly over?: readonly Sighting[];
}

export interface Refusal {
  /** A sentence that ends with what is refused, such as `a name that is taken`. */
  readonly says: string;
  readonly kind: KindName;
  readonly facet?: string;
  readonly operation: Operation;
  readonly content: Content;
  /** The record that is written over. */
  readonly target?: Ref;
  readonly failure: {
    readonly is: FailureKind;
    readonly message: RegExp;
    readonly field?: RegExp;
    readonly candidates?: readonly string[];
  };
}

/** A record as the provider's own books hold it. */
export interface Entry {
  /** As the contract's refs name it. */
  readonly id: string;
  readonly existence: Existence;
  /** The provider's version. */
  readonly version: string;
  /** All that the provider keeps of it, but for what only tells that it was touched. */
  readonly record: unknown;
}

/** Somebody who works in the books without us: through the vendor's own API or the stand-in's controls. */
export interface Accountant {
  /** Kinds of which a person can enter records. */
  readonly enters: readonly KindName[];
  /** Enters a record, of any content; answers its id. */
  enter(kind: KindName, facet?: string): Promise<string>;
  /** Changes what the contract knows of a record; false where nobody can. */
  edit(ref: Ref): Promise<boolean>;
  /** Ends a record; false where nobody can end such a record this way. */
  end(ref: Ref, existence: 'archived' | 'voided' | 'deleted'): Promise<boolean>;
  /** All records of a kind that are not deleted. */
  all(kind: KindName): Promise<readonly Entry[]>;
  /** Sets what the contract does not know of a record, lines included; false where there is no such thing. */
  addUnknown(ref: Ref): Promise<boolean>;
  /** What {@link Accountant.addUnknown} set, as it stands in the books now. */
  unknownOf(ref: Ref): Promise<unknown>;
  /** Merges two new records; absent where nobody can. */
  merge?(kind: KindName): Promise<{ readonly winner: string; readonly loser: string } | undefined>;
}

export interface WebhookSender {
  /** The secret that deliveries are signed with. */
  readonly secret: string;
  /** Delivers to this address and in this format from now on. */
  sendTo(url: string, format: string): Promise<void>;
  /** Delivers what has happened, and waits for it. */
  flush(): Promise<void>;
  /** Delivers an event about a record that is signed with another secret. */
  forge(company: string, ref: Ref): Promise<void>;
}
