import { describe, expect, it } from 'vitest';
import { createIntake } from './intake.ts';
import type { IntakeSnapshot } from './snapshot/format.ts';
import type { Step } from './step.ts';
import { control, logOf, logStartUs, publish, stepsOf, stored, testConfig, tick } from './test-log.ts';

const topic = 'sensors/plant1/press-7';
const iso = (atSeconds: number) => new Date(logStartUs / 1e3 + atSeconds * 1e3).toISOString();
const timed = (atSeconds: number, t = 1) => JSON.stringify({ time: iso(atSeconds), t });

const intake = (over: Partial<Parameters<typeof createIntake>[0]> = {}) =>
  createIntake({ config: testConfig(), partition: 0, partitions: 1, ...over });

/** Keys of devices that a snapshot holds. */
const devicesIn = (snapshot: unknown) =>
  (snapshot as IntakeSnapshot).devices.devices.names.texts.filter((text) => text.includes('/'));

const summary = ({ readings, quarantined, duplicates }: Step) => ({
  readings: readings.map(({ timeUs, fields }) => [(timeUs - logStartUs) / 1e6, fields]),
  quarantined: quarantined.map(({ reason, key }) => [reason, key]),
  duplicates: duplicates.map(({ kind, key }) => [kind, key]),
});

it('a publish becomes a reading', () => {
  const [step] = stepsOf(
    intake().operator,
    logOf([1, tick, publish(topic, '{"time": "2026-07-01T10:00:00.5Z", "t": 91.5}')]),
  );
  expect(step).toMatchObject({ partition: 0, sequence: 1, nowUs: logStartUs + 1e6, elapsedUs: 0, received: 1 });
  expect(step!.readings).toEqual([
    {
      key: 'plant1/press-7',
      device: 'press-7',
      timeUs: logStartUs + 500_000,
      ownTime: true,
      fields: { t: 91.5 },
      tags: { site: 'plant1' },
      receivedAtUs: logStartUs,
      origin: { partition: 0, sequence: 1, index: 1 },
    },
  ]);
});

it('a publish of several readings is counted by readings, each with its part', () => {
  const items = [timed(0.1), '{"t": []}', timed(0.2, 2), timed(0.1)];
  const [step] = stepsOf(
    intake().operator,
    logOf([1, publish(topic, timed(0.3)), publish(topic, `[${items.join()}]`), publish(topic, timed(0.4))]),
  );
  expect(step!.received).toBe(6);
  expect(step!.readings.map(({ fields, origin }) => [fields, origin])).toEqual([
    [{ t: 1 }, { partition: 0, sequence: 1, index: 0 }],
    [{ t: 1 }, { partition: 0, sequence: 1, index: 1 }],
    [{ t: 2 }, { partition: 0, sequence: 1, index: 1, part: 2 }],
    [{ t: 1 }, { partition: 0, sequence: 1, index: 2 }],
  ]);
  expect(step!.quarantined).toMatchObject([{ reason: 'wrong-shape', origin: { index: 1, part: 1 } }]);
  expect(step!.duplicates).toMatchObject([{ kind: 'repeat', origin: { index: 1, part: 3 } }]);
});

it('readings without a time are given distinct ones', () => {
  const [step] = stepsOf(
    intake().operator,
    logOf([1, ...['1', '2', '3'].map((t) => publish(`${topic}/t`, t, { qos: 0 }))]),
  );
  expect(step!.readings.map(({ timeUs, ownTime }) => [timeUs - logStartUs, ownTime])).toEqual([
    [0, false],
    [1, false],
    [2, false],
  ]);
});

describe('clocks', () => {
  it.each([
    ['exactly maxAhead', iso(61), []],
    ['just beyond', iso(61.001), ['clock-ahead']],
    ['next year', '2027-07-01T00:00:00Z', ['clock-ahead']],
    ['1970', 60, ['clock-unset']],
    ['the last moment of 1999', '1999-12-31T23:59:59.999999Z', ['clock-unset']],
    ['the first of 2000', '2000-01-01T00:00:00Z', []],
    ['beyond all dates', 1e30, ['clock-ahead']],
    ['long before', -1e300, ['clock-unset']],
  ])('%s', (_what, time, reasons) => {
    const [step] = stepsOf(intake().operator, logOf([1, publish(topic, JSON.stringify({ time, t: 1 }))]));
    expect(step!.quarantined.map(({ reason }) => reason)).toEqual(reasons);
  });
});

describe('duplicates', () => {
  it.each([
    ['a packet sent again', publish(topic, timed(0)), publish(topic, timed(0), { dup: true }), 'retransmission'],
    ['a value sent again', publish(`${topic}/t`, '1'), publish(`${topic}/t`, '1', { dup: true }), 'retransmission'],
    ['what was quarantined, sent again', publish(topic, 'x'), publish(topic, 'x', { dup: true }), 'retransmission'],
    [
      'the same reading in another packet',
      publish(topic, timed(0)),
      publish(topic, timed(0, 2), { packetId: 2 }),
      'repeat',
    ],
  ])('%s', (_what, first, second, kind) => {
    const [, step] = stepsOf(intake().operator, logOf([1, first], [2, second]));
    expect(summary(step!)).toEqual({ readings: [], quarantined: [], duplicates: [[kind, 'plant1/press-7']] });
  });

  it.each([
    ['equal values without a time', publish(`${topic}/t`, '1'), publish(`${topic}/t`, '1', { packetId: 2 })],
    ['the same time, other fields', publish(topic, timed(0)), publish(topic, JSON.stringify({ time: iso(0), h: 1 }))],
    ['an earlier time', publish(topic, timed(0)), publish(topic, timed(-1))],
  ])('not: %s', (_what, first, second) => {
    const steps = stepsOf(intake().operator, logOf([1, first], [2, second]));
    expect(steps.map(({ readings }) => readings.length)).toEqual([1, 1]);
  });
});

describe('quarantine', () => {
  it('says what, why and where from', () => {
    const payload = new Uint8Array(300).fill(0xff);
    const [step] = stepsOf(intake().operator, logOf([1, tick, publish(topic, payload, { client: 'press' })]));
    expect(step!.quarantined).toEqual([
      {
        reason: 'bad-text',
        detail: 'the payload is not valid UTF-8',
        topic,
        client: 'press',
        key: 'plant1/press-7',
        firstBytes: Buffer.from(payload.subarray(0, 256)).toString('base64'),
        bytes: 300,
        receivedAtUs: logStartUs,
        origin: { partition: 0, sequence: 1, index: 1 },
      },
    ]);
  });

  it('devices beyond the bound leave no trace, those before go on', () => {
    const config = testConfig({ limits: { devicesMax: 10 } });
    const front = intake({ config, partitions: 4 });
    const flood = Array.from({ length: 1000 }, (_, i) => publish(`sensors/s/d${i}`, '{"t": 1}', { qos: 0 }));
    const [first, second] = stepsOf(front.operator, logOf([1, ...flood], [2, publish('sensors/s/d0', '{"t": 1}')]));
    expect(first!.readings).toHaveLength(3);
    expect(first!.quarantined.map(({ reason }) => reason)).toEqual(
      Array.from({ length: 997 }, () => 'too-many-devices'),
    );
    expect(second!.readings).toHaveLength(1);
    expect(devicesIn(front.snapshot())).toEqual(['s/d0', 's/d1', 's/d2']);
  });

  it('what is refused makes no device known', () => {
    const front = intake();
    stepsOf(front.operator, logOf([1, publish(topic, 'x'), publish(topic, '{"time": 60, "t": 1}')]));
    expect(devicesIn(front.snapshot())).toEqual([]);
  });
});

it('other records pass by', () => {
  const at = { client: 'c', connection: 'c1', atUs: logStartUs };
  const records = [tick, { kind: 'connect', ...at }, { kind: 'disconnect', ...at, clean: true }] as const;
  const [step] = stepsOf(intake().operator, logOf([1, ...records]));
  expect(step).toMatchObject({ received: 0, readings: [], records });
});

it('another configuration is in force from its message on', () => {
  const front = intake();
  const before = stepsOf(front.operator, logOf([1, publish('plc/press', '{"t": 1}')]));
  front.reconfigure(testConfig({ topics: [{ template: 'plc/{device}', format: 'json' }] }));
  const after = stepsOf(front.operator, logOf([2, control], [3, publish('plc/press', '{"t": 1}', { packetId: 2 })]));
  expect(before[0]!.quarantined).toMatchObject([{ reason: 'no-template' }]);
  expect(after[1]!.readings).toMatchObject([{ key: 'press' }]);
});

describe('snapshots', () => {
  it('what was seen before is known after', () => {
    const front = intake();
    stepsOf(front.operator, logOf([1, publish(topic, timed(0)), publish(`${topic}/v`, '1', { packetId: 2 })]));
    const restored = intake({ restored: stored(front.snapshot()) });
    const again = [
      publish(topic, timed(0), { dup: true }),
      publish(topic, timed(0), { packetId: 9 }),
      publish(`${topic}/v`, '1', { packetId: 2, dup: true }),
      publish(`${topic}/v`, '1', { packetId: 3 }),
    ];
    const [step] = stepsOf(restored.operator, logOf([2, ...again]));
    expect(summary(step!)).toMatchObject({
      readings: [[1e-6, { v: 1 }]],
      duplicates: [
        ['retransmission', 'plant1/press-7'],
        ['repeat', 'plant1/press-7'],
        ['retransmission', 'plant1/press-7'],
      ],
    });
  });

  it('of another format are refused', () => {
    expect(() => intake({ restored: { format: 99 } })).toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_UNREADABLE' }),
    );
  });
});
