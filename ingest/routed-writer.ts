import type { PublishPacket } from 'aedes';
import type { PublishRecord } from '../events/record.ts';
import type { SettledPosition } from './durable/settled-position.ts';
import type { LogWriter } from './log-writer.ts';

/** Where publishes go that did not come over MQTT itself. */
export interface PublishWriter extends Pick<LogWriter, 'pressure' | 'atCap'> {
  append(partition: number, record: PublishRecord, onStored: () => void): void;
}

/** Publishes of HTTP and bridges: once they are in the log, subscribers at the broker get them like any other. */
export function routedWriter(
  writer: LogWriter,
  settled: SettledPosition,
  route: (packet: PublishPacket, sequence: number, done: () => void) => void,
): PublishWriter {
  return {
    get pressure() {
      return writer.pressure;
    },
    get atCap() {
      return writer.atCap;
    },
    append(partition, record, onStored) {
      const held = settled.begin();
      const { topic, payload, qos, retain } = record;
      writer.append(partition, record, (sequence) => {
        const packet: PublishPacket = { cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain, dup: false };
        route(packet, sequence, () => settled.end(held));
        onStored();
      });
    },
  };
}
