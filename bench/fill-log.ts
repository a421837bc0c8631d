import { encodeRecords } from '../events/record-codec.ts';
import type { LogRecord } from '../events/record.ts';
import { partitionOf } from '../events/topics.ts';
import type { Bus } from '../infra/bus/connection.ts';
import { createLogPublisher } from '../infra/bus/log-publisher.ts';

const batchRecords = 500;

export interface Filling {
  readonly partitions: number;
  readonly devices: number;
  /** Of all devices together, one a second each. */
  readonly readings: number;
}

/** Writes a log as ingest would: batches per partition, a tick in each. The times are of the last minutes. */
export async function fillLog(bus: Bus, { partitions, devices, readings }: Filling): Promise<void> {
  const publisher = createLogPublisher(bus, { producer: 'fill' });
  const waiting = Array.from({ length: partitions }, () => [] as LogRecord[]);
  const sequences = waiting.map(() => 0);
  const signal = new AbortController().signal;
  const beganUs = Math.floor(Date.now() / 1000) * 1e6 - (readings / devices + 60) * 1e6;
  const flush = async (partition: number) => {
    const records = waiting[partition]!.splice(0);
    if (records.length === 0) return;
    records.push({ kind: 'tick', instance: 'fill', atUs: beganUs });
    await publisher.publish(partition, encodeRecords(records), ++sequences[partition]!, signal);
  };
  for (let at = 0; at < readings; at++) {
    const device = `d${at % devices}`;
    const timeUs = beganUs + Math.floor(at / devices) * 1e6;
    const partition = partitionOf(`bench/${device}`, partitions);
    waiting[partition]!.push({
      kind: 'publish',
      client: 'fill',
      connection: 'fill-1',
      packetId: 0,
      topic: `sensors/bench/${device}`,
      payload: Buffer.from(JSON.stringify({ time: timeUs / 1000, temperature: 60 + ((at * 7) % 300) / 10 })),
      qos: 0,
      retain: false,
      dup: false,
      receivedAtUs: timeUs,
    });
    if (waiting[partition]!.length >= batchRecords) await flush(partition);
  }
  for (let partition = 0; partition < partitions; partition++) await flush(partition);
  publisher.close();
}
