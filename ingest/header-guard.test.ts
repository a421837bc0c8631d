import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { HeaderGuard, type GuardLimits, type Verdict } from './header-guard.ts';

const limits: GuardLimits = { connectBytesMax: 4096, payloadBytesMax: 1000, topicBytesMax: 100, controlBytesMax: 200 };

const connect = generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: 'press-7' });
const publish = (options: Partial<{ qos: 0 | 1 | 2; topic: string; bytes: number; messageId: number }>): Packet => ({
  cmd: 'publish',
  topic: options.topic ?? 'sensors/plant1/press-7',
  payload: Buffer.alloc(options.bytes ?? 10),
  qos: options.qos ?? 1,
  messageId: options.messageId ?? 1,
  dup: false,
  retain: false,
});

function openGuard(): HeaderGuard {
  const guard = new HeaderGuard(limits);
  expect(guard.scan(connect, 256)).toEqual({ kind: 'pass', end: connect.length, publishes: 0, messages: 0 });
  guard.accepted();
  return guard;
}

const reasonOf = (verdict: Verdict) => (verdict.kind === 'refuse' ? verdict.reason : 'pass');

describe('before CONNECT', () => {
  it.each([
    ['a PUBLISH', [0x30, 0x05], 'not-connect'],
    ['a PINGREQ', [0xc0, 0x00], 'not-connect'],
    ['a CONNECT of exactly 4 KiB', [0x10, 0x80, 0x20], 'pass'],
    ['a CONNECT one byte larger', [0x10, 0x81, 0x20], 'connect-too-large'],
    ['a CONNECT announcing 256 MB', [0x10, 0xff, 0xff, 0xff, 0x7f], 'connect-too-large'],
    ['a length of five bytes', [0x10, 0xff, 0xff, 0xff, 0xff, 0x7f], 'malformed'],
    ['a CONNECT with flags', [0x11], 'malformed'],
    ['a type that does not exist', [0xf0], 'malformed'],
    ['HTTP', [...Buffer.from('GET / HTTP/1.1\r\n')], 'malformed'],
    ['TLS', [0x16, 0x03, 0x01], 'malformed'],
  ])('%s: %j -> %s', (_, bytes, reason) => {
    expect(reasonOf(new HeaderGuard(limits).scan(Uint8Array.from(bytes), 256))).toBe(reason);
  });

  it('holds what follows a CONNECT until it is accepted', () => {
    const guard = new HeaderGuard(limits);
    const more = Buffer.concat([connect, generate(publish({}))]);
    expect(guard.scan(more, 256)).toEqual({ kind: 'pass', end: connect.length, publishes: 0, messages: 0 });
    expect(guard.scan(more.subarray(connect.length), 256)).toEqual({ kind: 'pass', end: 0, publishes: 0, messages: 0 });
    guard.accepted();
    expect(guard.scan(more.subarray(connect.length), 256)).toMatchObject({ publishes: 1 });
  });
});

describe('after CONNECT', () => {
  const lengthOf = (remaining: number) => [(remaining & 127) | 128, remaining >> 7];
  it.each([
    ['a payload of exactly the limit', [...generate(publish({ bytes: 1000 }))], 'pass'],
    ['one byte more', [...generate(publish({ bytes: 1001 }))], 'too-large'],
    ['one byte more, QoS 0', [...generate(publish({ bytes: 1001, qos: 0 }))], 'too-large'],
    ['a topic of exactly the limit', [...generate(publish({ topic: 'x'.repeat(100) }))], 'pass'],
    ['one byte more', [...generate(publish({ topic: 'x'.repeat(101) }))], 'too-large'],
    ['a PUBLISH beyond all limits, by its length alone', [0x32, ...lengthOf(1105)], 'too-large'],
    ['a second CONNECT', [0x10, 0x0c], 'not-connect'],
    ['QoS 3', [0x36, 0x05], 'malformed'],
    ['a PUBLISH without room for a topic length', [0x30, 0x01], 'malformed'],
    ['a topic longer than its packet', [0x30, 0x04, 0x00, 0x03], 'malformed'],
    ['no room for the packet identifier', [0x32, 0x04, 0x00, 0x01], 'malformed'],
    ['an empty topic and nothing else', [0x30, 0x02, 0x00, 0x00], 'pass'],
    ['SUBSCRIBE without its flag', [0x80, 0x05], 'malformed'],
    ['SUBSCRIBE beyond its limit', [0x82, ...lengthOf(201)], 'too-large'],
    ['a PUBACK of three bytes', [0x40, 0x03], 'malformed'],
    ['a PINGREQ with a body', [0xc0, 0x01], 'malformed'],
    ['a CONNACK, which only servers send', [0x20, 0x02], 'malformed'],
  ])('%s -> %3$s', (_, bytes, reason) => {
    expect(reasonOf(openGuard().scan(Uint8Array.from(bytes), 256))).toBe(reason);
  });

  it('stays refused', () => {
    const guard = openGuard();
    guard.scan(Uint8Array.of(0xf0), 256);
    expect(guard.scan(generate(publish({})), 256).kind).toBe('refuse');
  });

  it('sees a goodbye', () => {
    const guard = openGuard();
    expect(guard.saidGoodbye).toBe(false);
    guard.scan(generate({ cmd: 'disconnect' }), 256);
    expect(guard.saidGoodbye).toBe(true);
  });

  it('stops before the publish that has no credit, and lets everything else by', () => {
    const guard = openGuard();
    const one = generate(publish({}));
    const ping = generate({ cmd: 'pingreq' });
    const bytes = Buffer.concat([one, ping, one, ping, one]);
    expect(guard.scan(bytes, 2)).toEqual({ kind: 'pass', end: bytes.length - one.length, publishes: 2, messages: 4 });
    expect(guard.scan(one, 0)).toEqual({ kind: 'pass', end: 0, publishes: 0, messages: 0 });
    expect(guard.scan(one, 1)).toEqual({ kind: 'pass', end: one.length, publishes: 1, messages: 1 });
  });

  it('stops before the message that the rate does not allow; confirmations are not counted', () => {
    const guard = openGuard();
    const ping = Uint8Array.of(0xc0, 0);
    const puback = Uint8Array.of(0x40, 2, 0, 1);
    const bytes = Buffer.concat([puback, ping, puback, ping, puback, ping]);
    const end = bytes.length - ping.length;
    expect(guard.scan(bytes, 256, 2.9)).toEqual({ kind: 'pass', end, publishes: 0, messages: 2 });
    expect(guard.scan(ping, 256, 0.9)).toEqual({ kind: 'pass', end: 0, publishes: 0, messages: 0 });
    expect(guard.scan(ping, 0, 1)).toEqual({ kind: 'pass', end: 2, publishes: 0, messages: 1 });
  });
});

const packet: fc.Arbitrary<Packet> = fc.oneof(
  fc
    .record({ qos: fc.constantFrom(0 as const, 1 as const, 2 as const), bytes: fc.nat(1000), messageId: fc.nat(65534) })
    .map((options) => publish({ ...options, messageId: options.messageId + 1 })),
  fc.constantFrom<Packet>(
    { cmd: 'pingreq' },
    { cmd: 'puback', messageId: 1 },
    { cmd: 'pubrel', messageId: 1 },
    { cmd: 'subscribe', messageId: 7, subscriptions: [{ topic: 'a/#', qos: 1 }] },
  ),
);

it('passes every well-formed stream whole, however it is cut, never beyond its credit', () => {
  fc.assert(
    fc.property(
      fc.array(packet, { maxLength: 30 }),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 5 }),
      (packets, cuts, credit) => {
        const bytes = Buffer.concat(packets.map((item) => generate(item)));
        const guard = openGuard();
        let publishes = 0;
        let at = 0;
        for (let i = 0; at < bytes.length; i++) {
          const chunk = bytes.subarray(at, at + cuts[i % cuts.length]!);
          const verdict = guard.scan(chunk, credit);
          if (verdict.kind === 'refuse') throw new Error(verdict.reason);
          expect(verdict.publishes).toBeLessThanOrEqual(credit);
          expect(verdict.end === chunk.length || verdict.publishes === credit).toBe(true);
          publishes += verdict.publishes;
          at += verdict.end;
        }
        expect(publishes).toBe(packets.filter((item) => item.cmd === 'publish').length);
      },
    ),
  );
});

it('says the same of any bytes, however they are cut', () => {
  const whole = (bytes: Uint8Array) => reasonOf(openGuard().scan(bytes, 1e9));
  const cut = (bytes: Uint8Array, size: number) => {
    const guard = openGuard();
    for (let at = 0; at < bytes.length; at += size) {
      const reason = reasonOf(guard.scan(bytes.subarray(at, at + size), 1e9));
      if (reason !== 'pass') return reason;
    }
    return 'pass';
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 20 }), (bytes, size) => {
      expect(cut(bytes, size)).toBe(whole(bytes));
    }),
  );
});
