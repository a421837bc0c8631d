import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Transition } from '../../events/alert.ts';
import { encodeRecords } from '../../events/record-codec.ts';
import { streams, subjects } from '../../events/subjects.ts';
import { allMessages } from '../../infra/bus/all-messages.ts';
import { createCheckpoints, type Checkpoints } from '../../infra/bus/checkpoints.ts';
import { publishConfig } from '../../infra/bus/config-versions.ts';
import { connectBus, type Bus } from '../../infra/bus/connection.ts';
import { createLogPublisher, type LogPublisher } from '../../infra/bus/log-publisher.ts';
import { ensureStreams } from '../../infra/bus/streams.ts';
import { configSchema, processingConfig } from '../../infra/config/schema.ts';
import { createLogger } from '../../infra/log.ts';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { Alarms } from '../alarms.ts';
import { unsaved } from '../worker/partition-under-test.ts';
import { runFleetOnDemand } from './fleet-on-demand.ts';
import type { FleetWorker } from './fleet-worker.ts';

const partitions = 2;
const log = createLogger('test', 'silent');

let nats: NatsUnderTest;
let bus: Bus;
let publisher: LogPublisher;
let sequence = 0;

beforeEach(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('processors', 'processors'));
  await using admin = await connectBus(nats.busOptions('test'));
  await ensureStreams(admin, { partitions, maxBytes: 64 * 2 ** 20, replicas: 1 });
  publisher = createLogPublisher(bus, { producer: 'p' });
  sequence = 0;
});
afterEach(async () => {
  publisher.close();
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

const configOf = (parts: object) => processingConfig(configSchema.parse(parts));
const without = configOf({});
const fleet = configOf({
  windows: [{ name: 'all', kind: 'count', count: 2, by: [] }],
  rules: [{ name: 'many', window: 'all', field: 't', aggregate: 'sum', above: 0 }],
});

/** A reading of a device of each partition. */
async function publish(): Promise<void> {
  sequence++;
  for (let partition = 0; partition < partitions; partition++) {
    const payload = Buffer.from(JSON.stringify({ t: 1 }));
    const record = {
      kind: 'publish',
      client: 'c',
      connection: 'c1',
      packetId: 0,
      topic: `sensors/plant1/d${partition}`,
      payload,
      qos: 0,
      retain: false,
      dup: false,
      receivedAtUs: Date.now() * 1e3,
    } as const;
    await publisher.publish(partition, encodeRecords([record]), sequence);
  }
}

async function begin(checkpoints?: Checkpoints) {
  const stop = new AbortController();
  const seen: (FleetWorker | null)[] = [];
  const context = {
    bus,
    partitions,
    checkpoints: checkpoints ?? (await createCheckpoints(bus)),
    alarms: new Alarms(bus, log),
    lease: { confirmed: () => Promise.resolve() },
  };
  const done = runFleetOnDemand(context, log, stop.signal, (worker) => seen.push(worker));
  const end = async () => {
    stop.abort();
    await done;
  };
  return { seen, end };
}

const told = async () =>
  (await allMessages(bus, streams.alerts, subjects.alerts('fleet')))
    .flatMap(({ data }) => JSON.parse(Buffer.from(data).toString()) as Transition[])
    .map(({ to, notify }) => [to, notify]);
const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 15_000 });

it('a configuration that asks for it starts the worker, and one that no longer does ends it after its alerts', async () => {
  await publishConfig(bus, partitions, without);
  const { seen, end } = await begin();
  await publish();
  await publishConfig(bus, partitions, fleet);
  await publish();
  await eventually(async () => expect(await told()).toEqual([['firing', 'firing']]));
  expect(seen).toHaveLength(1);
  expect(seen[0]!.report()).toMatchObject({ stopped: '' });

  await publishConfig(bus, partitions, without);
  await eventually(() => expect(seen).toEqual([expect.anything(), null]));
  expect(await told()).toEqual([
    ['firing', 'firing'],
    ['unknown', 'resolved'],
  ]);

  await publishConfig(bus, partitions, fleet);
  await publish();
  await eventually(async () => expect(await told()).toHaveLength(3));
  expect(seen).toHaveLength(3);
  await end();
});

it('what another left before the end is finished, though nothing asks for it any more', async () => {
  await publishConfig(bus, partitions, fleet);
  const first = await begin();
  await publish();
  await eventually(async () => expect(await told()).toEqual([['firing', 'firing']]));
  await first.end();
  await publishConfig(bus, partitions, without);
  const second = await begin();
  await eventually(async () => expect(await told()).toContainEqual(['unknown', 'resolved']));
  await eventually(() => expect(second.seen.at(-1)).toBe(null));
  await second.end();
});

it('an alert of one that was gone before its first checkpoint is ended, though nothing asks for it any more', async () => {
  await publishConfig(bus, partitions, fleet);
  const first = await begin(await unsaved(bus));
  await publish();
  await eventually(async () => expect(await told()).toEqual([['firing', 'firing']]));
  await first.end();
  await publishConfig(bus, partitions, without);
  const second = await begin();
  await eventually(async () => expect(await told()).toContainEqual(['unknown', 'resolved']));
  await eventually(() => expect(second.seen.at(-1)).toBe(null));
  await second.end();
});
