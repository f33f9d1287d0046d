import { KIND_NAMES, type KindName } from '../../domain/contract/index.js';
import { isAbsent, type ProviderDefinition } from '../../domain/provider/index.js';
import type { Capability, Provider } from './provider.types.js';

/** What a provider can do for a company with these features; none: what every company can. */
export const capabilitiesOf = (
  { kinds }: ProviderDefinition,
  features: Readonly<Record<string, string>>,
): readonly Capability[] => KIND_NAMES.map((kind) => capabilityOf(kind, kinds[kind], features));

const capabilityOf = (
  kind: KindName,
  ability: ProviderDefinition['kinds'][KindName],
  features: Readonly<Record<string, string>>,
): Capability =>
  isAbsent(ability)
    ? {
        ...{ kind, absent: ability.absent, operations: [], impossible: [], noticedBy: 'none', states: null },
        ...{ cards: [], carries: [], decides: [], unreadable: null, guardsVersions: false, lookUp: '' },
      }
    : {
        kind,
        absent: null,
        operations: ability.operations,
        impossible: Object.entries(ability.impossible).map(([what, why]) => ({ what, why })),
        noticedBy: ability.noticedBy,
        states: ability.states ?? null,
        cards: (ability.facets ?? []).map(({ name }) => name),
        carries: [...ability.carries(features)].sort(),
        decides: ability.decides,
        unreadable: ability.unreadable ?? null,
        guardsVersions: ability.guardsVersions,
        lookUp: ability.recovery.lookUp,
      };

export const providerOf = (definition: ProviderDefinition, setUp: boolean): Provider => ({
  name: definition.name,
  title: definition.title,
  setUp,
  webhooks: definition.webhook !== undefined,
  streams: definition.streams.map(({ name, kinds, everyMs, says }) => ({
    ...{ name, kinds, everySeconds: Math.round(everyMs / 1000), why: says },
  })),
  capabilities: capabilitiesOf(definition, {}),
});
