import { describeProvider } from '../contract/provider/describe-provider.js';
import { AWKWARD, PLAIN } from './traits.js';
import { toyTrial } from './trial/toy.trial.js';

describe('a provider with every awkward trait', () => describeProvider(toyTrial(AWKWARD)));

describe('a provider with none', () => describeProvider(toyTrial(PLAIN)));
