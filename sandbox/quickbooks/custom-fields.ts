import type { Draft } from './rules.ts';
import { choice, group, list, text } from './shape.ts';

export const customFields = list(
  group({ DefinitionId: text(50), Name: text(100), Type: choice('StringType'), StringValue: text(31) }),
  3,
);

/** Values of the classic custom fields; every defined field is listed, filled in or not (sheet 3.0). */
export function settleCustomFields(draft: Draft, definitions: unknown): void {
  const { object } = draft;
  const given = (object.CustomField ?? []) as { DefinitionId?: string; StringValue?: string }[];
  object.CustomField = customFieldNames(definitions).map(({ id, name }) => {
    const value = given.find((field) => field.DefinitionId === id)?.StringValue;
    return { DefinitionId: id, Name: name, Type: 'StringType', ...(value !== undefined && { StringValue: value }) };
  });
}

interface Definition {
  CustomField?: { Name: string; Type: string; StringValue?: string; BooleanValue?: boolean }[];
}

function customFieldNames(definitions: unknown): { id: string; name: string }[] {
  const entries = ((definitions ?? []) as Definition[]).flatMap((each) => each.CustomField ?? []);
  return entries
    .filter((entry) => entry.Type === 'StringType' && entry.StringValue !== undefined)
    .map((entry) => ({ id: entry.Name.slice(-1), name: String(entry.StringValue) }));
}
