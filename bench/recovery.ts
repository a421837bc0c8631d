/**
 * How long workers take from their process's start until they have caught up: `npm run bench -- recovery`, with
 * `--json` for the figures alone. The log holds what comes in one checkpoint interval at `perS`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { subjects } from '../events/subjects.ts';
import { encodeRecords } from '../events/record-codec.ts';
import { createCheckpoints } from '../infra/bus/checkpoints.ts';
import { publishConfig } from '../infra/bus/config-versions.ts';
import { connectBus, type Bus, type BusOptions } from '../infra/bus/connection.ts';
import { createLogPublisher } from '../infra/bus/log-publisher.ts';
import { lastMessage } from '../infra/bus/stream-message.ts';
import { ensureStreams } from '../infra/bus/streams.ts';
import { checkpointFormat, checkpointName } from '../processors/worker/worker-checkpoint.ts';
import { runNats } from '../test/running-servers.ts';
import { checkpointIntervalMs } from '../processors/checkpoint-due.ts';
import { builtCore } from './recovery-state.ts';
import { measureStateSize } from './state-size.ts';
import { devicesByPartition, partitions, reading, recoveryConfig } from './recovery-fleet.ts';
import type { RecoveryWorkerOptions } from './recovery-worker.ts';

interface RecoveryFigures {
  readonly devices: number;
  /** Readings that each device has sent before. */
  readonly readingsEach: number;
  readonly checkpointBytes: number;
  /** Taking a partition's checkpoint holds up its readings for so long, the longest. */
  readonly pauseMs: number;
  /** From one checkpoint to the next. */
  readonly intervalMs: number;
  readonly perS: number;
  readonly logReadings: number;
  readonly restoredMs: number;
  readonly caughtUpMs: number;
  /** CPU time of the worker's process until then: what it takes on a machine that does nothing else. */
  readonly restoredCpuMs: number;
  readonly cpuMs: number;
  readonly rssMiB: number;
}

const perS = 5_000;
/** A message of the log under load. */
const batchRecords = 500;

async function measureRecovery(devices: number, readingsEach: number): Promise<RecoveryFigures> {
  const nats = await runNats();
  const bus = await connectBus(nats.busOptions('bench'));
  try {
    await ensureStreams(bus, { partitions, maxBytes: 4 * 2 ** 30, replicas: 1 });
    await publishConfig(bus, partitions, recoveryConfig(2));
    return await measure(bus, nats.busOptions('processors'), devices, readingsEach);
  } finally {
    await bus.close();
    await nats[Symbol.asyncDispose]();
  }
}

async function measure(
  bus: Bus,
  busOptions: BusOptions,
  devices: number,
  readingsEach: number,
): Promise<RecoveryFigures> {
  const lanes = devicesByPartition(devices);
  const startUs = Math.floor(Date.now() / 1000) * 1e6 - readingsEach * 1e6;
  const checkpoints = await createCheckpoints(bus);
  let checkpointBytes = 0;
  let pauseMs = 0;
  for (const [partition, lane] of lanes.entries()) {
    const { sequence } = (await lastMessage(bus, 'LOG', subjects.log(partition)))!;
    const core = builtCore({ partition, sequence, lane, readingsEach, startUs });
    core.checkpoint(); // Once before it is measured: code is compiled.
    const beganMs = performance.now();
    const bytes = checkpointFormat.encode(core.checkpoint()!);
    pauseMs = Math.max(pauseMs, performance.now() - beganMs);
    checkpointBytes += bytes.length;
    await checkpoints.save(checkpointName(partition), bytes);
  }
  const intervalMs = checkpointIntervalMs(pauseMs);
  const logReadings = Math.round((perS * intervalMs) / 1000);
  const until = await publishReadings(bus, lanes, logReadings, readingsEach, startUs);
  // As after a crash: an earlier process has left its compiled code.
  await runWorker({ bus: busOptions, partitions, until: [] });
  const worker = await runWorker({ bus: busOptions, partitions, until });
  return { devices, readingsEach, checkpointBytes, pauseMs, intervalMs, perS, logReadings, ...worker };
}

async function publishReadings(
  bus: Bus,
  lanes: readonly string[][],
  count: number,
  round: number,
  startUs: number,
): Promise<number[]> {
  const publisher = createLogPublisher(bus, { producer: 'bench' });
  const until = await Promise.all(
    lanes.map(async (lane, partition) => {
      let last = 0;
      const own = Math.round(count / lanes.length);
      for (let at = 0, batch = 1; at < own; at += batchRecords, batch++) {
        const records = Array.from({ length: Math.min(batchRecords, own - at) }, (_, i) => {
          const again = Math.floor((at + i) / lane.length);
          return reading(lane[(at + i) % lane.length]!, round + again, startUs + (round + again) * 1e6);
        });
        last = await publisher.publish(partition, encodeRecords(records), batch);
      }
      return last;
    }),
  );
  publisher.close();
  return until;
}

async function runWorker(
  options: RecoveryWorkerOptions,
): Promise<Pick<RecoveryFigures, 'restoredMs' | 'caughtUpMs' | 'restoredCpuMs' | 'cpuMs' | 'rssMiB'>> {
  const file = join(import.meta.dirname, 'recovery-worker.ts');
  const beganMs = performance.now();
  const child = spawn(process.execPath, [file, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  let saidMs = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    saidMs = performance.now();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the worker ended with ${code}`);
  const said = JSON.parse(output) as Record<'restoredMs' | 'caughtUpMs' | 'restoredCpuMs' | 'cpuMs' | 'rss', number>;
  const { restoredMs, caughtUpMs, restoredCpuMs, cpuMs, rss } = said;
  // By this process's clock: the child's begins after its own start.
  const tookMs = saidMs - beganMs;
  return {
    restoredMs: tookMs - (caughtUpMs - restoredMs),
    caughtUpMs: tookMs,
    restoredCpuMs,
    cpuMs,
    rssMiB: rss / 2 ** 20,
  };
}

/** The cases, then a table; `--json` the figures alone. */
export async function reportRecovery(isJson: boolean): Promise<void> {
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  const figures: RecoveryFigures[] = [];
  for (const devices of [10_000, 100_000]) {
    say(`  recovery: ${devices.toLocaleString('en-US')} devices`);
    figures.push(await measureRecovery(devices, readingsEachBefore));
  }
  const sizes = [readingsEachBefore, memoryFull].map((readings) => ({ readings, ...measureStateSize(readings) }));
  if (isJson) return void process.stdout.write(`${JSON.stringify({ recovery: figures, sizes })}\n`);
  process.stdout.write(`${recoveryTable(figures)}\n`);
  for (const { readings, device, field, window, fieldInWindow } of sizes) {
    const parts = [
      [device, 'a device'],
      [field, 'a field'],
      [window, 'a window'],
      [fieldInWindow, 'a field in a window'],
    ];
    const text = parts.map(([bytes, what]) => `${Math.round(bytes as number)} ${what}`).join(', ');
    process.stdout.write(`  bytes of a checkpoint after ${readings} readings each: ${text}\n`);
  }
}

/** Readings of each device before: enough for learned intervals, and a memory of repeats that is not full. */
const readingsEachBefore = 20;
/** From here on the memories of repeats and retransmissions are full. */
const memoryFull = 260;

function recoveryTable(figures: readonly RecoveryFigures[]): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  const count = (number: number) => Math.round(number).toLocaleString('en-US');
  const lines = figures.map((one) =>
    [
      `  ${count(one.devices)} devices`,
      `checkpoint ${count(one.checkpointBytes / 2 ** 20)} MiB (${count(one.checkpointBytes / one.devices)} bytes a device), every ${seconds(one.intervalMs)} s`,
      `restored after ${seconds(one.restoredMs)} s, caught up with ${count(one.logReadings)} readings (${count(one.perS)}/s) after ${seconds(one.caughtUpMs)} s`,
      `CPU ${seconds(one.restoredCpuMs)} s and ${seconds(one.cpuMs)} s, ${count(one.rssMiB)} MiB`,
    ].join('\n    '),
  );
  return ['', ...lines, ''].join('\n');
}
