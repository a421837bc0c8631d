import { decode } from 'cborg';
import { compileTemplate } from '../../events/topics.ts';
import type { TopicOf } from '../../infra/config/topic-schema.ts';
import type { DecodedPayload } from '../step.ts';
import { cborDepthProblem } from './cbor-shape.ts';
import type { Decoder } from './decoder.ts';
import type { FieldNames } from './field-names.ts';
import { tooMany, type ReadingLimits } from './json-object.ts';
import { parseJson } from './json-text.ts';
import { ReadingFields } from './reading-fields.ts';
import { refuse, type Refusal } from './refusal.ts';
import { resolvePack, type ResolvedRecord, type SenmlRecord } from './senml-pack.ts';
import { decodeUtf8 } from './text.ts';

/**
 * SenML (RFC 8428) in JSON or CBOR. Records of one device and time are one reading. The device is the base name without the
 * separator at its end, the field the record's own name. A record with only one of the two is a field of the topic's
 * device; where the topic has none the name is the device, its field what stands behind the last slash, else `value`.
 * With `baseName: field` the whole name is the field. A sum is the field `<field>.sum`. Units are not kept, except where
 * they alone tell records apart: `<field>.<unit>`, for units other than the base unit.
 */
export function senml(topic: TopicOf<'senml-json' | 'senml-cbor'>, limits: ReadingLimits, names: FieldNames): Decoder {
  const hasDevice = compileTemplate(topic).levels.some(({ name }) => name === 'device');
  const read = topic.format === 'senml-json' ? readJson : readCbor;
  const place = (record: ResolvedRecord): Place =>
    topic.baseName === 'field' ? { field: record.baseName + record.name } : placeOf(record, hasDevice);

  return ({ payload, receivedAtUs }) => {
    const pack = read(payload);
    if ('reason' in pack) return pack;
    const problem = tooMany(pack.length, limits);
    if (problem !== null) return problem;
    const records = resolvePack(pack, receivedAtUs);
    if ('reason' in records) return records;
    if (records.length === 0) return refuse('malformed', 'the pack has no record with a value');
    const readings = group(records, place, limits, names);
    return readings.length === 1 ? readings[0]! : readings;
  };
}

interface Place {
  /** Absent: the topic's. */
  readonly device?: string;
  readonly field: string;
}

function placeOf({ baseName, name }: ResolvedRecord, hasDevice: boolean): Place {
  if (baseName !== '' && name !== '') return { device: baseName.replace(/[:/_.-]+$/, '') || baseName, field: name };
  const only = baseName + name;
  if (hasDevice) return { field: only };
  const slash = only.lastIndexOf('/');
  const isPath = slash > 0 && slash < only.length - 1;
  return isPath ? { device: only.slice(0, slash), field: only.slice(slash + 1) } : { device: only, field: 'value' };
}

/** Records of one device and time as one reading each, in the order of their first records. */
function group(
  records: readonly ResolvedRecord[],
  place: (record: ResolvedRecord) => Place,
  limits: ReadingLimits,
  names: FieldNames,
): (DecodedPayload | Refusal)[] {
  interface Group {
    readonly fields: ReadingFields;
    readonly device: string | undefined;
    readonly timeUs: number | null;
    problem: Refusal | null;
  }
  const groups = new Map<string, Group>();
  const placed = records.map((record) => ({ ...record, ...place(record) }));
  const units = unitsOf(placed);
  for (const record of placed) {
    const { device, timeUs, value, sum } = record;
    const isOneUnit = record.isBaseUnit || record.unit === '' || units.get(idOf(record))!.size === 1;
    const field = isOneUnit ? record.field : `${record.field}.${record.unit}`;
    const id = `${timeUs ?? ''} ${device ?? ''}`;
    let found = groups.get(id);
    if (found === undefined) {
      found = { fields: new ReadingFields(limits, names), device, timeUs, problem: null };
      groups.set(id, found);
    }
    if (value !== null) found.problem ??= found.fields.add(field, value);
    if (sum !== null) found.problem ??= found.fields.add(`${field}.sum`, sum);
  }
  return [...groups.values()].map(
    ({ fields, device, timeUs, problem }) => problem ?? fields.reading(timeUs, device === undefined ? {} : { device }),
  );
}

/** The units that each field of each device has in a pack. */
function unitsOf(records: readonly (ResolvedRecord & Place)[]): ReadonlyMap<string, ReadonlySet<string>> {
  const units = new Map<string, Set<string>>();
  for (const record of records) {
    const id = idOf(record);
    const known = units.get(id);
    if (known === undefined) units.set(id, new Set([record.unit]));
    else known.add(record.unit);
  }
  return units;
}

function idOf({ device, field }: Place): string {
  return `${device ?? ''}\0${field}`;
}

function readJson(payload: Uint8Array): SenmlRecord[] | Refusal {
  const text = decodeUtf8(payload);
  if (text === null) return refuse('bad-text', 'the payload is not valid UTF-8');
  const parsed = parseJson(text);
  return 'reason' in parsed ? parsed : recordsOf(parsed.value);
}

/** Numbers that stand for labels in CBOR (RFC 8428, table 4). */
const cborLabels: ReadonlyMap<unknown, string> = new Map([
  [-1, 'bver'],
  [-2, 'bn'],
  [-3, 'bt'],
  [-4, 'bu'],
  [-5, 'bv'],
  [-6, 'bs'],
  [0, 'n'],
  [1, 'u'],
  [2, 'v'],
  [3, 'vs'],
  [4, 'vb'],
  [5, 's'],
  [6, 't'],
  [7, 'ut'],
  [8, 'vd'],
]);

/** Decimal fractions and bigfloats (RFC 8949, section 3.4.4) become doubles. */
const tags = {
  4: (content: () => unknown) => scaled(content(), 10),
  5: (content: () => unknown) => scaled(content(), 2),
};

function scaled(content: unknown, base: number): number {
  const [exponent, mantissa] = Array.isArray(content) ? content.map(Number) : [];
  // As text a decimal is read exactly: 235e-1 is 23.5.
  return base === 10 ? Number(`${mantissa}e${exponent}`) : Number(mantissa) * 2 ** Number(exponent);
}

function readCbor(payload: Uint8Array): SenmlRecord[] | Refusal {
  const tooDeep = cborDepthProblem(payload);
  if (tooDeep !== null) return refuse('too-deep', tooDeep);
  let value: unknown;
  try {
    value = decode(payload, { useMaps: true, rejectDuplicateMapKeys: true, tags });
  } catch (error) {
    return refuse('malformed', `the payload is not valid CBOR: ${(error as Error).message.slice(0, 160)}`);
  }
  if (!Array.isArray(value)) return recordsOf(value);
  return recordsOf(value.map((record) => (record instanceof Map ? labelled(record) : record)));
}

function labelled(record: ReadonlyMap<unknown, unknown>): SenmlRecord {
  const named: Record<string, unknown> = {};
  for (const [key, value] of record) {
    const label = cborLabels.get(key) ?? (typeof key === 'string' ? key : null);
    // Numbers of labels that are registered later are ignored, as other labels that are not known.
    if (label === null || label === '__proto__') continue;
    if (typeof value === 'bigint') named[label] = Number(value);
    else named[label] = value instanceof Uint8Array ? Buffer.from(value).toString('base64url') : value;
  }
  return named;
}

function recordsOf(value: unknown): SenmlRecord[] | Refusal {
  if (!Array.isArray(value)) return refuse('malformed', 'a SenML pack is an array of records');
  if (value.length === 0) return refuse('malformed', 'the pack is empty');
  const odd = value.findIndex(
    (one) => typeof one !== 'object' || one === null || Array.isArray(one) || one instanceof Map,
  );
  return odd < 0 ? (value as SenmlRecord[]) : refuse('malformed', `record ${odd + 1} is not a map`);
}
