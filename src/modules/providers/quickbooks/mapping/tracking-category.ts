import { constant } from '../../../../domain/provider/mapping/index.js';
import { NO_CUSTOM_FIELDS } from './document.js';
import { mapping, markedName, name, parentIn } from './words.js';

/** Class and Department, sheet 3.5: two dimensions with ids of their own. */
const value = (dimension: 'class' | 'department', list: 'Class' | 'Department') =>
  mapping('tracking_category', {
    dimension: constant(dimension, 'must be class or department, and stay what it is'),
    name: markedName('Name', name(100)),
    parent: parentIn(list === 'Class' ? 'SubClass' : 'SubDepartment', 'tracking_category', list),

    custom: NO_CUSTOM_FIELDS,
  });

export const classValue = value('class', 'Class');
export const departmentValue = value('department', 'Department');
