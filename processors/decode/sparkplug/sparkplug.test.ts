import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIntake, type Intake } from '../../intake.ts';
import type { Step } from '../../step.ts';
import { logOf, logStartUs, publish, stepsOf, stored, testConfig } from '../../test-log.ts';
import { FieldNames } from '../field-names.ts';
import { createSparkplugDecoder } from './decoder.ts';
import { EdgeNodes } from './edge-nodes.ts';
import { writeSparkplug, type SparkplugMetric } from '../../../infra/sparkplug/payload.ts';
import { rebirthCommand } from './rebirth-command.ts';
import { bornAtMs, payloads } from './sparkplug-payloads.ts';

const config = testConfig({
  topics: [{ profile: 'sparkplug' }],
});
const fresh = (restored: unknown = null) => createIntake({ config, partition: 0, partitions: 1, restored });

const topic = (message: string, device?: string) =>
  `spBv1.0/plant1/${message}/edge-1${device === undefined ? '' : `/${device}`}`;
const payload = (metrics: readonly SparkplugMetric[], seq?: number) =>
  writeSparkplug({ timestamp: bornAtMs, metrics, ...(seq === undefined ? {} : { seq }) });
const speed = (value: number, how: Partial<SparkplugMetric> = { name: 'speed', alias: 20 }) => ({
  ...how,
  datatype: 10,
  doubleValue: value,
});

/** What messages of one second each come to. */
function tell(intake: Intake, ...messages: readonly (readonly [topic: string, payload: Uint8Array])[]): Step[] {
  return stepsOf(
    intake.operator,
    logOf(
      ...messages.map(
        ([of, bytes], at) =>
          [at, publish(of, bytes, { receivedAtUs: logStartUs + at * 1e6, packetId: at + 1 })] as const,
      ),
    ),
  );
}
const readings = (step: Step | undefined) =>
  step!.readings.map(({ key, fields, timeUs, ownTime }) => [key, fields, ownTime ? timeUs / 1e3 - bornAtMs : null]);
const refusals = (step: Step | undefined) => step!.quarantined.map(({ reason, detail }) => `${reason}: ${detail}`);

const born = [topic('NBIRTH'), payloads.nodeBirth] as const;
const bornFields = {
  'Supply Voltage (V)': 12.5,
  i8: -5,
  i16: -300,
  i32: -70_000,
  i64: -5_000_000_000,
  u8: 200,
  u64: 5_000_000_000,
  d: 0.1,
  on: true,
  mode: 'auto',
  at: bornAtMs,
  online: true,
};

describe('an edge node', () => {
  it('is born with all its metrics, and names them by alias afterwards', () => {
    const [birth, data] = tell(fresh(), born, [topic('NDATA'), payloads.nodeData]);
    expect(readings(birth)).toEqual([['plant1/edge-1', bornFields, 0]]);
    expect(birth!.readings[0]).toMatchObject({ device: 'edge-1', tags: { group: 'plant1', node: 'edge-1' } });
    // Types are those of the birth; each timestamp is a reading, a historical one too.
    expect(readings(data)).toEqual([
      ['plant1/edge-1', { i8: -6 }, 1_000],
      ['plant1/edge-1', { 'Supply Voltage (V)': 12.25 }, 500],
    ]);
    expect(data!.rebirths).toEqual([]);
  });

  it('is known again after a checkpoint, wherever that was', () => {
    const live = fresh();
    const [, data] = tell(live, born, [topic('NDATA'), payload([speed(2, { alias: 8 })], 1)]);
    expect(readings(data)).toEqual([['plant1/edge-1', { d: 2 }, 0]]);
    const restored = fresh(stored(live.snapshot()));
    expect(restored.snapshot()).toEqual(live.snapshot());
    const [after] = tell(restored, [
      topic('NDATA'),
      payload([{ ...speed(3, { alias: 8 }), timestamp: bornAtMs + 1 }], 2),
    ]);
    expect(readings(after)).toEqual([['plant1/edge-1', { d: 3 }, 1]]);
    expect(after!.rebirths).toEqual([]);
  });

  it('that left out a number is asked for its births, once in a while', () => {
    const steps = tell(
      fresh(),
      born,
      [topic('NDATA'), payload([speed(1, { alias: 8 })], 3)],
      [topic('NDATA'), payload([speed(2, { alias: 1 })], 7)],
    );
    expect(steps.map(({ rebirths }) => rebirths)).toEqual([
      [],
      [{ group: 'plant1', node: 'edge-1', why: 'message 3 came after 0', via: null }],
      [],
    ]);
    expect(steps.flatMap(refusals)).toEqual([]);
  });

  it('behind a bridge is asked the way its message came; a client of such a name is none', () => {
    const gap = payload([speed(1, { alias: 8 })], 3);
    const viaOf = (more: object) =>
      stepsOf(fresh().operator, logOf([0, publish(...born)], [1, publish(topic('NDATA'), gap, more)])).at(-1)!
        .rebirths[0]!.via;
    expect(viaOf({ client: 'bridge/plant', connection: '' })).toEqual({ bridge: 'plant', topic: topic('NDATA') });
    expect(viaOf({ client: 'bridge/plant', connection: 'c-1' })).toBeNull();
    expect(viaOf({ client: 'http/gateway', connection: '' })).toBeNull();
  });

  it('that says numbers in their order is not asked, also over 255', () => {
    const messages = Array.from({ length: 300 }, (_, i) => [topic('NDATA'), payload([], (i + 1) % 256)] as const);
    expect(tell(fresh(), born, ...messages).flatMap(({ rebirths }) => rebirths)).toEqual([]);
  });

  it.each([
    ['data before any birth', [topic('NDATA'), payloads.nodeData], 'there is no birth yet'],
    ['an alias that nobody declared', [topic('NDATA'), payload([speed(1, { alias: 99 })], 1)], 'does not declare it'],
  ] as const)('%s waits in quarantine, and a rebirth is asked for', (what, message, why) => {
    const steps = what.startsWith('data') ? tell(fresh(), message) : tell(fresh(), born, message);
    const last = steps.at(-1)!;
    expect(refusals(last)).toEqual([expect.stringMatching(`^no-birth: .*${why}`)]);
    expect(last.rebirths).toHaveLength(1);
  });

  it('gives names to data that are redriven after the birth, and follows no number of theirs', () => {
    const redriven = { partition: 0, sequence: 1, index: 0, part: null, by: 'worker' } as const;
    const [, , , , again, next] = stepsOf(
      fresh().operator,
      logOf(
        [0, publish(topic('NDATA'), payloads.nodeData)],
        [1, publish(born[0], born[1])],
        [2, publish(topic('NDATA'), payload([speed(1, { alias: 8 })], 1))],
        [3, publish(topic('NDATA'), payload([speed(1, { alias: 8 })], 2))],
        [4, publish(topic('NDATA'), payloads.nodeData, { redriven })],
        [5, publish(topic('NDATA'), payload([{ ...speed(2, { alias: 8 }), timestamp: bornAtMs + 7 }], 3))],
      ),
    );
    expect(readings(again)).toEqual([
      ['plant1/edge-1', { i8: -6 }, 1_000],
      ['plant1/edge-1', { 'Supply Voltage (V)': 12.25 }, 500],
    ]);
    expect([again!.rebirths, next!.rebirths]).toEqual([[], []]);
  });

  it('dies with all its devices; an earlier session does not', () => {
    const [, , old, death, after] = tell(
      fresh(),
      born,
      [topic('DBIRTH', 'press-7'), payload([speed(5)], 1)],
      [topic('NDEATH'), payload([{ name: 'bdSeq', datatype: 4, longValue: 6 }])],
      [topic('NDEATH'), payloads.nodeDeath],
      [topic('DDATA', 'press-7'), payload([speed(6, { alias: 20 })], 2)],
    );
    expect(refusals(old)).toEqual(['not-sparkplug: the death of session 6 (bdSeq), the edge node is in session 7']);
    expect(readings(death)).toEqual([
      ['plant1/edge-1', { online: false }, null],
      ['plant1/edge-1/press-7', { online: false }, null],
    ]);
    // What it declared is stale.
    expect(refusals(after)).toEqual([expect.stringMatching(/^no-birth/)]);
  });

  it('is born anew with other aliases', () => {
    const [, , data] = tell(
      fresh(),
      born,
      [topic('NBIRTH'), payload([speed(1, { name: 'speed', alias: 1 })], 0)],
      [topic('NDATA'), payload([{ ...speed(2, { alias: 1 }), timestamp: bornAtMs + 5 }], 1)],
    );
    expect(readings(data)).toEqual([['plant1/edge-1', { speed: 2 }, 5]]);
  });
});

describe('a device', () => {
  it('is under its edge node, with aliases of its own, and dies alone', () => {
    const [, birth, data, death] = tell(
      fresh(),
      born,
      [topic('DBIRTH', 'press 7'), payload([speed(5)], 1)],
      [topic('DDATA', 'press 7'), payload([{ ...speed(6, { alias: 20 }), timestamp: bornAtMs + 9 }], 2)],
      [topic('DDEATH', 'press 7'), payload([], 3)],
    );
    const key = 'plant1/edge-1/press%207';
    expect(readings(birth)).toEqual([[key, { speed: 5, online: true }, 0]]);
    expect(birth!.readings[0]).toMatchObject({ device: 'edge-1/press 7', tags: { group: 'plant1', node: 'edge-1' } });
    expect(readings(data)).toEqual([[key, { speed: 6 }, 9]]);
    expect(readings(death)).toEqual([[key, { online: false }, 0]]);
  });
});

describe('metrics', () => {
  const data = (...metrics: SparkplugMetric[]) => tell(fresh(), born, [topic('NDATA'), payload(metrics, 1)])[1];

  it('members of a Template stand under its name, definitions say nothing', () => {
    const inner = { name: 'motor', templateValue: { metrics: [speed(3, { name: 'speed' })] } };
    const definition = { name: 'type', templateValue: { isDefinition: true, metrics: [speed(1, { name: 'x' })] } };
    expect(readings(data({ name: 'press', templateValue: { metrics: [inner] } }, definition))).toEqual([
      ['plant1/edge-1', { 'press/motor/speed': 3 }, 0],
    ]);
  });

  it('what is null is no field; what cannot be one is refused by name, the rest is taken', () => {
    const step = data(
      { name: 'gone', datatype: 10, isNull: true },
      { name: 'blob', datatype: 17, bytesValue: Uint8Array.of(1) },
      { name: 'nan', datatype: 10, doubleValue: Number.NaN },
      { name: 'empty' },
      { name: '__proto__', booleanValue: true },
      speed(4, { name: 'speed' }),
    );
    expect(readings(step)).toEqual([['plant1/edge-1', { speed: 4 }, 0]]);
    expect(refusals(step).map((text) => text.split(' is ')[0])).toEqual([
      'not-sparkplug: metric "blob"',
      'not-finite: metric "nan"',
      'not-sparkplug: metric "empty" has no value and does not say that it',
      'bad-key: "__proto__"',
    ]);
    expect(step!.received).toBe(5);
  });

  it('more than a reading may hold are cut', () => {
    const many = Array.from({ length: 300 }, (_, i) => speed(i, { name: `m${i}` }));
    expect(data(...many)!.readings.map(({ fields }) => Object.keys(fields).length)).toEqual([256, 44]);
  });

  it.each([
    ['a command', topic('NCMD'), payloads.rebirthCommand],
    ['a message of a device on the topic of a node', topic('DDATA'), payload([])],
    ['an unknown message', topic('XDATA'), payload([])],
    ['no metric at all', topic('NDATA'), payload([], 1)],
    ['bytes that are no payload', topic('NDATA'), Uint8Array.of(0xff, 0xff, 0xff)],
    ['an empty payload', topic('NDATA'), new Uint8Array()],
  ])('%s is refused', (_what, of, bytes) => {
    expect(refusals(tell(fresh(), born, [of, bytes])[1])).toEqual([expect.stringMatching(/^not-sparkplug/)]);
  });
});

it('the command for a rebirth is what others write', () => {
  const { topic: to, payload: bytes } = rebirthCommand({ group: 'plant1', node: 'edge-1' }, bornAtMs);
  expect(to).toBe(topic('NCMD'));
  // Theirs names the timestamp of the payload last.
  expect(Buffer.from(bytes).toString('hex')).toBe(payloads.rebirthCommand.toString('hex'));
});

describe('whatever comes', () => {
  const limits = { depthMax: 3, fieldsPerReadingMax: 4, readingsPerPublishMax: 50 };
  const check = (bytes: Uint8Array, message: string, device: boolean) => {
    const decode = createSparkplugDecoder(new EdgeNodes(), limits, new FieldNames(), device);
    const record = { payload: bytes, topic: topic(message, device ? 'd' : undefined), receivedAtUs: logStartUs };
    const decoded = decode(record, message);
    const all = Array.isArray(decoded) ? decoded : [decoded];
    expect(all.length).toBeGreaterThan(0);
    for (const one of all)
      if (!('reason' in one)) {
        expect(Object.keys(one.fields).length).toBeLessThanOrEqual(4);
        for (const value of Object.values(one.fields))
          expect(typeof value !== 'number' || Number.isFinite(value)).toBe(true);
      }
  };
  const messages = fc.constantFrom('NBIRTH', 'NDATA', 'NDEATH', 'DBIRTH', 'DDATA', 'DDEATH', 'NCMD');

  it('arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), messages, fc.boolean(), check));
  });

  it('mutated and cut payloads', () => {
    const edits = fc.array(fc.tuple(fc.nat(1_000), fc.nat(255)), { maxLength: 5 });
    const given = fc.constantFrom(payloads.nodeBirth, payloads.nodeData, payloads.nodeDeath);
    fc.assert(
      fc.property(given, edits, fc.nat(600), messages, fc.boolean(), (bytes, changes, end, message, device) => {
        const changed = Uint8Array.from(bytes);
        for (const [at, byte] of changes) changed[at % changed.length] = byte;
        check(changed.subarray(0, Math.max(end, 1)), message, device);
      }),
      { numRuns: 500 },
    );
  });

  it('templates within templates cost no stack', () => {
    let metric: SparkplugMetric = speed(1, { name: 'x' });
    for (let depth = 0; depth < 40; depth++) metric = { name: 't', templateValue: { metrics: [metric] } };
    check(payload([metric]), 'NDATA', false);
  });
});
