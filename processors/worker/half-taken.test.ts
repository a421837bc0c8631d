import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { encodeRecords } from '../../events/record-codec.ts';
import { publishConfig } from '../../infra/bus/config-versions.ts';
import { connectBus, type Bus } from '../../infra/bus/connection.ts';
import { createLogPublisher } from '../../infra/bus/log-publisher.ts';
import { ensureStreams } from '../../infra/bus/streams.ts';
import { configSchema, processingConfig } from '../../infra/config/schema.ts';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { contextOn } from './partition-under-test.ts';
import { runPartition } from './partition-run.ts';
import { batches } from './sample-batches.ts';
import { checkpointFormat } from './worker-checkpoint.ts';

let nats: NatsUnderTest;
let bus: Bus;

beforeEach(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions: 1, maxBytes: 64 * 2 ** 20, replicas: 1 });
});
afterEach(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

const limit = (above: number) =>
  processingConfig(configSchema.parse({ rules: [{ name: 'hot', field: 'temperature', above }] }));

/** A connection on which one version of the configuration takes long to come; `onAsked` is told when it is asked for. */
function slowFor(version: number, own: Bus, onAsked: () => void): Bus {
  const { streams } = own.manager;
  const getMessage: typeof streams.getMessage = async (stream, query) => {
    if (
      typeof query === 'object' &&
      'last_by_subj' in query &&
      query.last_by_subj === `$KV.config.version.${version}`
    ) {
      onAsked();
      // Longer than the worker's watch over a log at rest takes to come by.
      await wait(1_500);
    }
    return streams.getMessage(stream, query);
  };
  const slow = { ...streams, info: streams.info.bind(streams), getMessage };
  return {
    connection: own.connection,
    jetstream: own.jetstream,
    manager: { ...own.manager, consumers: own.manager.consumers, streams: slow },
    get connected() {
      return own.connected;
    },
    whenConnected: (signal) => own.whenConnected(signal),
    onLink: (listener) => own.onLink(listener),
    close: () => own.close(),
    [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
  };
}

it('no checkpoint holds a control record whose configuration is not in force yet', async () => {
  await publishConfig(bus, 1, limit(60));
  const publisher = createLogPublisher(bus, { producer: 'ingest-1' });
  const startUs = Math.floor(Date.now() / 1000) * 1e6 - 600e6;
  for (const [i, records] of batches(startUs, 20).entries()) await publisher.publish(0, encodeRecords(records), i + 1);
  await publishConfig(bus, 1, limit(30));

  const asked = Promise.withResolvers<void>();
  const context = await contextOn(slowFor(2, bus, asked.resolve));
  const saved: { control: boolean; configVersion: number }[] = [];
  const stop = new AbortController();
  const run = runPartition(
    {
      ...context,
      checkpointEveryMs: 1,
      checkpoints: {
        ...context.checkpoints,
        load: () => Promise.resolve(null),
        names: () => Promise.resolve([]),
        keep: () => Promise.resolve(),
        remove: () => Promise.resolve(),
        sweep: () => Promise.resolve(0),
        async save(name, bytes) {
          const { producers, configVersion } = checkpointFormat.decode(name, bytes);
          saved.push({ control: producers.some(([producer]) => producer === 'config-2'), configVersion });
          // So that messages wait for the next checkpoint when the control record is taken.
          await asked.promise;
        },
      },
    },
    stop.signal,
  );
  await vi.waitFor(() => expect(saved.at(-1)).toEqual({ control: true, configVersion: 2 }), 10_000);
  stop.abort();
  await run;
  expect(saved.filter(({ control, configVersion }) => control && configVersion === 1)).toEqual([]);
});
