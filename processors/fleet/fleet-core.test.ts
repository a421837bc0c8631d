import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Transition } from '../../events/alert.ts';
import { decodeRecords, encodeRecords } from '../../events/record-codec.ts';
import type { LogRecord, PublishRecord } from '../../events/record.ts';
import { logHeaders, subjects } from '../../events/subjects.ts';
import { configSchema, processingConfig } from '../../infra/config/schema.ts';
import type { Step } from '../step.ts';
import { RuleSet } from '../rules/rule-set.ts';
import { groupsMax } from '../windows/groups-max.ts';
import { FleetCore, fleetCheckpointFormat, type VersionedConfig } from './fleet-core.ts';

const partitions = 3;
const startUs = 1_760_000_000_000_000;
const stepUs = 250_000;
const sizeUs = 10_000_000;

const configOf = (over: object = {}) =>
  processingConfig(
    configSchema.parse({
      windows: [
        { name: 'own', size: '10s' },
        { name: 'site', size: '10s', by: ['site'], lateness: '2s' },
      ],
      joins: [
        {
          name: 'delta',
          left: { field: 't', where: { device: 'd0' } },
          right: { field: 't', where: { device: 'd1' } },
          tolerance: '1s',
          expression: 'left - right',
        },
      ],
      rules: [
        { name: 'site-hot', window: 'site', field: 't', aggregate: 'mean', above: 40 },
        { name: 'apart', field: 'delta', above: 10 },
        { name: 'own-hot', field: 't', above: 40 },
      ],
      ...over,
    }),
  );
const configs = new Map([[1, configOf()]]);

interface Said {
  readonly device: number;
  readonly value: number;
}

/** One message each: a reading of a device, which is always in the same partition, with a tick. */
function messageOf({ device, value }: Said, at: number) {
  const partition = device % partitions;
  const timeUs = startUs + at * stepUs;
  const records: LogRecord[] = [
    {
      kind: 'publish',
      client: `c${device}`,
      connection: `c${device}-1`,
      packetId: at + 1,
      topic: `sensors/s${device % 2}/d${device}`,
      payload: Buffer.from(JSON.stringify({ time: timeUs / 1000, t: value })),
      qos: 1,
      retain: false,
      dup: false,
      receivedAtUs: timeUs,
    },
    { kind: 'tick', instance: 'i', atUs: timeUs },
  ];
  const headers: Record<string, string> = {
    [logHeaders.format]: '1',
    [logHeaders.producer]: `p${partition}`,
    [logHeaders.producerSequence]: String(at + 1),
  };
  return {
    subject: subjects.log(partition),
    sequence: at + 1,
    timeUs,
    data: encodeRecords(records),
    header: (name: string) => headers[name],
  };
}

type Outputs = Pick<Step, 'windows' | 'transitions' | 'derived'>;

function take(core: FleetCore, message: ReturnType<typeof messageOf>, inForce: VersionedConfig): Outputs {
  const read = core.read(message);
  const { windows, transitions, derived } = core.take(read, read.needs === null ? null : inForce)!;
  return { windows, transitions, derived };
}

const first: VersionedConfig = { version: 1, config: configs.get(1)! };
const log = fc.array(fc.record({ device: fc.nat(5), value: fc.nat(80) }), { minLength: 1, maxLength: 120 });
/** Long after all, from every device: what is open is over. */
const closing = Array.from({ length: 6 }, (_, device) => ({ device, value: 0 }));

it('from any checkpoint it gives what it would have given without', () => {
  fc.assert(
    fc.property(log, fc.nat(120), (said, cut) => {
      const messages = said.map(messageOf);
      const whole = new FleetCore(partitions);
      const expected = messages.map((message) => take(whole, message, first));
      const before = new FleetCore(partitions);
      const at = Math.min(cut, messages.length);
      const found = messages.slice(0, at).map((message) => take(before, message, first));
      const checkpoint = before.checkpoint();
      const bytes = checkpoint && fleetCheckpointFormat.encode(checkpoint);
      const after =
        bytes === null
          ? new FleetCore(partitions)
          : FleetCore.restore(partitions, fleetCheckpointFormat.decode('fleet', bytes), configs);
      found.push(...messages.slice(at).map((message) => take(after, message, first)));
      expect(found).toEqual(expected);
      expect(after.checkpoint()).toEqual(whole.checkpoint());
    }),
    { numRuns: 60 },
  );
});

it('tells what the open window of a group holds so far, over all partitions, and of no other', () => {
  const core = new FleetCore(partitions);
  expect(core.partials('site=s0')).toEqual([]);
  const said = [0, 2, 4, 1].map((device) => ({ device, value: device * 10 }));
  for (const [at, one] of said.entries()) take(core, messageOf(one, at), first);
  expect(core.partials('site=s0')).toMatchObject([
    { window: 'site', key: 'site=s0', field: 't', count: 3, sum: 60, partial: true, origin: { sequence: 4 } },
  ]);
  expect(core.partials('s0/d0')).toEqual([]);
});

it('windows over devices of several partitions hold what a naive sum says; nothing of one device alone is here', () => {
  fc.assert(
    fc.property(log, (said) => {
      const core = new FleetCore(partitions);
      const steps = said.map((one, at) => take(core, messageOf(one, at), first));
      steps.push(...closing.map((one, at) => take(core, messageOf(one, at + 4_000), first)));
      const naive = new Map<string, { count: number; sum: number }>();
      for (const [at, { device, value }] of said.entries()) {
        const windowUs = Math.floor((startUs + at * stepUs) / sizeUs) * sizeUs;
        const name = `site=s${device % 2} ${windowUs}`;
        const { count, sum } = naive.get(name) ?? { count: 0, sum: 0 };
        naive.set(name, { count: count + 1, sum: sum + value });
      }
      const closed = steps.flatMap(({ windows }) => windows).filter(({ endUs }) => endUs < startUs + 4_000 * stepUs);
      const found = closed.map(({ key, startUs: windowUs, count, sum }) => [`${key} ${windowUs}`, { count, sum }]);
      expect(closed.every(({ window, revision }) => window === 'site' && revision === 0)).toBe(true);
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(naive));
      const rules = new Set(steps.flatMap(({ transitions }) => transitions.map(({ rule }) => rule)));
      expect(rules.has('own-hot')).toBe(false);
    }),
    { numRuns: 60 },
  );
});

it('joins devices of two partitions, and a rule on the join judges what it gives', () => {
  const core = new FleetCore(partitions);
  const said = [
    { device: 0, value: 50 },
    { device: 1, value: 20 },
    ...Array.from({ length: 60 }, () => ({ device: 5, value: 0 })),
  ];
  const steps = said.map((one, at) => take(core, messageOf(one, at), first));
  expect(steps.flatMap(({ derived }) => derived)).toMatchObject([
    { processor: 'delta', fields: { delta: 30 }, timeUs: startUs },
  ]);
  const told = steps.flatMap(({ transitions }) => transitions).filter(({ rule }) => rule === 'apart');
  expect(told).toMatchObject([{ to: 'firing', value: 30, field: 'delta' }]);
});

it('switches at the control record of partition 0; each intake at its own', () => {
  const core = new FleetCore(partitions);
  const next: VersionedConfig = { version: 2, config: configOf({ joins: [], rules: [] }) };
  const control = (partition: number, sequence: number) => ({
    ...messageOf({ device: partition, value: 0 }, sequence - 1),
    data: encodeRecords([{ kind: 'control', version: 2, previous: 1, hash: '' }]),
  });
  for (let at = 0; at < 3; at++) take(core, messageOf({ device: at, value: 0 }, at), first);
  take(core, control(1, 4), next);
  expect(core.checkpoint()!.configVersion).toBe(1);
  take(core, control(0, 5), next);
  const { configVersion, lanes } = core.checkpoint()!;
  expect(configVersion).toBe(2);
  expect(lanes.map(([partition, lane]) => [partition, lane.configVersion])).toEqual([
    [0, 2],
    [1, 2],
    [2, 1],
  ]);
});

it('says how many readings are left out, as their groups would be too many', () => {
  const core = new FleetCore(partitions);
  const message = messageOf({ device: 0, value: 1 }, 0);
  const [publish] = decodeRecords(message.data) as PublishRecord[];
  const sites = Array.from({ length: groupsMax + 3 }, (_, i) => ({
    ...publish!,
    packetId: i + 1,
    topic: `sensors/s${i}/d0`,
  }));
  const read = core.read({ ...message, data: encodeRecords(sites) });
  expect(core.take(read, first)!.leftOut).toEqual([{ part: 'window', name: 'site', readings: 3 }]);
  const next = core.read(messageOf({ device: 0, value: 1 }, 1));
  expect(core.take(next, null)!.leftOut).toEqual([]);
});

it('a device that is forgotten ends no alert of a group, whatever its key is', () => {
  const { windows, rules } = configOf({
    windows: [{ name: 'all', size: '10s', by: [] }],
    rules: [{ name: 'hot', window: 'all', field: 't', aggregate: 'mean', above: 40 }],
  });
  const set = new RuleSet({ windows, rules }, 0);
  const origin = { partition: 0, sequence: 1, index: -1 };
  const moment = { nowUs: startUs, elapsedUs: 0, historicalBeforeUs: 0 };
  const numbers = { count: 1, min: 50, max: 50, mean: 50, sum: 50, first: 50, last: 50, stddev: 0 };
  const of = { window: 'all', key: 'fleet', device: '', field: 't', tags: {}, revision: 0, origin };
  const transitions: Transition[] = [];
  set.judgeWindow({ ...of, ...numbers, startUs: 0, endUs: startUs }, moment, transitions);
  set.forget('fleet', 'forgotten', origin, moment, transitions);
  expect(transitions).toMatchObject([{ to: 'firing' }]);
  expect(set.status(['fleet'])).toMatchObject([{ state: 'firing' }]);
});
