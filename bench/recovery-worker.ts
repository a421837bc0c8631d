/**
 * The workers of all partitions, in a process of their own: `node bench/recovery-worker.ts '<options as JSON>'`. Prints
 * a line of JSON when they have read to `until`, then ends.
 */
import { createCheckpoints } from '../infra/bus/checkpoints.ts';
import { connectBus, type BusOptions } from '../infra/bus/connection.ts';
import { createLogger } from '../infra/log.ts';
import { Alarms } from '../processors/alarms.ts';
import { Figures } from '../processors/figures.ts';
import { runPartition } from '../processors/worker/partition-run.ts';

export interface RecoveryWorkerOptions {
  readonly bus: BusOptions;
  readonly partitions: number;
  /** Of each partition its last message. */
  readonly until: readonly number[];
}

const { bus: busOptions, partitions, until } = JSON.parse(process.argv[2]!) as RecoveryWorkerOptions;
const log = createLogger('bench', 'silent');
const bus = await connectBus(busOptions);
const checkpoints = await createCheckpoints(bus);
const restoredMs: number[] = [];
let restoredCpuMs = 0;
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const stop = new AbortController();
const caughtUp = until.map(() => Promise.withResolvers<void>());
const context = { bus, partitions, checkpoints, log, alarms: new Alarms(bus, log), figures: new Figures(), live: null };
for (const [partition, last] of until.entries()) {
  const done = (position: number) => {
    if (position >= last) caughtUp[partition]!.resolve();
  };
  void runPartition(
    {
      ...context,
      partition,
      // None is taken while it is measured: the next one is due an interval later.
      checkpointEveryMs: 3_600_000,
      onRestored: () => {
        restoredMs.push(performance.now());
        restoredCpuMs = cpuMs();
      },
      onMessage: ({ sequence }) => done(sequence),
      onSaved: done,
    },
    stop.signal,
  );
}
await Promise.all(caughtUp.map(({ promise }) => promise));
const { rss } = process.memoryUsage();
const result = {
  restoredMs: Math.max(...restoredMs),
  caughtUpMs: performance.now(),
  restoredCpuMs,
  cpuMs: cpuMs(),
  rss,
};
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit());
