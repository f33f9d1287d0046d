import { finding, wireObjects, type Row, type WireObject } from '../../../../domain/provider/mapping/index.js';
import type { Content, Ref } from '../../../../domain/contract/index.js';
import type { XeroCompany } from '../xero.features.js';
import { textAt } from '../xero.wire.js';

/**
 * Tracking on a line (sheet 3.1): at most two, each one option of a category. Options are named by both ids: names are
 * people's to change, and quotes take the id only. In lists the option's id may be missing; then the reading completes it.
 */

/** Our id of an option: that of its category stands before its own. */
export const optionId = (category: string, option: string): string => `${category}:${option}`;

const GUID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
const OPTION_ID = new RegExp(`^(${GUID}):(${GUID})$`);

export const optionOf = (id: string): { readonly category: string; readonly option: string } | undefined => {
  const [, category, option] = OPTION_ID.exec(id) ?? [];
  return category === undefined || option === undefined ? undefined : { category, option };
};

const MOST = 2;

const idOf = (wire: WireObject): string | undefined => {
  const [category, option] = [textAt(wire, 'TrackingCategoryID'), textAt(wire, 'TrackingOptionID')];
  return category === undefined || option === undefined ? undefined : optionId(category, option);
};

export const tracking: Row<Content[], XeroCompany> = {
  read: (line) => {
    const values = wireObjects(line.Tracking).flatMap((wire) => {
      const [id, dimension] = [idOf(wire), textAt(wire, 'Name')];
      return id === undefined || dimension === undefined
        ? []
        : [{ dimension, category: { kind: 'tracking_category' as const, id } }];
    });
    return values.length === 0 ? undefined : values;
  },
  write: (value, change) => {
    const before = wireObjects(change.at('Tracking'));
    const said = (value ?? []).map(({ dimension, category }): WireObject => {
      const { id } = category as Ref;
      const old = before.find((wire) => idOf(wire) === id);
      if (old) return old;
      const parts = optionOf(id);
      if (!parts) throw new Error(`${id} is no id of a tracking option`);
      return {
        Name: dimension as string,
        TrackingCategoryID: parts.category,
        TrackingOptionID: parts.option,
      };
    });
    if (said.length > 0 || before.length > 0) change.set('Tracking', said);
  },
  carries: () => ['', 'dimension', 'category'],
  refuses: (values) => [
    ...(values.length > MOST ? [finding('max_items', `must be at most ${MOST}`)] : []),
    ...values.flatMap(({ category }, index) =>
      optionOf((category as Ref).id) ? [] : [finding('reference', 'must be an option of Xero', `[${index}].category`)],
    ),
  ],
};
