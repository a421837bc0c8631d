/**
 * How fast processing is from the log, without storage: `npm run bench -- processing`. A real nats-server holds the log;
 * one process reads its four partitions through ten windows and ten rules and writes its outputs back, fenced.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publishConfig } from '../infra/bus/config-versions.ts';
import { type Bus, connectBus } from '../infra/bus/connection.ts';
import { createLogPublisher } from '../infra/bus/log-publisher.ts';
import { ensureStreams } from '../infra/bus/streams.ts';
import { startNats } from '../infra/servers/nats-server.ts';
import { memoryEnvironment, memoryFlags } from '../infra/up/children.ts';
import { resolveServer } from '../infra/servers/resolve-server.ts';
import { processingBenchConfig, processingLoad } from './processing-load.ts';
import type { ReaderOptions, ReaderResult } from './processing-reader.ts';
import { aligned } from './figures.ts';

const partitions = 4;
const runs = process.argv.includes('--quick') ? 1 : 3;
/** A run of the largest fleet takes minutes. */
const runsOf = ({ devices }: Case) => (devices === 100_000 ? 1 : runs);
/** Each device has sent several readings before anything is measured; in the last third of a minute windows close. */
const cases = [
  { devices: 10, fields: 1, readings: 1_200_000 },
  { devices: 1_000, fields: 1, readings: 1_200_000 },
  { devices: 1_000, fields: 3, readings: 1_200_000 },
  { devices: 10_000, fields: 1, readings: 1_800_000 },
  { devices: 100_000, fields: 1, readings: 7_500_000 },
] as const;
type Case = (typeof cases)[number];

/** Fills a log of its own and has one process work it off. */
async function run(one: Case): Promise<ReaderResult> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const nats = await startNats({ binary: await resolveServer('nats-server'), port: 0, directory, syncAlways: false });
  try {
    const options = { url: nats.url, name: 'bench', ...nats.users.admin };
    const bus = await connectBus(options);
    await ensureStreams(bus, { partitions, maxBytes: 8 * 2 ** 30, replicas: 1 });
    await publishConfig(bus, partitions, processingBenchConfig(one.devices * 2 + 1_000));
    await fill(bus, one);
    await bus.close();
    return await read({ bus: options, partitions, readings: one.readings });
  } finally {
    await nats.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function fill(bus: Bus, { devices, fields, readings }: Case): Promise<void> {
  const publisher = createLogPublisher(bus, { producer: 'bench' });
  const spanMs = (readings / devices) * 1_000;
  const load = processingLoad({
    devices,
    fields,
    readings,
    partitions,
    startUs: Math.round((Date.now() - spanMs) * 1e3),
  });
  const sequences = Array.from({ length: partitions }, () => 0);
  // One publish in flight per partition, as ingest does it.
  const inFlight = Array.from({ length: partitions }, (): Promise<unknown> => Promise.resolve());
  for (const { partition, data } of load) {
    await inFlight[partition];
    inFlight[partition] = publisher.publish(partition, data, ++sequences[partition]!);
  }
  await Promise.all(inFlight);
  publisher.close();
}

async function read(options: ReaderOptions): Promise<ReaderResult> {
  const file = join(import.meta.dirname, 'processing-reader.ts');
  const child: ChildProcess = spawn(process.execPath, [...memoryFlags.processors, file, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...memoryEnvironment },
  });
  let output = '';
  child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the reader ended with ${code}`);
  return JSON.parse(output) as ReaderResult;
}

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
const text = (value: number, digits = 0) =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

const rows = [['devices', 'fields', 'readings/s', 'us a reading', 'CPU us a reading', 'MiB', 'windows closed']];
for (const one of cases) {
  const results: ReaderResult[] = [];
  for (let i = 0; i < runsOf(one); i++) results.push(await run(one));
  const of = (pick: (result: ReaderResult) => number) => median(results.map(pick));
  rows.push([
    text(one.devices),
    text(one.fields),
    text(of((result) => result.readingsPerS)),
    text(1e6 / of((result) => result.readingsPerS), 2),
    text(
      of((result) => result.cpuUs),
      2,
    ),
    text(of((result) => result.peakMiB)),
    text(of((result) => result.windows)),
  ]);
  process.stderr.write(`  ${text(one.devices)} devices, ${one.fields} fields: done\n`);
}
process.stdout.write(
  `${aligned(rows)}\n  median of ${runs} runs, 100,000 devices of one; 10 windows, 10 rules, 4 partitions in one process\n`,
);
