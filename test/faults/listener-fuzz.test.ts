import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { generate } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMillrace, until, type Millrace } from '../millrace.ts';
import { chanceOf, connectBytes, hostile, mutated, somePacket } from './hostile-client.ts';

/** Fixed; another one by MILLRACE_FUZZ_SEED. */
const seed = Number(process.env['MILLRACE_FUZZ_SEED'] ?? 20_260_701);
const connectionsMax = 1_500;
/** What ingest may take beyond what it takes in peace, MiB: mostly garbage that V8 has not collected yet. */
const growthMaxMiB = 300;

/** Who attacks the ports where sensors come in harms nobody else. */
describe(`the listeners under attack (seed ${seed})`, () => {
  let millrace: Millrace;
  let good: MqttClient;
  let pid = 0;
  let peaceMiB = 0;
  let acknowledged = 0;
  const ending = new AbortController();
  let publishing: Promise<void>;
  const chance = chanceOf(seed);
  const open: Socket[] = [];

  const peakMiB = async () =>
    Number(/VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
  const attacker = async (port = millrace.ports.mqtt) => {
    const socket = await hostile(port);
    open.push(socket);
    return socket;
  };
  const leave = () => {
    for (const socket of open.splice(0)) socket.destroy();
  };
  const accepted = async (id: string, more: object = {}) => {
    const socket = await attacker();
    socket.write(connectBytes(id, more));
    await Promise.race([once(socket, 'data'), once(socket, 'close')]);
    return socket;
  };
  /** What is written to one that was cut off goes nowhere. */
  const write = (socket: Socket, bytes: Buffer) => socket.writable && socket.write(bytes);

  /** While it lasts the good client is acknowledged again and again; afterwards the process is the same and not large. */
  async function survives(attack: () => Promise<void>): Promise<void> {
    const before = acknowledged;
    try {
      await attack();
      await until('the good client is acknowledged on', () => acknowledged > before + 5, 10_000);
    } finally {
      leave();
    }
    expect(await millrace.pidOf('ingest')).toBe(pid);
    expect((await peakMiB()) - peaceMiB).toBeLessThan(growthMaxMiB);
    const newcomer = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`);
    await newcomer.publishAsync('sensors/plant1/newcomer', '{"t":1}', { qos: 1 });
    await newcomer.endAsync();
  }

  beforeAll(async () => {
    millrace = await startMillrace({ limits: { connectionsMax, devicesMax: 1_000 } });
    pid = await millrace.pidOf('ingest');
    good = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`, { reconnectPeriod: 0, clientId: 'good' });
    publishing = (async () => {
      while (!ending.signal.aborted) {
        await good.publishAsync('sensors/plant1/good', '{"temperature":20}', { qos: 1 });
        acknowledged++;
        await pause(5); // the rate of the sensor
      }
    })();
    await until('the good client is acknowledged', () => acknowledged > 100);
    peaceMiB = await peakMiB();
  });
  afterAll(async () => {
    ending.abort();
    await publishing;
    await good?.endAsync(true);
    leave();
    await millrace?.[Symbol.asyncDispose]();
  });

  it('2,000 connections of mutated packets, whole and cut', () =>
    survives(async () => {
      for (let round = 0; round < 40; round++) {
        const sockets = await Promise.all(Array.from({ length: 50 }, () => attacker()));
        for (const [i, socket] of sockets.entries()) {
          const packets = Array.from({ length: 1 + chance(8) }, () => mutated(somePacket(chance), chance));
          const hello = connectBytes(
            `fuzz-${i}`,
            chance(4) === 0 ? { will: { topic: 'w', payload: Buffer.from('x'), qos: 1 } } : {},
          );
          const bytes = Buffer.concat([chance(5) === 0 ? mutated(hello, chance) : hello, ...packets]);
          const cut = chance(bytes.length);
          write(socket, bytes.subarray(0, cut));
          write(socket, bytes.subarray(cut));
          if (chance(2) === 0) socket.end();
        }
        await pause(10);
        if (round % 4 === 3) leave();
      }
    }));

  it('random bytes to both ports', () =>
    survives(async () => {
      for (const port of [millrace.ports.mqtt, millrace.ports.ingestHttp, millrace.ports.http])
        for (let i = 0; i < 200; i++) {
          const socket = await attacker(port);
          write(socket, Buffer.from(Array.from({ length: chance(2_000) }, () => chance(256))));
          if (chance(2) === 0) socket.end();
        }
    }));

  it('senders of one byte at a time, before and after the CONNECT', () =>
    survives(async () => {
      const bytes = Buffer.concat([connectBytes('slow'), ...Array.from({ length: 10 }, () => somePacket(chance))]);
      const sockets = await Promise.all(Array.from({ length: 100 }, () => attacker()));
      for (const byte of bytes.subarray(0, 400)) {
        for (const socket of sockets) write(socket, Buffer.of(byte));
        await pause(1);
      }
    }));

  it('half-open connections up to all there are: those that say nothing are gone after 10 s', async () => {
    await survives(async () => {
      for (let i = 0; i < connectionsMax + 100; i += 50)
        await Promise.all(Array.from({ length: 50 }, () => attacker()));
      await until('they are let go', () => open.every((socket) => socket.destroyed), 30_000);
    });
  });

  it('storms of CONNECTs: of one client id, of many, of sessions to be kept', () =>
    survives(async () => {
      for (let i = 0; i < 1_500; i++) {
        const id = ['taken', `many-${i}`, `kept-${i}`][i % 3]!;
        const socket = await attacker();
        write(socket, connectBytes(id, { clean: i % 3 !== 2 }));
        if (i % 100 === 99) leave();
      }
    }));

  it('floods of SUBSCRIBEs, pings, unreleased QoS 2 and retained topics', () =>
    survives(async () => {
      const subscribe = (i: number) => {
        const subscriptions = Array.from({ length: 50 }, (_, k) => ({
          topic: `${'x/'.repeat(50)}${i}/${k}`,
          qos: 1 as const,
        }));
        return generate({ cmd: 'subscribe', messageId: 1 + (i % 65_535), subscriptions });
      };
      const publish = (i: number, qos: 1 | 2, retain: boolean) =>
        generate({
          cmd: 'publish',
          topic: `flood/${i}`,
          payload: 'x'.repeat(500),
          qos,
          retain,
          dup: false,
          messageId: 1 + (i % 65_535),
        });
      const floods = [
        (i: number) => subscribe(i),
        () => Buffer.concat(Array.from({ length: 50 }, () => Buffer.of(0xc0, 0))),
        (i: number) => publish(i, 2, false),
        (i: number) => publish(i, 1, true),
      ];
      const sockets = await Promise.all(Array.from({ length: 40 }, (_, i) => accepted(`flood-${i}`)));
      for (let i = 0; i < 400; i++) {
        for (const [k, socket] of sockets.entries())
          if (socket.writableLength < 1_000_000) write(socket, floods[k % floods.length]!(i * 40 + k));
        await pause(2);
      }
    }));

  it('subscribers that read nothing, while much is published to them', () =>
    survives(async () => {
      for (let i = 0; i < 20; i++) {
        const socket = await accepted(`deaf-${i}`);
        write(socket, generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'loud', qos: 1 }] }));
        socket.pause();
      }
      const loud = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`);
      for (let i = 0; i < 100; i++) await loud.publishAsync('loud', Buffer.alloc(100_000), { qos: 1 });
      await loud.endAsync();
    }));

  it('publishes that never end, of the largest size, on many connections', () =>
    survives(async () => {
      const size = 256 * 1024;
      const begun = generate({
        cmd: 'publish',
        topic: 'a',
        payload: Buffer.alloc(size),
        qos: 1,
        retain: false,
        dup: false,
        messageId: 1,
      });
      for (let i = 0; i < 1_000; i++) write(await accepted(`begun-${i}`), begun.subarray(0, size - 1_000));
      await until('some are let go', () => open.some((socket) => socket.destroyed), 30_000);
    }));

  it('the WebSocket port: heads byte by byte, upgrades without an MQTT packet, frames that lie', () =>
    survives(async () => {
      const head =
        `GET /mqtt HTTP/1.1\r\nhost: 127.0.0.1:${millrace.ports.ingestHttp}\r\nconnection: upgrade\r\nupgrade: websocket\r\n` +
        'sec-websocket-version: 13\r\nsec-websocket-protocol: mqtt\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
      const slow = await Promise.all(Array.from({ length: 100 }, () => attacker(millrace.ports.ingestHttp)));
      for (const byte of Buffer.from(head).subarray(0, 60)) {
        for (const socket of slow) write(socket, Buffer.of(byte));
        await pause(1);
      }
      for (let i = 0; i < 300; i++) {
        const socket = await attacker(millrace.ports.ingestHttp);
        write(socket, Buffer.from(head));
        const frames = [
          Buffer.of(0x82, 0xff, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4),
          Buffer.of(0x81, 0x81, 1, 2, 3, 4, 5),
          Buffer.concat(Array.from({ length: 500 }, () => Buffer.of(0x02, 0x80, 1, 2, 3, 4))),
          Buffer.concat(Array.from({ length: 500 }, () => Buffer.of(0x89, 0x80, 1, 2, 3, 4))),
          mutated(Buffer.concat([Buffer.of(0x82, 0x90, 0, 0, 0, 0), connectBytes('ws')]), chance),
          Buffer.alloc(0),
        ];
        write(socket, frames[i % frames.length]!);
      }
      await until('who says nothing is let go', () => slow.every((socket) => socket.destroyed), 40_000);
    }));
});
