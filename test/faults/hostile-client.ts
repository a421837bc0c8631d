import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { generate, type Packet } from 'mqtt-packet';

/** Numbers from a seed (mulberry32): a failing run is repeated with its seed. */
export function chanceOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A socket that does what it is told and reads what comes; that it is reset is no failure. */
export async function hostile(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => {}); // to be cut off is what it asks for
  socket.resume();
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket;
}

export function connectBytes(clientId: string, more: object = {}): Buffer {
  const packet = {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    keepalive: 60,
    clientId,
    ...more,
  };
  return generate(packet as Packet);
}

/** Any packet that a client may send, and some that only servers do. */
export function somePacket(chance: (below: number) => number): Buffer {
  const messageId = 1 + chance(65_535);
  const topic = ['sensors/plant1/fuzz', 'a', 'a/b/c/d', '$SYS/x', 'é/☃'][chance(5)]!;
  const payload = Buffer.alloc(chance(4) === 0 ? chance(20_000) : chance(50), 120);
  const packets: Packet[] = [
    {
      cmd: 'publish',
      topic,
      payload,
      qos: chance(3) as 0 | 1 | 2,
      dup: chance(2) === 0,
      retain: chance(4) === 0,
      messageId,
    },
    { cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false, messageId },
    { cmd: 'pubrel', messageId },
    { cmd: 'puback', messageId },
    { cmd: 'pubrec', messageId },
    { cmd: 'pubcomp', messageId },
    { cmd: 'subscribe', messageId, subscriptions: [{ topic: ['#', '+/+', topic, '$SYS/#'][chance(4)]!, qos: 1 }] },
    { cmd: 'unsubscribe', messageId, unsubscriptions: [topic] },
    { cmd: 'pingreq' },
    { cmd: 'disconnect' },
    { cmd: 'pingresp' },
    { cmd: 'connack', returnCode: 0, sessionPresent: false },
  ];
  return generate(packets[chance(packets.length)]!);
}

/** The bytes with a few of them changed, left out, doubled or cut off. */
export function mutated(bytes: Buffer, chance: (below: number) => number): Buffer {
  let result = Buffer.from(bytes);
  for (let changes = chance(4); changes > 0 && result.length > 0; changes--) {
    const at = chance(result.length);
    switch (chance(5)) {
      case 0:
        result[at] = result[at]! ^ (1 << chance(8));
        break;
      case 1:
        result[at] = chance(256);
        break;
      case 2:
        result = result.subarray(0, at);
        break;
      case 3:
        result = Buffer.concat([result.subarray(0, at), result.subarray(at + 1 + chance(4))]);
        break;
      default:
        result = Buffer.concat([result.subarray(0, at), result.subarray(Math.max(0, at - chance(8)))]);
    }
  }
  return result;
}
