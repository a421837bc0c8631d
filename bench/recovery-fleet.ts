import type { PublishRecord } from '../events/record.ts';
import { configSchema, processingConfig } from '../infra/config/schema.ts';
import { partitionOf } from '../events/topics.ts';

/** The fleet whose state is measured: three fields a device, QoS 1, a client each. */
export const partitions = 4;
export const fields = ['temperature', 'humidity', 'vibration'] as const;

/** Two windows and two rules; `windows` and `fields` can be taken away to see what each costs. */
export function recoveryConfig(windows: number) {
  const named = Array.from({ length: windows }, (_, i) => ({
    name: `w${i}`,
    size: `${i + 1}m`,
    lateness: '5s',
    idle: '30s',
  }));
  return processingConfig(
    configSchema.parse({
      windows: named,
      rules: [
        { name: 'hot', field: 'temperature', above: 85, clear: 80 },
        { name: 'dry', field: 'humidity', below: 5, for: '10s' },
      ],
      limits: { devicesMax: 1_000_000 },
    }),
  );
}

/** Of each partition the devices that are in it. */
export function devicesByPartition(devices: number): string[][] {
  const lanes: string[][] = Array.from({ length: partitions }, () => []);
  for (let i = 0; i < devices; i++) {
    const device = `press-${i}`;
    lanes[partitionOf(`plant1/${device}`, partitions)]!.push(device);
  }
  return lanes;
}

/** One reading; its values follow from the place, so that each is another. */
export function reading(
  device: string,
  round: number,
  timeUs: number,
  fieldCount: number = fields.length,
): PublishRecord {
  const values = fields.slice(0, fieldCount).map((name, i) => [name, 20 + ((round * 7 + i * 13) % 60) / 2]);
  return {
    kind: 'publish',
    client: device,
    connection: `${device}-1`,
    packetId: (round % 65_535) + 1,
    topic: `sensors/plant1/${device}`,
    payload: Buffer.from(JSON.stringify({ time: timeUs / 1000, ...Object.fromEntries(values) })),
    qos: 1,
    retain: false,
    dup: false,
    receivedAtUs: timeUs,
  };
}
