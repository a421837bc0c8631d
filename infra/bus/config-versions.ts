import { createHash } from 'node:crypto';
import { encodeRecords } from '../../events/record-codec.ts';
import type { ControlRecord, StateChoice } from '../../events/record.ts';
import { buckets } from '../../events/subjects.ts';
import type { ProcessingConfig } from '../config/schema.ts';
import { completed } from '../config/stored-config.ts';
import { withoutTexts, withTexts } from '../schemas/texts.ts';
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
  /** The first message that its rebuild reads; absent when it rebuilds nothing. */
  readonly rebuildFrom?: number;
}

/** Control positions kept per partition, newest last. */
const controlPositionsMax = 1_000;

/** A version's content. @throws LOG_UNAVAILABLE when it does not exist. */
export async function getConfigVersion(bus: Bus, version: number): Promise<ProcessingConfig> {
  const entry = await (await openBucket(bus, buckets.config)).get(versionKey(version));
  if (entry === null)
    throw new MillraceError('LOG_UNAVAILABLE', `Configuration version ${version} is not in KV ${buckets.config}.`);
  const stored = completed(parse(entry.value) as Partial<ProcessingConfig>);
  return stored.schemas.length === 0 ? stored : withTexts(bus, stored);
}

/** The newest version and its content; null when there is none. */
export async function configInForce(bus: Bus): Promise<{ version: number; config: ProcessingConfig } | null> {
  const entry = await (await openBucket(bus, buckets.config)).get('latest');
  if (entry === null) return null;
  const { version } = parse(entry.value) as Latest;
  return { version, config: await getConfigVersion(bus, version) };
}

/** The newest version, then each that follows, until the signal. Its control records may be on their way still. */
export async function* configsInForce(
  bus: Bus,
  signal: AbortSignal,
): AsyncGenerator<{ readonly version: number; readonly config: ProcessingConfig }> {
  const bucket = await openBucket(bus, buckets.config);
  for await (const { value } of bucket.watch(signal, 'latest')) {
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
  // The greatest, not the last: what came after a greater one is not switched to.
  const before = positions.filter((position) => position.sequence < sequence).map(({ version }) => version);
  return before.length > 0 ? Math.max(...before) : (positions[0]?.version ?? null);
}

/**
 * Where the rebuilds begin that a partition's reader has still before it, being after message `position`: also of a
 * change whose control record is on its way. Empty when there are none.
 */
export async function rebuildsAfter(
  bus: Bus,
  partition: number,
  position: number,
  signal?: AbortSignal,
): Promise<number[]> {
  const bucket = await openBucket(bus, buckets.config);
  // In this order: a change that is published in between is in one of them.
  const newest = await bucket.get('latest');
  const entry = await bucket.get(controlsKey(partition));
  signal?.throwIfAborted();
  const positions = entry === null ? [] : (parse(entry.value) as ControlPosition[]);
  const froms = positions.flatMap(({ sequence, rebuildFrom }) =>
    sequence > position && rebuildFrom !== undefined ? [rebuildFrom] : [],
  );
  const latest = newest === null ? null : (parse(newest.value) as Latest);
  const published = latest === null || positions.some(({ version }) => version === latest.version);
  if (!published && latest.state?.kind === 'rebuild') froms.push(latest.state.from);
  return froms;
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
  await appendControls(bus, bucket, partitions, latest!);
  return latest!.version;
}

/**
 * Puts in force what `change` makes of the configuration in force, or of the next one if another was put in force
 * meanwhile: so that nobody's change is lost. Unchanged windows, rules and transforms keep their state.
 * @returns the version in force; null when none is
 */
export async function changeConfigInForce(
  bus: Bus,
  partitions: number,
  change: (config: ProcessingConfig) => Promise<ProcessingConfig>,
): Promise<number | null> {
  const bucket = await openBucket(bus, buckets.config);
  for (;;) {
    const inForce = await configInForce(bus);
    if (inForce === null) return null;
    const latest = await storeVersion(bucket, await change(inForce.config), { kind: 'reset' }, inForce.version);
    if (latest === null) continue;
    await appendControls(bus, bucket, partitions, latest);
    return latest.version;
  }
}

/** Appends the version's control record to every partition that lacks it. */
async function appendControls(bus: Bus, bucket: Bucket, partitions: number, latest: Latest): Promise<void> {
  const { version, hash } = latest;
  // The same producer and sequence in each try: readers drop what an interrupted one has appended already.
  const publisher = createLogPublisher(bus, { producer: `config-${version}` });
  try {
    for (let partition = 0; partition < partitions; partition++) {
      const entry = await bucket.get(controlsKey(partition));
      const positions = entry === null ? [] : (parse(entry.value) as ControlPosition[]);
      const previous = positions.at(-1)?.version ?? null;
      // A later one may have been faster; readers leave out what comes after it.
      if (previous !== null && previous >= version) continue;
      const record: ControlRecord = {
        kind: 'control',
        version,
        previous,
        hash,
        ...(latest.state && { state: latest.state }),
      };
      const sequence = await publisher.publish(partition, encodeRecords([record]), 1);
      const rebuilds = latest.state?.kind === 'rebuild' && { rebuildFrom: latest.state.from };
      const kept = [...positions, { version, sequence, ...rebuilds }].slice(-controlPositionsMax);
      await bucket.put(controlsKey(partition), JSON.stringify(kept));
    }
  } finally {
    publisher.close();
  }
}

/** @param basedOn the version that the configuration was made of: null is returned when another is in force by now */
async function storeVersion(
  bucket: Bucket,
  config: ProcessingConfig,
  state: StateChoice,
  basedOn?: number,
): Promise<Latest | null> {
  const json = canonicalJson(withoutTexts(config));
  const hash = createHash('sha256').update(json).digest('hex');
  for (;;) {
    const entry = await bucket.get('latest');
    const latest = entry === null ? null : (parse(entry.value) as Latest);
    if (latest?.hash === hash) return latest;
    if (basedOn !== undefined && latest?.version !== basedOn) return null;
    const version = await storeContent(bucket, (latest?.version ?? 0) + 1, json);
    const next: Latest = { version, hash, ...(state.kind !== 'reset' && { state }) };
    const swapped =
      entry === null
        ? await bucket.create('latest', JSON.stringify(next))
        : await bucket.update('latest', JSON.stringify(next), entry.revision);
    if (swapped !== null) return next;
  }
}

/**
 * Stores a version before anything points to it, under the first number that is free from `from` on: what an
 * interrupted try or somebody else at the same moment has stored is left as it is. @returns the number.
 */
async function storeContent(bucket: Bucket, from: number, json: string): Promise<number> {
  for (let version = from; ; version++) {
    const present = await bucket.get(versionKey(version));
    if (present === null && (await bucket.create(versionKey(version), json)) !== null) return version;
    if (present !== null && Buffer.from(present.value).toString() === json) return version;
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
