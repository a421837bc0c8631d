/** One process that works off a log: started by processing.ts, says what it took as JSON. */
import { createCheckpoints } from '../infra/bus/checkpoints.ts';
import { type BusOptions, connectBus } from '../infra/bus/connection.ts';
import { createLogger } from '../infra/log.ts';
import { Alarms } from '../processors/alarms.ts';
import { Figures } from '../processors/figures.ts';
import { startWorker } from '../processors/worker/worker.ts';

export interface ReaderOptions {
  readonly bus: BusOptions;
  readonly partitions: number;
  /** Readings in the log. */
  readonly readings: number;
}

export interface ReaderResult {
  readonly readingsPerS: number;
  /** CPU time of the whole process, its garbage collector included, for each reading. */
  readonly cpuUs: number;
  readonly peakMiB: number;
  readonly windows: number;
}

const options = JSON.parse(process.argv[2]!) as ReaderOptions;
const { partitions, readings } = options;
const bus = await connectBus(options.bus);
const log = createLogger('bench', 'silent');
const stopping = new AbortController();
const checkpoints = await createCheckpoints(bus);
const alarms = new Alarms(bus, log);
const figures = new Figures();
const workers = Array.from({ length: partitions }, (_, partition) =>
  startWorker({ bus, partition, partitions, checkpoints, alarms, figures, live: null }, log, stopping.signal),
);

await until(() => figures.readings >= readings / 3);
const from = { readings: figures.readings, ms: performance.now(), cpu: process.cpuUsage() };
await until(() => figures.readings >= readings);
const seconds = (performance.now() - from.ms) / 1000;
const cpu = process.cpuUsage(from.cpu);
const taken = figures.readings - from.readings;
const result: ReaderResult = {
  readingsPerS: taken / seconds,
  cpuUs: (cpu.user + cpu.system) / taken,
  peakMiB: process.resourceUsage().maxRSS / 1024,
  windows: figures.windowsClosed,
};
stopping.abort();
await Promise.all(workers.map(({ done }) => done));
await bus.close();
process.stdout.write(JSON.stringify(result));

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) {
    const stopped = workers.find((worker) => worker.report().stopped !== '');
    if (stopped !== undefined) throw new Error(stopped.report().stopped);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
