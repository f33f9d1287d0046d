import { at, computed, finding, text, uncarried, type Row } from '../../../../domain/provider/mapping/index.js';
import type { XeroCompany } from '../xero.features.js';
import { NO_CUSTOM_FIELDS } from './document.js';
import { mapping } from './words.js';

/**
 * An option of a tracking category (sheet 3.7); the category is its dimension. The two are read as one record:
 *
 *     { TrackingCategoryID, Dimension, CategoryStatus, TrackingOptionID, Name, Status }
 */
const dimension: Row<string, XeroCompany> = {
  ...computed(at('Dimension', text())),
  // Which category an option belongs to is said by where it is sent to.
  write: (value, change) => {
    if (!change.before && value !== null) change.set('Dimension', value);
  },
  carries: () => [''],
  refuses: (value, before, { dimensions }) => {
    if (before) return before.Dimension === value ? [] : [finding('immutable', 'must stay what it is')];
    return dimensions.has(value)
      ? []
      : [finding('not_held', 'must be a tracking category that stands in Xero, of which two can be in use')];
  },
};

export const trackingCategory = mapping('tracking_category', {
  dimension,
  name: at('Name', text({ max: 100 })),
  parent: uncarried('Xero keeps the options of a category in one flat list.'),

  custom: NO_CUSTOM_FIELDS,
});
