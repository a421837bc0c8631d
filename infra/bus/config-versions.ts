import { createHash } from 'node:crypto';
import { encodeRecords } from '../../events/record-codec.ts';
import type { ControlRecord, StateChoice } from '../../events/record.ts';
import { buckets } from '../../events/subjects.ts';
import type { ProcessingConfig } from '../config/schema.ts';
import { MillraceError } from '../errors.ts';
import type { Bus } from './connection.ts';
import { openBucket, type Bucket } from './kv.ts';
import { createLogPublisher } from './log-publisher.ts';

/**
 * KV `config`: `version.<n>` the immutable versions (canonical JSON), `latest` their newest, `controls.<partition>` at
 * which positions of the log they came into force.
 */
interface Latest {
  readonly version: number;
  readonly hash: string;
  /** What its change does with state: an interrupted try is finished as it was begun. */
  readonly state?: StateChoice;
}

/** A control record of one partition. */
export interface ControlPosition {
  readonly version: number;
  readonly sequence: number;
}

/** Control positions kept per partition, newest last. */
const controlPositionsMax = 1_000;

/** A version's content. @throws LOG_UNAVAILABLE when it does not exist. */
export async function getConfigVersion(bus: Bus, version: number): Promise<ProcessingConfig> {
  const entry = await (await openBucket(bus, buckets.config)).get(versionKey(version));
  if (entry === null)
    throw new MillraceError('LOG_UNAVAILABLE', `Configuration version ${version} is not in KV ${buckets.config}.`);
  return { ...absentParts, ...(parse(entry.value) as ProcessingConfig) };
}

/** Parts of the configuration that earlier versions did not have, as those behaved. */
const absentParts = {
  state: { retain: Number.POSITIVE_INFINITY },
  transforms: [],
  tables: [],
  joins: [],
} satisfies Partial<ProcessingConfig>;

/** The newest version and its content; null when there is none. */
export async function configInForce(bus: Bus): Promise<{ version: number; config: ProcessingConfig } | null> {
  const entry = await (await openBucket(bus, buckets.config)).get('latest');
  if (entry === null) return null;
  const { version } = parse(entry.value) as Latest;
  return { version, config: await getConfigVersion(bus, version) };
}

/** The version in force and its content, then each one that comes into force, until the signal is aborted. */
export async function* watchConfigInForce(
  bus: Bus,
  signal: AbortSignal,
): AsyncGenerator<{ version: number; config: ProcessingConfig }, void, void> {
  for await (const { value } of (await openBucket(bus, buckets.config)).watch(signal, 'latest')) {
    if (value === null) continue;
    const { version } = parse(value) as Latest;
    yield { version, config: await getConfigVersion(bus, version) };
  }
}

/**
 * The version under which a reader without state begins at a log position of a partition: the one in force just before
 * it, or, before the first control record, that one's. Null when no configuration was ever put in force.
 */
export async function versionAt(bus: Bus, partition: number, sequence: number): Promise<number | null> {
  const entry = await (await openBucket(bus, buckets.config)).get(controlsKey(partition));
  const positions = entry === null ? [] : (parse(entry.value) as ControlPosition[]);
  return (positions.findLast((position) => position.sequence < sequence) ?? positions[0])?.version ?? null;
}

/**
 * Puts a configuration in force: stores it as a new version if it differs from the latest, and appends its control
 * record to every partition that lacks it. May be interrupted and repeated at any point.
 * @param state what becomes of the state of edited windows and rules
 * @returns the version in force.
 */
export async function publishConfig(
  bus: Bus,
  partitions: number,
  config: ProcessingConfig,
  state: StateChoice = { kind: 'reset' },
): Promise<number> {
  const bucket = await openBucket(bus, buckets.config);
  const latest = await storeVersion(bucket, config, state);
  const { version, hash } = latest;
  // The same producer and sequence in each try: readers drop what an interrupted one has appended already.
  const publisher = createLogPublisher(bus, { producer: `config-${version}` });
  try {
    for (let partition = 0; partition < partitions; partition++) {
      const entry = await bucket.get(controlsKey(partition));
      const positions = entry === null ? [] : (parse(entry.value) as ControlPosition[]);
      const previous = positions.at(-1)?.version ?? null;
      if (previous === version) continue;
      const record: ControlRecord = {
        kind: 'control',
        version,
        previous,
        hash,
        ...(latest.state && { state: latest.state }),
      };
      const sequence = await publisher.publish(partition, encodeRecords([record]), 1);
      const kept = [...positions, { version, sequence }].slice(-controlPositionsMax);
      await bucket.put(controlsKey(partition), JSON.stringify(kept));
    }
  } finally {
    publisher.close();
  }
  return version;
}

async function storeVersion(bucket: Bucket, config: ProcessingConfig, state: StateChoice): Promise<Latest> {
  const json = canonicalJson(config);
  const hash = createHash('sha256').update(json).digest('hex');
  for (;;) {
    const entry = await bucket.get('latest');
    const latest = entry === null ? null : (parse(entry.value) as Latest);
    if (latest?.hash === hash) return latest;
    const next: Latest = { version: (latest?.version ?? 0) + 1, hash, ...(state.kind !== 'reset' && { state }) };
    // Before the pointer: an interrupted try leaves a version nobody points to, which the next one overwrites.
    await bucket.put(versionKey(next.version), json);
    const swapped =
      entry === null
        ? await bucket.create('latest', JSON.stringify(next))
        : await bucket.update('latest', JSON.stringify(next), entry.revision);
    if (swapped !== null) return next;
  }
}

const versionKey = (version: number) => `version.${version}`;
const controlsKey = (partition: number) => `controls.${partition}`;

function parse(value: Uint8Array): unknown {
  return JSON.parse(Buffer.from(value).toString());
}

/** JSON with sorted keys: equal configurations have equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
