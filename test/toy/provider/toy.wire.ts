import { isWireObject, parseWire, type Wire, type WireObject } from '../../../src/domain/provider/mapping/index.js';

/** JSON, or undefined where it is none. */
export const parsed = (text: string): Wire | undefined => {
  try {
    return parseWire(text);
  } catch {
    return undefined;
  }
};

export const textIn = (from: WireObject, member: string): string | undefined => {
  const wire = from[member];
  return typeof wire === 'string' && wire !== '' ? wire : undefined;
};

export const rowsIn = (from: WireObject, member: string): readonly WireObject[] | undefined => {
  const wire = from[member];
  return Array.isArray(wire) && wire.every(isWireObject) ? wire : undefined;
};
