import { choice, flag, list, percent, text } from '../field.js';
import { defineKind } from '../kind.js';

export const taxRate = defineKind({
  kind: 'tax_rate',
  nature: 'reference',
  says: 'What a line names to be taxed by: one rate or several added together.',
  groups: {
    naming: { name: text(100, { required: true }), code: text(50) },
    rate: {
      rate: percent(),
      components: list({ name: text(100, { required: true }), rate: percent({ required: true }), compound: flag() }),
      agency: text(100),
      appliesTo: choice(['sales', 'purchases', 'both']),
    },
  },
  naturalKeys: [['name']],
});
