import { amount, choice, decimal, ref, text } from '../field.js';
import { defineKind } from '../kind.js';

export const item = defineKind({
  kind: 'item',
  nature: 'reference',
  says: 'Something sold or bought.',
  groups: {
    naming: {
      code: text(100),
      name: text(100, { required: true }),
      description: text(4000),
      type: choice(['service', 'non_inventory', 'inventory', 'bundle']),
    },
    sales: { salePrice: amount(), saleAccount: ref('account'), saleTaxRate: ref('tax_rate') },
    purchases: {
      purchaseCost: amount(),
      purchaseAccount: ref('account'),
      purchaseTaxRate: ref('tax_rate'),
      purchaseDescription: text(4000),
    },
  },
  computed: { quantityOnHand: decimal() },
  naturalKeys: [['code'], ['name']],
});
