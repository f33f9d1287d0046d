import { ref, text } from '../field.js';
import { defineKind } from '../kind.js';

export const trackingCategory = defineKind({
  kind: 'tracking_category',
  nature: 'reference',
  says: 'One value of a dimension by which lines are tracked, such as a class, a department or a job.',
  groups: {
    naming: {
      dimension: text(100, { required: true }),
      name: text(100, { required: true }),
      parent: ref('tracking_category'),
    },
  },
  naturalKeys: [['dimension', 'name', 'parent']],
});
