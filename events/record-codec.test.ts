import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeRecords, encodeRecords } from './record-codec.ts';
import type { LogRecord } from './record.ts';

const timeUs = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const record: fc.Arbitrary<LogRecord> = fc.oneof(
  fc.record({
    kind: fc.constant('publish' as const),
    client: fc.string(),
    connection: fc.string(),
    packetId: fc.nat(65535),
    topic: fc.string({ unit: 'grapheme' }),
    payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.from(bytes)),
    qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
    retain: fc.boolean(),
    dup: fc.boolean(),
    receivedAtUs: timeUs,
  }),
  fc.record({
    kind: fc.constant('publish' as const),
    client: fc.string(),
    connection: fc.constant(''),
    packetId: fc.integer({ min: 0, max: 2 ** 48 }),
    topic: fc.string(),
    payload: fc.uint8Array({ maxLength: 30 }).map((bytes) => Uint8Array.from(bytes)),
    qos: fc.constant(1 as const),
    retain: fc.boolean(),
    dup: fc.boolean(),
    receivedAtUs: timeUs,
    trace: fc.record({ traceparent: fc.string(), tracestate: fc.option(fc.string()) }),
  }),
  fc.record({ kind: fc.constant('connect' as const), client: fc.string(), connection: fc.string(), atUs: timeUs }),
  fc.record({
    kind: fc.constant('disconnect' as const),
    client: fc.string(),
    connection: fc.string(),
    atUs: timeUs,
    clean: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('tick' as const), instance: fc.string(), atUs: timeUs }),
  fc.record(
    {
      kind: fc.constant('control' as const),
      version: fc.nat(),
      previous: fc.option(fc.nat()),
      hash: fc.string(),
      state: fc.oneof(
        fc.constant({ kind: 'keep' as const }),
        fc.record({ kind: fc.constant('rebuild' as const), from: fc.nat() }),
      ),
    },
    { requiredKeys: ['kind', 'version', 'previous', 'hash'] },
  ),
);

/** Payloads come back as views of another class (Buffer): compare what they hold. */
const plain = (records: readonly LogRecord[]) =>
  records.map((item) => (item.kind === 'publish' ? { ...item, payload: [...item.payload] } : item));

it('what is encoded is decoded', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 20 }), (records) => {
      expect(plain(decodeRecords(encodeRecords(records)))).toEqual(plain(records));
    }),
  );
});

it.each([[Uint8Array.of(0xc0)], [Uint8Array.of(0x91, 0x91, 0x63)], [Uint8Array.of(0xdd, 0xff)]])(
  'refuses what is not a batch: %j',
  (data) => expect(() => decodeRecords(data)).toThrow(),
);
