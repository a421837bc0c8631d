import type { FieldValue } from '../../events/reading.ts';
import { nameCharsMax } from './field-names.ts';
import { quote, refuse, type Refusal } from './refusal.ts';

/** A record of a SenML pack with the labels of its JSON form, whatever form it came in. Of no type yet. */
export type SenmlRecord = Readonly<Record<string, unknown>>;

/** A record with what base fields say added (RFC 8428, section 4.6). */
export interface ResolvedRecord {
  readonly baseName: string;
  /** Without the base name. */
  readonly name: string;
  /** Us; null where neither record nor base has a time: it is that of the arrival. */
  readonly timeUs: number | null;
  /** Null where there is a sum only. */
  readonly value: FieldValue | null;
  readonly sum: number | null;
  /** Empty where neither record nor base has one. */
  readonly unit: string;
  /** Its unit is that of the base. */
  readonly isBaseUnit: boolean;
}

/** Greatest version of SenML that is understood (RFC 8428, section 4.4). */
const versionMax = 10;
/** Times below are relative to the arrival, s (RFC 8428, section 4.5.3). */
const absoluteFromS = 2 ** 28;

const numberLabels = ['bt', 'bv', 'bs', 'bver', 'v', 's', 't', 'ut'];
const textLabels = ['bn', 'bu', 'n', 'u', 'vs', 'vd'];
const baseLabels = new Set(['bn', 'bt', 'bu', 'bv', 'bs', 'bver']);
const values = ['v', 'vs', 'vb', 'vd'] as const;

/** The records of a pack, each resolved; or what is wrong with the pack. Labels that are not known are ignored. */
export function resolvePack(pack: readonly SenmlRecord[], receivedAtUs: number): ResolvedRecord[] | Refusal {
  const resolved: ResolvedRecord[] = [];
  let baseName = '';
  let baseUnit = '';
  let baseTime: number | null = null;
  let baseValue: number | null = null;
  let baseSum: number | null = null;
  for (const [i, record] of pack.entries()) {
    const fault = recordProblem(record);
    if (fault !== null) return { ...fault, detail: `record ${i + 1}: ${fault.detail}` };
    const text = (label: string) => record[label] as string | undefined;
    const number = (label: string) => record[label] as number | undefined;
    baseName = text('bn') ?? baseName;
    baseUnit = text('bu') ?? baseUnit;
    baseTime = number('bt') ?? baseTime;
    baseValue = number('bv') ?? baseValue;
    baseSum = number('bs') ?? baseSum;
    if (Object.keys(record).every((label) => baseLabels.has(label))) continue;
    const name = text('n') ?? '';
    if (baseName + name === '') return refuse('malformed', `record ${i + 1} has no name`);
    if (baseName.length + name.length > nameCharsMax)
      return refuse('bad-key', `record ${i + 1}: a name of more than ${nameCharsMax} characters`);
    const label = values.find((one) => record[one] !== undefined);
    const sum = number('s') ?? (label === undefined ? baseSum : null);
    const isNumber = label === 'v' || (label === undefined && baseValue !== null && record['s'] === undefined);
    const value = isNumber
      ? (number('v') ?? 0) + (baseValue ?? 0)
      : ((record[label ?? ''] ?? null) as FieldValue | null);
    if (value === null && sum === null)
      return refuse('malformed', `record ${i + 1} (${quote(name)}) has no value and no sum`);
    const time = number('t');
    resolved.push({
      baseName,
      name,
      timeUs: time === undefined && baseTime === null ? null : absolute((baseTime ?? 0) + (time ?? 0), receivedAtUs),
      value,
      unit: text('u') ?? baseUnit,
      isBaseUnit: (text('u') ?? baseUnit) === baseUnit,
      sum: sum === null ? null : sum + (number('s') === undefined ? 0 : (baseSum ?? 0)),
    });
  }
  return resolved;
}

/** Null where it says the very time of the arrival. */
function absolute(seconds: number, receivedAtUs: number): number | null {
  if (seconds === 0) return null;
  return Math.round(seconds * 1e6) + (seconds < absoluteFromS ? receivedAtUs : 0);
}

function recordProblem(record: SenmlRecord): Refusal | null {
  for (const label of Object.keys(record)) {
    const value = record[label];
    if (numberLabels.includes(label) && typeof value !== 'number')
      return refuse('malformed', `${quote(label)} is no number`);
    if (numberLabels.includes(label) && !Number.isFinite(value))
      return refuse('not-finite', `${quote(label)} is not finite`);
    if (textLabels.includes(label) && typeof value !== 'string')
      return refuse('malformed', `${quote(label)} is no text`);
    if (label === 'vb' && typeof value !== 'boolean') return refuse('malformed', '"vb" is neither true nor false');
    if (label.endsWith('_')) return refuse('malformed', `${quote(label)} must be understood, and is not known`);
  }
  if ([record['u'], record['bu']].some((unit) => typeof unit === 'string' && unit.length > nameCharsMax))
    return refuse('bad-key', `a unit of more than ${nameCharsMax} characters`);
  const version = record['bver'];
  if (typeof version === 'number' && version > versionMax)
    return refuse('malformed', `version ${version} of SenML, ${versionMax} is the greatest that is known`);
  const said = values.filter((label) => record[label] !== undefined);
  return said.length > 1 ? refuse('malformed', `has several values: ${said.join(', ')}`) : null;
}
