import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Transition } from '../../events/alert.ts';
import { encodeRecords } from '../../events/record-codec.ts';
import type { LogRecord } from '../../events/record.ts';
import { logHeaders, subjects } from '../../events/subjects.ts';
import { configSchema, processingConfig } from '../../infra/config/schema.ts';
import { RebuildClock } from '../change/rebuild.ts';
import type { Step } from '../step.ts';
import { FleetCore, fleetCheckpointFormat, type VersionedConfig } from './fleet-core.ts';
import { FleetRebuild, rebuildsFleet } from './fleet-rebuild.ts';

const partitions = 2;
const startUs = 1_760_000_000_000_000;
const stepUs = 500_000;

const configOf = (size: string, tolerance: string, above: number) =>
  processingConfig(
    configSchema.parse({
      windows: [
        { name: 'site', size, by: ['site'], lateness: '1s' },
        { name: 'same', size: '4s', by: [], lateness: '0s' },
      ],
      joins: [
        {
          name: 'delta',
          left: { field: 't', where: { device: 'd0' } },
          right: { field: 't', where: { device: 'd1' } },
          tolerance,
          lateness: '1s',
          expression: 'left - right',
        },
      ],
      rules: [
        { name: 'site-hot', window: 'site', field: 't', aggregate: 'mean', above },
        { name: 'apart', field: 'delta', above: 10 },
      ],
    }),
  );
const before: VersionedConfig = { version: 1, config: configOf('10s', '200ms', 40) };
const after: VersionedConfig = { version: 2, config: configOf('3s', '2s', 30) };
const configs = new Map([before, after].map(({ version, config }) => [version, config]));

interface Said {
  readonly device: number;
  readonly value: number;
}

function messageOf(partition: number, at: number, records: readonly LogRecord[]) {
  const headers: Record<string, string> = {
    [logHeaders.format]: '1',
    [logHeaders.producer]: `p${at}`,
    [logHeaders.producerSequence]: '1',
  };
  return {
    subject: subjects.log(partition),
    partition,
    sequence: at + 1,
    timeUs: startUs + at * stepUs,
    nowUs: startUs + at * stepUs,
    records,
    data: encodeRecords(records),
    header: (name: string) => headers[name],
  };
}

/** A reading of a device, which is always in the same partition, with a tick. */
function reading({ device, value }: Said, at: number) {
  const timeUs = startUs + at * stepUs;
  return messageOf(device % partitions, at, [
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
  ]);
}
type Message = ReturnType<typeof messageOf>;

/** In the same moment as the message before, so that no time passes in it. */
const control = (at: number, from: number, partition = 0) => {
  const timeUs = startUs + (at - 1 - partition) * stepUs;
  const message = messageOf(partition, at, [
    { kind: 'control', version: 2, previous: 1, hash: '', state: { kind: 'rebuild', from } },
  ]);
  return { ...message, timeUs, nowUs: timeUs };
};

/** Takes a message, and what it needs: the past of it is `stretch`. */
function take(core: FleetCore, message: Message, inForce: VersionedConfig, stretch: readonly Message[] = []): Step {
  const read = core.read(message);
  const next = read.needs === null ? null : inForce;
  let rebuilt = null;
  if (read.rebuildsFrom !== null && core.rebuilds(after.config)) {
    const within = stretch.filter(({ sequence }) => sequence >= read.rebuildsFrom! && sequence < message.sequence);
    const clock = new RebuildClock();
    for (const { nowUs, records } of within) clock.take(nowUs, records);
    const rebuild = new FleetRebuild(after.config, partitions, core.elapsedUs, clock.elapsedUs);
    for (const one of within) rebuild.take({ ...one, missing: 0, sinceUs: 0 });
    rebuilt = rebuild.result(core.config!);
  }
  return core.take(read, next, rebuilt)!;
}

const lastRevisions = (steps: readonly Step[]) =>
  new Map(
    steps.flatMap(({ windows }) =>
      windows.map((one) => [`${one.window} ${one.key} ${one.field} ${one.startUs}`, one] as const),
    ),
  );
const bare = ({ rule, key, from, to, value, timeUs, threshold }: Transition) => {
  return { rule, key, from, to, value, timeUs, threshold };
};
const told = (steps: readonly Step[]) => steps.flatMap(({ transitions }) => transitions.map(bare));
const log = fc.array(fc.record({ device: fc.nat(3), value: fc.nat(80) }), { minLength: 6, maxLength: 80 });

it('a rebuild leaves what a worker has that read the stretch under the new configuration', () => {
  fc.assert(
    fc.property(log, fc.nat(80), fc.nat(80), fc.boolean(), (said, a, b, dies) => {
      const until = 1 + (a % (said.length - 1));
      const from = 1 + (b % until);
      const messages = said.map((one, at) => reading(one, at < until ? at : at + 2));
      const old = messages.slice(0, until);
      const rest = messages.slice(until);

      let core = new FleetCore(partitions);
      for (const message of old) take(core, message, before);
      const at = take(core, control(until, from), after, messages);
      if (dies) {
        const bytes = fleetCheckpointFormat.encode(core.checkpoint()!);
        core = FleetCore.restore(partitions, fleetCheckpointFormat.decode('fleet', bytes), configs);
      }
      take(core, control(until + 1, from, 1), after);
      const steps = rest.map((message) => take(core, message, after));

      const fresh = new FleetCore(partitions);
      const past = old.filter(({ sequence }) => sequence >= from).map((message) => take(fresh, message, after));
      const present = rest.map((message) => take(fresh, message, after));

      const edited = (all: readonly Step[]) =>
        [...lastRevisions(all)].filter(([id]) => id.startsWith('site ')).map(([, one]) => one);
      expect(edited([at])).toEqual(edited(past));
      expect(at.derived).toEqual(past.flatMap(({ derived }) => derived));
      const historical = at.transitions.filter((one) => one.historical && one.notify === null);
      expect(historical.map(bare).toSorted(inOrder)).toEqual(told(past).toSorted(inOrder));
      // From there on nothing tells the two apart, but the window that was not edited and goes on.
      const ofSite = (all: readonly Step[]) =>
        all.map(({ windows, derived }) => [windows.filter(({ window }) => window === 'site'), derived]);
      expect(ofSite(steps)).toEqual(ofSite(present));
      expect(told(steps).filter(({ from: was, to }) => was !== to)).toEqual(
        told(present).filter(({ from: was, to }) => was !== to),
      );
    }),
    { numRuns: 100 },
  );
});

const inOrder = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

it('a rebuild notifies nobody of the past, and who was told stays told', () => {
  const core = new FleetCore(partitions);
  // 50 is too hot under both; the mean of 10 s is told before the change.
  const hot = Array.from({ length: 30 }, (_, at) => reading({ device: 0, value: 50 }, at));
  const steps = hot.map((message) => take(core, message, before));
  expect(steps.flatMap(({ transitions }) => transitions)).toMatchObject([{ to: 'firing', notify: 'firing' }]);
  const at = take(core, control(30, 1), after, hot);
  expect(at.transitions).toMatchObject([
    { to: 'unknown', why: 'edited', notify: null },
    { to: 'firing', historical: true, notify: null },
  ]);
  const cold = Array.from({ length: 12 }, (_, i) => reading({ device: 0, value: 0 }, 31 + i));
  const end = cold.map((message) => take(core, message, after)).flatMap(({ transitions }) => transitions);
  expect(end).toMatchObject([{ rule: 'site-hot', from: 'firing', to: 'ok', notify: 'resolved' }]);
});

it('the stretch is read where there is something to rebuild only', () => {
  const none = processingConfig(configSchema.parse({ windows: [{ name: 'own', size: '1s' }] }));
  const other = processingConfig(configSchema.parse({ windows: [{ name: 'own', size: '2s' }] }));
  expect([rebuildsFleet(none, other), rebuildsFleet(before.config, before.config)]).toEqual([false, false]);
  expect([rebuildsFleet(none, after.config), rebuildsFleet(before.config, after.config)]).toEqual([true, true]);
  const rules = before.config.rules.map((rule) => ({ ...rule, stale: 1_000 }));
  expect(rebuildsFleet(before.config, { ...before.config, rules })).toBe(true);

  const core = new FleetCore(partitions);
  take(core, reading({ device: 0, value: 1 }, 0), before);
  const read = core.read(control(1, 1));
  expect(read.rebuildsFrom).toBe(1);
  expect(core.read(control(1, 1, 1)).rebuildsFrom).toBe(null);
  expect(() => core.take(read, after)).toThrow(/without the state/);
});
