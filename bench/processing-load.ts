import { encodeRecords } from '../events/record-codec.ts';
import type { LogRecord } from '../events/record.ts';
import { configSchema, type ProcessingConfig, processingConfig } from '../infra/config/schema.ts';

/** A log of publishes of about 100 bytes, as ingest would have written it, made in memory. */

/** Log messages begin here: 2026-07-01T10:00:00Z, us. */
const startUs = Date.UTC(2026, 6, 1, 10) * 1e3;
/** Readings a log message under load holds. */
const batchReadings = 256;
/** Each device reports so often, in the log's time. */
const intervalUs = 1_000_000;

export interface MadeMessage {
  readonly sequence: number;
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

/** `count` readings of `devices` devices, one a second from each, in log messages of 256 with a tick a second. */
export function* processingLoad(devices: number, count: number): Generator<MadeMessage> {
  const perTick = Math.max(devices, batchReadings);
  let sequence = 0;
  for (let first = 0; first < count; first += batchReadings) {
    const readings = Math.min(batchReadings, count - first);
    const timeUs = startUs + Math.floor((first * intervalUs) / devices);
    const records: LogRecord[] = [];
    if (first % perTick < batchReadings) records.push({ kind: 'tick', instance: 'bench', atUs: timeUs });
    for (let i = first; i < first + readings; i++) records.push(publish(i % devices, i, devices));
    yield { sequence: ++sequence, timeUs, data: encodeRecords(records), readings };
  }
}

function publish(device: number, at: number, devices: number): LogRecord {
  const timeUs = startUs + Math.floor((at * intervalUs) / devices);
  const wave = Math.sin(at / devices / 40 + device);
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
