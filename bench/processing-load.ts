import { encodeRecords } from '../events/record-codec.ts';
import type { LogRecord } from '../events/record.ts';
import { partitionOf } from '../events/topics.ts';
import { configSchema, type ProcessingConfig, processingConfig } from '../infra/config/schema.ts';

const field = 'bearing_temperature_drive_side_of_the_main_spindle_in_celsius';

/** A log of publishes of about 100 bytes, as ingest would have written it, made in memory. */

/** Readings a log message under load holds. */
const batchReadings = 256;
/** Each device reports so often, in the log's time. */
const intervalUs = 1_000_000;

export interface LoadShape {
  readonly devices: number;
  /** Fields of each reading: 1 makes a payload of 100 bytes, 3 one of 118. */
  readonly fields: number;
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

const longSizes = ['5m', '10m', '30m', '1h', '2h', '6h', '12h', '1d'];

/**
 * Ten windows: of a minute, eight folded from it one behind the other, up to a day, and a hopping one folded; ten rules:
 * five on readings, five on windows.
 */
export function processingBenchConfig(devicesMax: number): ProcessingConfig {
  const folded = longSizes.map((size, i) => ({ name: size, size, from: i === 0 ? '1m' : longSizes[i - 1] }));
  const onReadings = [95, 96, 97, 98, 99].map((above) => ({ name: `above-${above}`, field, above, clear: 90 }));
  const onWindows = ['1m', '5m', '10m', '30m', '1h'].map((window) => ({
    name: `mean-${window}`,
    window,
    field,
    aggregate: 'mean' as const,
    above: 80,
  }));
  return processingConfig(
    configSchema.parse({
      windows: [
        { name: '1m', size: '1m' },
        ...folded,
        { name: 'hop', kind: 'hopping', size: '10m', every: '5m', from: '1m' },
      ],
      rules: [...onReadings, ...onWindows],
      limits: { devicesMax },
    }),
  );
}

/** Readings of devices in turn, one a second from each, in log messages of 256 with a tick a second. */
export function* processingLoad({ devices, fields, readings, partitions, startUs }: LoadShape): Generator<MadeMessage> {
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
    if (batches[partition]!.push(publish(device, i, timeUs, fields)) === batchReadings) yield made(partition);
  }
  for (const partition of batches.keys()) if (batches[partition]!.length > 0) yield made(partition);
}

/** Each device has a connection of its own up to 200, then they share. */
function publish(device: number, at: number, timeUs: number, fields: number): LogRecord {
  const wave = Math.sin(timeUs / 40e6 + device);
  const value = Math.round((60 + 25 * wave) * 10) / 10;
  const more = { vibration: Math.round((3 + 2 * wave) * 100) / 100, pressure: Math.round((5 + wave) * 1000) / 1000 };
  const payload = { time: timeUs, [field]: value, ...(fields === 1 ? {} : more) };
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
