import { PROVIDERS } from '../../../src/modules/providers/providers.js';
import { ABILITIES } from './ability-table.js';
import { describeProvider } from './describe-provider.js';
import { TRIALS } from './trials.js';

it('every provider is put on trial, under its own name', () => {
  expect(PROVIDERS.filter(({ name }) => TRIALS[name]?.definition.name !== name)).toEqual([]);
  expect(PROVIDERS.filter(({ name }) => TRIALS[name]?.abilities !== ABILITIES[name])).toEqual([]);
});

for (const { name } of PROVIDERS) {
  const trial = TRIALS[name];
  if (trial) describeProvider(trial);
}
