import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/**
 * A lean MQTT 3.1.1 publisher: one socket, QoS 1, a window of unacknowledged publishes. A general client would spend
 * more on a publish than the pipeline under test.
 */
export interface Publisher {
  readonly acknowledged: number;
  readonly inFlight: number;
  /** Adds a publish to the batch that `flush` writes; false when the window is closed. */
  publish(topic: string, payload: string, isRetained?: boolean): boolean;
  flush(): void;
  close(): Promise<void>;
}

/** Unacknowledged publishes of one connection; ingest stops reading a socket at 256. */
const windowMax = 200;
const bufferBytes = 64 * 1024;

const connectPacket = 1;
const connackPacket = 2;
const publishQos1 = 0x32;
const pubackPacket = 4;

/** Connects; resolves when the broker has accepted. `onAcknowledged` gets the time of the publish call (ms, monotonic). */
export async function openPublisher(
  port: number,
  clientId: string,
  onAcknowledged: (publishedAtMs: number) => void,
): Promise<Publisher> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  socket.write(connectBytes(clientId));
  await accepted(socket);

  const publishedAt = new Float64Array(65_536);
  let buffer = Buffer.allocUnsafe(bufferBytes);
  let used = 0;
  let lastId = 0;
  let sent = 0;
  let acknowledged = 0;
  let rest: Buffer = Buffer.alloc(0);

  socket.on('data', (chunk: Buffer) => {
    const data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let at = 0;
    // After CONNACK a broker sends this client nothing but PUBACKs: four bytes each.
    for (; at + 4 <= data.length; at += 4) {
      if (data[at]! >> 4 !== pubackPacket)
        throw new Error(`unexpected packet ${data[at]!.toString(16)} from the broker`);
      acknowledged++;
      onAcknowledged(publishedAt[data.readUInt16BE(at + 2)]!);
    }
    rest = data.subarray(at);
  });

  const flush = () => {
    if (used === 0) return;
    socket.write(buffer.subarray(0, used));
    buffer = Buffer.allocUnsafe(bufferBytes);
    used = 0;
  };
  return {
    get acknowledged() {
      return acknowledged;
    },
    get inFlight() {
      return sent - acknowledged;
    },
    publish(topic, payload, isRetained = false) {
      if (sent - acknowledged >= windowMax) return false;
      lastId = (lastId % 65_535) + 1;
      publishedAt[lastId] = performance.now();
      const length = 2 + topic.length + 2 + payload.length;
      if (used + length + 5 > bufferBytes) flush();
      buffer[used++] = isRetained ? publishQos1 | 1 : publishQos1;
      used = writeLength(buffer, used, length);
      used = buffer.writeUInt16BE(topic.length, used);
      used += buffer.write(topic, used, 'latin1');
      used = buffer.writeUInt16BE(lastId, used);
      used += buffer.write(payload, used, 'latin1');
      sent++;
      return true;
    },
    flush,
    async close() {
      socket.end(Buffer.from([0xe0, 0]));
      await once(socket, 'close');
    },
  };
}

function connectBytes(clientId: string): Buffer {
  const id = Buffer.from(clientId);
  const cleanSession = 2;
  const keepaliveS = 60;
  const body = Buffer.concat([
    Buffer.from([0, 4, ...Buffer.from('MQTT'), 4, cleanSession, 0, keepaliveS, 0, id.length]),
    id,
  ]);
  return Buffer.concat([Buffer.from([connectPacket << 4, body.length]), body]);
}

async function accepted(socket: Socket): Promise<void> {
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (answer[0]! >> 4 !== connackPacket || answer[3] !== 0)
    throw new Error(`the broker refused: ${answer.toString('hex')}`);
}

/** MQTT's variable length: seven bits a byte. */
function writeLength(buffer: Buffer, offset: number, length: number): number {
  let at = offset;
  for (let left = length; ; left >>= 7) {
    if (left < 128) {
      buffer[at++] = left;
      return at;
    }
    buffer[at++] = (left & 127) | 128;
  }
}
