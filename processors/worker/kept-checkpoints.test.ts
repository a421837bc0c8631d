import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCheckpoints } from '../../infra/bus/checkpoints.ts';
import { connectBus, type Bus } from '../../infra/bus/connection.ts';
import { ensureStreams } from '../../infra/bus/streams.ts';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { keptBefore, keptName, sweepKept } from './kept-checkpoints.ts';

let nats: NatsUnderTest;
let bus: Bus;

beforeAll(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions: 2, maxBytes: 64 * 2 ** 20, replicas: 1 });
});
afterAll(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

it('the latest before the log of each lane stays, for a replay from the beginning', async () => {
  const checkpoints = await createCheckpoints(bus);
  for (const lane of [0, 1, 'fleet'] as const)
    for (const position of lane === 1 ? [300] : [100, 200, 299, 300, 400])
      await checkpoints.keep(keptName(lane, position), Buffer.from(`${lane} ${position}`));
  await checkpoints.save('worker.0', Buffer.from('its last'));

  expect(await sweepKept(checkpoints, 300)).toBe(4);
  expect((await checkpoints.names()).toSorted()).toEqual([
    'worker.0',
    'worker.0.at.299',
    'worker.0.at.300',
    'worker.0.at.400',
    'worker.1.at.300',
    'worker.fleet.at.299',
    'worker.fleet.at.300',
    'worker.fleet.at.400',
  ]);
  expect((await keptBefore(checkpoints, 0, 300))?.position).toBe(299);
  expect((await keptBefore(checkpoints, 'fleet', 'checkpoint'))?.position).toBe(400);
  expect(await keptBefore(checkpoints, 1, 300)).toBe(null);
  expect(await sweepKept(checkpoints, 300)).toBe(0);
});
