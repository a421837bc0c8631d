import type { FieldValue } from '../../../events/reading.ts';
import type { ProcessingConfig, TransformConfig } from '../../../infra/config/schema.ts';
import { livesOf } from './lives.ts';
import type { Moment } from './log-time.ts';
import type { Fate, Fates } from './readings.ts';
import { msToUs } from './story.ts';

/** What a transform kept of a device, in the order of the log. */
interface Kept {
  readonly key: string;
  readonly timeUs: number;
  readonly value: FieldValue | undefined;
}

type Fields = Record<string, FieldValue>;

/** Slots of event time that sampling remembers per device. */
const slotsMax = 16;

/** In arithmetic a boolean is 1 or 0, a text is no number. */
const numberOf = (value: FieldValue) => (typeof value === 'string' ? Number.NaN : Number(value));

/** The expressions that the simulation uses, by hand; undefined: a field is missing, NaN: not a finite number. */
const computed: Readonly<Record<string, (fields: Fields) => number | undefined>> = {
  'pressure * 2 + 1': ({ pressure }) => (pressure === undefined ? undefined : numberOf(pressure) * 2 + 1),
  'temperature - limit': ({ temperature, limit }) =>
    temperature === undefined || limit === undefined ? undefined : numberOf(temperature) - numberOf(limit),
  'pressure / (pressure - pressure)': ({ pressure }) => (pressure === undefined ? undefined : Number.NaN),
};

/**
 * Readings as the configured transforms leave them; those with nothing left are filtered. Unchanged transforms remember
 * what they kept, devices that are forgotten are forgotten here, too.
 */
export function transformed(
  moments: readonly Moment[],
  configs: readonly ProcessingConfig[],
  { fates, forgettings }: Fates,
): Fates {
  const lives = livesOf(moments, configs, ({ transforms }) => transforms).map((life) => ({
    transform: life.part,
    moments: new Set(life.moments),
    kept: [] as Kept[],
  }));
  const fatesAt = Map.groupBy(fates, ({ at }) => at);
  const left: Fate[] = [];
  for (const at of moments) {
    const names = configs[at.config]!.transforms.map(({ name }) => name);
    const inForce = lives
      .filter((life) => life.moments.has(at))
      .toSorted((a, b) => names.indexOf(a.transform.name) - names.indexOf(b.transform.name));
    for (const { key } of forgettings.filter((one) => one.at === at))
      for (const life of inForce) life.kept = life.kept.filter((one) => one.key !== key);
    for (const fate of fatesAt.get(at) ?? [])
      left.push(fate.kind === 'reading' ? through(inForce, fate, configs[at.config]!) : fate);
  }
  return { fates: left, forgettings };
}

interface InForce {
  readonly transform: TransformConfig;
  readonly kept: Kept[];
}

function through(inForce: readonly InForce[], fate: Fate, { tables }: ProcessingConfig): Fate {
  let { fields, tags }: { fields: Fields; tags: Fate['tags'] } = fate;
  const brought = inForce.flatMap(({ transform }) => (transform.enrich === undefined ? [] : (transform.fields ?? [])));
  for (const { transform, kept } of inForce) {
    const { where, enrich } = transform;
    const concerned = Object.entries(where).every(
      ([name, value]) => (name === 'device' ? fate.device : tags[name]) === value,
    );
    if (!concerned) continue;
    if (enrich !== undefined) {
      const row = tables.find(({ name }) => name === enrich)!.rows.find(({ device }) => device === fate.device);
      const cells = (names: readonly string[] = []) =>
        names.flatMap((name) => (row?.[name] === undefined ? [] : [[name, row[name]] as const]));
      fields = { ...fields, ...Object.fromEntries(cells(transform.fields)) };
      tags = { ...tags, ...Object.fromEntries(cells(transform.tags).map(([name, cell]) => [name, String(cell)])) };
      continue;
    }
    const after = apply(transform, kept, fate, fields);
    const isLess = after !== null && Object.keys(fields).some((name) => !Object.hasOwn(after, name));
    if (after === null || (isLess && Object.keys(after).every((name) => brought.includes(name))))
      return { ...fate, kind: 'filtered', filteredBy: transform.name };
    fields = after;
  }
  return { ...fate, fields, tags };
}

/** The fields after one transform; null: the reading is filtered. */
function apply(transform: TransformConfig, kept: Kept[], { key, timeUs }: Fate, fields: Fields): Fields | null {
  const {
    field = '',
    drop,
    range,
    deadband,
    every,
    sample,
    set,
    expression,
    convert,
    scale = 1,
    offset = 0,
  } = transform;
  const own = kept.filter((one) => one.key === key);
  const value = fields[field];
  if (drop !== undefined) return without(fields, drop);
  if (range !== undefined)
    return typeof value === 'number' && (value < range[0] || value > range[1]) ? without(fields, [field]) : fields;
  if (sample !== undefined) {
    const slotOf = (us: number) => Math.floor(us / msToUs(sample));
    if (own.slice(-slotsMax).some((one) => slotOf(one.timeUs) === slotOf(timeUs))) return null;
    kept.push({ key: key!, timeUs, value: undefined });
    return fields;
  }
  if (deadband !== undefined) {
    const last = own.at(-1);
    if (value === undefined || (last !== undefined && timeUs < last.timeUs)) return fields;
    const isSame =
      typeof value === 'number' && typeof last?.value === 'number'
        ? Math.abs(value - last.value) <= deadband
        : value === last?.value;
    if (last !== undefined && isSame && (every === undefined || timeUs - last.timeUs < msToUs(every)))
      return without(fields, [field]);
    kept.push({ key: key!, timeUs, value });
    return fields;
  }
  if (set !== undefined) {
    const result = computed[expression!]!(fields);
    if (result === undefined) return fields;
    return Number.isNaN(result) ? without(fields, [set]) : { ...fields, [set]: result };
  }
  // The one conversion that the simulation uses: kPa to Pa.
  if (convert !== undefined) return typeof value === 'number' ? { ...fields, [field]: value * 1_000 } : fields;
  return typeof value === 'number' ? { ...fields, [field]: value * scale + offset } : fields;
}

function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
