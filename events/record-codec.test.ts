import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { expect, it } from 'vitest';
import { decodeRecords, encodeRecords } from './record-codec.ts';
import { commandStates, type LifeRecord, type LogRecord, type PassedRecord } from './record.ts';

const timeUs = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const record: fc.Arbitrary<LogRecord> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('publish' as const),
      client: fc.string(),
      connection: fc.string(),
      packetId: fc.integer({ min: 0, max: 2 ** 48 }),
      topic: fc.string({ unit: 'grapheme' }),
      payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.from(bytes)),
      qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
      retain: fc.boolean(),
      dup: fc.boolean(),
      receivedAtUs: timeUs,
      redriven: fc.record({
        partition: fc.nat(64),
        sequence: timeUs,
        index: fc.nat(512),
        part: fc.option(fc.nat(1000)),
        by: fc.constantFrom('worker' as const, 'storage' as const),
      }),
      trace: fc.record({ traceparent: fc.string(), tracestate: fc.option(fc.string()) }),
    },
    {
      requiredKeys: [
        'kind',
        'client',
        'connection',
        'packetId',
        'topic',
        'payload',
        'qos',
        'retain',
        'dup',
        'receivedAtUs',
      ],
    },
  ),
  fc.record({ kind: fc.constant('connect' as const), client: fc.string(), connection: fc.string(), atUs: timeUs }),
  fc.record({
    kind: fc.constant('disconnect' as const),
    client: fc.string(),
    connection: fc.string(),
    atUs: timeUs,
    clean: fc.boolean(),
  }),
  fc.record(
    {
      kind: fc.constant('command' as const),
      id: fc.string(),
      device: fc.string(),
      command: fc.string(),
      state: fc.constantFrom(...commandStates),
      attempt: fc.nat(100),
      atUs: timeUs,
      client: fc.string(),
      detail: fc.string(),
      request: fc.record({
        topic: fc.string(),
        payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.from(bytes)),
        qos: fc.constantFrom(0 as const, 1 as const),
        acknowledge: fc.constantFrom('puback' as const, 'answer' as const),
        attempts: fc.nat(100),
        deadlineUs: timeUs,
        owner: fc.string(),
        client: fc.string(),
      }),
    },
    { requiredKeys: ['kind', 'id', 'device', 'command', 'state', 'attempt', 'atUs', 'client', 'detail'] },
  ),
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
  records.map((item) => {
    if (item.kind === 'publish') return { ...item, payload: [...item.payload] };
    if (item.kind !== 'command' || item.request === undefined) return item;
    return { ...item, request: { ...item.request, payload: [...item.request.payload] } };
  });

it('what is encoded is decoded', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 20 }), (records) => {
      expect(plain(decodeRecords(encodeRecords(records)))).toEqual(plain(records));
    }),
  );
});

const series = { device: 'd1', tags: { site: 'plant' } };
const from = { partition: 1, sequence: 2 ** 40, index: 3 };

it.each<[string, LogRecord]>([
  ['a gift', life({ kind: 'give', key: 'b', to: 'a', partition: 3, series })],
  ['its end', life({ kind: 'release', key: 'b', to: 'a', partition: 3 })],
  ['a replacement', life({ kind: 'replace', key: 'a', by: 'b', series })],
  ['one from another partition', life({ kind: 'replace', key: 'a', by: 'b', series, partition: 0 })],
  ['its undoing', life({ kind: 'undo-replace', key: 'a', by: 'b' })],
  ['that of a rename', life({ kind: 'undo-rename', key: 'a' })],
  ['an operation passed on', { kind: 'passed', from, record: life({ kind: 'undo-replace', key: 'a', by: 'b' }) }],
  [
    'an end passed on',
    { kind: 'passed', from, record: { kind: 'disconnect', client: 'c', connection: 'n', atUs: 1, clean: true } },
  ],
  ['a reading passed on', passed({ ...from, part: 2 }, 1_760_000_000_000_001)],
  ['one without a time, redriven there', passed(null, null)],
])('%s', (_what, written) => expect(decodeRecords(encodeRecords([written]))).toEqual([written]));

function life(operation: LifeRecord['operation']): LifeRecord {
  return { kind: 'life', atUs: 5, operation };
}

function passed(place: PassedRecord['from'], ownTimeUs: number | null): PassedRecord {
  const publish: PassedRecord['record'] = {
    kind: 'publish',
    client: 'c',
    connection: 'n',
    packetId: 7,
    topic: 'a/b',
    payload: Buffer.from('x'),
    qos: 1,
    retain: false,
    dup: false,
    receivedAtUs: 9,
  };
  const fields = { t: 1.5, on: true, mode: 'auto', large: 2 ** 52 };
  return {
    kind: 'passed',
    from: place,
    record: publish,
    as: { key: 'a', ...series, ownTimeUs, fields, presence: 'offline' },
  };
}

it('reads what a record is there again for without who had set it aside', () => {
  const row = [1, 'c', 'n', 0, 'a/b', Uint8Array.of(1), 0, 5, [2, 900, 3, null]];
  const [decoded] = decodeRecords(new Packr({ useRecords: false }).pack([row, [...row.slice(0, 8), null]]));
  expect(decoded).toMatchObject({ redriven: { partition: 2, sequence: 900, index: 3, part: null, by: 'worker' } });
});

it.each([[Uint8Array.of(0xc0)], [Uint8Array.of(0x91, 0x91, 0x63)], [Uint8Array.of(0xdd, 0xff)]])(
  'refuses what is not a batch: %j',
  (data) => expect(() => decodeRecords(data)).toThrow(),
);
