import { encodeRecords } from '../events/record-codec.ts';
import type { LogRecord } from '../events/record.ts';
import { partitionOf } from '../events/topics.ts';
import { configSchema, type ProcessingConfig, processingConfig } from '../infra/config/schema.ts';

/** A log of publishes of about 100 bytes, as ingest would have written it, made in memory. */

/** Readings a log message under load holds. */
const batchReadings = 256;
/** Each device reports so often, in the log's time. */
const intervalUs = 1_000_000;

export interface LoadShape {
  readonly devices: number;
  readonly readings: number;
  readonly partitions: number;
  /** Event time of the first reading. */
  readonly startUs: number;
}

export interface MadeMessage {
  readonly partition: number;
  readonly timeUs: number;
  readonly data: Uint8Array;
  readonly readings: number;
}

/** Ten windows and ten rules, of several kinds, on the fields that the load sends. */
export function processingBenchConfig(devicesMax: number): ProcessingConfig {
  const sizes = ['10s', '30s', '1m', '2m', '5m', '10m', '15m', '30m', '1h', '2h'];
  return processingConfig(
    configSchema.parse({
      windows: sizes.map((size) => ({ name: size, size })),
      rules: sizes.map((size, i) =>
        i % 2 === 0
          ? { name: `reading-${size}`, field: i % 4 === 0 ? 'temperature' : 'vibration', above: 95 + i, clear: 90 }
          : { name: `window-${size}`, window: size, field: 'temperature', aggregate: 'mean', above: 80 },
      ),
      limits: { devicesMax },
    }),
  );
}

/** Readings of devices in turn, one a second from each, in log messages of 256 with a tick a second. */
export function* processingLoad({ devices, readings, partitions, startUs }: LoadShape): Generator<MadeMessage> {
  const partitionOfDevice = Array.from({ length: devices }, (_, i) => partitionOf(`plant1/device-${i}`, partitions));
  const batches = Array.from({ length: partitions }, (): LogRecord[] => []);
  const tickedUs = Array.from({ length: partitions }, () => 0);
  let timeUs = startUs;
  const made = (partition: number): MadeMessage => {
    const records = batches[partition]!;
    batches[partition] = [];
    const count = records.length;
    if (timeUs - tickedUs[partition]! >= intervalUs) {
      records.unshift({ kind: 'tick', instance: 'bench', atUs: timeUs });
      tickedUs[partition] = timeUs;
    }
    return { partition, timeUs, data: encodeRecords(records), readings: count };
  };
  for (let i = 0; i < readings; i++) {
    timeUs = startUs + Math.floor((i * intervalUs) / devices);
    const device = i % devices;
    const partition = partitionOfDevice[device]!;
    if (batches[partition]!.push(publish(device, i, timeUs)) === batchReadings) yield made(partition);
  }
  for (const partition of batches.keys()) if (batches[partition]!.length > 0) yield made(partition);
}

/** A payload of 75 bytes with three fields. Each device has a connection of its own up to 200, then they share. */
function publish(device: number, at: number, timeUs: number): LogRecord {
  const wave = Math.sin(timeUs / 40e6 + device);
  const payload = {
    time: timeUs / 1e3,
    temperature: Math.round((60 + 25 * wave) * 10) / 10,
    vibration: Math.round((3 + 2 * wave) * 100) / 100,
    pressure: Math.round((5 + wave) * 1000) / 1000,
  };
  return {
    kind: 'publish',
    client: `client-${device % 200}`,
    connection: `c${device % 200}`,
    packetId: (at % 65_535) + 1,
    topic: `sensors/plant1/device-${device}`,
    payload: Buffer.from(JSON.stringify(payload)),
    qos: 1,
    retain: false,
    dup: false,
    receivedAtUs: timeUs,
  };
}
