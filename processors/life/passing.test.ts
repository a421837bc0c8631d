import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LifeOperation, LogRecord, PublishRecord } from '../../events/record.ts';
import { writeSparkplug, type SparkplugMetric } from '../../infra/sparkplug/payload.ts';
import { FleetRebuild } from '../fleet/fleet-rebuild.ts';
import { logStartUs, publish, testConfig } from '../test-log.ts';
import { TwoPartitions } from './two-partitions.ts';

const [old, fresh] = ['plant/d1', 'plant/d2'];
const series = { device: 'd1', tags: { site: 'plant' } };
const give: LifeOperation = { kind: 'give', key: fresh, to: old, partition: 0, series };
const release: LifeOperation = { kind: 'release', key: fresh, to: old, partition: 0 };
const life = (operation: LifeOperation): LogRecord => ({ kind: 'life', atUs: 0, operation });
const config = testConfig({
  windows: [{ name: '10s', size: '10s', lateness: '0s', idle: '1h' }],
  rules: [{ name: 'hot', field: 't', above: 60 }],
});

interface Event {
  readonly what: 'say' | 'give' | 'release' | 'end';
  readonly device: string;
  readonly dup?: boolean;
}

let packetId = 0;
const say = (device: string, t: number, more: Partial<PublishRecord> & { atS?: number } = {}): PublishRecord => {
  const { atS, ...over } = more;
  const time = atS === undefined ? {} : { time: (logStartUs + atS * 1e6) / 1e3 };
  return publish(`sensors/plant/${device}`, JSON.stringify({ t, ...time }), {
    packetId: ++packetId,
    client: device,
    ...over,
  });
};
const values = (of: TwoPartitions, partition: number) =>
  of.readings(partition).map(({ key, fields }) => [key, fields['t']]);

/** The device in partition 0 and its new hardware in partition 1, both heard, and the new given to the old. */
function replaced(): TwoPartitions {
  const two = new TwoPartitions(config);
  two.append(0, 0, say('d1', 1, { atS: 0 }));
  two.append(1, 1, say('d2', 70, { atS: 1 }));
  two.append(1, 2, life(give));
  return two;
}

describe('new hardware in another partition', () => {
  it('goes on with the history of the old, under its name and tags; what it sent before stays its own', () => {
    const two = replaced();
    two.append(1, 3, say('d2', 2, { atS: 3 }), say('d2', 3, { atS: 4 }));
    two.append(0, 5, say('d1', 4, { atS: 5 }));
    two.append(1, 20, say('d2', 5, { atS: 20 }));
    expect(values(two, 0)).toEqual([1, 2, 3, 4, 5].map((t) => [old, t]));
    expect(values(two, 1)).toEqual([[fresh, 70]]);
    expect(two.readings(0)[1]).toMatchObject({ device: 'd1', tags: { site: 'plant' } });
    expect(two.steps.flatMap(({ windows }) => windows.map(({ key, count }) => [key, count]))).toEqual([
      [fresh, 1],
      [old, 4],
    ]);
    const told = two.steps.flatMap(({ transitions }) => transitions.map(({ key, to, why }) => [key, to, why]));
    expect(told.filter(([key]) => key === fresh)).toEqual([
      [fresh, 'firing', undefined],
      [fresh, 'unknown', 'replaced'],
    ]);
    expect(two.pipeline(0).devices.get(old)).toMatchObject({ readings: 5, life: { replacedBy: fresh } });
    expect(two.pipeline(1).devices.get(fresh)).toBeNull();
    for (const { received, readings } of [two.pipeline(0).totals, two.pipeline(1).totals])
      expect(received).toBe(readings);
  });

  it('a retransmission is known by the partition it comes to, whichever side of the change its first coming was on', () => {
    const two = replaced();
    const [before, after] = [say('d2', 2), say('d2', 3)];
    two.append(1, 3, { ...before, dup: true });
    two.append(1, 4, after, { ...after, dup: true });
    two.append(1, 5, { ...before, dup: true }, say('d2', 4));
    expect(values(two, 0)).toEqual([1, 2, 3, 4].map((t) => [old, t]));
    expect(two.pipeline(1).totals).toMatchObject({ received: 3, duplicate: 2, readings: 1 });
  });

  it('undone, it is its own device again; what came in between stays', () => {
    const two = replaced();
    two.append(1, 3, say('d2', 2));
    two.append(1, 4, life(release), say('d2', 3));
    two.append(1, 5, say('d2', 4));
    expect(values(two, 0)).toEqual([
      [old, 1],
      [old, 2],
    ]);
    expect(values(two, 1)).toEqual([
      [fresh, 70],
      [fresh, 3],
      [fresh, 4],
    ]);
    expect(two.pipeline(0).lives.of(old).replacedBy).toBeNull();
  });

  it('its connection’s end is told behind what it brought, though it is in the log of the device before that', () => {
    const two = replaced();
    const end: LogRecord = { kind: 'disconnect', client: 'd2', connection: 'n1', atUs: 0, clean: true };
    const said = say('d2', 2, { connection: 'n1' });
    // The device's partition is read first: there the connection ends before its only reading is passed on.
    two.append(0, 3, end);
    two.append(1, 3, said);
    expect(two.pipeline(0).devices.get(old)?.presence.state).toBe('online');
    two.append(1, 4, end);
    expect(two.pipeline(0).devices.get(old)?.presence).toMatchObject({ state: 'offline', cause: 'goodbye' });
    // Once told, that is all of it.
    two.append(1, 5, end);
    expect(two.steps.at(-1)!.partition).toBe(1);
  });

  it('other new hardware takes its place, wherever that is; the one before is its own again', () => {
    const two = replaced();
    two.append(0, 3, life({ kind: 'replace', key: old, by: 'plant/d3', series }));
    two.append(1, 4, say('d2', 2));
    two.append(0, 5, say('d3', 3));
    expect(values(two, 1).at(-1)).toEqual([fresh, 2]);
    two.append(1, 6, life(give));
    two.append(0, 7, say('d3', 4));
    two.append(1, 8, say('d2', 5));
    expect(values(two, 0)).toEqual([
      [old, 1],
      [old, 3],
      ['plant/d3', 4],
      [old, 5],
    ]);
    expect(two.pipeline(0).lives.of(old).replacedBy).toBe(fresh);
  });

  it('the old cannot be new hardware of the new', () => {
    const two = replaced();
    two.append(0, 3, life({ ...give, key: old, to: fresh, partition: 1, series: { device: 'd2', tags: {} } }));
    expect(two.steps.at(-1)!.lives[0]!.outcome).toMatch(/was itself replaced, by plant\/d2/);
    two.append(1, 4, say('d2', 2));
    expect(values(two, 0).at(-1)).toEqual([old, 2]);
  });

  it.each<[string, LifeOperation, RegExp]>([
    ['given to another', { ...give, to: 'plant/d9' }, /are those of plant\/d1 already/],
    ['replaced itself', { kind: 'replace', key: fresh, by: 'plant/d8', series }, /are those of plant\/d1 already/],
    [
      'new hardware of one here',
      { kind: 'replace', key: 'plant/d8', by: fresh, series },
      /are those of plant\/d1 already/,
    ],
    ['released for another', { ...release, to: 'plant/d9' }, /are not those of plant\/d9/],
    ['given once more', give, /^done$/],
  ])('cannot be %s, or it changes nothing', (_what, operation, outcome) => {
    const two = replaced();
    two.append(1, 3, life(operation));
    two.append(1, 4, say('d2', 2));
    expect(two.steps.find(({ sequence }) => sequence === 5)!.lives[0]!.outcome).toMatch(outcome);
    expect(values(two, 0).at(-1)).toEqual([old, 2]);
  });

  it('of a payload of several devices only the one that is given is passed on', () => {
    const many = testConfig({ topics: [{ template: 'gw/{site}', format: 'senml-json' }] });
    const two = new TwoPartitions(many);
    two.append(1, 1, life({ ...give, key: 'plant/b' }));
    const pack = ['a', 'b', 'c'].map((device, v) => ({ n: `${device}/t`, v }));
    two.append(1, 2, publish('gw/plant', JSON.stringify(pack)));
    const [first, second] = [two.readings(1), two.readings(0)];
    expect([first.length, second.length]).toEqual([2, 1]);
    expect(second[0]).toMatchObject({ key: old, device: 'd1' });
    expect(two.pipeline(1).totals.received).toBe(2);
  });

  it('a Sparkplug edge node keeps what its birth declared, where it comes', () => {
    const two = new TwoPartitions(testConfig({ topics: [{ profile: 'sparkplug' }] }));
    const speed = { name: 'speed', alias: 20, datatype: 10, doubleValue: 1 };
    const timestamp = logStartUs / 1e3;
    const node = (message: string, seq: number, metric: SparkplugMetric) =>
      publish(`spBv1.0/plant/${message}/d2`, writeSparkplug({ timestamp: timestamp + seq, seq, metrics: [metric] }), {
        packetId: seq + 1,
      });
    two.append(1, 1, node('NBIRTH', 0, speed));
    two.append(1, 2, life(give));
    two.append(1, 3, node('NDATA', 1, { alias: 20, datatype: 10, doubleValue: 2 }));
    expect(two.readings(0).map(({ key, fields }) => [key, fields['speed']])).toEqual([[old, 2]]);
    expect(two.steps.flatMap(({ rebirths }) => rebirths)).toEqual([]);
  });

  it('redriven, what becomes of a reading is said where its device is, once', () => {
    const two = replaced();
    const again = {
      ...say('d2', 2),
      redriven: { partition: 1, sequence: 2, index: 0, part: null, by: 'worker' as const },
    };
    two.append(1, 3, again);
    two.append(1, 4, again);
    const told = two.steps.flatMap(({ redriven, partition }) =>
      redriven.map((one) => [partition, one.readings, one.duplicate]),
    );
    expect(told).toEqual([
      [0, 1, 0],
      [0, 0, 1],
    ]);
  });
});

it('the fleet counts each reading once, under the device that it is of, also who reads from behind the change on', () => {
  const fleet = testConfig({
    windows: [{ name: 'site', size: '10s', by: ['site'], lateness: '0s' }],
  });
  const two = replaced();
  two.append(1, 3, say('d2', 2, { atS: 3 }));
  two.append(1, 4, say('d2', 3, { atS: 4 }));
  two.append(0, 30, say('d1', 4, { atS: 30 }));
  const counted = (from: number) => {
    const lives = new Map([0, 1].map((partition) => [partition, two.pipeline(partition).lives.before(from)]));
    const rebuild = new FleetRebuild(fleet, 2, 100e6, 30e6, lives);
    for (const message of two.log.filter(({ sequence }) => sequence >= from))
      rebuild.take({ ...message, missing: 0, sinceUs: 0 });
    return rebuild.result(testConfig({})).closed.map(({ count }) => count);
  };
  // d1, d2 of before, and two that were passed on.
  expect(counted(1)).toEqual([4]);
  expect(counted(5)).toEqual([2]);
});

it('redriven where its device is, it is taken though others came behind it', () => {
  const two = replaced();
  two.append(1, 3, say('d2', 2));
  const passed = two.log.at(-1)!.records[0]!;
  if (passed.kind !== 'passed' || passed.record.kind !== 'publish') throw new Error('a reading was to be passed on');
  two.append(1, 4, say('d2', 3));
  const redriven = { partition: 0, sequence: 4, index: 0, part: null, by: 'worker' as const };
  const again: LogRecord = { ...passed, from: null, record: { ...passed.record, redriven } };
  two.append(0, 5, again);
  two.append(0, 6, again, passed);
  expect(values(two, 0).map(([, t]) => t)).toEqual([1, 2, 3, 2]);
  expect(two.pipeline(0).totals).toMatchObject({ received: 5, duplicate: 1 });
});

it('a worker of either side that goes over its log again changes nothing of what comes out', () => {
  const device = fc.constantFrom('d1', 'd2', 'd3');
  const event: fc.Arbitrary<Event> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ what: fc.constant('say' as const), device, dup: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('give' as const, 'release' as const), device }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('end' as const), device }) },
  );
  const partitionOf = (of: string) => (of === 'd1' ? 0 : 1);
  const play = (events: readonly Event[], saved: number, killed: number) => {
    packetId = 0;
    const two = new TwoPartitions(config);
    let kept = [two.checkpoint(0), two.checkpoint(1)];
    for (const [at, one] of events.entries()) {
      if (at === saved) kept = [two.checkpoint(0), two.checkpoint(1)];
      const partition = partitionOf(one.device);
      const key = `plant/${one.device}`;
      if (one.what === 'say') {
        const record = say(one.device, at, { connection: `${one.device}-1` });
        two.append(partition, at, record);
        if (one.dup === true) two.append(partition, at, { ...record, dup: true });
      } else if (one.what === 'end')
        for (const of of [0, 1])
          two.append(of, at, {
            kind: 'disconnect',
            client: one.device,
            connection: `${one.device}-1`,
            atUs: 0,
            clean: true,
          });
      else if (key !== old) two.append(1, at, life({ ...(one.what === 'give' ? give : release), key }));
      if (at === killed) for (const of of [1, 0]) two.killed(of, kept[of]!);
    }
    const ends = [0, 1].map((of) => {
      const pipeline = two.pipeline(of);
      const devices = pipeline.devices.page(undefined, 9);
      const seen = devices.map(({ key, readings, fields, life: lives, presence: { state } }) => {
        return { key, readings, last: fields['t']?.value, lives, state };
      });
      return { seen, totals: pipeline.totals };
    });
    return { ends, readings: values(two, 0).concat(values(two, 1)).map(String).toSorted() };
  };
  fc.assert(
    fc.property(fc.array(event, { minLength: 3, maxLength: 40 }), fc.nat(39), fc.nat(39), (events, a, b) => {
      const [saved, killed] = [Math.min(a, b), Math.max(a, b)];
      const whole = play(events, -1, -1);
      const again = play(events, saved, killed);
      expect(again.ends).toEqual(whole.ends);
      expect([...new Set(again.readings)]).toEqual([...new Set(whole.readings)]);
    }),
    { numRuns: 150 },
  );
});
