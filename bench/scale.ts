/** How the work spreads over processes: a log filled beforehand, read by 1, 2 and 3 processors processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProcessorsReport } from '../events/health.ts';
import { subjects } from '../events/subjects.ts';
import { publishConfig } from '../infra/bus/config-versions.ts';
import { connectBus, type Bus } from '../infra/bus/connection.ts';
import { requestCore } from '../infra/bus/core.ts';
import { ensureStreams } from '../infra/bus/streams.ts';
import { loadConfig } from '../infra/config/load.ts';
import { processingConfig } from '../infra/config/schema.ts';
import { watchHealth } from '../infra/health/reporting.ts';
import { startInflux } from '../infra/servers/influxd.ts';
import { startNats } from '../infra/servers/nats-server.ts';
import { resolveServer } from '../infra/servers/resolve-server.ts';
import { checkout } from '../infra/setup/checkout.ts';
import { fillLog } from './fill-log.ts';

/** Divides evenly among 1, 2 and 3. */
const partitions = 6;
const devices = 1_000;
const waitMaxMs = 300_000;

const configuration = `
log: { partitions: ${partitions} }
windows:
  - { name: 1m, size: 1m, lateness: 5s, idle: 30s }
rules:
  - { name: too-hot, field: temperature, above: 85, clear: 80 }
  - { name: hot-minute, window: 1m, field: temperature, aggregate: mean, above: 80 }
`;

export interface ScaleFigures {
  readonly processes: number;
  /** Processed by the workers, with storage beside them, from when all processes had their share. */
  readonly readingsPerS: number;
  /** From the same moment until all was in InfluxDB. */
  readonly storedPerS: number;
  /** From `kill -9` of one process until another answers for each of its partitions, ms; null with one process. */
  readonly takeoverMs: number | null;
}

/** @param readings in the log */
export async function benchScale(readings: number, say: (text: string) => void): Promise<ScaleFigures[]> {
  const figures: ScaleFigures[] = [];
  for (const processes of [1, 2, 3]) {
    const one = await run(processes, readings);
    const takeover = one.takeoverMs === null ? '' : `, takeover ${(one.takeoverMs / 1000).toFixed(1)} s`;
    const count = (perS: number) => Math.round(perS).toLocaleString('en-US');
    say(
      `  ${processes} processors: ${count(one.readingsPerS)}/s processed, ${count(one.storedPerS)}/s stored${takeover}`,
    );
    figures.push(one);
  }
  return figures;
}

async function run(processes: number, readings: number): Promise<ScaleFigures> {
  const home = mkdtempSync(join(tmpdir(), 'millrace-scale-'));
  const file = join(home, 'millrace.yaml');
  writeFileSync(file, configuration);
  const nats = await startNats({
    binary: await resolveServer('nats-server'),
    port: 0,
    directory: join(home, 'nats'),
    syncAlways: false,
  });
  const influx = await startInflux({
    binary: await resolveServer('influxd'),
    port: 0,
    directory: join(home, 'influx'),
  });
  const children: ChildProcess[] = [];
  const bus = await connectBus({ url: nats.url, name: 'bench', ...nats.users.admin });
  try {
    const loaded = loadConfig({ env: {}, file });
    if (!('config' in loaded)) throw new Error('the configuration of the bench is wrong');
    await ensureStreams(bus, { partitions, maxBytes: 2 ** 32, replicas: 1 });
    await publishConfig(bus, partitions, processingConfig(loaded.config));
    await fillLog(bus, { partitions, devices, readings });
    const env = {
      ...process.env,
      MILLRACE_CONFIG: file,
      MILLRACE_NATS_URL: nats.url,
      MILLRACE_NATS_USER: nats.users.processors.user,
      MILLRACE_NATS_PASS: nats.users.processors.pass,
      MILLRACE_INFLUX_URL: influx.url,
    };
    for (let at = 0; at < processes; at++)
      children.push(spawn(process.execPath, [join(checkout, 'infra/cli.ts'), 'processors'], { env, stdio: 'ignore' }));
    return { processes, ...(await measure(bus, children, readings)) };
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await bus.close();
    await Promise.all([nats.stop(), influx.stop()]);
    rmSync(home, { recursive: true, force: true });
  }
}

async function measure(
  bus: Bus,
  children: readonly ChildProcess[],
  readings: number,
): Promise<Omit<ScaleFigures, 'processes'>> {
  const reports = new Map<number, ProcessorsReport>();
  const unwatch = watchHealth(bus, (report) => report.process === 'processors' && reports.set(report.pid, report));
  const partitionsOf = (pid: number) => reports.get(pid)?.workers.map(({ partition }) => partition) ?? [];
  const sum = (of: (report: ProcessorsReport) => number) =>
    [...reports.values()].reduce((all, one) => all + of(one), 0);
  const received = () => sum(({ workers }) => workers.reduce((all, worker) => all + worker.received, 0));
  const stored = () => sum(({ storages }) => storages.reduce((all, { ledger }) => all + ledger.stored, 0));
  try {
    const share = Math.floor(partitions / children.length);
    await until(() => children.every(({ pid }) => partitionsOf(pid!).length === share));
    const [beganMs, receivedBefore, storedBefore] = [performance.now(), received(), stored()];
    await until(() => received() >= readings);
    const readingsPerS = ((readings - receivedBefore) * 1000) / (performance.now() - beganMs);
    await until(() => stored() >= readings);
    const storedPerS = ((readings - storedBefore) * 1000) / (performance.now() - beganMs);
    if (children.length === 1) return { readingsPerS, storedPerS, takeoverMs: null };
    const victim = children.at(-1)!;
    const left = partitionsOf(victim.pid!);
    const killedMs = performance.now();
    victim.kill('SIGKILL');
    for (const partition of left) await until(() => answers(bus, partition));
    return { readingsPerS, storedPerS, takeoverMs: performance.now() - killedMs };
  } finally {
    unwatch();
  }
}

async function answers(bus: Bus, partition: number): Promise<boolean> {
  return requestCore(bus, subjects.queryDevices(partition), '', 200).then(
    () => true,
    () => false, // nobody has it yet
  );
}

async function until(probe: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + waitMaxMs;
  while (!(await probe())) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    await pause(20);
  }
}
