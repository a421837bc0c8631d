import type { QuarantineReason } from '../../../events/quarantine.ts';
import type { FieldValue } from '../../../events/reading.ts';

export interface Said {
  readonly timeUs: number | null;
  readonly fields: Record<string, FieldValue>;
}

/**
 * What a payload of the kinds that the simulation sends says, reading by reading: an object, an array of objects, or
 * under `{field}` a bare value.
 */
export function payloadOf(payload: Uint8Array, field: string | undefined): readonly (Said | QuarantineReason)[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    return ['bad-text'];
  }
  if (field !== undefined) return [bareValue(text.trim(), field)];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return ['not-json'];
  }
  if (!Array.isArray(value)) return [objectOf(value)];
  return value.length > 0 ? value.map(objectOf) : ['no-fields'];
}

function objectOf(value: unknown): Said | QuarantineReason {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'wrong-shape';
  const { time, ...rest } = value as Record<string, unknown>;
  const timeUs = time === undefined ? null : timeOf(time as string | number);
  const fields: Record<string, FieldValue> = {};
  const problem = flatten('', rest, fields);
  if (problem !== null) return problem;
  return Object.keys(fields).length === 0 ? 'no-fields' : { timeUs, fields };
}

function bareValue(text: string, field: string): Said | QuarantineReason {
  if (text === '') return 'no-fields';
  if (/nan|inf/i.test(text)) return 'not-finite';
  if (/^[{[]/.test(text) && isJson(text)) return 'wrong-shape';
  const value = text === 'true' ? true : text === 'false' ? false : Number.isNaN(Number(text)) ? text : Number(text);
  return { timeUs: null, fields: { [field]: value } };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function flatten(prefix: string, object: object, fields: Record<string, FieldValue>): QuarantineReason | null {
  for (const [name, value] of Object.entries(object) as [string, unknown][]) {
    if (value === null) continue;
    if (Array.isArray(value)) return 'wrong-shape';
    if (typeof value === 'object') {
      const problem = flatten(`${prefix}${name}.`, value, fields);
      if (problem !== null) return problem;
    } else if (typeof value === 'number' && !Number.isFinite(value)) return 'not-finite';
    else fields[prefix + name] = value as FieldValue;
  }
  return null;
}

/** ISO 8601 with milliseconds at most, or an epoch number by its magnitude. */
function timeOf(time: string | number): number {
  if (typeof time === 'string') return Date.parse(time) * 1e3;
  const toUs = time < 1e11 ? 1e6 : time < 1e14 ? 1e3 : 1;
  return Math.round(time * toUs);
}
