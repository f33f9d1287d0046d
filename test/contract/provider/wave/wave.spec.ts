import { describeProvider } from '../describe-provider.js';
import { waveTrial } from './wave.trial.js';

describeProvider(waveTrial);
