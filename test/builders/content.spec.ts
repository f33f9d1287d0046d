import fc from 'fast-check';
import { incomplete, KIND_NAMES, malformed } from '../../src/domain/contract/index.js';
import { contentOf } from './content.js';

describe('made-up contents', () => {
  it.each(KIND_NAMES)('are whole records of %s that the contract accepts', (kind) => {
    fc.assert(
      fc.property(contentOf(kind), (content) => {
        expect(malformed(kind, content)).toEqual([]);
        expect(incomplete(kind, content)).toEqual([]);
      }),
      { numRuns: Number(process.env.FC_RUNS ?? 100) },
    );
  });
});
